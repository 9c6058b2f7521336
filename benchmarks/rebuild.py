"""Rebuilding all read models while a desk posts: acts a second, and how long the desk waited.

The record is shaped like the real thing: stories by power law, a quarter of the acts on what was
reported before. Beside the rebuild a desk posts twenty reports a second into a story of its own.
"""

import os
import threading
import time
from collections.abc import Iterator

from benchmarks import load, stream
from benchmarks.rows import Row
from benchmarks.stores import Place
from service import care

DEVELOPMENTS, FEWER = 30_000, 10_000
POSTED_EVERY_SECONDS = 0.05


def rows(place: Place, *, small: bool) -> Iterator[Row]:
    """Yield the speed of a rebuild, and the longest that a desk waited for its report."""
    clock = load.Clock()
    with place.house(clock) as house:
        load.write(house, clock, stream.house(FEWER if small else DEVELOPMENTS))
    with place.house() as house, _Desk(place) as desk:
        begins = time.perf_counter()
        acts = care.rebuild(house.store, lambda what, done: None)
        seconds = time.perf_counter() - begins
    yield Row(
        what="rebuild of all read models, while serving", store=place.store,
        result=acts / seconds, floor=15_000, aim=50_000, unit="acts/s",
        note=f"{acts:,} acts in {seconds:.1f} s, {os.cpu_count()} processes",
    )  # fmt: skip
    yield Row(
        what="a report, posted while rebuilding: the longest wait", store=place.store,
        result=max(desk.waits) * 1000, floor=None, aim=None, unit="ms", most=True,
        note=f"{len(desk.waits)} reports",
    )  # fmt: skip


class _Desk:
    """A desk that posts until the block ends, and remembers how long each report took."""

    def __init__(self, place: Place) -> None:
        self.waits: list[float] = []
        self._place = place
        self._ending = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._post)

    def __enter__(self) -> "_Desk":
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _post(self) -> None:
        clock = load.Clock()
        with self._place.house(clock) as house:
            for line in stream.story("of-a-desk", DEVELOPMENTS):
                begins = time.perf_counter()
                load.write(house, clock, [line])
                if self._ready.is_set():
                    self.waits.append(time.perf_counter() - begins)
                if self._ending.wait(POSTED_EVERY_SECONDS):
                    return
                self._ready.set()
