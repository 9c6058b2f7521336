"""Many acts' rows written at once: each statement runs once for all its rows.

A commit's decisions add acts one after another; their inserts wait here and go to the database
together, right before the commit, or as soon as somebody reads what might be among them. A
decision that is refused takes its own rows back, and nobody else's.

Rules for editors: ``later`` is for statements whose rows do not depend on one another; who
touches a row that may be waiting flushes first. ``direct`` reads what is in the database only.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from eventsourcing.persistence import StoredEvent

from service.store import house
from service.store.house import Kept, Key
from service.store.sql import Question, Row, Writing


class ActStore(Protocol):
    """What a batch needs of a store; ``failures`` are what goes wrong with the store itself."""

    failures: tuple[type[Exception], ...]

    def insert(self, sql: Any, events: Sequence[StoredEvent], first: int) -> None:
        """Insert stored events at positions from ``first`` on."""


class OthersLost(Exception):
    """Rows of earlier decisions could not be written: the whole commit must go."""


class Batch:
    """``Sql`` inside the append: reading flushes first, writing may wait."""

    def __init__(self, direct: Writing, store: ActStore) -> None:
        self.direct = direct
        self.failures = store.failures
        self._insert = store.insert
        self._events: list[StoredEvent] = []
        self._first = 0
        self._rows: dict[str, list[Sequence[Any]]] = {}
        self._mark: tuple[int, dict[str, int]] | None = None
        self._marks = 0, 0
        self._saved = False
        self._ends: list[Callable[[], None]] = []
        self.told: dict[Any, Any] = {}
        """What decisions of this commit tell those after them; it is taken back with them."""
        self.receipts: dict[Key, Kept | None] = {}
        """What is kept under keys that were foreseen, None where nothing is."""

    # --- Sql -------------------------------------------------------------------------------

    def all(self, statement: str, params: Sequence[Any] = ()) -> list[Row]:
        """Return every row of a query, rows that were waiting included."""
        self.flush()
        return self.direct.all(statement, params)

    def one(self, statement: str, params: Sequence[Any] = ()) -> Row | None:
        """Return the first row of a query, rows that were waiting included."""
        self.flush()
        return self.direct.one(statement, params)

    def asks(self, questions: Sequence[Question]) -> list[list[Row]]:
        """Return every row of each of several queries, rows that were waiting included."""
        self.flush()
        return self.direct.asks(questions)

    def run(self, statement: str, params: Sequence[Any] = ()) -> int:
        """Run a statement now; return how many rows it changed."""
        self.flush()
        self._save()
        return self.direct.run(statement, params)

    def many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each row of parameters, later."""
        self._rows.setdefault(statement, []).extend(rows)

    def later(self, statement: str, params: Sequence[Any]) -> None:
        """Run a statement at the next flush."""
        self._rows.setdefault(statement, []).append(params)

    def waiting(self, statement: str) -> Sequence[Sequence[Any]]:
        """Return the rows that wait for a statement."""
        return self._rows.get(statement, ())

    def add(self, event: StoredEvent, position: int) -> None:
        """Insert an act at the next flush; positions rise one by one."""
        if not self._events:
            self._first = position
        self._events.append(event)

    def foresee(self, keys: Iterable[Key]) -> None:
        """Read at once the receipts that decisions to come will look for."""
        self.receipts = house.receipts(self.direct, list(dict.fromkeys(keys)))

    # --- a decision's own part -------------------------------------------------------------

    def begin_decision(self) -> None:
        """From here on ``undo`` takes back."""
        self._mark = (len(self._events), {name: len(rows) for name, rows in self._rows.items()})
        self._marks = len(self._ends), len(self.told)
        self._saved = False

    def end_decision(self) -> None:
        """Keep what the decision wrote."""
        if self._saved:
            self.direct.run("RELEASE SAVEPOINT decision")
        self._mark, self._saved = None, False

    def undo(self) -> None:
        """Take back all that was written since the decision began."""
        assert self._mark is not None
        ends, told = self._marks
        del self._ends[ends:]
        while len(self.told) > told:
            self.told.popitem()
        if self._saved:
            # What waited before the decision went in before the savepoint.
            self.direct.run("ROLLBACK TO SAVEPOINT decision")
            self.direct.run("RELEASE SAVEPOINT decision")
            self._events, self._rows = [], {}
        else:
            events, rows = self._mark
            del self._events[events:]
            self._rows = {name: self._rows[name][:count] for name, count in rows.items()}
        self._mark, self._saved = None, False

    def flush(self) -> None:
        """Write all that waits. Raises what the database has against it."""
        if not self._events and not self._rows:
            return
        if self._mark is not None and not self._saved:
            events, rows = self._mark
            try:
                self._write(events, rows)
                self.direct.settle()
            except self.failures:
                raise
            except Exception as error:
                # Not the fault of the decision that happens to read now, and not its loss alone.
                raise OthersLost(str(error)) from error
            self._save()
        self.finish()
        self.direct.settle()

    def at_end(self, do: Callable[[], None]) -> None:
        """Do something when every decision is made and written out, before the commit."""
        self._ends.append(do)

    def complete(self) -> None:
        """Do what was left for the end, and send all that waits."""
        if self._ends:
            self.flush()
        for do in self._ends:
            do()
        self._ends.clear()  # They hold this batch, in a circle.
        self.finish()

    def finish(self) -> None:
        """Send all that waits; what the database has against it may come out at the commit."""
        self._write(len(self._events), {name: len(part) for name, part in self._rows.items()})

    def _save(self) -> None:
        if self._mark is not None and not self._saved:
            self.direct.run("SAVEPOINT decision")
            self._saved = True

    def _write(self, events: int, rows: dict[str, int]) -> None:
        going, self._events = self._events[:events], self._events[events:]
        if going:
            self._insert(self.direct, going, self._first)
            self._first += len(going)
        # New rows before all: what ends a row finds it there, and spares the row that comes after.
        for statement, count in sorted(rows.items(), key=_changes):
            waiting = self._rows.pop(statement)
            if waiting[:count]:
                self.direct.many(statement, waiting[:count])
            if waiting[count:]:
                self._rows[statement] = waiting[count:]


def _changes(waiting: tuple[str, int]) -> bool:
    return not waiting[0].startswith("INSERT")
