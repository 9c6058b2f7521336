"""NDJSON: one JSON value a line, in and out, however many, in flat memory."""

import io
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

from service.domain.refusals import TooLarge

BUFFER_BYTES = 64 * 1024
"""Bytes read at once, and bytes of a long line thrown away at once."""

IN_MEMORY_BYTES = 1024 * 1024
"""Bytes of lines that wait in memory; more go to a temporary file."""

CHUNK_LINES = 256
"""Lines of one commit, as many as the recorder takes at once."""

CHUNK_BYTES = 4 * 1024 * 1024
"""Bytes of lines in one commit: they are all in memory."""

CHUNK_SECONDS = 0.2
"""How long a commit waits for more lines: who sends slowly is answered as it sends."""

Numbered = tuple[int, bytes | Exception]
"""A line's number, from 1, and the line, or why it cannot be taken."""

Chunk = list[Numbered]
"""Lines of one commit."""


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


def chunks(lines: Iterator[Numbered]) -> Iterator[Chunk]:
    """Return lines as many as one commit takes: fewer where they are long, or come slowly."""
    chunk: Chunk = []
    size, since = 0, time.monotonic()
    for number, line in lines:
        chunk.append((number, line))
        size += 0 if isinstance(line, Exception) else len(line)
        full = len(chunk) >= CHUNK_LINES or size >= CHUNK_BYTES
        if full or time.monotonic() - since >= CHUNK_SECONDS:
            yield chunk
            chunk, size, since = [], 0, time.monotonic()
    if chunk:
        yield chunk


def held() -> IO[bytes]:
    """Return a file for lines to wait in; it is gone when it is closed."""
    return tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)


def whole(file: IO[bytes]) -> Iterator[bytes]:
    """Return a file's content from its beginning, and close it."""
    with file:
        file.seek(0)
        while piece := file.read(BUFFER_BYTES):
            yield piece
