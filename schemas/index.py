"""The index of the house and its health, as they are read."""

from marshmallow.fields import Dict, Float, Nested, String

from schemas import bounds
from schemas.fields import Line, Whole, Word
from schemas.strict import Answer


class Index(Answer):
    """Where everything is."""

    house = Line("The name of the house.", most=bounds.NAME, required=True, example="Onrecord")
    release = Line("Which release serves it.", most=bounds.NAME, required=True, example="1.0.0")
    links = Dict(
        String(),
        String(),
        required=True,
        metadata={"description": "What has one address.", "example": {"stories": "/v1/stories"}},
    )
    templates = Dict(
        String(),
        String(),
        required=True,
        metadata={
            "description": "Addresses with parts to fill in (RFC 6570), under what is read there.",
            "example": {"situation": "/v1/stories/{story}/situation{?as_of,known_at}"},
        },
    )


class Alive(Answer):
    """The process answers."""

    status = Word("alive.", ("alive",), required=True, example="alive")


class Behind(Answer):
    """How far a follower of the record is behind."""

    acts = Whole("Acts that it has not done yet.", required=True, example=2)
    seconds = Float(
        required=True,
        metadata={"description": "The age of the first of them.", "example": 0.4},
    )


class Ready(Answer):
    """The record can be read."""

    status = Word("ready.", ("ready",), required=True, example="ready")
    position = Whole("The record's last position.", required=True, example=75)
    followers = Dict(
        String(),
        Nested(Behind),
        required=True,
        metadata={
            "description": "What follows after an act, by name, and how far it is behind.",
            "example": {"purge": {"acts": 0, "seconds": 0.0}},
        },
    )
