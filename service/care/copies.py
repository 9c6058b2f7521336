"""A record's copy in one file, and a record from its copy.

A copy is made by SQLite's online backup while the house is serving: it holds one moment of the
record, acts and read model and house record (tokens as hashes) together. The secret key that
cursors are signed with is *not* in it: who finds a copy can sign nothing. After a restore beside
another key, a client's half-read list starts again from its first page; nothing else depends on it.

Rule for editors: a file gets its name only when it is whole and on the disk.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from service.care.shadow_sqlite import LEFT
from service.store.sqlite import LOCK_TIMEOUT_SECONDS, DatabaseProblem
from service.store.tables import APPLICATION_ID, SCHEMA_VERSION

PAGES = 1024
"""Pages copied between two signs of progress: 4 MiB."""

Progress = Callable[[str, int], None]
"""Told "pages", and how many were copied."""


def backup(database: Path, target: Path, *, force: bool, progress: Progress) -> int:
    """Copy a record to a file that is not there yet; return the copy's size in bytes.

    ``force`` replaces a file that is. Raises ``DatabaseProblem`` when the record or the file
    cannot be used; then there is no new file.
    """
    if _same_file(database, target):
        raise DatabaseProblem(f"{target} is the record itself.")
    if target.exists() and not force:
        raise DatabaseProblem(f"{target} is there already. Name another file, or add --force.")
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with _explained(target), _opened(database) as origin:
            with closing(sqlite3.connect(draft)) as copy:
                _copy(origin, copy, progress)
                copy.execute("PRAGMA journal_mode = DELETE")
                _leave_out(copy)
                _ensure_sound(copy, draft)
            _keep(draft, target)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return target.stat().st_size


def restore(copy: Path, database: Path, *, force: bool, progress: Progress) -> None:
    """Put a copy in a record's place, whole or not at all.

    Refuses a database that holds acts, tokens or settings unless ``force``; one of another
    program it never touches. Raises ``DatabaseProblem``, and then nothing has changed.
    """
    if _same_file(copy, database):
        raise DatabaseProblem(f"{copy} is the record itself.")
    with _explained(copy), _opened(copy) as origin:
        _ensure_sound(origin, copy)
        with _explained(database):
            database.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(database, timeout=LOCK_TIMEOUT_SECONDS)) as record:
                if not force:
                    _ensure_empty(record, database)
                elif _is_of_another_program(record):
                    raise DatabaseProblem(_another_programs(database))
                _copy(origin, record, progress)
                record.execute("PRAGMA journal_mode = WAL")
                record.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _copy(origin: sqlite3.Connection, target: sqlite3.Connection, progress: Progress) -> None:
    # An open transaction holds the moment that is copied; without one, SQLite starts again
    # whenever somebody writes.
    origin.execute("BEGIN")
    origin.execute("SELECT count(*) FROM sqlite_master").fetchone()
    origin.backup(
        target,
        pages=PAGES,
        progress=lambda _status, left, total: progress("pages", total - left),
        sleep=0,
    )
    origin.execute("ROLLBACK")


def _leave_out(copy: sqlite3.Connection) -> None:
    """Take out what a rebuild has or left there: it may say what was hidden since."""
    copy.execute("PRAGMA secure_delete = ON")
    for (name,) in copy.execute(LEFT).fetchall():
        copy.execute(f"DROP TABLE {name}")


def _ensure_sound(connection: sqlite3.Connection, path: Path) -> None:
    """Raise unless a database is a record, of this program's form or older, and undamaged."""
    application, version = _marks(connection)
    if application != APPLICATION_ID or version == 0:
        raise DatabaseProblem(f"{path} is no copy of a record.")
    if version > SCHEMA_VERSION:
        raise DatabaseProblem(
            f"{path} was written by a newer Onrecord (schema {version}; this program knows "
            f"{SCHEMA_VERSION}). Install that version or a later one."
        )
    said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        raise DatabaseProblem(f"{path} is damaged: {said}.")


def _ensure_empty(connection: sqlite3.Connection, path: Path) -> None:
    if _is_of_another_program(connection):
        raise DatabaseProblem(_another_programs(path))
    if _marks(connection)[1] == 0:
        return
    for table, what in (("stored_events", "acts"), ("house_acts", "acts of the house record")):
        count = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        if count:
            raise DatabaseProblem(
                f"{path} holds {count} {what}, which a restore would lose. "
                "Restore to another database, or add --force."
            )


def _is_of_another_program(connection: sqlite3.Connection) -> bool:
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return bool(_marks(connection)[0] != APPLICATION_ID and tables)


def _another_programs(path: Path) -> str:
    return f"{path} is a SQLite database of another program; it was left alone."


def _marks(connection: sqlite3.Connection) -> tuple[int, int]:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    return application, connection.execute("PRAGMA user_version").fetchone()[0]


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.exists():
        raise DatabaseProblem(f"{path} does not exist.")
    address = f"file:{quote(str(path))}?mode=rw"
    connection = sqlite3.connect(
        address, uri=True, timeout=LOCK_TIMEOUT_SECONDS, isolation_level=None
    )
    with closing(connection):
        yield connection


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        words = str(error)
        if "not a database" in words:
            raise DatabaseProblem(f"{path} is not a SQLite database; it was left alone.") from error
        if "locked" in words or "busy" in words:
            raise DatabaseProblem(
                f"{path} is in use by another process; stop the house first."
            ) from error
        raise DatabaseProblem(f"{path}: {words}.") from error
    except OSError as error:
        raise DatabaseProblem(f"{path}: {error.strerror or error}.") from error


def _keep(draft: Path, target: Path) -> None:
    """Give a whole file its name, so that it survives a power cut under it."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(target)
    directory = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _same_file(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)
