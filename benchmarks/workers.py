"""How many workers, of how many threads: ``python -m benchmarks.workers`` writes docs/workers.md.

The same house is served by ever other numbers of workers and threads, kept to a processor each
or not, and asked by 32 clients at once: to take reports; for situations and timeline pages at
bases that nobody asked for before; for the present, which is kept. Clients and server share the
machine.
"""

import argparse
import os
import random
import sys
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from statistics import median

import orjson

from benchmarks import load, shape, stores, stream
from benchmarks.rows import machine
from benchmarks.serving import get, post, rate, serving
from benchmarks.stores import Place
from service import __version__, processors
from service.domain.times import format_instant

PAGE = Path(__file__).parents[1] / "docs" / "workers.md"
STORY = "served"
PATH = f"/v1/stories/{STORY}"
REPORTS = 2_000
CLIENTS = 32
POSTS, READS, KEPT = 12, 6, 40
"""Requests of each client in a run."""

ROUNDS = 3
"""How often all settings are gone through; the median counts."""

SETTINGS = tuple(
    (workers, threads, kept)
    for workers, threads, kept in product((1, 2, 4), (4, 8, 16), (True, False))
    if not kept or workers <= len(processors.usable())
)
"""Workers, threads of each, whether each keeps to a processor, as many as there are."""

Figures = dict[tuple[int, int, bool], list[tuple[float, float, float]]]


def main() -> int:
    """Measure on both stores, print each figure as it comes, and write the page."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.workers", description=__doc__)
    asked.add_argument("--rounds", type=int, default=ROUNDS, help="how often all are gone through")
    asked.add_argument("--no-write", action="store_true", help="print only")
    options, busy = asked.parse_args(), os.getloadavg()[0]
    tables = []
    with stores.directory() as path, stores.postgres_server(path) as server:
        for place in stores.places(path, server, "workers"):
            tables.append(f"## {place.store}\n\n{_table(_measured(place, options.rounds))}")
    if not options.no_write:
        PAGE.write_text(_page(tables, options.rounds, busy), encoding="utf-8")
    return 0


def _measured(place: Place, rounds: int) -> Figures:
    with place.house(clock := load.Clock()) as house:
        load.write(house, clock, stream.story(STORY, REPORTS))
        token = house.create_token(newsroom=load.DESK.newsroom, role="editor", name="bench")
        last = house.head()[0]
    asked = _Asked(token, last)
    found: Figures = {setting: [] for setting in SETTINGS}
    for _, setting in product(range(rounds), SETTINGS):
        workers, threads, kept = setting
        with serving(
            "service.wsgi:app", place.environment, workers=workers, threads=threads, kept=kept
        ) as (port, _):
            rate(port, asked.reads(1), 200)  # Each worker is built by its first request.
            figures = (
                rate(port, asked.posts(), 201),
                rate(port, asked.reads(READS), 200),
                rate(port, [[get(f"{PATH}/situation")] * KEPT] * CLIENTS, 200),
            )
        found[setting].append(figures)
        print(place.store, setting, *(f"{figure:,.0f}" for figure in figures), flush=True)
    return found


class _Asked:
    """Requests, each list for one client."""

    def __init__(self, token: str, last: int) -> None:
        self._token, self._last = token, last
        self._chance, self._number = random.Random(5), 10_000_000
        self._world = shape.world_of(REPORTS)

    def posts(self) -> list[list[bytes]]:
        """Return reports that were never made before."""
        return [[self._report() for _ in range(POSTS)] for _ in range(CLIENTS)]

    def _report(self) -> bytes:
        self._number += 1
        at = stream.BEGINS + stream.SPAN
        said = shape.report(self._chance, self._world, self._number, at)
        return post(f"{PATH}/developments", orjson.dumps(said), self._token)

    def reads(self, each: int) -> list[list[bytes]]:
        """Return readings at bases of their own."""
        return [[self._reading() for _ in range(each)] for _ in range(CLIENTS)]

    def _reading(self) -> bytes:
        moment = self._chance.randint(stream.BEGINS, stream.BEGINS + stream.SPAN)
        position = self._chance.randint(self._last // 2, self._last)
        what = self._chance.choice(("situation", "developments"))
        return get(f"{PATH}/{what}?as_of={format_instant(moment)}&position={position}")


def _table(found: Figures) -> str:
    lines = [
        "| workers | threads of each | kept to a processor | reports/s | readings first asked/s |"
        " present situation/s |",
        "|---|---|---|---|---|---|",
    ]
    for (workers, threads, kept), runs in found.items():
        figures = [f"{median(run):,.0f}" for run in zip(*runs, strict=True)]
        word = "yes" if kept else "no"
        lines.append(f"| {' | '.join([str(workers), str(threads), word, *figures])} |")
    return "\n".join(lines) + "\n"


def _page(tables: list[str], rounds: int, busy: float) -> str:
    return (
        "# Workers and threads\n\n"
        f"Written by `python -m benchmarks.workers` on {datetime.now(UTC).date()}: Onrecord"
        f" {__version__}, {machine(busy)}. {CLIENTS} clients at once, on the same machine; the"
        f" median of {rounds} rounds. What follows from it is in"
        " [decision 0021](decisions/0021-a-worker-keeps-to-a-processor.md).\n\n" + "\n".join(tables)
    )


if __name__ == "__main__":
    sys.exit(main())
