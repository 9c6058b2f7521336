"""The board: a story's standing answers, laid out by family for those who compose from them.

Rules for editors: nothing is derived here. `as_of` is the only time there is; no clock is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from service.domain.layout import Parts, Slot, layout_of
from service.domain.plans import end_of, plan_end, plan_start
from service.domain.slots import Assignment
from service.domain.times import Instant, format_instant

SETTLED_DAYS = 14
"""For how many days the situation goes on showing what was settled."""

DAY = 24 * 60 * 60 * 1_000_000
"""A day in microseconds."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The story's actors and places by slug, each a document with at least a name."""

    actors: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    places: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def actor(self, slug: str) -> str:
        """Return the actor's name, or the slug of one who is not in the cast."""
        known = self.actors.get(slug)
        return slug if known is None else str(known.get("name") or slug)

    def place(self, slug: str) -> str:
        """Return the place's name, or the slug of one that the story does not know."""
        known = self.places.get(slug)
        return slug if known is None else str(known.get("name") or slug)


class _Names(dict[str, str]):
    """Names by slug, each looked up in the cast once: a situation is full of the same few."""

    def __init__(self, name: Callable[[str], str]) -> None:
        super().__init__()
        self._name = name

    def __missing__(self, slug: str) -> str:
        self[slug] = name = self._name(slug)
        return name


Row = tuple[Parts, Assignment]
"""The parts of a slot's address after its family, and the answer that stands in it."""

Thread = Mapping[str, Assignment]
"""The answers about one threat, event or measure, by the last part of their addresses."""


class Board:
    """The answers standing at `as_of`, one a slot, by slot and by family.

    `previous` holds, by slot, the answer next below the standing one. With `settled` nothing
    that was settled long ago is left out. `hidden` collects the slots of what was left out.
    `actors` holds the actors' names by slug, the slug of who is not in the cast.
    """

    __slots__ = (
        "_long_ago",
        "actors",
        "as_of",
        "by_slot",
        "cast",
        "hidden",
        "layout",
        "previous",
        "zone",
    )

    def __init__(
        self,
        answers: Iterable[Assignment],
        *,
        as_of: Instant,
        zone: ZoneInfo,
        cast: Cast,
        previous: Mapping[str, Assignment],
        settled: bool,
    ) -> None:
        self.as_of = as_of
        self.zone = zone
        self.cast = cast
        self.actors: Mapping[str, str] = _Names(cast.actor)
        self.previous = previous
        self.hidden: set[str] = set()
        self._long_ago = None if settled else as_of - SETTLED_DAYS * DAY
        self.by_slot: dict[Slot, Assignment] = {}
        self.put(answers)

    def put(self, answers: Iterable[Assignment]) -> None:
        """Put answers in further slots."""
        told = self.by_slot | {answer.slot: answer for answer in answers}
        self.layout = layout_of(tuple(told))
        # The keys are the layout's own strings, by which the sections ask: what is the very same
        # object need not be compared.
        self.by_slot = dict(zip(self.layout.slots, told.values(), strict=True))

    def family(self, name: str) -> list[Row]:
        """Return the answers of a family, in the order of their addresses."""
        by_slot = self.by_slot
        return [(parts, by_slot[slot]) for parts, slot in self.layout.family(name)]

    def threads(self, family: str) -> list[tuple[str, Thread]]:
        """Return a family's answers by what they are about: `("t1", {"state": …, "terms": …})`."""
        by_slot = self.by_slot
        return [
            (about, {part: by_slot[slot] for part, slot in slots.items()})
            for about, slots in self.layout.threads(family)
        ]

    def leaves_out(self, settled_since: Instant | None, slots: Iterable[Slot]) -> bool:
        """Whether an entry was settled so long ago that it is left out; then its slots hide."""
        if settled_since is None or self._long_ago is None or settled_since >= self._long_ago:
            return False
        self.hidden.update(slots)
        return True

    def passed(self, text: str | None) -> Instant | None:
        """Return when a deadline passed, None when there is none or it is yet to come."""
        end = end_of(text, self.zone) if text else None
        return end if end is not None and end <= self.as_of else None

    def plan_passed(self, plan: Mapping[str, Any]) -> Instant | None:
        """Return when a plan's end passed, None when it is undated or yet to come."""
        end = plan_end(plan, self.zone)
        return end if end is not None and end <= self.as_of else None

    def plan_starts(self, plan: Mapping[str, Any]) -> Instant | None:
        """Return when a plan starts, None when it is undated."""
        return plan_start(plan, self.zone)


def with_evidence(
    entry: dict[str, Any],
    standing: Assignment,
    shown: Sequence[Slot] = (),
    *,
    since: Instant | None = None,
) -> dict[str, Any]:
    """Add to an entry what every entry carries: where it comes from, and since when it holds.

    `standing` is the answer that decides the entry, `shown` the slots of all that it shows.
    `since` differs from the answer's valid-from where a state came about by time passing.

    Claims, figures and addressees, of which a situation has dozens each, write these six keys out
    themselves: a dict that is made with all its keys at once takes less than half the time.
    """
    slot, _, valid_from, _, _, development, version, verification, _ = standing
    slots = [slot]
    if shown:
        slots += shown
        if slot in shown:
            slots.pop(slots.index(slot, 1))
    entry["since"] = format_instant(valid_from if since is None else since)
    entry["slot"] = slot
    entry["slots"] = slots
    entry["development"] = development
    entry["version"] = version
    entry["verification"] = verification
    return entry
