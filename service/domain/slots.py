"""Slots: which questions a development's version answers, and with what.

A slot is one question about the situation under a stable address, `posture:lna`; an assignment
is what a version puts into one. A kind says by templates (templates.py) which slots it writes.
Besides its templates a kind writes `casualties:…` and `posture:{by}` where its details have them,
and, in a story of conflict, `heat:{band}`. A placeholder that stands for nobody writes nothing;
only a demand addressed to nobody in particular is addressed to `all`.

Rules for editors: everything here is a pure function of the version, without a clock. Slot names
and the shapes of values are stored for ever: add, never change. Nothing here refuses; what may
be said was checked at the door (details.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from operator import attrgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from service.domain import times
from service.domain.prepared import Prepared
from service.domain.reading import ALL, FILLED_BY, Reading
from service.domain.templates import Kind, Template, band_of, parse_template
from service.domain.times import Instant, Occurred


class Assignment(NamedTuple):
    """What one version of a development puts into one slot.

    `valid_from` says from when it answers; of two answers the one with the greater `order`
    stands. `ends` is when what it says was to end (a measure's `until`): past it the answer
    reads *ended*, and nothing older resurfaces. Times are microseconds since 1970 UTC; `value`
    is JSON. A tuple, because a situation is made of hundreds; name its fields all the same.
    """

    slot: str
    value: Any
    valid_from: Instant
    occurred_latest: Instant
    report_position: int
    development: str
    version: int
    verification: str
    ends: Instant | None = None

    @property
    def order(self) -> tuple[Instant, Instant, int]:
        """Return what decides which of a slot's answers stands: the greatest."""
        return self[2:5]


by_order = attrgetter("valid_from", "occurred_latest", "report_position")
"""An answer's order, as a key for `max` and `sorted`: asked in C, for it is asked hundreds of
times a situation."""

by_order_and_slot = attrgetter("valid_from", "occurred_latest", "report_position", "slot")
"""What decides between answers of several slots: their order, and where it is the same, the slot.

One development's answers have the same order."""


class Version(NamedTuple):
    """A development at one version: all that its assignments are a function of.

    `fields` is the content as posted, `status` standing, withdrawn or erased, `zone` the
    story's, `conflict` whether the story's scale is conflict. A tuple, as an assignment is.
    """

    development: str
    version: int
    fields: Mapping[str, Any]
    status: str
    verification: str
    occurred: Occurred
    first_recorded_at: Instant
    report_position: int
    zone: ZoneInfo
    conflict: bool


_CASUALTIES = parse_template("casualties:{scope}:{counted_by}:{figure}")
_POSTURE = parse_template("posture:{by}")


def assign(kind: Kind, version: Version) -> tuple[Assignment, ...]:
    """Return what a version assigns: nothing when it was withdrawn, erased or refuted.

    Nothing either when the start of what happened is unknown: such a development stands in the
    timeline only.
    """
    if version.status != "standing" or version.verification == "refuted":
        return ()
    holds_from = times.valid_from(version.occurred, version.first_recorded_at)
    if holds_from is None:
        return ()
    values = _values(kind, version)
    details: Mapping[str, Any] = version.fields.get("details") or {}
    # Of what the details have nothing, nothing is asked: most developments have none.
    counted = _counted_until(details, version) if details.get("casualties") else holds_from
    until = details["measure"].get("until") if details.get("measure") else None
    ends = times.end_of(until, version.zone) if until else None
    latest = version.occurred.latest
    if latest is None:
        latest = version.occurred.start_latest or 0
    said = (version.report_position, version.development, version.version, version.verification)
    rows = [
        (
            slot,
            value,
            counted if slot.startswith("casualties:") else holds_from,
            latest,
            *said,
            ends if until and slot.startswith("measure:") else None,
        )
        for slot, value in values.items()
    ]
    # Made as the tuples that they are: by their fields' names it would take three times as long.
    return tuple([tuple.__new__(Assignment, row) for row in rows])


def holds_from(kind: Kind, version: Version) -> Instant | None:
    """Return the version's valid-from; None when its start is unknown.

    Of a kind that reports casualties it is the moment until which they were counted.
    """
    plain = times.valid_from(version.occurred, version.first_recorded_at)
    if plain is None or not kind.counts:
        return plain
    return _counted_until(version.fields.get("details") or {}, version)


def _counted_until(details: Mapping[str, Any], version: Version) -> Instant:
    """The instant from which casualties hold: `until`, else the end of the interval."""
    until = (details.get("casualties") or {}).get("until")
    end = version.occurred.latest if version.occurred.interval else None
    if until:
        end = times.end_of(until, version.zone)
    return times.valid_from(version.occurred, version.first_recorded_at, end) or 0


def _values(kind: Kind, version: Version) -> dict[str, Any]:
    """Each slot that the version writes, with its value; what the details say comes last."""
    fields = version.fields
    if isinstance(fields, Prepared) and fields.slots is not None:
        values = dict(fields.slots)
    else:
        values = values_of(Reading(kind, fields, version.development))
    band = band_of(kind.intensity) if version.conflict else None
    if band:
        values[f"heat:{band}"] = {"kind": kind.name, "intensity": kind.intensity}
    return values


def values_of(reading: Reading) -> dict[str, Any]:
    """Return what a development's fields say of slots, whatever story they are in."""
    values: dict[str, Any] = {}
    for template in reading.kind.templates:
        if template.family == "casualties":
            continue  # Written below, for every kind that has them.
        for slot, bound in expand(template, reading):
            values[slot] = template.constant or _value(template, reading, bound)
    details = reading.details
    if not details:
        return values
    state = reading.part("measure").get("state")
    if state and state != "in_force":
        # A ceasefire that is reported as broken or over puts nobody at rest.
        values = {slot: v for slot, v in values.items() if not slot.startswith("posture:")}
    if details.get("casualties"):
        for slot, bound in expand(_CASUALTIES, reading):
            values[slot] = _figure(reading, bound[-1])
    if posture := details.get("posture"):
        values.update((slot, posture) for slot, _ in expand(_POSTURE, reading))
    return values


Bound = tuple[str, ...]
"""What a template's placeholders stand for, in the order of its names."""


def expand(template: Template, reading: Reading) -> Iterator[tuple[str, Bound]]:
    """Yield each slot of a template, with what its placeholders stand for."""
    choices = []
    for name in template.names:
        found = FILLED_BY[name](reading)
        if not found:
            if name != "to" or template.family != "demand":
                return
            found = (ALL,)
        choices.append(found)
    order = template.order
    for bound in product(*choices):
        named = bound if order is None else tuple([bound[at] for at in order])
        yield template.pattern % named, bound


def _value(template: Template, reading: Reading, bound: Bound) -> Any:
    named = dict(zip(template.names, bound, strict=True))
    if not template.values:
        return _KNOWN_BY_FORM[template.form](reading, named)
    if template.family == "alert":
        return reading.part("alert").get("level") or template.values[0]
    if template.family == "measure":
        return reading.part("measure").get("state") or template.values[0]
    (value,) = template.values
    return named[value[1:-1]]


def _terms(part: str, last: str) -> Callable[[Reading, Mapping[str, str]], dict[str, Any]]:
    """The terms of a threat, a demand or a measure; `last` names the detail that ends it."""

    def terms(reading: Reading, _bound: Mapping[str, str]) -> dict[str, Any]:
        said = reading.part(part)
        return {
            "text": said.get("text") or reading.fields.get("headline"),
            "by": list(reading.role("by")),
            "against": list(reading.role("against")),
            "to": list(reading.role("to")),
            "with": list(reading.role("with")),
            last: said.get(last),
        }

    return terms


def _plan(reading: Reading, _bound: Mapping[str, str]) -> dict[str, Any]:
    """An event's plan. Only who plans it gives it a title by the headline."""
    said = reading.part("scheduled")
    headline = reading.fields.get("headline") if reading.kind.opens else None
    return {
        "title": said.get("title") or headline,
        "starts": said.get("starts"),
        "ends": said.get("ends"),
        "time_zone": said.get("time_zone"),
    }


def _reaffirmed(reading: Reading, _bound: Mapping[str, str]) -> dict[str, Any]:
    return {"by": list(reading.role("by")), "text": reading.fields.get("headline")}


def _figure(reading: Reading, figure: str) -> dict[str, Any]:
    """A figure with its bounds: a number given alone is all three; what is not given is null."""
    casualties = reading.part("casualties")
    given = casualties[figure]
    if not isinstance(given, Mapping):
        given = {"low": given, "best": given, "high": given}
    return {
        "low": given.get("low"),
        "best": given.get("best"),
        "high": given.get("high"),
        "until": casualties.get("until") or _last_day(reading.fields.get("occurred")),
    }


def _last_day(occurred: str | None) -> str | None:
    """The end of an interval as it is written, the text itself otherwise."""
    end = (occurred or "").rpartition("/")[2]
    return None if end in ("", "..") else end


_KNOWN_BY_FORM: dict[str, Callable[[Reading, Mapping[str, str]], Any]] = {
    "engaged": lambda reading, _bound: reading.kind.name,
    "fought": lambda reading, _bound: reading.kind.name,
    "threat:terms": _terms("threat", "deadline"),
    "demand:terms": _terms("demand", "deadline"),
    "measure:terms": _terms("measure", "until"),
    "scheduled:plan": _plan,
    "scheduled:reaffirmed": _reaffirmed,
    "note": lambda reading, bound: reading.part("notes")[bound["name"]],
}
