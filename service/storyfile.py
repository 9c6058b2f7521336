"""The story file: one act a line, in record order; how stories come in, and go elsewhere.

Each line is one of ``story actor place report update correct clarify refile verify withdraw
pin key summary level close reopen``, with the act's content under that name. Beside it may stand
``recorded_at`` (counts in an archive only; a date stands for 20:00 in the story's zone, and the
default is the line before's), ``newsroom``, ``byline`` and ``key`` (an idempotency key).

Developments are named by ``external_id``, or by ``id`` where they have none; an id means the
development that the file itself reported under it, else one of this house.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from schemas.cast import ActorIn, PlaceIn
from schemas.developments import DevelopmentIn, introductions
from schemas.revisions import CorrectionIn, RevisionIn, VerificationIn, WithdrawalIn
from schemas.stories import ClosingIn, LevelOverrideIn, StoryIn, SummaryIn
from service import decisions, shapes
from service.decisions import NOW, When, Written
from service.decisions.parts import Foreseen, as_uuid
from service.domain import acts, times
from service.domain.developments import external_id_stream
from service.domain.plans import zone_named
from service.domain.refusals import Invalid, Refusal
from service.domain.times import TimeError
from service.ledger import Decision, Desk, Ledger

EVENING = time(20)
"""What a date stands for as a record time, in the story's zone."""

BESIDE = frozenset({"recorded_at", "newsroom", "byline", "key"})

Line = Mapping[str, Any]


@dataclass(kw_only=True)
class Import:
    """One story file on its way in: what the lines before said that a line may refer to.

    ``story`` is None until the story's line when the file may bring its own. ``own_only``
    refuses to revise what another token reported.
    """

    desk: Desk
    story: str | None = None
    zone: str = "UTC"
    archive: bool = False
    own_only: bool = False
    opened: bool = False
    known: dict[str, str] = field(default_factory=dict)
    when: When = NOW

    def decision(self, line: Line) -> Decision:
        """Return the decision of a line. Raises ``Invalid`` for a line that says no act."""
        verb, content = _verb(line)
        when = self._when(line) if self.archive else NOW
        desk = replace(self.desk, newsroom=line["newsroom"]) if "newsroom" in line else self.desk
        if verb != "story" and self.story is None:
            raise Invalid({verb: ["The first line of a story file is the story itself."]})
        return VERBS[verb](self, content, desk, when, line)

    def _when(self, line: Line) -> When:
        said = line.get("recorded_at")
        if said is None:
            if self.when.recorded_at is None:
                raise Invalid(
                    {"recorded_at": ["An archive's first line says when it was recorded."]}
                )
            return self.when
        when = _record_time(said, _zone_of(line.get("story")) or ZoneInfo(self.zone))
        assert when.recorded_at is not None
        if self.when.recorded_at is not None and when.recorded_at < self.when.recorded_at:
            raise Invalid(
                {"recorded_at": ["It is before the line above: lines are in record order."]}
            )
        self.when = when
        return when

    def named(self, content: Mapping[str, Any]) -> str:
        """Return the development that a line names."""
        name = content.get("external_id") or content.get("id")
        if not isinstance(name, str):
            raise Invalid({"external_id": ["Name the development: external_id, or id."]})
        return self.known.get(name, name)

    def id_of(self, name: Any) -> Any:
        """Return the id of a development that the file names, as far as the name tells it."""
        if not isinstance(name, str) or self.story is None:
            return name
        if name in self.known or as_uuid(name):
            return self.known.get(name, name)
        return str(external_id_stream(self.story, self.desk.newsroom, name))


TOLD_AT_ONCE = 256  # Lines of an archive whose warnings are looked for together.

Told = Callable[[int, Written], None]
"""Is told what each line wrote, by the line's number."""


def archive(
    lines: Iterable[tuple[int, Line]],
    job: Import,
    now: Callable[[], int],
    told: Told | None = None,
) -> Decision:
    """Return one decision that takes in a whole archive, or nothing of it.

    ``lines`` come with their numbers, from 1. Refuses a story that exists, a record time that runs
    backwards or lies in the future, and whatever a line's own act refuses; the refusal's facts
    name the ``line``. With ``told`` nothing is kept of what was written, however long the file.
    """

    def decide(ledger: Ledger) -> list[Written]:
        written: list[Written] = []
        tell = told or (lambda number, line: written.append(line))
        waiting: list[tuple[int, Written]] = []
        for place, (number, line) in enumerate(lines):
            try:
                if place == 0 and _verb(line)[0] != "story":
                    raise Invalid({"story": ["An archive begins with its story."]})
                waiting.append((number, job.decision(line)(ledger)))
                # Nor after the moment it is stored under: what is recorded next comes later.
                if (job.when.recorded_at or 0) > min(now(), ledger.stored_at):
                    raise Invalid({"recorded_at": ["It lies in the future."]})
            except Refusal as refusal:
                refusal.facts["line"] = number
                raise
            if len(waiting) == TOLD_AT_ONCE:
                _tell(ledger, waiting, tell)
        _tell(ledger, waiting, tell)
        return written

    return decide


def _tell(ledger: Ledger, waiting: list[tuple[int, Written]], tell: Told) -> None:
    """Tell what lines wrote, with their warnings: to find those, all must be written out."""
    while waiting:
        number, made = waiting.pop(0)
        tell(number, decisions.warned(ledger.sql, made))


def _verb(line: Line) -> tuple[str, Any]:
    if not isinstance(line, Mapping):
        raise Invalid({"_": ["A line is a JSON object."]})
    verbs = verbs_of(line)
    if len(verbs) != 1 or verbs[0] not in VERBS:
        known = ", ".join(VERBS)
        raise Invalid({"_": [f"A line names one act: {known}."]})
    for name in BESIDE & set(line) - {verbs[0]}:
        if not isinstance(line[name], str):
            raise Invalid({name: ["Must be text."]})
    return verbs[0], line[verbs[0]]


def verbs_of(line: Line) -> list[str]:
    """Return what a line names besides what stands beside an act.

    ``key`` is both: an idempotency key where it is text, else the act of marking a key event.
    """
    return [
        name
        for name, said in line.items()
        if name not in BESIDE or (name == "key" and isinstance(said, Mapping))
    ]


def _zone_of(story: Any) -> ZoneInfo | None:
    """Return the zone that a story's line names; None where its shape will be refused."""
    named = story.get("time_zone") if isinstance(story, Mapping) else None
    return zone_named(named) if isinstance(named, str) else None


def _record_time(text: str, zone: ZoneInfo) -> When:
    try:
        if not times.is_date(text):
            return When(recorded_at=times.parse_instant(text, zone))
        day = datetime.combine(datetime.fromisoformat(text), EVENING, tzinfo=zone)
    except (TimeError, ValueError) as error:
        raise Invalid({"recorded_at": [str(error)]}) from None
    return When(recorded_at=int(day.timestamp()) * 1_000_000, precision="day")


_one = cache(lambda schema: schema())
"""The one instance of a shape: marshmallow takes longer to make one than to load with it."""

# --- one function a verb: shape, then decision ---------------------------------------------


def _story(job: Import, content: Any, desk: Desk, when: When, _line: Line) -> Decision:
    fields = shapes.load(_one(StoryIn), content)
    if job.story not in (None, fields["id"]):
        raise Invalid({"story.id": [f"This file is read into the story {job.story!r}."]})
    opening = {"language": "en", "time_zone": job.zone, **fields}
    job.story, job.zone = fields["id"], opening["time_zone"]
    if job.archive and not job.opened:
        job.opened = True
        return decisions.open_story(opening, desk, when)
    return decisions.put_story(fields, opening, desk, when)


def _member(sort: str, schema: type[ActorIn] | type[PlaceIn]) -> Any:
    def line(job: Import, content: Any, desk: Desk, when: When, _line: Line) -> Decision:
        slug, about = _split(content, "id")
        fields = {"id": slug, **shapes.load(_one(schema), about)}
        return decisions.put_member(_open(job), sort, fields, desk, when)

    return line


def _report(job: Import, content: Any, desk: Desk, when: When, line: Line) -> Decision:
    named, fields = _split(content, "id", required=False)
    loaded = shapes.load(_one(DevelopmentIn), fields)
    if "byline" in line:
        loaded.setdefault("byline", line["byline"])
    _rename(job, loaded)
    loaded, actors, places = introductions(loaded)
    verification = loaded.pop("verification", "reported")
    decide = decisions.report(
        _open(job),
        loaded,
        desk,
        verification=verification,
        introduces={"actor": actors, "place": places},
        when=when,
    )

    def remember(ledger: Ledger) -> Written:
        written: Written = decide(ledger)
        assert written.development is not None
        if named:
            job.known[named] = written.development.id
        # The desk's own external ids are found on the record: a long file fills no memory.
        if "newsroom" in line and loaded.get("external_id"):
            job.known[loaded["external_id"]] = written.development.id
        return written

    return Foreseen(remember, decide.streams)


def _revision(act: type[acts.DevelopmentRevised]) -> Any:
    schema = CorrectionIn if act is acts.DevelopmentCorrected else RevisionIn

    def line(job: Import, content: Any, desk: Desk, when: When, line: Line) -> Decision:
        target, body = _based(job, content)
        loaded = shapes.load(_one(schema), body)
        changes = loaded.pop("changes")
        _rename(job, changes)
        changes, actors, places = introductions(changes)
        note, audit = decisions.said({**_byline(line), **loaded})
        return decisions.revise(
            _open(job),
            target,
            act,
            changes,
            desk,
            base=None,
            reason=loaded.get("reason", ""),
            note=note,
            audit=audit,
            introduces={"actor": actors, "place": places},
            own_only=job.own_only,
            when=when,
        )

    return line


def _verify(job: Import, content: Any, desk: Desk, when: When, line: Line) -> Decision:
    target, body = _based(job, content)
    loaded = shapes.load(_one(VerificationIn), body)
    note, audit = decisions.said({**_byline(line), **loaded}, judgement=True)
    return decisions.verify(
        _open(job),
        target,
        loaded["status"],
        desk,
        base=None,
        target=loaded.get("version"),
        note=note,
        audit=audit,
        when=when,
    )


def _withdraw(job: Import, content: Any, desk: Desk, when: When, line: Line) -> Decision:
    target, body = _based(job, content)
    loaded = shapes.load(_one(WithdrawalIn), body)
    note, audit = decisions.said({**_byline(line), **loaded})
    return decisions.withdraw(
        _open(job),
        target,
        desk,
        base=None,
        reason=loaded.get("reason", ""),
        hide_text=loaded.get("hide_text", False),
        note=note,
        audit=audit,
        when=when,
    )


def _mark(sort: str, word: str) -> Any:
    def line(job: Import, content: Any, desk: Desk, when: When, _line: Line) -> Decision:
        target, body = _based(job, content)
        set_it = body.get(word, True)
        if not isinstance(set_it, bool) or set(body) - {word}:
            raise Invalid({word: ["true or false, and nothing else beside the development."]})
        return decisions.mark(_open(job), target, sort, set_it, desk, when)

    return line


def _summary(job: Import, content: Any, desk: Desk, when: When, _line: Line) -> Decision:
    if isinstance(content, Mapping) and isinstance(content.get("sentences"), list):
        content = {**content, "sentences": [_by_id(job, one) for one in content["sentences"]]}
    loaded = shapes.load(_one(SummaryIn), content)
    return decisions.write_summary(_open(job), loaded, desk, when)


def _by_id(job: Import, sentence: Any) -> Any:
    """Return a sentence with the ids of the developments that it names."""
    if not isinstance(sentence, Mapping) or not isinstance(sentence.get("developments"), list):
        return sentence
    return {**sentence, "developments": [job.id_of(name) for name in sentence["developments"]]}


def _level(job: Import, content: Any, desk: Desk, when: When, _line: Line) -> Decision:
    return decisions.override_level(
        _open(job), shapes.load(_one(LevelOverrideIn), content), desk, when
    )


def _closing(decide: Callable[..., Decision]) -> Any:
    def line(job: Import, content: Any, desk: Desk, when: When, _line: Line) -> Decision:
        note, audit = decisions.said(shapes.load(_one(ClosingIn), content))
        return decide(_open(job), note, desk, when, audit=audit)

    return line


VERBS: Mapping[str, Callable[[Import, Any, Desk, When, Line], Decision]] = {
    "story": _story,
    "actor": _member("actor", ActorIn),
    "place": _member("place", PlaceIn),
    "report": _report,
    "update": _revision(acts.DevelopmentUpdated),
    "correct": _revision(acts.DevelopmentCorrected),
    "clarify": _revision(acts.DevelopmentClarified),
    "refile": _revision(acts.DevelopmentRefiled),
    "verify": _verify,
    "withdraw": _withdraw,
    "pin": _mark("pin", "pinned"),
    "key": _mark("key", "key"),
    "summary": _summary,
    "level": _level,
    "close": _closing(decisions.close_story),
    "reopen": _closing(decisions.reopen_story),
}


def _open(job: Import) -> str:
    assert job.story is not None
    return job.story


def _split(content: Any, name: str, *, required: bool = True) -> tuple[Any, dict[str, Any]]:
    if not isinstance(content, Mapping):
        raise Invalid({"_": ["An act's content is a JSON object."]})
    rest = dict(content)
    value = rest.pop(name, None)
    if required and not isinstance(value, str):
        raise Invalid({name: ["Missing."]})
    return value, rest


def _based(job: Import, content: Any) -> tuple[str, dict[str, Any]]:
    _, rest = _split(content, "_", required=False)
    target = job.named(rest)
    rest.pop("external_id", None)
    rest.pop("id", None)
    return target, rest


def _rename(job: Import, fields: dict[str, Any]) -> None:
    if fields.get("relates_to"):
        fields["relates_to"] = [
            {**link, "development": job.known.get(link["development"], link["development"])}
            for link in fields["relates_to"]
        ]


def _byline(line: Line) -> dict[str, str]:
    return {"byline": line["byline"]} if "byline" in line else {}
