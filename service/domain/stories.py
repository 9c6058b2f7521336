"""A story: its settings, its cast, whether it takes developments; and the acts on it.

Decide may refuse; evolve never does: what is recorded has happened. Time, ids and the
record's stamp are handed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from service.domain import acts
from service.domain.acts import Act, Document, Stamp
from service.domain.refusals import Conflict, Invalid

FIXED = ("id", "time_zone", "scale")
"""Set once: every date on the record was read in the story's zone, and every version assigned
what its scale says."""

CAST = {
    "actor": (acts.ActorIntroduced, acts.ActorAmended),
    "place": (acts.PlaceIntroduced, acts.PlaceAmended),
}
REFERENCES = {"actor": ("leads", "part_of"), "place": ("within",)}
"""Fields that name another of the same sort: it was introduced before."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """A story as its acts have made it. ``version`` counts its own stream."""

    stream: UUID
    version: int
    newsroom: str
    document: Document
    is_open: bool = True
    actors: Mapping[str, Document] = field(default_factory=dict)
    places: Mapping[str, Document] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The story's slug: its address."""
        return str(self.document["id"])

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone in which the story's dates are read."""
        return ZoneInfo(self.document["time_zone"])

    @property
    def is_conflict(self) -> bool:
        """Whether the story has an escalation level."""
        return bool(self.document.get("scale") == "conflict")

    def cast(self, sort: str) -> Mapping[str, Document]:
        """Return the story's actors or places by slug; ``sort`` is "actor" or "place"."""
        return self.actors if sort == "actor" else self.places


def evolve(story: Story | None, act: Act) -> Story:
    """Return the story after an act on it; acts on developments leave it as it is."""
    document = act.document or {}
    if isinstance(act, acts.StoryOpened):
        return Story(
            stream=act.originator_id, version=1, newsroom=act.stamp.newsroom, document=document
        )
    assert story is not None, "a story begins with StoryOpened"
    if not isinstance(act, acts.StoryAct):
        return story
    story = replace(story, version=act.originator_version)
    match act:
        case acts.StoryAmended():
            return replace(story, document=document)
        case acts.StoryClosed():
            return replace(story, is_open=False)
        case acts.StoryReopened():
            return replace(story, is_open=True)
        case acts.ActorIntroduced() | acts.ActorAmended():
            return replace(story, actors={**story.actors, document["id"]: document})
        case acts.PlaceIntroduced() | acts.PlaceAmended():
            return replace(story, places={**story.places, document["id"]: document})
        case _:
            return story


def open_story(fields: Document, *, stream: UUID, stamp: Stamp) -> acts.StoryOpened:
    """Open a story. Raises ``Invalid`` for a time zone that does not exist."""
    if fields["time_zone"] not in available_timezones():
        raise Invalid(
            {"time_zone": [f"{fields['time_zone']!r} is no IANA time zone."]},
            {"time_zone": get_close_matches(fields["time_zone"], available_timezones(), 3, 0.5)},
        )
    return acts.StoryOpened(
        originator_id=stream,
        originator_version=1,
        story=fields["id"],
        stamp=stamp,
        document=fields,
    )


def amend(story: Story, changes: Document, stamp: Stamp) -> acts.StoryAmended:
    """Change title, language or visibility. Raises ``Invalid`` for what is fixed."""
    fixed = {
        name: [f"A story's {name} is set once: what is on the record rests on it."]
        for name in FIXED
        if name in changes and changes[name] != story.document.get(name)
    }
    if fixed:
        raise Invalid(fixed)
    document = patched(story.document, changes)
    if document == story.document:
        raise Invalid({"_": ["Nothing would change."]})
    return acts.StoryAmended(**_next(story, stamp), document=document)


def close(
    story: Story, note: Document, stamp: Stamp, audit: Document | None = None
) -> acts.StoryClosed:
    """Close the story to developments. Raises ``Conflict`` when it is closed."""
    ensure_open(story)
    return acts.StoryClosed(**_next(story, stamp), note=note, audit=audit or {})


def reopen(
    story: Story, note: Document, stamp: Stamp, audit: Document | None = None
) -> acts.StoryReopened:
    """Open a closed story again. Raises ``Conflict`` when it is open."""
    if story.is_open:
        raise Conflict("story-closed", f"The story {story.id} is open; it need not be reopened.")
    return acts.StoryReopened(**_next(story, stamp), note=note, audit=audit or {})


def put(story: Story, sort: str, fields: Document, stamp: Stamp, *, prefix: str = "") -> Act | None:
    """Introduce an actor or a place, or amend it; None when nothing would change.

    Raises ``Invalid``, each fault under ``prefix`` + its field, where it names what the story does
    not know.
    """
    known = story.cast(sort).get(fields["id"])
    if known == fields:
        return None
    _ensure_known(story, sort, fields, prefix)
    introduced, amended = CAST[sort]
    act = introduced if known is None else amended
    return act(**_next(story, stamp), document=fields)


def _ensure_known(story: Story, sort: str, fields: Document, prefix: str) -> None:
    others = {slug: about for slug, about in story.cast(sort).items() if slug != fields["id"]}
    named = {name: fields[name] for name in REFERENCES[sort] if name in fields}
    unknown = {prefix + name: slug for name, slug in named.items() if slug not in others}
    if unknown:
        says = "The story has no other {} {!r}. Introduce it first."
        raise Invalid(
            {path: [says.format(sort, slug)] for path, slug in unknown.items()},
            {path: close for path, slug in unknown.items() if (close := near(slug, others))},
        )


def near(slug: str, cast: Mapping[str, Any]) -> list[str]:
    """Return the members of a cast (documents by slug) whose slug or name is nearest to a slug."""
    by_name = {str(document.get("name", "")).lower(): known for known, document in cast.items()}
    close = get_close_matches(slug, list(cast), 3, 0.5)
    named = get_close_matches(slug.replace("-", " "), list(by_name), 3, 0.6)
    return list(dict.fromkeys([*close, *(by_name[name] for name in named)]))[:3]


def ensure_open(story: Story) -> None:
    """Raise ``Conflict`` when the story takes no more developments."""
    if not story.is_open:
        raise Conflict("story-closed", f"The story {story.id} is closed. Reopen it to post to it.")


def patched(document: Document, changes: Document) -> dict[str, Any]:
    """Return a document with each named field replaced whole; null removes."""
    kept = {name: value for name, value in document.items() if name not in changes}
    order = [*document, *(name for name in changes if name not in document)]
    new = {**kept, **{name: value for name, value in changes.items() if value is not None}}
    return {name: new[name] for name in order if name in new}


def _next(story: Story, stamp: Stamp) -> dict[str, Any]:
    return {
        "originator_id": story.stream,
        "originator_version": story.version + 1,
        "story": story.id,
        "stamp": stamp,
    }
