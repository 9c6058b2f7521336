"""Cross-origin reading (Fetch, section 3.2): anonymous GETs from any page of the web.

What anyone may read, any page may read. A token never rides along: a request that sends one,
and every write, gets no permission, and a browser keeps its answer from the page.
"""

from flask import Flask, Response, request

from service.api.answers import Whole

EXPOSED = "ETag, Link, Content-Location, Retry-After"
ALLOWED = "If-None-Match"
"""Request headers beyond the safelisted ones that an anonymous reader has use for."""

PREFLIGHT_SECONDS = 86_400
"""How long a browser remembers the permission: as long as browsers do at most."""


OPEN = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", EXPOSED))
"""What an anonymous reader's answer says."""


def _permit(response: Response) -> Response:
    if isinstance(response, Whole):
        return response
    method = request.method
    if method in ("GET", "HEAD") and "HTTP_AUTHORIZATION" not in request.environ:
        response.headers.extend(OPEN)
    elif method == "OPTIONS":
        response.headers.add("Access-Control-Allow-Origin", "*")
        response.headers.add("Access-Control-Allow-Methods", "GET, HEAD")
        response.headers.add("Access-Control-Allow-Headers", ALLOWED)
        response.headers.add("Access-Control-Max-Age", str(PREFLIGHT_SECONDS))
    return response


def register(app: Flask) -> None:
    """Let any page of the web read what anyone may read from ``app``."""
    app.after_request(_permit)
