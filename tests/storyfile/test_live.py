"""A story file read line by line, each line recorded now; safe to repeat."""

from typing import Any

import pytest

from service.domain.refusals import Refusal
from service.storyfile import Import
from tests.builders import House
from tests.storyfile.test_archive import STORY, report

LINES: list[dict[str, Any]] = [
    STORY,
    {"actor": {"id": "council", "name": "Council"}},
    report("rain"),
    report("dam", relates_to=[{"development": "rain", "relation": "follows"}]),
]


def reads(house: House, lines: list[Any], **job: Any) -> list[Any]:
    """Read lines one by one; return what each wrote, or its refusal."""
    reading = Import(desk=house.onrecord.desk("times"), **job)
    found: list[Any] = []
    for line in lines:
        house.clock.passes(1)
        try:
            found.append(house.record(reading.decision(line)))
        except Refusal as refusal:
            found.append(refusal)
    return found


def test_record_times_count_in_archives_only(house: House) -> None:
    reads(house, LINES)
    assert house.acts()[0].stamp.recorded_at == house.acts()[0].stamp.stored_at
    assert all(act.stamp.imported_at is None for act in house.acts())


def test_a_bad_line_harms_no_other(house: House) -> None:
    lines = [*LINES[:3], report("bad", kind="nonsense"), *LINES[3:]]
    written = reads(house, lines)
    assert [isinstance(one, Refusal) for one in written] == [False, False, False, True, False]
    assert house.reader("flood").names() == ["dam", "rain"]


def test_reading_a_file_again_changes_nothing(house: House) -> None:
    reads(house, LINES)
    before = house.counts()
    again = reads(house, LINES)
    assert [one.created for one in again] == [False] * len(LINES)
    assert house.counts() == before


def test_a_file_may_be_read_into_a_story_that_is_open(house: House) -> None:
    house.desk().opens_story("flood", time_zone="Asia/Kathmandu", title="The flood")
    written = reads(house, LINES[1:], story="flood")
    assert [one.created for one in written] == [True] * 3


def test_a_file_of_another_story_is_not_read_into_this_one(house: House) -> None:
    house.desk().opens_story("fire")
    (refusal, *_) = reads(house, LINES, story="fire")
    assert "story.id" in refusal.says


def test_a_line_without_a_story_before_it_is_refused(house: House) -> None:
    (refusal,) = reads(house, [report("rain")])
    assert "The first line of a story file is the story itself" in refusal.says


def test_a_line_may_name_its_own_newsroom(house: House) -> None:
    written = reads(house, [{**line, "newsroom": "times"} for line in LINES])
    assert all(one.created for one in written)


@pytest.mark.parametrize("byline", ["A. Reporter"])
def test_a_byline_beside_a_report_is_its_byline(house: House, byline: str) -> None:
    reads(house, [STORY, {**report("rain"), "byline": byline}])
    assert house.reader("flood").timeline()[0]["byline"] == byline
