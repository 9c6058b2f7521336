"""Is every row what the acts say it is?

First the record itself is read from its first act to its last (``chain``): then each story's rows
are derived from its acts by the plain fold (``plain``) and compared with those that readings are
answered from. It changes nothing, and may run while the house is serving: it looks at one moment.

Memory grows with the largest story, not with the record, and with what its rows are known by,
not with what they say.
"""

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

from service.care import plain
from service.care.chain import ENVELOPES, Chain
from service.care.faults import Fault
from service.care.plain import Ahead
from service.care.shadow import TABLES
from service.domain.refusals import NotFound, Unavailable
from service.store import history
from service.store.sql import FOREVER, Row, Sql

UNCOMPARED: Mapping[str, frozenset[str]] = {
    "slot": frozenset({"number"}),
    "assignment": frozenset({"slot"}),
}
"""A slot's number is the database's own; its answers are found by it, which tests it."""

PORTION = 512
"""A story's acts whose rows are read at once."""

EXPLAINED = 1000
"""Rows of a story of which is told column by column what is wrong."""

Wrong = dict[tuple[str, plain.Key], plain.Columns]
"""Rows that are not what the acts say, with the columns that they have."""

ON_SQLITE = ("BEGIN",)
ON_POSTGRESQL = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ",
    # Before the moment is fixed: a rebuild must not put tables there that were filled after it.
    f"LOCK TABLE {', '.join(TABLES)} IN ACCESS SHARE MODE",
)
"""What begins a reading of one moment."""

SHOWN_CHARACTERS = 80
"""Of a value that differs, so many characters are told."""

Progress = Callable[[str, int], None]
"""Told what is being looked at, and how many acts or stories of it are done."""


class Check:
    """One look at a record, or at some of its stories. Counts what it looked at as it goes.

    ``sql`` reads for this check alone, over one connection (the stores' ``apart``); ``begin`` is
    what makes it see one moment throughout.
    """

    def __init__(
        self,
        sql: Sql,
        stories: Collection[str] | None = None,
        progress: Progress = lambda what, done: None,
        *,
        begin: Sequence[str] = ON_SQLITE,
    ) -> None:
        self._sql = sql
        self._begin = begin
        self._wanted = stories
        self._progress = progress
        self.acts = self.stories = self.rows = 0

    def faults(self) -> Generator[Fault, None, None]:
        """Yield every fault.

        Raises ``NotFound`` for a story that the record does not have, ``Unavailable`` when the
        database cannot be read to the end: nothing is known then of what was not yet looked at.
        """
        for words in self._begin:
            self._sql.run(words)
        try:
            yield from self._found()
        finally:
            # A connection that broke has ended it; what is told is how it broke.
            with suppress(Unavailable):
                self._sql.run("ROLLBACK")

    def _found(self) -> Iterator[Fault]:
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
            yield from self._story(story, chain.positions[story], chain.ahead[story])
            self.stories += 1
            self._progress("stories", self.stories)
        if self._wanted is None:
            yield from self._nobodys({rows[0] for rows in chain.positions.values()})

    def _story(self, story: str, positions: list[int], ahead: Ahead) -> Iterator[Fault]:
        number = positions[0]
        try:
            expected = plain.tables_of(history.load(self._sql, positions), ahead)
        except Unavailable:
            raise
        except Exception as error:  # what was tampered with may break the fold anywhere
            says = f"The story's acts cannot be read to the end ({type(error).__name__}: {error})."
            yield Fault(story, ENVELOPES, f"positions from {number}", says)
            return
        wrong: Wrong = {}
        for table, rows in expected.items():
            self.rows += len(rows)
            actual = self._actual(table, number, positions)
            for key, says in compared(table, rows, actual, wrong):
                yield Fault(story, table, _named(table, key), says)
        if wrong:
            whole = plain.tables_of(history.load(self._sql, positions), ahead, wrong)
            for (table, key), found in wrong.items():
                for says in _differences(whole[table][key], found):
                    yield Fault(story, table, _named(table, key), says)

    def _actual(
        self, table: str, number: int, positions: list[int]
    ) -> Iterator[tuple[plain.Key, plain.Columns]]:
        """Yield (key, other columns) of a story's rows, in portions where they are many."""
        keys = plain.KEYS[table]
        hidden = UNCOMPARED.get(table, frozenset()) | {"story", *keys}
        for statement, params in _readings(table, number, positions, self._slots(number)):
            for row in self._sql.all(statement, params):
                columns = {name: row[name] for name in row.keys() if name not in hidden}  # noqa: SIM118
                yield tuple(row[name] for name in keys), columns

    def _slots(self, number: int) -> Iterator[int]:
        for row in self._sql.all("SELECT number FROM slot WHERE story = ?", (number,)):
            yield row["number"]

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


def _readings(
    table: str, number: int, positions: list[int], slots: Iterable[int]
) -> Iterator[tuple[str, Sequence[int]]]:
    """Yield the statements, with their parameters, that read all of a story's rows of a table."""
    match table:
        case "story":
            yield "SELECT * FROM story WHERE number = ?", (number,)
        case "assignment":
            statement = (
                "SELECT s.name, a.* FROM slot s JOIN assignment a ON a.slot = s.number"
                " WHERE s.story = ? AND s.number = ?"
            )
            yield from ((statement, (number, slot)) for slot in slots)
        case "chronicle" | "version":
            column = "position" if table == "chronicle" else "development"
            # From before the first to after the last number that there can be: nothing is passed.
            bounds = [-FOREVER, *positions[PORTION::PORTION], FOREVER]
            where = f"story = ? AND {column} > ? AND {column} <= ?"
            for low, high in pairwise(bounds):
                yield f"SELECT * FROM {table} WHERE {where}", (number, low, high)
        case _:
            yield f"SELECT * FROM {table} WHERE story = ?", (number,)


def compared(
    table: str,
    expected: plain.Table,
    actual: Iterable[tuple[plain.Key, plain.Columns]],
    wrong: Wrong,
) -> Iterator[tuple[plain.Key, str]]:
    """Yield (key, what is wrong) of each row that is missing or too many.

    Puts into ``wrong`` what is there and says otherwise, to be explained. Takes from ``expected``.
    """
    for key, columns in actual:
        row = expected.pop(key, None)
        if row is None:
            yield key, "The row should not be there."
            continue
        fixed = {name: said for name, said in columns.items() if name != "known_to"}
        if columns.get("known_to") == row.known_to and plain.digest(fixed) == row.said:
            continue
        if len(wrong) < EXPLAINED:
            wrong[table, key] = columns
        else:
            yield key, "The row is not what the acts say."
    for key in expected:
        yield key, "The row is missing."


def _differences(row: plain.Row, found: plain.Columns) -> Iterator[str]:
    assert isinstance(row.said, dict)
    known = {} if row.known_to is None else {"known_to": row.known_to}
    for name, value in {**row.said, **known}.items():
        if name not in found or not _same(found[name], value):
            yield f"{name} is {_shown(found.get(name))} and should be {_shown(value)}."


def _same(found: Any, value: Any) -> bool:
    return type(found) is type(value) and bool(found == value)


def _shown(value: Any) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else repr(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def _named(table: str, key: plain.Key) -> str:
    return ", ".join(f"{name} {part}" for name, part in zip(plain.KEYS[table], key, strict=True))


def _listed(row: Row) -> str:
    return ", ".join(f"{name} {_shown(row[name])}" for name in row.keys())  # noqa: SIM118
