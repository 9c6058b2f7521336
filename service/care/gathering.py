"""The shadow filled from what tellers tell, while they tell: each table in the order of its key."""

import marshal
import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from heapq import merge
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Protocol

from service import readmodel
from service.care.streams import COLUMNS, LOGGED, Logged, Row
from service.care.tellers import LATER, Slot, Tellers
from service.readmodel import chronicle
from service.readmodel.slots import depth

IN_MEMORY = 100_000
"""Rows that are put in order in memory; of more, what is in order waits in a file. Some 50 MB."""

BLOCK = 1000
"""Rows that are read from that file at once."""

AT_ONCE = 20_000
"""Rows that are given to the shadow at once: the next are made ready while a server takes some."""

Progress = Callable[[str, int], None]
"""Told what is done, and how many of it."""


class Filled(Protocol):
    """What is gathered into: a shadow."""

    @property
    def directory(self) -> Path | None:
        """Where rows wait that are too many for memory."""

    def load(self, rows: Mapping[str, Sequence[Row]]) -> None:
        """Write rows into tables, given by name."""

    def whole(self, *tables: str) -> None:
        """Take note that tables have all their rows."""


def gather(tellers: Tellers, shadow: Filled, told: Progress) -> None:
    """Fill the shadow."""
    acts, rows = 0, 0
    waiting: defaultdict[int, list[Row]] = defaultdict(list)
    log: list[Logged] = []
    counts = chronicle.Counts()
    for portion in tellers.portions():
        acts += portion.acts
        told("acts", acts)
        log += portion.log
        for row in portion.tables.pop("chronicle"):
            waiting[tellers.plan.holding(row[0])].append(row)
        # Whatever was recorded up to here was told by now, in this portion or one before.
        known = sorted(waiting.pop(portion.number, ()), key=itemgetter(0))
        entries = [counts.added(row) for row in known]
        shadow.load({"chronicle": entries, **portion.tables})
        rows += len(entries)
        told("rows", rows)
    shadow.whole(*(table for table in COLUMNS if table not in (*LOGGED, "slot", LATER)))
    shadow.load(_settled(log))
    slots, numbers = _numbered(tellers.met())
    shadow.load({"slot": slots})
    shadow.whole("slot", *LOGGED)
    with closing(Sorted(shadow.directory)) as later:
        for teller, part in tellers.later():
            number = numbers[teller]
            later.add([(number[row[0]], *row[1:]) for row in part])
        for ordered in later.portions():
            shadow.load({LATER: ordered})
            rows += len(ordered)
            told("rows", rows)
    shadow.whole(LATER)


def _settled(log: list[Logged]) -> dict[str, list[Row]]:
    """Return the rows that statements come to, in record order."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for words in readmodel.TABLES:
            if words.startswith(tuple(f"CREATE TABLE {table} " for table in LOGGED)):
                connection.execute(words)
        for _, statement, params in sorted(log, key=itemgetter(0)):
            connection.execute(statement, params)
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4").fetchall()
            for table in LOGGED
        }


def _numbered(met: Sequence[Sequence[Slot]]) -> tuple[list[Row], list[Sequence[int]]]:
    """Return the slots' rows, and each teller's slots' numbers: in the order of the record."""
    first: dict[tuple[int, str], tuple[int, int]] = {}
    for slots in met:
        for position, turn, story, name in slots:
            at = first.get((story, name))
            if at is None or position < at[0]:
                first[story, name] = position, turn
    rows: list[Row] = [
        (number, story, name, at[0], depth(name))
        for number, ((story, name), at) in enumerate(sorted(first.items(), key=itemgetter(1)), 1)
    ]
    known = {(story, name): number for number, story, name, *_ in rows}
    return rows, [array("q", (known[story, name] for *_, story, name in slots)) for slots in met]


class Sorted:
    """Rows in the order of their columns, however many there are."""

    def __init__(self, directory: Path | None) -> None:
        self._rows: list[tuple[Any, ...]] = []
        self._runs: list[list[int]] = []
        # It has no name: whatever becomes of a rebuild, nothing of it is left.
        self._file = TemporaryFile(prefix=".onrecord-", dir=directory)  # noqa: SIM115

    def add(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Take rows, in any order."""
        self._rows += rows
        if len(self._rows) > IN_MEMORY:
            self._rows.sort()
            self._runs.append(
                [self._put(self._rows[at : at + BLOCK]) for at in range(0, len(self._rows), BLOCK)]
            )
            self._rows.clear()

    def portions(self) -> Iterator[list[tuple[Any, ...]]]:
        """Yield all rows, in order."""
        self._rows.sort()
        if not self._runs:
            for at in range(0, len(self._rows), AT_ONCE):
                yield self._rows[at : at + AT_ONCE]
            return
        found: list[tuple[Any, ...]] = []
        for row in merge(self._rows, *map(self._run, self._runs)):
            found.append(row)
            if len(found) == AT_ONCE:
                yield found
                found = []
        yield found

    def close(self) -> None:
        """Forget all."""
        self._file.close()

    def _put(self, rows: list[tuple[Any, ...]]) -> int:
        at = self._file.tell()
        marshal.dump(rows, self._file)
        return at

    def _run(self, blocks: Iterable[int]) -> Iterator[tuple[Any, ...]]:
        for at in blocks:
            self._file.seek(at)
            yield from marshal.load(self._file)
