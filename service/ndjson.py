"""NDJSON: one JSON value a line, in and out, however many, in flat memory."""

import io
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

from service.domain.refusals import TooLarge

BUFFER_BYTES = 64 * 1024
"""Bytes read at once, and bytes of a long line thrown away at once."""

IN_MEMORY_BYTES = 1024 * 1024
"""Bytes of lines that wait in memory; more go to a temporary file."""

Numbered = tuple[int, bytes | Exception]
"""A line's number, from 1, and the line, or why it cannot be taken."""


def lines(
    stream: IO[bytes], most_bytes: int, failures: tuple[type[Exception], ...] = ()
) -> Iterator[Numbered]:
    """Return a stream's lines; empty ones count and are left out.

    A line longer than ``most_bytes`` is a refusal, and harms no other; where the stream itself
    ends badly, in one of the ``failures``, that is the last line.
    """
    buffered = io.BufferedReader(stream, BUFFER_BYTES)  # type: ignore[type-var]  # readinto is all
    number = 0
    try:
        while line := buffered.readline(most_bytes + 1):
            number += 1
            if len(line) > most_bytes and not line.endswith(b"\n"):
                _skip_rest(buffered)
                yield number, TooLarge(f"A line has at most {most_bytes} bytes.")
            elif not line.isspace():
                yield number, line
    except failures as error:
        yield number + 1, error
    finally:
        with suppress(ValueError):  # It is closed already.
            buffered.detach()  # The stream is the caller's to close.


def _skip_rest(stream: Any) -> None:
    while (rest := stream.readline(BUFFER_BYTES)) and not rest.endswith(b"\n"):
        pass


def held() -> IO[bytes]:
    """Return a file for lines to wait in; it is gone when it is closed."""
    return tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)


def whole(file: IO[bytes]) -> Iterator[bytes]:
    """Return a file's content from its beginning, and close it."""
    with file:
        file.seek(0)
        while piece := file.read(BUFFER_BYTES):
            yield piece
