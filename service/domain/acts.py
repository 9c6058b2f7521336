"""The acts: everything that can ever happen to the public record, one class a sentence.

An act is what event sourcing calls an event. It is frozen, past tense, keyword-only, and
stored for ever, so the rules for editors are strict:

- an act's name stands in ``ACTS`` with its topic; a retired name stays listed;
- a field is never renamed or re-used: give the class a ``class_version`` and an upcaster;
- ``document`` holds the content as it stands *from this act on* (whole, never a patch), so
  that erasing one version cannot take another with it; ``note`` holds what is said about the
  act itself. Both are content, and deletable; every other field is envelope, and is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

Document = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """What the record gives an act at the moment of writing, inside the append lock.

    Times are microseconds since 1970 UTC. ``previous`` is the SHA-256 (hex) of the envelope
    of the story's act before this one, empty for its first. ``by`` is a pseudonym: which
    token acted, never who holds it.
    """

    position: int
    stored_at: int
    recorded_at: int
    previous: str
    newsroom: str
    by: str
    imported_at: int | None = None
    recorded_precision: str | None = None


@dataclass(frozen=True, kw_only=True)
class Act:
    """One immutable event of a story. The stream is the story's or the development's."""

    originator_id: UUID
    originator_version: int
    story: str
    stamp: Stamp
    document: Document | None = None
    note: Document = field(default_factory=dict)

    references: ClassVar[tuple[str, ...]] = ()
    """Fields besides the common ones that stand in the envelope: strings and integers only."""

    @property
    def name(self) -> str:
        """The act's name as it is stored and shown."""
        return type(self).__name__


# --- stories -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class StoryAct(Act):
    """An act on the story itself."""


@dataclass(frozen=True, kw_only=True)
class StoryOpened(StoryAct):
    """A running story was given an address."""


@dataclass(frozen=True, kw_only=True)
class StoryAmended(StoryAct):
    """The story's title, language, scale or visibility was changed."""


@dataclass(frozen=True, kw_only=True)
class StoryClosed(StoryAct):
    """The story takes no more developments."""


@dataclass(frozen=True, kw_only=True)
class StoryReopened(StoryAct):
    """The story takes developments again."""


@dataclass(frozen=True, kw_only=True)
class ActorIntroduced(StoryAct):
    """A person, group, government or organisation joined the story's cast."""


@dataclass(frozen=True, kw_only=True)
class ActorAmended(StoryAct):
    """What the story says of an actor was changed."""


@dataclass(frozen=True, kw_only=True)
class PlaceIntroduced(StoryAct):
    """A place joined the story's map."""


@dataclass(frozen=True, kw_only=True)
class PlaceAmended(StoryAct):
    """What the story says of a place was changed."""


@dataclass(frozen=True, kw_only=True)
class SummaryWritten(StoryAct):
    """An editor summed up the situation in sentences that name their developments."""


@dataclass(frozen=True, kw_only=True)
class LevelOverridden(StoryAct):
    """An editor set the level by hand, with a reason; a null level lifts the override."""


@dataclass(frozen=True, kw_only=True)
class DevelopmentPinned(StoryAct):
    """A development was put on top of the story."""

    development: str
    references: ClassVar[tuple[str, ...]] = ("development",)


@dataclass(frozen=True, kw_only=True)
class DevelopmentUnpinned(DevelopmentPinned):
    """A development is no longer on top of the story."""


@dataclass(frozen=True, kw_only=True)
class KeyEventMarked(DevelopmentPinned):
    """A development was marked as a key event."""


@dataclass(frozen=True, kw_only=True)
class KeyEventUnmarked(DevelopmentPinned):
    """A development is no longer a key event."""


# --- developments --------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class DevelopmentAct(Act):
    """An act on one development; its version is the act's number in the stream."""

    @property
    def development(self) -> str:
        """The development's id, which never changes."""
        return str(self.originator_id)

    @property
    def version(self) -> int:
        """The version that this act made."""
        return self.originator_version


@dataclass(frozen=True, kw_only=True)
class DevelopmentReported(DevelopmentAct):
    """A development was reported for the first time."""

    verification: str
    references: ClassVar[tuple[str, ...]] = ("verification",)


@dataclass(frozen=True, kw_only=True)
class DevelopmentRevised(DevelopmentAct):
    """What the revising acts share; ``changed`` names the fields, separated by spaces."""

    changed: str
    reason: str = ""
    references: ClassVar[tuple[str, ...]] = ("changed", "reason")


@dataclass(frozen=True, kw_only=True)
class DevelopmentUpdated(DevelopmentRevised):
    """The same moment became better known."""


@dataclass(frozen=True, kw_only=True)
class DevelopmentCorrected(DevelopmentRevised):
    """A substantive error was put right: what was wrong stays readable beside what is right."""

    target: int
    verification: str
    references: ClassVar[tuple[str, ...]] = ("changed", "reason", "target", "verification")


@dataclass(frozen=True, kw_only=True)
class DevelopmentClarified(DevelopmentRevised):
    """What was accurate but misleading was said more clearly."""


@dataclass(frozen=True, kw_only=True)
class DevelopmentRefiled(DevelopmentRevised):
    """A slip of the pen was mended; the meaning is unchanged."""


@dataclass(frozen=True, kw_only=True)
class DevelopmentVerified(DevelopmentAct):
    """The status of a named version moved; its text did not."""

    target: int
    verification: str
    references: ClassVar[tuple[str, ...]] = ("target", "verification")


@dataclass(frozen=True, kw_only=True)
class DevelopmentWithdrawn(DevelopmentAct):
    """A development was too flawed to correct; its id stays, as a tombstone with a notice."""

    reason: str = ""
    hide_text: int = 0
    references: ClassVar[tuple[str, ...]] = ("reason", "hide_text")


# The names that are stored for ever, with their topics. A retired act stays here.
ACTS: Mapping[str, type[Act]] = {
    "story.opened": StoryOpened,
    "story.amended": StoryAmended,
    "story.closed": StoryClosed,
    "story.reopened": StoryReopened,
    "story.actor-introduced": ActorIntroduced,
    "story.actor-amended": ActorAmended,
    "story.place-introduced": PlaceIntroduced,
    "story.place-amended": PlaceAmended,
    "story.summary-written": SummaryWritten,
    "story.level-overridden": LevelOverridden,
    "story.development-pinned": DevelopmentPinned,
    "story.development-unpinned": DevelopmentUnpinned,
    "story.key-event-marked": KeyEventMarked,
    "story.key-event-unmarked": KeyEventUnmarked,
    "development.reported": DevelopmentReported,
    "development.updated": DevelopmentUpdated,
    "development.corrected": DevelopmentCorrected,
    "development.clarified": DevelopmentClarified,
    "development.refiled": DevelopmentRefiled,
    "development.verified": DevelopmentVerified,
    "development.withdrawn": DevelopmentWithdrawn,
}
for _topic, _act in ACTS.items():
    # eventsourcing reads a class's TOPIC instead of storing a module path.
    _act.TOPIC = _topic  # type: ignore[attr-defined]
