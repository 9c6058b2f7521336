"""A rebuild's tables on SQLite: they lie in the live file, as ``shadow_…``.

They are filled in portions, each a transaction of a few milliseconds. What was posted meanwhile is
told in transactions in which the tables have changed names: to everybody else, who sees only what
is committed, nothing moves.
"""

import fcntl
import os
import sqlite3
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from glob import escape
from pathlib import Path

from service import readmodel
from service.care.shadow import INDEXES, REBUILT, TABLES
from service.care.streams import Row
from service.care.telling import pause
from service.domain.refusals import Unavailable
from service.store.sql import Sql
from service.store.sqlite import SqliteSql, SqliteStore

NEW, OLD = "shadow_", "replaced_"
"""Before a table's name: one that is to be live, and one that was."""

ROWS = 4000
"""Rows that are copied or deleted in one transaction."""

BETWEEN_SECONDS = 0.002
"""How long desks have the append lock to themselves between two such transactions, at least."""

TRIES = 8
"""How often a transaction waits for the append lock before the rebuild gives up."""


@dataclass(frozen=True, slots=True)
class FileSource:
    """The live record in its file."""

    path: Path

    @contextmanager
    def opened(self) -> Iterator[SqliteSql]:
        """Open a connection for reading."""
        with SqliteStore(self.path, ()).apart() as sql:
            yield sql


class _Quick(SqliteStore):
    """Commits that are not forced to the disk: the next one that is takes them along.

    What is lost in a crash is made again. Nobody else's commit is less durable for it: they lie
    before it in the same log.
    """

    def _connect(self) -> sqlite3.Connection:
        connection = super()._connect()
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection


class SqliteShadow:
    """One rebuild's tables on SQLite. Raises ``Unavailable`` when another rebuild is running."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._quick = _Quick(store.path, ())
        self._free_until = 0.0
        self._waiting: deque[tuple[str, Sequence[Row]]] = deque()
        self._lock = os.open(self._beside("lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise Unavailable("Another rebuild is running.", retry_after=60) from None
        try:
            self._prepare()
        except BaseException:
            self._quick.close()
            os.close(self._lock)
            raise

    def _beside(self, what: str) -> Path:
        return self._store.path.with_name(f"{self._store.path.name}-rebuild-{what}")

    @property
    def reading(self) -> Sql:
        """What reads the live record."""
        return self._store.reading()

    def _prepare(self) -> None:
        for left in self._store.path.parent.iterdir():
            if left.name.startswith(self._beside("").name) and left != self._beside("lock"):
                left.unlink(missing_ok=True)
        self._drop(OLD)
        self._drop(NEW)
        with self._held() as sql:
            for table in TABLES:
                made = next(words for words in readmodel.TABLES if f"TABLE {table} " in words)
                sql.run(made.replace(f"TABLE {table} ", f"TABLE {NEW}{table} ", 1))
            taken = {row["name"] for row in sql.all("SELECT name FROM sqlite_master")}
            for name, table, words in INDEXES:
                # An index cannot be renamed: the live one's name is free for the rebuild after.
                free = f"{name}_again" if name in taken else name
                sql.run(words.replace(f"{name} ON {table}", f"{free} ON {NEW}{table}", 1))

    @contextmanager
    def _held(self, *, durable: bool = False) -> Iterator[SqliteSql]:
        """Hold the append lock; where desks have it for long, try again.

        Since the last time desks had it to themselves for a moment, whatever was done meanwhile.
        """
        pause(self._free_until - time.monotonic())
        try:
            with ExitStack() as stack:
                yield self._locked(stack, self._store if durable else self._quick)
        finally:
            self._free_until = time.monotonic() + BETWEEN_SECONDS

    def _locked(self, stack: ExitStack, store: SqliteStore) -> SqliteSql:
        for _ in range(TRIES - 1):
            with suppress(Unavailable):
                return stack.enter_context(store.writing())
        return stack.enter_context(store.writing())

    @property
    def source(self) -> FileSource:
        """The live record, for tellers."""
        return FileSource(self._store.path)

    @property
    def directory(self) -> Path:
        """Where rows wait on their way: where there is room for the record."""
        return self._store.path.parent

    def load(self, rows: Mapping[str, Sequence[Row]]) -> None:
        """Write rows into the shadow's tables, given by name: some thousands a transaction.

        Fewer wait for more, or for their tables to be whole.
        """
        for table, all_of_it in rows.items():
            for at in range(0, len(all_of_it), ROWS):
                self._waiting.append((table, all_of_it[at : at + ROWS]))
        while sum(len(part) for _, part in self._waiting) >= ROWS:
            self._write()

    def _write(self) -> None:
        waiting = self._waiting
        with self._held() as sql:
            room = ROWS
            while waiting and (room == ROWS or len(waiting[0][1]) <= room):
                table, part = waiting.popleft()
                marks = ",".join("?" * len(part[0]))
                sql.many(f"INSERT INTO {NEW}{table} VALUES ({marks})", part)
                room -= len(part)

    def whole(self, *tables: str) -> None:
        """Write what waits; the indexes are made along with the rows."""
        while self._waiting:
            self._write()

    def finish(self) -> None:
        """Do nothing."""

    @contextmanager
    def portion(self) -> Iterator[SqliteSql]:
        """Hold a transaction in which the read model's tables are the shadow's."""
        with self._held() as sql:
            _rename(sql, ("", OLD), (NEW, ""))
            yield sql
            _rename(sql, ("", NEW), (OLD, ""))

    @contextmanager
    def swap(self) -> Iterator[SqliteSql]:
        """Hold the append lock and such a transaction; at its end the shadow is live."""
        with self._held(durable=True) as sql:
            _rename(sql, ("", OLD), (NEW, ""))
            yield sql
            sql.run(REBUILT)

    # --- what is left ----------------------------------------------------------------------

    def known(self) -> None:
        """Do nothing: of no table of the record is anything known."""

    def clear(self) -> None:
        """Take away the tables that were live before, or the shadow that was not to be."""
        try:
            with suppress(Unavailable):
                self._drop(OLD)
                self._drop(NEW)
        finally:
            self._quick.close()
            os.close(self._lock)

    def _drop(self, prefix: str) -> None:
        """Drop tables a portion at a time: to drop a long one, or its index, takes seconds."""
        for table in TABLES:
            name = f"{prefix}{table}"
            with self._held() as sql:
                made = sql.one("SELECT sql FROM sqlite_master WHERE name = ?", (name,))
                keys = sql.all(f"SELECT name FROM pragma_table_info('{name}') WHERE pk ORDER BY pk")
            if made is None:
                continue
            ordered = "WITHOUT ROWID" in made["sql"]
            key = ", ".join(row["name"] for row in keys) if ordered else "rowid"
            while self._deleted(name, key):
                pass
            # It is gone for good when the rebuild ends: it may have words that are to be hidden.
            with self._held(durable=True) as sql:
                sql.run(f"DROP TABLE {name}")

    def _deleted(self, table: str, key: str) -> bool:
        """Delete a table's first rows in the order in which they lie; False where few are left."""
        with self._held() as sql:
            last = sql.one(f"SELECT {key} FROM {table} ORDER BY {key} LIMIT 1 OFFSET {ROWS - 1}")
            if last is not None:
                marks = ",".join("?" * len(last))
                sql.run(f"DELETE FROM {table} WHERE ({key}) <= ({marks})", tuple(last))
        return last is not None


def left(store: SqliteStore) -> list[str]:
    """Return the tables and files that a rebuild left; none while a rebuild is running."""
    found = _there(store)
    if not found or _runs(store):
        return []
    # What one had that ended while this was looking is gone by now.
    return [name for name in _there(store) if name in found]


def _there(store: SqliteStore) -> list[str]:
    tables = [row["name"] for row in store.reading().all(LEFT)]
    files = store.path.parent.glob(f"{escape(store.path.name)}-rebuild-*")
    return tables + sorted(file.name for file in files if not file.name.endswith("-lock"))


def _runs(store: SqliteStore) -> bool:
    try:
        lock = os.open(store.path.with_name(f"{store.path.name}-rebuild-lock"), os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


LEFT = "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ({}) ORDER BY 1".format(
    ", ".join(f"'{prefix}{table}'" for prefix in (OLD, NEW) for table in TABLES)
)
"""The tables that a rebuild has beside the live ones."""


def _rename(sql: SqliteSql, *changes: tuple[str, str]) -> None:
    for before, after in changes:
        for table in TABLES:
            sql.run(f"ALTER TABLE {before}{table} RENAME TO {after}{table}")
