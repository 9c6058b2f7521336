"""PostgreSQL connections that speak ``Sql``: opened for one purpose, lent for one statement.

Rules for editors: a reading is repeated once when its connection broke or the server ended it to
undo a deadlock, because it changes nothing; a write is never repeated here. No message names a
password.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import errors, pq
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq.abc import PGresult
from psycopg.types.numeric import Int8BinaryDumper

from service.domain.refusals import Unavailable
from service.store import postgres_columns
from service.store.postgres_pipeline import Pipeline
from service.store.postgres_words import statement as translated
from service.store.sql import Question, Row, Told, Waiting

FAILURES: tuple[type[Exception], ...] = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.ReadOnlySqlTransaction,
    errors.IdleInTransactionSessionTimeout,
)
"""What goes wrong with the server or the way to it, whatever was asked."""

CONNECT_SECONDS = 5
"""How long each host of the address is tried, unless the address says otherwise."""

UNHEARD_MILLISECONDS = 20_000
"""A peer that acknowledges nothing for so long is gone (RFC 5482)."""

PREPARE_AFTER = 2
"""Runs of a statement on a connection before it is prepared; preparing costs a round trip."""

READERS = 16
"""Connections for reading in one process; with more threads than that, a statement waits."""

READER_WAIT_SECONDS = 5
"""How long a statement waits for a connection before it is refused."""

DEFAULTS: Mapping[str, Any] = {
    "application_name": "onrecord",
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": UNHEARD_MILLISECONDS,
}
"""What an address says nothing of."""

Cursor = psycopg.Cursor[Any]

ByColumns = tuple[str, Sequence[Callable[[Iterable[Any]], Any]]]
"""An INSERT that takes a column a parameter, and the sort of each column."""


class NamedRow(tuple[Any, ...]):
    """A row: columns by number, as of a tuple, and by name."""

    __slots__ = ()
    _numbers: Mapping[str, int]

    def __getitem__(self, column: Any) -> Any:
        if column.__class__ is str:
            column = self._numbers[column]
        return tuple.__getitem__(self, column)

    def keys(self) -> list[str]:
        """Return the columns' names."""
        return list(self._numbers)


_row_types: dict[tuple[bytes, ...], type[NamedRow]] = {}


def _row_maker(cursor: Any) -> Callable[[Sequence[Any]], NamedRow]:
    return _row_type(cursor.pgresult)


def _row_type(result: PGresult | None) -> type[NamedRow]:
    if result is None or not result.nfields:
        return NamedRow
    names = tuple([result.fname(number) or b"" for number in range(result.nfields)])
    made = _row_types.get(names)
    if made is None:
        # Of two columns of one name the first is meant, as in SQLite.
        numbers = {name.decode(): at for at, name in reversed([*enumerate(names)])}
        body = {"__slots__": (), "_numbers": dict(sorted(numbers.items(), key=lambda one: one[1]))}
        made = _row_types[names] = type("NamedRow", (NamedRow,), body)
    return made


def parameters(url: str, session: Mapping[str, Any], target: str) -> dict[str, Any]:
    """Return what psycopg connects with; ``session`` are the server's settings for it.

    ``target`` is libpq's ``target_session_attrs``: of several hosts the first such is taken.
    """
    given = conninfo_to_dict(url)
    settings = [f"-c {name}={value}" for name, value in session.items()]
    options = " ".join([str(given.pop("options", None) or ""), *settings]).strip()
    return {**DEFAULTS, **given, "options": options, "target_session_attrs": target}


def connect(url: str, session: Mapping[str, Any], target: str) -> psycopg.Connection[Any]:
    """Open a connection in autocommit; the arguments are those of ``parameters``."""
    connection: psycopg.Connection[Any] = psycopg.connect(
        autocommit=True,
        row_factory=_row_maker,
        prepare_threshold=PREPARE_AFTER,
        **parameters(url, session, target),
    )
    # One type for every number (columns are bigint, 0 and 1 for no and yes): a statement is
    # then prepared once, not once for each mixture of widths.
    connection.adapters.register_dumper(int, Int8BinaryDumper)
    connection.adapters.register_dumper(bool, Int8BinaryDumper)
    postgres_columns.register(connection)
    return connection


class PostgresSql:
    """``Sql`` over one connection; used by one thread at a time."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        # One cursor for all: making one costs half as much as a short statement.
        self.cursor = connection.cursor(binary=True)
        self._inserts: dict[str, ByColumns | None] = {}
        self._pipeline = Pipeline(connection)
        self._sends = False
        self.answers: Sequence[list[Row]] = ()

    def all(self, statement: str, params: Sequence[Any] = ()) -> list[Row]:
        """Return every row of a query."""
        answer = self._answer(statement, params)
        return self._pipeline.rows(answer, _row_type(answer))

    def one(self, statement: str, params: Sequence[Any] = ()) -> Row | None:
        """Return the first row of a query, or None."""
        return next(iter(self.all(statement, params)), None)

    def asks(self, questions: Sequence[Question]) -> list[list[Row]]:
        """Return every row of each of several queries, in one round trip."""
        if len(questions) == 1 and self._pipeline.is_idle:
            return [self.all(*questions[0])]
        return self.ahead(questions)()

    def ahead(self, questions: Sequence[Question]) -> Waiting:
        """Send several queries; return what waits for the rows of each.

        More may be sent before; the rows are waited for in the same order.
        """
        for statement, params in questions:
            self._pipeline.execute(translated(statement), params)
        taken = self._pipeline.ahead()

        def rows() -> list[list[Row]]:
            answers = taken()
            of_these = answers[len(answers) - len(questions) :]
            return [self._pipeline.rows(answer, _row_type(answer)) for answer in of_these]

        return rows

    def run(self, statement: str, params: Sequence[Any] = ()) -> int:
        """Run a statement; return how many rows it changed."""
        return self._answer(statement, params).command_tuples or 0

    def _answer(self, statement: str, params: Sequence[Any]) -> PGresult:
        """Return the answer to a statement, in a transaction after all that was sent before."""
        if not self._sends:
            return self._pipeline.ask(translated(statement), params)
        self._pipeline.execute(translated(statement), params)
        return self._pipeline.finish()[-1]

    def later(self, statement: str, params: Sequence[Any]) -> None:
        """Run a statement."""
        self.send().execute(translated(statement), params)

    def many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each row of parameters, in one round trip."""
        rows = list(rows)
        if len(rows) == 1:
            self.send().execute(translated(statement), rows[0])
            return
        by_columns = self._by_columns(statement) if len(rows) >= postgres_columns.ROWS else None
        if by_columns is None:
            for row in rows:
                self.later(statement, row)
            return
        words, sorts = by_columns
        columns = zip(sorts, zip(*rows, strict=True), strict=True)
        self.send().execute(words, [sort(values) for sort, values in columns])

    def send(self) -> Cursor | Pipeline:
        """Return what executes statements that answer nothing: in a transaction nobody waits.

        What fails comes out when the answers are waited for, at the commit at the latest.
        """
        return self._pipeline if self._sends else self.cursor

    def settle(self) -> None:
        """Return when all that was sent is done. Raises what the server has against it."""
        self._pipeline.finish()

    def begin(self, *words: str, questions: Sequence[Question] = ()) -> None:
        """Begin a transaction; its writes are sent without waiting (``postgres_pipeline``).

        ``words`` begin it, and ``questions`` are asked in it, all in one round trip.
        """
        for statement in words:
            self._pipeline.command(statement)
        self.answers = self.asks(questions)
        self._sends = True

    def commit(self) -> str:
        """Commit; return what the server calls it: ROLLBACK where a statement had failed."""
        self._pipeline.command("COMMIT")
        *_, done = self._pipeline.finish()
        self._sends = False
        return (done.command_status or b"").decode()

    def rollback(self) -> None:
        """Undo the transaction."""
        self._sends = False
        # What waits, were it only a COMMIT, must not go out now.
        self._pipeline.drop()
        # Not by psycopg, which then forgets what was prepared on the connection, ours included.
        self._pipeline.command("ROLLBACK")
        self._pipeline.finish()

    def _by_columns(self, statement: str) -> ByColumns | None:
        """Return a plain INSERT as one that takes a column a parameter; None for others."""
        if statement not in self._inserts:
            self._inserts[statement] = self._looked_up(statement)
        return self._inserts[statement]

    def _looked_up(self, statement: str) -> ByColumns | None:
        target = postgres_columns.target(statement)
        if target is None:
            return None
        table, names = target
        types = {row["name"]: row["type"] for row in self.all(postgres_columns.TYPES, (table,))}
        columns = [(name, types[name]) for name in names or types]
        sorts = [postgres_columns.COLUMNS[kind] for _, kind in columns]
        return translated(postgres_columns.insert(table, columns)), sorts

    @property
    def lost(self) -> bool:
        """Whether the connection is of no use any more: broken, or torn off amid an answer."""
        status = self.connection.pgconn.transaction_status
        return status in (pq.TransactionStatus.UNKNOWN, pq.TransactionStatus.ACTIVE)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


class Readings:
    """``Sql`` for reading, shared by all threads: each statement borrows a connection.

    Raises ``Unavailable`` when the server cannot be reached or is too slow.
    """

    def __init__(self, opened: Callable[[], PostgresSql], most: int = READERS) -> None:
        self._opened = opened
        self._room = threading.BoundedSemaphore(most)
        self._idle: deque[PostgresSql] = deque()
        self._closed = False

    def all(self, statement: str, params: Sequence[Any] = ()) -> list[Row]:
        """Return every row of a query."""
        return self.lent(lambda sql: sql.all(statement, params))

    def one(self, statement: str, params: Sequence[Any] = ()) -> Row | None:
        """Return the first row of a query, or None."""
        return self.lent(lambda sql: sql.one(statement, params))

    def asks(self, questions: Sequence[Question]) -> list[list[Row]]:
        """Return every row of each of several queries, in one round trip."""
        return self.lent(lambda sql: sql.asks(questions))

    def run(self, statement: str, params: Sequence[Any] = ()) -> int:
        """Run a statement that changes nothing; the server refuses others."""
        return self.lent(lambda sql: sql.run(statement, params))

    def later(self, statement: str, params: Sequence[Any]) -> None:
        """Run a statement that changes nothing."""
        self.run(statement, params)

    def many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement that changes nothing for each row of parameters."""
        for row in rows:
            self.run(statement, row)

    def close(self) -> None:
        """Close every connection; one that is lent is closed when it comes back."""
        self._closed = True
        self._forget_idle()

    def lent(self, work: Callable[[PostgresSql], Told]) -> Told:
        """Return what is made of readings over one connection; begun anew where one was lost."""
        if not self._room.acquire(timeout=READER_WAIT_SECONDS):
            raise Unavailable("Too many readings are waiting for the database.", retry_after=1)
        try:
            return self._tried(work)
        except FAILURES as error:
            raise Unavailable(explain(error), retry_after=1) from error
        finally:
            self._room.release()

    def _tried(self, work: Callable[[PostgresSql], Told]) -> Told:
        try:
            return self._once(work)
        except errors.DeadlockDetected:
            # A rebuild changes tables' places one after another, and a reading had some of them.
            return self._once(work)

    def _once(self, work: Callable[[PostgresSql], Told]) -> Told:
        try:
            sql = self._idle.pop()
        except IndexError:
            return self._with(self._opened(), work)
        try:
            return self._with(sql, work)
        except FAILURES as error:
            if not sql.lost or not is_gone(error):
                raise
        # The server was stopped or is gone: the others that wait idle broke with this one.
        self._forget_idle()
        return self._with(self._opened(), work)

    def _with(self, sql: PostgresSql, work: Callable[[PostgresSql], Told]) -> Told:
        try:
            return work(sql)
        finally:
            if self._closed or sql.lost:
                sql.close()
            else:
                self._idle.append(sql)

    def _forget_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()


class OwnReadings(Readings):
    """Readings over one connection that nobody else has: they may stand in one transaction.

    Nothing is repeated, for another connection would see another moment.
    """

    def __init__(self, sql: PostgresSql) -> None:
        super().__init__(lambda: sql, most=1)
        self._sql = sql

    def close(self) -> None:
        """Close the connection, and with it what was begun."""
        self._sql.close()

    def _tried(self, work: Callable[[PostgresSql], Told]) -> Told:
        return work(self._sql)


def is_gone(error: Exception) -> bool:
    """Whether the server or the way to it is gone, rather than that it refused something.

    It says so by no code, or by one of the classes 08 and 57P (PostgreSQL, appendix A).
    """
    code = getattr(error, "sqlstate", None)
    return code is None or code.startswith(("08", "57P"))


_SAYINGS: Sequence[tuple[type[Exception], str]] = (
    (errors.LockNotAvailable, "Another process is writing to the record."),
    (errors.DeadlockDetected, "Others at work on the same tables were let go first."),
    (errors.QueryCanceled, "The database took too long."),
    (errors.DiskFull, "The disk that holds the record is full."),
    (errors.ReadOnlySqlTransaction, "The database takes no writes here: it is read-only."),
    (errors.TooManyConnections, "The database has no connection left."),
)


def explain(error: Exception) -> str:
    """Return one sentence for a failure."""
    for kind, says in _SAYINGS:
        if isinstance(error, kind):
            return says
    words = str(error)
    if "read-only" in words:
        return "The database takes no writes here: it is read-only."
    # Hints, and the other hosts that were tried, follow on further lines.
    first = words.partition("\n")[0] or "no answer"
    return f"The database cannot be reached: {first}."
