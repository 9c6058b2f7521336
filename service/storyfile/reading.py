"""What a line of a story file says by itself: its act, loaded by the act's shape.

Rules for editors: everything here is a function of the line alone, and what it returns can be
sent to another process. What needs the lines above, or the record, is for ``deciding``.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, time
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from schemas.cast import ActorIn, PlaceIn
from schemas.developments import DevelopmentIn, introductions
from schemas.revisions import CorrectionIn, RevisionIn, VerificationIn, WithdrawalIn
from schemas.stories import ClosingIn, LevelOverrideIn, StoryIn
from service import shapes
from service.decisions import When, said
from service.domain import times
from service.domain.refusals import Invalid
from service.domain.times import Instant, TimeError
from service.strictjson import parse

EVENING = time(20)
"""What a date stands for as a record time, in the story's zone."""

BESIDE = frozenset({"recorded_at", "newsroom", "byline", "key"})

Line = Mapping[str, Any]


class Said(NamedTuple):
    """What a line says: its act, the act's content as it was sent, and what stands beside it.

    ``loaded`` is the content as its shape loads it, None as long as nobody loaded it; ``at`` is
    the record time, None where that depends on a zone.
    """

    verb: str
    content: Any
    newsroom: str | None = None
    byline: str | None = None
    key: str | None = None
    recorded_at: str | None = None
    at: Instant | None = None
    loaded: Any = None


class Report(NamedTuple):
    """A report: what the file names it by, and its content parted from the cast it introduces."""

    named: Any
    fields: dict[str, Any]
    verification: str
    introduces: Mapping[str, Mapping[str, Any]]


class Revision(NamedTuple):
    """An update, correction, clarification or refiling, of the development under ``name``."""

    name: str
    changes: dict[str, Any]
    introduces: Mapping[str, Mapping[str, Any]]
    reason: str
    note: dict[str, Any]
    audit: dict[str, Any]


class Act(NamedTuple):
    """Another act on the development under ``name``, with what its shape loaded."""

    name: str
    loaded: Any
    note: dict[str, Any]
    audit: dict[str, Any]


def line_of(body: bytes) -> Line:
    """Return a line of a story file; a development alone is a report.

    Raises ``Malformed``, or ``Invalid`` for what is no object.
    """
    found = parse(body)
    if not isinstance(found, dict):
        raise Invalid({"_": ["A line is a JSON object."]})
    if any(name in SHAPES for name in verbs_of(found)):
        return found
    return {"report": found}


def said_of(line: Line) -> Said:
    """Return what a line says; its content is not loaded. Raises ``Invalid`` where it is no act."""
    if not isinstance(line, Mapping):
        raise Invalid({"_": ["A line is a JSON object."]})
    verbs = verbs_of(line)
    if len(verbs) != 1 or verbs[0] not in SHAPES:
        known = ", ".join(SHAPES)
        raise Invalid({"_": [f"A line names one act: {known}."]})
    verb = verbs[0]
    beside = {}
    for name in BESIDE & set(line) - {verb}:
        if not isinstance(line[name], str):
            raise Invalid({name: ["Must be text."]})
        beside[name] = line[name]
    return Said(verb, line[verb], **beside, at=_instant(beside.get("recorded_at")))


def shaped(said: Said) -> Any:
    """Return the content as its shape loads it. Raises ``Invalid`` with every fault."""
    if said.loaded is not None:
        return said.loaded
    return SHAPES[said.verb](said)


def verbs_of(line: Line) -> list[str]:
    """Return what a line names besides what stands beside an act.

    ``key`` is both: an idempotency key where it is text, else the act of marking a key event.
    """
    return [
        name
        for name, content in line.items()
        if name not in BESIDE or (name == "key" and isinstance(content, Mapping))
    ]


def record_time(text: str, zone: ZoneInfo) -> When:
    """Return a record time; a date means its evening in ``zone``. Raises ``Invalid``."""
    try:
        if not times.is_date(text):
            return When(recorded_at=times.parse_instant(text, zone))
        day = datetime.combine(datetime.fromisoformat(text), EVENING, tzinfo=zone)
    except (TimeError, ValueError) as error:
        raise Invalid({"recorded_at": [str(error)]}) from None
    return When(recorded_at=int(day.timestamp()) * 1_000_000, precision="day")


def _instant(text: str | None) -> Instant | None:
    """Return a record time that is an instant; a date, and what is no time, is left for later."""
    if text is None or "T" not in text:
        return None
    try:
        return times.parse_instant(text)
    except TimeError:
        return None


_one = cache(lambda schema: schema())
"""The one instance of a shape: marshmallow takes longer to make one than to load with it."""

# --- one function a verb -------------------------------------------------------------------


def _plain(schema: type[StoryIn] | type[LevelOverrideIn]) -> Callable[[Said], Any]:
    return lambda line: shapes.load(_one(schema), line.content)


def _member(schema: type[ActorIn] | type[PlaceIn]) -> Callable[[Said], Any]:
    def load(line: Said) -> Any:
        slug, about = _split(line.content, "id")
        return {"id": slug, **shapes.load(_one(schema), about)}

    return load


def _report(line: Said) -> Report:
    named, fields = _split(line.content, "id", required=False)
    loaded = shapes.load(_one(DevelopmentIn), fields)
    if line.byline is not None:
        loaded.setdefault("byline", line.byline)
    loaded, actors, places = introductions(loaded)
    verification = loaded.pop("verification", "reported")
    return Report(named, loaded, verification, {"actor": actors, "place": places})


def _revision(schema: type[CorrectionIn] | type[RevisionIn]) -> Callable[[Said], Any]:
    def load(line: Said) -> Revision:
        name, body = _based(line.content)
        loaded = shapes.load(_one(schema), body)
        changes, actors, places = introductions(loaded.pop("changes"))
        note, audit = said({**_byline(line), **loaded})
        introduces = {"actor": actors, "place": places}
        return Revision(name, changes, introduces, loaded.get("reason", ""), note, audit)

    return load


def _verify(line: Said) -> Act:
    name, body = _based(line.content)
    loaded = shapes.load(_one(VerificationIn), body)
    return Act(name, loaded, *said({**_byline(line), **loaded}, judgement=True))


def _withdraw(line: Said) -> Act:
    name, body = _based(line.content)
    loaded = shapes.load(_one(WithdrawalIn), body)
    return Act(name, loaded, *said({**_byline(line), **loaded}))


def _mark(word: str) -> Callable[[Said], Any]:
    def load(line: Said) -> Act:
        name, body = _based(line.content)
        set_it = body.get(word, True)
        if not isinstance(set_it, bool) or set(body) - {word}:
            raise Invalid({word: ["true or false, and nothing else beside the development."]})
        return Act(name, set_it, {}, {})

    return load


def _closing(line: Said) -> Any:
    return said(shapes.load(_one(ClosingIn), line.content))


def _later(line: Said) -> Any:
    """Leave the content as it is: its shape speaks of ids, which only the lines above tell."""
    return (line.content,)


SHAPES: Mapping[str, Callable[[Said], Any]] = {
    "story": _plain(StoryIn),
    "actor": _member(ActorIn),
    "place": _member(PlaceIn),
    "report": _report,
    "update": _revision(RevisionIn),
    "correct": _revision(CorrectionIn),
    "clarify": _revision(RevisionIn),
    "refile": _revision(RevisionIn),
    "verify": _verify,
    "withdraw": _withdraw,
    "pin": _mark("pinned"),
    "key": _mark("key"),
    "summary": _later,
    "level": _plain(LevelOverrideIn),
    "close": _closing,
    "reopen": _closing,
}
"""How the content of each verb is loaded."""


def _split(content: Any, name: str, *, required: bool = True) -> tuple[Any, dict[str, Any]]:
    if not isinstance(content, Mapping):
        raise Invalid({"_": ["An act's content is a JSON object."]})
    rest = dict(content)
    value = rest.pop(name, None)
    if required and not isinstance(value, str):
        raise Invalid({name: ["Missing."]})
    return value, rest


def _based(content: Any) -> tuple[str, dict[str, Any]]:
    """Part an act's content from the name of the development that it is on."""
    by_id, rest = _split(content, "id", required=False)
    name = rest.pop("external_id", None) or by_id
    if not isinstance(name, str):
        raise Invalid({"external_id": ["Name the development: external_id, or id."]})
    return name, rest


def _byline(line: Said) -> dict[str, str]:
    return {} if line.byline is None else {"byline": line.byline}
