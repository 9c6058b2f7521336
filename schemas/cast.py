"""The cast and the map of a story: actors and places, as sent, as introduced inline, as read."""

from typing import Any

from marshmallow import ValidationError

from schemas import bounds, words
from schemas.basis import based, list_of
from schemas.fields import Coded, Leaf, Line, Slug, Whole, Word
from schemas.nesting import Items
from schemas.strict import Answer, Strict

WIKIDATA = r"Q[1-9][0-9]{0,11}"
LONGITUDE = 180
LATITUDE = 90


class Point(Leaf):
    """A GeoJSON point (RFC 7946): longitude, then latitude, in degrees (WGS 84)."""

    def _wrong(self, value: Any) -> str | None:
        if type(value) is not dict or set(value) != {"type", "coordinates"}:
            return 'Must be {"type": "Point", "coordinates": [longitude, latitude]}.'
        if value["type"] != "Point":
            raise ValidationError({"type": ["Must be Point."]})
        wrong = _wrong_coordinates(value["coordinates"])
        if wrong:
            raise ValidationError({"coordinates": [wrong]})
        return None

    def _json(self) -> dict[str, Any]:
        # prefixItems would say more, but makers of clients and tests stumble over it.
        degrees = {"type": "number", "minimum": -LONGITUDE, "maximum": LONGITUDE}
        pair = {"type": "array", "items": degrees, "minItems": 2, "maxItems": 2}
        return {
            "type": "object",
            "required": ["type", "coordinates"],
            "properties": {"type": {"const": "Point"}, "coordinates": pair},
            "additionalProperties": False,
        }


def _wrong_coordinates(pair: Any) -> str | None:
    if type(pair) is not list or len(pair) != 2:
        return "Must be a list of longitude and latitude."
    if any(type(degrees) not in (int, float) for degrees in pair):
        return "Must be numbers of degrees."
    # Written so that NaN, which is never inside anything, fails as well.
    if not (-LONGITUDE <= pair[0] <= LONGITUDE and -LATITUDE <= pair[1] <= LATITUDE):
        return "Must be a longitude from -180 to 180 and a latitude from -90 to 90."
    return None


def _aliases() -> Items:
    return Items(
        Line("Another name.", most=bounds.NAME),
        "Other names it goes by, in any language.",
        most=bounds.ALIASES,
        distinct=True,
    )


def _wikidata() -> Coded:
    return Coded("Its item in Wikidata.", pattern=WIKIDATA, most=13, example="Q1362117")


class ActorIn(Strict):
    """Someone who acts in the story: a person, a group, a government, an organisation."""

    name = Line(
        "The name as the newsroom writes it.",
        most=bounds.NAME,
        required=True,
        example="Libyan National Army",
    )
    type = Word("What sort of actor it is.", words.ACTOR_TYPES, example="armed_group")
    side = Slug("The side it stands on, if the story has sides.", example="lna")
    wikidata = _wikidata()
    aliases = _aliases()
    leads = Slug("The actor that this person leads; the story knows it.", example="gna")
    part_of = Slug("The actor that this one belongs to; the story knows it.", example="gna")


class PlaceIn(Strict):
    """Somewhere that the story happens."""

    name = Line(
        "The name as the newsroom writes it.",
        most=bounds.NAME,
        required=True,
        example="Gharyan",
    )
    point = Point(
        "Where it is, as a GeoJSON point.",
        example={"type": "Point", "coordinates": [13.02, 32.17]},
    )
    precision = Word("How exact the point is.", words.PRECISIONS, example="settlement")
    within = Slug("The place that this one lies in; the story knows it.", example="tripoli")
    aliases = _aliases()
    wikidata = _wikidata()
    geonames = Coded(
        "Its number in GeoNames.", pattern="[1-9][0-9]{0,11}", most=12, example="2217362"
    )
    osm = Coded(
        "Its object in OpenStreetMap.",
        pattern="(node|way|relation)/[1-9][0-9]{0,14}",
        most=25,
        example="node/27565056",
    )


class NamedActorIn(ActorIn):
    """An actor as a line of a story file."""

    id = Slug("The actor's slug in the story.", required=True, example="lna")


class NamedPlaceIn(PlaceIn):
    """A place as a line of a story file."""

    id = Slug("The place's slug in the story.", required=True, example="gharyan")


class InlinePlaceIn(PlaceIn):
    """A place that the story does not know yet, introduced where it is first named."""

    place = Slug("The slug that the story will know it by.", required=True, example="gharyan")


class InvolvedIn(ActorIn):
    """An actor and its part in a development; with a name, it is introduced to the story."""

    actor = Slug("The actor's slug in the story.", required=True, example="gna-air-force")
    role = Word("Its part in what happened.", words.ROLES, required=True, example="by")
    name = Line(
        "Introduces an actor that the story does not know yet.",
        most=bounds.NAME,
        example="GNA air force",
    )

    def check(self, loaded: dict[str, Any]) -> None:
        """An introduction needs a name."""
        if "name" not in loaded and len(loaded) > 2:
            raise ValidationError("Required to introduce an actor.", "name")


class Actor(Answer):
    """An actor as read."""

    id = Slug("The actor's slug in the story.", required=True, example="lna")
    name = Line("The name.", most=bounds.NAME, required=True, example="Libyan National Army")
    type = Word("What sort of actor it is.", words.ACTOR_TYPES, example="armed_group")
    side = Slug("The side it stands on.", example="lna")
    wikidata = _wikidata()
    aliases = _aliases()
    leads = Slug("The actor that this person leads.", example="lna")
    part_of = Slug("The actor that this one belongs to.", example="lna")


class Place(Answer):
    """A place as read."""

    id = Slug("The place's slug in the story.", required=True, example="gharyan")
    name = Line("The name.", most=bounds.NAME, required=True, example="Gharyan")
    point = Point(
        "Where it is, as a GeoJSON point.",
        example={"type": "Point", "coordinates": [13.02, 32.17]},
    )
    precision = Word("How exact the point is.", words.PRECISIONS, example="settlement")
    within = Slug("The place that this one lies in.", example="tripoli")
    aliases = _aliases()
    wikidata = _wikidata()
    geonames = Line("Its number in GeoNames.", most=12, example="2217362")
    osm = Line("Its object in OpenStreetMap.", most=25, example="node/27565056")


class ActorReading(Actor):
    """An actor as known at a basis."""

    basis = based()


class PlaceReading(Place):
    """A place as known at a basis."""

    basis = based()


def _position() -> Whole:
    return Whole("The record's position after it.", required=True, example=75)


class ActorWritten(Actor):
    """An actor right after it was put."""

    position = _position()


class PlaceWritten(Place):
    """A place right after it was put."""

    position = _position()


Actors = list_of(Actor, "Actors", "The story's actors.")
Places = list_of(Place, "Places", "The story's places.")
