"""The timeline at a basis, one development, its versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.asof.basis import Basis
from service.domain.developments import external_id_stream
from service.domain.kinds import KINDS, nearest
from service.domain.refusals import Invalid, NotFound
from service.domain.stories import near
from service.readmodel import versions
from service.readmodel.versions import Wanted
from service.store.sql import Row, Sql

GROUPS = sorted({kind.group for kind in KINDS.values()})
"""Groups of kinds."""

NO_NUMBER = 0
"""Numbers are positions of the record, which begin at 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """What a timeline is narrowed to. Instants are microseconds; ``bbox`` is W, S, E, N."""

    kind: str | None = None
    group: str | None = None
    actor: str | None = None
    place: str | None = None
    bbox: Sequence[float] | None = None
    verification: str | None = None
    status: str | None = None
    key: bool | None = None
    external_id: str | None = None
    occurred_from: int | None = None
    occurred_to: int | None = None


def page(
    basis: Basis, filters: Filters, *, order: str, after: Sequence[int] | None, limit: int
) -> tuple[list[bytes], list[int] | None]:
    """Return a page of developments as JSON bytes, and from where the next page goes on.

    Raises ``Invalid`` for a kind, group, actor or place that the story does not know.
    """
    wanted = Wanted(
        as_of=basis.clamp,
        position=basis.position,
        order=order,
        after=after,
        verification=filters.verification,
        status=filters.status,
        occurred_from=filters.occurred_from,
        occurred_to=filters.occurred_to,
        any_of=_facets(basis, filters),
        development=_numbered(basis, filters.external_id),
        key=filters.key,
    )
    rows = versions.timeline(basis.sql, basis.story, wanted, limit + 1)
    going_on = versions.sort_key(rows[limit - 1], order) if len(rows) > limit else None
    return [versions.served(row) for row in rows[:limit]], going_on


def _facets(basis: Basis, filters: Filters) -> list[list[str]]:
    _ensure_known(basis, filters)
    groups: list[list[str]] = []
    if filters.kind:
        groups.append([f"kind:{filters.kind}"])
    if filters.group:
        kinds = (kind for kind in KINDS.values() if kind.group == filters.group)
        groups.append([f"kind:{kind.name}" for kind in kinds])
    if filters.actor:
        groups.append([f"actor:{filters.actor}"])
    if filters.place:
        groups.append([f"place:{slug}" for slug in _within(basis, filters.place)])
    if filters.bbox:
        groups.append([f"place:{slug}" for slug in _inside(basis, filters.bbox)])
    return groups


def _ensure_known(basis: Basis, filters: Filters) -> None:
    """Raise ``Invalid`` with everything that nobody knows, each with what is nearest."""
    errors: dict[str, list[str]] = {}
    suggestions: dict[str, list[str]] = {}
    if filters.kind and filters.kind not in KINDS:
        errors["kind"] = [f"{filters.kind!r} is no kind."]
        suggestions["kind"] = nearest(filters.kind)
    if filters.group and filters.group not in GROUPS:
        errors["group"], suggestions["group"] = [f"{filters.group!r} is no group."], GROUPS
    for sort, slug in (("actor", filters.actor), ("place", filters.place)):
        if slug and slug not in basis.members[sort]:
            errors[sort] = [f"The story has no {sort} {slug!r} here."]
            suggestions[sort] = near(slug, basis.members[sort])
    if errors:
        raise Invalid(errors, suggestions)


def _within(basis: Basis, slug: str) -> list[str]:
    """A place and every place that lies within it."""
    found = [slug]
    for place in found:
        found += [
            other
            for other, document in basis.members["place"].items()
            if document.get("within") == place and other not in found
        ]
    return found


def _inside(basis: Basis, bbox: Sequence[float]) -> list[str]:
    west, south, east, north = bbox
    found = []
    for slug, document in basis.members["place"].items():
        longitude, latitude = (document.get("point") or {}).get("coordinates", (None, None))
        if longitude is None or not south <= latitude <= north:
            continue
        # A box over the antimeridian has its west east of its east (RFC 7946, 5.2).
        crosses = west > east
        if (west <= longitude <= east) or (crosses and (longitude >= west or longitude <= east)):
            found.append(slug)
    return found


def _numbered(basis: Basis, external_id: str | None) -> int | None:
    """Return the number of the development that the story's newsroom gave an external id."""
    if external_id is None:
        return None
    stream = external_id_stream(basis.row.id, basis.row.newsroom, external_id)
    return versions.number_of(basis.sql, stream) or NO_NUMBER


def find(basis: Basis, development: str) -> Row:
    """Return a development's version at the basis. Raises ``NotFound``."""
    number = number_of(basis.sql, development)
    row = number and versions.at(basis.sql, number, basis.position)
    if not row or row["story"] != basis.story or row["valid_from"] > basis.as_of:
        raise NotFound(f"The story has no development {development!r} at this basis.")
    return row


def number_in(basis: Basis, development: str) -> int:
    """Return the number of a development that the story knows at the basis's position.

    Raises ``Invalid``: it is what lists are narrowed to.
    """
    number = number_of(basis.sql, development)
    row = number and versions.at(basis.sql, number, basis.position)
    if not number or not row or row["story"] != basis.story:
        raise Invalid({"development": [f"The story has no development {development!r} here."]})
    return number


def number_of(sql: Sql, development: str) -> int | None:
    """Return the number (the report's position) of a development; None for an unknown id."""
    try:
        stream = UUID(development)
    except ValueError:
        return None
    return versions.number_of(sql, stream)


def etag(row: Row, served: Mapping[str, Any]) -> str:
    """Return the entity tag's value of a served version, without its quotes."""
    # An older version's head was written before its text was hidden.
    redactions = max(served["redactions"], int(row["text"] is None))
    return f"{served['id']}.{row['version']}.{redactions}"
