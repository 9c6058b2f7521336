"""Processors: which of the machine's a process may use, and which one a worker keeps to.

Python runs one thread of a process at a time. Left to themselves, a worker's threads are spread
over the processors, and hand the interpreter from one to the other with every request, with all
that lies in its caches; kept to one, a worker does more (decision 0021).
"""

import os
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any


def usable() -> Sequence[int]:
    """Return the processors that this process may use, by number; as many as there are."""
    if hasattr(os, "sched_getaffinity"):
        with suppress(OSError):
            return sorted(os.sched_getaffinity(0))
    return range(os.cpu_count() or 1)


def one_of(usable: Sequence[int], kept: Iterable[int | None], first: int = 0) -> int:
    """Return the processor that the fewest keep to; among equals the next from ``first`` on.

    ``kept`` are those that others keep to, None for who keeps to none.
    """
    taken = Counter(kept)
    first %= len(usable)
    return min([*usable[first:], *usable[:first]], key=lambda number: taken[number])


def keep_to(processor: int) -> None:
    """Keep this thread to one processor, and every thread that it starts from now on.

    Where the system knows no such thing, or forbids it, nothing happens.
    """
    if hasattr(os, "sched_setaffinity"):
        with suppress(OSError):
            os.sched_setaffinity(0, {processor})


FIRST = secrets.randbelow(2**16)
"""Where this house begins: by chance, for each house of a machine may think itself the only one
(in a container the first process has always the same number)."""


def pre_fork(arbiter: Any, worker: Any) -> None:
    """Choose where a worker will run (gunicorn's hook): nowhere where processors are too few."""
    kept = [getattr(other, "processor", None) for other in arbiter.WORKERS.values()]
    enough = arbiter.num_workers <= len(usable())
    worker.processor = one_of(usable(), kept, FIRST) if enough else None


def post_fork(_arbiter: Any, worker: Any) -> None:
    """Keep a worker to where it was chosen to run (gunicorn's hook)."""
    if worker.processor is not None:
        keep_to(worker.processor)
