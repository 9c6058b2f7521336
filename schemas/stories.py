"""A story as it is opened, amended and read, and the acts on the story itself."""

from typing import Any

from marshmallow import ValidationError

from schemas import bounds, words
from schemas.fields import DevelopmentId, Language, Line, Slug, Text, Word, Zone
from schemas.nesting import Items, Part
from schemas.strict import Strict

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
