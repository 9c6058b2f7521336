"""The situation: a story's standing answers, composed into one document.

`compose` is a pure function of the answers and of `as_of`; all derived states (expired, lapsed,
overdue, ended, fighting, control, level) use `as_of` only, never a clock. The basis, the counts
and `quiet_since` are added by who resolved the basis.

Rules for editors: every entry says from which slots, development and version it comes. A change
of what an entry holds is a new representation version, for it changes answers of the past.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from service.domain import anomalies, level, sections
from service.domain.board import Board, Cast, with_evidence
from service.domain.control import control
from service.domain.layout import address
from service.domain.slots import Assignment
from service.domain.times import Instant

__all__ = ["LOOKS_BELOW", "SECTIONS", "Cast", "Composition", "compose"]

_NOTHING: Mapping[str, Assignment] = MappingProxyType({})

Section = Callable[[Board], Any]

SECTIONS: Mapping[str, Section] = {
    "parties": sections.parties,
    "threats": sections.threats,
    "demands": sections.demands,
    "scheduled": sections.scheduled,
    "control": control,
    "casualties": sections.casualties,
    "relations": sections.relations,
    "access": sections.access,
    "measures": sections.measures,
    "presence": sections.presence,
    "notes": sections.notes,
}
"""The sections that are made of slots, in the order in which they are read."""

MADE_OF: Mapping[str, Sequence[str]] = {
    "level": (*level.FAMILIES, *level.FIGHTS, "level"),
    "parties": ("posture", "engaged", "alert"),
    "threats": ("threat",),
    "demands": ("demand",),
    "scheduled": ("scheduled",),
    "measures": ("measure",),
    "presence": ("presence",),
    "anomalies": anomalies.FAMILIES,
}
"""Families of slots that some sections are made of, and of no others: these can be made early."""

LOOKS_BELOW = ("demand", "measure", "posture", "presence", "scheduled", "threat")
"""Families of slots in which it counts what stood below the answer.

Below a state for what does not fit, below a posture for a ceasefire that gave way to it, and
below a plan for its title."""

_UNSEEN = ("heat", "level", "summary")
"""Families that no section shows."""


def compose(
    answers: Iterable[Assignment],
    *,
    as_of: Instant,
    zone: ZoneInfo,
    conflict: bool,
    cast: Cast,
    previous: Mapping[str, Assignment] = _NOTHING,
    settled: bool = False,
) -> dict[str, Any]:
    """Return the situation that the answers add up to.

    `answers` are the assignments standing at `as_of`, one a slot, in any order; `previous` holds
    the one next below for each slot of the families `LOOKS_BELOW`. `zone` is the story's and
    `conflict` its scale: without it the level is null.

    What was settled more than 14 days before `as_of` is left out unless `settled`: threats carried
    out, withdrawn or expired; demands met, rejected, blocked or lapsed for every addressee; events
    held or cancelled; ended measures, relations and presences.
    """
    composition = Composition(
        as_of=as_of, zone=zone, conflict=conflict, cast=cast, previous=previous, settled=settled
    )
    composition.take(answers)
    return composition.document()


class Composition:
    """A situation in the making, for who is told its answers one lot after the other.

    The arguments are those of `compose`. `previous` may come to hold more with each lot.
    """

    def __init__(
        self,
        *,
        as_of: Instant,
        zone: ZoneInfo,
        conflict: bool,
        cast: Cast,
        previous: Mapping[str, Assignment],
        settled: bool,
    ) -> None:
        self._board = Board(
            (), as_of=as_of, zone=zone, cast=cast, previous=previous, settled=settled
        )
        self._conflict = conflict
        self._told: set[str] = set()
        self._made: dict[str, Any] = {}

    def take(self, answers: Iterable[Assignment], families: Iterable[str] = ()) -> None:
        """Take in a lot. Of these `families` no more will come: what is made of them is made."""
        self._board.put(answers)
        self._told.update(families)
        for name, of in MADE_OF.items():
            if name not in self._made and self._told.issuperset(of):
                self._make(name)

    def document(self) -> dict[str, Any]:
        """Return the situation, when every answer was told."""
        names = ("level", "summary", *SECTIONS, "disputed", "anomalies")
        return {name: self._make(name) for name in names}

    def _make(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._section(name)
        return self._made[name]

    def _section(self, name: str) -> Any:
        match name:
            case "level":
                return level.level_of(self._board) if self._conflict else None
            case "summary":
                summary = self._board.by_slot.get("summary")
                return summary.value if summary is not None and summary.value else []
            case "disputed":
                return _disputed(self._board, self._make("control"))
            case "anomalies":
                return anomalies.anomalies(self._board)
            case _:
                return SECTIONS[name](self._board)


def _disputed(board: Board, places: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is in dispute, the newest first: reports that were disputed, and places.

    A report is listed once, with all its slots, if any of them is shown.
    """
    reports: dict[str, list[Assignment]] = {}
    for answer in board.by_slot.values():
        if answer.verification == "disputed" and address(answer.slot)[0] not in _UNSEEN:
            reports.setdefault(answer.development, []).append(answer)
    found = []
    for answers in reports.values():
        if not board.hidden or any(answer.slot not in board.hidden for answer in answers):
            answers.sort(key=lambda answer: answer.slot)
            values = {answer.slot: answer.value for answer in answers}
            entry = {"why": "verification", "says": "The report is disputed.", "values": values}
            found.append(with_evidence(entry, answers[0], [*values]))
    for place in places:
        if place["state"] == "disputed":
            found.append({"why": "control", "place": place["place"], **_kept(place)})
    found.sort(key=lambda row: row["slot"])
    return sorted(found, key=lambda row: board.by_slot[row["slot"]].valid_from, reverse=True)


_KEPT = ("name", "says", "since", "slot", "slots", "development", "version", "verification")


def _kept(place: Mapping[str, Any]) -> dict[str, Any]:
    return {name: place[name] for name in _KEPT}
