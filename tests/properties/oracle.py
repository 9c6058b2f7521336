"""What every reading must say, told by the plain fold over all acts: slow and obvious.

Nothing here looks at the read model: a story's acts come from the store, and each answer is made
from all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from service.domain import acts, fold, kinds, situation, times
from service.domain.acts import Act
from service.domain.developments import Development
from service.domain.kinds import Assignment
from service.domain.situation import Cast
from service.domain.stories import Story


@dataclass(frozen=True)
class Oracle:
    """A story's acts, and what they mean at a world time and a position."""

    history: Sequence[Act]

    @property
    def positions(self) -> list[int]:
        """The positions of the story's acts, in order."""
        return [act.stamp.position for act in self.history]

    def position_at(self, known_at: int) -> int:
        """The story's last position by a record time; 0 before its first act."""
        return max(
            (a.stamp.position for a in self.history if a.stamp.recorded_at <= known_at), default=0
        )

    def recorded_at(self, position: int) -> int:
        """The record time of the story's last act by a position."""
        return max(a.stamp.recorded_at for a in self.history if a.stamp.position <= position)

    def story(self, position: int) -> Story:
        """The story as known at a position."""
        found = fold.story_at(self.history, position)
        assert found is not None
        return found

    def standing(self, as_of: int, position: int) -> dict[str, Assignment]:
        """Each slot's answer."""
        return fold.standing(self.history, as_of=as_of, position=position)

    def course(self, slot: str, as_of: int, position: int) -> list[Assignment]:
        """One slot's answers over world time, newest first."""
        rows = [
            row
            for row in fold.assigned(self.history, position)
            if row.slot == slot and row.valid_from <= as_of
        ]
        return sorted(rows, key=lambda row: row.order, reverse=True)

    def timeline(self, as_of: int, position: int) -> list[Development]:
        """The developments that had happened, latest first."""
        return fold.timeline(self.history, as_of=as_of, position=position)

    def hidden(self) -> set[str]:
        """The developments whose text was hidden, ever."""
        return {
            act.development
            for act in self.history
            if isinstance(act, acts.DevelopmentWithdrawn) and act.hide_text
        }

    def last_turning_point(self, upto: int, position: int) -> int:
        """The last moment at which something changed by itself, known at a position; or 0."""
        story = self.story(position)
        return max(
            (
                point
                for state in fold.developments_at(self.history, position).values()
                for point in kinds.turning_points(state.as_version(story))
                if point <= upto
            ),
            default=0,
        )

    def situation(self, as_of: int, position: int, *, settled: bool) -> dict[str, Any]:
        """The composed sections, and what is counted and marked beside them."""
        story = self.story(position)
        standing = self.standing(as_of, position)
        below = {slot: self.course(slot, as_of, position)[1:2] for slot in standing}
        document = situation.compose(
            standing.values(),
            as_of=as_of,
            zone=ZoneInfo(story.document["time_zone"]),
            conflict=story.is_conflict,
            cast=Cast(actors=story.actors, places=story.places),
            previous={slot: rows[0] for slot, rows in below.items() if rows},
            settled=settled,
        )
        return {**document, **self._beside(position)}

    def _beside(self, position: int) -> dict[str, Any]:
        known = [act for act in self.history if act.stamp.position <= position]
        on_developments = [act for act in known if isinstance(act, acts.DevelopmentAct)]
        states = fold.developments_at(self.history, position).values()
        quiet = max((act.stamp.recorded_at for act in on_developments), default=None)
        return {
            "pinned": self._marked(known, acts.DevelopmentPinned, acts.DevelopmentUnpinned),
            "key_events": self._marked(known, acts.KeyEventMarked, acts.KeyEventUnmarked),
            "quiet_since": None if quiet is None else times.format_instant(quiet),
            "counts": {
                "developments": len(states),
                "corrected": sum(1 for state in states if state.corrected),
                "withdrawn": sum(1 for state in states if state.status == "withdrawn"),
            },
        }

    @staticmethod
    def _marked(known: Sequence[Act], marked: type[Act], unmarked: type[Act]) -> list[str]:
        found: list[str] = []
        for act in known:
            if type(act) is marked:
                found.insert(0, act.development)  # type: ignore[attr-defined]  # both name one
            elif type(act) is unmarked:
                found.remove(act.development)  # type: ignore[attr-defined]  # both name one
        return found
