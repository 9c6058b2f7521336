"""A story told in a test: developments are reported to it, and its situation is read.

The answers are found the slow, obvious way, by looking at every assignment. Days are days in
Tripoli; a report is recorded at the end of the day on which it occurred unless `recorded` says so.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from service.domain import times
from service.domain.kinds import assignments, check_details
from service.domain.situation import LOOKS_BELOW, Cast, compose
from service.domain.slots import Assignment, Version

TRIPOLI = ZoneInfo("Africa/Tripoli")

CAST = Cast(
    actors={"lna": {"name": "Libyan National Army"}, "gna": {"name": "Government of Accord"}},
    places={"gharyan": {"name": "Gharyan"}},
)

Document = dict[str, Any]


def at(text: str) -> int:
    """The instant that a test means: the end of a day in Tripoli, or an instant as it is."""
    return times.end_of(text, TRIPOLI)


def version(
    kind: str,
    *,
    occurred: str = "2019-04-05",
    recorded: str | None = None,
    actors: str = "",
    places: str = "",
    details: Mapping[str, Any] | None = None,
    number: int = 1,
    conflict: bool = True,
    headline: str = "What happened",
) -> Version:
    """One development as reported. `actors` reads `by:lna against:gna`, `places` `a b`."""
    pairs = [word.split(":") for word in actors.split()]
    fields = {
        "kind": kind,
        "headline": headline,
        "occurred": occurred,
        "actors": [{"role": role, "actor": actor} for role, actor in pairs],
        "places": places.split(),
        "details": dict(details or {}),
    }
    bounds = times.parse_occurred(occurred, TRIPOLI)
    latest = bounds.latest if bounds.latest is not None else 0
    return Version(
        development=str(UUID(int=number)),
        version=1,
        fields=fields,
        status="standing",
        verification="reported",
        occurred=bounds,
        first_recorded_at=at(recorded) if recorded else latest,
        report_position=number,
        zone=TRIPOLI,
        conflict=conflict,
    )


class Telling:
    """A running story: what was reported to it, and what that adds up to."""

    def __init__(self, *, conflict: bool = True) -> None:
        self.conflict = conflict
        self.assigned: list[Assignment] = []
        self._number = 0

    def reports(self, kind: str, occurred: str, verification: str = "reported", **said: Any) -> str:
        """Report a development; what the door would refuse fails the test. Returns its id."""
        self._number += 1
        reported = version(
            kind, occurred=occurred, number=self._number, conflict=self.conflict, **said
        )
        assert check_details(kind, reported.fields, TRIPOLI) == {}
        self.assigned += assignments(reported._replace(verification=verification))
        return reported.development

    def sets(self, slot: str, value: Any, on: str) -> None:
        """An editor's act puts a value into a slot."""
        self._number += 1
        self.assigned.append(answer(slot, value, on, number=self._number))

    def standing(self, as_of: str = "2019-12-31") -> tuple[dict[str, Assignment], ...]:
        """The answer of each slot at a moment, and the one next below it."""
        first: dict[str, Assignment] = {}
        second: dict[str, Assignment] = {}
        for one in sorted(self.assigned, key=lambda a: a.order):
            if one.valid_from <= at(as_of):
                if one.slot in first:
                    second[one.slot] = first[one.slot]
                first[one.slot] = one
        return first, second

    def situation(self, as_of: str = "2019-04-18", *, settled: bool = False) -> Document:
        """The composed situation at the end of a day."""
        first, second = self.standing(as_of)
        return compose(
            first.values(),
            as_of=at(as_of),
            zone=TRIPOLI,
            conflict=self.conflict,
            cast=CAST,
            previous={s: below for s, below in second.items() if s.startswith(LOOKS_BELOW)},
            settled=settled,
        )

    def only(self, section: str, as_of: str = "2019-04-18", *, settled: bool = False) -> Document:
        """The one entry of a section."""
        (entry,) = self.situation(as_of, settled=settled)[section]
        return dict(entry)


def threatens(story: Telling, on: str, **said: Any) -> str:
    actors = "by:lna against:gna"
    return story.reports(
        "threat.made", on, actors=actors, details={"threat": {"threat": "t1", **said}}
    )


def about_threat(story: Telling, kind: str, on: str) -> str:
    return story.reports(kind, on, actors="by:lna", details={"threat": {"threat": "t1"}})


def calls(story: Telling, on: str, to: str = "to:lna to:gna", **said: Any) -> str:
    demand = {"demand": {"demand": "d1", **said}}
    return story.reports("call.made", on, actors=f"by:un {to}", details=demand)


def answers(story: Telling, kind: str, on: str, actors: str) -> str:
    return story.reports(kind, on, actors=actors, details={"demand": {"demand": "d1"}})


def plans(story: Telling, on: str, kind: str = "scheduled.planned", **said: Any) -> str:
    return story.reports(kind, on, details={"scheduled": {"event": "conf", **said}})


def imposes(story: Telling, on: str, kind: str = "sanction", **said: Any) -> str:
    measure = {"measure": {"measure": "m1", **said}}
    return story.reports(kind, on, actors="by:un against:lna", details=measure)


def answer(slot: str, value: Any, on: str, *, number: int = 1, **more: Any) -> Assignment:
    """An assignment as such, valid from the end of a day."""
    return Assignment(
        slot=slot,
        value=value,
        valid_from=at(on),
        occurred_latest=at(on),
        report_position=number,
        development=str(UUID(int=number)),
        version=1,
        verification=more.pop("verification", "reported"),
        **more,
    )
