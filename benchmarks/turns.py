"""Questions asked at every size in turn, while the machine runs at its own speed.

What is compared was asked within moments: a turn asks a question a few times at each size. Before
and after it the machine does a fixed piece of work (``pace``); a turn in which it was slowed by its
neighbours is asked again, and counts only where there are too few others.
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

TURNS, FEWER = 5, 2
"""In a round every sort of question has so many turns; fewer where it has no floor."""

AT_ONCE = 2
"""So often a question is asked at one size before the next: what follows another size's finds
nothing of its own in the processor's caches, which a house of its own would not do to it."""

ATTEMPTS = 10
"""So often a turn is asked again in which the machine was slow."""

LEAST = 4
"""With fewer turns than that at the machine's own speed, all are counted."""

Asks = Mapping[int, Callable[[], object]]
"""A question, by the size of the house that is asked."""


class Turn(NamedTuple):
    """Milliseconds by size, and the machine's pace before and after."""

    times: Mapping[int, Sequence[float]]
    before: Taken
    after: Taken


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
        before, after = (list(map(median, self.by_size[size])) for size in (base, largest))
        return median(map(truediv, after, before))


def in_turn(
    questions: Mapping[str, Asks], pace: Pace, *, fewer: Callable[[str], bool],
    settle: Callable[[], None],
) -> dict[str, Figures]:  # fmt: skip
    """Ask every sort of question in turn, and again in rounds.

    ``fewer`` tells which have fewer turns; ``settle`` brings the stores to rest before each.
    """
    chance = random.Random(13)
    turns: dict[str, list[Turn]] = {name: [] for name in questions}
    for _ in range(ROUNDS):
        for name, asks in questions.items():
            settle()
            # What was asked before is out of the way then, and statements are prepared.
            _asked(asks, chance)
            for _ in range(FEWER if fewer(name) else TURNS):
                turns[name] += _turn(asks, pace, chance, 1 if fewer(name) else ATTEMPTS)
    return {name: _counted(all_turns, pace) for name, all_turns in turns.items()}


def _turn(asks: Asks, pace: Pace, chance: random.Random, attempts: int) -> list[Turn]:
    """Ask a question at each size, again while the machine is slow; return every attempt."""
    made = []
    for _ in range(attempts):
        before = pace.await_calm()
        made.append(Turn(_asked(asks, chance), before, pace.take()))
        if pace.was_calm(before, made[-1].after) or not pace.is_patient:
            break
    return made


def _asked(asks: Asks, chance: random.Random) -> Mapping[int, list[float]]:
    sizes = chance.sample(list(asks), len(asks))
    return {size: [milliseconds(asks[size]) for _ in range(AT_ONCE)] for size in sizes}


def _counted(turns: Sequence[Turn], pace: Pace) -> Figures:
    # Only now it is known how fast the machine is at its fastest.
    calm = [turn for turn in turns if pace.was_calm(turn.before, turn.after)]
    chosen = calm if len(calm) >= LEAST else turns
    by_size = {size: [turn.times[size] for turn in chosen] for size in turns[0].times}
    return Figures(by_size, len(chosen), len(turns))
