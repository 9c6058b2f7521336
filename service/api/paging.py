"""Pages: how many, where to go on, and that nobody forges it.

A cursor is opaque to clients and signed: it carries the basis that the first page fixed, where
the page ended, and a digest of the filters, so that every page of a list stands on one basis
and is cut by one set of filters. A cursor that was changed in any byte is refused (422).

Rules for editors: a cursor is no secret (it can be read), so it holds nothing that its reader
may not know.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from itsdangerous import BadData, URLSafeSerializer

from service.api.problems import Problem

NOT_FILTERS = frozenset({"cursor", "limit", "min_position", "as_of", "known_at", "position"})
"""Parameters that may differ between a cursor's pages, or that the cursor's basis fixes."""

DIGEST_CHARACTERS = 16
"""Hex digits of the filters' digest: it guards against mistakes, the signature against forgery."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a page ended: the ``basis`` of the list, and the sort key to go on ``after``."""

    basis: Mapping[str, Any]
    after: Any


class Cursors:
    """Makes and opens cursors under one key."""

    def __init__(self, secret_key: str | bytes) -> None:
        self._signer = URLSafeSerializer(
            secret_key, salt="onrecord.cursor", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def seal(self, list_name: str, query: Mapping[str, Any], place: Place) -> str:
        """Return the cursor for the page after ``place`` of a list under ``query``."""
        return self._seal([list_name, _filters(query), dict(place.basis), place.after])

    def open(self, list_name: str, query: Mapping[str, Any]) -> Place | None:
        """Return the place in ``query["cursor"]``, or None when there is no cursor.

        Raises Problem ``invalid`` for one that this house did not make for this list and
        these filters.
        """
        cursor = query.get("cursor")
        if cursor is None:
            return None
        try:
            content = self._signer.loads(cursor)
        except BadData:
            raise _refused("It was not made by this house, or was changed.") from None
        # Base 64 leaves unused bits in its last character: only the very text that was
        # given out is good, or two cursors would be one.
        if not hmac.compare_digest(self._seal(content).encode(), cursor.encode()):
            raise _refused("It was not made by this house, or was changed.")
        name, filters, basis, after = content
        if (name, filters) != (list_name, _filters(query)):
            raise _refused("It belongs to another list, or to other filters.")
        return Place(basis=basis, after=after)

    def _seal(self, content: Any) -> str:
        return str(self._signer.dumps(content))


def next_address(path: str, query: Mapping[str, Any], cursor: str) -> str:
    """Return the address of the next page: the same parameters, the new cursor."""
    kept = {
        name: _as_sent(value)
        for name, value in query.items()
        if name != "cursor" and value is not None
    }
    return f"{path}?{urlencode({**kept, 'cursor': cursor})}"


def link_next(address: str) -> str:
    """Return the ``Link`` header's value for the next page (RFC 8288)."""
    return f'<{address}>; rel="next"'


def _filters(query: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in query.items() if name not in NOT_FILTERS}
    said = json.dumps(kept, sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:DIGEST_CHARACTERS]


def _as_sent(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _refused(says: str) -> Problem:
    return Problem("invalid", "The cursor is not right.", errors={"cursor": [says]})
