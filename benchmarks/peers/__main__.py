"""``python -m benchmarks.peers``: the same stream for all, a table, and docs/peers.md."""

import argparse
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import shape, stores, stream
from benchmarks.peers import story
from benchmarks.peers.ours import Onrecord
from benchmarks.rows import machine
from benchmarks.stores import POSTGRESQL, SQLITE
from service.domain.acts import Act

PAGE = Path(__file__).parents[2] / "docs" / "peers.md"
SIZES = (100, 1_000, 10_000)
SMALLER = (100, 1_000)
RUNS = 3
THREADS = ((1, 150), (8, 25), (64, 5))
"""Client threads, and appends of each in one run."""

ASKED = 15
"""States asked for at each size; of these every fifth is compared with the plain fold."""

PACKAGES = ("eventsourcing", "SQLAlchemy-Continuum", "django-simple-history", "umadb")
Line = list[str]


def main() -> None:
    """Measure each store in a process of its own: Django is set up once a process."""
    options, busy = _options(), os.getloadavg()[0]
    if options.store:
        for line in _measured(options.store, SMALLER if options.small else SIZES):
            print(json.dumps(line), flush=True)
        return
    lines: list[Line] = []
    for store in (SQLITE, POSTGRESQL):
        command = [sys.executable, "-m", "benchmarks.peers", "--store", store]
        command += ["--small"] if options.small else []
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            for text in running.stdout:
                lines.append(json.loads(text))
                print("  ".join(lines[-1]), flush=True)
        if running.returncode:
            raise SystemExit(running.returncode)
    if not options.no_write:
        PAGE.write_text(_page(lines, busy), encoding="utf-8")


def _peers(store: str) -> list[Any]:
    from benchmarks.peers.continuum import Continuum
    from benchmarks.peers.eventsourced import Eventsourcing
    from benchmarks.peers.history import SimpleHistory
    from benchmarks.peers.uma import UmaDB

    everywhere = [Eventsourcing, Continuum, SimpleHistory]
    # UmaDB is a store of its own: it is measured once, beside the file that ours is.
    return [*everywhere, UmaDB] if store == SQLITE else everywhere


def _measured(store: str, sizes: Sequence[int]) -> Iterator[Line]:
    with ExitStack() as stack:
        path = stack.enter_context(stores.directory())
        server = None
        if store == POSTGRESQL:
            server = stack.enter_context(stores.postgres_server(path))
            if server is None:
                return
        coming = stores.places(path, server, "peers")
        place = next(place for place in coming if place.store == store)
        ours = Onrecord(place.beside("ours"))
        stack.callback(ours.leave)
        everyone = [ours]
        for number, peer in enumerate(_peers(store)):
            everyone.append(peer(place.beside(f"peer{number}")))
            stack.callback(everyone[-1].leave)
        history = ours.tell(sizes[-1])
        yield from _states(store, everyone, history, sizes)
        yield from _appends(store, everyone)


def _states(
    store: str, everyone: Sequence[Any], history: list[Act], sizes: Sequence[int]
) -> Iterator[Line]:
    steps = list(story.steps(history))
    taken = 0
    for size in sizes:
        coming = steps[taken : _of_reports(steps, size)]
        for peer in everyone:
            for step in coming:
                peer.take(step)
        taken += len(coming)
        asked = story.sample(steps[:taken], ASKED)
        for step in asked[::5]:
            right = story.expected(history, step)
            for peer in everyone:
                if story.digest(peer.state(step)) != right:
                    raise SystemExit(f"{peer.name} is wrong about step {step.number}")
        figures = [_milliseconds(peer, asked) for peer in everyone]
        for peer, figure in zip(everyone, figures, strict=True):
            than_ours = f"{figure / figures[0]:.3g} ×"
            what = f"state as of any moment, {size:,} developments"
            yield [what, store, peer.name, f"{figure:.2f} ms", than_ours]


def _of_reports(steps: Sequence[story.Step], size: int) -> int:
    """Return how many steps there are up to the next report after so many."""
    reports = 0
    for place, step in enumerate(steps):
        reports += step.version == 1
        if reports > size:
            return place
    return len(steps)


def _milliseconds(peer: Any, asked: Sequence[story.Step]) -> float:
    found = []
    for step in asked:
        begins = time.perf_counter()
        peer.state(step)
        found.append((time.perf_counter() - begins) * 1000)
    return median(found)


def _appends(store: str, everyone: Sequence[Any]) -> Iterator[Line]:
    bodies = _Bodies()
    for threads, each in THREADS:
        rates: list[list[float]] = [[] for _ in everyone]
        for _ in range(RUNS):
            for peer, found in zip(everyone, rates, strict=True):
                found.append(_rate(peer, threads, bodies.made(threads * each)))
        for peer, found in zip(everyone, rates, strict=True):
            ratio = median(a / b for a, b in zip(found, rates[0], strict=True))
            what = f"durable append, {threads} client thread{'s' if threads > 1 else ''}"
            yield [what, store, peer.name, f"{median(found):,.0f}/s", f"{ratio:.3g} ×"]


class _Bodies:
    """Bodies of reports, each another one."""

    def __init__(self) -> None:
        self._chance = random.Random(1)
        self._world = shape.world_of(100)
        self._number = 10_000_000

    def made(self, count: int) -> list[tuple[dict[str, Any], int]]:
        found = []
        for _ in range(count):
            self._number += 1
            body = shape.report(self._chance, self._world, self._number, stream.BEGINS)
            found.append((body, self._number))
        return found


def _rate(peer: Any, threads: int, bodies: list[tuple[dict[str, Any], int]]) -> float:
    failed: list[BaseException] = []
    ready = threading.Barrier(threads + 1)
    done = [
        threading.Thread(target=partial(_append, peer, bodies[place::threads], ready, failed))
        for place in range(threads)
    ]
    for thread in done:
        thread.start()
    ready.wait()
    begins = time.perf_counter()
    for thread in done:
        thread.join()
    if failed:
        raise failed[0]
    return len(bodies) / (time.perf_counter() - begins)


def _append(
    peer: Any, bodies: Sequence[tuple[dict[str, Any], int]], ready: threading.Barrier, failed: Any
) -> None:
    try:
        with closing(peer.appender()) as write:
            ready.wait()
            for body, number in bodies:
                write(body, number)
    except BaseException as error:
        ready.abort()
        failed.append(error)


def _page(lines: list[Line], busy: float) -> str:
    named = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    rows = [["what", "store", "who", "result", "ours is 1"], ["---"] * 5, *lines]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return (
        "# Beside others\n\n"
        f"Written by `make bench-peers` on {datetime.now(UTC).date()}: {named}; "
        f"{machine(busy)}. All are given the same stream of developments, and states are compared "
        "with the plain fold over the acts, by digest. How it is measured, and what each is asked "
        "to do, is in [performance](performance.md).\n\n"
        f"{table}"
    )


def _options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    asked.add_argument("--small", action="store_true", help="a story of 1,000 at most")
    asked.add_argument("--no-write", action="store_true", help="print only")
    asked.add_argument("--store", choices=[SQLITE, POSTGRESQL], help=argparse.SUPPRESS)
    return asked.parse_args()


if __name__ == "__main__":
    main()
