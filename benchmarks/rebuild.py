"""Rebuilding all read models while a desk posts: acts a second, and how long the desk waited.

The record is shaped like the real thing: stories by power law, a quarter of the acts on what was
reported before. Beside the rebuild a desk posts twenty reports a second into a story of its own,
from a process of its own, as a served house does. The time is from the start to the swap, when
readers have the new tables; the note has the whole command's, which then takes the old ones away.
"""

import multiprocessing
import os
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import load, stream
from benchmarks.rows import Row
from benchmarks.stores import Place
from service import care
from service.care.rebuild import SWAPPED

DEVELOPMENTS, FEWER = 30_000, 10_000
POSTED_EVERY_SECONDS = 0.05


def rows(place: Place, *, small: bool) -> Iterator[Row]:
    """Yield the speed of a rebuild, and the longest that a desk waited for its report."""
    clock = load.Clock()
    with place.house(clock) as house:
        load.write(house, clock, stream.house(FEWER if small else DEVELOPMENTS))
    swapped: list[float] = []

    def told(what: str, _done: int) -> None:
        if what == SWAPPED:
            swapped.append(time.perf_counter())

    with place.house() as house, _Desk(place) as desk:
        begins = time.perf_counter()
        acts = care.rebuild(house.store, told)
        whole = time.perf_counter() - begins
    seconds = swapped[0] - begins
    yield Row(
        what="rebuild of all read models, while serving", store=place.store,
        result=acts / seconds, floor=15_000, aim=50_000, unit="acts/s",
        note=f"{acts:,} acts in {seconds:.1f} s, {os.cpu_count()} processes; {whole:.1f} s in all",
    )  # fmt: skip
    yield Row(
        what="a report, posted while rebuilding: the longest wait", store=place.store,
        result=max(desk.waits) * 1000, floor=None, aim=None, unit="ms", most=True,
        note=f"{len(desk.waits)} reports",
    )  # fmt: skip


class _Desk:
    """A desk that posts until the block ends; ``waits`` has how long each report took then."""

    def __init__(self, place: Place) -> None:
        self.waits: list[float] = []
        context = multiprocessing.get_context("spawn")
        self._ready, self._ending = context.Event(), context.Event()
        self._told = context.SimpleQueue()
        job = (place, self._ready, self._ending, self._told)
        self._process = context.Process(target=_post, args=job, daemon=True)

    def __enter__(self) -> "_Desk":
        self._process.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self.waits += self._told.get()
        self._process.join()


def _post(place: Place, ready: Any, ending: Any, told: Any) -> None:
    clock, waits = load.Clock(), []
    with place.house(clock) as house:
        for line in stream.story("of-a-desk", DEVELOPMENTS):
            begins = time.perf_counter()
            load.write(house, clock, [line])
            if ready.is_set():
                waits.append(time.perf_counter() - begins)
            ready.set()
            if ending.wait(POSTED_EVERY_SECONDS):
                break
    told.put(waits)
