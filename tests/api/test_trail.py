"""How a story came about, over HTTP: changes since, the audit trail, the corrections logs."""

import json
from typing import Any

import pytest

from service.asof.changed import SORTS
from tests.api.served import Caller
from tests.builders import Desk

HERE = "/v1/stories/tripoli"
NOBODY = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


def told_of(items: list[Any], slot: str) -> list[tuple[str, Any, Any]]:
    """What became of a slot, act by act: sort, old value, new value."""
    found = []
    for item in items:
        for change in item["slots"]:
            if change["slot"] == slot:
                old, new = change["old"], change["new"]
                found.append((change["sort"], old and old["value"], new and new["value"]))
    return found


# --- changes -------------------------------------------------------------------------------


def test_catching_up_says_each_act_and_what_it_changed(told: Caller, desk: Desk) -> None:
    desk.reports("alert", kind="mobilisation", actors="by:lna", occurred="2019-03-20")
    since = told.house.head()
    desk.reports("order", kind="offensive.ordered", actors="by:lna", occurred="2019-03-28")

    found = told.get(f"{HERE}/changes?since_position={since}")

    (item,) = found["items"]
    assert item["act"] == "DevelopmentReported"
    assert item["development"] == desk.id("order")
    posture = next(change for change in item["slots"] if change["slot"] == "posture:lna")
    assert posture["sort"] == "replaced"
    assert posture["says"] == "posture:lna: attacking. Before, mobilising."
    assert posture["old"]["development"] == desk.id("alert")
    assert posture["new"]["development"] == desk.id("order")
    assert found["next_since_position"] == told.house.head()
    assert found["next"] is None


def test_each_sort_of_change_has_its_word_and_its_sentence(told: Caller, desk: Desk) -> None:
    since = told.house.head()
    desk.reports("a", kind="mobilisation", actors="by:lna", occurred="2019-03-20")
    desk.reports("b", kind="offensive.ordered", actors="by:lna", occurred="2019-03-28")
    desk.corrects("b", kind="ceasefire")
    desk.updates("b", details={"posture": "defending"}, kind="clash")
    desk.verifies("b", "disputed", reason="Denied.")
    desk.updates("b", body="More, and no other posture.")
    desk.withdraws("b")
    desk.withdraws("a")

    items = told.get(f"{HERE}/changes?since_position={since}")["items"]

    changes = [
        change for item in items for change in item["slots"] if change["slot"] == "posture:lna"
    ]
    assert [(change["sort"], change["says"]) for change in changes] == [
        ("learned", "posture:lna: mobilising. Nothing had been known of it."),
        ("replaced", "posture:lna: attacking. Before, mobilising."),
        ("corrected", "posture:lna: ceasefire. It had been said, wrongly: attacking."),
        ("updated", "posture:lna: defending. It had been said: ceasefire."),
        ("verified", "posture:lna: defending. It is disputed and was reported."),
        ("taken_back", "posture:lna: defending was taken back. What stands is mobilising."),
        ("taken_back", "posture:lna: mobilising was taken back. Nothing is known in its place."),
    ]
    assert {change["sort"] for change in changes} == set(SORTS)
    assert len(items) == 8


def test_a_correction_of_when_is_told_as_such(told: Caller, desk: Desk) -> None:
    desk.reports("a", kind="mobilisation", actors="by:lna", occurred="2019-03-20")
    since = told.house.head()
    desk.corrects("a", occurred="2019-03-10")

    items = told.get(f"{HERE}/changes?since_position={since}")["items"]

    (change,) = (c for c in items[0]["slots"] if c["slot"] == "posture:lna")
    assert change["sort"] == "corrected"
    assert change["says"] == "posture:lna: mobilising, but from another moment on."


def test_nothing_new_is_an_empty_list_and_a_304(told: Caller, desk: Desk) -> None:
    desk.reports("a")
    path = f"{HERE}/changes?since_position={told.house.head()}"

    found = told.get(path)

    assert found["items"] == []
    assert found["next_since_position"] == told.house.head()
    tag = told.last.headers["ETag"]
    assert told.ask(path, If_None_Match=tag).status_code == 304
    desk.reports("b")
    assert told.ask(path, If_None_Match=tag).status_code == 200


def test_who_asks_again_from_where_it_was_told_misses_and_repeats_nothing(
    told: Caller, desk: Desk
) -> None:
    since, seen = 0, []
    for turn in range(6):
        desk.reports(f"a{turn}")
        desk.reports(f"b{turn}")
        found = told.get(f"{HERE}/changes?since_position={since}&limit=3")
        seen += [item["position"] for item in found["items"]]
        since = found["next_since_position"]
    while items := told.get(f"{HERE}/changes?since_position={since}&limit=3")["items"]:
        seen += [item["position"] for item in items]
        since = told.last.json["next_since_position"]

    assert seen == list(range(1, told.house.head() + 1))
    assert since == told.house.head()


def test_pages_of_changes_stand_on_one_basis(told: Caller, desk: Desk) -> None:
    for number in range(5):
        desk.reports(f"a{number}")
    head = told.house.head()
    pages = told.pages(f"{HERE}/changes?since_position={head - 5}&limit=2")

    first = next(pages)
    desk.reports("later")
    rest = list(pages)

    found = [item["position"] for page in [first, *rest] for item in page["items"]]
    assert found == list(range(head - 4, head + 1))
    assert rest[-1]["next_since_position"] == head


def test_changes_are_read_between_moments_of_record_time(told: Caller, desk: Desk) -> None:
    desk.reports("a", at="2019-04-05T10:00:00Z")
    desk.reports("b", at="2019-04-06T10:00:00Z")
    desk.reports("c", at="2019-04-07T10:00:00Z")

    def names(query: str) -> list[str]:
        items = told.get(f"{HERE}/changes?{query}")["items"]
        return [item["headline"][-1] for item in items if "headline" in item]

    assert names("since=2019-04-06") == ["b", "c"]
    assert names("since=2019-04-05&until=2019-04-06") == ["a", "b"]
    assert names("since=2019-04-05T10:00:00Z") == ["b", "c"]
    assert names("since=2019-04-08") == []
    until = told.get(f"{HERE}/changes?since=2019-04-05&until=2019-04-06")["next_since_position"]
    assert names(f"since_position={until}") == ["c"]


def test_the_pinned_address_of_changes_gives_the_same_again(told: Caller, desk: Desk) -> None:
    desk.reports("a", kind="mobilisation", actors="by:lna", at="2019-04-05T10:00:00Z")
    desk.reports("b", kind="ceasefire", actors="by:lna", at="2019-04-06T10:00:00Z")
    queries = (
        "since_position=1&limit=3", "since=2019-04-01&until=2019-04-05", "as_of=2019-04-05",
        "as_of=2019-04-05&since_position=2&until=2019-04-06",
    )  # fmt: skip
    for query in queries:
        found = told.get(f"{HERE}/changes?{query}")
        pinned = told.last.headers["Content-Location"]
        assert found["basis"]["url"] == pinned
        desk.reports()
        again = told.get(pinned)
        assert again["items"] == found["items"]
        assert again["basis"]["position"] == found["basis"]["position"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "since"),
        ("since=2019-04-04&since_position=1", "since_position"),
        ("since=2019-04-04&until=2019-04-05&position=1", "position"),
        ("since=yesterday", "since"),
        ("since=2019-04-04T10:00", "since"),
        ("since=2019-04-04&until=2019-02-30", "until"),
        ("since_position=99999", "since_position"),
        ("since_position=-1", "since_position"),
        ("since_position=1&as_of=2319-01-01", "as_of"),
        ("since_position=1&known_at=2019-04-04", "known_at"),
    ],
)
def test_a_bad_question_is_refused_by_the_name_that_was_sent(
    told: Caller, desk: Desk, query: str, field: str
) -> None:
    assert field in told.get(f"{HERE}/changes?{query}", status=422)["errors"]


# --- changes about a moment ----------------------------------------------------------------


def test_later_knowledge_of_a_moment_is_told_and_nothing_else(told: Caller, desk: Desk) -> None:
    desk.reports("a", kind="mobilisation", actors="by:lna", at="2019-04-05T10:00:00Z")
    desk.reports("b", kind="statement", occurred="2019-04-05", at="2019-04-05T11:00:00Z")
    desk.introduces_actor("nato", at="2019-04-07T09:00:00Z")
    desk.reports("after", kind="ceasefire", actors="by:lna", at="2019-04-07T10:00:00Z")
    desk.reports("late", kind="offensive.ordered", actors="by:gna", occurred="2019-04-04")
    desk.updates("b", body="More of it.")
    desk.updates("after", body="More of that.")
    desk.marks("a")
    desk.corrects("a", kind="offensive.ordered", actors="by:lna")
    desk.corrects("after", occurred="2019-04-05T12:00:00Z")
    desk.sums_up("All is said.", "a")

    found = told.get(f"{HERE}/changes?as_of=2019-04-05")

    assert found["basis"]["reading"] == "hindsight"
    assert [(item["act"], item["headline"][-5:].strip()) for item in found["items"]] == [
        ("DevelopmentReported", "late"),
        ("DevelopmentUpdated", "led b"),
        ("DevelopmentCorrected", "led a"),
        ("DevelopmentCorrected", "after"),
    ]
    assert told_of(found["items"], "posture:lna") == [
        ("corrected", "mobilising", "attacking"),
        ("replaced", "attacking", "ceasefire"),
    ]
    assert told_of(found["items"], "posture:gna") == [("learned", None, "attacking")]
    assert found["items"][1]["slots"] == []


def test_what_was_moved_away_from_a_moment_is_told_of_it(told: Caller, desk: Desk) -> None:
    desk.reports("a", kind="mobilisation", actors="by:lna", occurred="2019-04-01")
    desk.reports(
        "b", kind="offensive.ordered", actors="by:lna", occurred="2019-04-02",
        at="2019-04-06T12:00:00Z",
    )  # fmt: skip
    desk.corrects("b", occurred="2019-04-06T11:00:00Z", at="2019-04-07T10:00:00Z")

    items = told.get(f"{HERE}/changes?as_of=2019-04-05")["items"]

    assert told_of(items, "posture:lna") == [
        ("replaced", "mobilising", "attacking"),
        ("taken_back", "attacking", "mobilising"),
    ]


def test_about_a_moment_since_may_be_said(told: Caller, desk: Desk) -> None:
    desk.reports("a", kind="mobilisation", actors="by:lna", at="2019-04-05T10:00:00Z")
    desk.reports("b", occurred="2019-04-05", at="2019-04-06T10:00:00Z")
    desk.reports("c", occurred="2019-04-05", at="2019-04-07T10:00:00Z")

    def names(query: str) -> list[str]:
        items = told.items(f"{HERE}/changes?as_of=2019-04-05&{query}")
        return [item["headline"][-1] for item in items]

    assert names("") == ["b", "c"]
    assert names("limit=1") == ["b", "c"]
    assert names("since=2019-04-07") == ["c"]
    assert names("until=2019-04-06") == ["b"]
    assert names("since_position=0") == ["a", "b", "c"]


def test_what_editors_had_written_by_a_moment_is_told_of_it(told: Caller, desk: Desk) -> None:
    desk.reports("a", kind="mobilisation", actors="by:lna", at="2019-04-05T10:00:00Z")
    desk.sums_up("They gather.", "a", at="2019-04-05T11:00:00Z")
    desk.overrides_level("tension", at="2019-04-05T12:00:00Z")
    desk.sums_up("They march.", "a", at="2019-04-07T11:00:00Z")

    items = told.get(f"{HERE}/changes?as_of=2019-04-05&since_position=0")["items"]

    assert [change["says"] for item in items[1:] for change in item["slots"]] == [
        "summary: They gather. Nothing had been known of it.",
        "level:override: tension. Nothing had been known of it.",
    ]


def test_a_hidden_text_is_told_in_no_change(told: Caller, desk: Desk) -> None:
    desk.reports("a", kind="statement", headline="Unspeakable", details={"notes": {"x": "secret"}})
    desk.corrects("a", headline="Unprintable")
    desk.withdraws("a", hide_text=True)

    found = told.get(f"{HERE}/changes?since_position=0")

    said = json.dumps(found["items"])
    for word in ("Unspeakable", "Unprintable", "secret"):
        assert word not in said
    assert len(found["items"]) == told.house.head()


# --- history -------------------------------------------------------------------------------


@pytest.fixture
def acted(desk: Desk) -> Desk:
    """A desk that has reported, corrected and marked, over three days."""
    desk.reports("a", at="2019-04-05T10:00:00Z")
    desk.reports("b", at="2019-04-06T10:00:00Z")
    desk.corrects("a", headline="Better", at="2019-04-07T10:00:00Z")
    desk.marks("b", at="2019-04-07T11:00:00Z")
    desk.closes_story("It is over.", at="2019-04-08T10:00:00Z")
    return desk


def test_the_trail_is_every_act_in_record_order(told: Caller, acted: Desk) -> None:
    found = told.items(f"{HERE}/history")

    assert [item["position"] for item in found] == list(range(1, told.house.head() + 1))
    assert [item["act"] for item in found][-5:] == [
        "DevelopmentReported", "DevelopmentReported", "DevelopmentCorrected",
        "DevelopmentPinned", "StoryClosed",
    ]  # fmt: skip
    assert found[-1]["notice"] == "It is over."
    assert found[-3]["changes"][0]["is"] == "Better"
    assert found == told.items(f"{HERE}/history?limit=2")


def test_the_trail_is_narrowed(told: Caller, acted: Desk) -> None:
    def acts(query: str) -> list[str]:
        return [item["act"] for item in told.items(f"{HERE}/history?limit=1&{query}")]

    assert acts("act=DevelopmentCorrected") == ["DevelopmentCorrected"]
    assert acts(f"development={acted.id('a')}") == ["DevelopmentReported", "DevelopmentCorrected"]
    assert acts("from=2019-04-07&to=2019-04-07") == ["DevelopmentCorrected", "DevelopmentPinned"]
    assert acts("from=2019-04-07T10:00:00Z&to=2019-04-07T10:00:00Z") == ["DevelopmentCorrected"]
    assert acts("from=2019-04-08") == ["StoryClosed"]
    assert acts("from=2020-01-01") == []
    assert acts("to=2019-01-01") == []


def test_the_pinned_address_of_the_trail_gives_the_same_again(told: Caller, acted: Desk) -> None:
    for query in ("", "?to=2019-04-06", "?from=2019-04-06&act=DevelopmentReported"):
        for log in ("history", "corrections"):
            if log == "corrections" and "act" in query:
                continue
            found = told.get(f"{HERE}/{log}{query}")
            pinned = told.last.headers["Content-Location"]
            acted.introduces_actor(f"a{told.house.head()}")
            again = told.get(pinned)
            assert again["items"] == found["items"]
            assert found["basis"]["url"] == pinned == told.last.headers["Content-Location"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("act=Rewritten", "act"),
        (f"development={NOBODY}", "development"),
        ("development=a", "development"),
        ("from=soon", "from"),
        ("to=2019-04-31", "to"),
        ("to=2019-04-05T10:00", "to"),
        ("to=2019-04-05&position=1", "position"),
        ("position=99999", "position"),
        ("as_of=2019-04-05", "as_of"),
    ],
)
def test_a_bad_narrowing_is_refused(told: Caller, desk: Desk, query: str, field: str) -> None:
    assert field in told.get(f"{HERE}/history?{query}", status=422)["errors"]


def test_who_acted_is_for_auditors(told: Caller, acted: Desk) -> None:
    auditor = told.holding("auditor")

    assert {item["by"] for item in auditor.items(f"{HERE}/history")} == {"tok_desk"}
    assert {item["by"] for item in told.holding("admin").items(f"{HERE}/history")} == {"tok_desk"}
    for caller in (told, told.holding("reporter"), told.holding("editor"),
                   told.holding("auditor", "herald")):  # fmt: skip
        assert not any("by" in item for item in caller.items(f"{HERE}/history"))


def test_only_auditors_may_ask_for_one_tokens_acts(told: Caller, acted: Desk) -> None:
    def acts(caller: Caller, by: str) -> int:
        return len(caller.items(f"{HERE}/history?by={by}"))

    assert acts(told.holding("auditor"), "tok_desk") == told.house.head()
    assert acts(told.holding("auditor"), "tok_other") == 0
    assert acts(told.holding("auditor", "herald", house=True), "tok_desk") == told.house.head()
    assert acts(told.holding("auditor", "herald"), "tok_desk") == 0
    for role in ("reporter", "editor"):
        problem = told.holding(role).get(f"{HERE}/history?by=tok_desk", status=403)
        assert "auditor" in problem["required"]
    told.get(f"{HERE}/history?by=tok_desk", status=401)


def test_an_auditor_is_not_told_that_a_strangers_answer_still_holds(
    told: Caller, acted: Desk
) -> None:
    tag = told.ask(f"{HERE}/history").headers["ETag"]

    answer = told.holding("auditor").ask(f"{HERE}/history", If_None_Match=tag)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"


# --- corrections ---------------------------------------------------------------------------


@pytest.fixture
def corrected(desk: Desk) -> Desk:
    """A desk that has corrected, clarified and withdrawn, and refiled and updated besides."""
    for name in ("a", "b", "c", "d"):
        desk.reports(name, at=f"2019-04-05T1{ord(name) - ord('a')}:00:00Z")
    desk.updates("d", body="More.", at="2019-04-06T09:00:00Z")
    desk.corrects("a", "It was six.", headline="Six were hurt", at="2019-04-06T10:00:00Z")
    desk.clarifies("b", headline="Clearer", at="2019-04-07T10:00:00Z")
    desk.refiles("b", headline="Clearer.", at="2019-04-07T11:00:00Z")
    desk.withdraws("c", "It never was.", at="2019-04-08T10:00:00Z")
    return desk


def test_the_log_has_what_was_wrong_latest_first(told: Caller, corrected: Desk) -> None:
    found = told.items(f"{HERE}/corrections?limit=1")

    assert [item["act"] for item in found] == [
        "DevelopmentWithdrawn", "DevelopmentClarified", "DevelopmentCorrected",
    ]  # fmt: skip
    withdrawn, _, right = found
    assert withdrawn["notice"] == "It never was."
    assert right["development"] == corrected.id("a")
    assert right["target"] == 1
    assert right["reason"] == "source"
    assert right["changes"][0]["was"] == "What is called a"
    assert right["changes"][0]["words"][:2] == [["-", "What"], ["+", "Six"]]
    assert right["exposure"] == {
        "from": "2019-04-05T10:00:00Z", "to": "2019-04-06T10:00:00Z", "seconds": 24 * 3600,
    }  # fmt: skip


def test_exposure_is_counted_from_the_version_that_brought_the_error(
    told: Caller, desk: Desk
) -> None:
    desk.reports("a", headline="Right", at="2019-04-05T10:00:00Z")
    desk.updates("a", headline="Wrong", at="2019-04-05T12:00:00Z")
    desk.updates("a", body="More.", at="2019-04-05T13:00:00Z")
    desk.corrects("a", headline="Right again", at="2019-04-05T15:00:00Z")

    (item,) = told.items(f"{HERE}/corrections")

    assert item["target"] == 3
    assert item["exposure"]["from"] == "2019-04-05T12:00:00Z"
    assert item["exposure"]["seconds"] == 3 * 3600


def test_the_log_is_read_between_moments_and_as_known(told: Caller, corrected: Desk) -> None:
    def days(query: str) -> list[str]:
        return [item["recorded_at"][8:10] for item in told.items(f"{HERE}/corrections?{query}")]

    assert days("from=2019-04-07") == ["08", "07"]
    assert days("to=2019-04-07") == ["07", "06"]
    assert days("from=2019-04-07&to=2019-04-07") == ["07"]
    assert days("from=2019-04-09") == []
    assert days("to=2019-01-01") == []


def test_the_houses_log_names_the_stories(told: Caller, corrected: Desk) -> None:
    flood = told.house.desk("herald")
    flood.opens_story("flood", at="2019-04-09T10:00:00Z")
    flood.reports("x")
    flood.corrects("x", headline="Wetter")

    found = told.items("/v1/corrections?limit=1")

    assert [item["story"] for item in found] == ["flood", "tripoli", "tripoli", "tripoli"]
    assert told.get("/v1/corrections")["items"] == found
    assert told.last.headers["Cache-Control"] == "no-cache"
    tag = told.last.headers["ETag"]
    assert told.ask("/v1/corrections", If_None_Match=tag).status_code == 304
    flood.corrects("x", headline="Wettest")
    assert told.ask("/v1/corrections", If_None_Match=tag).status_code == 200


def test_the_houses_log_is_of_what_one_may_read(told: Caller, corrected: Desk) -> None:
    inner = told.house.desk("herald")
    inner.opens_story("inside", visibility="house", at="2019-04-09T10:00:00Z")
    inner.reports("x")
    inner.corrects("x", headline="Between us")

    def stories(caller: Caller) -> set[str]:
        return {item["story"] for item in caller.items("/v1/corrections")}

    assert stories(told) == {"tripoli"}
    assert stories(told.holding("editor")) == {"tripoli"}
    assert stories(told.holding("reporter", "herald")) == {"tripoli", "inside"}
    assert stories(told.holding("reporter", "herald", story="elsewhere")) == {"tripoli"}
    assert stories(told.holding("auditor", "times", house=True)) == {"tripoli", "inside"}


def test_the_houses_log_is_read_between_moments_of_the_houses_zone(
    told: Caller, corrected: Desk
) -> None:
    def days(query: str) -> list[str]:
        return [item["recorded_at"][8:10] for item in told.items(f"/v1/corrections?{query}")]

    assert days("from=2019-04-07") == ["08", "07"]
    assert days("to=2019-04-06") == ["06"]
    assert days("from=2019-04-07&to=2019-04-07&limit=1") == ["07"]
    assert "to" in told.get("/v1/corrections?to=2019-13", status=422)["errors"]
    assert "since" in told.get("/v1/corrections?since=2019", status=422)["errors"]


def test_pages_of_the_houses_log_stand_on_one_position(told: Caller, corrected: Desk) -> None:
    pages = told.pages("/v1/corrections?limit=2")

    first = next(pages)
    corrected.corrects("d", headline="Meanwhile")
    (second,) = pages

    assert [item["act"] for item in second["items"]] == ["DevelopmentCorrected"]
    assert second["items"][0]["development"] == corrected.id("a")
    assert second["basis"]["position"] == first["basis"]["position"]


# --- tokens that are for one story ---------------------------------------------------------


def test_a_token_for_one_story_is_an_auditors_there_alone(told: Caller, acted: Desk) -> None:
    flood = told.house.desk("times")
    flood.opens_story("flood", at="2019-04-09T10:00:00Z")
    flood.reports("x")
    flood.corrects("x", headline="Wetter")
    bound = told.holding("auditor", story="flood")

    assert any("by" in item for item in bound.items("/v1/stories/flood/history"))
    assert not any("by" in item for item in bound.items(f"{HERE}/history"))
    assert not any("by" in item for item in bound.items(f"{HERE}/corrections"))
    assert not any("by" in item for item in bound.items("/v1/corrections"))
    bound.get("/v1/stories/flood/history?by=tok_desk")
    bound.get(f"{HERE}/history?by=tok_desk", status=403)


def test_a_token_for_one_story_reads_no_other_of_its_newsroom(told: Caller, desk: Desk) -> None:
    for story in ("inside", "within"):
        desk.on(story).opens_story(story, visibility="house")
    bound = told.holding("reporter", story="inside")

    bound.get("/v1/stories/inside/situation")
    bound.get(f"{HERE}/situation")
    bound.get("/v1/stories/within/situation", status=404)
    bound.get("/v1/stories/within/history", status=404)
    told.holding("reporter").get("/v1/stories/within/situation")
    told.get("/v1/stories/inside/situation", status=404)
    listed = {story["id"] for story in bound.items("/v1/stories")}
    assert listed == {"tripoli", "inside"}
