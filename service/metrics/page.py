"""``/metrics``, answered by a thread of each process on one address.

Rules for editors: it is served in a worker, after the fork, and never where readers are.
"""

import logging
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from service.metrics import DIRECTORY
from service.metrics.counting import Counting
from service.metrics.now import Now

PATH = "/metrics"

ASKING_SECONDS = 5
"""How long one who connects may take to ask; the next waits meanwhile."""

WAITING = 16
"""Connections that wait: a handful of monitors ask every few seconds."""

_log = logging.getLogger(__name__)


class _Handler(WSGIRequestHandler):
    """Answers without a word in the log."""

    timeout = ASKING_SECONDS

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


class _Server(WSGIServer):
    """A server of one thread, beside those of other processes."""

    request_queue_size = WAITING

    def __init__(self, bind: str) -> None:
        host, port = address(bind)
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # Alone it must not share: another house's numbers would be told in turns with its own.
        self.allow_reuse_port = DIRECTORY in os.environ
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Bind, without asking the network for this machine's name as the library does."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over who went away before the answer."""


def address(bind: str) -> tuple[str, int]:
    """Return the host and the port that a setting names."""
    host, _, port = bind.rpartition(":")
    return host.strip("[]"), int(port)


def serve(bind: str, counting: Counting, now: Now) -> None:
    """Answer ``/metrics`` from a thread of its own, as long as this process lives.

    Where nobody can listen there, it is logged and the house goes on without.
    """
    registry = counting.registry
    if DIRECTORY in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it has none
    registry.register(now)
    try:
        server = _Server(bind)
    except OSError as error:
        _log.error("Metrics cannot be served on %s: %s", bind, error.strerror or error)
        return
    server.set_app(application(registry))
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()


def application(registry: CollectorRegistry) -> Callable[..., Iterable[bytes]]:
    """Return the WSGI application that answers ``/metrics`` and nothing else."""
    told = make_wsgi_app(registry)

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH:
            start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
            return [f"Metrics are at {PATH}.\n".encode()]
        try:
            answered: Iterable[bytes] = told(environ, start_response)
        except Exception:
            _log.exception("Metrics could not be told")
            start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
            return [b"Metrics could not be told; the log says why.\n"]
        return answered

    return answer


def ended(process: int) -> None:
    """Forget what a process that ended had waiting; what it counted stays."""
    if DIRECTORY in os.environ:
        mark_process_dead(process)  # type: ignore[no-untyped-call]  # as above
