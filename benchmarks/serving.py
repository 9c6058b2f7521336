"""Programs that serve, for benchmarks: gunicorn over a real socket, and a client that is lean.

The client sends requests that were made beforehand over a kept connection and reads no more than
it must, so that what is timed is the server's work; it runs in this process, the server in
another.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

UP_WITHIN_SECONDS = 30
ROOT = Path(__file__).parents[1]


@contextmanager
def serving(
    app: str,
    environment: Mapping[str, str],
    *,
    threads: int = 8,
    workers: int = 1,
    kept: bool = True,
) -> Iterator[tuple[int, int]]:
    """Serve a WSGI application ("module:name"); yield (port, process id of the parent).

    ``kept``: each worker keeps to a processor, as under ``onrecord serve``.
    """
    port = _free_port()
    command = [
        sys.executable, "-m", "gunicorn", app, "--bind", f"127.0.0.1:{port}",
        "--workers", str(workers), "--threads", str(threads), "--worker-class", "gthread",
        "--no-control-socket", "--log-level", "error",
    ]  # fmt: skip
    if kept:
        command += ["--config", "python:benchmarks.kept"]
    made = {**os.environ, "PYTHONPATH": str(ROOT), "ONRECORD_LOG_LEVEL": "error", **environment}
    running = subprocess.Popen(command, cwd=ROOT, env=made)
    try:
        _wait_for(port, running)
        yield port, running.pid
    finally:
        running.terminate()
        running.wait()


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        return int(free.getsockname()[1])


def _wait_for(port: int, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + UP_WITHIN_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if running.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)


class Client:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._held = b""

    def ask(self, request: bytes) -> tuple[int, bytes, bytes]:
        """Send a request; return (status, headers, body). Bodies say how long they are."""
        self._socket.sendall(request)
        while b"\r\n\r\n" not in self._held:
            self._more()
        head, _, rest = self._held.partition(b"\r\n\r\n")
        status = int(head[9:12])
        length = 0 if status in (204, 304) else int(_header(head, b"content-length"))
        while len(rest) < length:
            self._held = b""
            self._more()
            rest += self._held
        self._held = rest[length:]
        return status, head, rest[:length]

    def _more(self) -> None:
        received = self._socket.recv(262_144)
        if not received:
            raise ConnectionError("the server closed the connection")
        self._held += received

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


def _header(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n"):
        found, _, value = line.partition(b":")
        if found.lower() == name:
            return value.strip()
    raise ValueError(f"no {name.decode()} in {head!r}")


def etag_of(head: bytes) -> str:
    """Return an answer's entity tag, with its quotes."""
    return _header(head, b"etag").decode()


def get(path: str, **headers: str) -> bytes:
    """Return a GET request as it is sent; underscores in a header's name are hyphens."""
    said = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{said}\r\n".encode()


def post(path: str, body: bytes, token: str) -> bytes:
    """Return a POST request of JSON as it is sent."""
    said = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    said += f"Authorization: Bearer {token}\r\n"
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{said}\r\n".encode() + body


def rate(port: int, requests: Sequence[Sequence[bytes]], expected: int) -> float:
    """Send each list of requests over a connection of its own; return answers a second.

    Raises where an answer has another status than expected.
    """
    clients = [Client(port) for _ in requests]
    failed: list[BaseException] = []

    def send(client: Client, own: Sequence[bytes]) -> None:
        try:
            for request in own:
                status, _, body = client.ask(request)
                if status != expected:
                    raise RuntimeError(f"{status}: {body[:300]!r}")
        except BaseException as error:
            failed.append(error)

    taken = _timed([_bound(send, *pair) for pair in zip(clients, requests, strict=True)])
    for client in clients:
        client.close()
    if failed:
        raise failed[0]
    return sum(map(len, requests)) / taken


def _bound(
    send: Callable[[Client, Sequence[bytes]], None], client: Client, own: Sequence[bytes]
) -> Callable[[], None]:
    return lambda: send(client, own)


def _timed(works: Sequence[Callable[[], None]]) -> float:
    threads = [threading.Thread(target=work) for work in works]
    begins = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begins


def megabytes(parent: int) -> float:
    """Return the most memory (resident) that any worker of a server ever had, in MB."""
    found = [_peak(int(child)) for child in _children(parent)]
    return max(found, default=0.0)


def _children(parent: int) -> Iterator[str]:
    for tasks in Path(f"/proc/{parent}/task").iterdir():
        yield from (tasks / "children").read_text().split()


def _peak(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
