"""Questions asked at every size in turn, and timed while the machine runs at its own speed.

How a reading's cost grows is told by turns: in each the question is asked a few times at every
size, within moments. How long it takes is told by more of them at the largest size alone: before
and after these the machine does a fixed piece of work (``pace``), and where its neighbours slowed
it down they are asked again, and count only if there are too few others.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from benchmarks.pace import Pace, Taken, milliseconds

ROUNDS = 5
"""The questions are asked in rounds, each sort in every round: a turn of a short one is over while
a server's process still sits beside ours on a processor, or still does not."""

TURNS, FEWER = 3, 1
"""In a round every sort of question has so many turns; fewer where it has no floor."""

AT_ONCE = 5
"""So often a question is asked at one size before the next: what follows another size's finds
nothing of its own in the processor's caches, which a house of its own would not do to it."""

TIMED = 3
"""So often in a round a reading that has a floor is timed at the largest size."""

ATTEMPTS = 30
"""So often it is asked anew while the machine is slow."""

LEAST = 4
"""With fewer at the machine's own speed than that, all are counted."""

Asks = Mapping[int, Callable[[], object]]
"""A question, by the size of the house that is asked."""

Turn = Mapping[int, Sequence[float]]
"""The milliseconds of a question that was asked at each size within moments."""


class Timed(NamedTuple):
    """Milliseconds at the largest size, and the machine's pace before and after."""

    times: Sequence[float]
    before: Taken
    after: Taken


class Figures:
    """What a question took in every turn, and what it takes at the largest size."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.timed: list[Timed] = []

    def by_size(self) -> dict[int, float]:
        """Return the median of all turns at each size."""
        return {
            size: median(time for turn in self.turns for time in turn[size])
            for size in self.turns[0]
        }

    def growth(self, base: int, largest: int) -> float:
        """Return the median of the turns' ratios."""
        return float(median(median(turn[largest]) / median(turn[base]) for turn in self.turns))

    def at_own_speed(self, pace: Pace) -> tuple[float, str]:
        """Return the median at the largest size, and in words what it is a median of."""
        # Only now it is known how fast the machine is at its fastest.
        calm = [one for one in self.timed if pace.was_calm(one.before, one.after)]
        chosen = calm if len(calm) >= LEAST else self.timed
        found = median(time for one in chosen for time in one.times)
        return found, f"{len(calm)} of {len(self.timed)} times at the machine's own speed"


def in_turn(
    questions: Mapping[str, Asks], pace: Pace, *, settle: Callable[[], None],
    has_floor: Callable[[str], bool],
) -> dict[str, Figures]:  # fmt: skip
    """Ask every sort of question in turn, and again in rounds.

    ``settle`` brings the stores to rest before each sort.
    """
    chance = random.Random(13)
    found = {name: Figures() for name in questions}
    for _ in range(ROUNDS):
        for name, asks in questions.items():
            settle()
            for ask in asks.values():
                _times(ask)  # What was asked before is out of the way, and statements are prepared.
            for _ in range(TURNS if has_floor(name) else FEWER):
                sizes = chance.sample(list(asks), len(asks))
                found[name].turns.append({size: _times(asks[size]) for size in sizes})
            for _ in range(TIMED if has_floor(name) else 0):
                found[name].timed.append(_timed(asks[max(asks)], pace))
    return found


def _timed(ask: Callable[[], object], pace: Pace) -> Timed:
    """Ask a question a few times, all anew while the machine is slow."""
    for _ in range(ATTEMPTS):
        before = pace.await_calm()
        timed = Timed(_times(ask), before, pace.take())
        if pace.was_calm(before, timed.after) or not pace.is_patient:
            break
    return timed


def _times(ask: Callable[[], object]) -> list[float]:
    return [milliseconds(ask) for _ in range(AT_ONCE)]
