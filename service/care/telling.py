"""The acts told again: rows written from what is in the store, by the code that wrote them first.

Stories do not depend on one another but for the numbers of their slots, so several processes may
tell them, each its own stories into tables of its own (a ``Scratch``).

Rules for editors: a teller reads the acts and nothing else of the live record, and takes no lock.
"""

import multiprocessing
import os
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from heapq import heappop, heappush
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn, Protocol

from service.domain import acts
from service.domain.acts import Act
from service.domain.developments import Development
from service.ledger import Ledger
from service.store import history
from service.store.sql import Sql, Writing

REMEMBERED_DEVELOPMENTS = 8192
"""Developments that a teller keeps: what is acted on soon after is not read again. Some 30 MB."""

PORTION = 1024
"""Acts of one transaction."""

LOOK_SECONDS = 0.2
"""How often it is seen how far the tellers are."""

STORY = b'"story":"'
"""Where an envelope (JCS) names its story."""

Progress = Callable[[int], None]
"""Told how many acts are done."""


class Scratch(Protocol):
    """Tables of a teller's own, beside the live ones; goes to another process by pickling."""

    def opened(self) -> AbstractContextManager[Writing]:
        """Open a connection: the acts are the live ones, the read model's tables are its own."""

    def portion(self, sql: Writing) -> AbstractContextManager[object]:
        """Hold a transaction of the scratch."""


class Retelling(Ledger):
    """A ledger that follows acts which are in the store already."""

    alone = True
    leads = False

    def __init__(self) -> None:
        super().__init__(self)
        self._known: OrderedDict[str, Development] = OrderedDict()

    def insert(self, sql: Any, events: Sequence[Any], first: int) -> NoReturn:
        """Refuse: what is told again is in the store."""
        raise AssertionError("a rebuild stores no acts")

    def tell(self, sql: Writing, above: int, upto: int) -> int:
        """Write the rows of the acts above a position up to another; return how many."""
        return self._told(sql, history.every(sql, above, upto))

    def tell_at(self, sql: Writing, positions: Sequence[int]) -> int:
        """Write the rows of the acts at positions, which rise."""
        return self._told(sql, history.at(sql, positions))

    def _told(self, sql: Writing, told: Iterator[tuple[Act, bytes]]) -> int:
        self.begin(sql, 0)
        count = 0
        for act, envelope in told:
            self._retell(act, envelope)
            count += 1
        self.sql.flush()
        return count

    def _retell(self, act: Act, envelope: bytes) -> None:
        after = self.follow(act, envelope, self._before(act))
        if after is not None:
            self._known[after.id] = after
            self._known.move_to_end(after.id)
            if len(self._known) > REMEMBERED_DEVELOPMENTS:
                self._known.popitem(last=False)

    def _before(self, act: Act) -> Development | None:
        """Return the development that an act is on, as it was right before the act."""
        named: str | None = getattr(act, "development", None)
        if named is None or isinstance(act, acts.DevelopmentReported):
            return None
        found = self._known.get(named)
        if found is None:
            states = self.history(named, act.story)
            found = [state for state in states if state.position < act.stamp.position][-1]
        return found


def parted(sql: Sql, upto: int, parts: int) -> list[Sequence[int]]:
    """Return the record's positions, parted so that a story's are together and parts alike long.

    There are no empty parts, but for the one of an empty record.
    """
    stories: dict[bytes, array[int]] = {}
    for position, envelope in history.envelopes(sql, upto):
        # Its keys are sorted, and no key after this one has another of the name within.
        story = envelope.rpartition(STORY)[2].partition(b'"')[0]
        stories.setdefault(story, array("q")).append(position)
    heaped: list[tuple[int, int]] = []
    gathered: list[list[Sequence[int]]] = [[] for _ in range(parts)]
    for number in range(parts):
        heappush(heaped, (0, number))
    for positions in sorted(stories.values(), key=len, reverse=True):
        size, number = heappop(heaped)
        gathered[number].append(positions)
        heappush(heaped, (size + len(positions), number))
    return [_joined(part) for part in gathered if part] or [()]


def _joined(parts: Sequence[Sequence[int]]) -> Sequence[int]:
    return array("q", sorted(position for part in parts for position in part))


def tell(scratch: Scratch, positions: Sequence[int], told: Progress) -> None:
    """Write the rows of some stories into a scratch."""
    ledger = Retelling()
    with scratch.opened() as sql:
        for start in range(0, len(positions), PORTION):
            portion = positions[start : start + PORTION]
            with scratch.portion(sql):
                ledger.tell_at(sql, portion)
            told(start + len(portion))


def tell_all(
    scratches: Sequence[Scratch], parts: Sequence[Sequence[int]], progress: Progress
) -> None:
    """Tell each part into its scratch, each in a process of its own if there are several."""
    if len(parts) == 1:
        tell(scratches[0], parts[0], progress)
        return
    # Spawned, never forked: this process has connections and may have threads.
    context = multiprocessing.get_context("spawn")
    counts = [context.Value("q", 0, lock=False) for _ in parts]
    processes: list[Any] = []
    with TemporaryDirectory() as directory:
        try:
            for number, (scratch, part) in enumerate(zip(scratches, parts, strict=True)):
                # A file, for a pipe that nobody reads any more would hold this process for ever.
                file = Path(directory, str(number))
                file.write_bytes(array("q", part).tobytes())
                job = (scratch, file, counts[number], os.getpid())
                processes.append(context.Process(target=_teller, args=job, daemon=True))
                processes[-1].start()
            _watch(processes, lambda: progress(sum(count.value for count in counts)))
        finally:
            for process in processes:
                process.kill()
                process.join()


def _watch(processes: Sequence[Any], look: Callable[[], None]) -> None:
    running = list(processes)
    while running:
        running[0].join(LOOK_SECONDS)
        look()
        for process in running:
            if process.exitcode:
                raise RuntimeError(f"A process of the rebuild ended with {process.exitcode}.")
        running = [process for process in running if process.exitcode is None]


def _teller(scratch: Scratch, file: Path, count: Any, parent: int) -> None:
    def told(done: int) -> None:
        count.value = done
        if os.getppid() != parent:
            # Who began the rebuild is gone, and nobody waits for this part of it.
            os._exit(1)

    positions = array("q")
    positions.frombytes(file.read_bytes())
    tell(scratch, positions, told)


def pause(seconds: float) -> None:
    """Let others have the append lock."""
    time.sleep(seconds)
