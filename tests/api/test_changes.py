"""What changed since, over HTTP: catching up, and what was learned later about a moment."""

import json
from typing import Any

import pytest

from service.asof.changed import SORTS
from tests.api.served import Caller
from tests.builders import Desk

HERE = "/v1/stories/tripoli"


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
