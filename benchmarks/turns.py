"""Questions asked at every size in turn, while the machine runs at its own speed.

What is compared was asked within moments: a turn asks a question a few times at each size. Before
and after these the machine does a fixed piece of work (``pace``); where its neighbours slowed it
down they are asked again, and count only if there are too few others.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from operator import truediv
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

ATTEMPTS = 20
"""So often it is asked while the machine is slow."""

LEAST = 4
"""With fewer turns than that at the machine's own speed, all are counted."""

Asks = Mapping[int, Callable[[], object]]
"""A question, by the size of the house that is asked."""


class Asked(NamedTuple):
    """The milliseconds of a question, asked a few times, and the machine's pace around them."""

    times: Sequence[float]
    before: Taken
    after: Taken


Turn = Mapping[int, Asked]
"""What was asked within moments, by size."""


class Figures(NamedTuple):
    """What a question took: by size, each at once in every turn that is counted."""

    by_size: Mapping[int, Sequence[Sequence[float]]]
    counted: int
    turns: int

    def at(self, size: int) -> float:
        """Return the median of all times at a size."""
        return median(time for times in self.by_size[size] for time in times)

    def growth(self, base: int, largest: int) -> float:
        """Return the median of the turns' ratios."""
        before, after = ([*map(median, self.by_size[size])] for size in (base, largest))
        return float(median(map(truediv, after, before)))


def in_turn(
    questions: Mapping[str, Asks], pace: Pace, *, settle: Callable[[], None],
    fewer: Callable[[str], bool] = lambda _: False,
) -> dict[str, Figures]:  # fmt: skip
    """Ask every sort of question in turn, and again in rounds.

    ``settle`` brings the stores to rest before each; ``fewer`` tells which have fewer turns.
    """
    chance = random.Random(13)
    turns: dict[str, list[Turn]] = {name: [] for name in questions}
    for _ in range(ROUNDS):
        for name, asks in questions.items():
            settle()
            for ask in asks.values():
                _times(ask)  # What was asked before is out of the way, and statements are prepared.
            attempts = 1 if fewer(name) else ATTEMPTS
            for _ in range(FEWER if fewer(name) else TURNS):
                sizes = chance.sample(list(asks), len(asks))
                turns[name].append({size: _asked(asks[size], pace, attempts) for size in sizes})
    return {name: _counted(all_turns, pace) for name, all_turns in turns.items()}


def _asked(ask: Callable[[], object], pace: Pace, attempts: int) -> Asked:
    """Ask a question a few times, all anew while the machine is slow."""
    for attempt in range(attempts):
        before = pace.await_calm()
        asked = Asked(_times(ask), before, pace.take())
        if pace.was_calm(before, asked.after) or not pace.is_patient or attempt == attempts - 1:
            break
    return asked


def _times(ask: Callable[[], object]) -> list[float]:
    return [milliseconds(ask) for _ in range(AT_ONCE)]


def _counted(turns: Sequence[Turn], pace: Pace) -> Figures:
    # Only now it is known how fast the machine is at its fastest.
    calm = [
        turn
        for turn in turns
        if all(pace.was_calm(asked.before, asked.after) for asked in turn.values())
    ]
    chosen = calm if len(calm) >= LEAST else turns
    by_size = {size: [turn[size].times for turn in chosen] for size in turns[0]}
    return Figures(by_size, len(chosen), len(turns))
