"""Ahead: lines are read in a process of their own, while this one decides and commits.

Python runs one thread of a process at a time, so a second processor helps only a second process.
Reading a line (JSON, shape, digests) is a function of the line and nothing else; deciding needs
the record. So the lines go to the other process a chunk at a time, and come back as what they
say: one chunk is read while the chunk before it is decided, and no more than that is in memory.

Rules for editors: the other process is forked before there is a connection or a thread, and it
tells nobody anything: a line that it cannot read comes back as None, and is read again here, so
that a refusal is the same with two processes and with one.
"""

import gc
import multiprocessing
import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from service import processors
from service.cli.talk import Refused
from service.ndjson import Chunk

LONG_BYTES = 512 * 1024
"""A file of so many bytes, some 800 lines, is worth another process."""

YOUNG = 50_000
"""Objects made, less those that went, before Python looks for circles: a chunk has fewer."""

Work = Callable[[list[bytes]], list[Any]]
"""Reads lines in order; returns what each says, None for one that cannot be read."""


def pays(file: Path) -> bool:
    """Tell whether another process pays for a file (``-`` is standard input).

    It takes a second processor, and many lines; a pipe may bring any number.
    """
    if len(processors.usable()) < 2:
        return False
    try:
        found = os.fstat(sys.stdin.fileno()) if str(file) == "-" else file.stat()
    except (OSError, ValueError):
        return False
    if stat.S_ISREG(found.st_mode):
        return found.st_size >= LONG_BYTES
    return stat.S_ISFIFO(found.st_mode) or stat.S_ISSOCK(found.st_mode)


class Ahead:
    """Does work on lines: in a process of its own when ``apart``, else here, with the same result.

    The other process ends with the block, with this process, or when nobody takes its answers.
    """

    def __init__(self, work: Work, *, apart: bool) -> None:
        self._work = work
        self._apart = apart
        self._thresholds = gc.get_threshold()
        self._other: multiprocessing.context.ForkProcess
        self._pipe: Connection

    def __enter__(self) -> "Ahead":
        # What is here stays here, and what comes goes in no circles: look through it seldom.
        gc.freeze()
        gc.set_threshold(YOUNG, *self._thresholds[1:])
        if self._apart:
            forking = multiprocessing.get_context("fork")
            self._pipe, theirs = forking.Pipe()
            self._other = forking.Process(
                target=_serve, args=(self._work, theirs, self._pipe), daemon=True
            )
            self._other.start()
            theirs.close()
        return self

    def __exit__(self, *_: object) -> None:
        if self._apart:
            self._pipe.close()
            self._other.terminate()
            self._other.join()
        gc.set_threshold(*self._thresholds)
        gc.unfreeze()

    def over(self, chunks: Iterator[Chunk]) -> Iterator[tuple[Chunk, list[Any]]]:
        """Return each chunk with the result of each of its lines.

        Raises ``Refused`` when the other process ended before its work was done.
        """
        if not self._apart:
            for chunk in chunks:
                yield chunk, self._work(_lines(chunk))
            return
        reading = next(chunks, None)
        self._give(reading)
        while reading:
            chunk, said = reading, self._take()
            reading = next(chunks, None)
            self._give(reading)
            yield chunk, said

    def _give(self, chunk: Chunk | None) -> None:
        if chunk:
            with suppress(ConnectionError):  # Who is gone is missed when its answer is awaited.
                self._pipe.send(_lines(chunk))

    def _take(self) -> list[Any]:
        try:
            said: list[Any] = self._pipe.recv()
        except (EOFError, ConnectionError):
            raise self._lost() from None
        return said

    def _lost(self) -> Refused:
        self._other.join()
        code = self._other.exitcode or 0
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        return Refused(
            f"The process that reads the lines ahead {how}. What is answered is recorded, and no"
            " more; of an archive nothing is. Repeat the command to go on from there."
        )


def _lines(chunk: Chunk) -> list[bytes]:
    """Return a chunk's lines; one that is too long to be read is an empty one."""
    return [line if isinstance(line, bytes) else b"" for _, line in chunk]


def _serve(work: Work, pipe: Connection, other_end: Connection) -> None:
    """Work until there is no more to do, or nobody to do it for."""
    other_end.close()
    # Ctrl-C goes to both: who forked this process ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, ConnectionError):
        while True:
            pipe.send(work(pipe.recv()))
