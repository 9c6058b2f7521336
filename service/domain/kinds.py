"""The vocabulary: kinds are data (kinds.toml), read once; here is what is asked of them.

Rules for editors: no kind is named in code that could be data. To add one, add its entry to
kinds.toml and its line to tests/domain/released_kinds.csv; no other file changes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from difflib import SequenceMatcher
from importlib import resources
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from service.domain import details, slots
from service.domain.plans import end_of, plan_end
from service.domain.prepared import Prepared
from service.domain.slots import Assignment, Version
from service.domain.templates import Kind, parse_template
from service.domain.times import Instant

__all__ = [
    "DEFAULT",
    "KINDS",
    "Assignment",
    "Kind",
    "Version",
    "assignments",
    "check_details",
    "details_schema",
    "kind_of",
    "nearest",
    "shortfalls",
    "sound_details",
    "turning_points",
    "valid_from",
]

DEFAULT = "occurrence"
"""The kind of a development that names none."""

NEAREST = 3
"""How many kinds are suggested for a name that is none."""

_NEAR_ENOUGH = 0.6


def _load() -> dict[str, Kind]:
    text = resources.files("service.domain").joinpath("kinds.toml").read_text(encoding="utf-8")
    return {
        name: Kind(
            name=name,
            label=entry["label"],
            group=entry["group"],
            plover=entry["plover"],
            cameo=entry["cameo"],
            acled=entry["acled"],
            intensity=entry["intensity"],
            templates=tuple(parse_template(template) for template in entry["assigns"]),
            details=tuple(entry["details"]),
            party=entry.get("party", ""),
            opens=entry.get("opens", False),
            aliases=tuple(entry["aliases"]),
        )
        for name, entry in tomllib.loads(text).items()
    }


KINDS: Mapping[str, Kind] = MappingProxyType(_load())
"""Every kind by its name, in the order of kinds.toml."""


def kind_of(fields: Mapping[str, Any]) -> Kind:
    """Return the kind of a development. Raises KeyError for a name that is none."""
    return KINDS[fields.get("kind") or DEFAULT]


def assignments(version: Version) -> tuple[Assignment, ...]:
    """Return what a version assigns: () when withdrawn, erased, refuted, or of unknown start."""
    return slots.assign(kind_of(version.fields), version)


def valid_from(version: Version) -> Instant | None:
    """Return from when the version holds, None when its start is unknown.

    A report of casualties holds from the moment until which they were counted.
    """
    return slots.holds_from(kind_of(version.fields), version)


_ENDING = frozenset({"threat", "demand", "measure", "scheduled"})
"""The parts of details with a date at which what is assigned changes by itself."""


def turning_points(version: Version) -> tuple[Instant, ...]:
    """Return the instants after its valid-from at which what it assigns changes by itself.

    The ends of deadlines, plans and measures: from then on a threat reads expired, a demand
    lapsed, an event overdue, a measure ended.
    """
    said = version.fields.get("details")
    if not said or _ENDING.isdisjoint(said):
        return ()
    if version.status != "standing" or version.verification == "refuted":
        return ()
    ends: set[Instant | None] = set()
    for part, name in (("threat", "deadline"), ("demand", "deadline"), ("measure", "until")):
        text = (said.get(part) or {}).get(name)
        if text:
            ends.add(end_of(text, version.zone))
    if plan := said.get("scheduled"):
        ends.add(plan_end(plan, version.zone))
    starts = valid_from(version) if ends else None
    if starts is None:
        return ()
    return tuple(sorted(end for end in ends if end is not None and end > starts))


def check_details(kind: str, fields: Mapping[str, Any], zone: ZoneInfo) -> dict[str, list[str]]:
    """Return what is wrong with a development's details, by field path; {} when all is well.

    `zone` is the story's. Raises KeyError for a kind that is none.
    """
    return details.check(KINDS[kind], fields, zone)


def sound_details(kind: str, fields: Mapping[str, Any]) -> bool:
    """Tell whether nothing is wrong with a development's details but perhaps a date.

    Raises KeyError for a kind that is none.
    """
    return details.sound(KINDS[kind], fields)


def shortfalls(fields: Mapping[str, Any]) -> list[str]:
    """Return warnings: what the development leaves out, so that the situation cannot show it."""
    if isinstance(fields, Prepared):
        return [*fields.shortfalls]
    return details.shortfalls(kind_of(fields), fields)


def details_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a kind's `details`. Raises KeyError."""
    return details.schema_of(KINDS[kind])


def nearest(name: str) -> list[str]:
    """Return the kinds that a desk may have meant, the likeliest first; none may be near."""
    said = _plain(name)
    scores = {kind.name: _likeness(said, kind) for kind in KINDS.values()}
    near = sorted((score, known) for known, score in scores.items() if score >= _NEAR_ENOUGH)
    return [known for score, known in sorted(near, key=lambda row: -row[0])][:NEAREST]


def _likeness(said: str, kind: Kind) -> float:
    words = [_plain(word) for word in (kind.name, kind.label, *kind.aliases)]
    return max(SequenceMatcher(None, said, word).ratio() for word in words)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()
