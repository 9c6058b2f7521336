"""Conditional requests (RFC 9110, section 13): who looked at what, and who has it already.

Two sorts of entity tags. A development's is ``"{id}.{version}.{redactions}"`` and guards acts on
it. A reading's (``Basis.etag``) is made of what the reading stands on, never of its content,
which would have to be read first; it saves sending it again.

Rules for editors: tags are compared here and nowhere else. What compression on the way makes of
a tag (``W/"…"``, ``"…:br"``, ``"…-gzip"``) still names the same version: it is undone on the way
in, or every act sent through such a proxy would fail.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from flask import Request, Response

from service.api.problems import Problem
from service.decisions import Base

TAGS_MOST = 20
"""Entity tags of one header; a browser sends one, a proxy a few."""

_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_SQUEEZED = re.compile(r"(?::|-|;|--)(?:br|gzip|zstd|deflate)$")


def quoted(tag: str) -> str:
    """Return an entity tag's value as it stands in a header."""
    return f'"{tag}"'


def based_on(request: Request, body: Mapping[str, Any]) -> Base:
    """Return which version an act says it is based on: ``If-Match``, ``base_version``, or both.

    Says neither: an empty base, which the decision refuses (428). Raises Problem ``bad-request``
    for an ``If-Match`` that cannot be read. Where both are sent, both must be the latest.
    """
    version = body.get("base_version")
    header = request.headers.get("If-Match")
    if header is None:
        return Base(version=version)
    tags = _tags(header, "If-Match")
    if len(tags) != 1:
        raise Problem("bad-request", "If-Match must name one version: send the one you looked at.")
    return Base(etag=tags[0], version=version)


def not_modified(request: Request, tag: str) -> bool:
    """Tell whether the client has what ``tag`` (a value, unquoted) names already."""
    header = request.environ.get("HTTP_IF_NONE_MATCH")
    return header is not None and request.method in ("GET", "HEAD") and names(header, tag)


def names(header: str | None, tag: str) -> bool:
    """Tell whether the value of an ``If-None-Match`` names what ``tag`` does."""
    if header is None:
        return False
    if header == f'"{tag}"':
        return True
    # A header that cannot be read names nothing that the client has: it is sent all again.
    try:
        tags = _tags(header, "If-None-Match")
    except Problem:
        return False
    return tag in tags or "*" in tags


def unchanged(tag: str) -> Response:
    """Return the 304 for ``tag``; the caller adds what a 200 would say besides."""
    answer = Response(status=304)
    answer.headers["ETag"] = quoted(tag)
    return answer


def released(request: Request, body: bytes, media_type: str) -> Response:
    """Return the answer of what changes with a release only: its tag is made of its bytes."""
    tag = hashlib.sha256(body).hexdigest()[:16]
    if not_modified(request, tag):
        response = unchanged(tag)
    else:
        response = Response(body, content_type=media_type)
        response.headers["ETag"] = quoted(tag)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _tags(header: str, name: str) -> list[str]:
    """Return the values of a header's entity tags, as this house made them, or ``["*"]``."""
    if header.strip() == "*":
        return ["*"]
    values: list[str] = []
    rest = header.strip()
    while rest and len(values) < TAGS_MOST:
        found = _TAG.match(rest)
        if found is None:
            break
        values.append(_SQUEEZED.sub("", found.group(1)))
        rest = rest[found.end() :].lstrip()
        if rest.startswith(","):
            rest = rest[1:].lstrip()
        elif rest:
            break
    if rest or not values:
        raise Problem("bad-request", f'{name} must be an ETag in double quotes, as in "…".')
    return values
