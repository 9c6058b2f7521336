"""Developments as they are read: one, a page of them, each version with the act that made it."""

from marshmallow import INCLUDE

from schemas import bounds, words
from schemas.basis import (
    Anything,
    HouseBasis,
    Instant,
    a_development,
    a_verification,
    a_version,
    based,
    cursor,
    list_of,
)
from schemas.details import DetailsIn
from schemas.fields import DevelopmentId, Language, Line, Moment, Slug, Text, Truth, Whole, Word
from schemas.nesting import Items, Part
from schemas.sources import MediaIn, SourceIn
from schemas.strict import Answer
from service.domain.acts import ACTS


def an_act() -> Word:
    """Return the field of an act's name."""
    return Word("The act.", tuple(ACTS), required=True, example="DevelopmentReported")


def a_newsroom() -> Line:
    """Return the field of a newsroom."""
    return Line("The newsroom.", most=bounds.NAME, required=True, example="times")


def a_position() -> Whole:
    """Return the field of a position."""
    return Whole("The position in the public record.", required=True, example=75)


class Involved(Answer):
    """An actor and its part."""

    actor = Slug("The actor.", required=True, example="lna")
    role = Word("Its part.", words.ROLES, required=True, example="by")


class Related(Answer):
    """A link to another development."""

    development = DevelopmentId("Its id.", required=True)
    relation = Word("How this one stands to it.", words.RELATIONS, required=True, example="follows")


class Said(Answer):
    """What is said in public about an act."""

    notice = Text("What the public is told of it.", most=bounds.NOTE)
    reason = Text("The class of reason; of a verification, the ground.", most=bounds.NOTE)
    found_by = Line("Who found it.", most=bounds.NAME)
    evidence = Items(Part(SourceIn, "A source."), "What it rests on.", most=bounds.SOURCES)
    act_byline = Line("Who stands behind the act.", most=bounds.NAME)


class Development(Said):
    """A development at one of its versions. A tombstone has no content."""

    id = DevelopmentId("Its id, for ever.", required=True)
    story = Slug("The story.", required=True, example="tripoli-2019")
    version = Whole("The version.", least=1, required=True, example=1)
    act = an_act()
    status = Word("Whether it stands.", words.STATUSES, required=True, example="standing")
    verification = Word("How sure.", words.VERIFICATIONS, required=True, example="reported")
    occurred_earliest = Instant("The earliest it can have happened.", allow_none=True)
    occurred_latest = Instant("The latest.", allow_none=True)
    valid_from = Instant("From when it counts in the situation.", allow_none=True)
    recorded_at = Instant("When this version was recorded.", required=True)
    first_recorded_at = Instant("When it was first reported.", required=True)
    imported_at = Instant("When it was imported from an archive.")
    recorded_precision = Word("How exact the record time is.", ("day",), example="day")
    position = a_position()
    newsroom = a_newsroom()
    corrected = Whole("How often it was corrected.", required=True, example=0)
    redactions = Whole("How often it was redacted.", required=True, example=0)

    kind = Line("What sort of thing it is.", most=bounds.KIND, example="airstrike")
    headline = Line("One line.", most=bounds.HEADLINE, example="Aircraft strike positions")
    body = Text("The text, in Markdown.", most=bounds.BODY)
    language = Language("Its language.", example="en")
    occurred = Moment("When it happened, as given.", example="2019-04-06")
    places = Items(Slug("A place."), "Where.", most=bounds.PLACES)
    actors = Items(Part(Involved, "An actor and its part."), "Who.", most=bounds.ACTORS)
    sources = Items(Part(SourceIn, "A source."), "Where from.", most=bounds.SOURCES)
    media = Items(Part(MediaIn, "A picture, clip or document."), "Media.", most=bounds.MEDIA)
    byline = Line("Who stands behind it.", most=bounds.NAME)
    external_id = Line("The newsroom's own id.", most=bounds.EXTERNAL_ID, example="desk-4711")
    details = Part(DetailsIn, "What its kind says besides.")
    relates_to = Items(Part(Related, "A link."), "Links.", most=bounds.RELATIONS)
    key = Truth("Whether it was reported as a key event.")


class Caution(Answer):
    """What does not fit, or may have been reported before."""

    class Meta:
        """A warning may carry more facts."""

        unknown = INCLUDE

    code = Line("In a word.", most=bounds.NAME, required=True, example="possible-duplicate")
    says = Text("In a sentence.", most=bounds.NOTE, required=True, example="…")
    slot = Line("The slot.", most=bounds.TITLE)
    development = DevelopmentId("The other development.")


class DevelopmentWritten(Development):
    """A development right after an act on it."""

    warnings = Items(
        Part(Caution, "A warning."), "What does not fit.", most=bounds.SLOTS, required=True
    )


class DevelopmentReading(Development):
    """A development at a basis."""

    basis = based()


class Change(Answer):
    """One field that an act changed."""

    field = Line("The field.", most=bounds.NAME, required=True, example="headline")
    was = Anything("What it was.")
    # "is" is a word of Python's own.
    is_ = Anything("What it is.", data_key="is")
    words = Anything('Word by word: [["=", same], ["-", taken out], ["+", put in]].')


class Exposure(Answer):
    """How long what was wrong had stood."""

    from_ = Instant("From when.", data_key="from", required=True)
    to = Instant("Until when.", required=True)
    seconds = Whole("How long.", required=True, example=86400)


class Answered(Answer):
    """What stood in a slot."""

    value = Anything("The answer.", required=True)
    valid_from = Instant("From when it holds.", required=True)
    development = a_development()
    version = a_version()
    verification = a_verification()


class SlotChange(Answer):
    """A slot whose answer an act changed."""

    slot = Line("The slot.", most=bounds.TITLE, required=True, example="posture:lna")
    old = Part(Answered, "The answer before; null: none.", required=True, allow_none=True)
    new = Part(Answered, "The answer after; null: none.", required=True, allow_none=True)
    sort = Word(
        "What became of it. learned: there was none. replaced: by another development's. "
        "corrected, updated: the same development says otherwise. verified: how sure it is has "
        "moved. taken_back: it is gone, and what stood before it stands again, if anything did.",
        words.SLOT_CHANGES,
        required=True,
        example="learned",
    )
    says = Text(
        "The same in a sentence.",
        most=bounds.SENTENCE,
        required=True,
        example="posture:lna: attacking. Before, mobilising.",
    )


class Entry(Said):
    """One act of the audit trail: who, when, what was and what is, and why."""

    position = a_position()
    act = an_act()
    recorded_at = Instant("When it was recorded.", required=True)
    stored_at = Instant("When it was stored.", required=True)
    imported_at = Instant("When it was imported from an archive, if it was.")
    newsroom = a_newsroom()
    by = Line("Which token acted; for auditors.", most=bounds.NAME)
    reason_note = Text("More about the reason; for auditors.", most=bounds.NOTE)
    decided_by = Line("Who decided; for auditors.", most=bounds.NAME)
    approved_by = Line("Who approved; for auditors.", most=bounds.NAME)
    subject = Anything("What a story's own act says.")
    development = DevelopmentId("The development that it is on.")
    version = Whole("The version that it made.", allow_none=True, example=2)
    headline = Line("The development's headline.", most=bounds.HEADLINE, allow_none=True)
    verification = Word("The status after it.", words.VERIFICATIONS, example="reported")
    changes = Items(Part(Change, "A field."), "What was and what is.", most=bounds.SLOTS)
    target = Whole("The version that was wrong.", example=1)
    exposure = Part(Exposure, "How long it had stood.")
    slots = Items(Part(SlotChange, "A slot."), "What it changed.", most=bounds.SLOTS)


class Version(Development):
    """One version, with the act that made it."""

    made_by = Part(Entry, "The act that made it.", required=True)


class VersionReading(Version):
    """One version at a basis."""

    basis = based()


class Versions(Answer):
    """Every version of a development known at a basis, oldest first."""

    basis = based()
    items = Items(Part(Version, "A version."), "Versions.", most=bounds.VERSIONS, required=True)
    next = cursor()


class Changes(Answer):
    """What happened on the record since."""

    basis = based()
    items = Items(Part(Entry, "An act."), "Acts in order.", most=bounds.PAGE_MOST, required=True)
    next = cursor()
    next_since_position = Whole("Where the next question goes on.", required=True, example=75)


class HouseEntry(Entry):
    """One act of the house's log."""

    story = Slug("The story.", required=True, example="tripoli-2019")


class HouseCorrections(Answer):
    """The house's corrections log, latest first."""

    basis = Part(HouseBasis, "What the answer stands on.", required=True)
    items = Items(
        Part(HouseEntry, "A correction."), "Corrections.", most=bounds.PAGE_MOST, required=True
    )
    next = cursor()


Timeline = list_of(Development, "Timeline", "Developments at a basis.")
History = list_of(Entry, "History", "Acts in record order.")
Corrections = list_of(Entry, "Corrections", "The corrections log, latest first.")
