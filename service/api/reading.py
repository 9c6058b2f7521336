"""How a reading is answered: who reads, at which basis, conditional, cacheable, pinned.

    basis = reading.basis(story, query)
    return reading.at(basis, lambda: situation.body(basis, request.path))

Rules for editors: the body is made only when the client does not have it yet; whatever the
answer says of caches and addresses, the 304 says as well.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from service.api.answers import Whole, answer, dumps
from service.api.auth import reader
from service.api.caching import ALWAYS, caching, headers_of
from service.api.conditional import not_modified, quoted, unchanged
from service.api.cors import OPEN
from service.api.house import house
from service.api.paging import BASIS, Page, link_next, next_address
from service.asof import REPRESENTATION, Asked, Basis, trail
from service.domain.refusals import Unavailable
from service.domain.times import format_instant
from service.readmodel.stories import Viewer

WAIT_SECONDS = 1.0
"""How long a reading waits for ``min_position``: a follower lags less, a client waits no longer."""

AUDIT = "read who did what"

ENDS = frozenset({"until", "to"})
"""Parameters that name the end of a reading of record time by a moment."""

LOOK_SECONDS = 0.02
"""How often it looks meanwhile."""


def viewer() -> Viewer:
    """Return who reads, as the read model asks it."""
    asking = reader()
    return Viewer(newsroom=asking.newsroom, everything=asking.house, story=asking.story)


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


def pinned(basis: Basis, *, record: bool = False) -> str:
    """Return the address that gives this request's answer for ever.

    A reading of the ``record`` alone ends at a position, whatever moment its end was named by.
    """
    said = {name: text for name, text in request.args.items() if name not in BASIS | ENDS}
    if not record:
        return basis.pinned(request.path, **said)
    return f"{basis.pinned(request.path).partition('?')[0]}?" + urlencode(
        {**said, "position": basis.position}, safe=":"
    )


def told(basis: Basis, *, record: bool = False) -> dict[str, Any]:
    """Return the basis as it stands in the answer to this request."""
    return basis.dump(request.path) | {"url": pinned(basis, record=record)}


def at(
    basis: Basis,
    body: Callable[[], Any],
    *,
    tag: str | None = None,
    record: bool = False,
    link: Callable[[], str | None] = lambda: None,
) -> Response:
    """Return the answer of a reading at a basis.

    ``body`` makes it, as bytes or as a document; it is not called for a 304. ``tag`` stands for
    the basis's own entity tag where a reading has one of its own. ``record``: it reads record
    time alone. ``link`` returns the ``Link`` header's value, and is called after ``body``.
    """
    tag = basis.etag if tag is None else tag
    made = None if not_modified(request, tag) else _bytes(body())
    headers = [("ETag", quoted(tag)), ("Content-Location", pinned(basis, record=record))]
    if (links := link()) is not None:
        headers.append(("Link", links))
    to_pages = OPEN if reader().anonymous else ()
    whole = Whole(made, [*headers, *said_to_caches(basis), *ALWAYS, *to_pages])
    house().kept.keep(request.environ, tag, whole.headers.to_wsgi_list(), made)
    return whole


def said_to_caches(basis: Basis) -> list[tuple[str, str]]:
    """Return what a reading's answer says to caches."""
    settled = basis.is_settled(house().head()[1])
    return headers_of(anonymous=reader().anonymous, pinned=settled, story=basis.row.id)


def _bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else dumps(body)


Fetch = Callable[[], tuple[Sequence[Any], Any]]
"""Returns a page's items (documents, or bytes that are JSON already) and the sort key to go on
from, None when there is no next page."""


def listed(
    list_name: str,
    basis: Basis,
    asked: Page,
    fetch: Fetch,
    *,
    tag: str | None = None,
    record: bool = False,
    besides: Callable[[], Mapping[str, Any]] = dict,
) -> Response:
    """Return the answer of a list: ``basis``, ``items``, ``next``, and the ``Link`` to it.

    ``fetch`` is not called for a 304; ``besides`` returns more members, and is called after it.
    """
    fixed = {"as_of": format_instant(basis.as_of), "position": basis.position}
    cursors: list[str] = []

    def body() -> bytes:
        items, after = fetch()
        if after is not None:
            name = f"{list_name} of {basis.row.id}"
            cursors.append(house().cursors.seal(name, asked.query, fixed, after))
        return _list(told(basis, record=record), items, cursors, besides())

    return at(basis, body, tag=tag, record=record, link=lambda: _link(cursors))


def _list(
    basis: Mapping[str, Any], items: Sequence[Any], cursors: list[str], besides: Mapping[str, Any]
) -> bytes:
    parts = b",".join(item if isinstance(item, bytes) else dumps(item) for item in items)
    members = {"basis": dumps(basis), "items": b"[%b]" % parts}
    members["next"] = dumps(cursors[0] if cursors else None)
    members |= {name: dumps(value) for name, value in besides.items()}
    return b"{%b}" % b",".join(b'"%b":%b' % (name.encode(), said) for name, said in members.items())


def _link(cursors: Sequence[str]) -> str | None:
    return link_next(next_address(request.path, cursors[0])) if cursors else None


def sees(story: str | None = None) -> trail.Sees:
    """Return what tells whether this reader may know who did what in a story, or in all (None).

    A token that is bound to one story is an auditor's there alone.
    """
    asking = reader()
    return asking.sees_who if asking.story in (None, story) else trail.nobody


def audited(basis: Basis) -> str:
    """Return the entity tag of a reading that shows auditors more than others."""
    return basis.etag if reader().reach(AUDIT) is None else f"{basis.etag}-seen"


def house_page(list_name: str, query: Mapping[str, Any]) -> tuple[Mapping[str, Any], Page]:
    """Resolve which page of a list over the whole house is asked for.

    Beside it stands what its first page fixed: the record's ``position``, and its ``known_at``.
    """
    wait_for(query)
    asked = house().cursors.open(list_name, query, request.args.keys())
    position, stored_at = house().head()
    now = {"position": position, "known_at": format_instant(stored_at)}
    return asked.basis or now, asked


def house_listed(
    list_name: str, fixed: Mapping[str, Any], asked: Page, fetch: Fetch, *, says: str
) -> Response:
    """Return the answer of a list over the whole house, as ``listed`` does of a story's.

    What a token reads is kept by nobody, so only strangers are spared what they have already:
    visibility is an act, so for them the record's position says whether anything is new.
    """
    tag = f"{house().head()[0]}-{fixed['position']}-{REPRESENTATION}"
    cursors: list[str] = []
    if reader().anonymous and not_modified(request, tag):
        response: Response = unchanged(tag)
    else:
        items, after = fetch()
        if after is not None:
            cursors.append(house().cursors.seal(list_name, asked.query, fixed, after))
        response = answer(_list({"reading": "now", **fixed, "says": says}, items, cursors, {}))
        response.headers["ETag"] = quoted(tag)
    if link := _link(cursors):
        response.headers["Link"] = link
    return caching(response, anonymous=reader().anonymous, pinned=False, story=None)
