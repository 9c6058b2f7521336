"""Durable appends at the Python door, against raw INSERTs by as many threads, interleaved."""

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from benchmarks import stores, work
from benchmarks.rows import Row
from service.assembly import Onrecord

RUNS = 3
THREADS = ((1, 400), (8, 150), (64, 40))
"""Client threads, and appends of each in one run."""

SQLITE = {1: (0.25, 0.4), 8: (0.4, 0.7), 64: (0.55, 1.0)}
POSTGRES = {1: (0.2, 0.4), 8: (0.2, 0.5), 64: (0.35, 0.7)}


def rows(path: Path, address: str | None) -> Iterator[Row]:
    """Yield a row for each store and number of threads."""
    clock = work.Clock()
    with stores.sqlite_house(path, clock) as house:
        yield from _measured("SQLite", house, clock, stores.raw_sqlite(path), SQLITE)
    if address is not None:
        clock = work.Clock()
        with stores.postgres_house(address, clock) as house:
            yield from _measured("PostgreSQL", house, clock, stores.raw_postgres(address), POSTGRES)


def _measured(
    store: str,
    house: Onrecord,
    clock: work.Clock,
    raw: Callable[[], Callable[[], None]],
    bounds: dict[int, tuple[float, float]],
) -> Iterator[Row]:
    house.recorder.record_many(work.opening())
    reporter = _Reporter(house, clock)
    for threads, each in THREADS:
        ours, theirs = [], []
        for _ in range(RUNS):
            theirs.append(stores.in_threads([raw() for _ in range(threads)], each))
            ours.append(stores.in_threads([reporter.write] * threads, each))
        ratio = median(a / b for a, b in zip(ours, theirs, strict=True))
        floor, aim = bounds[threads]
        yield Row(
            what=f"durable append, {threads} client thread{'s' if threads > 1 else ''}",
            store=store,
            result=ratio,
            floor=floor,
            aim=aim,
            unit="× raw INSERT",
            note=f"{median(ours):,.0f}/s; raw {median(theirs):,.0f}/s",
        )


class _Reporter:
    """Reports one development after another, whoever asks."""

    def __init__(self, house: Onrecord, clock: work.Clock) -> None:
        self._house = house
        self._clock = clock
        self._chance = random.Random(1)
        self._number = 0
        self._lock = threading.Lock()

    def write(self) -> None:
        """Validate and record one report, durably."""
        with self._lock:
            self._number += 1
            self._clock.at += work.MINUTE
            said = work.body(self._chance, self._number, self._clock.at)
        self._house.recorder.record(work.decision(said))
