"""The situation: a story's standing answers, composed into one document.

`compose` is a pure function of the answers and of `as_of`; all derived states (expired, lapsed,
overdue, ended, fighting, control, level) use `as_of` only, never a clock. The basis, the counts
and `quiet_since` are added by who resolved the basis.

Rules for editors: every entry says from which slots, development and version it comes. A change
of what an entry holds is a new representation version, for it changes answers of the past.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from service.domain import sections
from service.domain.anomalies import anomalies
from service.domain.board import Board, Cast, with_evidence
from service.domain.control import control
from service.domain.layout import address
from service.domain.level import level_of
from service.domain.slots import Assignment
from service.domain.times import Instant

__all__ = ["LOOKS_BELOW", "SECTIONS", "Cast", "compose"]

_NOTHING: Mapping[str, Assignment] = MappingProxyType({})

SECTIONS: Mapping[str, Callable[[Board], list[dict[str, Any]]]] = {
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
    board = Board(answers, as_of=as_of, zone=zone, cast=cast, previous=previous, settled=settled)
    summary = board.by_slot.get("summary")
    document: dict[str, Any] = {
        "level": level_of(board) if conflict else None,
        "summary": summary.value if summary is not None and summary.value else [],
    }
    for name, section in SECTIONS.items():
        document[name] = section(board)
    document["disputed"] = _disputed(board, document["control"])
    document["anomalies"] = anomalies(board)
    return document


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
