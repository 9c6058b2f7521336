"""What a story's corrections log shows: corrections, clarifications, withdrawals, newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.asof import trail
from service.readmodel.chronicle import Span
from service.web import words
from service.web.changes import Change
from service.web.development import ground
from service.web.moments import When
from service.web.story import Told, changes_of

PAGE = 50
"""Acts on one page of the log."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One act of the log."""

    made_by: Mapping[str, Any]
    recorded: When
    ground: str
    changes: Sequence[Change]
    exposure: str
    is_told: bool


def page(told: Told, before: int | None) -> tuple[list[Line], str | None]:
    """Return a page of the log as known at the basis, and the address of the next one.

    ``before`` is a position: acts from it on are left out.
    """
    basis = told.basis
    upto = basis.position if before is None else min(basis.position, before - 1)
    acts = [
        act
        for name in trail.CORRECTIONS
        for act in trail.page(
            basis, Span(above=0, upto=upto, act=name, newest_first=True), limit=PAGE + 1
        )
    ]
    acts.sort(key=lambda act: -act["position"])
    older = None
    if len(acts) > PAGE:
        older = told.address.older_corrections(acts[PAGE - 1]["position"])
    return [_line(told, act) for act in acts[:PAGE]], older


def _line(told: Told, act: Mapping[str, Any]) -> Line:
    exposure = act.get("exposure")
    return Line(
        made_by=act,
        recorded=told.clock.day(act["recorded_at"]),
        ground=ground(act["act"], act),
        changes=changes_of(told, act),
        exposure=words.length(exposure["seconds"]) if exposure else "",
        is_told=told.is_told(act["development"]),
    )
