"""What a rebuild that was killed after its swap leaves: `check` names it, a copy is without it."""

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from service.care import backup, left, rebuild
from service.settings import Settings
from tests.builders import Desk, House
from tests.care.test_rebuild import made_anew, rows
from tests.care.test_rebuild_serving import sound

ROOT = Path(__file__).resolve().parents[2]

KILLED = """
import os, signal, sys
from service.care import rebuild
from service.care.shadow_postgres import PostgresShadow
from service.care.shadow_sqlite import SqliteShadow
from tests.builders import House, Settings
SqliteShadow.clear = PostgresShadow.clear = lambda self: os.kill(os.getpid(), signal.SIGKILL)
rebuild(House.at(Settings(database_url=sys.argv[1]), init=False).onrecord.store, print, 1)
"""


@pytest.fixture
def full(desk: Desk) -> House:
    """A house with a report that says a name."""
    desk.reports("named", kind="airstrike", actors="by:lna", places="gharyan", body="A name.")
    return desk.house


def killed_after_the_swap(settings: Settings) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, settings.database_url],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL


def names(house: House) -> list[str]:
    """What `check` says was left; PostgreSQL hears of a client's death a moment later."""
    for _ in range(100):
        found = [fault.table for fault in left(house.onrecord.store)]
        if found:
            return found
        time.sleep(0.05)
    return []


def test_what_is_left_after_the_swap_is_named_until_the_next_rebuild(
    full: House, settings: Settings
) -> None:
    # Given a sound house, of which nothing is said
    assert list(left(full.onrecord.store)) == []
    before = rows(full)
    # When a rebuild is killed after the swap, and what it left has words that are hidden
    killed_after_the_swap(settings)
    full.desk("times", "tripoli").withdraws("named", hide_text=True)
    # Then it is named, though every row is as the acts say
    found = names(full)
    if settings.on_sqlite:
        assert {"replaced_assignment", "replaced_version"} <= {*found}
    else:
        assert [name.rpartition("_")[2] for name in found] == ["old", "shadow"]
    assert sound(full)
    assert rows(full).keys() >= before.keys()
    # And the next rebuild takes it away
    made_anew(full)
    assert list(left(full.onrecord.store)) == []


def test_what_a_running_rebuild_works_on_is_no_fault(full: House) -> None:
    found: list[list[str]] = []

    def look(_what: str, _done: int) -> None:
        found.append([fault.table for fault in left(full.again().onrecord.store)])

    rebuild(full.onrecord.store, look, 1)
    assert found
    assert not any(found)


def test_files_beside_the_database_are_named(eventful: House) -> None:
    path = eventful.onrecord.settings.database_path
    path.with_name(f"{path.name}-rebuild-0.db").touch()
    assert [fault.table for fault in left(eventful.onrecord.store)] == [f"{path.name}-rebuild-0.db"]


def test_a_copy_is_without_what_was_left(eventful: House, tmp_path: Path) -> None:
    # Given a record with what a rebuild left, and words that are there alone
    settings, copy = eventful.onrecord.settings, tmp_path / "copy.db"
    killed_after_the_swap(settings)
    words = b"Nobody must read this."
    with closing(sqlite3.connect(settings.database_path)) as database:
        database.execute("UPDATE replaced_assignment SET body = ?", (words * 100,))
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert words in settings.database_path.read_bytes()
    # When it is copied
    backup(settings.database_path, copy, force=False, progress=lambda _what, _done: None)
    # Then neither the tables nor the words are in the copy, and it is sound
    assert words not in copy.read_bytes()
    theirs = House.at(Settings(database_url=f"sqlite:///{copy}"), init=False)
    with closing(theirs):
        assert list(left(theirs.onrecord.store)) == []
        assert sound(theirs)
