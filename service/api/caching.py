"""What caches may do with an answer, and how a purge finds it again.

A reading that names when it was known (``known_at`` or ``position``) never changes once a later
act is on the record, but for a redaction or a change of visibility: caches may keep it, under a
surrogate key that a purge names. The present and hindsight may change at any moment: caches ask
again, which costs a 304. What a token reads is nobody else's.

Rules for editors: an answer gets its ``Cache-Control`` here or in ``problems.py``; one that gets
none is not cached (``register``). Nothing that depends on a header other than ``Authorization``
is ever cacheable.
"""

from flask import Flask, Response, request

from service.api.answers import Whole
from service.followers.purging import SHARED_MAX_AGE_SECONDS, surrogate_key

MAX_AGE_SECONDS = 300
"""How long a browser keeps a pinned reading: no purge reaches it, so it is short."""

PINNED = f"public, max-age={MAX_AGE_SECONDS}, s-maxage={SHARED_MAX_AGE_SECONDS}"
PRESENT = "no-cache"
PRIVATE = "private, no-store"


def headers_of(*, anonymous: bool, pinned: bool, story: str | None) -> list[tuple[str, str]]:
    """Return the caching headers of a reading.

    ``pinned``: it names ``known_at`` or ``position``, and a later act is committed.
    """
    if not anonymous:
        return [("Cache-Control", PRIVATE)]
    control = ("Cache-Control", PINNED if pinned else PRESENT)
    return [control] if story is None else [control, ("Surrogate-Key", surrogate_key(story))]


def caching(response: Response, *, anonymous: bool, pinned: bool, story: str | None) -> Response:
    """Set the caching headers of a reading, and return it."""
    response.headers.extend(headers_of(anonymous=anonymous, pinned=pinned, story=story))
    return response


ALWAYS = (("Vary", "Authorization"), ("X-Content-Type-Options", "nosniff"))
"""A cache must not give a token's reading to a stranger, nor a stranger's to a token."""


def _finish(response: Response) -> Response:
    if isinstance(response, Whole):
        return response
    headers = response.headers
    if "Cache-Control" not in headers:
        private = "HTTP_AUTHORIZATION" in request.environ
        headers.add("Cache-Control", PRIVATE if private else "no-store")
    if "Vary" in headers:
        response.vary.add("Authorization")
    else:
        headers.add(*ALWAYS[0])
    headers.setdefault(*ALWAYS[1])
    return response


def register(app: Flask) -> None:
    """Make every answer of ``app`` say what caches may do with it."""
    app.after_request(_finish)
