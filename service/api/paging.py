"""Pages: how many, where to go on, and that nobody forges it.

A cursor is opaque to clients and signed. It carries the basis that the first page fixed, the
filters, and where the page ended, so that every page of a list stands on one basis and is cut
alike; ``?cursor=…`` alone goes on. A cursor changed in any byte is refused (422), and so are
filters beside it that are not the cursor's.

Rules for editors: a cursor is no secret (it can be read), so it holds nothing that its reader
may not know.
"""

import hashlib
import hmac
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from itsdangerous import BadData, URLSafeSerializer

from service.api.problems import Problem

BASIS = frozenset({"as_of", "known_at", "position", "min_position"})
"""Parameters that say what a list stands on: the first page fixes it."""

_Row = TypeVar("_Row")


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What a page is asked for: the ``query`` (the first page's, but for a limit said anew), the
    ``basis`` that the first page fixed, and the sort key to go on ``after``; both None at first.
    """

    query: Mapping[str, Any]
    basis: Mapping[str, Any] | None = None
    after: Any = None


class Cursors:
    """Makes and opens cursors under one key."""

    def __init__(self, secret_key: str | bytes) -> None:
        self._signer = URLSafeSerializer(
            secret_key, salt="onrecord.cursor", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def seal(
        self, list_name: str, query: Mapping[str, Any], basis: Mapping[str, Any], after: Any
    ) -> str:
        """Return the cursor for the page after ``after`` of a list under ``query``."""
        return self._seal([list_name, _kept(query), dict(basis), after])

    def open(self, list_name: str, query: Mapping[str, Any], given: Collection[str]) -> Page:
        """Return the page that a loaded ``query`` asks for; ``given`` names what was sent.

        Raises Problem ``invalid`` for a cursor that this house did not make for this list, and
        for filters beside it that are not its own.
        """
        cursor = query.get("cursor")
        if cursor is None:
            return Page(query=query)
        try:
            content = self._signer.loads(cursor)
        except BadData:
            raise _refused("cursor", "It was not made by this house, or was changed.") from None
        # Base 64 leaves unused bits in its last character: only the very text that was
        # given out is good, or two cursors would be one.
        if not hmac.compare_digest(self._seal(content).encode(), cursor.encode()):
            raise _refused("cursor", "It was not made by this house, or was changed.")
        name, kept, basis, after = content
        if name != list_name:
            raise _refused("cursor", "It belongs to another list.")
        said = _kept(query)
        for filter_name in said:
            # "from" is a word of Python's own: the loaded name ends in an underscore.
            was_sent = filter_name.rstrip("_") in given and filter_name != "limit"
            if was_sent and said[filter_name] != kept.get(filter_name):
                raise _refused(filter_name, "It is not what the cursor's first page had.")
        merged = {**query, **kept}
        if "limit" in given:
            merged["limit"] = query["limit"]
        return Page(query=merged, basis=basis, after=after)

    def _seal(self, content: Any) -> str:
        return str(self._signer.dumps(content))


def cut(rows: list[_Row], limit: int) -> tuple[list[_Row], _Row | None]:
    """Return a page of rows, and its last one where there are more rows than the page holds.

    ``rows`` were asked for with a limit of one more than the page's.
    """
    return rows[:limit], rows[limit - 1] if len(rows) > limit else None


def next_address(path: str, cursor: str) -> str:
    """Return the address of the next page; the cursor says all the rest."""
    return f"{path}?{urlencode({'cursor': cursor})}"


def link_next(address: str) -> str:
    """Return the ``Link`` header's value for the next page (RFC 8288)."""
    return f'<{address}>; rel="next"'


def _kept(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a cursor keeps of a query, as JSON will give it back."""
    names = [name for name in query if name not in BASIS and name != "cursor"]
    kept: dict[str, Any] = json.loads(json.dumps({name: query[name] for name in names}))
    return kept


def _refused(name: str, says: str) -> Problem:
    return Problem("invalid", "The cursor is not right.", errors={name: [says]})
