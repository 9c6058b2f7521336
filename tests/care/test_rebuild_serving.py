"""`rebuild` while the house is serving: nothing posted is lost, nobody reads half a story."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from service.care import Check, rebuild
from service.care.check import ON_POSTGRESQL, ON_SQLITE
from service.care.rebuild import SWAPPED
from service.care.shadow import TABLES
from service.domain.refusals import Unavailable
from service.settings import Settings
from tests import pg
from tests.builders import Desk, House
from tests.care.test_rebuild import made_anew, rows

ROOT = Path(__file__).resolve().parents[2]
REPORTS = 60

POST = """
import json, sys
from service.domain.refusals import Unavailable
from tests.builders import Desk, House, Settings
house = House.at(Settings(database_url=sys.argv[1]), init=False)
desk, number, stored = Desk(house, story="tripoli"), 0, []
print("ready", flush=True)
while not stored or sys.stdin.readable() and number < int(sys.argv[2]):
    name = f"posted-{number}"
    try:
        desk.reports(name, kind="airstrike", actors="by:lna", places="gharyan")
        desk.corrects(name, headline=f"Corrected {number}")
    except Unavailable:
        continue
    stored.append(name)
    number += 1
house.close()
print(json.dumps(stored))
"""

REBUILD = """
import os, signal, sys
from service.care import rebuild, tellers
from tests.builders import House, Settings
tellers.PORTION = 5
house = House.at(Settings(database_url=sys.argv[1]), init=False)
def told(what, done):
    if what == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
rebuild(house.onrecord.store, told, int(sys.argv[3]))
"""


@pytest.fixture
def full(desk: Desk) -> House:
    """A house with a story of some length."""
    for number in range(REPORTS):
        desk.reports(f"r{number}", kind="airstrike", actors="by:lna", places="gharyan")
    desk.corrects("r1", headline="Another")
    desk.withdraws("r2", hide_text=True)
    return desk.house


Running = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def running() -> Iterator[Running]:
    """`running(program, *words)`: another process."""
    processes: list[subprocess.Popen[str]] = []

    def run(program: str, *words: str) -> "subprocess.Popen[str]":
        processes.append(
            subprocess.Popen(
                [sys.executable, "-c", program, *words],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        return processes[-1]

    yield run
    for process in processes:
        process.kill()
        process.communicate()


def sound(house: House) -> bool:
    begin = ON_SQLITE if house.onrecord.settings.on_sqlite else ON_POSTGRESQL
    with house.onrecord.store.apart() as sql:
        return not list(Check(sql, begin=begin).faults())


def left(settings: Settings) -> list[str]:
    """What a rebuild has beside the live tables: tables, schemas, files."""
    if not settings.on_sqlite:
        found = pg.execute(
            settings.database_url,
            "SELECT nspname FROM pg_namespace WHERE starts_with(nspname::text,"
            " 'onrecord_rebuild_' || current_schema()::regnamespace::oid || '_')",
        )
        return [name for (name,) in found]
    files = settings.database_path.parent.glob("*-rebuild-*")
    return [file.name for file in files if not file.name.endswith("-lock")]


@pytest.mark.parametrize("processes", [1, 2])
def test_what_another_process_posts_meanwhile_is_not_lost(
    full: House,
    settings: Settings,
    running: Running,
    processes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("service.care.tellers.PORTION", 5)
    posting = running(POST, settings.database_url, "40")
    assert posting.stdout is not None
    assert posting.stdout.readline() == "ready\n"
    while posting.poll() is None:
        made_anew(full, processes)
        if posting.poll() is None and full.head() > 140:
            break
    said, _ = posting.communicate(timeout=120)
    stored = json.loads(said)
    made_anew(full)
    desk = full.desk("times", "tripoli")
    for name in stored:
        assert desk.corrects(name, headline="Found").development is not None
    assert len(stored) == 40
    assert sound(full)


@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_posted_at_any_moment_is_there(
    full: House, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.care.tellers.PORTION", 5)
    full.desk("times").opens_story("other", actors="un")
    other = full.again().desk("times", "tripoli")
    moments: list[str] = []

    def told(what: str, done: int) -> None:
        if what == SWAPPED:
            return
        name = f"at-{what}-{done}-{len(moments)}"
        other.reports(name, kind="airstrike", actors="by:gna", places="tripoli")
        other.corrects("r3", headline=name)
        moments.append(name)

    assert rebuild(full.onrecord.store, told, processes) == full.head()
    assert moments
    assert sound(full)
    before = rows(full)
    made_anew(full)
    assert rows(full) == before


def test_more_than_is_told_at_once_is_caught_up(
    full: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("service.care.rebuild"), "AT_ONCE", 2)
    other = full.again().desk("times", "tripoli")
    posted: list[int] = []

    def told(_what: str, _done: int) -> None:
        if len(posted) < 9:
            posted.append(other.reports(f"late-{len(posted)}", actors="by:lna").position)
            posted.append(other.corrects("r4", headline=f"Late {len(posted)}").position)
            posted.append(other.introduces_place(f"place-{len(posted)}", name="A").position)

    assert rebuild(full.onrecord.store, told) == full.head()
    assert sound(full)


def test_a_reader_sees_the_whole_story_throughout(full: House) -> None:
    reader, looking = full.again().reader("tripoli"), threading.Event()
    position = full.head()
    expected: Any = reader.situation(position=position)
    seen: list[Any] = []

    def read() -> None:
        while not looking.is_set():
            seen.append(reader.situation(position=position))

    thread = threading.Thread(target=read)
    thread.start()
    for _ in range(4):
        made_anew(full)
    looking.set()
    thread.join()
    assert len(seen) > 4
    assert all(one == expected for one in seen)


@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize("moment", ["acts", "rows"])
def test_a_rebuild_that_is_killed_leaves_all_as_it_was_and_the_next_begins_anew(
    full: House, settings: Settings, running: Running, moment: str, processes: str
) -> None:
    full.desk("times").opens_story("other", actors="un")
    before = rows(full)
    killed = running(REBUILD, settings.database_url, moment, processes)
    assert killed.wait(timeout=120) in (0, -9)
    assert rows(full) == before
    full.desk("times").on("tripoli").reports("after")
    before = rows(full)
    assert made_anew(full) == full.head()
    assert rows(full) == before
    assert left(settings) == []


def test_two_rebuilds_do_not_run_at_once(full: House) -> None:
    second: list[type[Exception]] = []

    def told(_what: str, _done: int) -> None:
        if not second:
            try:
                made_anew(full.again())
            except Unavailable as refusal:
                second.append(type(refusal))

    rebuild(full.onrecord.store, told)
    assert second == [Unavailable]
    assert sound(full)


ACTS = "SELECT count(*) AS n FROM chronicle"


def test_a_check_that_has_begun_sees_one_moment_to_its_end(
    full: House, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("service.care.rebuild"), "TRIES", 1)
    monkeypatch.setattr("service.care.shadow_postgres.READERS_SECONDS", 1)
    begin = ON_SQLITE if settings.on_sqlite else ON_POSTGRESQL
    with full.again().onrecord.store.apart() as reading:
        for words in begin:
            reading.run(words)
        before = [*reading.all(ACTS)[0]]
        full.desk("times", "tripoli").reports("after", actors="by:lna")
        if settings.on_sqlite:
            made_anew(full)
        else:
            with pytest.raises(Unavailable):
                made_anew(full)
        assert [*reading.all(ACTS)[0]] == before == [full.head() - 1]
    made_anew(full)
    assert sound(full)


def test_who_remembers_rows_of_the_old_tables_forgets_them(full: House) -> None:
    # Given a writer in another process, and slots whose numbers were tampered with
    other = full.again().desk("times", "tripoli")
    other.reports("one", kind="airstrike", actors="by:gna", places="tripoli")
    with full.onrecord.store.writing() as sql:
        sql.run("UPDATE slot SET number = number + 1000")
        sql.run("UPDATE assignment SET slot = slot + 1000")
    other.reports("two", kind="airstrike", actors="by:gna", places="tripoli")
    made_anew(full)
    other.reports("three", kind="airstrike", actors="by:gna", places="tripoli")
    assert sound(full)


def test_the_tables_and_indexes_are_those_of_a_new_house(full: House, settings: Settings) -> None:
    before = shape(full, settings)
    for _ in range(2):
        made_anew(full)
        assert shape(full, settings) == before


def shape(house: House, settings: Settings) -> list[tuple[Any, ...]]:
    """Each table of the read model with its indexes, and its columns or what binds them."""
    if not settings.on_sqlite:
        return pg.execute(
            settings.database_url,
            "SELECT tablename, indexname, indexdef FROM pg_indexes"
            " WHERE schemaname = current_schema()"
            " UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE connamespace = current_schema()::regnamespace"
            " ORDER BY 1, 2, 3",
        )
    found: list[tuple[Any, ...]] = []
    for table in TABLES:
        columns = [tuple(row) for row in house.sql.all(f"PRAGMA table_info({table})")]
        indexes = sorted(
            (row["unique"], row["partial"], *index_columns(house, row["name"]))
            for row in house.sql.all(f"PRAGMA index_list({table})")
        )
        found.append((table, columns, indexes))
    return found


def index_columns(house: House, index: str) -> list[str]:
    return [str(row["name"]) for row in house.sql.all(f"PRAGMA index_info({index})")]
