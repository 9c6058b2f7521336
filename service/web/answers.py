"""What a page's answer says besides its words: to caches, and to the browser that shows it.

A page of the past that names when it was known never changes once a later act is on the record;
caches may keep it, under the story's surrogate key. Every other page is asked for again, which
costs a 304. Pages are read without a token: what one shows, everyone may read.

Rules for editors: keep in step with the readings of the API (``service/api/caching``), which are
cached by the same rule. A page loads nothing from elsewhere and runs nothing: the policy below
says so to the browser, and the templates keep to it without ``style=`` and ``<script>``.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from flask import Response, request

from service.asof import Basis
from service.assembly import Onrecord

PINNED = "public, max-age=300, s-maxage=86400"
"""A browser keeps it for 5 minutes, which no purge reaches; a shared cache for a day."""

PRESENT = "no-cache"
FOREVER = "public, max-age=31536000, immutable"
"""For what has its content's digest in its address."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}

ROOM = Path(__file__).parent


@cache
def edition() -> str:
    """Return a digest of everything that turns a reading into a page: other words, other ETag."""
    digest = hashlib.sha256()
    for file in sorted(ROOM.rglob("*")):
        if file.suffix in {".py", ".html", ".css", ".svg"}:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def reading(
    onrecord: Onrecord, basis: Basis, draw: Callable[[], str], *, pinned: str | None = None
) -> Response:
    """Return a page of a story at a basis; ``draw`` is not called when the reader has it already.

    ``pinned`` is the address that names this very page for ever.
    """
    answer = _page(f"{basis.etag}-{_house(onrecord)}", draw)
    settled = basis.is_settled(onrecord.head()[1])
    answer.headers["Cache-Control"] = PINNED if settled else PRESENT
    answer.headers["Surrogate-Key"] = f"story-{basis.row.id}"
    if pinned is not None:
        answer.headers["Content-Location"] = pinned
    return answer


def listing(onrecord: Onrecord, draw: Callable[[], str]) -> Response:
    """Return a page about the whole house as it stands."""
    answer = _page(f"{onrecord.head()[0]}-{_house(onrecord)}", draw)
    answer.headers["Cache-Control"] = PRESENT
    return answer


def refusal(html: str, status: int) -> Response:
    """Return a page that says why there is none."""
    answer = Response(html, status=status, mimetype="text/html")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _house(onrecord: Onrecord) -> str:
    """What the settings put on every page, beside the edition."""
    name = hashlib.sha256(onrecord.settings.house.encode()).hexdigest()[:6]
    return f"{edition()}.{name}"


def _page(tag: str, draw: Callable[[], str]) -> Response:
    # Weak: compression on the way may change the bytes, never what they say.
    if request.if_none_match.contains_weak(tag):
        answer = Response(status=304)
        answer.headers.pop("Content-Type", None)
    else:
        answer = Response(draw(), mimetype="text/html")
    answer.set_etag(tag, weak=True)
    return answer
