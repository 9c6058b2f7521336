"""The PostgreSQL store: one record for many processes and hosts.

Tables, statements and meaning are those of the SQLite store (``postgres_words``). One writer at
a time holds an advisory lock from before it reads the head of the record until its commit is
visible, so positions have no gaps and no reader passes over one that is stored later.

**A lost acknowledgement.** When the connection breaks at COMMIT nobody can say whether the acts
were stored. The desk is answered ``Unavailable`` and told to repeat: a report with an
``external_id``, a request with an ``Idempotency-Key`` and an act based on a version are stored
once however often they are sent. Nothing is repeated on the desk's behalf.

The address is libpq's: with several hosts, writes go to the one that takes them. Settings of
each session travel with the connection's start, so a pooler in between must keep sessions.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from eventsourcing.persistence import StoredEvent
from psycopg.conninfo import conninfo_to_dict

from service.domain.refusals import Unavailable
from service.store.postgres_acts import ActsDatastore, PostgresActs
from service.store.postgres_sql import (
    FAILURES,
    OwnReadings,
    PostgresSql,
    Readings,
    connect,
    explain,
    parameters,
)
from service.store.postgres_words import (
    APPEND_LOCK,
    RELATIONS,
    VERSIONS,
    VERSIONS_TABLE,
    creation,
    statement,
    table,
)
from service.store.sql import DatabaseProblem, Question
from service.store.tables import MIGRATIONS

LOCK_TIMEOUT_SECONDS = 5
"""How long a writer waits for another process's transaction before it answers 503."""

INIT_LOCK_TIMEOUT_SECONDS = 60
"""How long ``init`` waits for another one, or for a writer in the middle of an archive."""

STATEMENT_TIMEOUT_SECONDS = 30
"""The longest that one statement may take, reading or writing."""

STALLED_SECONDS = 60
"""A writer that says nothing for so long in a transaction loses it, and with it the lock."""

READ_FROM, WRITE_TO = "primary", "read-write"
"""Which of several hosts: who was told that an act is stored must also find it."""

# Every statement is written for an index, and planned once on a connection, for any values:
# planning costs more than running. Left to itself the planner would sort a slot's whole history,
# or go on reading tables from end to end that were small when it looked.
PLANS = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_sort": "off",
    # Of a limit it knows nothing when it plans: it would read the whole of a table to join a page.
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    # Nor would it search a large table alone: to start others takes longer than a page does.
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
}
READING_SESSION = {
    **PLANS,
    "default_transaction_read_only": "on",
    "statement_timeout": f"{STATEMENT_TIMEOUT_SECONDS}s",
}
WRITING_SESSION = {
    **PLANS,
    "statement_timeout": f"{STATEMENT_TIMEOUT_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{STALLED_SECONDS}s",
}
INIT_SESSION = {"lock_timeout": f"{INIT_LOCK_TIMEOUT_SECONDS}s"}

BEGIN = ("BEGIN", f"SELECT {APPEND_LOCK}")

# A house that waits for more than its own disk (remote_apply) goes on doing so.
DURABLE = """SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') IN ('off', 'local')"""

IN_DOUBT = (
    "The connection to the database broke before it said whether this was stored. Send the same"
    " again: with an external_id or an Idempotency-Key it is stored once."
)


class PostgresStore:
    """The record in one schema of a PostgreSQL database: the first of the search path."""

    failures: tuple[type[Exception], ...] = FAILURES

    def __init__(
        self,
        url: str,
        tables: Sequence[str],
        migrations: Sequence[Sequence[str]] = MIGRATIONS,
    ) -> None:
        self.url = url
        self._steps = (
            (VERSIONS_TABLE, *creation(tables)),
            *(tuple(map(table, words)) for words in migrations),
        )
        self._turn = threading.Lock()
        self._writer: PostgresSql | None = None
        self._making_acts = threading.Lock()
        self._acts: PostgresActs | None = None
        self._readings = Readings(lambda: PostgresSql(self._connect_reader()))

    @property
    def name(self) -> str:
        """What the database is called in messages: host and name, nothing secret."""
        given = conninfo_to_dict(self.url)
        return f"{given.get('host') or 'localhost'}/{given.get('dbname') or given.get('user', '')}"

    # --- the schema ------------------------------------------------------------------------

    def init(self) -> None:
        """Create the tables, or migrate them; safe when several processes do it at once.

        All of it is one transaction: an ``init`` that is cut off leaves what was there. Raises
        ``DatabaseProblem`` when the database is not ours, newer, or cannot be written.
        """
        with self._explained(), connect(self.url, INIT_SESSION, WRITE_TO) as connection:
            if self._version(connection) == len(self._steps):
                return
            with connection.transaction():
                connection.execute(f"SELECT {APPEND_LOCK}")
                version = self._version(connection)
                for number, step in enumerate(self._steps[version:], version + 1):
                    for words in step:
                        connection.execute(words.encode())
                    connection.execute(f"INSERT INTO {VERSIONS} VALUES ({number})".encode())

    def check(self) -> None:
        """Raise ``DatabaseProblem`` unless the record is ours and of this program's version."""
        with self._explained(), connect(self.url, READING_SESSION, READ_FROM) as connection:
            version = self._version(connection)
        if version == 0:
            raise DatabaseProblem(f"{self.name} holds no record yet. Run: onrecord init")
        if version < len(self._steps):
            raise DatabaseProblem(
                f"{self.name} was written by an older Onrecord (schema {version}; this program"
                f" needs {len(self._steps)}). Run: onrecord init"
            )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except psycopg.errors.InsufficientPrivilege as error:
            raise DatabaseProblem(
                f"{self.name} cannot be written here ({error.diag.message_primary})."
            ) from error
        except psycopg.Error as error:
            raise DatabaseProblem(f"{self.name}: {explain(error)}") from error

    def _version(self, connection: psycopg.Connection[Any]) -> int:
        schema, encoding = connection.execute(
            "SELECT current_schema(), current_setting('server_encoding')"
        ).fetchone() or (None, "")
        if schema is None:
            raise DatabaseProblem(f"{self.name} has no schema of the name that the address gives.")
        if encoding != "UTF8":
            raise DatabaseProblem(
                f"{self.name} keeps text as {encoding}; the record needs a database in UTF8."
            )
        names = {row["name"] for row in connection.execute(RELATIONS)}
        if not names:
            return 0
        if VERSIONS not in names:
            raise DatabaseProblem(
                f"{self.name} holds tables of another program; it was left alone."
            )
        row = connection.execute(f"SELECT max(version) FROM {VERSIONS}".encode()).fetchone()
        version = int(row[0] or 0) if row else 0
        if version > len(self._steps):
            raise DatabaseProblem(
                f"{self.name} was written by a newer Onrecord (schema {version}; this program "
                f"knows {len(self._steps)}). Install that version or a later one."
            )
        return version

    # --- writing ---------------------------------------------------------------------------

    @contextmanager
    def writing(self, questions: Sequence[Question] = ()) -> Iterator[PostgresSql]:
        """Hold the append lock: one transaction, committed at the end, rolled back on error.

        ``questions`` are asked as soon as it is held; their rows are the connection's ``answers``.
        Callers in one process take turns. Raises ``Unavailable`` when another process holds the
        lock too long, when the server is gone or its disk full, and when the connection broke
        at COMMIT: then the acts may be stored (see this module's words).
        """
        with self._turn:
            sql = self._begun(questions)
            commits = False
            try:
                yield sql
                commits = True
                done = sql.commit()
            except BaseException as error:
                self._undo(sql)
                if commits and sql.lost:
                    raise Unavailable(IN_DOUBT, retry_after=1) from error
                if isinstance(error, FAILURES):
                    raise _unavailable(error) from error
                raise
            # The server answers ROLLBACK, and no error, when a statement before had failed.
            if done != "COMMIT":
                raise RuntimeError("A statement failed and was passed over; nothing was stored.")

    def _begun(self, questions: Sequence[Question]) -> PostgresSql:
        kept = self._writer
        if kept is not None:
            try:
                return self._locked(kept, questions)
            except FAILURES as error:
                if not kept.lost:
                    raise _unavailable(error) from error
        # There was no connection, or the server was stopped meanwhile: nothing was asked of it.
        try:
            self._writer = PostgresSql(self._connect_writer())
            return self._locked(self._writer, questions)
        except FAILURES as error:
            raise _unavailable(error) from error

    def _locked(self, sql: PostgresSql, questions: Sequence[Question]) -> PostgresSql:
        try:
            sql.begin(*BEGIN, questions=questions)
        except BaseException:
            self._undo(sql)
            raise
        return sql

    def _undo(self, sql: PostgresSql) -> None:
        """Leave no transaction open, or no connection: either ends it on the server."""
        try:
            sql.rollback()
        except psycopg.Error:
            sql.close()
        if sql.lost:
            sql.close()
            self._writer = None

    def insert(self, sql: Any, events: Sequence[StoredEvent], first: int) -> None:
        """Insert acts at positions from ``first`` on, in the caller's transaction."""
        self.acts.insert(sql.send(), events, range(first, first + len(events)))

    # --- reading ---------------------------------------------------------------------------

    def reading(self) -> Readings:
        """Return what reads; it can change nothing, and any thread may use it."""
        return self._readings

    @contextmanager
    def apart(self) -> Iterator[OwnReadings]:
        """Open a connection for reading that nobody else uses: for what must see one moment.

        Raises ``Unavailable`` when it cannot be had; so does each reading when it breaks.
        """
        try:
            connection = self._connect_reader()
        except FAILURES as error:
            raise Unavailable(explain(error), retry_after=1) from error
        with closing(OwnReadings(PostgresSql(connection))) as sql:
            yield sql

    @property
    def acts(self) -> PostgresActs:
        """The library's recorder; made when the server is there to say the schema's name."""
        with self._making_acts:
            if self._acts is None:
                row = self._readings.one("SELECT current_schema() AS name")
                assert row is not None
                reader = parameters(self.url, READING_SESSION, READ_FROM)
                self._acts = PostgresActs(ActsDatastore(reader, row["name"]))
            return self._acts

    def close(self) -> None:
        """Close every connection; the store cannot be used afterwards."""
        with self._turn:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
        self._readings.close()
        if self._acts is not None:
            self._acts.datastore.close()

    def _connect_reader(self) -> psycopg.Connection[Any]:
        return connect(self.url, READING_SESSION, READ_FROM)

    def _connect_writer(self) -> psycopg.Connection[Any]:
        session = {**WRITING_SESSION, "lock_timeout": f"{LOCK_TIMEOUT_SECONDS}s"}
        connection = connect(self.url, session, WRITE_TO)
        connection.execute(statement(DURABLE))
        return connection


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(f"{explain(error)} Nothing was stored; try again.", retry_after=1)
