"""Since when a situation's level has been what it is: back in time, reason by reason."""

from collections.abc import Generator, Sequence

from service.asof.basis import Basis
from service.domain import level
from service.domain.layout import address
from service.domain.level import Ground
from service.domain.times import Instant
from service.readmodel import latest, slots
from service.readmodel.latest import Answers, Previous
from service.store.sql import Lent, Question, Row, Waiting

LOOKED_BACK = 8
"""Changes of reasons that the level's since is looked for behind."""

_Looking = Generator[Question, list[Row], Instant | None]


class Search:
    """The search for a level's since, which goes on while others have their turn.

    ``told`` are the answers to the first of ``latest.questions``. What must be looked up
    further back is sent ahead over ``sql``, and waited for when the outcome is wanted.
    """

    def __init__(self, sql: Lent, basis: Basis, told: Answers) -> None:
        self._sql = sql
        self._looking = _since(basis, told)
        self._found: Instant | None = None
        self._waiting: Waiting | None = None
        self._go_on(None)

    def found(self) -> Instant | None:
        """Return from when the level has been what it is; None where it rests on nothing."""
        while self._waiting is not None:
            (rows,) = self._waiting()
            self._go_on(rows)
        return self._found

    def _go_on(self, rows: list[Row] | None) -> None:
        self._waiting = None
        try:
            question = next(self._looking) if rows is None else self._looking.send(rows)
        except StopIteration as end:
            self._found = end.value
        else:
            self._waiting = self._sql.ahead([question])


def _since(basis: Basis, told: Answers) -> _Looking:
    """Find from when the level has been what it is, by the rule.

    The standing answers alone tell since when *they* hold; before them the same level may have
    rested on others. What lies further back than ``LOOKED_BACK`` such steps is not looked for, nor
    what lies behind an editor's override.
    """
    past = _Past(basis, told)
    now, begun = past.held_now()
    for _ in range(LOOKED_BACK):
        if begun is None or past.ground.overridden is not None:
            break
        before = begun - 1
        yield from past.go_back(before)
        name, found = level.held(past.ground, as_of=before, zone=basis.zone)
        if found is None or name != now or past.ground.overridden is not None:
            break
        begun = found
    return begun


class _Past:
    """What the level's rule looks at, going back in time; below it lies what stood before."""

    def __init__(self, basis: Basis, told: Answers) -> None:
        self._basis = basis
        self._told = told
        self._below: dict[str, tuple[list[bytes], int]] = {}
        self.ground = Ground(told.standing)

    def held_now(self) -> tuple[str, Instant | None]:
        """Return the level by the rule at the basis, and since when its reasons hold."""
        told = self._told
        return level.held(
            self.ground,
            as_of=self._basis.as_of,
            zone=self._basis.zone,
            fights=[answer for answer in told.standing if address(answer.slot)[0] in level.FIGHTS],
            previous=Previous(told.below),
        )

    def go_back(self, before: Instant) -> Generator[Question, list[Row], None]:
        """Put what stood at an earlier world time in the place of what began after it."""
        ground, unknown = self.ground, []
        for slot in [slot for slot, row in ground.standing.items() if row.valid_from > before]:
            below, had = self._below.get(slot) or self._first_below(slot)
            stood = latest.begun_by(below, before)
            if stood is not None:
                ground.put(latest.answer(slot, stood))
                continue
            ground.drop(slot)
            if len(below) + 1 == had:
                unknown.append(slot)
        if unknown:
            yield from self._look_up(unknown, before)

    def _first_below(self, slot: str) -> tuple[list[bytes], int]:
        """Return the bodies below the answer that stands, and how many were asked for in all."""
        below = latest.split(self._told.below.get(slot, b""))
        found = self._below[slot] = below, slots.depth(slot)
        return found

    def _look_up(
        self, unknown: Sequence[str], before: Instant
    ) -> Generator[Question, list[Row], None]:
        """Go on below the answers that were had."""
        basis = self._basis
        rows = yield latest.further(basis.story, unknown, as_of=before, position=basis.position)
        told = Answers(rows)
        for answer in told.standing:
            further = latest.split(told.below.get(answer.slot, b""))
            self._below[answer.slot] = further, latest.FURTHER_DEPTH
            self.ground.put(answer)
