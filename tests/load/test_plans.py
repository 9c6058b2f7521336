"""What must not grow with the house is searched, never sorted: SQLite says how it goes about it."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks import load, stream
from service.asof import trail
from service.assembly import Onrecord, assemble
from service.readmodel import chronicle
from service.readmodel.chronicle import Span
from service.readmodel.stories import Viewer
from service.settings import Settings
from service.store.sql import Sql

EVERYWHERE = 10**9


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Onrecord]:
    """A house of some stories."""
    clock = load.Clock()
    found = assemble(Settings(database_url=f"sqlite:///{tmp_path / 'load.db'}"), clock=clock)
    load.write(found, clock, stream.house(800))
    yield found
    found.close()


def _plans(house: Onrecord, ask: Callable[[Sql], object]) -> list[str]:
    """The steps of every statement that a question runs."""
    connection: sqlite3.Connection = house.store.reading().connection  # type: ignore[union-attr]
    ran: list[str] = []
    connection.set_trace_callback(ran.append)
    ask(house.store.reading())
    connection.set_trace_callback(None)
    return [
        step["detail"]
        for statement in ran
        for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}")
    ]


def test_the_house_s_corrections_log_goes_through_corrections_alone(house: Onrecord) -> None:
    plans = _plans(house, lambda sql: chronicle.corrections(sql, below=EVERYWHERE, limit=5))
    assert any("chronicle_of_corrections" in step for step in plans)
    assert not any("TEMP B-TREE" in step for step in plans)


def test_a_story_s_corrections_log_is_not_sorted(house: Onrecord) -> None:
    plans = _plans(
        house, lambda sql: chronicle.corrections(sql, below=EVERYWHERE, limit=5, story=1)
    )
    assert any("chronicle_of_corrections_in_story" in step for step in plans)
    assert not any("TEMP B-TREE" in step for step in plans)


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_page_of_a_story_s_acts_begins_where_it_was_asked_to(
    house: Onrecord, newest_first: bool
) -> None:
    span = Span(above=house.head()[0] // 2, upto=house.head()[0], newest_first=newest_first)
    plans = _plans(house, lambda sql: chronicle.rows(sql, 1, span, 5))
    bound = "recorded_at<?" if newest_first else "recorded_at>?"
    assert any(f"chronicle_of_story (story=? AND {bound})" in step for step in plans)
    assert not any("TEMP B-TREE" in step for step in plans)


def test_another_story_s_position_is_found_without_sorting(house: Onrecord) -> None:
    plans = _plans(house, lambda sql: chronicle.at_position(sql, 1, house.head()[0]))
    assert not any("TEMP B-TREE" in step for step in plans)


def test_a_moment_of_the_record_is_halved_down_to(house: Onrecord) -> None:
    # given the last act of every moment
    sql, last = house.store.reading(), {}
    for row in sql.all("SELECT position, stored_at FROM chronicle ORDER BY position"):
        last[row["stored_at"]] = row["position"]
    # then it is found, and before the first there is nothing
    assert {at: chronicle.stored_by(sql, at) for at in last} == last
    assert chronicle.stored_by(sql, min(last) - 1) == 0


def test_every_position_finds_the_story_s_last_act_before_it(house: Onrecord) -> None:
    # given the acts of all stories, in record order
    sql, last = house.store.reading(), 0
    story = next(iter(trail.corrections(sql, above=0, below=EVERYWHERE, limit=1, viewer=Viewer())))
    number = sql.all("SELECT number FROM story WHERE id = ?", (story["story"],))[0]["number"]
    for row in sql.all("SELECT position, story FROM chronicle ORDER BY position"):
        last = row["position"] if row["story"] == number else last
        # then the position of any act finds the story's own last one
        found = chronicle.at_position(sql, number, row["position"])
        assert (found.position if found else 0) == last
