"""Archives: a story that was told elsewhere comes in whole or not at all."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from service import seeds
from service.domain import times
from service.domain.refusals import Conflict, Invalid, NotFound, Refusal
from service.storyfile import Import, archive
from tests.builders import Desk, House, Reader

Line = dict[str, Any]

STORY: Line = {
    "story": {"id": "flood", "title": "The flood", "time_zone": "Asia/Kathmandu"},
    "recorded_at": "2023-10-26T08:00:00Z",
}


def report(name: str, at: str | None = None, **said: Any) -> Line:
    fields = {
        "external_id": name,
        "headline": f"What is called {name}",
        "occurred": "2023-10-25",
        "sources": [{"publisher": "Exercise"}],
        **said,
    }
    return {"report": fields} if at is None else {"report": fields, "recorded_at": at}


def refused(house: House, lines: list[Any]) -> Refusal:
    """Import what is refused; see that nothing of it is there; return the refusal."""
    before = house.counts()
    with pytest.raises(Refusal) as refusal:
        house.imports(lines)
    assert house.counts() == before
    with pytest.raises(NotFound):
        house.reader("flood").basis()
    return refusal.value


# --- the stories that ship with it ----------------------------------------------------------


@pytest.mark.parametrize("name", seeds.names())
def test_a_shipped_story_comes_in_line_by_line(house: House, name: str) -> None:
    lines = [json.loads(line) for line in seeds.path(name).read_text().splitlines()]
    written = house.imports(lines)
    assert len(written) == len(lines)
    # One act a line, but for introductions: none is made inline.
    assert house.head() == len(lines)
    reports = [line for line in lines if "report" in line]
    reader = house.reader(name)
    assert reader.situation()["counts"]["developments"] == len(reports)
    assert len(reader.timeline()) == len(reports)


@pytest.mark.parametrize("name", seeds.names())
def test_a_shipped_storys_record_runs_at_its_own_times(house: House, name: str) -> None:
    lines = [json.loads(line) for line in seeds.path(name).read_text().splitlines()]
    house.imports(lines)
    stamps = [act.stamp for act in house.acts()]
    recorded = [stamp.recorded_at for stamp in stamps]
    assert recorded == sorted(recorded)
    assert {stamp.stored_at for stamp in stamps} == {house.clock.now}
    assert {stamp.imported_at for stamp in stamps} == {house.clock.now}


def test_both_shipped_stories_live_in_one_house(house: House) -> None:
    for name in seeds.names():
        house.imports([json.loads(line) for line in seeds.path(name).read_text().splitlines()])
    assert {act.story for act in house.acts()} == set(seeds.names())


def test_a_story_that_came_in_goes_on_live(house: House) -> None:
    house.imports([STORY, report("rain")])
    desk = Desk(house, story="flood")
    written = desk.reports("dam")
    assert written.position == house.head()
    assert house.acts()[-1].stamp.imported_at is None
    assert house.reader("flood").names() == ["dam", "rain"]


# --- record time ----------------------------------------------------------------------------


def test_a_line_says_when_it_was_recorded_and_the_next_is_of_the_same_time(house: House) -> None:
    house.imports([STORY, report("rain"), report("dam", "2023-10-27T09:00:00Z"), report("mud")])
    texts = [times.format_instant(act.stamp.recorded_at) for act in house.acts()]
    assert texts == ["2023-10-26T08:00:00Z"] * 2 + ["2023-10-27T09:00:00Z"] * 2


def test_a_date_is_eight_in_the_evening_in_the_storys_zone(house: House) -> None:
    house.imports([STORY, report("rain", "2023-10-27"), report("dam", "2023-10-28T01:02:03Z")])
    opened, day, instant = (act.stamp for act in house.acts())
    assert times.format_instant(day.recorded_at) == "2023-10-27T14:15:00Z"
    assert [s.recorded_precision for s in (opened, day, instant)] == [None, "day", None]


def test_the_first_lines_own_date_is_read_in_the_zone_that_it_names(house: House) -> None:
    house.imports([{**STORY, "recorded_at": "2023-10-26"}])
    (opened,) = house.acts()
    assert times.format_instant(opened.stamp.recorded_at) == "2023-10-26T14:15:00Z"


def test_what_was_recorded_is_shown_as_an_import(house: House) -> None:
    house.imports([STORY, report("rain", "2023-10-27")])
    (row,) = house.reader("flood").timeline()
    assert row["recorded_at"] == row["first_recorded_at"] == "2023-10-27T14:15:00Z"
    assert row["imported_at"] == house.clock.text()
    assert row["recorded_precision"] == "day"


def test_until_its_last_line_is_in_the_story_is_not_there(house: House) -> None:
    elsewhere = house.again()
    asked = []

    def told(number: int, _: Any) -> None:
        with pytest.raises(NotFound):
            elsewhere.reader("flood").basis()
        asked.append(number)

    lines = [STORY, report("rain"), report("dam")]
    job = Import(desk=house.onrecord.desk("times"), archive=True)
    house.record(archive(enumerate(lines, 1), job, house.clock, told))
    assert asked == [1, 2, 3]
    assert elsewhere.reader("flood").names() == ["dam", "rain"]


def test_what_was_known_then_is_read_by_the_archives_own_clock(house: House) -> None:
    house.imports([STORY, report("rain", "2023-10-27"), report("dam", "2023-10-28T09:00:00Z")])
    reader = house.reader("flood")
    assert reader.names(known_at="2023-10-27T14:14:59Z") == []
    assert reader.names(known_at="2023-10-27") == ["rain"]
    assert reader.names(known_at="2023-10-28") == ["dam", "rain"]


def test_now_is_the_lines_own_record_time(house: House) -> None:
    house.imports([STORY, report("rain", "2023-10-27T06:30:00Z", occurred="now")])
    (row,) = house.reader("flood").timeline()
    assert row["occurred"] == "2023-10-27T06:30:00Z"


# --- what is refused ------------------------------------------------------------------------


def test_a_bad_line_in_the_middle_leaves_nothing(house: House) -> None:
    lines = [STORY, report("rain"), report("dam", kind="dam_breach"), report("mud")]
    refusal = refused(house, lines)
    assert refusal.facts["line"] == 3
    assert isinstance(refusal, Invalid)
    assert list(refusal.errors) == ["kind"]


def test_after_a_bad_archive_the_mended_one_comes_in(house: House) -> None:
    refused(house, [STORY, report("rain", kind="nonsense")])
    assert len(house.imports([STORY, report("rain")])) == 2
    assert house.acts()[0].stamp.position == 1


def test_a_file_that_breaks_off_leaves_nothing(house: House, nothing: dict[str, int]) -> None:
    def lines() -> Any:
        yield 1, STORY
        yield 2, report("rain")
        raise OSError("the connection was lost")

    job = Import(desk=house.onrecord.desk("times"), archive=True)
    with pytest.raises(OSError, match="lost"):
        house.record(archive(lines(), job, house.clock))
    assert house.counts() == nothing


def test_record_times_that_run_backwards_are_refused(house: House) -> None:
    lines = [STORY, report("rain", "2023-10-28"), report("dam", "2023-10-27")]
    refusal = refused(house, lines)
    assert refusal.facts["line"] == 3
    assert "lines are in record order" in refusal.says


def test_a_date_before_an_evenings_instant_runs_backwards(house: House) -> None:
    lines = [STORY, report("rain", "2023-10-28T15:00:00Z"), report("dam", "2023-10-28")]
    assert refused(house, lines).facts["line"] == 3


@pytest.mark.parametrize("at", ["2024-05-01T12:00:00.000001Z", "2024-05-02", "2030-01-01"])
def test_a_record_time_in_the_future_is_refused(house: House, at: str) -> None:
    refusal = refused(house, [STORY, report("rain"), report("dam", at)])
    assert refusal.facts["line"] == 3
    assert "It lies in the future" in refusal.says


def test_a_record_time_of_this_very_moment_is_taken(house: House) -> None:
    assert house.imports([STORY, report("rain", house.clock.text())])


def test_a_clock_that_jumps_back_after_an_archive_breaks_no_order(house: House) -> None:
    """Given an archive that was recorded until this moment; when the clock falls back; then what
    is recorded next is still recorded later."""
    ticking = itertools.count(house.clock.now, 1_000_000)
    job = Import(desk=house.onrecord.desk("times"), archive=True)
    just_now = times.format_instant(house.clock.now + 500_000)
    lines = enumerate([STORY, report("rain", just_now)], 1)
    try:
        house.record(archive(lines, job, lambda: next(ticking)))
    except Invalid:
        return  # Refused: it lies after the moment of storing.
    house.clock.passes(-3600)
    Desk(house, story="flood").reports("dam")
    recorded = [act.stamp.recorded_at for act in house.acts()]
    assert recorded == sorted(recorded)


def test_what_occurred_after_it_was_recorded_is_refused(house: House) -> None:
    lines = [STORY, report("rain", "2023-10-26T09:00:00Z", occurred="2023-10-27")]
    refusal = refused(house, lines)
    assert isinstance(refusal, Invalid)
    assert list(refusal.errors) == ["occurred"]


def test_a_story_that_exists_is_refused(house: House) -> None:
    house.imports([STORY, report("rain")])
    before = house.counts()
    with pytest.raises(Conflict) as refusal:
        house.imports([STORY, report("dam")])
    assert (refusal.value.code, refusal.value.facts["line"]) == ("slug-taken", 1)
    assert house.counts() == before


BAD: dict[str, tuple[Callable[[], list[Any]], int, str]] = {
    "without its story": (lambda: [report("rain", "2023-10-26")], 1, "begins with its story"),
    "without a record time": (lambda: [{"story": STORY["story"]}], 1, "recorded_at"),
    "no object": (lambda: [STORY, 5], 2, "JSON object"),
    "no object at first": (lambda: [5], 1, ""),
    "two acts in a line": (lambda: [STORY, {**report("a"), "close": {}}], 2, "one act"),
    "no act in a line": (lambda: [STORY, {"recorded_at": "2023-10-27"}], 2, "one act"),
    "an unknown act": (lambda: [STORY, {"delete": {}}], 2, "one act"),
    "a story that is no object": (lambda: [{**STORY, "story": 5}], 1, ""),
    "a story that is a list": (lambda: [{**STORY, "story": [1]}], 1, ""),
    "a zone that is none": (
        lambda: [{**STORY, "story": {**STORY["story"], "time_zone": "Asia/Nowhere"}}], 1, "zone",
    ),
    "a zone that is a path": (
        lambda: [{**STORY, "story": {**STORY["story"], "time_zone": "../../etc"}}], 1, "zone",
    ),
    "a zone that is a number": (
        lambda: [{**STORY, "story": {**STORY["story"], "time_zone": 5}}], 1, "zone",
    ),
    "a record time that is a number": (
        lambda: [STORY, {**report("a"), "recorded_at": 5}], 2, "text",
    ),
    "a record time that is null": (
        lambda: [STORY, {**report("a"), "recorded_at": None}], 2, "text",
    ),
    "a record time without an offset": (
        lambda: [STORY, report("a", "2023-10-27T10:00:00")], 2, "recorded_at",
    ),
    "a record time that is a month": (lambda: [STORY, report("a", "2023-11")], 2, "recorded_at"),
    "a report that is text": (lambda: [STORY, {"report": "rain"}], 2, "object"),
    "a report that is null": (lambda: [STORY, {"report": None}], 2, "object"),
    "a summary that is text": (lambda: [STORY, {"summary": "It rains."}], 2, ""),
    "a mark that is text": (lambda: [STORY, report("a"), {"pin": "a"}], 3, "object"),
    "an act on nothing": (lambda: [STORY, {"withdraw": {"notice": "x"}}], 2, "Name the develop"),
    "an act on what is not there": (
        lambda: [STORY, {"withdraw": {"external_id": "rain", "notice": "x"}}], 2, "no development",
    ),
    "a link forward": (
        lambda: [
            STORY,
            report("a", relates_to=[{"development": "b", "relation": "follows"}]),
            report("b"),
        ],
        2,
        "Links look back",
    ),
    "another story's line": (
        lambda: [STORY, {"story": {"id": "fire", "title": "Fire"}}], 2, "story.id",
    ),
    "an actor without an id": (lambda: [STORY, {"actor": {"name": "Nobody"}}], 2, "id"),
    "an unknown field": (lambda: [STORY, report("a", colour="red")], 2, "colour"),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "line", "says"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_said_with_its_line(
    house: House, lines: Callable[[], list[Any]], line: int, says: str
) -> None:
    refusal = refused(house, lines())
    assert refusal.facts["line"] == line
    assert says in refusal.says


# --- naming developments --------------------------------------------------------------------


def read(house: House) -> Reader:
    return house.reader("flood")


def test_developments_without_an_external_id_are_named_by_the_files_own_ids(house: House) -> None:
    own = "00000000-0000-7000-8000-000000000001"
    first = report("x")
    del first["report"]["external_id"]
    first["report"]["id"] = own
    links = [{"development": own, "relation": "follows"}]
    house.imports(
        [
            STORY,
            first,
            report("second", relates_to=links),
            {"correct": {"id": own, "changes": {"headline": "Right"}, "notice": "Wrong."}},
            {"pin": {"id": own}},
            {"summary": {"sentences": [{"text": "It rains.", "developments": [own]}]}},
        ]
    )
    second, corrected = read(house).timeline()
    assert corrected["headline"] == "Right"
    assert second["relates_to"] == [{"development": corrected["id"], "relation": "follows"}]
    situation = read(house).situation()
    assert situation["pinned"] == [corrected["id"]]
    assert situation["summary"][0]["developments"] == [corrected["id"]]


def test_every_act_has_its_line(house: House) -> None:
    at = "2023-10-27T08:00:00Z"
    lines: list[Line] = [
        STORY,
        {"actor": {"id": "council", "name": "Council"}},
        {"place": {"id": "bridge", "name": "Bridge"}},
        report("a", at, verification="claimed", kind="statement"),
        report("b"),
        {"update": {"external_id": "a", "changes": {"body": "More."}}, "byline": "A. R."},
        {"clarify": {"external_id": "a", "changes": {"body": "Clearer."}}},
        {"refile": {"external_id": "a", "changes": {"body": "Mended."}}},
        {"correct": {"external_id": "a", "changes": {"headline": "Right"}, "notice": "Wrong."}},
        {"verify": {"external_id": "a", "status": "confirmed", "reason": "Seen."}},
        {"pin": {"external_id": "a"}},
        {"pin": {"external_id": "a", "pinned": False}},
        {"key": {"external_id": "a"}},
        {"key": {"external_id": "a", "key": False}},
        {"summary": {"sentences": [{"text": "It rains."}]}},
        {"withdraw": {"external_id": "b", "notice": "No."}},
        {"story": {"id": "flood", "title": "The great flood"}},
        {"close": {"notice": "Over."}},
        {"reopen": {"notice": "Not over."}},
    ]
    house.imports(lines)
    assert [act.name for act in house.acts()] == [
        "StoryOpened", "ActorIntroduced", "PlaceIntroduced", "DevelopmentReported",
        "DevelopmentReported", "DevelopmentUpdated", "DevelopmentClarified",
        "DevelopmentRefiled", "DevelopmentCorrected", "DevelopmentVerified",
        "DevelopmentPinned", "DevelopmentUnpinned", "KeyEventMarked", "KeyEventUnmarked",
        "SummaryWritten", "DevelopmentWithdrawn", "StoryAmended", "StoryClosed",
        "StoryReopened",
    ]  # fmt: skip
    assert house.acts()[5].note["act_byline"] == "A. R."
    assert read(house).basis().document == {
        **STORY["story"],
        "title": "The great flood",
        "language": "en",
    }
