"""How fast the machine itself is while something is measured, and when it runs at its own speed.

A processor that is shared, as most rented ones are, has two speeds: its own, and about half of it
while the neighbour on the same core is busy; which one holds changes within a second. A fixed piece
of work tells: nothing of the project is in it, so that a program that has become slower does not
look like a machine that was slow. What answers from another process has a piece of its own there.
Who asks keeps to one processor, as a worker does, and moves to another while that one is slow.
"""

import json
import os
import time
from bisect import insort
from collections.abc import Callable, Sequence
from itertools import cycle
from statistics import median
from typing import Self

from benchmarks.rows import Row
from service import processors

ENTRIES = 200
"""So many make the piece take a quarter of a millisecond or so."""

CALM = 1.2
"""At its own speed the machine does a piece in at most so many times the time it quickly takes."""

QUICK = 50
"""One in so many is as quick or quicker: the fastest of all may owe something to luck."""

PATIENCE_SECONDS = 100.0
"""For so long in all it is waited until the machine runs at its own speed."""

Taken = Sequence[float]
"""The milliseconds of each piece of work, done one after the other."""


def piece_of_work() -> object:
    """Do what a reading does in Python, always the same: make, sort, write and read small dicts."""
    made = [{"name": f"slot-{at * 7919 % 1009}", "since": at} for at in range(ENTRIES)]
    made.sort(key=lambda entry: str(entry["name"]))
    return json.loads(json.dumps({entry["name"]: entry for entry in made}))


class Pace:
    """The machine's pace: how long the pieces of work took, each time."""

    def __init__(self, *elsewhere: Callable[[], object]) -> None:
        """``elsewhere`` are pieces of work that another process does."""
        self._pieces = (piece_of_work, *elsewhere)
        self._sorted: list[list[float]] = [[] for _ in self._pieces]
        self._calm: list[bool] = []
        self._patience = PATIENCE_SECONDS
        self._usable = processors.usable()
        self._next = cycle(self._usable)

    def __enter__(self) -> Self:
        """Keep this thread to one processor."""
        processors.keep_to(next(self._next))
        return self

    def __exit__(self, *_: object) -> None:
        """Let it run on any processor again."""
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, self._usable)

    def take(self) -> Taken:
        """Do the pieces of work once, and return how long they took."""
        # The quicker of two: the first finds in the processor's caches what was done before it.
        taken = [min(milliseconds(piece) for _ in range(2)) for piece in self._pieces]
        for one, known in zip(taken, self._sorted, strict=True):
            insort(known, one)
        self._calm.append(self.was_calm(taken))
        return taken

    def await_calm(self) -> Taken:
        """Do them until the machine runs at its own speed, as far as patience reaches."""
        began = time.monotonic()
        while not self.was_calm(taken := self.take()) and self.is_patient:
            now = time.monotonic()
            self._patience, began = self._patience - (now - began), now
            processors.keep_to(next(self._next))
        return taken

    @property
    def is_patient(self) -> bool:
        """Whether it will still be waited."""
        return self._patience > 0

    def was_calm(self, *taken: Taken) -> bool:
        """Tell whether the machine ran at its own speed each time, as far as that is known."""
        quick = [known[len(known) // QUICK] for known in self._sorted]
        return all(
            one <= CALM * least for each in taken for one, least in zip(each, quick, strict=True)
        )

    def row(self, store: str, during: str) -> Row:
        """Return the row that tells it; it has no floor."""
        ours = self._sorted[0]
        calm = sum(self._calm) / len(self._calm)
        return Row(
            what=f"the machine: a fixed piece of Python, between {during}", store=store,
            result=median(ours), floor=None, aim=None, unit="ms", most=True,
            note=f"fastest {ours[0]:.2f} ms, of {len(ours)}; at its own speed {calm:.0%}",
        )  # fmt: skip


def milliseconds(ask: Callable[[], object]) -> float:
    """Return how long something takes."""
    begins = time.perf_counter()
    ask()
    return (time.perf_counter() - begins) * 1000
