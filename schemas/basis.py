"""What every answer stands on, and the envelope of lists."""

from typing import Any

from marshmallow import Schema
from marshmallow.fields import Raw

from schemas import bounds, words
from schemas.fields import DevelopmentId, Line, Slug, Text, Whole, Word
from schemas.nesting import Items, Part
from schemas.strict import Answer

INSTANT = "2019-04-05T21:59:59.999999Z"
ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


class Instant(Line):
    """An instant as it is served: RFC 3339, UTC, ``Z``."""

    def __init__(self, says: str, **options: Any) -> None:
        super().__init__(says, **{"most": 32, "example": INSTANT, **options})

    def _json(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


class Anything(Raw):
    """A value whose form is the slot's own."""

    def __init__(self, says: str, **options: Any) -> None:
        super().__init__(metadata={"description": says}, allow_none=True, **options)


class Path(Line):
    """An address on this host."""

    def __init__(self, says: str, **options: Any) -> None:
        super().__init__(says, most=bounds.URL, **options)


def a_version() -> Whole:
    """Return the field of a version."""
    return Whole("The development's version.", allow_none=True, example=1)


def a_verification() -> Word:
    """Return the field of a version's status."""
    return Word(
        "How sure the newsroom is.", words.VERIFICATIONS, allow_none=True, example="reported"
    )


def a_development() -> DevelopmentId:
    """Return the field of a development's id; null for an editor's own act."""
    return DevelopmentId("The development that it comes from.", allow_none=True, example=ID)


def a_slot() -> Line:
    """Return the field of a slot's address."""
    return Line("The slot that it stands in.", most=bounds.TITLE, example="posture:lna")


class Basis(Answer):
    """What an answer stands on; asked again at its ``url`` it gives the same content, for as long
    as ``redactions``, ``visibility_changes`` and ``representation`` are the same."""

    story = Slug("The story.", required=True, example="tripoli-2019")
    reading = Word("Which of the readings it is.", words.READINGS, required=True, example="both")
    as_of = Instant("World time: what had happened by then.", required=True)
    known_at = Instant("Record time: as it was known then.", required=True)
    position = Whole("The story's last position known.", required=True, example=75)
    redactions = Whole(
        "How many of the story's texts were hidden, at every basis.", required=True, example=0
    )
    visibility_changes = Whole(
        "How often who may read the story was changed.", required=True, example=0
    )
    representation = Whole(
        "Raised when a release shows the same content otherwise.", least=1, required=True, example=1
    )
    says = Text(
        "The basis in one sentence.",
        most=bounds.SENTENCE,
        required=True,
        example="What had happened by the end of 5 April 2019 in Tripoli, as it was known then",
    )
    url = Path(
        "The address that names this basis for ever.",
        required=True,
        example=f"/v1/stories/tripoli-2019/situation?as_of={INSTANT}&position=75",
    )


class HouseBasis(Answer):
    """What a list over the whole house stands on: the record's head when it was first asked."""

    reading = Word("Which of the readings it is.", words.READINGS, required=True, example="now")
    known_at = Instant("Record time: as it was known then.", required=True)
    position = Whole("The record's last position known.", required=True, example=75)
    says = Text(
        "The basis in one sentence.",
        most=bounds.SENTENCE,
        required=True,
        example="The stories of the house, with all that we know now",
    )


def based() -> Part:
    """Return the field that every reading begins with."""
    return Part(Basis, "What the answer stands on.", required=True)


def cursor() -> Line:
    """Return the field that every list ends with."""
    return Line(
        "The cursor of the next page, null on the last.",
        most=bounds.CURSOR,
        allow_none=True,
        required=True,
    )


def list_of(shape: type[Schema], name: str, says: str) -> type[Answer]:
    """Return the shape of a list at a basis: ``basis``, ``items``, ``next``."""
    items = Items(Part(shape, says), says, most=bounds.PAGE_MOST, required=True)
    members = {"__doc__": says, "basis": based(), "items": items, "next": cursor()}
    return type(name, (Answer,), {"__module__": __name__, **members})


class Evidence(Answer):
    """Where an entry comes from."""

    since = Instant("Since when it holds.", required=True)
    slot = a_slot()
    slots = Items(a_slot(), "Every slot that the entry shows.", most=bounds.SLOTS)
    development = a_development()
    version = a_version()
    verification = a_verification()
