"""Lines over HTTP: of a body that may end badly, for a client that may not read yet."""

from collections.abc import Iterator

from flask import Request
from werkzeug.exceptions import HTTPException

from service import ndjson
from service.api.problems import of_http
from service.api.unread import BROKEN, broken
from service.ndjson import Numbered

AT_ONCE_BYTES = 32 * 1024
"""Bytes answered while the body is still coming: less than the least that a socket holds."""


def lines(req: Request, most_bytes: int) -> Iterator[Numbered]:
    """Return a body's lines; where the body itself ends badly, the last one is a problem.

    Raises an HTTP error when the body says beforehand that it is too long.
    """
    found = ndjson.lines(req.stream, most_bytes, failures=(HTTPException, *BROKEN))
    return ((number, _told(line)) for number, line in found)


def _told(line: bytes | Exception) -> bytes | Exception:
    if isinstance(line, HTTPException):
        return of_http(line)
    return broken() if isinstance(line, BROKEN) else line


def without_waiting(answers: Iterator[bytes]) -> Iterator[bytes]:
    """Return ``answers`` such that nobody waits for a reader who is still writing.

    Most clients send the whole body before they read. Answers that fill the socket meanwhile
    would stop this side, which then reads no more, and both would wait for ever. So the first
    answers go out at once, and the rest waits until the body is read.
    """
    sent = 0
    with ndjson.held() as later:
        for answer in answers:
            sent += len(answer)
            if sent <= AT_ONCE_BYTES:
                yield answer
            else:
                later.write(answer)
        yield from ndjson.whole(later)
