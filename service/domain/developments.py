"""A development: folded from its acts, and the decisions on it.

``evolve`` says what each act means and never refuses; the functions below it decide: each
returns one frozen act or raises a refusal. Time, ids and the record's stamp are handed in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha1
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID

from service.domain import acts
from service.domain.acts import Document, Stamp
from service.domain.checks import check_fields, occurred_of
from service.domain.kinds import (
    DEFAULT,
    Assignment,
    Version,
    assignments,
    turning_points,
    valid_from,
)
from service.domain.prepared import Prepared
from service.domain.refusals import Conflict, Invalid
from service.domain.stories import Story, ensure_open, patched
from service.domain.times import Instant

FIELDS = (
    "kind", "headline", "body", "language", "occurred", "places", "actors", "sources", "media",
    "byline", "external_id", "details", "relates_to", "key",
)  # fmt: skip
"""A development's fields, in the order in which they are stored and shown."""

ALWAYS: Mapping[str, Any] = {
    "kind": DEFAULT, "headline": "", "occurred": "", "places": [], "actors": [], "sources": [],
    "details": {},
}  # fmt: skip
"""Fields that every version has, with what stands for nothing."""

TOMBSTONE_FIELDS = ("kind", "headline", "occurred")
"""What a withdrawn development still shows; with its text hidden, no headline either."""


_SAID = "_said"
"""Under which a development remembers what it says in rows."""


class Said(NamedTuple):
    """A version with what it puts into slots, and when that changes by itself."""

    version: Version
    assignments: tuple[Assignment, ...]
    turning_points: tuple[Instant, ...]


@dataclass(frozen=True, kw_only=True)
class Development:
    """A development at one of its versions. Times are microseconds since 1970 UTC.

    ``text_position`` is the act whose document the version shows; ``judged_from`` the first
    version that the present verification speaks of: a correction begins a new text, and what
    was confirmed of the old one says nothing of it.
    """

    id: str
    story: str
    newsroom: str
    reported_by: str
    version: int
    act: str
    position: int
    recorded_at: int
    first_recorded_at: int
    report_position: int
    text_position: int
    fields: Document
    verification: str
    judged_from: int = 1
    status: str = "standing"
    corrected: int = 0
    redactions: int = 0

    @property
    def etag(self) -> str:
        """The entity tag's value (RFC 9110, 8.8.3), without its quotes."""
        return f"{self.id}.{self.version}.{self.redactions}"

    def holds_from(self, story: Story) -> int | None:
        """Return from when it holds; None when its start is unknown (and for a tombstone's)."""
        return valid_from(self.as_version(story))

    def said(self, story: Story) -> Said:
        """Return what it says in rows. It is remembered: the next act on it asks again."""
        kept: Said | None = self.__dict__.get(_SAID)
        if kept is None:
            version = self.as_version(story)
            kept = Said(version, assignments(version), turning_points(version))
            self.__dict__[_SAID] = kept
        return kept

    def as_version(self, story: Story) -> Version:
        """Return what the slots are a pure function of."""
        zone = story.zone
        return Version(
            self.id,
            self.version,
            self.fields,
            self.status,
            self.verification,
            occurred_of(self.fields, zone),
            self.first_recorded_at,
            self.report_position,
            zone,
            story.is_conflict,
        )


def external_id_stream(story: str, newsroom: str, external_id: str) -> UUID:
    """Return the id of the development that a newsroom reported under an external id."""
    digest = _within(story, newsroom).copy()
    digest.update(external_id.encode())
    number = int.from_bytes(digest.digest()[:16], "big")
    # As uuid5 does (RFC 9562, section 5.5), which would hash the same beginning again.
    return UUID(int=number & ~_MARKED | _VERSION_5)


@lru_cache(maxsize=1024)
def _within(story: str, newsroom: str) -> Any:
    """Return the SHA-1 of what the names of a newsroom's developments in a story begin with."""
    begins = NAMESPACE_URL.bytes + f"onrecord:{story}/{newsroom}/".encode()
    return sha1(begins, usedforsecurity=False)


_MARKED = 0xF << 76 | 0x3 << 62
_VERSION_5 = 0x5 << 76 | 0x2 << 62
"""The bits of a UUID that tell its version and its variant, and what they are here."""


def evolve(state: Development | None, act: acts.DevelopmentAct) -> Development:
    """Return the development after an act."""
    stamp = act.stamp
    if isinstance(act, acts.DevelopmentReported):
        return _made(
            {
                "id": act.development,
                "story": act.story,
                "newsroom": stamp.newsroom,
                "reported_by": stamp.by,
                "version": 1,
                "act": act.name,
                "position": stamp.position,
                "recorded_at": stamp.recorded_at,
                "first_recorded_at": stamp.recorded_at,
                "report_position": stamp.position,
                "text_position": stamp.position,
                "fields": act.document or {},
                "verification": act.verification,
            }
        )
    assert state is not None, "a development begins with DevelopmentReported"
    fields = {
        **state.__dict__,
        "version": act.version,
        "act": act.name,
        "position": stamp.position,
        "recorded_at": stamp.recorded_at,
        **_changed(state, act),
    }
    fields.pop(_SAID, None)
    return _made(fields)


def _made(fields: dict[str, Any]) -> Development:
    """Return a development of its fields; what is not among them is as the class says.

    As its constructor does, which takes five times as long to set one field after another.
    """
    made = object.__new__(Development)
    made.__dict__.update(fields)
    return made


def _changed(state: Development, act: acts.DevelopmentAct) -> dict[str, Any]:
    """Return what an act on a development changes, beside what every act does."""
    text = {"fields": act.document or {}, "text_position": act.stamp.position}
    match act:
        case acts.DevelopmentVerified():
            judged = act.target >= state.judged_from
            return {"verification": act.verification} if judged else {}
        case acts.DevelopmentWithdrawn():
            return {"status": "withdrawn", "redactions": act.hide_text, **text}
        case acts.DevelopmentCorrected():
            said = {"verification": act.verification, "judged_from": act.version}
            return {"corrected": state.corrected + 1, **said, **text}
        case _:
            return text


def fold(history: Iterable[acts.DevelopmentAct]) -> list[Development]:
    """Return the development at each of its versions, oldest first."""
    states: list[Development] = []
    for act in history:
        states.append(evolve(states[-1] if states else None, act))
    return states


def report(
    story: Story, fields: Document, *, verification: str, stream: UUID, stamp: Stamp
) -> acts.DevelopmentReported:
    """Report a development. Raises ``Invalid`` or ``Conflict`` (the story is closed)."""
    ensure_open(story)
    check_fields(story, fields, recorded_at=stamp.recorded_at)
    return acts.DevelopmentReported(
        originator_id=stream,
        originator_version=1,
        story=story.id,
        stamp=stamp,
        document=fields,
        verification=verification,
    )


def revise(
    act: type[acts.DevelopmentRevised],
    state: Development,
    story: Story,
    changes: Document,
    *,
    stamp: Stamp,
    reason: str = "",
    note: Document | None = None,
    audit: Document | None = None,
    verification: str | None = None,
) -> acts.DevelopmentRevised:
    """Update, correct, clarify or refile: each field of ``changes`` replaced whole.

    ``details`` merges (RFC 7396); null removes. A correction enters with ``verification``,
    else as reported. Raises ``Invalid`` when nothing would change, when a field may not
    change by this act, or when the result cannot be; ``Conflict`` when it was withdrawn.
    """
    ensure_standing(state)
    fields = merged(state.fields, changes)
    changed = [name for name in {**fields, **state.fields} if _differs(state.fields, fields, name)]
    corrects = issubclass(act, acts.DevelopmentCorrected)
    if not changed and not (corrects and verification not in (None, state.verification)):
        raise Invalid({"changes": ["Nothing would change."]})
    _ensure_allowed(corrects, state.fields, fields)
    check_fields(story, fields, recorded_at=stamp.recorded_at, prefix="changes.")
    extra: dict[str, Any] = {}
    if corrects:
        extra = {"target": state.version, "verification": verification or "reported"}
    return act(
        **_next(state, stamp),
        document=fields,
        note=note or {},
        audit=audit or {},
        changed=" ".join(changed),
        reason=reason,
        **extra,
    )


def verify(
    state: Development,
    verification: str,
    *,
    stamp: Stamp,
    target: int | None = None,
    note: Document | None = None,
    audit: Document | None = None,
) -> acts.DevelopmentVerified:
    """Move the status of a named version (the latest by default).

    Raises ``Invalid`` for a version that does not exist, ``Conflict`` when it was withdrawn.
    """
    ensure_standing(state)
    target = state.version if target is None else target
    if not 1 <= target <= state.version:
        says = f"There is no version {target}; the latest is {state.version}."
        raise Invalid({"version": [says]})
    return acts.DevelopmentVerified(
        **_next(state, stamp),
        target=target,
        verification=verification,
        note=note or {},
        audit=audit or {},
    )


def withdraw(
    state: Development,
    *,
    stamp: Stamp,
    reason: str = "",
    hide_text: bool = False,
    note: Document | None = None,
    audit: Document | None = None,
) -> acts.DevelopmentWithdrawn:
    """Withdraw: the id stays, as a tombstone with the notice. Raises ``Conflict`` if it is one."""
    ensure_standing(state)
    shown = {n: state.fields[n] for n in TOMBSTONE_FIELDS if not (hide_text and n == "headline")}
    return acts.DevelopmentWithdrawn(
        **_next(state, stamp),
        document=shown,
        note=note or {},
        audit=audit or {},
        reason=reason,
        hide_text=int(hide_text),
    )


def ensure_standing(state: Development) -> None:
    """Raise ``Conflict`` when the development was withdrawn."""
    if state.status != "standing":
        raise Conflict(
            "withdrawn",
            "This development was withdrawn; nothing more can be done to it. "
            "Report what is known now as a new development.",
            development=state.id,
        )


def normal(fields: Document) -> dict[str, Any]:
    """Return fields in their stored form: in order, what is empty left out or made plain."""
    if isinstance(fields, Prepared):
        return fields
    named = {**ALWAYS, **{name: value for name, value in fields.items() if value}}
    return {name: named[name] for name in FIELDS if name in named}


def merged(fields: Document, changes: Document) -> dict[str, Any]:
    """Return fields with changes applied: whole fields, ``details`` by merge patch (RFC 7396)."""
    changes = dict(changes)
    if isinstance(changes.get("details"), Mapping):
        changes["details"] = merge_patch(fields.get("details", {}), changes["details"])
    return normal(patched(fields, changes))


def merge_patch(target: Any, patch: Any) -> Any:
    """Return ``target`` with a JSON merge patch applied (RFC 7396, section 2)."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge_patch(result.get(name), value)
    return result


def _ensure_allowed(corrects: bool, old: Document, new: Document) -> None:
    if old.get("external_id") != new.get("external_id"):
        raise Invalid({"changes.external_id": ["An external_id is given once, by the report."]})
    if corrects:
        return
    says = (
        "Only a correction may move the time of what happened; a later state of the world "
        "is a new development."
    )
    if old.get("occurred") != new.get("occurred"):
        raise Invalid({"changes.occurred": [says]})
    if _until(old) != _until(new):
        raise Invalid({"changes.details.casualties.until": [says]})


def _until(fields: Document) -> Any:
    return (fields.get("details", {}).get("casualties") or {}).get("until")


def _differs(old: Document, new: Document, name: str) -> bool:
    return bool(old.get(name) != new.get(name))


def _next(state: Development, stamp: Stamp) -> dict[str, Any]:
    return {
        "originator_id": UUID(state.id),
        "originator_version": state.version + 1,
        "story": state.story,
        "stamp": stamp,
    }
