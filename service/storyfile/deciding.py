"""What becomes of a line of a story file: a decision, made of what the lines above said.

Rules for editors: one function a verb; what a line says by itself is for ``reading``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from schemas.stories import SummaryIn
from service import decisions, shapes
from service.decisions import NOW, When, Written
from service.decisions.parts import Foreseen, as_uuid
from service.domain import acts
from service.domain.developments import external_id_stream
from service.domain.plans import zone_named
from service.domain.refusals import Invalid, Refusal
from service.ledger import Decision, Desk, Ledger
from service.storyfile.reading import (
    Act,
    Line,
    Report,
    Revision,
    Said,
    record_time,
    said_of,
    shaped,
)

_SUMMARY = SummaryIn()


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

    def decision(self, line: Line | Said) -> Decision:
        """Return the decision of a line. Raises ``Invalid`` for a line that says no act."""
        said = _said(line)
        when = self._when(said) if self.archive else NOW
        desk = self.desk if said.newsroom is None else replace(self.desk, newsroom=said.newsroom)
        if said.verb != "story" and self.story is None:
            raise Invalid({said.verb: ["The first line of a story file is the story itself."]})
        return VERBS[said.verb](self, said, desk, when)

    def _when(self, said: Said) -> When:
        if said.recorded_at is None:
            if self.when.recorded_at is None:
                raise Invalid(
                    {"recorded_at": ["An archive's first line says when it was recorded."]}
                )
            return self.when
        if said.at is not None:
            when = When(recorded_at=said.at)
        else:
            when = record_time(said.recorded_at, _zone_of(said) or ZoneInfo(self.zone))
        assert when.recorded_at is not None
        if self.when.recorded_at is not None and when.recorded_at < self.when.recorded_at:
            raise Invalid(
                {"recorded_at": ["It is before the line above: lines are in record order."]}
            )
        self.when = when
        return when

    def known_as(self, name: str) -> str:
        """Return the development that a line names: one of this file, else the record's."""
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
    lines: Iterable[tuple[int, Line | Said]],
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
                said = _said(line)
                if place == 0 and said.verb != "story":
                    raise Invalid({"story": ["An archive begins with its story."]})
                waiting.append((number, job.decision(said)(ledger)))
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
    for number, made in waiting:
        tell(number, decisions.warned(ledger.sql, made))
    waiting.clear()


def _said(line: Line | Said) -> Said:
    return line if isinstance(line, Said) else said_of(line)


def _zone_of(said: Said) -> ZoneInfo | None:
    """Return the zone that a story's line names; None where its shape will be refused."""
    story = (said.loaded or said.content) if said.verb == "story" else None
    named = story.get("time_zone") if isinstance(story, Mapping) else None
    return zone_named(named) if isinstance(named, str) else None


# --- one function a verb -------------------------------------------------------------------


def _story(job: Import, said: Said, desk: Desk, when: When) -> Decision:
    fields = shaped(said)
    if job.story not in (None, fields["id"]):
        raise Invalid({"story.id": [f"This file is read into the story {job.story!r}."]})
    opening = {"language": "en", "time_zone": job.zone, **fields}
    job.story, job.zone = fields["id"], opening["time_zone"]
    if job.archive and not job.opened:
        job.opened = True
        return decisions.open_story(opening, desk, when)
    return decisions.put_story(fields, opening, desk, when)


def _member(sort: str) -> Any:
    def line(job: Import, said: Said, desk: Desk, when: When) -> Decision:
        return decisions.put_member(_open(job), sort, shaped(said), desk, when)

    return line


def _report(job: Import, said: Said, desk: Desk, when: When) -> Decision:
    report: Report = shaped(said)
    decide = decisions.report(
        _open(job),
        _renamed(job, report.fields),
        desk,
        verification=report.verification,
        introduces=report.introduces,
        when=when,
    )
    # The desk's own external ids are found on the record: a long file fills no memory.
    external_id = None if said.newsroom is None else report.fields.get("external_id")
    names = [name for name in (report.named, external_id) if name and isinstance(name, str)]
    if not names:
        return decide

    def remember(ledger: Ledger) -> Written:
        written: Written = decide(ledger)
        assert written.development is not None
        job.known.update(dict.fromkeys(names, written.development.id))
        return written

    return Foreseen(remember, decide.streams)


def _revision(act: type[acts.DevelopmentRevised]) -> Any:
    def line(job: Import, said: Said, desk: Desk, when: When) -> Decision:
        revision: Revision = shaped(said)
        return decisions.revise(
            _open(job),
            job.known_as(revision.name),
            act,
            _renamed(job, revision.changes),
            desk,
            base=None,
            reason=revision.reason,
            note=revision.note,
            audit=revision.audit,
            introduces=revision.introduces,
            own_only=job.own_only,
            when=when,
        )

    return line


def _verify(job: Import, said: Said, desk: Desk, when: When) -> Decision:
    act: Act = shaped(said)
    return decisions.verify(
        _open(job),
        job.known_as(act.name),
        act.loaded["status"],
        desk,
        base=None,
        target=act.loaded.get("version"),
        note=act.note,
        audit=act.audit,
        when=when,
    )


def _withdraw(job: Import, said: Said, desk: Desk, when: When) -> Decision:
    act: Act = shaped(said)
    return decisions.withdraw(
        _open(job),
        job.known_as(act.name),
        desk,
        base=None,
        reason=act.loaded.get("reason", ""),
        hide_text=act.loaded.get("hide_text", False),
        note=act.note,
        audit=act.audit,
        when=when,
    )


def _mark(sort: str) -> Any:
    def line(job: Import, said: Said, desk: Desk, when: When) -> Decision:
        act: Act = shaped(said)
        return decisions.mark(_open(job), job.known_as(act.name), sort, act.loaded, desk, when)

    return line


def _summary(job: Import, said: Said, desk: Desk, when: When) -> Decision:
    (content,) = shaped(said)
    if isinstance(content, Mapping) and isinstance(content.get("sentences"), list):
        content = {**content, "sentences": [_by_id(job, one) for one in content["sentences"]]}
    return decisions.write_summary(_open(job), shapes.load(_SUMMARY, content), desk, when)


def _by_id(job: Import, sentence: Any) -> Any:
    """Return a sentence with the ids of the developments that it names."""
    if not isinstance(sentence, Mapping) or not isinstance(sentence.get("developments"), list):
        return sentence
    return {**sentence, "developments": [job.id_of(name) for name in sentence["developments"]]}


def _level(job: Import, said: Said, desk: Desk, when: When) -> Decision:
    return decisions.override_level(_open(job), shaped(said), desk, when)


def _closing(decide: Callable[..., Decision]) -> Any:
    def line(job: Import, said: Said, desk: Desk, when: When) -> Decision:
        note, audit = shaped(said)
        return decide(_open(job), note, desk, when, audit=audit)

    return line


VERBS: Mapping[str, Callable[[Import, Said, Desk, When], Decision]] = {
    "story": _story,
    "actor": _member("actor"),
    "place": _member("place"),
    "report": _report,
    "update": _revision(acts.DevelopmentUpdated),
    "correct": _revision(acts.DevelopmentCorrected),
    "clarify": _revision(acts.DevelopmentClarified),
    "refile": _revision(acts.DevelopmentRefiled),
    "verify": _verify,
    "withdraw": _withdraw,
    "pin": _mark("pin"),
    "key": _mark("key"),
    "summary": _summary,
    "level": _level,
    "close": _closing(decisions.close_story),
    "reopen": _closing(decisions.reopen_story),
}


def _open(job: Import) -> str:
    assert job.story is not None
    return job.story


def _renamed(job: Import, fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields whose links name developments as the record knows them."""
    links = fields.get("relates_to")
    if not links or not job.known:
        return fields
    return fields | {
        "relates_to": [{**link, "development": job.known_as(link["development"])} for link in links]
    }
