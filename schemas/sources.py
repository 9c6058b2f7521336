"""Where the newsroom has it from, and what it shows with it."""

from typing import Any

from marshmallow import ValidationError

from schemas import bounds, words
from schemas.fields import Coded, Day, Language, Line, Text, Url, Whole, Word
from schemas.strict import Strict

SHA256 = "[0-9a-f]{64}"
NAMES_IT = ("publisher", "url", "label", "author", "reported_by")


class SourceIn(Strict):
    """One source. Never a confidential source's identity: a public label is all it needs."""

    publisher = Line("Who published it, named for what it is.", most=bounds.NAME, example="Reuters")
    url = Url("Where it can be read.", example="https://www.reuters.com/article/libya")
    title = Line("Its headline.", most=bounds.TITLE, example="Libya: air strike near Tripoli")
    author = Line("Who wrote it.", most=bounds.NAME, example="A. Reporter")
    quote = Text("The words that carry the report.", most=bounds.NOTE, example="An air strike hit")
    language = Language("The language it is in.", example="en")
    published_at = Day("When it published this.", example="2019-04-07")
    type = Word("What sort of source it is.", words.SOURCE_TYPES, example="media")
    reported_by = Line(
        "Through whom it reached the newsroom: the ministry, via Reuters.",
        most=bounds.NAME,
        example="Reuters",
    )
    label = Line(
        "What the public is told of a source that stays unnamed.",
        most=bounds.NAME,
        example="a ministry official who asked not to be named",
    )
    archived_url = Url("A copy that will stay.", example="https://web.archive.org/web/2019/x")
    archived_sha256 = Coded(
        "SHA-256 of the archived copy, in hex.",
        pattern=SHA256,
        most=64,
        example="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    )

    def check(self, loaded: dict[str, Any]) -> None:
        """A source must say what it is."""
        if not any(name in loaded for name in NAMES_IT):
            raise ValidationError("Must name a publisher, a url or a label.")


class MediaIn(Strict):
    """A picture, clip or document that is shown with a development."""

    url = Url("Where it lies.", required=True, example="https://example.org/strike.jpg")
    type = Word("What it is.", words.MEDIA_TYPES, example="image")
    alt = Text("What it shows, for who cannot see it.", most=bounds.SENTENCE, example="Smoke")
    caption = Text("What stands under it.", most=bounds.SENTENCE, example="Smoke over the airport")
    credit = Line("Whose work it is.", most=bounds.NAME, example="Photo: A. Reporter")
    licence = Line("Under which terms it is shown.", most=bounds.NAME, example="CC BY 4.0")
    taken_at = Day("When it was taken.", example="2019-04-06")
    width = Whole("Pixels across.", least=1, most=bounds.PIXELS, example=1600)
    height = Whole("Pixels down.", least=1, most=bounds.PIXELS, example=900)
    archived_url = Url("A copy that will stay.", example="https://web.archive.org/web/2019/y")
    archived_sha256 = Coded(
        "SHA-256 of the archived copy, in hex.",
        pattern=SHA256,
        most=64,
        example="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    )
