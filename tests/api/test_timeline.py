"""The timeline over HTTP, one development, its versions: filters, orders, links, tombstones."""

import json
import re
from typing import Any

import pytest

from tests.api.served import Caller
from tests.builders import Desk

HERE = "/v1/stories/tripoli/developments"
FOUNDING = "/v1/stories/tripoli-2019/developments"
NOBODY = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


def names(told: Caller, query: str = "") -> list[str]:
    """The timeline by external ids, "†" for a tombstone without one."""
    return [item.get("external_id", "†") for item in told.items(f"{HERE}?{query}")]


def links(answer: Any) -> dict[str, str]:
    """The links of an answer, by relation."""
    return {rel: to for to, rel in re.findall(r'<([^>]+)>; rel="([^"]+)"', answer.headers["Link"])}


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A desk that has reported five things of different sorts."""
    desk.introduces_place("libya")
    desk.introduces_place(
        "mitiga", within="tripoli", point={"type": "Point", "coordinates": [13.28, 32.89]}
    )
    desk.introduces_place("suva", point={"type": "Point", "coordinates": [178.4, -18.1]})
    desk.reports(
        "order", kind="offensive.ordered", actors="by:lna", occurred="2019-03-01", key=True
    )
    desk.reports(
        "clash", kind="clash", actors="by:lna against:gna", places="gharyan",
        occurred="2019-03-03/2019-03-05",
    )  # fmt: skip
    desk.reports(
        "strike", kind="airstrike", actors="by:gna", places="mitiga", occurred="2019-03-04"
    )
    desk.reports("call", kind="call.made", actors="by:un to:lna", occurred="2019-03-02")
    desk.reports("far", kind="meeting", actors="by:un", places="suva", occurred="1985")
    return desk


# --- the list ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "strike clash call order far"),
        ("order=-occurred", "strike clash call order far"),
        ("order=occurred", "far order call clash strike"),
        ("order=recorded", "order clash strike call far"),
        ("order=-recorded", "far call strike clash order"),
        ("kind=clash", "clash"),
        ("group=force", "strike clash order"),
        ("group=force&actor=gna", "strike clash"),
        ("actor=lna", "clash call order"),
        ("place=mitiga", "strike"),
        ("place=tripoli", "strike"),
        ("place=libya", ""),
        ("bbox=13,32,14,33", "strike"),
        ("bbox=170,-30,-170,0", "far"),
        ("verification=reported", "strike clash call order far"),
        ("verification=confirmed", ""),
        ("status=withdrawn", ""),
        ("key=true", "order"),
        ("key=false", "strike clash call far"),
        ("key=false&kind=clash", "clash"),
        ("key=true&external_id=order", "order"),
        ("key=false&external_id=order", ""),
        ("external_id=call", "call"),
        ("external_id=never", ""),
        ("occurred_from=2019-03-05", "clash"),
        ("occurred_to=2019-03-02", "call order far"),
        ("occurred_from=2019-03-02&occurred_to=2019-03-02", "call"),
        ("occurred_from=2019-03-04T12:00:00Z", "strike clash"),
        ("as_of=2019-03-02", "call order far"),
        ("as_of=2019-02-28", "far"),
    ],
)
def test_the_timeline_is_narrowed_and_ordered(
    told: Caller, busy: Desk, query: str, expected: str
) -> None:
    assert names(told, query) == expected.split()
    assert names(told, f"limit=1&{query}") == expected.split()


def test_the_timeline_is_read_as_it_was_known(told: Caller, busy: Desk) -> None:
    position = told.house.head()
    busy.reports("late", kind="clash", actors="by:lna", occurred="2019-02-01")
    busy.corrects("call", occurred="2019-03-09")

    assert names(told, f"position={position}") == "strike clash call order far".split()
    assert names(told) == "call strike clash order late far".split()
    assert names(told, f"as_of=2019-03-05&position={position}") == (
        "strike clash call order far".split()
    )
    assert "call" not in names(told, "as_of=2019-03-05")


def test_marks_are_of_the_basis(told: Caller, busy: Desk) -> None:
    position = told.house.head()
    busy.marks("order", "key", set_it=False)
    busy.marks("clash", "key")

    assert names(told, "key=true") == ["clash"]
    assert names(told, f"key=true&position={position}") == ["order"]
    assert names(told, f"key=false&position={position}") == "strike clash call far".split()


def test_tombstones_are_listed_and_standing_hides_them(told: Caller, busy: Desk) -> None:
    busy.withdraws("clash")
    busy.withdraws("strike", hide_text=True)

    found = {item["id"]: item for item in told.items(HERE)}

    assert len(found) == 5
    assert found[busy.id("clash")]["status"] == "withdrawn"
    assert found[busy.id("clash")]["notice"] == "It was wrong throughout."
    assert found[busy.id("clash")]["headline"] == "What is called clash"
    assert "headline" not in found[busy.id("strike")]
    assert names(told, "status=standing") == "call order far".split()
    assert len(told.items(f"{HERE}?status=withdrawn")) == 2


def test_before_a_storys_first_act_there_is_nothing(told: Caller, busy: Desk) -> None:
    for query in ("position=0", "known_at=2019-01-01", "known_at=2019-01-01&as_of=1990-01-01"):
        found = told.get(f"{HERE}?{query}")
        assert found["items"] == []
        assert found["next"] is None
        assert found["basis"]["position"] == 0


@pytest.mark.parametrize(
    ("query", "field", "near"),
    [
        ("kind=attack_order", "kind", "offensive.ordered"),
        ("group=forces", "group", None),
        ("actor=lnaa", "actor", "lna"),
        ("place=gharyann", "place", "gharyan"),
        ("occurred_from=2019-02-30", "occurred_from", None),
        ("occurred_to=2019-03-02T10:00", "occurred_to", "2019-03-02T10:00+02:00"),
        ("order=latest", "order", None),
        ("limit=0", "limit", None),
        ("limit=201", "limit", None),
        ("bbox=1,2,3", "bbox", None),
        ("bbox=13,33,14,32", "bbox", None),
        ("key=yes", "key", None),
        ("as_off=2019-03-02", "as_off", "as_of"),
        ("cursor=nonsense", "cursor", None),
    ],
)
def test_a_parameter_that_cannot_be_right_is_refused_by_name(
    told: Caller, busy: Desk, query: str, field: str, near: str | None
) -> None:
    problem = told.get(f"{HERE}?{query}", status=422)

    assert field in problem["errors"]
    if near is not None:
        assert near in problem["suggestions"][field]


def test_all_that_nobody_knows_is_told_at_once(told: Caller, busy: Desk) -> None:
    problem = told.get(f"{HERE}?kind=clashes&actor=lnna&place=tripol", status=422)

    assert list(problem["errors"]) == ["kind", "actor", "place"]
    assert list(problem["suggestions"]) == ["kind", "actor", "place"]


@pytest.mark.parametrize("sort", ["actor", "place"])
def test_of_a_large_cast_the_nearest_are_suggested_and_no_others(
    told: Caller, busy: Desk, sort: str
) -> None:
    for number in range(30):
        busy.introduces_actor(f"aa-{number}", name="Someone else")
        busy.introduces_place(f"aa-{number}", name="Somewhere else")
    busy.introduces_actor("zuwara-guard", name="Coast guard of Zuwara")
    busy.introduces_place("zuwara-guard", name="The guard's post at Zuwara")

    near = told.get(f"{HERE}?{sort}=zuwara-gard", status=422)["suggestions"]

    assert near == {sort: ["zuwara-guard"]}
    assert told.get(f"{HERE}?{sort}=qqqqqq", status=422).get("suggestions", {}).get(sort, []) == []


def test_a_cursor_is_good_in_its_own_list_of_its_own_story_only(told: Caller, busy: Desk) -> None:
    cursor = told.get(f"{HERE}?limit=1")["next"]
    elsewhere = busy.on("elsewhere")
    elsewhere.opens_story("elsewhere")

    for path in ("elsewhere/developments", "tripoli/level", "tripoli/history"):
        problem = told.get(f"/v1/stories/{path}?cursor={cursor}", status=422)
        assert "cursor" in problem["errors"]
    problem = told.get(f"{HERE}?cursor={cursor}&kind=clash", status=422)
    assert "kind" in problem["errors"]


def test_the_next_pages_address_is_in_the_link_too(told: Caller, busy: Desk) -> None:
    found = told.get(f"{HERE}?limit=2")

    assert links(told.last) == {"next": f"{HERE}?cursor={found['next']}"}
    assert "kind" not in told.last.headers["Content-Location"]
    told.get(f"{HERE}?kind=clash")
    assert "Link" not in told.last.headers
    assert told.last.headers["Content-Location"].startswith(f"{HERE}?kind=clash&as_of=")


# --- one -----------------------------------------------------------------------------------


def test_one_development_has_its_own_etag_and_its_links(told: Caller, busy: Desk) -> None:
    one = f"{HERE}/{busy.id('clash')}"
    busy.updates("clash", body="More.")

    found = told.get(one)

    assert found["version"] == 2
    assert found["basis"]["reading"] == "now"
    assert told.last.headers["ETag"] == f'"{busy.id("clash")}.2.0"'
    assert links(told.last) == {
        "latest-version": one,
        "version-history": f"{one}/versions",
        "predecessor-version": f"{one}/versions/1",
    }
    assert told.ask(one, If_None_Match=f'"{busy.id("clash")}.2.0"').status_code == 304
    assert links(told.last)["predecessor-version"] == f"{one}/versions/1"


def test_one_development_is_read_at_a_basis(told: Caller, busy: Desk) -> None:
    one = f"{HERE}/{busy.id('call')}"
    position = told.house.head()
    busy.corrects("call", headline="The right one", occurred="2019-03-20")

    then = told.get(f"{one}?position={position}")

    assert (then["version"], then["headline"]) == (1, "What is called call")
    assert told.last.headers["ETag"] == f'"{busy.id("call")}.1.0"'
    assert told.get(one)["headline"] == "The right one"
    told.get(f"{one}?as_of=2019-03-10", status=404)
    told.get(f"{one}?position=3", status=404)


def test_what_the_record_adds_is_there_to_read(told: Caller, busy: Desk) -> None:
    found = told.get(f"{HERE}/{busy.id('clash')}")

    assert found["kind"] == "clash"
    assert found["act"] == "DevelopmentReported"
    assert found["status"] == "standing"
    assert found["corrected"] == 0
    assert found["newsroom"] == "times"
    assert found["occurred"] == "2019-03-03/2019-03-05"
    assert found["occurred_earliest"] == "2019-03-02T22:00:00Z"
    assert found["occurred_latest"] == "2019-03-05T21:59:59.999999Z"
    assert found["valid_from"] == "2019-03-03T21:59:59.999999Z"
    assert found["recorded_at"] == found["first_recorded_at"]


def test_a_withdrawn_one_is_its_tombstone(told: Caller, busy: Desk) -> None:
    position = told.house.head()
    busy.withdraws("clash", "It never happened.")
    one = f"{HERE}/{busy.id('clash')}"

    found = told.get(one)

    assert found["status"] == "withdrawn"
    assert found["notice"] == "It never happened."
    assert links(told.last)["predecessor-version"] == f"{one}/versions/1"
    assert told.get(f"{one}?position={position}")["status"] == "standing"
    assert links(told.last)["latest-version"] == one


def test_a_hidden_text_is_gone_at_every_basis(told: Caller, busy: Desk) -> None:
    position = told.house.head()
    etag = told.ask(f"{HERE}?position={position}").headers["ETag"]
    busy.withdraws("clash", hide_text=True)
    one = f"{HERE}/{busy.id('clash')}"

    for path in (one, f"{one}?position={position}", f"{one}/versions/1"):
        found = told.get(path)
        assert ("headline" not in found, found["redactions"]) == (True, 1)
    then = told.get(f"{one}?position={position}")
    assert told.last.headers["ETag"] == f'"{then["id"]}.{then["version"]}.1"'
    assert "What is called clash" not in json.dumps(told.items(HERE))
    assert told.ask(f"{HERE}?position={position}").headers["ETag"] != etag


def test_what_is_not_the_storys_is_not_found(told: Caller, busy: Desk) -> None:
    elsewhere = busy.on("elsewhere")
    elsewhere.opens_story("elsewhere")
    named = busy.id("clash")

    for path in (NOBODY, f"{NOBODY}/versions", f"{NOBODY}/versions/1", "clash", named.upper()):
        told.get(f"{HERE}/{path}", status=404)
    for part in ("", "/versions", "/versions/1"):
        told.get(f"/v1/stories/elsewhere/developments/{named}{part}", status=404)


# --- versions ------------------------------------------------------------------------------


@pytest.fixture
def revised(busy: Desk) -> Desk:
    """The clash, updated, corrected, confirmed."""
    busy.updates("clash", body="It began at noon.")
    busy.corrects("clash", "It was at night.", body="It began at night.")
    busy.verifies("clash", "confirmed", reason="Seen by two of ours.")
    return busy


def test_every_version_has_the_act_that_made_it(told: Caller, revised: Desk) -> None:
    found = told.items(f"{HERE}/{revised.id('clash')}/versions")

    assert [version["version"] for version in found] == [1, 2, 3, 4]
    acts = [version["made_by"]["act"] for version in found]
    assert acts == [
        "DevelopmentReported", "DevelopmentUpdated", "DevelopmentCorrected", "DevelopmentVerified",
    ]  # fmt: skip
    corrected = found[2]["made_by"]
    assert corrected["notice"] == "It was at night."
    assert corrected["reason"] == "source"
    assert corrected["target"] == 2
    (change,) = corrected["changes"]
    assert (change["field"], change["was"], change["is"]) == (
        "body", "It began at noon.", "It began at night.",
    )  # fmt: skip
    assert change["words"] == [["=", "It began at "], ["-", "noon."], ["+", "night."]]
    assert corrected["exposure"]["seconds"] == 1
    assert found[3]["made_by"]["changes"] == [
        {"field": "verification", "was": "reported", "is": "confirmed"}
    ]


def test_versions_come_in_pages_and_as_known(told: Caller, revised: Desk) -> None:
    path = f"{HERE}/{revised.id('clash')}/versions"

    assert told.items(f"{path}?limit=1") == told.items(path)
    position = told.items(path)[1]["position"]
    assert len(told.items(f"{path}?position={position}")) == 2


def test_a_version_has_its_neighbours(told: Caller, revised: Desk) -> None:
    one = f"{HERE}/{revised.id('clash')}"

    found = told.get(f"{one}/versions/2")

    assert found["body"] == "It began at noon."
    assert found["made_by"]["act"] == "DevelopmentUpdated"
    assert links(told.last) == {
        "latest-version": one,
        "version-history": f"{one}/versions",
        "predecessor-version": f"{one}/versions/1",
        "successor-version": f"{one}/versions/3",
    }
    told.get(f"{one}/versions/1")
    assert "predecessor-version" not in links(told.last)
    told.get(f"{one}/versions/4")
    assert "successor-version" not in links(told.last)


def test_a_version_that_there_was_not_is_not_found(told: Caller, revised: Desk) -> None:
    one = f"{HERE}/{revised.id('clash')}/versions"
    position = told.items(one)[1]["position"]

    told.get(f"{one}/3?position={position}", status=404)
    for version in ("0", "5", "10001", "99999999999999999999", "-1", "x"):
        told.get(f"{one}/{version}", status=404)


def test_only_auditors_see_who_and_their_notes(told: Caller, busy: Desk) -> None:
    path = f"{HERE}/{busy.id('clash')}/versions"

    def by(caller: Caller) -> str | None:
        found: str | None = caller.items(path)[0]["made_by"].get("by")
        return found

    assert by(told) is None
    assert by(told.holding("editor")) is None
    assert by(told.holding("auditor", "herald")) is None
    assert by(told.holding("auditor")) == "tok_desk"
    assert by(told.holding("auditor", "herald", house=True)) == "tok_desk"


def test_the_founding_storys_developments_are_as_documented(tripoli: Caller) -> None:
    found = tripoli.items(f"{FOUNDING}?limit=20")

    assert len(found) == tripoli.get("/v1/stories/tripoli-2019/situation")["counts"]["developments"]
    for development in found:
        assert tripoli.items(f"{FOUNDING}/{development['id']}/versions")
        assert development["imported_at"] == "2026-01-01T00:00:00Z"
