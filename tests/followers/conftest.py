"""Houses for the tests beside this file, and a cache that is told what to forget."""

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.houses import clock, desk, directory, house, reader, settings, store_kind

__all__ = ["clock", "desk", "directory", "hook", "house", "reader", "settings", "store_kind"]


@dataclass
class Hook:
    """What a cache was told (the surrogate keys), by whom, and how it answers."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    came: list[tuple[str, str | None]] = field(default_factory=list)
    told: "queue.Queue[str | None]" = field(default_factory=queue.Queue)

    def heard(self) -> list[str | None]:
        """What it was told since it was last asked."""
        return [self.told.get_nowait() for _ in range(self.told.qsize())]


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A cache on this machine."""
    found = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.came.append((self.path, self.headers["Authorization"]))
            found.told.put(self.headers["Surrogate-Key"])
            self.send_response(found.answers.pop(0) if found.answers else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/purge"
    yield found
    server.shutdown()
    thread.join()
    server.server_close()
