"""What only SQLite needs: replacing, rowids, and files that are not what they should be."""

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.settings import Settings
from service.store.sqlite import DatabaseProblem, SqliteStore
from service.store.tables import APPLICATION_ID, SCHEMA_VERSION
from tests.builders import House


def named(path: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{path}")


@pytest.fixture
def told(tmp_path: Path) -> Iterator[House]:
    """A house with a story and three reports."""
    house = House.at(named(tmp_path / "house.db"))
    desk = house.desk()
    desk.opens_story()
    for number in range(3):
        desk.reports(f"r{number}")
    yield house
    house.close()


def raw(path: Path) -> sqlite3.Connection:
    """The file as any program opens it."""
    return sqlite3.connect(path, isolation_level=None)


def rows(house: House) -> list[tuple[object, ...]]:
    return [tuple(row) for row in house.sql.all("SELECT * FROM acts")]


REPLACES = {
    "an envelope at its position": (
        "INSERT OR REPLACE INTO stored_events SELECT 1, 'fresh', 7, topic, 'forged'"
        ' FROM stored_events WHERE "rowid" = 1'
    ),
    "an envelope in its stream": (
        "INSERT OR REPLACE INTO stored_events"
        " SELECT 900, originator_id, originator_version, topic, 'forged'"
        ' FROM stored_events WHERE "rowid" = 1'
    ),
    "content": (
        "INSERT OR REPLACE INTO content SELECT position, '{}', note, audit, salt FROM content"
        " WHERE position = 1"
    ),
    "a house act": "INSERT OR REPLACE INTO house_acts SELECT id, 0, act, newsroom, by, body"
    " FROM house_acts",
    "an envelope, by UPDATE OR REPLACE": (
        'UPDATE OR REPLACE stored_events SET "rowid" = 1 WHERE "rowid" = 2'
    ),
}


@pytest.mark.parametrize("statement", REPLACES.values(), ids=REPLACES.keys())
def test_replacing_is_refused(told: House, statement: str) -> None:
    told.onrecord.create_token(newsroom="times", role="editor", name="desk")
    before = rows(told)
    connection = raw(told.onrecord.settings.database_path)
    with pytest.raises(sqlite3.IntegrityError, match=r"append-only|never"):
        connection.execute(statement)
    connection.close()
    assert rows(told) == before


def without_triggers(house: House) -> sqlite3.Connection:
    """A connection of someone who can do all, and did."""
    connection = raw(house.onrecord.settings.database_path)
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in names:
        connection.execute(f"DROP TRIGGER {name}")
    return connection


def test_a_position_is_not_given_again_when_the_newest_act_was_deleted(told: House) -> None:
    head = told.head()
    connection = without_triggers(told)
    connection.execute('DELETE FROM stored_events WHERE "rowid" = ?', (head,))
    connection.close()
    assert told.desk(story="tripoli").reports("after").position == head + 1


def test_vacuum_moves_no_position(told: House) -> None:
    head = told.head()
    before = told.envelopes()
    connection = without_triggers(told)
    # Given a gap below, which VACUUM would close in a table of bare rowids
    connection.execute('DELETE FROM stored_events WHERE "rowid" = 2')
    connection.execute("DELETE FROM content WHERE position = 2")
    connection.execute("VACUUM")
    connection.close()
    assert told.envelopes() == [row for row in before if row[0] != 2]
    assert told.desk(story="tripoli").reports("after").position == head + 1


def test_the_file_says_whose_it_is(told: House) -> None:
    connection = raw(told.onrecord.settings.database_path)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    connection.close()


def test_an_acknowledged_act_survives_a_power_cut(told: House) -> None:
    with told.onrecord.store.writing() as sql:
        (full,) = sql.all("PRAGMA synchronous")
    assert full[0] == 2  # FULL


# --- files that are not what they should be -------------------------------------------------


def somebody_elses(path: Path) -> None:
    connection = raw(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.execute("INSERT INTO bookmarks VALUES ('https://example.org')")
    connection.close()


def marked_as_somebody_elses(path: Path) -> None:
    connection = raw(path)
    connection.execute("PRAGMA application_id = 252006674")  # a SpatiaLite or the like
    connection.execute("VACUUM")
    connection.close()


def newer(path: Path) -> None:
    House.at(named(path)).close()
    connection = raw(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def garbage(path: Path) -> None:
    path.write_bytes(b"This is a letter, and no database at all.\n" * 100)


def half_of_ours(path: Path) -> None:
    House.at(named(path)).close()
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 4000)


FILES: dict[str, tuple[Callable[[Path], None], str]] = {
    "another program's": (somebody_elses, "SQLite database of another program"),
    "marked as another program's": (marked_as_somebody_elses, "of another program"),
    "a newer program's": (newer, rf"written by a newer Onrecord \(schema {SCHEMA_VERSION + 1}"),
    "no database": (garbage, "is not a SQLite database"),
    "damaged": (half_of_ours, "house.db"),
}


@pytest.mark.parametrize("init", [True, False], ids=["init", "serve"])
@pytest.mark.parametrize(("make", "says"), FILES.values(), ids=FILES.keys())
def test_a_file_that_cannot_be_used_is_left_as_it_is(
    tmp_path: Path, make: Callable[[Path], None], says: str, init: bool
) -> None:
    path = tmp_path / "house.db"
    make(path)
    before = hashlib.sha256(path.read_bytes()).hexdigest()

    with pytest.raises(DatabaseProblem, match=says) as problem:
        House.at(named(path), init=init)

    assert str(path) in str(problem.value)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    if make is not half_of_ours:  # SQLite leaves its journals beside what it cannot read.
        assert [file.name for file in tmp_path.iterdir()] == ["house.db"]


@pytest.mark.parametrize("make", [somebody_elses, newer], ids=["another's", "newer"])
def test_a_file_that_cannot_be_used_is_not_kept_locked(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "house.db"
    make(path)
    store = SqliteStore(path, ())
    with pytest.raises(DatabaseProblem):
        store.init()
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("ROLLBACK")
    connection.close()
    store.close()


def test_a_record_of_the_first_schema_is_brought_to_todays(tmp_path: Path) -> None:
    path = tmp_path / "house.db"
    House.at(named(path)).close()
    connection = raw(path)
    connection.execute("DROP TABLE bookmark")
    connection.execute("DROP TABLE rebuilt")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    with pytest.raises(DatabaseProblem, match=r"older Onrecord \(schema 1.* Run: onrecord init"):
        House.at(named(path), init=False)
    House.at(named(path)).close()
    house = House.at(named(path), init=False)
    assert house.counts()["bookmark"] == 0
    house.close()


def test_a_database_that_is_missing_is_not_made_by_serving(tmp_path: Path) -> None:
    path = tmp_path / "house.db"
    with pytest.raises(DatabaseProblem, match=r"does not exist\. Run: onrecord init"):
        House.at(named(path), init=False)
    assert not path.exists()


def test_an_empty_file_is_no_record_yet(tmp_path: Path) -> None:
    path = tmp_path / "house.db"
    path.touch()
    with pytest.raises(DatabaseProblem, match=r"holds no record yet\. Run: onrecord init"):
        House.at(named(path), init=False)
    House.at(named(path)).close()


def test_a_directory_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblem, match="cannot be written here"):
        House.at(named(tmp_path))


def test_a_directory_that_is_a_file_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(DatabaseProblem, match="data"):
        House.at(named(tmp_path / "data" / "house.db"))


@pytest.fixture
def becoming_nobody() -> Iterator[Callable[[], None]]:
    """Root may write everywhere: call it to be somebody else until the test ends."""
    was = os.geteuid()
    yield lambda: os.seteuid(65534) if was == 0 else None
    os.seteuid(was)


@pytest.mark.parametrize("init", [True, False], ids=["init", "serve"])
def test_a_read_only_database_is_said_to_be_so(
    init: bool, becoming_nobody: Callable[[], None]
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "house.db")
        House.at(named(path)).close()
        before = path.read_bytes()
        path.chmod(0o444)
        path.parent.chmod(0o555)
        becoming_nobody()
        with pytest.raises(DatabaseProblem, match=r"house\.db cannot be written here"):
            House.at(named(path), init=init)
        assert path.read_bytes() == before
        os.seteuid(os.getuid())
        path.parent.chmod(0o755)
