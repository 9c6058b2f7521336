"""Is every row what the acts say it is?

First the record itself is read from its first act to its last (``chain``): then each story's rows
are derived from its acts by the plain fold (``plain``) and compared with those that readings are
answered from. It changes nothing, and may run while the house is serving: it looks at one moment.

Memory grows with the largest story, not with the record.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from service.care import plain
from service.care.chain import ENVELOPES, Chain
from service.care.faults import Fault
from service.domain.refusals import NotFound
from service.store import history
from service.store.sql import Row, Sql

ACTUAL: Mapping[str, str] = {
    "story": "SELECT * FROM story WHERE number = ?",
    "slot": "SELECT * FROM slot WHERE story = ?",
    "assignment": "SELECT s.name, a.* FROM slot s JOIN assignment a ON a.slot = s.number"
    " WHERE s.story = ?",
}
"""How a story's rows are read, where it is not by a column ``story``."""

UNCOMPARED: Mapping[str, frozenset[str]] = {
    "slot": frozenset({"number"}),
    "assignment": frozenset({"slot"}),
}
"""A slot's number is the database's own; its rows hang together by it, which ``ACTUAL`` tests."""

ON_SQLITE = "BEGIN"
ON_POSTGRESQL = "BEGIN ISOLATION LEVEL REPEATABLE READ"
"""What begins a reading of one moment."""

SHOWN_CHARACTERS = 80
"""Of a value that differs, so many characters are told."""

Progress = Callable[[str, int], None]
"""Told what is being looked at, and how many acts or stories of it are done."""


class Check:
    """One look at a record, or at some of its stories. Counts what it looked at as it goes.

    ``sql`` reads for this check alone; ``begin`` is what makes it see one moment throughout.
    """

    def __init__(
        self,
        sql: Sql,
        stories: Collection[str] | None = None,
        progress: Progress = lambda what, done: None,
        *,
        begin: str = ON_SQLITE,
    ) -> None:
        self._sql = sql
        self._begin = begin
        self._wanted = stories
        self._progress = progress
        self.acts = self.stories = self.rows = 0

    def faults(self) -> Iterator[Fault]:
        """Yield every fault. Raises ``NotFound`` for a story that the record does not have."""
        self._sql.run(self._begin)
        try:
            chain = Chain(self._wanted)
            for fault in chain.follow(history.stored(self._sql)):
                if fault is not None:
                    yield fault
                    continue
                self.acts += 1
                self._progress("acts", self.acts)
            wanted = list(chain.positions) if self._wanted is None else list(self._wanted)
            for story in wanted:
                if story not in chain.positions:
                    raise NotFound(f"There is no story {story!r}.")
                yield from self._story(story, chain.positions[story])
                self.stories += 1
                self._progress("stories", self.stories)
            if self._wanted is None:
                yield from self._nobodys({rows[0] for rows in chain.positions.values()})
        finally:
            self._sql.run("ROLLBACK")

    def _story(self, story: str, positions: list[int]) -> Iterator[Fault]:
        number = positions[0]
        try:
            expected = plain.tables_of(history.load(self._sql, positions))
        except Exception as error:  # what was tampered with may break the fold anywhere
            says = f"The story's acts cannot be read to the end ({type(error).__name__}: {error})."
            yield Fault(story, ENVELOPES, f"positions from {number}", says)
            return
        for table, rows in expected.items():
            self.rows += len(rows)
            for key, says in compared(rows, self._actual(table, number)):
                yield Fault(story, table, _named(table, key), says)

    def _actual(self, table: str, number: int) -> plain.Table:
        statement = ACTUAL.get(table, f"SELECT * FROM {table} WHERE story = ?")
        keys = plain.KEYS[table]
        hidden = UNCOMPARED.get(table, frozenset()) | {"story", *keys}
        found: plain.Table = {}
        for row in self._sql.all(statement, (number,)):
            columns = {name: row[name] for name in row.keys() if name not in hidden}  # noqa: SIM118
            found[tuple(row[name] for name in keys)] = columns
        return found

    def _nobodys(self, numbers: Collection[int]) -> Iterator[Fault]:
        """Rows that belong to no story, so that no story's comparison sees them."""
        for table in plain.KEYS:
            for row in self._strangers(table, numbers):
                yield Fault("", table, _listed(row), "The row belongs to no story.")

    def _strangers(self, table: str, numbers: Collection[int]) -> Iterator[Row]:
        if table == "assignment":
            where = "slot NOT IN (SELECT number FROM slot)"
            yield from self._sql.all(f"SELECT * FROM assignment WHERE {where}")
            return
        column = "number" if table == "story" else "story"
        for row in self._sql.all(f"SELECT DISTINCT {column} AS number FROM {table}"):
            if row["number"] not in numbers:
                statement = f"SELECT * FROM {table} WHERE {column} = ?"
                yield from self._sql.all(statement, (row["number"],))


def compared(expected: plain.Table, actual: plain.Table) -> Iterator[tuple[plain.Key, str]]:
    """Yield (key, what is wrong) of each row that is missing, too many, or says otherwise."""
    for key, columns in expected.items():
        found = actual.get(key)
        if found is None:
            yield key, "The row is missing."
            continue
        for name, value in columns.items():
            if name not in found or not _same(found[name], value):
                says = f"{name} is {_shown(found.get(name))} and should be {_shown(value)}."
                yield key, says
    for key in actual.keys() - expected.keys():
        yield key, "The row should not be there."


def _same(found: Any, value: Any) -> bool:
    return type(found) is type(value) and bool(found == value)


def _shown(value: Any) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else repr(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def _named(table: str, key: plain.Key) -> str:
    return ", ".join(f"{name} {part}" for name, part in zip(plain.KEYS[table], key, strict=True))


def _listed(row: Row) -> str:
    return ", ".join(f"{name} {_shown(row[name])}" for name in row.keys())  # noqa: SIM118
