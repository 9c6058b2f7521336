"""JSON bodies: what may be one, how large it is, and that it is read strictly.

Rules for editors: what is no strict JSON is ``service.strictjson``'s to refuse; here is what HTTP
says of a body.
"""

from typing import Any

from flask import Flask, Request, request

from service.api.problems import Problem
from service.strictjson import parse

BODY_BYTES = 1024 * 1024
"""Bytes of a JSON body, unless set otherwise: the longest wire stories have a hundredth."""

JSON = "application/json"
NDJSON = "application/x-ndjson"
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def read(req: Request) -> Any:
    """Return the JSON value of a request's body, or raise: 400, 413 or 415."""
    if req.mimetype != JSON:
        raise Problem("unsupported-media-type", f"Send Content-Type: {JSON}.")
    return parse(req.get_data(cache=True))


def refuse_body(req: Request) -> None:
    """Raise a Problem unless the body is empty or an empty object."""
    body = req.get_data(cache=True)
    if not body or body.isspace():
        return
    if read(req) != {}:
        raise Problem(
            "invalid",
            "This address takes no body.",
            errors={"body": ["Must be empty."]},
        )


def _guard() -> None:
    """Refuse what no address takes: compressed bodies, and text in another encoding."""
    if request.method not in WRITES:
        return
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise Problem("unsupported-media-type", "Send the body without Content-Encoding.")
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise Problem("unsupported-media-type", "Send the body in UTF-8.")


def register(app: Flask, most_bytes: int = BODY_BYTES) -> None:
    """Bound every body of ``app``; who takes more (NDJSON) raises the bound for itself."""
    app.config["MAX_CONTENT_LENGTH"] = most_bytes
    app.before_request(_guard)
