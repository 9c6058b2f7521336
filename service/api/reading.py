"""How a reading is answered: who reads, at which basis, conditional, cacheable, pinned.

    basis = reading.basis(story, query)
    return reading.at(basis, lambda: situation.body(basis, request.path))

Rules for editors: the body is made only when the client does not have it yet; whatever the
answer says of caches and addresses, the 304 says as well.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request

from service.api.answers import answer, dumps
from service.api.auth import reader
from service.api.caching import caching
from service.api.conditional import not_modified, quoted, unchanged
from service.api.house import house
from service.api.paging import BASIS, Page, link_next, next_address
from service.asof import Asked, Basis
from service.domain.refusals import Unavailable
from service.domain.times import format_instant
from service.readmodel.stories import Viewer

WAIT_SECONDS = 1.0
"""How long a reading waits for ``min_position``: a follower lags less, a client waits no longer."""

LOOK_SECONDS = 0.02
"""How often it looks meanwhile."""


def viewer() -> Viewer:
    """Return who reads, as the read model asks it."""
    asking = reader()
    return Viewer(newsroom=asking.newsroom, everything=asking.house)


def wait_for(query: Mapping[str, Any]) -> None:
    """Wait until the record has reached ``min_position``; raise ``Unavailable`` if it does not."""
    wanted = query.get("min_position")
    if wanted is None:
        return
    until = time.monotonic() + WAIT_SECONDS
    while house().head()[0] < wanted:
        if time.monotonic() >= until:
            raise Unavailable(
                f"The record has not reached position {wanted} within a second.", retry_after=1
            )
        time.sleep(LOOK_SECONDS)


def basis(story: str, query: Mapping[str, Any]) -> Basis:
    """Resolve the basis that a query asks for, once."""
    wait_for(query)
    asked = Asked(
        as_of=query.get("as_of"), known_at=query.get("known_at"), position=query.get("position")
    )
    return house().asof.basis(story, viewer(), asked)


def page(list_name: str, story: str, query: Mapping[str, Any]) -> tuple[Basis, Page]:
    """Resolve which page of a list is asked for, and the basis that its first page fixed."""
    asked = house().cursors.open(f"{list_name} of {story}", query, request.args.keys())
    if asked.basis is None:
        return basis(story, query), asked
    return basis(story, {**asked.basis, "min_position": query.get("min_position")}), asked


def at(basis: Basis, body: Callable[[], Any], *, tag: str | None = None) -> Response:
    """Return the answer of a reading at a basis.

    ``body`` makes it, as bytes or as a document; it is not called for a 304. ``tag`` stands for
    the basis's own entity tag where a reading has one of its own.
    """
    tag = basis.etag if tag is None else tag
    if not_modified(request, tag):
        response = unchanged(tag)
    else:
        response = answer(body())
        response.headers["ETag"] = quoted(tag)
    said = {name: text for name, text in request.args.items() if name not in BASIS}
    response.headers["Content-Location"] = basis.pinned(request.path, **said)
    pinned = basis.reading in ("as_told", "both") and house().head()[1] > basis.known_at
    return caching(response, anonymous=reader().anonymous, pinned=pinned, story=basis.row.id)


def listed(
    list_name: str, basis: Basis, asked: Page, fetch: Callable[[], tuple[list[Any], Any]]
) -> Response:
    """Return the answer of a list: ``basis``, ``items``, ``next``, and the ``Link`` to it.

    ``fetch`` returns the page's items (documents, or bytes that are JSON already) and the sort
    key to go on from, None when there is no next page; it is not called for a 304.
    """
    cursors: list[str] = []

    def body() -> bytes:
        items, after = fetch()
        if after is not None:
            fixed = {"as_of": format_instant(basis.as_of), "position": basis.position}
            name = f"{list_name} of {basis.row.id}"
            cursors.append(house().cursors.seal(name, asked.query, fixed, after))
        parts = b",".join(item if isinstance(item, bytes) else dumps(item) for item in items)
        head, following = dumps(basis.dump(request.path)), dumps(cursors[0] if cursors else None)
        return b'{"basis":%s,"items":[%s],"next":%s}' % (head, parts, following)

    response = at(basis, body)
    if cursors:
        response.headers["Link"] = link_next(next_address(request.path, cursors[0]))
    return response
