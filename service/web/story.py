"""What a story's page shows: the situation's sections and the timeline, as plain values."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any

from markupsafe import Markup

from service.asof import Asked, Basis, situation, timeline, trail
from service.asof.timeline import Filters
from service.domain.refusals import NotFound
from service.domain.times import format_instant
from service.readmodel import chronicle, versions
from service.web import words
from service.web.address import Address, after_text, moment_of
from service.web.changes import Change, Names, shown
from service.web.markdown import prose
from service.web.moments import Clock, When

PAGE = 50
"""Developments on one page of the timeline."""

NARROW = 16
"""Characters of a time that still fit beside the text: 14–16 April 2019."""

ON_TOP = 3
"""Sections beside each other under the summary; the rest stand beside the timeline."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """A development's last correction, as its mark on the timeline opens it."""

    often: str
    when: When
    notice: str
    changes: Sequence[Change]
    version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One development on the timeline."""

    said: Mapping[str, Any]
    heading: When
    beside: When | None
    body: Markup
    places: Sequence[str]
    is_key: bool
    correction: Correction | None
    late: tuple[str, When, When] | None
    recorded: When

    @property
    def is_short(self) -> bool:
        """Whether the time fits beside the text, in a narrow column."""
        return self.beside is None or len(self.beside.words) <= NARROW


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One section of the situation that has something to say."""

    name: str
    heading: str
    entries: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """A page of the timeline: entries under their headings, and where the next page begins."""

    groups: Sequence[tuple[When, Sequence[Entry]]]
    older: str | None


@dataclass(frozen=True)
class Told:
    """A story at a basis, with all that its pages ask of it."""

    basis: Basis
    asked: Asked
    _headlines: dict[str, str] = field(default_factory=dict)

    @cached_property
    def address(self) -> Address:
        """Where the story's pages lie, at this moment."""
        return Address(self.basis.row.id, self.asked)

    @cached_property
    def clock(self) -> Clock:
        """Times in the story's zone."""
        return Clock(self.basis.zone)

    @cached_property
    def names(self) -> Names:
        """What slugs and ids are called at the basis."""
        return Names(self.basis.people, self.clock, self.headline, self.is_conflict)

    @property
    def title(self) -> str:
        """The story's title as known at the basis; its slug before its first act."""
        return str(self.basis.document.get("title") or self.basis.row.id)

    @property
    def language(self) -> str:
        """The language in which the story is told."""
        return str(self.basis.document.get("language") or "en")

    @property
    def is_conflict(self) -> bool:
        """Whether the story is one of conflict."""
        return self.basis.is_of_conflict

    @property
    def is_past(self) -> bool:
        """Whether the page is about a moment rather than about now."""
        return self.basis.reading != "now"

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the story was on record yet."""
        return self.basis.position == 0

    @property
    def is_closed(self) -> bool:
        """Whether the story takes no more developments; a page of the past does not know."""
        return not self.is_past and not self.basis.row.is_open

    @property
    def moment(self) -> str:
        """The moment that a page of the past is about, as it was asked for; empty for now."""
        return moment_of(self.asked, self.basis) if self.is_past else ""

    @property
    def example(self) -> str:
        """A day of the story, as the form wants it written."""
        return str(self.situation["quiet_since"] or "2019-04-05")[: len("2019-04-05")]

    @cached_property
    def situation(self) -> Mapping[str, Any]:
        """The situation's document at the basis."""
        document: Mapping[str, Any] = json.loads(situation.sections(self.basis))
        return document

    @cached_property
    def began(self) -> int:
        """When the story's first act was recorded, in microseconds."""
        return self._first.recorded_at if self._first else 0

    @cached_property
    def archive(self) -> When | None:
        """When the story was brought in from an archive; None for one that was told here."""
        first = self._first
        if first is None or self.is_empty or first.stored_at == first.recorded_at:
            return None
        return self.clock.day(format_instant(first.stored_at))

    @cached_property
    def _first(self) -> chronicle.Moment | None:
        return chronicle.at_position(self.basis.sql, self.basis.story, self.basis.story)

    def headline(self, development: str) -> str:
        """Return a development's headline as known at the basis; a plain word when it has none."""
        if development not in self._headlines:
            number = timeline.number_of(self.basis.sql, development)
            row = number and versions.at(self.basis.sql, number, self.basis.position)
            said = json.loads(versions.served(row)) if row else {}
            self._headlines[development] = said.get("headline") or "a development"
        return self._headlines[development]

    def is_told(self, development: str) -> bool:
        """Tell whether the story has a development at the basis: whether a link leads anywhere."""
        try:
            timeline.find(self.basis, development)
        except NotFound:
            return False
        return True

    @cached_property
    def pinned(self) -> list[str]:
        """The ids of what editors put on top of the story."""
        return [name for name in self.situation["pinned"] if self.is_told(name)]


def sections(told: Told) -> tuple[list[Section], list[Section]]:
    """Return the sections that say something: those on top, and those beside the timeline."""
    found = [
        Section(
            name=name,
            heading=words.heading(name, conflict=told.is_conflict),
            entries=_entries(told, name),
        )
        for name in words.HEADINGS
        if told.situation[name]
    ]
    return found[:ON_TOP], found[ON_TOP:]


def _entries(told: Told, name: str) -> Sequence[Mapping[str, Any]]:
    entries: Sequence[Mapping[str, Any]] = told.situation[name]
    if name == "casualties":
        return [{**entry, "lines": list(_lines(entry["figures"]))} for entry in entries]
    return entries


def _lines(figures: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """A counter's figures in lines: side by side those that one report gave for one time."""

    def report(figure: Mapping[str, Any]) -> tuple[Any, ...]:
        return figure["development"], figure["version"], figure["until"]

    for _, together in groupby(figures, report):
        line = list(together)
        yield {**line[0], "figures": line}


def page(told: Told, after: Sequence[int] | None) -> Timeline:
    """Return a page of the timeline, newest first, from after a row's key."""
    rows, going_on = timeline.page(
        told.basis, Filters(), order="-occurred", after=after, limit=PAGE
    )
    entries = [entry(told, json.loads(row)) for row in rows]
    groups = [(heading, list(under)) for heading, under in groupby(entries, lambda e: e.heading)]
    older = None if going_on is None else told.address.older(after_text(going_on))
    return Timeline(groups=groups, older=older)


def entry(told: Told, said: Mapping[str, Any]) -> Entry:
    """Return a served version as the timeline shows it."""
    development = dict(said)
    heading = told.clock.heading(development)
    return Entry(
        said=development,
        heading=heading,
        beside=told.clock.beside(development, heading),
        body=prose(development.get("body") or ""),
        places=[told.basis.people.place(slug) for slug in development.get("places", ())],
        is_key=development["id"] in told.situation["key_events"],
        correction=last_correction(told, development) if development["corrected"] else None,
        late=told.clock.late(development, told.began),
        recorded=told.clock.recorded(development),
    )


def last_correction(told: Told, said: Mapping[str, Any]) -> Correction | None:
    """Return the last correction of a development, as known at the basis."""
    number = timeline.number_of(told.basis.sql, said["id"])
    assert number is not None, "a served development has a number"
    for version in reversed(trail.every_version(told.basis, number)):
        if version["act"] == "DevelopmentCorrected":
            made_by = version["made_by"]
            return Correction(
                often=words.times(said["corrected"]),
                when=told.clock.recorded(version),
                notice=made_by.get("notice", ""),
                changes=of_texts(shown(made_by.get("changes", ()), told.names)),
                version=version["version"],
            )
    return None


def changes_of(told: Told, made_by: Mapping[str, Any]) -> list[Change]:
    """Return what an act changed. A withdrawal takes all away: of it, only the words are shown."""
    found = shown(made_by.get("changes", ()), told.names)
    return of_texts(found) if made_by["act"] == "DevelopmentWithdrawn" else found


def of_texts(changes: Sequence[Change]) -> list[Change]:
    """Return the changes of words, which fit a mark on the timeline."""
    return [change for change in changes if change.marked]
