"""`rebuild` is the identity on a sound house, and makes a broken one sound."""

import sqlite3
from contextlib import closing

import pytest

from service.care import rebuild
from service.care.rebuild import TABLES
from service.domain.refusals import Unavailable
from tests.builders import House


def rows(house: House) -> dict[str, list[tuple[object, ...]]]:
    """Every table of the database, every column, bytes as bytes, in the order of its rows."""
    found = {}
    for table in house.counts():
        columns = [tuple(plain(value) for value in row) for row in told(house, table)]
        found[table] = sorted(columns, key=repr)
    return found


def told(house: House, table: str) -> list[list[object]]:
    return [
        [row[name] for name in row.keys()]  # noqa: SIM118
        for row in house.sql.all(f"SELECT * FROM {table}")
    ]


def plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def made_anew(house: House) -> int:
    return rebuild(house.onrecord.store, lambda what, done: None)


def test_a_rebuild_of_a_sound_house_changes_no_byte_of_any_table(eventful: House) -> None:
    before = rows(eventful)
    assert made_anew(eventful) == eventful.head()
    assert rows(eventful) == before
    assert all(before[table] for table in TABLES), "a table without a row would prove nothing"


@pytest.mark.parametrize("table", TABLES)
def test_a_table_that_was_emptied_comes_back(eventful: House, table: str) -> None:
    before = rows(eventful)
    with closing(sqlite3.connect(eventful.onrecord.settings.database_path)) as database:
        database.execute(f"DELETE FROM {table}")
        database.commit()
    made_anew(eventful)
    assert rows(eventful) == before


def test_readings_are_the_same_after_a_rebuild(eventful: House) -> None:
    reader = eventful.reader("tripoli")
    asked = [{}, {"as_of": "2019-04-03"}, {"position": 12}, {"as_of": "2019-04-03", "position": 20}]
    before = [reader.situation(**basis) for basis in asked]
    made_anew(eventful)
    assert [reader.situation(**basis) for basis in asked] == before


def test_a_desk_goes_on_after_a_rebuild(eventful: House) -> None:
    desk = eventful.desk("times").on("tripoli")
    made_anew(eventful)
    written = desk.corrects("order", headline="The advance on the capital is ordered")
    assert written.development is not None
    assert written.development.version == 4


def test_more_stories_than_a_writer_remembers_are_rebuilt_alike(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.ledger.REMEMBERED_STORIES", 1)
    desk = house.desk("times")
    for story in ("one", "two", "three"):
        desk.opens_story(story, actors="un")
    for story in ("one", "two", "three", "two", "one"):
        desk.on(story).reports(None, kind="statement", actors="by:un")
    before = rows(house)
    made_anew(house)
    assert rows(house) == before


def test_an_empty_record_is_rebuilt_from_no_acts(house: House) -> None:
    assert made_anew(house) == 0


def test_a_rebuild_that_cannot_have_the_lock_changes_nothing(
    eventful: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.store.sqlite.LOCK_TIMEOUT_SECONDS", 0)
    before = rows(eventful)
    with closing(sqlite3.connect(eventful.onrecord.settings.database_path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            made_anew(eventful)
        other.rollback()
    assert rows(eventful) == before


def test_a_rebuild_that_ends_half_way_changes_nothing(eventful: House) -> None:
    before = rows(eventful)

    def pull_the_plug(_what: str, done: int) -> None:
        if done == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(eventful.onrecord.store, pull_the_plug)
    assert rows(eventful) == before
