"""The little SQL that every store speaks: question marks, tuples in, rows out.

Statements are written once, in the words that SQLite and PostgreSQL share; ``?`` stands for
every parameter and values never enter a statement's text.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

Row = Any
"""One row: columns by name (``row["position"]``) and by number."""

FOREVER = 9223372036854775807
"""Stands for "still so" in known-to columns: the largest 64-bit integer."""


Question = tuple[str, Sequence[Any]]
"""A query and its parameters."""


class DatabaseProblem(Exception):
    """The database cannot be used: not ours, newer than this program, or not writable."""


class Sql(Protocol):
    """A connection inside a transaction, or reading on its own."""

    def all(self, statement: str, params: Sequence[Any] = ()) -> list[Row]:
        """Return every row of a query."""

    def one(self, statement: str, params: Sequence[Any] = ()) -> Row | None:
        """Return the first row of a query, or None."""

    def asks(self, questions: Sequence[Question]) -> list[list[Row]]:
        """Return every row of each of several queries, asked together."""

    def run(self, statement: str, params: Sequence[Any] = ()) -> int:
        """Run a statement; return how many rows it changed."""

    def later(self, statement: str, params: Sequence[Any]) -> None:
        """Run a statement; inside the append it may wait for others like it (``batch``)."""

    def many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each row of parameters."""


Waiting = Callable[[], list[list[Row]]]
"""Waits for the rows of queries that were sent ahead, and returns those of each."""

Told = TypeVar("Told")


class Lent(Protocol):
    """One connection, lent for several questions one after another."""

    def ahead(self, questions: Sequence[Question]) -> Waiting:
        """Send queries without waiting, where there is a server to work on them meanwhile.

        More may be sent before their rows are waited for, which happens in the same order.
        """


class Reading(Sql, Protocol):
    """What reads; it can change nothing."""

    def lent(self, work: Callable[[Lent], Told]) -> Told:
        """Return what is made of readings over one connection.

        ``work`` may be begun anew with another one when the first is lost.
        """


class Writing(Sql, Protocol):
    """A connection inside a transaction that holds the append lock."""

    answers: Sequence[list[Row]]
    """The rows of each question that was asked as the lock was taken."""

    def settle(self) -> None:
        """Return when all that was sent is done. Raises what the database has against it."""


def padded(values: Sequence[Any]) -> list[Any]:
    """Return values with the last repeated, to one of a few lengths (1, 2, 4 …).

    For IN lists: a statement of few lengths is prepared once for each of them.
    """
    length = 1 << (len(values) - 1).bit_length()
    return [*values, *([values[-1]] * (length - len(values)) if values else [])]


def values(width: int, rows: int) -> str:
    """Return ``(?,?),(?,?)``: the VALUES of so many questions, of so many columns each."""
    return ",".join([f"({','.join('?' * width)})"] * rows)


def placeholders(values: Sequence[Any]) -> str:
    """Return ``?,?,?`` for an IN list of that length."""
    return ",".join("?" * len(values))
