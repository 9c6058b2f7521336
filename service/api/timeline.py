"""Developments as they are read: the timeline, one of them, its versions.

A development's ETag is its own (``"{id}.{version}.{redactions}"``), for acts on it name it in
``If-Match``; lists have their basis's. Links between versions are those of RFC 5829.

Rules for editors: a withdrawn development is answered like any other: its tombstone is what is
there to read.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response
from flask.views import MethodView

from schemas.bounds import VERSIONS
from schemas.queries import BasisPageQuery, BasisQuery, TimelineQuery
from schemas.timeline import DevelopmentReading, Timeline, VersionReading, Versions
from service.api import moments, reading
from service.api.answers import dumps
from service.api.nouns import Noun
from service.api.paging import cut
from service.asof import Basis, timeline, trail
from service.asof.timeline import Filters
from service.domain.refusals import NotFound
from service.readmodel import versions
from service.store.sql import Row

noun = Noun(
    "timeline", description="What happened, as reported: the newest version and all others."
)

ONE = "/v1/stories/<slug:story>/developments/<development:development>"

AS_THEY_ARE = ("kind", "group", "actor", "place", "bbox", "verification", "status", "key",
               "external_id")  # fmt: skip
"""Filters that need no reading in the story's zone."""


@noun.route("/v1/stories/<slug:story>/developments")
class Developments(MethodView):
    """The timeline."""

    @noun.verb("read", "listDevelopments", Timeline, query=TimelineQuery, reading=True)
    def get(self, query: dict[str, Any], story: str) -> Response:
        """List what had happened, in world time or record time, tombstones included."""
        basis, page = reading.page("developments", story, query)
        asked = page.query
        filters = _filters(basis, asked)

        def fetch() -> tuple[list[Any], Any]:
            return timeline.page(
                basis, filters, order=asked["order"], after=page.after, limit=asked["limit"]
            )

        return reading.listed("developments", basis, page, fetch)


@noun.route(ONE)
class OneDevelopment(MethodView):
    """One development at a basis."""

    @noun.verb(
        "read",
        "getDevelopment",
        DevelopmentReading,
        query=BasisQuery,
        reading=True,
        headers=("Link",),
    )
    def get(self, query: dict[str, Any], story: str, development: str) -> Response:
        """Read a development as it stood at a basis; withdrawn, its tombstone."""
        basis = reading.basis(story, query)
        row = timeline.find(basis, development)
        served = versions.served(row)
        tag = timeline.etag(row, orjson.loads(row["head"]))
        return reading.at(
            basis,
            lambda: _with_basis(basis, served),
            tag=tag,
            link=lambda: _links(basis, development, row["version"] - 1),
        )


@noun.route(f"{ONE}/versions")
class AllVersions(MethodView):
    """A development's versions."""

    @noun.verb("read", "listVersions", Versions, query=BasisPageQuery, reading=True)
    def get(self, query: dict[str, Any], story: str, development: str) -> Response:
        """List every version known at a basis, oldest first, each with the act that made it."""
        name = f"versions {development}"
        basis, page = reading.page(name, story, query)
        number = timeline.find(basis, development)["development"]

        def fetch() -> tuple[list[Any], Any]:
            rows = trail.versions_after(basis, number, page.after or 0)
            shown, last = cut(rows, page.query["limit"])
            return _made_by(basis, shown), last and last["version"]

        return reading.listed(name, basis, page, fetch, tag=reading.audited(basis))


@noun.route(f"{ONE}/versions/<int(min=1, max={VERSIONS}):version>")
class OneVersion(MethodView):
    """One version of a development."""

    @noun.verb(
        "read", "getVersion", VersionReading, query=BasisQuery, reading=True, headers=("Link",)
    )
    def get(self, query: dict[str, Any], story: str, development: str, version: int) -> Response:
        """Read one version with the act that made it: was and is, word by word."""
        basis = reading.basis(story, query)
        number = timeline.find(basis, development)["development"]
        rows = trail.versions_after(basis, number, version - 1)
        if not rows or rows[0]["version"] != version:
            raise NotFound(f"The development had no version {version} at this basis.")
        return reading.at(
            basis,
            lambda: _with_basis(basis, dumps(_made_by(basis, rows[:1])[0])),
            tag=reading.audited(basis),
            link=lambda: _links(basis, development, version - 1, version + (len(rows) > 1)),
        )


def _filters(basis: Basis, asked: Mapping[str, Any]) -> Filters:
    return Filters(
        **{name: asked.get(name) for name in AS_THEY_ARE},
        occurred_from=moments.lower("occurred_from", asked.get("occurred_from"), basis.zone),
        occurred_to=moments.upper("occurred_to", asked.get("occurred_to"), basis.zone),
    )


def _with_basis(basis: Basis, served: bytes) -> bytes:
    return versions.joined(dumps({"basis": reading.told(basis)}), served)


def _made_by(basis: Basis, rows: list[Row]) -> list[dict[str, Any]]:
    return trail.told_versions(basis, rows, sees=reading.sees(basis.row.id))


def _links(basis: Basis, development: str, before: int, after: int = 0) -> str:
    """Return the links between versions (RFC 5829) of the one after ``before``."""
    one = f"/v1/stories/{basis.row.id}/developments/{development}"
    links = [("latest-version", one), ("version-history", f"{one}/versions")]
    if before > 0:
        links.append(("predecessor-version", f"{one}/versions/{before}"))
    if after > before + 1:
        links.append(("successor-version", f"{one}/versions/{after}"))
    return ", ".join(f'<{address}>; rel="{rel}"' for rel, address in links)
