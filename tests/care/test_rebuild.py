"""`rebuild` is the identity on a sound house, and makes a broken one sound."""

import sqlite3
from contextlib import closing

import pytest

from service.care import rebuild
from service.care.rebuild import TABLES
from service.domain.refusals import Unavailable
from tests.builders import House
from tests.care.conftest import a_bit_of_everything


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


def made_anew(house: House, processes: int | None = None) -> int:
    return rebuild(house.onrecord.store, lambda what, done: None, processes)


@pytest.fixture
def full(house: House) -> House:
    """A house on any store with three stories, every act that there is among them."""
    desk = house.desk("times")
    desk.opens_story("tripoli", scale="conflict", actors="lna gna un", places="tripoli gharyan")
    a_bit_of_everything(desk)
    for story in ("one", "two"):
        desk.opens_story(story, scale="conflict", actors="lna gna", places="gharyan")
    for story in ("two", "one", "two"):
        desk.on(story).reports(
            None, kind="airstrike", actors="by:lna against:gna", places="gharyan"
        )
    return house


@pytest.mark.parametrize("processes", [1, 2, 8])
def test_a_rebuild_of_a_sound_house_changes_no_byte_of_any_table(
    full: House, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.care.tellers.PORTION", 5)
    before = rows(full)
    assert made_anew(full, processes) == full.head()
    assert rows(full) == before
    assert all(before[table] for table in TABLES), "a table without a row would prove nothing"


def test_portions_of_any_size_make_the_same_rows(
    full: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.care.shadow_sqlite.ROWS", 3)
    monkeypatch.setattr("service.care.tellers.PORTION", 2)
    before = rows(full)
    made_anew(full)
    made_anew(full)
    assert rows(full) == before


def test_one_after_another_too(full: House) -> None:
    before = rows(full)
    for _ in range(3):
        made_anew(full)
    assert rows(full) == before


@pytest.mark.parametrize("table", TABLES)
def test_a_table_that_was_emptied_comes_back(eventful: House, table: str) -> None:
    before = rows(eventful)
    with closing(sqlite3.connect(eventful.onrecord.settings.database_path)) as database:
        database.execute(f"DELETE FROM {table}")
        database.commit()
    made_anew(eventful)
    assert rows(eventful) == before


def test_readings_are_the_same_after_a_rebuild(full: House) -> None:
    reader = full.reader("tripoli")
    asked = [{}, {"as_of": "2019-04-03"}, {"position": 12}, {"as_of": "2019-04-03", "position": 20}]
    before = [reader.situation(**basis) for basis in asked]
    made_anew(full)
    assert [reader.situation(**basis) for basis in asked] == before


def test_a_desk_goes_on_after_a_rebuild(full: House) -> None:
    desk = full.desk("times").on("tripoli")
    made_anew(full)
    written = desk.corrects("order", headline="The advance on the capital is ordered")
    assert written.development is not None
    assert written.development.version == 4


def test_more_stories_than_a_writer_remembers_are_rebuilt_alike(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.ledger.REMEMBERED_STORIES", 1)
    monkeypatch.setattr("service.care.telling.REMEMBERED_DEVELOPMENTS", 1)
    monkeypatch.setattr("service.readmodel.slots.REMEMBERED_SLOTS", 2)
    desk = house.desk("times")
    for story in ("one", "two", "three"):
        desk.opens_story(story, actors="un")
    for story in ("one", "two", "three", "two", "one"):
        desk.on(story).reports(None, kind="statement", actors="by:un")
    for details in ({"a": 1, "b": 2, "c": 3}, {"c": 4, "a": 5}, {"d": 1, "b": 2, "a": 7}):
        desk.on("two").reports(None, kind="statement", actors="by:un", details={"notes": details})
    desk.on("one").reports("a")
    desk.on("two").reports("b")
    desk.on("one").corrects("a", headline="Another")
    desk.on("two").corrects("b", headline="Another")
    before = rows(house)
    made_anew(house)
    assert rows(house) == before


def test_what_is_corrected_again_and_again_in_a_portion_is_rebuilt_alike(full: House) -> None:
    desk = full.desk("times").on("one")
    desk.reports("a", kind="airstrike", actors="by:lna", places="gharyan")
    for kind in ("statement", "airstrike", "statement", "airstrike"):
        desk.corrects("a", kind=kind)
    before = rows(full)
    made_anew(full)
    assert rows(full) == before


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


@pytest.mark.parametrize("moment", ["acts", "rows"])
def test_a_rebuild_that_ends_half_way_changes_nothing(eventful: House, moment: str) -> None:
    before = rows(eventful)

    def pull_the_plug(what: str, _done: int) -> None:
        if what == moment:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(eventful.onrecord.store, pull_the_plug)
    assert rows(eventful) == before


def test_what_is_told_waits_in_files_without_a_name(
    eventful: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.care.tellers.PORTION", 5)
    # Given a record
    path = eventful.onrecord.settings.database_path
    seen: set[str] = set()

    def look(_what: str, _done: int) -> None:
        seen.update(file.name for file in path.parent.iterdir())

    # When it is rebuilt by two processes
    rebuild(eventful.onrecord.store, look, 2)
    # Then nobody can open what they write, nor is it left when they are killed
    beside = {f"{path.name}{end}" for end in ("", "-shm", "-wal", "-rebuild-lock")}
    assert {name for name in seen if name.startswith((".", path.name))} == beside


def test_rows_that_are_too_many_for_memory_are_put_in_order(
    full: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, number in (("IN_MEMORY", 3), ("BLOCK", 2), ("AT_ONCE", 5)):
        monkeypatch.setattr(f"service.care.gathering.{name}", number)
    monkeypatch.setattr("service.care.tellers.PORTION", 4)
    before = rows(full)
    made_anew(full)
    assert rows(full) == before
