"""Processes that tell streams side by side, and the spools through which their rows come back.

The record is cut into portions of positions; a portion's streams are those that begin in it, with
all their later acts. Each teller takes the next one that nobody has, and they come back in order.
Who gathers them is a teller too, while nothing is there to be gathered.

A spool is a file without a name: it has the record's words, and whatever becomes of a rebuild,
nothing of it is left.

Rules for editors: a teller reads the acts and nothing else of the live record, and takes no lock.
"""

import gc
import marshal
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Protocol

from service.care.streams import Logged, Row, Streams
from service.store import history
from service.store.sql import Sql

PORTION = 1024
"""Positions of one portion."""

LOOK_SECONDS = 0.01
"""How often it is seen whether a teller has told another portion."""

LENGTH = 8
"""Bytes of a number: before a part in a spool its length, and whose portion begins with it."""

NONE = 2**63
"""The number of no portion."""

PLAIN = 2
"""The version of ``marshal`` that looks for no value twice: rows share little, and it is faster."""

LATER = "assignment"
"""The table whose rows wait: their slots have their numbers when all is told."""

Told = Generator[None, None, None]
"""A teller at work: it stops after each portion."""

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

    @classmethod
    def of_record(cls, source: Source, head: int, processes: int) -> "Plan":
        """Return the plan of a record; no teller has nothing to tell."""
        return cls(source, head, PORTION, max(1, min(processes, -(-head // PORTION))))

    @property
    def portions(self) -> int:
        """How many portions there are."""
        return self.holding(self.head) + 1

    def holding(self, position: int) -> int:
        """Return the number of the portion in which a position is."""
        return (position - 1) // self.size


@dataclass(frozen=True, slots=True)
class Portion:
    """The rows of a portion, all but those that wait (``LATER``), and how many acts it has."""

    number: int
    acts: int
    tables: dict[str, list[Row]]
    log: list[Logged]


class Spool:
    """One teller's rows on their way back: it writes, and who gathers them reads what is whole."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._at = 0
        self._later: list[int] = []

    def put(self, part: Any, number: int = NONE) -> None:
        """Write a part, of the portion of that number; it is read by itself."""
        said = number.to_bytes(LENGTH, "big") + marshal.dumps(part, PLAIN)
        # Its length last: who sees that finds the whole part.
        _write(self._handle, said, self._at + LENGTH)
        _write(self._handle, len(said).to_bytes(LENGTH, "big"), self._at)
        self._at += LENGTH + len(said)

    def ready(self) -> bool:
        """Tell whether the next part is whole."""
        return self._number(self._at) > 0

    def number(self) -> int:
        """Return which portion the next part begins; ``NONE`` for none, or none that is whole."""
        return self._number(self._at + LENGTH) if self.ready() else NONE

    def portion(self) -> Portion:
        """Read the next portion, without its rows that wait."""
        return Portion(*self.next())

    def wait(self) -> None:
        """Pass over the next part, to be read later."""
        self._later.append(self._at)
        self._at += LENGTH + self._number(self._at)

    def later(self) -> Iterator[list[Row]]:
        """Read the parts that were passed over."""
        for at in self._later:
            self._at = at
            yield self.next()

    def next(self) -> Any:
        """Read the next part."""
        length = self._number(self._at)
        said = os.pread(self._handle, length, self._at + LENGTH)
        self._at += LENGTH + length
        return marshal.loads(memoryview(said)[LENGTH:])

    def _number(self, at: int) -> int:
        # A length is written after its part: before, zeros or nothing are there.
        return int.from_bytes(os.pread(self._handle, LENGTH, at), "big")


def _write(handle: int, words: bytes, at: int) -> None:
    while words:
        done = os.pwrite(handle, words, at)
        words, at = words[done:], at + done


class Queue:
    """The numbers of the portions that nobody tells yet: a file whose place all tellers share."""

    def __init__(self, handle: int) -> None:
        self.handle = handle

    def fill(self, numbers: Iterable[int]) -> None:
        """Write the numbers, before anybody takes one."""
        words = b"".join(number.to_bytes(LENGTH, "big") for number in numbers)
        _write(self.handle, words, 0)

    def take(self) -> int | None:
        """Take the next number; None when all are taken."""
        # One open file in all processes: what one has read, no other reads (POSIX, read).
        said = os.read(self.handle, LENGTH)
        return int.from_bytes(said, "big") if said else None


def tell(plan: Plan, number: int, queue: Queue, spool: Spool) -> Told:
    """Tell portions into a teller's spool, its slots at the end; yield after each portion."""
    with plan.source.opened() as sql:
        streams = Streams(sql)
        portion = number if number < plan.portions else None
        while portion is not None:
            above = portion * plan.size
            upto = min(above + plan.size, plan.head)
            for stream in history.begun(sql, above, upto, plan.head):
                streams.tell(stream)
            tables = dict(streams.rows.tables)
            later = tables.pop(LATER)
            said = (portion, len(tables["chronicle"]), tables, streams.rows.log)
            spool.put(said, portion)
            spool.put(later)
            streams.clear()
            yield
            portion = queue.take()
        spool.put([(slot.position, slot.turn, slot.story, slot.name) for slot in streams.met])


@contextmanager
def without_collecting() -> Iterator[None]:
    """Acts and rows are in no circles; to look for some among them takes a third of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


class Tellers:
    """The tellers of a plan: the first in this process, every other in one of its own."""

    def __init__(self, plan: Plan, directory: Path | None) -> None:
        self.plan = plan
        self._directory = directory
        self._stack = ExitStack()
        self._spools: list[Spool] = []
        self._processes: list[subprocess.Popen[bytes]] = []
        self._first: Told | None = None

    def __enter__(self) -> "Tellers":
        with ExitStack() as begun:
            begun.push(self)
            queue = Queue(self._file())
            # Each has its first one, however long it takes to begin.
            queue.fill(range(self.plan.tellers, self.plan.portions))
            files = [self._file() for _ in range(self.plan.tellers)]
            self._spools = [Spool(file) for file in files]
            self._first = tell(self.plan, 0, queue, Spool(files[0]))
            for number, file in enumerate(files[1:], 1):
                self._start(number, queue.handle, file)
            begun.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
        if self._first is not None:
            self._first.close()
        self._stack.close()

    def portions(self) -> Iterator[Portion]:
        """Yield what is told, in the order of the record, as soon as it is there."""
        for number in range(self.plan.portions):
            while (spool := self._holding(number)) is None:
                self._go_on()
            yield spool.portion()
            while not spool.ready():
                self._go_on()
            spool.wait()

    def met(self) -> list[list[Slot]]:
        """Return each teller's slots."""
        while not all(spool.ready() for spool in self._spools):
            self._go_on()
        return [spool.next() for spool in self._spools]

    def later(self) -> Iterator[tuple[int, list[Row]]]:
        """Yield the rows that waited: whose they are, and a portion of them."""
        for number, spool in enumerate(self._spools):
            yield from ((number, rows) for rows in spool.later())

    def _holding(self, portion: int) -> Spool | None:
        return next((spool for spool in self._spools if spool.number() == portion), None)

    def _go_on(self) -> None:
        """Tell a portion; where none is left to be told, wait for the other tellers."""
        for process in self._processes:
            if process.poll():
                said = f"A process of the rebuild ended with {process.returncode}."
                raise RuntimeError(said)
        assert self._first is not None
        if next(self._first, self) is self:
            time.sleep(LOOK_SECONDS)

    def _file(self) -> int:
        # Without a name nobody else can read it, whatever the umask says.
        file = self._stack.enter_context(TemporaryFile(dir=self._directory))  # noqa: SIM115
        return file.fileno()

    def _start(self, *job: int) -> None:
        """Start a teller; ``job`` is its number, and the files of the queue and of its spool."""
        # A program of its own, never a fork: this process has connections and may have threads.
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", PROGRAM], stdin=subprocess.PIPE, pass_fds=job[1:]
        )
        self._processes.append(process)
        assert process.stdin is not None
        with process.stdin as words:
            words.write(pickle.dumps(sys.path))
            words.write(pickle.dumps((self.plan, job, os.getpid())))


PROGRAM = """import pickle, sys
sys.path[:] = pickle.load(sys.stdin.buffer)
from service.care.tellers import work
work()"""
"""A teller's own program: it imports what it needs, and not what began the rebuild."""


def work() -> None:
    """Be a teller; which one is said on the standard input."""
    # Who interrupts the rebuild interrupts all of its processes, but one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    plan, (number, queue, handle), parent = pickle.load(sys.stdin.buffer)
    with without_collecting():
        for _ in tell(plan, number, Queue(queue), Spool(handle)):
            if os.getppid() != parent:
                # Who began the rebuild is gone, and nobody waits for this part of it.
                os._exit(1)
