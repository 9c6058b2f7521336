"""What does not fit: moves that contradict the answer standing at their own valid-from.

The record takes what was reported; a contradiction is shown, as a warning when it is posted and
under `anomalies` until a correction, a withdrawal or a later report resolves it. A stage that
comes without the earlier ones, a claim that is repeated, a party that changes its mind and a
figure that falls contradict nothing.

Rules for editors: one line of `CONTRADICTIONS` for each pair, with a test that bears its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from service.domain.board import Board, with_evidence
from service.domain.layout import REMEMBERED, Layout, Slot
from service.domain.slots import Assignment

CONTRADICTIONS: Mapping[str, frozenset[tuple[str, str]]] = {
    "scheduled:state": frozenset(
        {
            ("cancelled", "held"),
            ("cancelled", "postponed"),
            ("held", "cancelled"),
            ("held", "postponed"),
            ("held", "planned"),
        }
    ),
    "scheduled:reaffirmed": frozenset({("cancelled", "reaffirmed"), ("held", "reaffirmed")}),
    "threat:state": frozenset({("withdrawn", "carried_out"), ("carried_out", "withdrawn")}),
    "demand:state": frozenset(
        {("met", "accepted"), ("met", "rejected"), ("met", "blocked"), ("blocked", "met")}
    ),
    "measure:state": frozenset({("ended", "violated")}),
    "presence": frozenset({("ended", "reduced")}),
}
"""By slot family: (what stood, what was then reported) that cannot both be so."""

_CONTRADICTED_BY = {
    form: {then: frozenset(was for was, now in pairs if now == then) for _, then in pairs}
    for form, pairs in CONTRADICTIONS.items()
}
"""By slot family: what each value contradicts where it stood."""

FAMILIES = tuple(dict.fromkeys(form.partition(":")[0] for form in CONTRADICTIONS))
"""The families of slots among which there may be contradictions."""


def contradictions(
    assigned: Iterable[Assignment], standing: Mapping[str, Assignment]
) -> list[dict[str, Any]]:
    """Return what a version's assignments contradict among the answers `standing`, by slot.

    `standing` are the answers at the assignments' own valid-from, without the version itself.
    """
    found = []
    for answer in assigned:
        before = standing.get(_asks(answer.slot))
        if before is None or before.development == answer.development:
            continue
        if before.value in _contradicted(answer):
            found.append(_entry(before, answer))
    return found


def anomalies(board: Board) -> list[dict[str, Any]]:
    """Return the contradictions that stand, the newest first, settled long ago or not."""
    found = []
    for slot, asked, contradicted_by in board.layout.once(_moves):
        answer = board.by_slot[slot]
        # What is measured by another slot than its own is a reaffirmation.
        contradicted = contradicted_by.get(answer.value if asked == slot else "reaffirmed")
        if contradicted is not None:
            before = (board.previous if asked == slot else board.by_slot).get(asked)
            if before is not None and before.value in contradicted and before.order < answer.order:
                found.append((answer, _entry(before, answer)))
    found.sort(key=lambda row: (-row[0].valid_from, row[0].slot))
    return [entry for _, entry in found]


def _moves(layout: Layout) -> list[tuple[Slot, Slot, Mapping[str, frozenset[str]]]]:
    """The slots that may contradict: by what each is measured, and what its values contradict."""
    return [
        (slot, _asks(slot), _CONTRADICTED_BY[form])
        for family in FAMILIES
        for _, slot in layout.family(family)
        if (form := _form(slot)) in _CONTRADICTED_BY
    ]


def may_contradict(answer: Assignment) -> bool:
    """Tell whether an assignment contradicts anything that can have stood."""
    return bool(_contradicted(answer))


def _contradicted(answer: Assignment) -> frozenset[str]:
    """What the answer contradicts where it stood."""
    form = _form(answer.slot)
    if form not in _CONTRADICTED_BY:
        return frozenset()
    return _CONTRADICTED_BY[form].get(_value(answer), frozenset())


def _value(answer: Assignment) -> Any:
    return "reaffirmed" if _form(answer.slot) == "scheduled:reaffirmed" else answer.value


def _entry(before: Assignment, answer: Assignment) -> dict[str, Any]:
    value = _value(answer)
    now, then = value.replace("_", " "), before.value.replace("_", " ")
    about = answer.slot.split(":")[1]
    entry = {
        "about": about,
        "says": f"{about}: reported as {now} after it had been reported as {then}.",
        "value": value,
        "after": before.value,
        "previous": with_evidence({}, before),
    }
    return with_evidence(entry, answer)


def measured_by(slot: str) -> str | None:
    """Return the slot whose answer a move in `slot` is measured by; None where none can be."""
    return _asks(slot) if _form(slot) in CONTRADICTIONS else None


@lru_cache(maxsize=REMEMBERED)
def _form(slot: str) -> str:
    """The key of the table: the family, with the part that is a word."""
    family, _, rest = slot.partition(":")
    if family in ("scheduled", "threat", "demand", "measure"):
        return f"{family}:{rest.split(':')[1]}"
    return family


def _asks(slot: str) -> str:
    """The slot whose answer a move is measured by: an event's state for its reaffirmation."""
    if slot.startswith("scheduled:") and slot.endswith(":reaffirmed"):
        return slot.removesuffix("reaffirmed") + "state"
    return slot
