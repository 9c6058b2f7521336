"""What a development's page shows: how it reads, and every version it has had, newest first."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.asof import timeline, trail
from service.readmodel import versions
from service.web import words
from service.web.changes import Change
from service.web.moments import When
from service.web.story import Entry, Told, changes_of, entry

SHOWN = 100
"""Versions on one page; the newest are shown, and the API has them all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """One version: what made it, what it changed, and for how long what was wrong had stood."""

    number: int
    act: str
    made_by: Mapping[str, Any]
    recorded: When
    imported: When | None
    ground: str
    changes: Sequence[Change]
    exposure: str
    exposed_from: When | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A development as its page shows it."""

    entry: Entry
    actors: Sequence[tuple[str, Sequence[str]]]
    ties: Sequence[tuple[str, str, str, bool]]
    versions: Sequence[Version]
    more: int

    @property
    def said(self) -> Mapping[str, Any]:
        """The version current at the basis."""
        return self.entry.said


def report(told: Told, development: str) -> Report:
    """Return a development at the basis. Raises ``NotFound``."""
    row = timeline.find(told.basis, development)
    said = json.loads(versions.served(row))
    every = trail.every_version(told.basis, row["development"])
    return Report(
        entry=entry(told, said),
        actors=_actors(told, said),
        ties=[
            (
                words.label("tie", tie["relation"]),
                tie["development"],
                told.headline(tie["development"]),
                told.is_told(tie["development"]),
            )
            for tie in said.get("relates_to", ())
        ],
        versions=[_version(told, version) for version in every[: -SHOWN - 1 : -1]],
        more=max(0, len(every) - SHOWN),
    )


def _actors(told: Told, said: Mapping[str, Any]) -> list[tuple[str, Sequence[str]]]:
    """Who took part, by role, in the order in which the report names the roles."""
    found: dict[str, list[str]] = {}
    for row in said.get("actors", ()):
        name = told.basis.people.actor(row["actor"])
        found.setdefault(words.label("role", row["role"]), []).append(name)
    return list(found.items())


def _version(told: Told, version: dict[str, Any]) -> Version:
    made_by = version["made_by"]
    exposure = made_by.get("exposure")
    imported = version.get("imported_at")
    return Version(
        number=version["version"],
        act=version["act"],
        made_by=made_by,
        recorded=told.clock.recorded(version),
        imported=told.clock.day(imported) if imported else None,
        ground=ground(version["act"], made_by),
        changes=changes_of(told, made_by),
        exposure=words.length(exposure["seconds"]) if exposure else "",
        exposed_from=told.clock.day(exposure["from"]) if exposure else None,
    )


def ground(act: str, made_by: Mapping[str, Any]) -> str:
    """Return why an act was done: a class of reason in words, or a judgement's own words."""
    reason = made_by.get("reason")
    if not reason:
        return ""
    return str(reason) if act == "DevelopmentVerified" else words.label("reason", reason)
