"""`details`: what each part of it may say, and whether it fits its kind.

The shapes are JSON Schema (2020-12), a small part of it: the same data is published with the
kinds and checked here. Beyond shapes: dates that parse, figures in order, and a party and places
that are named or can be taken from the development's actors and places.

Rules for editors: every fault is a sentence that says how to mend it, under the path of its
field. A part or a field is added, never taken away: stored developments have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any
from zoneinfo import ZoneInfo

from service.domain import times
from service.domain.plans import zone_named
from service.domain.prepared import Prepared
from service.domain.reading import FIGURES, FILLED_BY, Reading
from service.domain.templates import Kind

Schema = Mapping[str, Any]
Fault = tuple[str, str]
"""A field's path and a sentence."""

LONGEST_TEXT = 5_000
LONGEST_LINE = 300
LONGEST_NOTE = 1_000
MOST_NAMES = 50
"""Places of one claim, notes of one development."""

HIGHEST_FIGURE = 10**9
MOST_FAULTS = 50
"""Faults of shape that one answer tells; more help nobody."""


def _object(**properties: Schema) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _text(most: int, **more: Any) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": most, **more}


_SLUG = _text(80, pattern="^[a-z0-9](-?[a-z0-9])*$")
_PLACES = {
    "type": "array",
    "items": _SLUG,
    "minItems": 1,
    "maxItems": MOST_NAMES,
    "uniqueItems": True,
}
_TEXT = _text(LONGEST_TEXT)
_DATE = _text(100, format="date-or-instant")
_BOUND = {"type": ["integer", "null"], "minimum": 0, "maximum": HIGHEST_FIGURE}
_FIGURE = {
    "type": ["integer", "object"],
    "minimum": 0,
    "maximum": HIGHEST_FIGURE,
    "properties": {"low": _BOUND, "best": _BOUND, "high": _BOUND},
    "additionalProperties": False,
}

PARTS: dict[str, dict[str, Any]] = {
    "scheduled": _object(
        event=_SLUG,
        title=_text(LONGEST_LINE),
        starts=_DATE,
        ends=_DATE,
        time_zone=_text(100, format="time-zone"),
    ),
    "threat": _object(threat=_SLUG, text=_TEXT, deadline=_DATE),
    "demand": _object(demand=_SLUG, text=_TEXT, deadline=_DATE),
    "control": _object(places=_PLACES, party=_SLUG),
    "casualties": _object(
        scope=_SLUG, counted_by=_SLUG, **dict.fromkeys(FIGURES, _FIGURE), until=_DATE
    ),
    "alert": _object(level={"enum": ["normal", "raised", "maximum", "lowered"]}),
    "posture": {"enum": ["calm", "alert", "mobilising", "attacking", "defending", "ceasefire"]},
    "relation": _object(type={"enum": ["supports", "arms", "recognises", "opposes", "fights"]}),
    "measure": _object(
        measure=_SLUG,
        text=_TEXT,
        until=_DATE,
        state={"enum": ["in_force", "violated", "ended"]},
    ),
    "access": _object(places=_PLACES),
    "notes": {
        "type": "object",
        "minProperties": 1,
        "maxProperties": MOST_NAMES,
        "propertyNames": _SLUG,
        "additionalProperties": _text(
            LONGEST_NOTE, type=["string", "number", "boolean"], minLength=0
        ),
    },
}
"""The JSON Schema of each part of `details`."""


def schema_of(kind: Kind) -> dict[str, Any]:
    """Return the JSON Schema of the kind's `details`."""
    return _object(**{name: _schema(kind, name) for name in kind.details})


def _schema(kind: Kind, part: str) -> dict[str, Any]:
    """The schema of one part; a kind of alert takes its own levels only."""
    if part == "alert":
        (levels,) = (template.values for template in kind.templates if template.family == "alert")
        return _object(level={"enum": list(levels)})
    return PARTS[part]


def check(kind: Kind, fields: Mapping[str, Any], zone: ZoneInfo) -> dict[str, list[str]]:
    """Return what is wrong with a development's `details`: sentences by field path.

    `zone` is the story's: dates are days in it, those of a plan in the plan's own zone. Expects
    `actors` and `places` to have their shape; whether they are in the cast is not asked here.
    """
    faults: dict[str, list[str]] = {}
    details = fields.get("details") or {}
    if isinstance(fields, Prepared):
        # All else was found sound before.
        found = list(_date_faults(details, zone)) if details else []
    elif not isinstance(details, Mapping):
        return {"details": ["It is an object, with a part for each thing that is detailed."]}
    else:
        found = _found(kind, fields, details, zone)
    for path, sentence in found:
        faults.setdefault(path, []).append(sentence)
    return faults


def _found(
    kind: Kind, fields: Mapping[str, Any], details: Mapping[str, Any], zone: ZoneInfo
) -> list[Fault]:
    found = list(islice(_all_shape_faults(kind, details), MOST_FAULTS))
    if not found:
        # Only what has its shape can be asked for its meaning.
        if details:
            found += _date_faults(details, zone)
            found += _figure_faults(details.get("casualties"))
        found += _naming_faults(kind, fields, details)
    return found


def sound(kind: Kind, fields: Mapping[str, Any]) -> bool:
    """Tell whether nothing is wrong with `details` but perhaps a date, which needs a zone."""
    details = fields.get("details") or {}
    if not isinstance(details, Mapping):
        return False
    found = chain(
        _all_shape_faults(kind, details),
        _figure_faults(details.get("casualties")),
        _naming_faults(kind, fields, details),
    )
    return next(found, None) is None


def _all_shape_faults(kind: Kind, details: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _unknown_parts(kind, details)
    for name in kind.details:
        if name in details:
            yield from _shape_faults(details[name], _schema(kind, name), f"details.{name}")


def shortfalls(kind: Kind, fields: Mapping[str, Any]) -> list[str]:
    """Return why a development of this kind writes less than its kind can: warnings, not faults.

    A retaliation that names no threat goes on the record, but the threat stays open.
    """
    if kind.templates and _begins_unknown(fields.get("occurred") or ""):
        return ["The situation does not show it: nobody knows when it began. The timeline has it."]
    reading = Reading(kind, fields, "")
    missing: dict[str, None] = {}
    for template in kind.templates:
        if template.optional or template.family in ("note", "casualties"):
            continue
        for name in template.names:
            if not FILLED_BY[name](reading) and not _may_be_silent(template.family, name):
                missing[_WHERE[name]] = None
    if not missing:
        return []
    return [f"The situation does not show it: it names no {' and no '.join(missing)}."]


def _begins_unknown(occurred: str) -> bool:
    """Whether it is an interval whose start is open or unknown: such a version assigns nothing."""
    start, is_interval, _ = occurred.partition("/")
    return bool(is_interval) and start in ("", "..")


_WHERE = {
    "by": "actor with the role by",
    "against": "actor with the role against",
    "to": "actor with the role to",
    "with": "actor with the role with",
    "by|with": "actor with the role by or with",
    "place": "place",
    "party": "party (details.control.party)",
    "t": "threat (details.threat.threat)",
    "d": "demand (details.demand.demand)",
    "e": "event (details.scheduled.event)",
    "m": "measure (details.measure.measure)",
    "type": "type of relation (details.relation.type)",
}


def _may_be_silent(family: str, name: str) -> bool:
    """Whether a slot may go unwritten without a word: not every fight has two known sides."""
    return family in ("engaged", "fought") or (family, name) == ("demand", "to")


def _unknown_parts(kind: Kind, details: Mapping[str, Any]) -> Iterator[Fault]:
    takes = ", ".join(kind.details) or "no details"
    for name in details:
        if name not in kind.details:
            yield f"details.{name}", f"{kind.label} ({kind.name}) takes {takes}."


# -- shapes: the part of JSON Schema that PARTS is written in -------------------------------------

_TYPES: dict[str, tuple[str, tuple[type, ...]]] = {
    "object": ("an object", (Mapping,)),
    "array": ("a list", (list, tuple)),
    "string": ("text", (str,)),
    "integer": ("a whole number", (int,)),
    "number": ("a number", (int, float)),
    "boolean": ("true or false", (bool,)),
    "null": ("null", (type(None),)),
}


def _is_one_of(value: Any, types: Iterable[str]) -> bool:
    """Whether a value has one of the types; true and false are no numbers."""
    if isinstance(value, bool):
        return "boolean" in types
    return any(isinstance(value, _TYPES[name][1]) for name in types)


def _is_out_of_bounds(value: float, schema: Schema) -> bool:
    return "minimum" in schema and not schema["minimum"] <= value <= schema["maximum"]


def _shape_faults(value: Any, schema: Schema, path: str) -> Iterator[Fault]:
    if "enum" in schema:
        if value not in schema["enum"]:
            yield path, f"It is one of {', '.join(schema['enum'])}."
        return
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not _is_one_of(value, types):
        yield path, f"It is {' or '.join(_TYPES[name][0] for name in types)}."
    elif isinstance(value, str):
        yield from _text_faults(value, schema, path)
    elif isinstance(value, Mapping):
        yield from _object_faults(value, schema, path)
    elif isinstance(value, list | tuple):
        yield from _list_faults(value, schema, path)
    elif value is not None and _is_out_of_bounds(value, schema):
        yield path, f"It is a whole number from {schema['minimum']} to {schema['maximum']}."


def _text_faults(value: str, schema: Schema, path: str) -> Iterator[Fault]:
    if not schema["minLength"] <= len(value) <= schema["maxLength"]:
        yield path, f"It has from {schema['minLength']} to {schema['maxLength']} characters."
    elif "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        yield path, "It is a slug: small letters and digits, hyphens between them (wadi-al-hira)."
    elif schema.get("format") == "time-zone" and zone_named(value) is None:
        yield path, f"{value!r} is no time zone; they are named as in Africa/Tripoli."


def _object_faults(value: Mapping[str, Any], schema: Schema, path: str) -> Iterator[Fault]:
    properties = schema.get("properties", {})
    least, most = schema.get("minProperties", 0), schema.get("maxProperties", len(value))
    if not least <= len(value) <= most:
        yield path, f"It names from {least} to {most}."
    for name, inner in value.items():
        if name in properties:
            yield from _shape_faults(inner, properties[name], f"{path}.{name}")
        elif not schema["additionalProperties"]:
            yield f"{path}.{name}", f"Unknown; known are {', '.join(properties)}."
        else:
            yield from _text_faults(name, schema["propertyNames"], f"{path}.{name}")
            yield from _shape_faults(inner, schema["additionalProperties"], f"{path}.{name}")


def _list_faults(value: Sequence[Any], schema: Schema, path: str) -> Iterator[Fault]:
    if not schema["minItems"] <= len(value) <= schema["maxItems"]:
        yield path, f"It names from {schema['minItems']} to {schema['maxItems']}."
    for number, item in enumerate(value):
        yield from _shape_faults(item, schema["items"], f"{path}.{number}")
        if item in value[:number]:
            yield f"{path}.{number}", "It is named twice."


# -- meanings --------------------------------------------------------------------------------------


_DATES = {
    "scheduled": ("starts", "ends"),
    "threat": ("deadline",),
    "demand": ("deadline",),
    "measure": ("until",),
    "casualties": ("until",),
}
"""The dates that a part may give."""


def _date_faults(details: Mapping[str, Any], zone: ZoneInfo) -> Iterator[Fault]:
    plan = details.get("scheduled") or {}
    own_zone = zone_named(plan.get("time_zone")) or zone
    bad = False
    for part, names in _DATES.items():
        said = details.get(part)
        if not said:
            continue
        for name in names:
            text = said.get(name)
            if text is None:
                continue
            try:
                times.end_of(text, own_zone if said is plan else zone)
            except times.TimeError as error:
                bad = True
                near = f" Write {error.suggestion}." if error.suggestion else ""
                yield f"details.{part}.{name}", f"{error}.{near}"
    if not bad and _is_backwards(plan, own_zone):
        yield "details.scheduled.ends", "It ends before it starts."


def _is_backwards(plan: Mapping[str, Any], zone: ZoneInfo) -> bool:
    starts, ends = plan.get("starts"), plan.get("ends")
    if not (starts and ends):
        return False
    return times.end_of(ends, zone) < times.start_of(starts, zone)


def _figure_faults(casualties: Mapping[str, Any] | None) -> Iterator[Fault]:
    if casualties is None:
        return
    given = [figure for figure in FIGURES if casualties.get(figure) is not None]
    if not given:
        yield "details.casualties", f"It gives at least one figure of {', '.join(FIGURES)}."
    for figure in given:
        bounds = casualties[figure]
        if not isinstance(bounds, Mapping):
            continue
        known = [bounds[n] for n in ("low", "best", "high") if bounds.get(n) is not None]
        if not known:
            yield f"details.casualties.{figure}", "It gives low, best or high, or one number."
        elif known != sorted(known):
            yield f"details.casualties.{figure}", "It gives low, best and high in that order."


def _naming_faults(
    kind: Kind, fields: Mapping[str, Any], details: Mapping[str, Any]
) -> Iterator[Fault]:
    """What a kind cannot do without: the party and places of control, and who counts."""
    part = "control" if "control" in kind.details else "access"
    if part not in kind.details and not details.get("casualties"):
        return
    reading = Reading(kind, fields, "")
    if details.get("casualties") and not reading.counted_by():
        yield "details.casualties.counted_by", "Name who counted: it is no one actor's here."
    if part not in kind.details:
        return
    if not reading.places():
        yield f"details.{part}.places", "Name the place, here or in the development's places."
    if part == "control":
        yield from _party_faults(kind, reading)


def _party_faults(kind: Kind, reading: Reading) -> Iterator[Fault]:
    if "by" in kind.placeholders and not reading.role("by"):
        yield "actors", "Name who says so: an actor with the role by."
    elif "party" not in kind.placeholders:
        if not set(reading.by()) <= set(reading.role("by")):
            yield "details.control.party", "Here it is one of the actors with the role by."
    elif not reading.party():
        yield "details.control.party", "Name whose control it is: no one actor is meant here."
