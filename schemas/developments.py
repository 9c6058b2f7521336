"""A development as it is reported, and as it is read."""

from typing import Any

from schemas import bounds, words
from schemas.cast import InlinePlaceIn, InvolvedIn
from schemas.details import DetailsIn
from schemas.fields import Language, Line, Moment, Text, Truth, Word
from schemas.nesting import Items, Part, SlugOr
from schemas.sources import MediaIn, SourceIn
from schemas.strict import Strict

EXAMPLE: dict[str, Any] = {
    "kind": "airstrike",
    "headline": "Government aircraft strike LNA positions south of Tripoli",
    "body": "The first air strike of the **offensive**, on Saturday morning.",
    "language": "en",
    "occurred": "2019-04-06",
    "places": ["wadi-al-hira"],
    "actors": [
        {"actor": "gna-air-force", "role": "by"},
        {"actor": "lna", "role": "against"},
    ],
    "sources": [
        {
            "publisher": "Reuters",
            "url": "https://www.reuters.com/article/libya",
            "published_at": "2019-04-07",
            "type": "media",
        }
    ],
    "verification": "reported",
    "external_id": "desk-4711",
}


class RelatedIn(Strict):
    """A link to a development reported before this one."""

    development = Line(
        "Its id, or the external id that the same newsroom gave it in this story.",
        most=bounds.EXTERNAL_ID,
        required=True,
        example="desk-4710",
    )
    relation = Word(
        "How this one stands to it.", words.RELATIONS, required=True, example="responds_to"
    )


class DevelopmentIn(Strict):
    """One reported thing. Required: a headline, when it occurred, and one source."""

    kind = Line(
        "What sort of thing it is (GET /v1/kinds); left out, occurrence.",
        most=bounds.KIND,
        example="airstrike",
    )
    headline = Line(
        "One line that says what happened.",
        most=bounds.HEADLINE,
        required=True,
        example=EXAMPLE["headline"],
    )
    body = Text("The text, in Markdown without HTML.", most=bounds.BODY, example=EXAMPLE["body"])
    language = Language("Its language, if not the story's.", example="en")
    occurred = Moment(
        "When it happened: an EDTF level 1 date or interval, an instant, an interval of "
        'instants, or "now". Dates are in the story\'s time zone.',
        required=True,
        example="2019-04-06",
    )
    places = Items(
        SlugOr(InlinePlaceIn, "A place's slug, or an object that introduces a new place."),
        "Where it happened.",
        most=bounds.PLACES,
        distinct=True,
        metadata={"example": ["wadi-al-hira"]},
    )
    actors = Items(
        Part(InvolvedIn, "An actor and its part."),
        "Who took part, and how.",
        most=bounds.ACTORS,
        distinct=True,
    )
    sources = Items(
        Part(SourceIn, "A source."),
        "Where the newsroom has it from.",
        least=1,
        most=bounds.SOURCES,
        required=True,
    )
    media = Items(Part(MediaIn, "A picture, clip or document."), "Media.", most=bounds.MEDIA)
    verification = Word(
        "How sure the newsroom is as it reports; left out, reported.",
        words.ENTERS_AS,
        example="reported",
    )
    byline = Line("Who stands behind the report.", most=bounds.NAME, example="A. Reporter")
    external_id = Line(
        "The newsroom's own id: reported again under it, the development is not doubled.",
        most=bounds.EXTERNAL_ID,
        example="desk-4711",
    )
    details = Part(DetailsIn, "What the kind says beyond actors and places.")
    relates_to = Items(
        Part(RelatedIn, "A link."),
        "Links to developments reported before.",
        most=bounds.RELATIONS,
        distinct=True,
    )
    key = Truth("Whether it is a key event of the story from the start.", example=False)


def introductions(
    fields: dict[str, Any],
) -> tuple[dict[str, Any], dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """Part content from the cast it introduces: (content, actors by slug, places by slug).

    Takes a loaded development, or the loaded ``changes`` of a revision. In the content, actors
    are ``{actor, role}`` and places are slugs; what they were introduced with stands apart.
    """
    actors: dict[str, dict[str, Any]] = {}
    places: dict[str, dict[str, Any]] = {}
    content = dict(fields)
    if fields.get("actors"):
        content["actors"] = [_involved(entry, actors) for entry in fields["actors"]]
    if fields.get("places"):
        content["places"] = [_placed(entry, places) for entry in fields["places"]]
    return content, actors, places


def _involved(entry: dict[str, Any], actors: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if "name" in entry:
        about = {name: value for name, value in entry.items() if name not in ("actor", "role")}
        actors.setdefault(entry["actor"], about)
    return {"actor": entry["actor"], "role": entry["role"]}


def _placed(entry: str | dict[str, Any], places: dict[str, dict[str, Any]]) -> str:
    if isinstance(entry, str):
        return entry
    about = {name: value for name, value in entry.items() if name != "place"}
    slug: str = entry["place"]
    places.setdefault(slug, about)
    return slug
