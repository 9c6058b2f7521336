"""NDJSON: one JSON value a line, in and out, however many, in flat memory."""

import io
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

from werkzeug.exceptions import HTTPException

from service.api.problems import Problem, of_http

BUFFER_BYTES = 64 * 1024
"""Bytes read at once, and bytes of a long line thrown away at once."""

AT_ONCE_BYTES = 32 * 1024
"""Bytes answered while the body is still coming: less than the least that a socket holds."""

IN_MEMORY_BYTES = 1024 * 1024
"""Bytes of lines that wait in memory; more go to a temporary file."""

Numbered = tuple[int, bytes | Problem]
"""A line's number, from 1, and the line, or why it cannot be taken."""


def lines(stream: IO[bytes], most_bytes: int) -> Iterator[Numbered]:
    """Return a body's lines; empty ones count and are left out.

    A line longer than ``most_bytes`` is a problem, and harms no other; where the body itself
    ends badly, the last one is a problem.
    """
    buffered = io.BufferedReader(stream, BUFFER_BYTES)  # type: ignore[type-var]  # readinto is all
    number = 0
    try:
        while line := buffered.readline(most_bytes + 1):
            number += 1
            if len(line) > most_bytes and not line.endswith(b"\n"):
                _skip_rest(buffered)
                yield number, Problem("too-large", f"A line has at most {most_bytes} bytes.")
            elif not line.isspace():
                yield number, line
    except HTTPException as error:
        yield number + 1, of_http(error)
    finally:
        with suppress(ValueError):  # It is closed already.
            buffered.detach()  # The stream is the caller's to close.


def _skip_rest(stream: Any) -> None:
    while (rest := stream.readline(BUFFER_BYTES)) and not rest.endswith(b"\n"):
        pass


def without_waiting(answers: Iterator[bytes]) -> Iterator[bytes]:
    """Return ``answers`` such that nobody waits for a reader who is still writing.

    Most clients send the whole body before they read. Answers that fill the socket meanwhile
    would stop this side, which then reads no more, and both would wait for ever. So the first
    answers go out at once, and the rest waits until the body is read.
    """
    sent = 0
    with held() as later:
        for answer in answers:
            sent += len(answer)
            if sent <= AT_ONCE_BYTES:
                yield answer
            else:
                later.write(answer)
        yield from whole(later)


def held() -> IO[bytes]:
    """Return a file for lines to wait in; it is gone when it is closed."""
    return tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)


def whole(file: IO[bytes]) -> Iterator[bytes]:
    """Return a file's content from its beginning, and close it."""
    with file:
        file.seek(0)
        while piece := file.read(BUFFER_BYTES):
            yield piece
