"""The rows of whole streams, made in memory by the code that writes a new act's rows.

A rebuild knows all acts, so it tells a development from its report to its last act at once: what a
later act ends is a row that was just made, and each row is written once, with its final values.
``Rows`` takes the very statements that the append sends, so that no rule is written twice.

What depends on other streams is left to who gathers the rows: the running counts of the chronicle,
the numbers of slots, and the tables of which a story's own acts and its developments' both write
rows (``LOGGED``), whose statements are kept in order.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, NoReturn, cast
from uuid import UUID

from service import ids, readmodel
from service.domain import acts, developments, stories
from service.domain.acts import Act
from service.domain.developments import Development
from service.ledger import Ledger, OpenStory
from service.readmodel import slots
from service.readmodel import stories as story_rows
from service.store import history
from service.store.batch import Batch
from service.store.sql import Sql

LOGGED = ("story", "cast_member", "mark")
"""Tables of few rows, whose statements are run again in record order."""

REMEMBERED_STORIES = 4096
"""Stories whose zone and scale a teller keeps."""

_TABLE = re.compile(r"CREATE TABLE (\w+) \(")
_COLUMN = re.compile(r"^\s+(\w+) (?:INTEGER|TEXT|BLOB)\b", re.MULTILINE)
_INSERT = re.compile(r"INSERT INTO (\w+) VALUES \(\?(?:,\?)*\)")
_CHANGE = re.compile(r"(?:UPDATE (\w+) SET (.+)|DELETE FROM (\w+)) WHERE (.+)")
_TERM = re.compile(r"(\w+) (=|<) (\?|NULL)")

COLUMNS: dict[str, tuple[str, ...]] = {
    found[1]: tuple(_COLUMN.findall(words))
    for words in readmodel.TABLES
    if (found := _TABLE.match(words))
}
"""The read model's tables with their columns, in order."""

Row = Sequence[Any]
Step = Callable[[Row], object]
"""What a statement does, given its parameters."""

Term = tuple[int, str, bool]
"""A column's number, an operator, and whether a parameter stands on the other side, or NULL."""

Logged = tuple[int, str, Row]
"""The position of the act, a statement on one of the tables ``LOGGED``, its parameters."""


class Rows:
    """Tables in memory that take INSERT, and UPDATE and DELETE of rows of the stream being told.

    Raises ``ValueError`` for a statement that it does not understand.
    """

    def __init__(self) -> None:
        self.at = 0
        self.log: list[Logged] = []
        self.tables: dict[str, list[Row]] = {name: [] for name in COLUMNS if name not in LOGGED}
        self._begins = dict.fromkeys(self.tables, 0)
        self._steps: dict[str, Step] = {}

    def begin(self) -> None:
        """Begin a stream: no statement changes the rows before."""
        for name, rows in self.tables.items():
            self._begins[name] = len(rows)

    def clear(self) -> None:
        """Forget all rows."""
        for rows in self.tables.values():
            rows.clear()
        self.log.clear()

    def later(self, statement: str, params: Row) -> None:
        """Run a statement."""
        step = self._steps.get(statement)
        if step is None:
            step = self._steps[statement] = self._understood(statement)
        step(params)

    run = later

    def _understood(self, statement: str) -> Step:
        if (found := _INSERT.fullmatch(statement)) and found[1] in self.tables:
            return self.tables[found[1]].append
        found = _CHANGE.fullmatch(statement)
        words = statement.split()
        if words[2] in LOGGED or words[1] in LOGGED:
            return lambda params: self.log.append((self.at, statement, tuple(params)))
        if found is None:
            raise ValueError(f"A rebuild does not understand {statement!r}.")
        table = found[1] or found[3]
        sets = _terms(table, found[2], ", ") if found[2] else None
        return self._changing(table, sets, _terms(table, found[4], " AND "))

    def _changing(self, table: str, sets: Sequence[Term] | None, wheres: Sequence[Term]) -> Step:
        rows, given = self.tables[table], sum(term[2] for term in sets or ())
        # What a row is known by comes first, so that most rows are passed after one look.
        terms = [
            (column, at, operator == "=") for at, (column, operator, _) in enumerate(wheres, given)
        ]

        def step(params: Row) -> None:
            for at in range(len(rows) - 1, self._begins[table] - 1, -1):
                row = rows[at]
                for column, value, equal in terms:
                    if equal:
                        if row[column] != params[value]:
                            break
                    elif row[column] >= params[value]:
                        break
                else:
                    if sets is None:
                        del rows[at]
                    else:
                        rows[at] = _changed(row, sets, params)

        return step


def _terms(table: str, words: str, between: str) -> list[Term]:
    terms = []
    for word in words.split(between):
        found = _TERM.fullmatch(word)
        if found is None:
            raise ValueError(f"A rebuild does not understand {word!r}.")
        terms.append((COLUMNS[table].index(found[1]), found[2], found[3] == "?"))
    return terms


def _changed(row: Row, sets: Sequence[Term], params: Row) -> Row:
    changed, values = list(row), iter(params)
    for column, _, given in sets:
        changed[column] = next(values) if given else None
    return changed


@dataclass(slots=True)
class Met:
    """A slot as one teller knows it: where the record first assigned it, so far.

    ``turn`` counts those that one act assigned first.
    """

    position: int
    turn: int
    story: int
    name: str


class Slots(slots.Slots):
    """A story's slots, numbered from 0 in the order in which a teller meets them."""

    def __init__(self, met: list[Met], turns: Iterator[int]) -> None:
        self._met = met
        self._turns = turns
        self._known: dict[str, int] = {}

    def number(self, sql: Any, story: int, name: str) -> int | None:
        """Return a slot's number; None when it was never assigned."""
        return self._known.get(name)

    def ensure(self, sql: Any, story: int, name: str, position: int) -> int:
        """Return a slot's number; a new slot gets one."""
        number = self._known.get(name)
        if number is None:
            number = self._known[name] = len(self._met)
            self._met.append(Met(position, next(self._turns), story, name))
        elif position < self._met[number].position:
            # Of a development that was told later, the act came earlier.
            self._met[number].position, self._met[number].turn = position, next(self._turns)
        return number


class _Nowhere:
    failures: tuple[type[Exception], ...] = ()

    def insert(self, sql: Any, events: Sequence[Any], first: int) -> NoReturn:
        """Refuse: what is told again is in the store."""
        raise AssertionError("a rebuild stores no acts")


NOWHERE = _Nowhere()
"""The store of a ledger whose acts are stored already."""


class Streams(Ledger):
    """A ledger that follows streams, each from its first act to its last.

    The rows are in ``rows``, the slots in ``met``; an assignment's slot is a number in it.
    """

    leads = False

    def __init__(self, reading: Sql) -> None:
        super().__init__(NOWHERE)
        self.rows = Rows()
        self.met: list[Met] = []
        self.sql = cast(Batch, self.rows)
        self._turns = count()
        self._reading = reading
        self._past: list[Development] = []

    def clear(self) -> None:
        """Forget the rows, which were taken."""
        self.rows.clear()
        self._touched.clear()
        if len(self._stories) > REMEMBERED_STORIES:
            self._stories.clear()

    def tell(self, stream: Sequence[Act]) -> None:
        """Make the rows of a stream's acts, in order from the first one."""
        if len(stream) > 1:  # Else nothing is changed.
            self.rows.begin()
        self._past.clear()
        state: Development | None = None
        for act in stream:
            self.rows.at = act.stamp.position
            opened = self._opened(act)
            # The chronicle's rows count their own act alone.
            opened.moment = None
            if isinstance(act, acts.DevelopmentAct):
                state = self._write(opened, act, state)
                assert state is not None
                self._past.append(state)
            else:
                self._write(opened, act, self._named(act))

    def history(self, development: str, story: str) -> list[Development]:
        """Return the stream's development at each of its versions so far."""
        return self._past

    def _opened(self, act: Act) -> OpenStory:
        found = self._stories.get(act.story)
        if isinstance(act, acts.StoryOpened):
            story_rows.open_story(self.sql, act)
        if found is None:
            first = act
            if not isinstance(act, acts.StoryOpened):
                first = history.first(self._reading, ids.story(act.story))
            assert isinstance(first, acts.StoryOpened), "a story begins with StoryOpened"
            found = self._stories[act.story] = OpenStory(
                row=story_rows.opened(first),
                # What a version's rows take of a story is set once.
                story=stories.evolve(None, first),
                moment=None,
                previous="",
                slots=Slots(self.met, self._turns),
            )
        return found

    def _named(self, act: Act) -> Development | None:
        """Return the development that an act of the story names, as it was then."""
        if not isinstance(act, acts.DevelopmentPinned):
            return None
        stream = history.stream(self._reading, UUID(act.development), act.stamp.position)
        return developments.fold(stream)[-1]
