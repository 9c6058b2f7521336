"""Processes that tell streams side by side, and the spools through which their rows come back.

The record is cut into portions of positions; a portion's streams are those that begin in it, with
all their later acts. Portions are dealt out to the tellers in turn, and come back in order.

A spool is a file without a name: it has the record's words, and whatever becomes of a rebuild,
nothing of it is left.

Rules for editors: a teller reads the acts and nothing else of the live record, and takes no lock.
"""

import gc
import marshal
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from service.care.streams import Logged, Row, Streams
from service.store import history
from service.store.sql import Sql

PORTION = 1024
"""Positions of one portion."""

LOOK_SECONDS = 0.01
"""How often it is seen whether a teller has told another portion."""

LATER = "assignment"
"""The table whose rows wait: their slots have their numbers when all is told."""


Slot = tuple[int, int, int, str]
"""A slot that a teller met: position and turn (``Met``), story, name."""


class Source(Protocol):
    """The live record as a teller reads it; goes to another process by pickling."""

    def opened(self) -> AbstractContextManager[Sql]:
        """Open a connection for reading."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What tellers tell: the acts up to ``head``, in portions of ``size`` positions."""

    source: Source
    head: int
    size: int
    tellers: int

    @property
    def portions(self) -> int:
        """How many portions there are."""
        return self.holding(self.head) + 1

    def holding(self, position: int) -> int:
        """Return the number of the portion in which a position is."""
        return (position - 1) // self.size

    def of(self, teller: int) -> range:
        """Return the numbers of a teller's portions."""
        return range(teller, self.portions, self.tellers)


@dataclass(frozen=True, slots=True)
class Portion:
    """The rows of a portion, all but those that wait (``LATER``), and how many acts it has."""

    number: int
    acts: int
    tables: dict[str, list[Row]]
    log: list[Logged]


class Spool:
    """One teller's rows, on their way back: written by it alone, read by who gathers them."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._later: list[int] = []

    def put(self, *parts: Any) -> None:
        """Write parts; each is read by itself."""
        for part in parts:
            said = marshal.dumps(part)
            self._file.write(len(said).to_bytes(8, "big"))
            self._file.write(said)
        self._file.flush()

    def told(self) -> Portion:
        """Read the next portion; its rows that wait are passed over."""
        found = Portion(*self._next())
        self._later.append(self._file.tell())
        self._file.seek(self._length(), os.SEEK_CUR)
        return found

    def met(self) -> list[Slot]:
        """Read the teller's slots, which come last."""
        met: list[Slot] = self._next()
        return met

    def later(self) -> Iterator[list[Row]]:
        """Read the rows that waited, a portion at a time."""
        for at in self._later:
            self._file.seek(at)
            yield self._next()

    def _next(self) -> Any:
        return marshal.loads(self._file.read(self._length()))

    def _length(self) -> int:
        return int.from_bytes(self._file.read(8), "big")


def tell(plan: Plan, number: int, spool: Spool, told: Callable[[], None]) -> None:
    """Tell a teller's portions into its spool, its slots at the end."""
    with plan.source.opened() as sql, _without_collecting():
        streams = Streams(sql)
        for portion in plan.of(number):
            above = portion * plan.size
            upto = min(above + plan.size, plan.head)
            for stream in history.begun(sql, above, upto, plan.head):
                streams.tell(stream)
            tables = dict(streams.rows.tables)
            later = tables.pop(LATER)
            spool.put((portion, len(tables["chronicle"]), tables, streams.rows.log), later)
            streams.clear()
            told()
        spool.put([(slot.position, slot.turn, slot.story, slot.name) for slot in streams.met])
        told()


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Acts and rows are in no circles; to look for some among them takes a third of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


class Tellers:
    """The tellers of a plan, each in a process of its own; ``alone``: one in this process."""

    def __init__(self, plan: Plan, directory: Path | None, *, alone: bool) -> None:
        self.plan = plan
        self._directory = directory
        self._alone = alone
        self._stack = ExitStack()
        self._spools: list[Spool] = []
        self._counts: list[Any] = []
        self._processes: list[Any] = []

    def __enter__(self) -> "Tellers":
        with ExitStack() as begun:
            begun.push(self)
            # Spawned, never forked: this process has connections and may have threads.
            context = multiprocessing.get_context("spawn")
            for number in range(self.plan.tellers):
                self._start(number, context)
            begun.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.join()
        self._stack.close()

    def portions(self) -> Iterator[Portion]:
        """Yield what is told, in the order of the record, as soon as it is there."""
        for portion in range(self.plan.portions):
            turn, number = divmod(portion, self.plan.tellers)
            self._wait(number, turn + 1)
            yield self._spools[number].told()

    def met(self) -> list[list[Slot]]:
        """Return each teller's slots."""
        for number in range(self.plan.tellers):
            self._wait(number, len(self.plan.of(number)) + 1)
        return [spool.met() for spool in self._spools]

    def later(self) -> Iterator[tuple[int, list[Row]]]:
        """Yield the rows that waited: whose they are, and a portion of them."""
        for number, spool in enumerate(self._spools):
            yield from ((number, rows) for rows in spool.later())

    def _start(self, number: int, context: Any) -> None:
        # Nobody else may read it, whatever the umask says; its name is gone before its first word.
        handle, name = tempfile.mkstemp(prefix=".onrecord-", dir=self._directory)
        self._stack.callback(Path(name).unlink, missing_ok=True)
        self._spools.append(Spool(self._stack.enter_context(os.fdopen(handle, "r+b"))))
        self._counts.append(context.Value("q", 0, lock=False))
        job = (self.plan, number, name, self._counts[number], os.getpid())
        if self._alone:
            _teller(*job)
            return
        self._processes.append(context.Process(target=_teller, args=job, daemon=True))
        self._processes[-1].start()

    def _wait(self, number: int, count: int) -> None:
        while self._counts[number].value < count:
            for process in self._processes:
                if process.exitcode:
                    said = f"A process of the rebuild ended with {process.exitcode}."
                    raise RuntimeError(said)
            time.sleep(LOOK_SECONDS)


def _teller(plan: Plan, number: int, name: str, count: Any, parent: int) -> None:
    def told() -> None:
        count.value += 1
        if os.getpid() != parent != os.getppid():
            # Who began the rebuild is gone, and nobody waits for this part of it.
            os._exit(1)

    with Path(name).open("wb") as file:
        Path(name).unlink()
        tell(plan, number, Spool(file), told)
