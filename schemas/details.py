"""What a kind says beyond its actors and places: typed, one part a subject.

Nothing here is required: what is missing is taken from actors and places where that is
unambiguous, and the domain says what a kind cannot do without.
"""

from typing import Any

from marshmallow.fields import Field

from schemas import bounds, words
from schemas.fields import Leaf, Line, Moment, Slug, Text, Word, Zone
from schemas.nesting import Converter, Figure, Items, Notes, Part
from schemas.strict import Strict


class ScheduledIn(Strict):
    """Something on the calendar. Its dates are in its own time zone, else in the story's."""

    event = Slug("The event's slug in the story.", example="national-conference")
    title = Line("What it is called.", most=bounds.TITLE, example="National conference")
    starts = Moment("When it is to begin: a date or an instant.", example="2019-04-14")
    ends = Moment("When it is to end: a date or an instant.", example="2019-04-16")
    time_zone = Zone("The time zone of its dates.", example="Africa/Tripoli")


class ThreatIn(Strict):
    """A threat, or the threat that a strike carries out."""

    threat = Slug("The threat's slug in the story.", example="retaliation")
    text = Text("What is threatened.", most=bounds.NOTE, example="To answer the air strike")
    deadline = Moment("Until when it stands: a date or an instant.", example="2019-04-08")


class DemandIn(Strict):
    """A call or a demand."""

    demand = Slug("The demand's slug in the story.", example="halt")
    text = Text("What is demanded.", most=bounds.NOTE, example="Halt all military activity")
    deadline = Moment("Until when: a date or an instant.", example="2019-04-07T16:00:00Z")


class ControlIn(Strict):
    """Whose control of which places is claimed, denied or confirmed."""

    places = Items(
        Slug("A place's slug in the story."),
        "The places it is about; left out, the development's.",
        most=bounds.PLACES,
        least=1,
        distinct=True,
        metadata={"example": ["gharyan"]},
    )
    party = Slug("Whose control it is about.", example="lna")


def _figure(says: str) -> Figure:
    return Figure(says, example={"low": 4, "high": 6})


class CasualtiesIn(Strict):
    """Figures as one counter gives them, of one scope."""

    scope = Slug("What is counted: a slug, or total.", example="total")
    counted_by = Slug("The actor that counted.", example="who")
    killed = _figure("The dead.")
    wounded = _figure("The wounded.")
    civilians_killed = _figure("The dead among civilians.")
    civilian_casualties = _figure("Dead and wounded civilians.")
    missing = _figure("The missing.")
    displaced = _figure("People driven from their homes.")
    until = Moment("Up to when it was counted: a date or an instant.", example="2019-04-07")


class AlertIn(Strict):
    """The alert that an actor's forces are on."""

    level = Word("How high.", words.ALERTS, example="raised")


class RelationIn(Strict):
    """How two actors stand to each other."""

    type = Word("What binds them.", words.RELATION_TYPES, example="supports")


class MeasureIn(Strict):
    """An agreement, a ceasefire, a sanction, a warrant."""

    measure = Slug("The measure's slug in the story.", example="truce")
    text = Text("What it says.", most=bounds.NOTE, example="Two hours for the wounded")
    until = Moment("When it ends: a date or an instant.", example="2019-04-07T16:00:00Z")
    state = Word("How it stands.", words.MEASURE_STATES, example="in_force")


class AccessIn(Strict):
    """Which places are closed or open."""

    places = Items(
        Slug("A place's slug in the story."),
        "The places it is about; left out, the development's.",
        most=bounds.PLACES,
        least=1,
        distinct=True,
        metadata={"example": ["mitiga"]},
    )


class DetailsIn(Strict):
    """What the kind says beyond its actors and places."""

    scheduled = Part(ScheduledIn, "For scheduled.*; a meeting may name the event it holds.")
    threat = Part(ThreatIn, "For threat.*; a strike may name the threat it carries out.")
    demand = Part(DemandIn, "For call.* and veto.")
    control = Part(ControlIn, "For control.* and pullback.")
    casualties = Part(CasualtiesIn, "For casualties.reported, displacement and force kinds.")
    alert = Part(AlertIn, "For alert.*.")
    posture = Word("For force kinds: the actor's posture.", words.POSTURES, example="defending")
    relation = Part(RelationIn, "For relation kinds.")
    measure = Part(MeasureIn, "For agreement, ceasefire*, sanction and warrant.")
    access = Part(AccessIn, "For closure and reopening.")
    notes = Notes("For statement and occurrence: name to value.", example={"water-level": "6.2 m"})


class DetailsPatch(Leaf):
    """Changes to details as a merge patch (RFC 7396): ``null`` removes, objects merge.

    What remains to be added is checked like details. Whether the merged whole is right (a
    range that rises, say) only the domain can tell, which sees both halves.
    """

    def __init__(self, says: str, **options: Any) -> None:
        super().__init__(says, **options)
        self._details = DetailsIn()

    def _wrong(self, value: Any) -> str | None:
        if type(value) is not dict:
            return "Must be an object."
        self._details.load(_without_removals(value, self._details.load_fields))
        return None

    def _json(self) -> dict[str, Any]:
        return {"type": "object"}

    def convert(self, converter: Converter) -> dict[str, Any]:
        """Return each part's name for OpenAPI, and leave the merging to the description."""
        part = {"type": ["object", "string", "null"]}
        names = dict.fromkeys(self._details.load_fields, part)
        return {"type": "object", "properties": names, "additionalProperties": False}


def _without_removals(patch: dict[str, Any], known: dict[str, Field[Any]]) -> dict[str, Any]:
    """Return what a patch adds. Unknown names stay, null or not, so that they are refused."""
    added = {}
    for name, value in patch.items():
        field = known.get(name)
        if field is None:
            added[name] = value
        elif type(value) is dict:
            inner = field.schema.load_fields if isinstance(field, Part) else None
            rest = _pruned(value) if inner is None else _without_removals(value, inner)
            if rest or not value:
                added[name] = rest
        elif value is not None:
            added[name] = value
    return added


def _pruned(value: dict[str, Any]) -> dict[str, Any]:
    return {name: inner for name, inner in value.items() if inner is not None}
