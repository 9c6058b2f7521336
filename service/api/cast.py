"""The cast and the map of a story: actors and places, each under its slug."""

from typing import Any

from flask import Response, request
from flask.views import MethodView

from schemas.cast import (
    ActorIn,
    ActorReading,
    Actors,
    ActorWritten,
    PlaceIn,
    PlaceReading,
    Places,
    PlaceWritten,
)
from schemas.queries import BasisPageQuery, BasisQuery
from service import decisions
from service.api import reading, writing
from service.api.nouns import Noun
from service.asof import Basis
from service.domain.refusals import NotFound

ACTOR = {"name": "Libyan National Army", "type": "armed_group", "wikidata": "Q16154193"}
PLACE = {
    "name": "Gharyan",
    "point": {"type": "Point", "coordinates": [13.02, 32.17]},
    "precision": "settlement",
}

noun = Noun("cast", description="Who acts in a story, and where it happens.")


@noun.route("/v1/stories/<slug:story>/actors")
class AllActors(MethodView):
    """A story's actors."""

    @noun.verb(
        "read",
        "listActors",
        Actors,
        query=BasisPageQuery,
        reading=True,
        headers=("ETag", "Content-Location", "Link"),
    )
    def get(self, query: dict[str, Any], story: str) -> Response:
        """List the actors that were known at a basis, by their slugs."""
        return _listed("actor", query, story)


@noun.route("/v1/stories/<slug:story>/actors/<slug:actor>")
class OneActor(MethodView):
    """An actor."""

    @noun.verb(
        "read",
        "getActor",
        ActorReading,
        query=BasisQuery,
        reading=True,
        headers=("ETag", "Content-Location"),
    )
    def get(self, query: dict[str, Any], story: str, actor: str) -> Response:
        """Read an actor as known at a basis."""
        return _read("actor", query, story, actor)

    @noun.verb(
        "introduce cast",
        "putActor",
        ActorWritten,
        status=201,
        body=ActorIn,
        example=ACTOR,
        repeatable=True,
        headers=("Location",),
        also={200: "It was known: amended, or left as it is."},
    )
    def put(self, body: dict[str, Any], story: str, actor: str) -> Response:
        """Introduce an actor, or say anew what the story says of it; repeating is safe."""
        return _put("actor", body, story, actor)


@noun.route("/v1/stories/<slug:story>/places")
class AllPlaces(MethodView):
    """A story's places."""

    @noun.verb(
        "read",
        "listPlaces",
        Places,
        query=BasisPageQuery,
        reading=True,
        headers=("ETag", "Content-Location", "Link"),
    )
    def get(self, query: dict[str, Any], story: str) -> Response:
        """List the places that were known at a basis, by their slugs."""
        return _listed("place", query, story)


@noun.route("/v1/stories/<slug:story>/places/<slug:place>")
class OnePlace(MethodView):
    """A place."""

    @noun.verb(
        "read",
        "getPlace",
        PlaceReading,
        query=BasisQuery,
        reading=True,
        headers=("ETag", "Content-Location"),
    )
    def get(self, query: dict[str, Any], story: str, place: str) -> Response:
        """Read a place as known at a basis."""
        return _read("place", query, story, place)

    @noun.verb(
        "introduce places",
        "putPlace",
        PlaceWritten,
        status=201,
        body=PlaceIn,
        example=PLACE,
        repeatable=True,
        headers=("Location",),
        also={200: "It was known: amended, or left as it is."},
    )
    def put(self, body: dict[str, Any], story: str, place: str) -> Response:
        """Introduce a place, or say anew what the story says of it; repeating is safe."""
        return _put("place", body, story, place)


def _listed(sort: str, query: dict[str, Any], story: str) -> Response:
    basis, asked = reading.page(f"{sort}s", story, query)

    def fetch() -> tuple[list[Any], str | None]:
        members = basis.members[sort]
        following = sorted(slug for slug in members if asked.after is None or slug > asked.after)
        page = following[: asked.query["limit"]]
        return [members[slug] for slug in page], page[-1] if len(page) < len(following) else None

    return reading.listed(f"{sort}s", basis, asked, fetch)


def _read(sort: str, query: dict[str, Any], story: str, slug: str) -> Response:
    basis = reading.basis(story, query)
    document = _known(basis, sort, slug)
    return reading.at(basis, lambda: {"basis": basis.dump(request.path), **document})


def _known(basis: Basis, sort: str, slug: str) -> Any:
    if slug not in basis.members[sort]:
        raise NotFound(f"The story has no {sort} {slug!r} at this basis.")
    return basis.members[sort][slug]


def _put(sort: str, body: dict[str, Any], story: str, slug: str) -> Response:
    by = writing.desk()
    fields = {"id": slug, **body}
    made = writing.record(decisions.put_member(story, sort, fields, by), by)
    return writing.told(made, fields, at=request.path)
