"""A rebuild's tables on PostgreSQL: schemas of their own before the live one in the search path.

Names without a schema are sought along the path, so every statement of the read model means the
scratch's or the shadow's tables, and the acts are the live ones. At the swap tables go from schema
to schema with their indexes; a statement that another session has prepared finds the new ones.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from psycopg import errors

from service import readmodel
from service.care.shadow import INDEXES, REBUILT, TABLES, Told, for_tellers
from service.care.telling import Scratch
from service.domain.refusals import Unavailable
from service.store.postgres import PLANS, WRITE_TO, PostgresStore
from service.store.postgres_sql import FAILURES, PostgresSql, connect, explain
from service.store.postgres_words import table as made
from service.store.sql import DatabaseProblem, Sql, Writing
from service.store.tables import APPLICATION_ID

ONE_AT_A_TIME = (
    f"SELECT pg_try_advisory_lock({APPLICATION_ID + 2}, hashtext(current_schema())) AS mine,"
    " current_schema() AS live, current_schema()::regnamespace::oid AS number"
)

SESSION = {"synchronous_commit": "off", "jit": "off"}
"""What is lost in a crash is made again; the swap's own commit is durable, and all before it."""

READERS_SECONDS = 2
"""How long the swap waits for readings that have begun; those that come after wait for it."""


@dataclass(frozen=True, slots=True)
class SchemaScratch:
    """A teller's tables: a schema that nobody else knows."""

    url: str
    schema: str
    live: str

    @contextmanager
    def opened(self) -> Iterator[PostgresSql]:
        """Open a connection: the acts are the live ones, the read model's tables are its own."""
        with closing(_connected(self.url, SESSION | PLANS, (self.schema, self.live))) as sql:
            yield sql

    @contextmanager
    def portion(self, sql: Writing) -> Iterator[None]:
        """Hold a transaction."""
        assert isinstance(sql, PostgresSql)
        with _transaction(sql):
            yield


class PostgresShadow:
    """One rebuild's tables on PostgreSQL.

    Raises ``Unavailable`` when another rebuild is running, ``DatabaseProblem`` when the role may
    not create schemas.
    """

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._sql = PostgresSql(connect(store.url, SESSION, WRITE_TO))
        self._scratches: list[SchemaScratch] = []
        row = self._sql.one(ONE_AT_A_TIME)
        assert row is not None
        if not row["mine"]:
            self._sql.close()
            raise Unavailable("Another rebuild is running.", retry_after=60)
        self._live: str = row["live"]
        self._named = f"onrecord_rebuild_{row['number']}"
        self._shadow, self._old = f"{self._named}_shadow", f"{self._named}_old"
        try:
            self._drop()
            self._create(self._old)
        except errors.InsufficientPrivilege as error:
            self._sql.close()
            raise DatabaseProblem(
                "A rebuild on PostgreSQL needs the right to create schemas in its database"
                f" ({error.diag.message_primary})."
            ) from error
        except BaseException:
            self._sql.close()
            raise

    @property
    def reading(self) -> Sql:
        """What reads the live record."""
        return self._store.reading()

    def scratches(self, count: int) -> Sequence[Scratch]:
        """Make empty scratches."""
        # One alone has the record's own numbers of slots: it is the shadow, and nothing is copied.
        names = [f"{self._named}_{number}" for number in range(count)]
        if count == 1:
            names = [self._shadow]
        self._scratches = [SchemaScratch(self._store.url, name, self._live) for name in names]
        for scratch in self._scratches:
            self._create(scratch.schema)
            with scratch.opened() as sql:
                for words in for_tellers():
                    sql.connection.execute(made(words).encode())
        return self._scratches

    # --- the shadow ------------------------------------------------------------------------

    def gather(self, told: Told) -> None:
        """Make the shadow from what the scratches hold; slots get their numbers of the record."""
        several = len(self._scratches) != 1
        if several:
            self._create(self._shadow)
        with closing(_connected(self._store.url, SESSION, (self._shadow, self._live))) as sql:
            if several:
                self._copy(sql, told)
            there = {row["name"] for row in sql.all(INDEXES_THERE, (self._shadow,))}
            for name, _, words in INDEXES:
                if name not in there:
                    sql.connection.execute(made(words).encode())
            for table in TABLES:
                sql.connection.execute(f"ANALYZE {_name(self._shadow)}.{table}".encode())

    def _copy(self, sql: PostgresSql, told: Told) -> None:
        schemas = [_name(scratch.schema) for scratch in self._scratches]
        slots = " UNION ALL ".join(
            f"SELECT {number} AS scratch, number AS old, known_from FROM {schema}.slot"
            for number, schema in enumerate(schemas)
        )
        sql.run(
            "CREATE TEMPORARY TABLE numbered AS SELECT scratch, old, row_number() OVER"
            f" (ORDER BY known_from, scratch, old) AS number FROM ({slots}) AS slots"
        )
        sql.run("ANALYZE numbered")
        done = 0
        for words in readmodel.TABLES:
            if words.startswith("CREATE TABLE"):
                sql.connection.execute(made(words).encode())
        for table in TABLES:
            for number, schema in enumerate(schemas):
                done += sql.run(_copying(table, number, schema))
                told("rows", done)

    @contextmanager
    def portion(self) -> Iterator[PostgresSql]:
        """Hold a transaction in which the read model's tables are the shadow's."""
        path = (self._shadow, self._live)
        with closing(_connected(self._store.url, SESSION | PLANS, path)) as sql, _transaction(sql):
            yield sql

    @contextmanager
    def swap(self) -> Iterator[PostgresSql]:
        """Hold the append lock and such a transaction; at its end the shadow is live."""
        live, shadow, old = map(_name, (self._live, self._shadow, self._old))
        with self._store.writing() as sql:
            sql.run(f"SET LOCAL search_path = {shadow}, {live}")
            yield sql
            sql.run(REBUILT)
            sql.run(f"SET LOCAL lock_timeout = '{READERS_SECONDS}s'")
            sql.run(f"LOCK TABLE {', '.join(f'{live}.{table}' for table in TABLES)}")
            for table in TABLES:
                sql.run(f"ALTER TABLE {live}.{table} SET SCHEMA {old}")
                sql.run(f"ALTER TABLE {shadow}.{table} SET SCHEMA {live}")

    # --- what is left ----------------------------------------------------------------------

    def clear(self) -> None:
        """Take away the tables that were live before, or the shadow that was not to be."""
        with closing(self._sql):
            self._drop()

    def _create(self, schema: str) -> None:
        self._sql.connection.execute(f"CREATE SCHEMA {_name(schema)}".encode())

    def _drop(self) -> None:
        for row in self._sql.all(LEFT, (f"{self._named}_",)):
            self._sql.connection.execute(f"DROP SCHEMA {_name(row['name'])} CASCADE".encode())


LEFT = "SELECT nspname AS name FROM pg_namespace WHERE starts_with(nspname::text, ?)"

INDEXES_THERE = "SELECT indexname AS name FROM pg_indexes WHERE schemaname = ?"


def _connected(url: str, session: dict[str, str], path: Sequence[str]) -> PostgresSql:
    sql = PostgresSql(connect(url, session, WRITE_TO))
    sql.connection.execute(f"SET search_path = {', '.join(map(_name, path))}".encode())
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


def _copying(table: str, number: int, schema: str) -> str:
    """Return what copies a table of a scratch into the shadow."""
    of = f"FROM {schema}.{table} t"
    numbered = f"JOIN numbered n ON n.scratch = {number} AND n.old ="
    if table == "slot":
        said = f"n.number, t.story, t.name, t.known_from {of} {numbered} t.number ORDER BY 1"
    elif table == "assignment":
        rest = "t.valid_from, t.occurred_latest, t.report, t.known_from, t.known_to, t.body"
        said = f"n.number, {rest} {of} {numbered} t.slot ORDER BY 1, 2, 3, 4, 5"
    else:
        said = f"t.* {of}"
    return f"INSERT INTO {table} SELECT {said}"


def _name(schema: str) -> str:
    """Return a schema's name as SQL."""
    return '"' + schema.replace('"', '""').replace("%", "%%") + '"'
