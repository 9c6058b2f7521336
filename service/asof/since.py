"""Since when a situation's level has been what it is: back in time, reason by reason."""

from collections.abc import Iterable, Mapping, Sequence

from service.asof.basis import Basis
from service.domain import level
from service.domain.board import address
from service.domain.level import Ground
from service.domain.times import Instant
from service.readmodel import latest
from service.readmodel.latest import Answers

DEPTHS = ((40, ("heat",)), (8, ("level", "posture")), (4, ("threat",)))
"""How many answers of a slot are had at once, by family, to look back through.

Reports of every kind raise the heat, many of them an hour where there is fighting: behind eight
reasons lie 22 of them in the median, and more than 40 in a fifth of the situations."""

DEEPER = ((40, ("heat",)), (16, ("level", "posture", "threat")))
"""How many when it is looked for behind those."""

LOOKED_BACK = 8
"""Changes of reasons that the level's since is looked for behind."""


def since(basis: Basis, now: str, begun: Instant, told: Iterable[Answers]) -> Instant:
    """Return from when the level has been what it is ``now``, by the rule.

    The standing answers alone tell since when *they* hold (``begun``); before them the same level
    may have rested on others. What lies further back than ``LOOKED_BACK`` such steps is not
    looked for. ``told`` are the story's answers, as deep as ``DEPTHS`` says.
    """
    past = _Past(basis, told)
    for _ in range(LOOKED_BACK):
        before = begun - 1
        past.go_back(before)
        name, found = level.held(past.ground, as_of=before, zone=basis.zone)
        if found is None or name != now or past.ground.overridden is not None:
            break
        begun = found
    return begun


LOOKED_AT = ("heat:", "posture:", "threat:", "level:")
"""How the slots begin that the level's rule looks at."""


def _depths(depths: latest.Depths) -> Mapping[str, int]:
    return {family: depth for depth, families in depths for family in families}


_HAD, _LOOKED_UP = _depths(DEPTHS), _depths(DEEPER)


class _Past:
    """What the level's rule looks at, going back in time; below it lies what stood before."""

    def __init__(self, basis: Basis, told: Iterable[Answers]) -> None:
        self._basis = basis
        self._told = {
            answers.latest.slot: (answers, _HAD)
            for answers in told
            if answers.latest.slot.startswith(LOOKED_AT)
        }
        self.ground = Ground(answers.latest for answers, _ in self._told.values())

    def go_back(self, before: Instant) -> None:
        """Put what stood at an earlier world time in the place of what began after it."""
        ground, unknown = self.ground, []
        for slot in [slot for slot, row in ground.standing.items() if row.valid_from > before]:
            answers, depths = self._told[slot]
            stood = answers.at(before)
            if stood is not None:
                ground.put(stood)
                continue
            ground.drop(slot)
            if len(answers.below) + 1 == depths.get(address(slot)[0]):
                unknown.append(slot)
        if unknown:
            self._look_up(unknown, before)

    def _look_up(self, slots: Sequence[str], before: Instant) -> None:
        """Go on below the answers that were had."""
        basis = self._basis
        asked = latest.question(
            basis.story, DEEPER, as_of=before, position=basis.position, slots=slots
        )
        for answers in latest.read(basis.sql.all(*asked)):
            self._told[answers.latest.slot] = answers, _LOOKED_UP
            self.ground.put(answers.latest)
