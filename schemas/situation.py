"""The situation as it is read: one section a subject, each entry naming where it comes from."""

from marshmallow.fields import Dict, String

from schemas import bounds, words
from schemas.basis import (
    Anything,
    Evidence,
    Instant,
    a_development,
    a_slot,
    a_verification,
    a_version,
    based,
    list_of,
)
from schemas.fields import DevelopmentId, Line, Moment, Slug, Text, Truth, Whole, Word
from schemas.nesting import Items, Part
from schemas.stories import Counts, SentenceIn
from schemas.strict import Answer


def _name() -> Line:
    return Line("Its name.", most=bounds.NAME, example="Libyan National Army")


def _names() -> Dict:
    return Dict(
        String(),
        String(),
        metadata={
            "description": "The names of the actors in the entry, by slug.",
            "example": {"lna": "Libyan National Army"},
        },
    )


def _actors(says: str) -> Items:
    return Items(Slug("An actor."), says, most=bounds.SLOTS, metadata={"example": ["gna"]})


def _by() -> Slug:
    return Slug("Who said it.", allow_none=True, example="lna")


def _text() -> Text:
    return Text("What it says.", most=bounds.BODY, allow_none=True, example="To answer the strike")


def _moment(says: str) -> Moment:
    return Moment(says, allow_none=True, example="2019-04-08")


class Party(Evidence):
    """A party's posture, whether it is fighting, the alert it is on."""

    actor = Slug("The party.", required=True, example="lna")
    name = _name()
    posture = Word("Its posture.", words.POSTURES, allow_none=True, example="attacking")
    fighting = Truth("Whether it fought since its last ceasefire.", example=True)
    alert = Word("The alert it is on.", words.ALERTS, allow_none=True, example="raised")


class Threat(Evidence):
    """A threat and what became of it."""

    threat = Slug("The threat.", required=True, example="retaliation")
    by = _by()
    also_by = _actors("Who else said it.")
    against = _actors("Against whom.")
    to = _actors("To whom.")
    names = _names()
    text = _text()
    deadline = _moment("Until when it stands.")
    state = Word("What became of it.", words.THREAT_STATES, required=True, example="open")


class Addressee(Evidence):
    """How a demand stands with one addressee."""

    addressee = Slug("The addressee; all where none is named.", required=True, example="lna")
    name = _name()
    state = Word("How it stands.", words.DEMAND_STATES, required=True, example="rejected")


class Demand(Evidence):
    """A demand, with its state for each addressee."""

    demand = Slug("The demand.", required=True, example="halt")
    by = _by()
    also_by = _actors("Who else made it.")
    against = _actors("Against whom.")
    to = _actors("Of whom it demands something.")
    names = _names()
    text = _text()
    deadline = _moment("Until when.")
    state = Word("Open while open to anyone.", words.DEMAND_STATES, required=True, example="open")
    addressees = Items(
        Part(Addressee, "An addressee."), "How it stands with each.", most=bounds.SLOTS
    )


class Reaffirmed(Evidence):
    """Who said again that a plan stands."""

    by = _actors("Who said so.")
    text = _text()


class Scheduled(Evidence):
    """Something on the calendar."""

    event = Slug("The event.", required=True, example="national-conference")
    title = Text("What it is called.", most=bounds.BODY, example="National conference")
    starts = _moment("When it is to begin.")
    ends = _moment("When it is to end.")
    time_zone = Line(
        "The zone of its dates.", most=bounds.SLUG, allow_none=True, example="Africa/Tripoli"
    )
    state = Word("How it stands.", words.PLAN_STATES, required=True, example="planned")
    overdue = Truth("Whether its end passed and nobody said it was held.", example=False)
    overdue_since = Instant("Since when it is overdue.", allow_none=True)
    reaffirmed = Part(Reaffirmed, "Who last said that it stands.", allow_none=True)


class Claim(Evidence):
    """What one claimant says of a place."""

    party = Slug("Whose control it is about.", required=True, example="lna")
    claimant = Slug("Who says so.", required=True, example="lna")
    claim = Word("What it says.", words.CLAIMS, required=True, example="asserts")
    set_aside = Truth("Whether a later confirmation stands above it.", example=False)


class Confirmed(Evidence):
    """Who was confirmed to hold a place."""

    party = Slug("The holder.", required=True, example="gna")


class Control(Evidence):
    """Who holds a place, as far as anyone can say."""

    place = Slug("The place.", required=True, example="gharyan")
    name = _name()
    state = Word("How it stands.", words.CONTROL_STATES, required=True, example="disputed")
    reason = Line("Why, in a word.", most=bounds.NAME, example="denied")
    says = Text(
        "Why, in a sentence.", most=bounds.SENTENCE, example="GNA denies that LNA holds it."
    )
    holder = Slug("Who holds it.", allow_none=True, example=None)
    confirmed = Part(Confirmed, "Who was last confirmed to hold it.", allow_none=True)
    fought = Instant("The last fighting there.", allow_none=True)
    claims = Items(Part(Claim, "A claim."), "Every claim, newest first.", most=bounds.SLOTS)
    names = _names()


class Bounds(Answer):
    """A figure with its bounds."""

    low = Whole("At least.", allow_none=True, example=4)
    best = Whole("Most likely.", allow_none=True, example=5)
    high = Whole("At most.", allow_none=True, example=6)


class CountedFigure(Evidence):
    """One figure of one counter."""

    figure = Word("Which.", words.FIGURES, required=True, example="killed")
    low = Whole("At least.", allow_none=True, example=4)
    best = Whole("Most likely.", allow_none=True, example=5)
    high = Whole("At most.", allow_none=True, example=6)
    until = _moment("Up to when it was counted: a date or an instant.")


class Casualties(Evidence):
    """What one counter counted in one scope. Never add counters together."""

    scope = Slug("What was counted.", required=True, example="total")
    counted_by = Slug("Who counted.", required=True, example="who")
    name = _name()
    killed = Part(Bounds, "The dead.")
    wounded = Part(Bounds, "The wounded.")
    civilians_killed = Part(Bounds, "The dead among civilians.")
    civilian_casualties = Part(Bounds, "Dead and wounded civilians.")
    missing = Part(Bounds, "The missing.")
    displaced = Part(Bounds, "People driven from their homes.")
    until = _moment("Up to when the newest was counted: a date or an instant.")
    figures = Items(
        Part(CountedFigure, "A figure."), "Each with where it comes from.", most=bounds.SLOTS
    )


class Relation(Evidence):
    """How two actors stand to each other."""

    by = Slug("From whom.", required=True, example="egypt")
    to = Slug("To whom.", required=True, example="lna")
    type = Line("What binds them.", most=bounds.SLUG, required=True, example="supports")
    state = Word("Whether it holds.", words.RELATION_STATES, required=True, example="in_force")
    names = _names()


class Access(Evidence):
    """Whether a place is open."""

    place = Slug("The place.", required=True, example="mitiga")
    name = _name()
    state = Word("Open or closed.", words.ACCESS_STATES, required=True, example="closed")


class Measure(Evidence):
    """An agreement, a ceasefire, a sanction, a warrant."""

    measure = Slug("The measure.", required=True, example="truce")
    by = _by()
    also_by = _actors("Who else took it.")
    against = _actors("Against whom.")
    to = _actors("To whom.")
    with_ = Items(Slug("An actor."), "With whom.", most=bounds.SLOTS, data_key="with")
    names = _names()
    text = _text()
    until = _moment("When it ends.")
    state = Word("How it stands.", words.MEASURE_STATES, required=True, example="in_force")


class Presence(Evidence):
    """Whether someone is there."""

    actor = Slug("Who.", required=True, example="united-states")
    name = _name()
    state = Word(
        "How it stands.", ("present", "reduced", "ended"), required=True, example="reduced"
    )


class Note(Evidence):
    """A free note."""

    note = Slug("Its name.", required=True, example="water-level")
    value = Anything("Its value.")


class Disputed(Evidence):
    """A report or a place that is in dispute."""

    why = Word("What is disputed.", ("verification", "control"), required=True, example="control")
    says = Text("Why.", most=bounds.SENTENCE, example="The report is disputed.")
    place = Slug("The place, of control.", example="gharyan")
    values = Dict(
        String(),
        Anything("An answer."),
        metadata={"description": "What the disputed report says, by slot.", "example": {}},
    )
    name = _name()


class Anomaly(Evidence):
    """A move that contradicts what had been reported before."""

    about = Slug("The event, threat, demand, measure or party.", required=True, example="halt")
    says = Text("What does not fit.", most=bounds.SENTENCE, required=True, example="…")
    value = Anything("What was reported.")
    after = Anything("What had been reported before.")
    previous = Part(Evidence, "Where that came from.")


class Reason(Evidence):
    """One thing that a level rests on."""

    code = Line("In a word.", most=bounds.NAME, required=True, example="attack")
    says = Text("In a sentence.", most=bounds.SENTENCE, required=True, example="LNA is attacking.")


class Step(Answer):
    """A level's word and number."""

    level = Word("The level.", words.LEVELS, required=True, example="offensive")
    value = Whole("1 calm … 5 major escalation.", least=1, most=5, required=True, example=4)


class Override(Answer):
    """A level set by an editor."""

    level = Word("The level.", words.LEVELS, required=True, example="clashes")
    reason = Text("Why.", most=bounds.NOTE, example="The truce holds.")
    by_rule = Part(Step, "What the rule would say.")
    since = Instant("Since when.")
    slot = a_slot()


class Level(Step):
    """How bad it is, by a published rule, with its reasons."""

    since = Instant("Since when.", allow_none=True)
    reasons = Items(Part(Reason, "A reason."), "What it rests on.", most=bounds.SLOTS)
    rule = Whole("Which version of the rule.", example=1)
    override = Part(Override, "An editor's word, if there is one.", allow_none=True)


def _section(shape: type[Evidence]) -> Items:
    says = (shape.__doc__ or "").partition("\n")[0]
    return Items(Part(shape, says), says, most=bounds.SLOTS, required=True)


def _ids(says: str) -> Items:
    return Items(DevelopmentId("A development."), says, most=bounds.SLOTS)


class Situation(Answer):
    """All slots' answers at one basis, composed into a document."""

    basis = based()
    level = Part(Level, "null unless the story is of a conflict.", required=True, allow_none=True)
    summary = Items(
        Part(SentenceIn, "A sentence and what it rests on."),
        "The situation in an editor's sentences.",
        most=bounds.SENTENCES,
        required=True,
    )
    parties = _section(Party)
    threats = _section(Threat)
    demands = _section(Demand)
    scheduled = _section(Scheduled)
    control = _section(Control)
    casualties = _section(Casualties)
    relations = _section(Relation)
    access = _section(Access)
    measures = _section(Measure)
    presence = _section(Presence)
    notes = _section(Note)
    disputed = _section(Disputed)
    anomalies = _section(Anomaly)
    pinned = _ids("What editors put on top.")
    key_events = _ids("What editors marked as key.")
    quiet_since = Instant("When the last development was recorded.", allow_none=True)
    counts = Part(Counts, "How many.", required=True)


class SlotAnswer(Answer):
    """One answer of a slot: an assignment."""

    slot = a_slot()
    value = Anything("The answer.")
    valid_from = Instant("From when it holds.", required=True)
    ends = Instant("When it ends by itself.", allow_none=True)
    development = a_development()
    version = a_version()
    verification = a_verification()


class TableRow(SlotAnswer):
    """One row of the bitemporal table."""

    valid_to = Instant("Where the next answer took over.", allow_none=True)
    known_from = Instant("From when it was known.", required=True)
    known_to = Instant("Until when it was known.", allow_none=True)
    known_from_position = Whole("The position that made it known.", example=7)
    known_to_position = Whole("The position that ended it.", allow_none=True, example=None)


SlotCourse = list_of(SlotAnswer, "SlotCourse", "A slot's answers over world time, newest first.")
LevelSteps = list_of(Level, "LevelSteps", "The level's steps with their reasons, newest first.")
AssignmentTable = list_of(TableRow, "AssignmentTable", "Every assignment in both clocks.")
