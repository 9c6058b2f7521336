"""NDJSON import from end to end: ``onrecord import`` as a program, from its start to its end.

Once each line for itself, once as an archive. Memory is the most that each of the program's two
processes ever had, added up (so what they share counts twice); it is compared with that of a file
a fourth as long.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks import load, stream
from benchmarks.rows import Row
from benchmarks.stores import Place

LINES, SMALLER = 24_000, 4_000
"""Developments in the two files; corrections and the like come on top."""

PROGRAM = "from service.cli import main; main()"
LOOK_SECONDS = 0.02
"""How often it is looked whether the program has ended, and what memory its other process has."""

FLAT = 1.25
"""A file four times as long may take so many times the memory: what the database's cache holds."""


def rows(place: Place, *, small: bool) -> Iterator[Row]:
    """Yield a row for each way in, and one for memory."""
    size = SMALLER if small else LINES
    for way, options in (("each line for itself", ()), ("an archive", ("--archive",))):
        short = _imported(place.beside(f"short{len(options)}"), size // 4, options)
        long = _imported(place.beside(f"long{len(options)}"), size, options)
        yield Row(
            what=f"NDJSON import, {way}, {long.lines:,} lines", store=place.store,
            result=long.lines / long.seconds, floor=3_000, aim=6_000, unit="lines/s",
            note=f"{long.seconds:.1f} s with the program's start, {long.busy:.1f} s of CPU",
        )  # fmt: skip
        yield Row(
            what=f"memory of that import: {short.lines:,} → {long.lines:,} lines",
            store=place.store, result=long.megabytes / short.megabytes, floor=FLAT, aim=None,
            unit="× the memory", most=True,
            note=f"{short.megabytes:.0f} → {long.megabytes:.0f} MB,"
            f" of which the reading process {long.reading:.0f} MB",
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """What an import took: lines, seconds, CPU seconds, and the most memory it had, in MB.

    ``reading`` is the part of the process that reads lines ahead.
    """

    lines: int
    seconds: float
    busy: float
    megabytes: float
    reading: float


def _imported(place: Place, developments: int, options: tuple[str, ...]) -> Imported:
    story = "load"
    file = place.directory / f"{developments}.ndjson"
    lines = load.ndjson(file, stream.story(story, developments))
    with place.house() as house:
        if not options:
            # What is imported into must be there; an archive brings its own story.
            load.write(house, load.Clock(), stream.story(story, 0))
    command = [
        sys.executable, "-c", PROGRAM, "import", str(file), "--story", story,
        "--newsroom", load.DESK.newsroom, *options,
    ]  # fmt: skip
    begins = time.perf_counter()
    with (place.directory / "answers.txt").open("wb") as answers:
        running = subprocess.Popen(
            command, stdout=answers, stderr=subprocess.PIPE, env={**os.environ, **place.environment}
        )
        reading = 0.0
        while not (ended := os.wait4(running.pid, os.WNOHANG))[0]:
            reading = max(reading, _of_children(running.pid))
            time.sleep(LOOK_SECONDS)
        _, status, used = ended
        running.returncode = os.waitstatus_to_exitcode(status)
        assert running.stderr is not None
        with running.stderr as stderr:
            said = stderr.read()
    if running.returncode:
        raise RuntimeError(f"{said.decode()}\n{_first_refusal(Path(answers.name))}")
    seconds = time.perf_counter() - begins
    return Imported(
        lines=lines, seconds=seconds, busy=used.ru_utime + used.ru_stime,
        megabytes=used.ru_maxrss / 1024 + reading, reading=reading,
    )  # fmt: skip


def _of_children(process: int) -> float:
    """Return the most memory that a process's children ever had so far, in MB."""
    most = 0
    with suppress(OSError, IndexError):  # It has ended meanwhile.
        for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
            status = Path(f"/proc/{child}/status").read_text()
            most += int(status.partition("VmHWM:")[2].split()[0])
    return most / 1024


def _first_refusal(answers: Path) -> str:
    refused = (line for line in answers.read_text().splitlines() if "refused" in line)
    return next(refused, "")
