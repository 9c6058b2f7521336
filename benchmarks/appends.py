"""Durable appends at the Python door, against raw INSERTs by as many threads, interleaved.

Ours are validated by the shapes, decided, and stored with envelope, content and every row of the
read model, on threads that keep to one processor as a worker's do (decision 0021). Beside them
plain eventsourcing's bare ``save()`` of the same words (``stock``), and raw INSERTs: both are left
to the system, and raw INSERTs, for comparison, kept to one processor too.
"""

import random
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from statistics import median
from typing import Any

from benchmarks import load, shape, stock, stores, stream
from benchmarks.rows import Row
from benchmarks.stores import POSTGRESQL, SQLITE, Place
from service.storyfile import Import

STORY = "appended"
RUNS = 3
THREADS = ((1, 400), (8, 150), (64, 40))
"""Client threads, and appends of each in one run."""

Bounds = dict[int, tuple[float | None, float | None]]
RAW: dict[str, Bounds] = {
    SQLITE: {1: (0.25, 0.4), 8: (0.4, 0.7), 64: (0.55, 1.0)},
    POSTGRESQL: {1: (0.2, 0.4), 8: (0.2, 0.5), 64: (0.35, 0.7)},
}
"""Floor and aim against raw INSERTs."""

STOCK: dict[str, Bounds] = {
    SQLITE: {1: (None, None), 8: (None, 1.0), 64: (None, 1.0)},
    POSTGRESQL: {1: (None, 1.0), 8: (1.3, None), 64: (3.0, None)},
}
"""Floor and aim against plain eventsourcing's ``save()``."""


def rows(place: Place) -> Iterator[Row]:
    """Yield two rows for each number of threads: against raw, against plain eventsourcing."""
    clock = load.Clock()
    app = stock.application(place.beside("stock"))
    with place.house(clock) as house:
        reports = Reports()
        load.write(house, clock, stream.story(STORY, 0, world=reports.world))
        clock.at += stream.SPAN

        def ours() -> None:
            said = reports.take()
            job = Import(desk=load.DESK, story=STORY)
            house.recorder.record(job.decision({"report": said}))

        stocks = stock.saving(app, reports.take)
        raw = place.raw()
        for threads, each in THREADS:
            found = _interleaved(reports, threads, each, raw, stocks, ours)
            yield from _rows(place.store, threads, *found)
    app.close()


class Reports:
    """Bodies of reports made before they are timed; each is taken once, by any thread."""

    def __init__(self) -> None:
        self.world = shape.world_of(5_000)
        self._chance = random.Random(1)
        self._number = 0
        self._waiting: deque[dict[str, Any]] = deque()
        self.take = self._waiting.popleft

    def prepare(self, count: int) -> None:
        """Have so many waiting."""
        for _ in range(count - len(self._waiting)):
            self._number += 1
            at = stream.BEGINS + self._number * shape.MINUTE // 100
            self._waiting.append(shape.report(self._chance, self.world, self._number, at))


def _interleaved(
    reports: Reports, threads: int, each: int, raw: Callable[[], stores.Raw],
    stock: Callable[[], None], ours: Callable[[], None],
) -> list[list[float]]:  # fmt: skip
    """Return runs a second of raw INSERTs left to the system and kept, of stock and of ours."""
    rates: list[list[float]] = [[], [], [], []]
    for _ in range(RUNS):
        with ExitStack() as stack:
            raws = [stack.enter_context(closing(raw())) for _ in range(threads)]
            rates[0].append(stores.in_threads(raws, each))
            rates[1].append(stores.in_threads(raws, each, kept=True))
        for place, writer, kept in ((2, stock, False), (3, ours, True)):
            reports.prepare(threads * each)
            rates[place].append(stores.in_threads([writer] * threads, each, kept=kept))
    return rates


def _rows(
    store: str,
    threads: int,
    raw: list[float],
    raw_kept: list[float],
    stocks: list[float],
    ours: list[float],
) -> Iterator[Row]:
    what = f"durable append, {threads} client thread{'s' if threads > 1 else ''}"
    for theirs, against, bounds in (
        (raw, "raw INSERT", RAW[store][threads]),
        (raw_kept, "raw INSERT, kept to a processor too", (None, None)),
        (stocks, "stock save()", STOCK[store][threads]),
    ):
        yield Row(
            what=what, store=store, floor=bounds[0], aim=bounds[1], unit=f"× {against}",
            result=median(a / b for a, b in zip(ours, theirs, strict=True)),
            note=f"{median(ours):,.0f}/s; {against} {median(theirs):,.0f}/s",
        )  # fmt: skip
