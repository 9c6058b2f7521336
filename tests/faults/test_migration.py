"""A migration, and the making of a record, killed in the middle; a record of a newer program."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.settings import Settings
from service.store.tables import MIGRATIONS, SCHEMA_VERSION
from tests import pg
from tests.builders import House
from tests.running import ROOT, given

LATER = [statement for step in MIGRATIONS for statement in step]
LAST = LATER[-1]
DROPS = [f"DROP TABLE {made.split()[2]}" for made in LATER if made.startswith("CREATE TABLE")]
"""What makes a record of the first schema from one of today's."""

INIT = """
import os, sqlite3, sys
import psycopg
from service.assembly import open_store
from service.settings import Settings
from service.store.sqlite import SqliteStore

at = sys.argv[2]
def looks(words):
    if at in (words if isinstance(words, str) else words.decode()):
        os._exit(9)

def connect(self, connect=SqliteStore._connect):
    connection = connect(self)
    connection.set_trace_callback(looks)
    return connection

def execute(self, words, *more, execute=psycopg.Connection.execute, **named):
    looks(words)
    return execute(self, words, *more, **named)

SqliteStore._connect, psycopg.Connection.execute = connect, execute
open_store(Settings(database_url=sys.argv[1])).init()
"""
"""`init`, which dies where it comes to a statement with these words."""


def killed_at(settings: Settings, words: str) -> None:
    command = [sys.executable, "-c", INIT, settings.database_url, words]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60)
    assert done.returncode == 9


def change(settings: Settings, *statements: str) -> None:
    """Change the database as only another version of the program may."""
    if not settings.on_sqlite:
        pg.execute(settings.database_url, *statements)
        return
    with closing(sqlite3.connect(settings.database_path, isolation_level=None)) as database:
        for statement in statements:
            database.execute(statement)


def version_is(settings: Settings, version: int) -> Sequence[str]:
    if settings.on_sqlite:
        return [f"PRAGMA user_version = {version}"]
    return [
        f"DELETE FROM onrecord_schema WHERE version > {version}",
        f"INSERT INTO onrecord_schema VALUES ({version}) ON CONFLICT DO NOTHING",
    ]


def onrecord(settings: Settings, *words: str) -> Result:
    """Type a command."""
    return CliRunner(env=given(settings)).invoke(main, list(words))


@pytest.mark.parametrize("words", ["CREATE TABLE content", "CREATE TABLE idempotency"])
def test_a_record_whose_making_was_killed_is_made_by_the_next(
    settings: Settings, words: str
) -> None:
    killed_at(settings, words)
    assert "no record yet" in onrecord(settings, "token", "list").stderr
    assert onrecord(settings, "init").exit_code == 0
    house = House.at(settings, init=False)
    assert house.desk().opens_story().position == 1
    house.close()


def test_a_migration_that_was_killed_left_the_old_record_and_is_done_by_the_next(
    settings: Settings,
) -> None:
    # given a record of the first schema, with a story
    house = House.at(settings)
    desk = house.desk()
    desk.opens_story()
    desk.reports("order")
    before = house.envelopes()
    house.close()
    change(settings, *DROPS, *version_is(settings, 1))

    # when bringing it to today's is killed between two steps
    killed_at(settings, " ".join(LAST.split()[:3]))

    # then it is as it was: a step that was done is undone
    assert "older Onrecord (schema 1" in onrecord(settings, "token", "list").stderr
    assert onrecord(settings, "init").exit_code == 0
    house = House.at(settings, init=False)
    assert house.envelopes() == before
    assert house.counts()["bookmark"] == 0
    assert house.desk(story="tripoli").reports("after").position == house.head()
    house.close()


def test_a_newer_record_is_left_alone_and_said_to_be_so(settings: Settings) -> None:
    house = House.at(settings)
    house.desk().opens_story()
    before = house.envelopes()
    change(settings, *version_is(settings, SCHEMA_VERSION + 1))

    for words in (["serve", "--port", "1"], ["init"], ["token", "list"]):
        done = onrecord(settings, *words)
        assert (done.exit_code, done.stdout) == (1, "")
        assert f"newer Onrecord (schema {SCHEMA_VERSION + 1}" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert house.envelopes() == before
    house.close()


def test_eight_that_start_at_once_on_an_old_record_bring_it_to_today_once(
    settings: Settings,
) -> None:
    House.at(settings).close()
    change(settings, *DROPS, *version_is(settings, 1))
    program = INIT.partition("at = ")[0] + "open_store(Settings(database_url=sys.argv[1])).init()"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, settings.database_url],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    said = [process.communicate(timeout=60)[1] for process in running]
    assert [process.returncode for process in running] == [0] * 8, said
    House.at(settings, init=False).close()
