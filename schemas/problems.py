"""The shape of every error (RFC 9457, and this house's members)."""

from marshmallow import INCLUDE
from marshmallow.fields import Dict, List, String

from schemas import bounds
from schemas.fields import Line, Text, Whole
from schemas.strict import Answer


class Problem(Answer):
    """Why a request was refused, and how to mend it."""

    class Meta:
        """Facts about the case are members of their own."""

        unknown = INCLUDE

    type = Line(
        "The page of this type of problem, on this host.",
        most=bounds.TITLE,
        required=True,
        example="/problems/invalid",
    )
    title = Line(
        "What type of problem it is.",
        most=bounds.TITLE,
        required=True,
        example="What was sent cannot be right",
    )
    status = Whole("The HTTP status.", least=400, most=599, required=True, example=422)
    detail = Text(
        "What went wrong this time.",
        most=bounds.NOTE,
        required=True,
        example="One field is not right: kind.",
    )
    instance = Line("The path that was asked for.", most=bounds.URL, example="/v1/stories")
    errors = Dict(
        String(),
        List(String()),
        metadata={
            "description": "What is wrong, by field path or parameter.",
            "example": {"kind": ["'attack_order' is no kind."]},
        },
    )
    suggestions = Dict(
        String(),
        List(String()),
        metadata={
            "description": "The nearest that would be accepted, by the same paths.",
            "example": {"kind": ["offensive.ordered"]},
        },
    )
