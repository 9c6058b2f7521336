"""The acts: everything that can ever happen to the public record, one class a sentence.

An act is what event sourcing calls an event. It is frozen, past tense, keyword-only, and
stored for ever, so the rules for editors are strict:

- an act's name stands in ``ACTS``, which is its topic; a retired name stays listed;
- a field is never renamed or re-used: give the class a ``class_version`` and an upcaster;
- ``document`` holds the content as it stands *from this act on* (whole, never a patch), so
  that erasing one version cannot take another with it; ``note`` holds what is said in public
  about the act itself, ``audit`` what only auditors read. These three are content, and
  deletable; every other field is envelope, and is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

Document = Mapping[str, Any]


class Stamp(NamedTuple):
    """What the record gives an act at the moment of writing, inside the append lock.

    Times are microseconds since 1970 UTC. ``previous`` is the SHA-256 (hex) of the envelope
    of the story's act before this one, empty for its first. ``by`` is a pseudonym: which
    token acted, never who holds it. A tuple, for every act that is read has one; name its fields.
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
    audit: Document = field(default_factory=dict)

    references: ClassVar[tuple[str, ...]] = ()
    """Fields besides the common ones that stand in the envelope: strings and integers only."""

    @property
    def name(self) -> str:
        """The act's name as it is stored and shown."""
        return TOPICS[type(self)]


# --- stories -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class StoryAct(Act):
    """An act on the story itself."""


@dataclass(frozen=True, kw_only=True)
class StoryOpened(StoryAct):
    """A running story was given an address."""


@dataclass(frozen=True, kw_only=True)
class StoryAmended(StoryAct):
    """The story's title, language or visibility was changed."""


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


# The names that are stored for ever. They are spelled out, never taken from the classes, so that
# a class may be renamed; a retired name stays here.
ACTS: Mapping[str, type[Act]] = {
    "StoryOpened": StoryOpened,
    "StoryAmended": StoryAmended,
    "StoryClosed": StoryClosed,
    "StoryReopened": StoryReopened,
    "ActorIntroduced": ActorIntroduced,
    "ActorAmended": ActorAmended,
    "PlaceIntroduced": PlaceIntroduced,
    "PlaceAmended": PlaceAmended,
    "SummaryWritten": SummaryWritten,
    "LevelOverridden": LevelOverridden,
    "DevelopmentPinned": DevelopmentPinned,
    "DevelopmentUnpinned": DevelopmentUnpinned,
    "KeyEventMarked": KeyEventMarked,
    "KeyEventUnmarked": KeyEventUnmarked,
    "DevelopmentReported": DevelopmentReported,
    "DevelopmentUpdated": DevelopmentUpdated,
    "DevelopmentCorrected": DevelopmentCorrected,
    "DevelopmentClarified": DevelopmentClarified,
    "DevelopmentRefiled": DevelopmentRefiled,
    "DevelopmentVerified": DevelopmentVerified,
    "DevelopmentWithdrawn": DevelopmentWithdrawn,
}
TOPICS: Mapping[type[Act], str] = {act: topic for topic, act in ACTS.items()}
