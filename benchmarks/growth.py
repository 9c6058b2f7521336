"""How reading costs grow with the story: the same questions at every size, on both stores.

One story of 200 slots, which its first hundred reports fill, grows by 100,000 developments, as
``stream`` tells it: late reports, corrections, withdrawals. At each size every reading is asked
at random bases; at the end 30,000 reports come late, all of one week, and a situation that was
read before is read again as it was.
"""

import random
from collections.abc import Iterator
from statistics import median
from uuid import UUID
from zoneinfo import ZoneInfo

from benchmarks import load, shape, stream
from benchmarks.questions import Questions, milliseconds
from benchmarks.rows import Row
from benchmarks.shape import DAY, HOUR, World, report
from benchmarks.stores import Place
from benchmarks.stream import Line
from service.asof import Asked, situation
from service.assembly import Onrecord
from service.domain import kinds
from service.domain.kinds import Version
from service.domain.times import format_instant, parse_occurred
from service.readmodel.stories import Viewer

STORY = "growing"
SIZES = (100, 1_000, 10_000, 100_000)
SMALLER = (100, 1_000, 10_000)
ASKED = 50
"""Questions of each sort at each size; the median is taken."""


WORLD = World(parties=4, places=5, threads=7)
"""A story of some 200 slots."""

FILLING = 100
"""Reports that fill the slots, beside those that are counted."""

CANDIDATES = 150
"""Of so many reports the one that fills the most new slots is told, while they are filled."""

BACKFILLED = 30_000
BOUND = ("situation", "timeline page", "one development")
"""The readings that have a floor; the others' pages of 50 tell much more than one answer each."""

Figures = dict[str, dict[int, float]]
"""What was asked → size of the story → milliseconds."""


def rows(place: Place, *, small: bool, plots: dict[str, Figures]) -> Iterator[Row]:
    """Yield growth, then milliseconds at the largest size, of each reading; then the backfill.

    What was measured is put into ``plots`` under the store's name.
    """
    clock, store = load.Clock(), place.store
    with place.house(clock) as house:
        told = _Told(house, clock)
        told.upto(FILLING)
        filled, figures = house.head()[0], Figures()
        for size in SMALLER if small else SIZES:
            told.upto(FILLING + size)
            place.settle()
            questions = Questions(house, STORY, above=filled)
            for name, ask in questions.all().items():
                asked = ASKED if name.startswith(BOUND) else ASKED // 4
                taken = median(milliseconds(ask) for _ in range(asked))
                figures.setdefault(name, {})[size] = taken
        plots[store] = figures
        yield from _of_readings(store, figures, questions.slots)
        yield _backfill(place, told, BACKFILLED // 10 if small else BACKFILLED)


class _Told:
    """The story as far as it was told."""

    def __init__(self, house: Onrecord, clock: load.Clock) -> None:
        self.house, self.clock = house, clock
        # More than will be told: how long the stream is must not depend on the size asked for.
        self._lines = stream.story(STORY, 2 * SIZES[-1], world=WORLD, told=_Filling())
        self._reports = 0

    def upto(self, size: int) -> None:
        """Go on until so many developments were reported."""
        # A record time for each of the first acts, as reports have that come one by one.
        load.write(self.house, self.clock, self._until(size), batch=max(1, size // 400))

    def _until(self, size: int) -> Iterator[Line]:
        while self._reports < size:
            line = next(self._lines)
            self._reports += "report" in line.says
            yield line


class _Filling:
    """Tells reports; the first hundred are such that the story soon has all its slots."""

    def __init__(self) -> None:
        self._slots: set[str] = set()

    def __call__(self, chance: random.Random, world: World, number: int, at: int) -> shape.Body:
        """Return a report."""
        if number > FILLING:
            return shape.report(chance, world, number, at)
        told = [shape.report(chance, world, number, at) for _ in range(CANDIDATES)]
        best = max(told, key=lambda said: len(_slots(said, at) - self._slots))
        self._slots |= _slots(best, at)
        return best


def _slots(said: shape.Body, at: int) -> set[str]:
    """Return the slots that a report fills."""
    zone = ZoneInfo("UTC")
    version = Version(
        development=str(UUID(int=0)), version=1, fields=said, status="standing",
        verification="reported", occurred=parse_occurred(said["occurred"], zone),
        first_recorded_at=at, report_position=1, zone=zone, conflict=True,
    )  # fmt: skip
    return {row.slot for row in kinds.assignments(version)}


def _of_readings(store: str, figures: Figures, slots: int) -> Iterator[Row]:
    for name, by_size in figures.items():
        again, is_page = "again" in name, "page" in name
        base = 1_000 if is_page else min(by_size)
        largest = max(by_size)
        fast = is_page and store == "SQLite" and by_size[largest] < 0.5
        about = f" of {slots} slots" if name.startswith("situation") else ""
        bound = name.startswith(BOUND)
        yield Row(
            what=f"{name}{about}: {base:,} → {largest:,} developments",
            store=store,
            result=by_size[largest] / by_size[base],
            # A page under half a millisecond holds its floor whatever it grew by.
            floor=None if fast or not bound else (1.5 if again or is_page else 3.0),
            aim=None if not bound else (1.2 if is_page else 2.0),
            unit="× the time",
            most=True,
            note=f"{by_size[base]:.2f} → {by_size[largest]:.2f} ms",
        )
        if bound and not again and not is_page:
            yield Row(
                what=f"{name}{about}, {largest:,} developments", store=store,
                result=by_size[largest], floor=5.0, aim=2.0, unit="ms", most=True,
            )  # fmt: skip


def _backfill(place: Place, told: _Told, count: int) -> Row:
    """Bring in late reports of one week, and read what was known before they came."""
    basis = told.house.asof.basis(STORY, Viewer(), Asked())
    before, week = basis.position, basis.moment.recorded_at - 30 * DAY
    chance = random.Random(11)
    load.write(told.house, told.clock, _late(chance, week, basis.moment.recorded_at, count))
    upto = format_instant(week + 7 * DAY)
    place.settle()

    def ask() -> bytes:
        position = before - chance.randint(0, 50)
        asked = Asked(as_of=upto, position=position)
        return situation.body(told.house.asof.basis(STORY, Viewer(), asked), "/situation")

    return Row(
        what=f"situation known before a backfill of {count:,} late reports of one week",
        store=place.store, result=median(milliseconds(ask) for _ in range(ASKED)),
        floor=10.0, aim=None, unit="ms", most=True,
    )  # fmt: skip


def _late(chance: random.Random, week: int, now: int, count: int) -> Iterator[Line]:
    for number in range(count):
        said = report(chance, WORLD, 10_000_000 + number, now)
        said["occurred"] = format_instant(week + chance.randint(0, 7 * DAY))
        yield Line(now + HOUR + number, STORY, number, {"report": said})
