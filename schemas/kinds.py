"""The vocabulary as it is read."""

from marshmallow.fields import Dict, Float, String

from schemas import bounds, words
from schemas.basis import Anything, cursor
from schemas.fields import Line, Text, Truth, Whole, Word
from schemas.nesting import Items, Part
from schemas.strict import Answer


class Kind(Answer):
    """A kind of development."""

    kind = Line("Its name, for ever.", most=bounds.KIND, required=True, example="airstrike")
    label = Line("What a reader sees.", most=bounds.NAME, required=True, example="Air strike")
    group = Word("What it is among.", words.GROUPS, required=True, example="force")
    codes = Dict(
        String(),
        String(),
        required=True,
        metadata={
            "description": "Its codes in other vocabularies: plover, cameo, acled.",
            "example": {"plover": "ASSAULT:aerial", "cameo": "195"},
        },
    )
    intensity = Float(
        required=True,
        metadata={
            "description": "-10 (violence) to 10 (cooperation); 0 counts for no level.",
            "minimum": -10,
            "maximum": 10,
            "example": -10.0,
        },
    )
    opens = Truth("Whether it begins a thread: a threat, a demand, an event.", required=True)
    slots = Items(
        Line("A slot's template.", most=bounds.TITLE),
        "Which slots it writes; {by}, {place} and the like stand for its actors and places.",
        most=bounds.SLOTS,
        required=True,
        metadata={"example": ["engaged:{by}", "fought:{place}"]},
    )
    details = Anything("JSON Schema (2020-12) of its details.", required=True)
    aliases = Items(
        Line("Another word for it.", most=bounds.NAME),
        "Words that a desk may try; it is suggested for them.",
        most=bounds.SLOTS,
        required=True,
    )


class LevelRule(Answer):
    """The rule that a story's level is made by."""

    rule = Whole("Its number.", required=True, example=1)
    looks_at = Items(
        Line("A family of slots.", most=bounds.NAME), "What it looks at.", most=bounds.SLOTS
    )
    age = Text("How ages are measured.", most=bounds.NOTE, example="Ages are measured to …")
    fresh_days = Whole("For how long fighting goes on.", example=7)
    recent_days = Whole("For how long violence leaves tension.", example=30)
    levels = Dict(
        String(),
        String(),
        required=True,
        metadata={"description": "What each level means, the highest first."},
    )


class Kinds(Answer):
    """Every kind, in one page."""

    items = Items(Part(Kind, "A kind."), "Kinds.", most=bounds.SLOTS, required=True)
    next = cursor()
    level = Part(LevelRule, "The rule that a story's level is made by.", required=True)
