"""Write a real load: ``python -m benchmarks.load --developments 100000 --store sqlite --out DIR``.

The lines of ``stream`` go in through the door of story files (``storyfile``): loaded by the
shapes, decided by the domain, appended with every row of the read model. The recorder's clock is
the stream's own, so that acts carry the record times of five years. ``--ndjson FILE`` writes one
story as an archive instead, to be imported by ``onrecord import --archive``.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from benchmarks import stream
from benchmarks.stream import Line
from service.assembly import Onrecord, assemble
from service.ledger import Decision, Desk
from service.settings import Settings
from service.storyfile import Import

DESK = Desk(newsroom="bench", by="bench")
BATCH = 256
"""Lines of one commit, as many as the recorder takes at once."""

REPORTED = 50_000
"""Lines after which the progress is told."""


class Clock:
    """The host's clock of a load: it stands at the last line that came in."""

    def __init__(self) -> None:
        self.at = stream.BEGINS

    def __call__(self) -> int:
        """Return the time in microseconds since 1970 UTC."""
        return self.at


def write(
    onrecord: Onrecord,
    clock: Clock,
    lines: Iterable[Line],
    told: Callable[[int], None] = lambda done: None,
    batch: int = BATCH,
) -> int:
    """Record lines, ``batch`` a commit; return how many. Raises the first refusal there is.

    Those of one commit are recorded at one time: the last one's.
    """
    jobs: dict[str, Import] = {}
    coming, done = iter(lines), 0
    while part := list(islice(coming, batch)):
        clock.at = part[-1].at
        for outcome in onrecord.recorder.record_many([_decision(jobs, line) for line in part]):
            if isinstance(outcome, Exception):
                raise outcome
        done += len(part)
        told(done)
    return done


def _decision(jobs: dict[str, Import], line: Line) -> Decision:
    job = jobs.get(line.story)
    if job is None:
        job = jobs[line.story] = Import(desk=DESK, story=line.story)
    return job.decision(line.says)


def ndjson(file: Path, lines: Iterable[Line]) -> int:
    """Write an archive's lines into a file; return how many."""
    count = 0
    with file.open("w", encoding="utf-8") as out:
        for line in lines:
            out.write(json.dumps(line.archived(), ensure_ascii=False) + "\n")
            count += 1
    return count


def peak_megabytes() -> float:
    """Return the most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Read the command line and write."""
    options = _options()
    lines: Iterator[Line]
    if options.ndjson:
        lines = stream.story("load", options.developments, seed=options.seed)
        print(f"{ndjson(options.ndjson, lines):,} lines in {options.ndjson}")
        return
    lines = stream.house(options.developments, options.seed)
    clock, begins = Clock(), time.perf_counter()

    def told(done: int) -> None:
        if done % REPORTED < BATCH:
            rate = done / (time.perf_counter() - begins)
            said = f"{done:,} lines, {rate:,.0f}/s, {peak_megabytes():,.0f} MB"
            print(said, file=sys.stderr, flush=True)

    onrecord = assemble(_settings(options), clock=clock)
    try:
        done = write(onrecord, clock, lines, told)
    finally:
        onrecord.close()
    seconds = time.perf_counter() - begins
    said = {"lines": done, "seconds": round(seconds, 1), "per_second": round(done / seconds)}
    print(json.dumps({**said, "peak_megabytes": round(peak_megabytes())}))


def _settings(options: argparse.Namespace) -> Settings:
    if options.store == "postgres":
        return Settings(database_url=options.out, secret_key="s" * 32)
    Path(options.out).mkdir(parents=True, exist_ok=True)
    return Settings(database_url=f"sqlite:///{Path(options.out) / 'onrecord.db'}")


def _options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    asked.add_argument("--developments", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=1, help="the same seed gives the same load")
    asked.add_argument("--store", choices=["sqlite", "postgres"], default="sqlite")
    asked.add_argument("--out", help="a directory, or with postgres the database's address")
    asked.add_argument("--ndjson", type=Path, help="write one story into this file instead")
    options = asked.parse_args()
    if not options.out and not options.ndjson:
        asked.error("say where to: --out or --ndjson")
    return options


if __name__ == "__main__":
    main()
