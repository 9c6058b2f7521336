"""How fast the machine itself was while something was measured.

A fixed piece of Python is timed between the questions. Nothing of the project is in it: a program
that has become slower must not look like a machine that was slow.
"""

import json
from statistics import median

from benchmarks.questions import milliseconds
from benchmarks.rows import Row

ENTRIES = 800
"""So many make the piece take about a millisecond."""

TIMES = 4
"""How often it is done at a time."""


def piece_of_work() -> int:
    """Do what a reading does in Python, always the same: make, sort, write and read small dicts."""
    made = [{"name": f"slot-{at * 7919 % 1009}", "since": at} for at in range(ENTRIES)]
    made.sort(key=lambda entry: str(entry["name"]))
    return len(json.loads(json.dumps({entry["name"]: entry for entry in made})))


class Pace:
    """The machine's pace: how long the piece of work took, each time."""

    def __init__(self) -> None:
        self._taken: list[float] = []

    def take(self) -> None:
        """Do the piece of work some times more."""
        self._taken += [milliseconds(piece_of_work) for _ in range(TIMES)]

    def row(self, store: str, during: str) -> Row:
        """Return the row that tells it; it has no floor."""
        return Row(
            what=f"the machine: a fixed piece of Python, between {during}", store=store,
            result=median(self._taken), floor=None, aim=None, unit="ms", most=True,
            note=f"fastest {min(self._taken):.2f} ms, of {len(self._taken)}",
        )  # fmt: skip
