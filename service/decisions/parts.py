"""What every decision is made of: whose story, which version, which stamp."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from service.domain.acts import Stamp
from service.domain.developments import Development, external_id_stream
from service.domain.kinds import Assignment
from service.domain.refusals import Forbidden, NotFound, PreconditionFailed, PreconditionRequired
from service.ledger import Decision, Desk, Ledger, OpenStory
from service.store.house import Key


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A decision that says which developments' acts it will ask for, and under which keys it looks
    for receipts: they are read for all the decisions of a commit at once."""

    decide: Decision
    streams: Sequence[UUID]
    keys: Sequence[Key] = ()

    def __call__(self, ledger: Ledger) -> Any:
        """Decide."""
        return self.decide(ledger)


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """The version that an act is based on: an ``If-Match`` value, or ``base_version``."""

    etag: str | None = None
    version: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class When:
    """An archive line's own record time in microseconds; empty for what is recorded now."""

    recorded_at: int | None = None
    precision: str | None = None


NOW = When()


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What was done: the record's position, and what was acted on in the story.

    ``development`` is as it stands after the act; ``member`` is the slug of an actor or a place.

    ``created`` tells whether something got an address of its own: a story, a member of its
    cast, a development, a version. A repeated report, which found the existing one, made none.
    ``moves`` are the assignments that may contradict what stood in the story of this ``number``.
    """

    position: int
    story: str
    development: Development | None = None
    member: str | None = None
    created: bool = True
    warnings: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    number: int = 0
    moves: Sequence[Assignment] = ()


def own(ledger: Ledger, story: str, desk: Desk) -> OpenStory:
    """Return a story of the desk's own newsroom. Raises ``NotFound`` or ``Forbidden``."""
    opened = ledger.story(story)
    if opened.row.newsroom != desk.newsroom:
        if opened.story.document.get("visibility") == "house":
            raise NotFound(f"There is no story {story!r}.")
        raise Forbidden(f"The story {story} belongs to another newsroom.")
    return opened


def stamp_of(ledger: Ledger, story: str, desk: Desk, when: When) -> Stamp:
    """Return the stamp of the story's next act."""
    return ledger.stamp(story, desk, recorded_at=when.recorded_at, precision=when.precision)


def history_of(ledger: Ledger, opened: OpenStory, named: str, desk: Desk) -> list[Development]:
    """Return a development of the desk's own, at each of its versions, by id or external id."""
    states = find_history(ledger, opened, named, desk)
    if not states:
        raise NotFound(f"The story has no development {named!r}.")
    if states[-1].newsroom != desk.newsroom:
        raise Forbidden("A development belongs to the newsroom that posted it.")
    return states


def streams_of(story: str, newsroom: str, named: str) -> list[UUID]:
    """Return the streams in which ``find_history`` looks for a development."""
    stream = as_uuid(named)
    by_external_id = external_id_stream(story, newsroom, named)
    return [by_external_id] if stream is None else [stream, by_external_id]


def find_history(ledger: Ledger, opened: OpenStory, named: str, desk: Desk) -> list[Development]:
    """Return a development of the story at each of its versions; empty when there is none."""
    stream = as_uuid(named)
    found = ledger.history(str(stream), opened.row.id) if stream else []
    # A newsroom may number with UUIDs of its own: what is no id of ours can be an external id.
    by_external_id = external_id_stream(opened.row.id, desk.newsroom, named)
    return found or ledger.history(str(by_external_id), opened.row.id)


def ensure_base(states: Sequence[Development], base: Base | None) -> None:
    """Raise unless the act is based on the latest version; ``None`` is always based on it."""
    if base is None:
        return
    latest = states[-1]
    facts = {"etag": f'"{latest.etag}"', "version": latest.version, "development": latest.id}
    if base.etag is None and base.version is None:
        raise PreconditionRequired(
            "Name the version that this is based on: If-Match with the ETag, or base_version.",
            **facts,
        )
    stale = base.etag not in (None, "*", latest.etag)
    if not stale and base.version in (None, latest.version):
        return
    raise PreconditionFailed(
        f"It was changed meanwhile: the latest version is {latest.version}.",
        differs=_differs(states, base),
        **facts,
    )


def _differs(states: Sequence[Development], base: Base) -> dict[str, Any]:
    """The fields that differ between the version that was based on and the latest."""
    latest = states[-1]
    known = [state for state in states if base.version == state.version or base.etag == state.etag]
    if not known or latest.redactions:
        return {}
    old, new = known[0].fields, latest.fields
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    differs = {name: {"was": old.get(name), "is": new.get(name)} for name in names}
    if known[0].verification != latest.verification:
        differs["verification"] = {"was": known[0].verification, "is": latest.verification}
    return differs


def as_uuid(text: str) -> UUID | None:
    """Return a development's id as a UUID; None for text that is none (an external id)."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None


AUDIT_FIELDS = ("reason_note", "decided_by", "approved_by")


def said(body: Mapping[str, Any], *, judgement: bool = False) -> tuple[dict[str, Any], ...]:
    """Return (note, audit) of an act's body: what the public reads of it, what auditors read.

    Note and document are served as one object, so no name stands in both. The ``reason`` of a
    ``judgement`` is in words and part of the note; of other acts it is a class.
    """
    note = {name: body[name] for name in ("notice", "found_by") if body.get(name)}
    if judgement and body.get("reason"):
        note["reason"] = body["reason"]
    if body.get("sources"):
        note["evidence"] = body["sources"]
    if body.get("byline"):
        note["act_byline"] = body["byline"]
    return note, {name: body[name] for name in AUDIT_FIELDS if body.get(name)}
