"""A rebuild's tables on PostgreSQL: a schema of their own, alone in the search path.

Names without a schema are sought along the path, so every statement of the read model means the
shadow's tables; the acts are the live ones, through views. At the swap tables go
from schema to schema with their indexes; a statement that another session has prepared finds the
new ones.

Rules for editors: the live schema is never in a path beside another, for a schema that is not
there any more is passed over without a word, and the live tables would be written. A schema's name
is never used twice, for who lost the lock may still be at work.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain

from psycopg import errors

from service import readmodel
from service.care import shadow_rights
from service.care.shadow import INDEXES, REBUILT, TABLES
from service.care.streams import Row
from service.domain.refusals import Unavailable
from service.store import postgres_columns
from service.store.postgres import PLANS, WRITE_TO, PostgresStore
from service.store.postgres_sql import FAILURES, PostgresSql, connect, explain
from service.store.postgres_words import table as made
from service.store.sql import DatabaseProblem, Sql
from service.store.tables import APPLICATION_ID

ONE_AT_A_TIME = (
    f"SELECT pg_try_advisory_lock({APPLICATION_ID + 2}, hashtext(current_schema())) AS mine,"
    " current_schema() AS live, current_schema()::regnamespace::oid AS number"
)

SESSION = {"synchronous_commit": "off", "jit": "off"}
"""What is lost in a crash is made again; the swap's own commit is durable, and all before it."""

KEYS = """SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', table_of, name, defined) AS made,
    format('ALTER TABLE %s DROP CONSTRAINT %I', table_of, name) AS dropped FROM (
        SELECT conrelid::regclass AS table_of, conname AS name, pg_get_constraintdef(oid) AS defined
        FROM pg_constraint WHERE conrelid = to_regclass(?) AND contype IN ('p', 'u')) AS key
    ORDER BY 1"""
"""What makes the keys of a table, and what takes them away: it is faster filled without them."""

READERS_SECONDS = 2
"""How long the swap waits for readings that have begun; those that come after wait for it."""


LIVE = ("stored_events", "content", "acts", "rebuilt")
"""What is read of the live record in the shadow's schema; ``rebuilt`` is also written."""

LOST = (
    "The rebuild's session with the database broke, and with it the lock that keeps another"
    " rebuild away. Nothing has changed: begin it again."
)


@dataclass(frozen=True, slots=True)
class ServerSource:
    """The live record on its server."""

    url: str

    @contextmanager
    def opened(self) -> Iterator[Sql]:
        """Open a connection for reading."""
        with PostgresStore(self.url, ()).apart() as sql:
            yield sql


class PostgresShadow:
    """One rebuild's tables on PostgreSQL.

    Raises ``Unavailable`` when another rebuild is running, ``DatabaseProblem`` when the role may
    not do what it takes, and when the session broke that holds the lock against other rebuilds.
    """

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._sql = PostgresSql(connect(store.url, SESSION, WRITE_TO))
        self._types: dict[str, list[str]] = {}
        self._keys: dict[str, list[str]] = {}
        self._making = ThreadPoolExecutor(1)
        self._made: list[Future[None]] = []
        self._makes: PostgresSql | None = None
        self._ends = False
        row = self._sql.one(ONE_AT_A_TIME)
        assert row is not None
        if not row["mine"]:
            self._sql.close()
            raise Unavailable("Another rebuild is running.", retry_after=60)
        self._live: str = row["live"]
        self._all = f"onrecord_rebuild_{row['number']}_"
        self._named = f"{self._all}{secrets.token_hex(4)}"
        self._shadow, self._old = f"{self._named}_shadow", f"{self._named}_old"
        try:
            self._prepare()
        except BaseException:
            self._sql.close()
            raise

    def _prepare(self) -> None:
        shadow_rights.ensure(self._sql, self._live)
        try:
            self._drop(self._all)
            self._create(self._old)
            self._create_beside(self._shadow)
            with closing(_connected(self._store.url, SESSION, self._shadow)) as sql:
                for words in readmodel.TABLES:
                    if words.startswith("CREATE TABLE"):
                        sql.connection.execute(made(words).encode())
                for table in TABLES:
                    types = sql.all(postgres_columns.TYPES, (table,))
                    self._types[table] = [row["type"] for row in types]
                    keys = sql.all(KEYS, (table,))
                    self._keys[table] = [row["made"] for row in keys]
                    for row in keys:
                        sql.run(row["dropped"])
        except errors.InsufficientPrivilege as error:
            raise DatabaseProblem(
                "A rebuild on PostgreSQL needs the right to create schemas in its database"
                f" ({error.diag.message_primary})."
            ) from error

    def _ensure_alone(self) -> None:
        """Raise unless the session lives that holds the lock: who lost it must not go on."""
        try:
            self._sql.one("SELECT 1")
        except FAILURES as error:
            raise DatabaseProblem(LOST) from error

    @property
    def reading(self) -> Sql:
        """What reads the live record."""
        return self._store.reading()

    @property
    def source(self) -> ServerSource:
        """The live record, for tellers."""
        return ServerSource(self._store.url)

    @property
    def directory(self) -> None:
        """Rows wait where temporary files are."""
        return None

    # --- the shadow ------------------------------------------------------------------------

    def load(self, rows: Mapping[str, Sequence[Row]]) -> None:
        """Write rows into the shadow's tables, given by name."""
        self._ensure_alone()
        for table, all_of_it in rows.items():
            words = f"COPY {_name(self._shadow)}.{table} FROM STDIN (FORMAT BINARY)"
            with self._sql.connection.cursor().copy(words.encode()) as copy:
                copy.set_types(self._types[table])
                for row in all_of_it:
                    copy.write_row(row)

    def whole(self, *tables: str) -> None:
        """Make the keys and indexes of tables that have all their rows, while others get theirs."""
        words = [*chain.from_iterable(self._keys[table] for table in tables)]
        words += [made(words) for _, table, words in INDEXES if table in tables]
        self._made.append(self._making.submit(self._make, words))

    def _make(self, words: Sequence[str]) -> None:
        with closing(_connected(self._store.url, SESSION, self._shadow)) as sql:
            self._makes = sql
            for statement in words:
                if not self._ends:
                    sql.connection.execute(statement.encode())

    def finish(self) -> None:
        """Return when all keys and indexes are made."""
        for one in self._made:
            one.result()
        self._ensure_alone()

    @contextmanager
    def portion(self) -> Iterator[PostgresSql]:
        """Hold a transaction in which the read model's tables are the shadow's."""
        self._ensure_alone()
        with (
            closing(_connected(self._store.url, SESSION | PLANS, self._shadow)) as sql,
            _transaction(sql),
        ):
            yield sql

    @contextmanager
    def swap(self) -> Iterator[PostgresSql]:
        """Hold the append lock and such a transaction; at its end the shadow is live."""
        try:
            with self._store.writing() as sql:
                self._ensure_alone()
                sql.run(f"SET LOCAL search_path = {_name(self._shadow)}")
                yield sql
                sql.run(REBUILT)
                shadow_rights.copy(sql, self._live, self._shadow)
                self._change_places(sql)
        except errors.InsufficientPrivilege as error:
            raise DatabaseProblem(
                "The new tables cannot take the live ones' place"
                f" ({error.diag.message_primary}). Nothing has changed."
            ) from error

    def _change_places(self, sql: PostgresSql) -> None:
        live, shadow, old = map(_name, (self._live, self._shadow, self._old))
        sql.run(f"SET LOCAL lock_timeout = '{READERS_SECONDS}s'")
        sql.run(f"LOCK TABLE {', '.join(f'{live}.{table}' for table in TABLES)}")
        for table in TABLES:
            sql.run(f"ALTER TABLE {live}.{table} SET SCHEMA {old}")
            sql.run(f"ALTER TABLE {shadow}.{table} SET SCHEMA {live}")

    # --- what is left ----------------------------------------------------------------------

    def known(self) -> None:
        """Let the planner know the tables. Plans do not depend on it, so nobody waits for it."""
        # What it cannot look at now, the server looks at when it does so by itself.
        with suppress(*FAILURES):
            for table in TABLES:
                self._sql.connection.execute(f"ANALYZE {_name(self._live)}.{table}".encode())

    def clear(self) -> None:
        """Take away the tables that were live before, or the shadow that was not to be."""
        self._ends = True
        if self._makes is not None:
            # An index of a great table takes minutes, and nobody wants it any more.
            self._makes.connection.cancel()
        self._making.shutdown()
        # What cannot be dropped now, the next rebuild drops.
        with closing(self._sql), suppress(*FAILURES):
            self._drop(self._named)
            # The server hears of a close later; who begins another at once is let in.
            self._sql.one("SELECT pg_advisory_unlock_all()")

    def _create(self, schema: str) -> None:
        self._sql.connection.execute(f"CREATE SCHEMA {_name(schema)}".encode())

    def _create_beside(self, schema: str) -> None:
        """Create a schema from which the live record can be read without its name."""
        self._create(schema)
        for name in LIVE:
            words = (
                f"CREATE VIEW {_name(schema)}.{name} AS SELECT * FROM {_name(self._live)}.{name}"
            )
            self._sql.connection.execute(words.encode())

    def _drop(self, prefix: str) -> None:
        for row in self._sql.all(LEFT, (prefix,)):
            self._sql.connection.execute(f"DROP SCHEMA {_name(row['name'])} CASCADE".encode())


def left(sql: Sql) -> list[str]:
    """Return the schemas that a rebuild left; none while a rebuild is running."""
    row = sql.one("SELECT current_schema()::regnamespace::oid AS number")
    assert row is not None
    named = (f"onrecord_rebuild_{row['number']}_",)
    found = {row["name"] for row in sql.all(LEFT, named)}
    if not found or sql.one(RUNS) is not None:
        return []
    # What one had that ended while this was looking is gone by now.
    return [row["name"] for row in sql.all(LEFT, named) if row["name"] in found]


RUNS = f"""SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid::bigint = {APPLICATION_ID + 2}
    AND objid::bigint = hashtext(current_schema())::bigint & 4294967295"""
"""Whether a session holds the lock of ``ONE_AT_A_TIME``."""

LEFT = "SELECT nspname AS name FROM pg_namespace WHERE starts_with(nspname::text, ?) ORDER BY 1"


def _connected(url: str, session: dict[str, str], schema: str) -> PostgresSql:
    sql = PostgresSql(connect(url, session, WRITE_TO))
    sql.connection.execute(f"SET search_path = {_name(schema)}".encode())
    return sql


@contextmanager
def _transaction(sql: PostgresSql) -> Iterator[None]:
    try:
        sql.begin("BEGIN")
        yield
        done = sql.commit()
    except FAILURES as error:
        raise Unavailable(f"{explain(error)} Nothing has changed.", retry_after=1) from error
    # The server answers ROLLBACK, and no error, when a statement before had failed.
    if done != "COMMIT":
        raise RuntimeError("A statement failed and was passed over.")


def _name(schema: str) -> str:
    """Return a schema's name as SQL."""
    return '"' + schema.replace('"', '""') + '"'
