"""Every reading of a story, asked at random bases at the Python door: what HTTP asks, no HTTP.

Positions are drawn from the story's own acts, moments from its whole time, so that a basis is
early as often as late.
"""

import random
from collections.abc import Callable, Mapping
from itertools import cycle

from service.asof import Asked, Basis, situation, timeline, trail
from service.assembly import Onrecord
from service.domain.times import format_instant
from service.readmodel import chronicle, versions
from service.readmodel.chronicle import Span
from service.readmodel.stories import Viewer

PAGE = 50
"""Items of a page, as a reader gets who asks for no other number."""

DRAWN = 5_000
"""Positions drawn beforehand: drawing one takes as long as some readings."""

Question = Callable[[], object]


class Questions:
    """The readings of one story, each at a basis of its own whenever it is asked."""

    def __init__(self, house: Onrecord, story: str, *, above: int = 0, seed: int = 7) -> None:
        """Draw bases from the story's acts above a position."""
        self._house = house
        self._story = story
        self._chance = random.Random(seed)
        head = self._basis(Asked())
        first = chronicle.rows(head.sql, head.story, Span(above=above, upto=head.position), 1)[0]
        self._bounds = (first["recorded_at"], head.moment.recorded_at)
        self._positions = (first["position"], head.position)
        own = head.sql.all(
            "SELECT position FROM chronicle WHERE story = ? AND position > ?", (head.story, above)
        )
        # Each once, as far as there are so many: what was asked before is kept in memory.
        drawn = dict.fromkeys(self._chance.choices([row["position"] for row in own], k=DRAWN))
        self._drawn, self._told = cycle(drawn), cycle(drawn)
        self._early = cycle(sorted(drawn)[: max(1, len(drawn) // 5)])
        rows = head.sql.all("SELECT name FROM slot WHERE story = ?", (head.story,))
        self._slots = [row["name"] for row in rows]

    @property
    def slots(self) -> int:
        """How many slots the story has."""
        return len(self._slots)

    def all(self) -> Mapping[str, Question]:
        """Return every reading by its name."""
        return {
            "situation, the present again": lambda: self._situation(Asked()),
            "situation, hindsight": lambda: self._situation(Asked(as_of=self._moment())),
            "situation, as told": lambda: self._situation(Asked(position=next(self._told))),
            "situation, both": lambda: self._situation(self._any()),
            "situation, known early, world late": self._weak,
            "timeline page, present": lambda: self._page(Asked()),
            "timeline page, any basis": lambda: self._page(self._any()),
            "one development, any basis": self._one,
            "one slot's course, any basis": self._course,
            "level's steps, any basis": self._level,
            "table of assignments, any basis": self._table,
            "changes over 50 acts": self._changes,
            "what was learned later": self._learned,
            "corrections, any basis": self._corrections,
            "no more than a basis, by another story's position": self._others,
        }

    def _moment(self) -> str:
        return format_instant(self._chance.randint(*self._bounds))

    def _position(self) -> int:
        """Return the position of an act of the story, each as likely as the others."""
        drawn: int = next(self._drawn)
        return drawn

    def _any(self) -> Asked:
        return Asked(as_of=self._moment(), position=self._position())

    def _basis(self, asked: Asked) -> Basis:
        return self._house.asof.basis(self._story, Viewer(), asked)

    def _situation(self, asked: Asked) -> bytes:
        return situation.body(self._basis(asked), "/situation")

    def _weak(self) -> bytes:
        early = next(self._early)
        late = self._bounds[1] - self._chance.randint(0, 1_000_000)
        return self._situation(Asked(as_of=format_instant(late), position=early))

    def _page(self, asked: Asked, limit: int = PAGE) -> tuple[list[bytes], list[int] | None]:
        basis = self._basis(asked)
        filters = timeline.Filters()
        return timeline.page(basis, filters, order="-occurred", after=None, limit=limit)

    def _one(self) -> object:
        basis = self._basis(Asked(position=self._position()))
        row = chronicle.row_at(basis.sql, basis.position)
        if row["development"] is None:
            return None
        found = versions.at(basis.sql, row["development"], basis.position)
        return found and versions.served(found)

    def _course(self) -> object:
        slot = self._chance.choice(self._slots)
        return situation.course(self._basis(self._any()), slot, below=None, limit=PAGE)

    def _level(self) -> object:
        return situation.level_steps(self._basis(self._any()), before=None)

    def _table(self) -> object:
        basis = self._basis(self._any())
        return situation.table_rows(basis, situation.table(basis, after=None, limit=PAGE))

    def _changes(self) -> object:
        basis = self._basis(Asked())
        span = Span(above=self._position(), upto=basis.position)
        return trail.page(basis, span, limit=PAGE, slots_at=basis.as_of)

    def _learned(self) -> object:
        basis = self._basis(Asked(as_of=self._moment()))
        span = Span(above=self._position(), upto=basis.position, about=basis.as_of)
        return trail.page(basis, span, limit=PAGE, slots_at=basis.as_of)

    def _others(self) -> object:
        return self._basis(Asked(position=self._chance.randint(*self._positions)))

    def _corrections(self) -> object:
        basis = self._basis(Asked(position=self._position()))
        return trail.corrections(
            basis.sql, above=0, below=basis.position + 1, limit=PAGE, story=basis.story
        )
