"""The SQLite store: one file, durable, the embedded default.

The library's recorder inserts and selects acts; the transaction around it is ours
(``BEGIN IMMEDIATE``), so that the acts, their content and every row of the read model are
stored together or not at all. ``synchronous`` stays FULL: an acknowledged act survives a
power cut.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote
from weakref import WeakSet

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteCursor, SQLiteDatastore

from service.domain.refusals import Unavailable
from service.store import envelope
from service.store.sql import DatabaseProblem as DatabaseProblem
from service.store.sql import Question, Row, Told, Waiting
from service.store.tables import APPLICATION_ID, MIGRATIONS, RECORD, SCHEMA_VERSION, TRIGGERS

LOCK_TIMEOUT_SECONDS = 5
"""How long a writer waits for another process's transaction before it answers 503."""

PRIMARY_CODE = 0xFF
"""Of an extended result code, what says the kind of error (sqlite.org/rescode.html)."""

LOOK_SECONDS = 0.0005
"""How often a writer that waits looks whether the lock is free: a commit takes a few of these."""

WAL_PAGES = 4000
"""Pages in the write-ahead log before the writer copies them into the database: 16 MB."""

CACHE_KIB = 16 * 1024
"""Page cache of the connection that writes."""

READER_CACHE_KIB = 8 * 1024
"""Page cache of a connection that reads: each thread has one, and twice as much is no faster."""


class SqliteSql:
    """``Sql`` over one SQLite connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.answers: Sequence[list[Row]] = ()

    def all(self, statement: str, params: Sequence[Any] = ()) -> list[Row]:
        """Return every row of a query."""
        return self.connection.execute(statement, params).fetchall()

    def one(self, statement: str, params: Sequence[Any] = ()) -> Row | None:
        """Return the first row of a query, or None."""
        return self.connection.execute(statement, params).fetchone()

    def asks(self, questions: Sequence[Question]) -> list[list[Row]]:
        """Return every row of each of several queries."""
        return [self.all(*question) for question in questions]

    def ahead(self, questions: Sequence[Question]) -> Waiting:
        """Return what runs several queries: nobody else would do it meanwhile."""
        return lambda: self.asks(questions)

    def lent(self, work: Callable[[Self], Told]) -> Told:
        """Return what is made of readings over this connection."""
        return work(self)

    def run(self, statement: str, params: Sequence[Any] = ()) -> int:
        """Run a statement; return how many rows it changed."""
        return self.connection.execute(statement, params).rowcount

    def later(self, statement: str, params: Sequence[Any]) -> None:
        """Run a statement."""
        self.connection.execute(statement, params)

    def settle(self) -> None:
        """Do nothing: each statement was done before the next."""

    def many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each row of parameters."""
        self.connection.executemany(statement, rows)


class _Reader(SqliteSql):
    """A thread's connection for reading; it is closed when its thread ends."""

    def __del__(self) -> None:
        self.connection.close()


class SqliteActRecorder(SQLiteApplicationRecorder):
    """The library's recorder on our tables: envelope and content apart, positions given."""

    def __init__(self, datastore: SQLiteDatastore) -> None:
        super().__init__(datastore, events_table_name="acts")
        self.insert_events_statement = (
            "INSERT INTO stored_events"
            ' (originator_id, originator_version, topic, state, "rowid") VALUES (?,?,?,?,?)'
        )
        self.insert_content_statement = "INSERT INTO content VALUES (?,?,?,?,?)"

    def construct_create_table_statements(self) -> list[str]:
        """Return no statements: the store's migrations make the tables."""
        return []

    def _insert_events(
        self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Insert acts at ``positions``, in the caller's transaction."""
        positions: Sequence[int] = kwargs["positions"]
        events, content = [], []
        for event, position in zip(stored_events, positions, strict=True):
            first, *rest = envelope.split(event.state)
            stream = event.originator_id
            stream = stream if isinstance(stream, str) else stream.hex
            events.append((stream, event.originator_version, event.topic, first, position))
            content.append((position, *rest))
        c.executemany(self.insert_events_statement, events)
        c.executemany(self.insert_content_statement, content)
        return positions


class SqliteStore:
    """The record in one SQLite file, shared by the threads and processes of one machine."""

    failures: tuple[type[Exception], ...] = (sqlite3.OperationalError,)

    def __init__(self, path: Path, tables: Sequence[str]) -> None:
        self.path = path
        self._steps = ((*RECORD, *TRIGGERS, *tables), *MIGRATIONS)
        self._local = threading.local()
        self._readers: WeakSet[_Reader] = WeakSet()
        self._opening = threading.Lock()
        self._writer: SqliteSql | None = None
        self.datastore = SQLiteDatastore(
            f"file:{quote(str(path))}", lock_timeout=LOCK_TIMEOUT_SECONDS, pool_size=2
        )
        self.acts = SqliteActRecorder(self.datastore)

    def init(self) -> None:
        """Create the tables, or migrate them; safe when several processes do it at once.

        Raises ``DatabaseProblem`` when the file is not ours, newer, or cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._connect()) as connection:
                if self._is_made(connection):
                    return
                connection.execute("BEGIN IMMEDIATE")
                version = self._version(connection)
                if version < SCHEMA_VERSION:
                    for statement in chain.from_iterable(self._steps[version:]):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                connection.execute("COMMIT")
                connection.execute("PRAGMA journal_mode = WAL")
        except DatabaseProblem:
            self.close()
            raise
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise DatabaseProblem(_explain(self.path, error)) from error

    def _is_made(self, connection: sqlite3.Connection) -> bool:
        """Tell whether there is nothing to do: a worker that starts must not wait for a writer."""
        return (
            self._version(connection) == SCHEMA_VERSION
            and connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
            and os.access(self.path, os.W_OK)
            and os.access(self.path.parent, os.W_OK)
        )

    def check(self) -> None:
        """Raise ``DatabaseProblem`` unless the file is ours and of this program's version."""
        if not self.path.exists():
            raise DatabaseProblem(f"{self.path} does not exist. Run: onrecord init")
        try:
            with closing(self._connect()) as connection:
                version = self._version(connection)
            if version == 0:
                raise DatabaseProblem(f"{self.path} holds no record yet. Run: onrecord init")
            if version < SCHEMA_VERSION:
                raise DatabaseProblem(
                    f"{self.path} was written by an older Onrecord (schema {version}; this program"
                    f" needs {SCHEMA_VERSION}). Run: onrecord init"
                )
        except DatabaseProblem:
            self.close()
            raise
        except sqlite3.Error as error:
            self.close()
            raise DatabaseProblem(_explain(self.path, error)) from error

    def _version(self, connection: sqlite3.Connection) -> int:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if application != APPLICATION_ID and (application or version or tables):
            raise DatabaseProblem(
                f"{self.path} is a SQLite database of another program; it was left alone."
            )
        if version > SCHEMA_VERSION:
            raise DatabaseProblem(
                f"{self.path} was written by a newer Onrecord (schema {version}; this program "
                f"knows {SCHEMA_VERSION}). Install that version or a later one."
            )
        return version

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=LOCK_TIMEOUT_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        connection.row_factory = sqlite3.Row
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    @contextmanager
    def writing(self, questions: Sequence[Question] = ()) -> Iterator[SqliteSql]:
        """Hold the append lock: one transaction, committed at the end, rolled back on error.

        ``questions`` are asked as soon as it is held; their rows are the connection's ``answers``.
        Callers in one process take turns (the recorder sees to it). Raises ``Unavailable``
        when another process holds the lock too long, or the disk is full or read-only.
        """
        if self._writer is None:
            self._writer = SqliteSql(self._connect())
            self._writer.run(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
            self._writer.run("PRAGMA busy_timeout = 0")
        sql = self._writer
        try:
            _begin(sql)
            try:
                sql.answers = sql.asks(questions)
                yield sql
                sql.run("COMMIT")
            finally:
                if sql.connection.in_transaction:
                    sql.run("ROLLBACK")
        except sqlite3.OperationalError as error:
            raise Unavailable(_explain(self.path, error), retry_after=1) from error

    def reading(self) -> SqliteSql:
        """Return this thread's connection for reading; it can change nothing."""
        sql: SqliteSql | None = getattr(self._local, "sql", None)
        if sql is None:
            connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
            connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB}")
            sql = self._local.sql = _Reader(connection)
            with self._opening:
                self._readers.add(sql)
        return sql

    @contextmanager
    def apart(self) -> Iterator[SqliteSql]:
        """Open a connection for reading that nobody else uses: for what must see one moment."""
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA query_only = ON")
            yield SqliteSql(connection)

    def open_readers(self) -> int:
        """Return how many threads have a connection for reading."""
        with self._opening:
            return len(self._readers)

    def insert(self, sql: SqliteSql, events: Sequence[StoredEvent], first: int) -> None:
        """Insert acts at positions from ``first`` on, in the caller's transaction."""
        cursor = SQLiteCursor(sql.connection.cursor())
        positions = range(first, first + len(events))
        self.acts._insert_events(cursor, events, positions=positions)

    def close(self) -> None:
        """Close every connection; the store cannot be used afterwards."""
        self.datastore.close()
        with self._opening:
            for reader in list(self._readers):
                reader.connection.close()
        if self._writer is not None:
            self._writer.connection.close()
        self._writer = None


def _begin(sql: SqliteSql) -> None:
    """Take the write lock, waiting for other processes: SQLite itself would look ever less often,
    and sleep long after the lock was free."""
    until = time.monotonic() + LOCK_TIMEOUT_SECONDS
    while True:
        try:
            sql.run("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            # Busy in any way: another writes, or puts the log right after one that was killed.
            busy = error.sqlite_errorcode & PRIMARY_CODE == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() >= until:
                raise
        time.sleep(LOOK_SECONDS)


def _explain(path: Path, error: Exception) -> str:
    words = str(error)
    if "readonly" in words or "Permission" in words or "unable to open" in words:
        return f"{path} cannot be written here ({words}). Nothing was stored."
    if "locked" in words or "busy" in words:
        return "Another process is writing to the record. Nothing was stored; try again."
    if "full" in words:
        return "The disk that holds the record is full. Nothing was stored."
    if "not a database" in words:
        return f"{path} is not a SQLite database; it was left alone."
    return f"{path}: {words}. Nothing was stored."
