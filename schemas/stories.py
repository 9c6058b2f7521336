"""A story as it is opened, amended and read, and the acts on the story itself."""

from typing import Any

from marshmallow import ValidationError
from marshmallow.fields import Dict, String

from schemas import bounds, words
from schemas.basis import HouseBasis, Instant, based, cursor
from schemas.fields import DevelopmentId, Language, Line, Slug, Text, Truth, Whole, Word, Zone
from schemas.nesting import Items, Part
from schemas.strict import Answer, Strict

EXAMPLE = {
    "id": "tripoli-2019",
    "title": "The attack on Tripoli",
    "language": "en",
    "time_zone": "Africa/Tripoli",
    "scale": "conflict",
}


def _title(*, required: bool) -> Line:
    return Line(
        "What the story is called.",
        most=bounds.TITLE,
        required=required,
        example=EXAMPLE["title"],
    )


def _visibility() -> Word:
    return Word(
        "public: anyone reads it. house: only the newsroom's tokens do.",
        words.VISIBILITIES,
        example="public",
    )


class StoryIn(Strict):
    """A running situation under one address."""

    id = Slug("Its slug, for ever.", required=True, example="tripoli-2019")
    title = _title(required=True)
    language = Language("Its language; left out, en.", example="en")
    time_zone = Zone(
        "The time zone of its dates, for ever; left out, the house's.", example="Africa/Tripoli"
    )
    scale = Word(
        "conflict: the situation has a level. none (or left out): it has none.",
        words.SCALES,
        example="conflict",
    )
    visibility = _visibility()


class StoryPatch(Strict):
    """What can be changed of a story. Its time zone and scale cannot: the past was read in them."""

    title = _title(required=False)
    language = Language("Its language.", example="en")
    visibility = _visibility()

    def check(self, loaded: dict[str, Any]) -> None:
        """A change changes something."""
        if not loaded:
            raise ValidationError("Must name at least one field to change.")


class ClosingIn(Strict):
    """Why a story is closed or opened again."""

    notice = Text("What the public is told.", most=bounds.NOTE, example="The truce holds.")
    reason_note = Text("More, for auditors only.", most=bounds.NOTE)


class SentenceIn(Strict):
    """One sentence of a summary, and the developments that it rests on."""

    text = Text("The sentence.", most=bounds.SENTENCE, required=True, example="Fighting goes on.")
    developments = Items(
        DevelopmentId("A development's id."),
        "The developments that it rests on.",
        most=bounds.RELATIONS,
        distinct=True,
    )


class SummaryIn(Strict):
    """The situation in an editor's sentences; an empty list takes the summary away."""

    sentences = Items(
        Part(SentenceIn, "A sentence."),
        "The sentences, in order.",
        most=bounds.SENTENCES,
        required=True,
    )


class LevelOverrideIn(Strict):
    """A level set by hand, or ``null``, which gives the word back to the rule."""

    level = Word(
        "The level, or null.", words.LEVELS, required=True, allow_none=True, example="clashes"
    )
    reason = Text("Why, for the public.", most=bounds.NOTE, required=True, example="The truce.")


class Nothing(Strict):
    """A body with nothing in it: none, or {}."""


# --- as read -------------------------------------------------------------------------------


def _position() -> Whole:
    return Whole("The record's position after it.", required=True, example=75)


class Counts(Answer):
    """How many, of what was known at the position."""

    developments = Whole("Reported.", required=True, example=72)
    corrected = Whole("Of these, corrected.", required=True, example=1)
    withdrawn = Whole("Of these, withdrawn.", required=True, example=0)


class Story(Answer):
    """A story as it stood at a position of the record."""

    id = Slug("Its slug, for ever.", required=True, example=EXAMPLE["id"])
    title = _title(required=True)
    language = Language("Its language.", required=True, example="en")
    time_zone = Zone("The time zone of its dates.", required=True, example="Africa/Tripoli")
    scale = Word(
        "conflict: the situation has a level.", words.SCALES, required=True, example="conflict"
    )
    visibility = Word("Who reads it.", words.VISIBILITIES, required=True, example="public")
    is_open = Truth("Whether it takes developments.", required=True, example=True)
    newsroom = Line("Whose it is.", most=bounds.NAME, required=True, example="times")
    position = Whole("Its last position.", required=True, example=75)
    quiet_since = Instant(
        "When its last development was recorded; null before the first.",
        required=True,
        allow_none=True,
    )
    counts = Part(Counts, "How many developments.", required=True)
    links = Dict(
        String(),
        String(),
        required=True,
        metadata={
            "description": "Where to go from here.",
            "example": {"situation": "/v1/stories/tripoli-2019/situation"},
        },
    )


class StoryReading(Story):
    """A story at a basis."""

    basis = based()


class Stories(Answer):
    """Stories, the one opened last first."""

    basis = Part(HouseBasis, "What the answer stands on.", required=True)
    items = Items(Part(Story, "A story."), "Stories.", most=bounds.PAGE_MOST, required=True)
    next = cursor()


class SummaryWritten(Answer):
    """A summary right after it was written."""

    sentences = Items(
        Part(SentenceIn, "A sentence."),
        "The sentences, in order.",
        most=bounds.SENTENCES,
        required=True,
    )
    position = _position()


class LevelWritten(Answer):
    """A level right after it was set by hand."""

    level = Word(
        "The level; null: the rule's.",
        words.LEVELS,
        required=True,
        allow_none=True,
        example="clashes",
    )
    reason = Text("Why.", most=bounds.NOTE, required=True, example="The truce.")
    position = _position()


class Marked(Answer):
    """A development right after a pin or a key mark was put on it or taken off."""

    development = DevelopmentId("The development.", required=True)
    marked = Truth("Whether it bears the mark now.", required=True, example=True)
    position = _position()
