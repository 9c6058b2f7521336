"""How reading costs grow with the story: the same questions at every size, on both stores.

One story of 200 slots, which its first hundred reports fill, grows by 100,000 developments, as
``stream`` tells it: late reports, corrections, withdrawals. It is told into a house for each size,
as far as that size, and every reading is asked at random bases in one house after the other, in
turn: a machine that is slow for a minute is so at every size. At the end 30,000 reports come late
into the largest, all of one week, and a situation that was read before is read again as it was.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from uuid import UUID
from zoneinfo import ZoneInfo

from benchmarks import load, shape, stream
from benchmarks.pace import Pace
from benchmarks.questions import Question, Questions
from benchmarks.rows import Row
from benchmarks.shape import DAY, HOUR, World, report
from benchmarks.stores import SQLITE, Place
from benchmarks.stream import Line
from benchmarks.turns import Figures, in_turn
from service.asof import Asked, situation
from service.domain import kinds
from service.domain.kinds import Version
from service.domain.times import format_instant, parse_occurred
from service.readmodel.stories import Viewer

STORY = "growing"
SIZES = (100, 1_000, 10_000, 100_000)
SMALLER = (100, 1_000, 10_000)
WORLD = World(parties=4, places=5, threads=7)
"""A story of some 200 slots."""

FILLING = 100
"""Reports that fill the slots, beside those that are counted."""

CANDIDATES = 150
"""Of so many reports the one that fills the most new slots is told, while they are filled."""

BACKFILLED = 30_000
BOUND = ("situation", "timeline page", "one development")
"""The readings that have a floor; the others' pages of 50 tell much more than one answer each."""

Plot = dict[str, dict[int, float]]
"""What was asked → size of the story → milliseconds."""


def rows(place: Place, *, small: bool, plots: dict[str, Plot]) -> Iterator[Row]:
    """Yield growth, then milliseconds at the largest size, of each reading; then the backfill.

    What was measured is put into ``plots`` under the store's name.
    """
    with ExitStack() as houses:
        told = {size: _Told(place, size, houses) for size in (SMALLER if small else SIZES)}
        for each in told.values():
            each.place.settle()
        asked = {size: Questions(one.house, STORY, above=one.filled) for size, one in told.items()}
        largest = max(told)
        with Pace(*_elsewhere(told[largest])) as pace:
            found = in_turn(
                _by_name(asked), pace, has_floor=lambda name: name.startswith(BOUND),
                settle=told[largest].place.warm,
            )  # fmt: skip
        plots[place.store] = {name: figures.by_size() for name, figures in found.items()}
        yield from _of_readings(place.store, found, pace, asked[largest].slots)
        yield pace.row(place.store, "the questions about growth")
        yield _backfill(told[largest], BACKFILLED // 10 if small else BACKFILLED)


def _by_name(asked: Mapping[int, Questions]) -> dict[str, dict[int, Question]]:
    """Return the questions by their names, and each by the size of the house that is asked."""
    found: dict[str, dict[int, Question]] = {}
    for size, questions in asked.items():
        for name, ask in questions.all().items():
            found.setdefault(name, {})[size] = ask
    return found


class _Told:
    """The story, told as far as a size in a house of its own; ``filled``: where counting began."""

    def __init__(self, place: Place, size: int, houses: ExitStack) -> None:
        self.clock = load.Clock()
        self.place = place.beside(f"growth_{size}")
        self.house = houses.enter_context(self.place.house(self.clock))
        # More than will be told: how long the stream is must not depend on the size asked for.
        self._lines = stream.story(STORY, 2 * SIZES[-1], world=WORLD, told=_Filling())
        self._reports = 0
        self.upto(FILLING)
        self.filled = self.house.head()[0]
        # Step by step, so that a story begins as every smaller one does, record times included.
        for step in SIZES:
            self.upto(FILLING + min(step, size))

    def upto(self, size: int) -> None:
        """Go on until so many developments were reported."""
        # A record time for each of the first acts, as reports have that come one by one.
        load.write(self.house, self.clock, self._until(size), batch=max(1, size // 400))

    def _until(self, size: int) -> Iterator[Line]:
        while self._reports < size:
            line = next(self._lines)
            self._reports += "report" in line.says
            yield line


def _elsewhere(told: _Told) -> list[Callable[[], object]]:
    """Return a fixed piece of work for a server to do, where there is one."""
    if told.place.store == SQLITE:
        return []
    return [lambda: told.house.asof.sql.one("SELECT sum(n) FROM generate_series(1, 4000) n")]


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


def _of_readings(store: str, found: Mapping[str, Figures], pace: Pace, slots: int) -> Iterator[Row]:
    for name, figures in found.items():
        again, is_page, bound = "again" in name, "page" in name, name.startswith(BOUND)
        by_size = figures.by_size()
        base, largest = 1_000 if is_page else min(by_size), max(by_size)
        taken, of_times = figures.at_own_speed(pace) if bound else (by_size[largest], "")
        about = f" of {slots} slots" if name.startswith("situation") else ""
        # A page under half a millisecond holds its floor whatever it grew by.
        fast = is_page and store == SQLITE and taken < 0.5
        yield Row(
            what=f"{name}{about}: {base:,} → {largest:,} developments",
            store=store,
            result=figures.growth(base, largest),
            floor=None if fast or not bound else (1.5 if again or is_page else 3.0),
            aim=None if not bound else (1.2 if is_page else 2.0),
            unit="× the time",
            most=True,
            note=f"{by_size[base]:.2f} → {by_size[largest]:.2f} ms in turn",
        )
        if bound and not again:
            floor = (0.5 if fast else None) if is_page else 5.0
            yield Row(
                what=f"{name}{about}, {largest:,} developments", store=store, result=taken,
                floor=floor, aim=None if is_page else 2.0, unit="ms", most=True, note=of_times,
            )  # fmt: skip


def _backfill(told: _Told, count: int) -> Row:
    """Bring in late reports of one week, and read what was known before they came."""
    basis = told.house.asof.basis(STORY, Viewer(), Asked())
    before, week = basis.position, basis.moment.recorded_at - 30 * DAY
    chance = random.Random(11)
    load.write(told.house, told.clock, _late(chance, week, basis.moment.recorded_at, count))
    upto = format_instant(week + 7 * DAY)
    told.place.settle()

    # Each position once: what was asked before is kept in memory.
    positions = iter(range(before, 0, -1))

    def ask() -> bytes:
        asked = Asked(as_of=upto, position=next(positions))
        return situation.body(told.house.asof.basis(STORY, Viewer(), asked), "/situation")

    with Pace(*_elsewhere(told)) as pace:
        asks = {"late": {count: ask}}
        figures = in_turn(asks, pace, settle=told.place.warm, has_floor=lambda _: True)["late"]
        taken, of_times = figures.at_own_speed(pace)
    return Row(
        what=f"situation known before a backfill of {count:,} late reports of one week",
        store=told.place.store, result=taken, floor=10.0, aim=None, unit="ms", most=True,
        note=of_times,
    )  # fmt: skip


def _late(chance: random.Random, week: int, now: int, count: int) -> Iterator[Line]:
    for number in range(count):
        said = report(chance, WORLD, 10_000_000 + number, now)
        said["occurred"] = format_instant(week + chance.randint(0, 7 * DAY))
        yield Line(now + HOUR + number, STORY, number, {"report": said})
