"""The board: a story's standing answers, laid out by family for those who compose from them.

Rules for editors: nothing is derived here. `as_of` is the only time there is; no clock is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

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

    def actors_named(self, *slugs: str) -> dict[str, str]:
        """Return the actors' names by slug."""
        return {slug: self.actor(slug) for slug in slugs}


REMEMBERED = 16_384
"""Slots whose parts one process remembers: those of some eighty stories of 200."""


@lru_cache(maxsize=REMEMBERED)
def address(slot: str) -> tuple[str, tuple[str, ...]]:
    """Return a slot's family and the parts of its address after it."""
    family, *parts = slot.split(":")
    return family, tuple(parts)


Row = tuple[tuple[str, ...], Assignment]
"""The parts of a slot's address after its family, and the answer that stands in it."""


class Board:
    """The answers standing at `as_of`, one a slot, by slot and by family.

    `previous` holds, by slot, the answer next below the standing one. With `settled` nothing
    that was settled long ago is left out. `hidden` collects the slots of what was left out.
    """

    __slots__ = ("_long_ago", "as_of", "by_slot", "cast", "families", "hidden", "previous", "zone")

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
        self.previous = previous
        self.hidden: set[str] = set()
        self._long_ago = None if settled else as_of - SETTLED_DAYS * DAY
        self.by_slot = by_slot = {answer.slot: answer for answer in answers}
        self.families: dict[str, list[Row]] = {}
        families = self.families
        for slot in sorted(by_slot):
            family, parts = address(slot)
            row = (parts, by_slot[slot])
            if family in families:
                families[family].append(row)
            else:
                families[family] = [row]

    def family(self, name: str) -> Sequence[Row]:
        """Return the answers of a family, in the order of their addresses."""
        return self.families.get(name, ())

    def threads(self, name: str) -> dict[str, dict[tuple[str, ...], Assignment]]:
        """Return a family's answers by what they are about: `{t1: {("state",): …}}`."""
        found: dict[str, dict[tuple[str, ...], Assignment]] = {}
        for parts, answer in self.family(name):
            about, rest = parts[0], parts[1:]
            if about in found:
                found[about][rest] = answer
            else:
                found[about] = {rest: answer}
        return found

    def leaves_out(self, settled_since: Instant | None, used: Iterable[Assignment]) -> bool:
        """Whether an entry was settled so long ago that it is left out; then its slots hide."""
        if settled_since is None or self._long_ago is None or settled_since >= self._long_ago:
            return False
        self.hidden.update(answer.slot for answer in used)
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


def evidence(
    standing: Assignment, *others: Assignment | None, since: Instant | None = None
) -> dict[str, Any]:
    """Return what every entry carries: where it comes from, and since when it holds.

    `standing` is the answer that decides the entry, `others` are further ones that it shows.
    `since` differs from the answer's valid-from where a state came about by time passing.
    """
    slot, _, valid_from, _, _, development, version, verification, _ = standing
    slots = [slot]
    if others:
        slots += [other.slot for other in others if other is not None]
        if len(slots) > 1:
            slots = list(dict.fromkeys(slots))
    return {
        "since": format_instant(valid_from if since is None else since),
        "slot": slot,
        "slots": slots,
        "development": development,
        "version": version,
        "verification": verification,
    }
