"""How reading costs grow with the story: the same questions at every size, on both stores."""

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from benchmarks import stores, work
from benchmarks.rows import Row
from service.asof import Asked, situation, timeline
from service.assembly import Onrecord
from service.domain.times import format_instant
from service.readmodel.stories import Viewer

SIZES = (100, 1_000, 10_000, 100_000)
SMALLER = (100, 1_000, 10_000)
ASKED = 60
"""Questions of each sort at each size; the median is taken."""

Figures = dict[str, dict[int, float]]
"""What was asked → size of the story → milliseconds."""


def measured(path: Path, address: str | None, sizes: tuple[int, ...]) -> dict[str, Figures]:
    """Return the figures of each store."""
    found: dict[str, Figures] = {}
    clock = work.Clock()
    with stores.sqlite_house(path, clock) as house:
        found["SQLite"] = _grown(house, clock, sizes)
    if address is not None:
        clock = work.Clock()
        with stores.postgres_house(address, clock) as house:
            found["PostgreSQL"] = _grown(house, clock, sizes)
    return found


def _grown(house: Onrecord, clock: work.Clock, sizes: tuple[int, ...]) -> Figures:
    house.recorder.record_many(work.opening())
    figures: Figures = {}
    told = 0
    for size in sizes:
        begins = time.perf_counter()
        work.tell(house.recorder.record_many, clock, size - told, first=told)
        seconds = time.perf_counter() - begins
        figures.setdefault("appended a second", {})[size] = (size - told) * 1.1 / seconds
        told = size
        for name, ask in _questions(house).items():
            figures.setdefault(name, {})[size] = median(_timed(ask) for _ in range(ASKED))
    return figures


def _questions(house: Onrecord) -> dict[str, Callable[[], object]]:
    chance = random.Random(7)
    head = house.asof.basis(work.STORY, Viewer(), Asked())
    first, last, position = work.BEGINS, head.moment.recorded_at, head.position

    def moment() -> str:
        return format_instant(chance.randint(first, last))

    def known() -> int:
        return chance.randint(position // 10, position)

    def answered(asked: Asked) -> object:
        basis = house.asof.basis(work.STORY, Viewer(), asked)
        return situation.body(basis, "/situation", settled=True)

    def page(asked: Asked) -> object:
        basis = house.asof.basis(work.STORY, Viewer(), asked)
        return timeline.page(basis, timeline.Filters(), order="-occurred", after=None, limit=50)

    return {
        "situation, the present again": lambda: answered(Asked()),
        "situation, hindsight": lambda: answered(Asked(as_of=moment())),
        "situation, as told": lambda: answered(Asked(position=known())),
        "situation, both": lambda: answered(Asked(as_of=moment(), position=known())),
        "situation, known early, world late": lambda: answered(
            Asked(as_of=format_instant(last), position=chance.randint(60, position // 5 + 60))
        ),
        "timeline page, present": lambda: page(Asked()),
        "timeline page, any basis": lambda: page(Asked(as_of=moment(), position=known())),
    }


def _timed(ask: Callable[[], object]) -> float:
    begins = time.perf_counter()
    ask()
    return (time.perf_counter() - begins) * 1000


def rows(figures: dict[str, Figures]) -> Iterator[Row]:
    """Yield the rows of the table: growth, and milliseconds at the largest size."""
    for store, by_name in figures.items():
        for name, by_size in by_name.items():
            if name == "appended a second":
                continue
            again, is_page = "again" in name, "page" in name
            base = 1_000 if is_page and 1_000 in by_size else min(by_size)
            largest = max(by_size)
            result = by_size[largest] / by_size[base]
            fast = is_page and store == "SQLite" and by_size[largest] < 0.5
            yield Row(
                what=f"{name}: {base:,} → {largest:,} developments",
                store=store,
                result=result,
                floor=None if fast else (1.5 if again or is_page else 3.0),
                aim=1.2 if is_page else 2.0,
                unit="× the time",
                most=True,
                note=f"{by_size[base]:.2f} → {by_size[largest]:.2f} ms",
            )
            if not again and not is_page:
                yield Row(
                    what=f"{name}, {largest:,} developments", store=store,
                    result=by_size[largest], floor=5.0, aim=2.0, unit="ms", most=True,
                )  # fmt: skip
