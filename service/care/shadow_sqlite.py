"""A rebuild's tables on SQLite: scratch files beside the database, and a shadow in it.

A scratch is a file of its own whose main schema is an empty read model; the live file is attached
for the acts. Names without a schema are sought in the main one first, so every statement of the
read model means the scratch's tables, and no lock is held.

The shadow lies in the live file as ``shadow_…``. It is filled from the scratches in portions, each
a transaction of a few milliseconds. What was posted meanwhile is told in transactions in which
the tables have changed names: to everybody else, who sees only what is committed, nothing moves.
"""

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from urllib.parse import quote

from service import readmodel
from service.care.shadow import INDEXES, REBUILT, TABLES, Told, for_tellers
from service.care.telling import Scratch, pause
from service.domain.refusals import Unavailable
from service.store.sql import Sql, Writing
from service.store.sqlite import CACHE_KIB, SqliteSql, SqliteStore

NEW, OLD = "shadow_", "replaced_"
"""Before a table's name: one that is to be live, and one that was."""

ROWS = 4000
"""Rows that are copied or deleted in one transaction."""

BETWEEN_SECONDS = 0.002
"""How long desks have the append lock to themselves between two such transactions."""

UNSAFE = ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{CACHE_KIB}")
"""A scratch is quick and survives nothing."""

TRIES = 8
"""How often a transaction waits for the append lock before the rebuild gives up."""


@dataclass(frozen=True, slots=True)
class FileScratch:
    """A teller's tables: a file that nobody else opens, and whose loss is no loss."""

    live: Path
    file: Path

    @contextmanager
    def opened(self) -> Iterator[SqliteSql]:
        """Open a connection: the acts are the live ones, the read model's tables are its own."""
        # It must be there: the teller of a rebuild that was killed is not to make its file anew.
        address = f"file:{quote(str(self.file))}?mode=rw"
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            for setting in UNSAFE:
                connection.execute(f"PRAGMA {setting}")
            connection.execute("ATTACH ? AS live", (str(self.live),))
            yield SqliteSql(connection)

    @contextmanager
    def portion(self, sql: Writing) -> Iterator[None]:
        """Hold a transaction, and with it one view of the acts."""
        sql.run("BEGIN")
        yield
        sql.run("COMMIT")


class SqliteShadow:
    """One rebuild's tables on SQLite. Raises ``Unavailable`` when another rebuild is running."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._files: list[Path] = []
        self._lock = os.open(self._beside("lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise Unavailable("Another rebuild is running.", retry_after=60) from None
        try:
            self._prepare()
        except BaseException:
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
    def _held(self) -> Iterator[SqliteSql]:
        """Hold the append lock; where desks have it for long, try again."""
        with ExitStack() as stack:
            yield self._locked(stack)

    def _locked(self, stack: ExitStack) -> SqliteSql:
        for _ in range(TRIES - 1):
            with suppress(Unavailable):
                return stack.enter_context(self._store.writing())
        return stack.enter_context(self._store.writing())

    def scratches(self, count: int) -> Sequence[Scratch]:
        """Make empty scratches."""
        # Nobody's but this rebuild's: a teller may outlive one that was killed for a moment.
        own = secrets.token_hex(4)
        self._files = [self._beside(f"{own}-{number}.db") for number in range(count)]
        made = [FileScratch(self._store.path, file) for file in self._files]
        for file in self._files:
            # The record's words, so nobody else's to read, whatever the umask says.
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        for scratch in made:
            with scratch.opened() as sql:
                for words in for_tellers():
                    sql.run(words)
        return made

    # --- the shadow ------------------------------------------------------------------------

    def gather(self, told: Told) -> None:
        """Make the shadow from what the scratches hold; slots get their numbers of the record."""
        _number_slots(self._files)
        done = 0
        for file in self._files:
            with self._attached(file) as sql:
                for table in TABLES:
                    for count in self._copied(sql, table):
                        done += count
                        told("rows", done)
            file.unlink()
        self._files = []

    @contextmanager
    def _attached(self, file: Path) -> Iterator[SqliteSql]:
        """Attach a scratch to the connection that writes."""
        with self._held() as sql:
            pass  # A file is attached outside of every transaction.
        sql.run("ATTACH ? AS scratch", (str(file),))
        try:
            yield sql
        finally:
            sql.run("DETACH scratch")

    def _copied(self, sql: SqliteSql, table: str) -> Iterator[int]:
        """Copy a table in portions, in the order of its key; yield how many rows each has."""
        key, columns = _columns(sql, table)
        names, marks = ", ".join(key), _marks(len(key))
        of, within = f"FROM scratch.{table} t WHERE", "1 = 1"
        above: tuple[object, ...] = ()
        while True:
            # Found without the lock: nobody else writes into a scratch.
            upto = sql.one(
                f"SELECT {names} {of} {within} ORDER BY {names} LIMIT 1 OFFSET {ROWS - 1}", above
            )
            end = "" if upto is None else f" AND ({names}) <= ({marks})"
            with self._held():
                count = sql.run(
                    f"INSERT INTO {NEW}{table} SELECT {', '.join(columns)}"
                    f" {of} {within}{end} ORDER BY {names}",
                    (*above, *(upto or ())),
                )
            yield count
            if upto is None:
                return
            above, within = tuple(upto), f"({names}) > ({marks})"
            pause(BETWEEN_SECONDS)

    @contextmanager
    def portion(self) -> Iterator[SqliteSql]:
        """Hold a transaction in which the read model's tables are the shadow's."""
        with self._held() as sql:
            _rename(sql, ("", OLD), (NEW, ""))
            yield sql
            _rename(sql, ("", NEW), (OLD, ""))
        pause(BETWEEN_SECONDS)

    @contextmanager
    def swap(self) -> Iterator[SqliteSql]:
        """Hold the append lock and such a transaction; at its end the shadow is live."""
        with self._held() as sql:
            _rename(sql, ("", OLD), (NEW, ""))
            yield sql
            sql.run(REBUILT)

    # --- what is left ----------------------------------------------------------------------

    def clear(self) -> None:
        """Take away the tables that were live before, or the shadow that was not to be."""
        try:
            for file in self._files:
                file.unlink(missing_ok=True)
            with suppress(Unavailable):
                self._drop(OLD)
                self._drop(NEW)
        finally:
            os.close(self._lock)

    def _drop(self, prefix: str) -> None:
        """Drop tables a portion at a time: to drop a long one, or its index, takes seconds."""
        for table in TABLES:
            while self._deleted(f"{prefix}{table}") == ROWS:
                pause(BETWEEN_SECONDS)

    def _deleted(self, table: str) -> int:
        with self._held() as sql:
            columns = sql.all(f"SELECT name, pk FROM pragma_table_info('{table}')")
            if not columns:
                return 0
            key = ", ".join(f'"{row["name"]}"' for row in columns if row["pk"])
            count = sql.run(
                f"DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} LIMIT {ROWS})"
            )
            if count < ROWS:
                sql.run(f"DROP TABLE {table}")
        return count


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

NUMBERED = {("slot", "number"), ("assignment", "slot")}
"""Where slots' numbers are."""


def _columns(sql: SqliteSql, table: str) -> tuple[list[str], list[str]]:
    """Return a scratch's columns of the key, and all its columns with the record's numbers."""
    rows = sql.all("SELECT name, pk FROM pragma_table_info(?)", (table,))
    key = [f't."{row["name"]}"' for row in sorted(rows, key=lambda row: row["pk"]) if row["pk"]]
    shown = []
    for row in rows:
        name = f't."{row["name"]}"'
        if (table, row["name"]) in NUMBERED:
            name = f"(SELECT n.number FROM scratch.numbered n WHERE n.old = {name})"
        shown.append(name)
    return key, shown


def _marks(count: int) -> str:
    return ",".join("?" * count)


def _rename(sql: SqliteSql, *changes: tuple[str, str]) -> None:
    for before, after in changes:
        for table in TABLES:
            sql.run(f"ALTER TABLE {before}{table} RENAME TO {after}{table}")


def _number_slots(files: Sequence[Path]) -> None:
    """Give the scratches' slots the numbers that they have in the record, in order of acts."""
    slots: list[tuple[int, int, int]] = []
    for number, file in enumerate(files):
        with closing(sqlite3.connect(file)) as connection:
            rows = connection.execute("SELECT known_from, number FROM slot")
            slots += ((known_from, number, old) for known_from, old in rows)
    slots.sort()
    for number, file in enumerate(files):
        mine = ((old, new) for new, (_, of, old) in enumerate(slots, 1) if of == number)
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE numbered (old INTEGER PRIMARY KEY, number INTEGER)")
            connection.executemany("INSERT INTO numbered VALUES (?,?)", mine)
            connection.commit()
