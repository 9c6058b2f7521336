"""UmaDB: an event store with a server of its own; a story's state is folded from its events."""

import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
from umadb import Client, Event, Query, QueryItem

from benchmarks.peers.story import State, Step
from benchmarks.stores import Place

UP_WITHIN_SECONDS = 20


class UmaDB:
    """The server from PyPI on a file of its own, asked over gRPC."""

    name = "UmaDB"

    def __init__(self, place: Place) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            listen = f"127.0.0.1:{free.getsockname()[1]}"
        program = Path(sys.executable).with_name("umadb")
        self._server = subprocess.Popen(
            [program, "--listen", listen, "--db-path", place.directory / "uma.db"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._url = f"http://{listen}"
        self._client = self._connected()
        self._positions: list[int] = []

    def _connected(self) -> Client:
        until = time.monotonic() + UP_WITHIN_SECONDS
        while True:
            try:
                client = Client(self._url)
                client.head()
                return client
            except Exception:
                if self._server.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def appender(self) -> "_Appender":
        """Return what a thread appends with: a client."""
        return _Appender(Client(self._url))

    def take(self, step: Step) -> None:
        """Store a step."""
        said = {
            "status": step.status, "verification": step.verification,
            "content": step.content, "moves": step.moves,
        }  # fmt: skip
        tags = ["story", f"development:{step.development}"]
        event = Event(event_type="Acted", tags=tags, data=orjson.dumps(said))
        self._positions.append(self._client.append([event]))

    def state(self, step: Step) -> State:
        """Return the state right after a step: every event of the story up to it, folded."""
        upto = self._positions[step.number - 1]
        standing: State = {}
        query = Query(items=[QueryItem(tags=["story"])])
        for read in self._client.read(query=query, limit=step.number):
            assert read.position <= upto
            for slot, answer in orjson.loads(read.event.data)["moves"].items():
                if answer is None:
                    standing.pop(slot, None)
                else:
                    standing[slot] = answer
        return standing

    def close(self) -> None:
        """Nothing: appenders close their own."""

    def leave(self) -> None:
        """Stop the server."""
        self._server.terminate()
        self._server.wait()


class _Appender:
    def __init__(self, client: Client) -> None:
        self._client = client

    def __call__(self, content: dict[str, Any], number: int) -> None:
        """Store a new development."""
        event = Event(event_type="Reported", tags=["other"], data=orjson.dumps(content))
        self._client.append([event])

    def close(self) -> None:
        """Nothing that must be closed."""
