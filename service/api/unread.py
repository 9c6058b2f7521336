"""What cannot be read as a request, and so never reaches the application: told as a problem.

A server refuses such bytes itself: an address that is too long, headers without end, a method
that is none. Its answer has the shape of every other error all the same.

Rules for editors: nothing that was sent is repeated; the detail is the type's own ``why``.
"""

import json
from http import HTTPStatus

from flask import Flask, Response
from gunicorn.http import errors  # type: ignore[import-untyped]  # gunicorn has no types

from service.api.problem_types import OF_STATUS, TYPES
from service.api.problems import MEDIA_TYPE, Problem

ADDRESS_BYTES = 8190
"""The longest first line of a request, and with it the longest address: the most that gunicorn
reads, and room for three cursors."""

_STATUSES = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
}

_OURS = (
    errors.ConfigurationProblem, errors.InvalidResponseHeader, errors.InvalidResponseHeaderName,
)  # fmt: skip
"""Faults of the house, which gunicorn counts among those of reading."""


BROKEN = (
    errors.InvalidChunkSize, errors.InvalidChunkExtension, errors.ChunkMissingTerminator,
    errors.NoMoreData,
)  # fmt: skip
"""Faults of a body that is read by the application, where the request's head could be read."""


def register(app: Flask) -> None:
    """Answer a body that breaks off, or whose chunks are none, as what the sender did wrong."""
    for fault in BROKEN:
        app.register_error_handler(fault, _broken)


def _broken(_fault: Exception) -> Response:
    answer = broken().response()
    # Where the next request would begin, nobody knows.
    answer.headers["Connection"] = "close"
    return answer


def broken() -> Problem:
    """Return the problem that tells of a body that cannot be read to its end."""
    return Problem("malformed", "The body cannot be read to its end.")


def answer(error: Exception) -> bytes | None:
    """Return the whole answer to what gunicorn could not read; None for a fault of the house."""
    if not isinstance(error, errors.ParseException) or isinstance(error, _OURS):
        return None
    status = _STATUSES.get(type(error), HTTPStatus.BAD_REQUEST)
    kind = OF_STATUS.get(status, TYPES["http-error"])
    body = json.dumps(Problem(kind.slug, kind.why, status=status).document()).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        f"Content-Type: {MEDIA_TYPE}",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "Connection: close",
    )
    return "\r\n".join((*head, "", "")).encode() + body
