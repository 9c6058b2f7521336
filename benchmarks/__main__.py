"""``python -m benchmarks``: measure, print the table, write it and the plots into ``docs/``."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import appends, door, growth, imports, plot, rebuild, stores
from benchmarks.rows import Row, machine, markdown
from benchmarks.stores import Place
from service import __version__, collecting

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "benchmarks.md"


def main() -> int:
    """Run what is asked for; return 1 when a floor was missed."""
    options, busy = _options(), os.getloadavg()[0]
    collecting.seldom()  # As a worker does.
    plots: dict[str, growth.Plot] = {}
    found: list[Row] = []
    for row in _measured(_parts(options.small, plots), options.only):
        found.append(row)
        print("  ".join(cell for cell in row.cells() if cell), flush=True)
    if not options.only and not options.no_write:
        for store, figures in plots.items():
            title = f"Reading on {store}, as the story grows"
            picture = DOCS / "pictures" / f"growth-{store.lower()}.svg"
            picture.write_text(plot.svg(figures, title), encoding="utf-8")
        PAGE.write_text(_page(found, plots, busy), encoding="utf-8")
    return 0 if all(row.holds(row.floor) for row in found) else 1


Part = Callable[[Place], Iterator[Row]]


def _parts(small: bool, plots: dict[str, growth.Plot]) -> dict[str, Part]:
    """Return what there is to measure, in the order in which it is measured."""
    return {
        "appends": appends.rows,
        "imports": lambda place: imports.rows(place, small=small),
        "door": door.rows,
        "rebuild": lambda place: rebuild.rows(place, small=small),
        "growth": lambda place: growth.rows(place, small=small, plots=plots),
    }


def _measured(parts: dict[str, Part], only: list[str]) -> Iterator[Row]:
    with stores.directory() as path, stores.postgres_server(path) as server:
        for name in only or parts:
            for place in stores.places(path, server, name):
                begins = time.perf_counter()
                yield from parts[name](place)
                taken = time.perf_counter() - begins
                print(f"-- {name} on {place.store}: {taken:.0f} s", file=sys.stderr)


def _options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = list(_parts(True, {}))
    asked.add_argument("--only", action="append", choices=names, help="one part; repeat for more")
    asked.add_argument("--small", action="store_true", help="stories of 10,000 at most")
    asked.add_argument("--no-write", action="store_true", help="print only")
    return asked.parse_args()


def _page(found: list[Row], plots: dict[str, growth.Plot], busy: float) -> str:
    pictures = "".join(
        f"![How reading costs grow on {store}](pictures/growth-{store.lower()}.svg)\n"
        for store in plots
    )
    return (
        "# Benchmarks\n\n"
        f"Written by `make bench` on {datetime.now(UTC).date()}: Onrecord {__version__}, "
        f"{machine(busy)}. Ratios are against a baseline in the same run; what is measured how, "
        "and what limits what, is in [performance](performance.md).\n\n"
        f"{markdown(found)}\n{pictures}"
    )


if __name__ == "__main__":
    sys.exit(main())
