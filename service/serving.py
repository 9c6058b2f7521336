"""Serving a house: gunicorn inside this process, set as this program needs it.

========================  ===========================================================
workers, threads          the defaults below, for ``onrecord serve``
worker class              gthread: a request waits for the disk, and a thread may wait
processors                each worker keeps to one (``service/processors.py``), unless told not to
application               built in each worker after the fork; nothing is preloaded
control socket            none: nobody but the process's owner tells it anything
stop (SIGTERM, SIGINT)    no new requests; those running have 30 seconds to end
reload (SIGHUP)           new workers, then the old ones stop as above
log                       lines on stderr, gunicorn's own among ours (``service/logs.py``)
metrics                   each worker answers for all, on a bind of their own (``service/metrics``)
followers                 in each worker, of which one leads; they stop when its requests have
========================  ===========================================================

Rules for editors: nothing that cannot survive a fork may be open when ``run`` is called.
"""

import contextlib
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # it has none
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]  # as above

from service import processors
from service.followers.running import Running
from service.logs import GunicornLog, set_up
from service.metrics import DIRECTORY, together
from service.settings import Settings, SettingsError
from service.store.sql import DatabaseProblem

WORKERS = 2
"""Processes: readings use both; writes take turns whatever their number, for one file has one
writer at a time."""

THREADS = 8
"""Threads of a process: as many requests as may wait for the disk together and share a commit."""

GRACE_SECONDS = 30
"""How long requests may go on, unless said otherwise."""

SILENT_SECONDS = 60
"""A worker that does not answer its parent for so long is replaced."""

SHARED_MEMORY = Path("/dev/shm")
"""Where workers show that they live, if it is there: a sign of life must not wait for a disk."""

HANDED_ON = ("GUNICORN_FD", "LISTEN_FDS")
"""Set when the listening socket comes from another process: an upgrade in flight, or systemd."""


class AddressTaken(SettingsError):
    """Nobody can listen there: another program does, or it is not this machine's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Serving:
    """Where and how a house is served. ``log_level`` None: the settings' own.

    ``grace_seconds`` is how long requests may go on after the house was told to stop. ``follow``:
    the workers also do what follows after an act (``service/followers``). ``apart``: each worker
    keeps to a processor of its own, if there are as many.
    """

    host: str
    port: int
    workers: int = WORKERS
    threads: int = THREADS
    log_level: str | None = None
    grace_seconds: int = GRACE_SECONDS
    follow: bool = True
    apart: bool = True

    @property
    def address(self) -> str:
        """The address that a browser on this machine reaches it at, without a slash."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://{_bracketed(host)}:{self.port}"


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's gthread worker, which stops alike for every signal that asks it to.

    Its own quick stop (SIGINT, SIGQUIT) shuts the thread pool down from the signal's handler, and
    waits for itself for ever where the signal comes while the pool starts a thread (27.0).
    """

    def handle_quit(self, sig: int, frame: Any) -> None:
        """Take no new requests and end when those running have ended."""
        self.handle_exit(sig, frame)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer as a problem what cannot be read; the rest gunicorn logs, and answers 500."""
        from service.api import unread

        told = unread.answer(exc)
        if told is None:
            super().handle_error(req, client, addr, exc)
            return
        # Not its words: they quote what was sent, an address or a key in a header.
        self.log.warning("A request cannot be read: %s", type(exc).__name__)
        # Whoever sent it may be gone; there is nobody else to tell.
        with contextlib.suppress(OSError):
            client.sendall(told)


class _Server(BaseApplication):  # type: ignore[misc]  # as above
    """gunicorn with our configuration and our application; reads no file and no variable."""

    def __init__(self, settings: Settings, serving: Serving, ready: Callable[[], None]) -> None:
        self._settings = settings
        self._serving = serving
        self._ready = ready
        self._following: Running | None = None
        super().__init__()

    def load_config(self) -> None:
        """Set what gunicorn is to be."""
        for name, value in configuration(self._settings, self._serving).items():
            self.cfg.set(name, value)
        if self._serving.apart:
            self.cfg.set("pre_fork", processors.pre_fork)
            self.cfg.set("post_fork", processors.post_fork)
        self.cfg.set("post_worker_init", self._begin)
        self.cfg.set("worker_exit", self._end)
        if self._settings.metrics_bind is not None:
            self.cfg.set("child_exit", _ended)

    def _begin(self, worker: Any) -> None:
        """Begin to follow; say that the house can be reached, when the first of all is ready."""
        if self._serving.follow:
            self._following = Running(self._settings)
        if worker.age == 1:
            self._ready()

    def _end(self, _arbiter: Any, _worker: Any) -> None:
        if self._following is not None:
            self._following.stop()

    def load(self) -> Any:
        """Build the application, in a worker."""
        from service.app import start
        from service.wsgi import Later

        built = Later(lambda: start(self._settings))
        # The record was made before the first worker began. One that comes while the database is
        # away goes on trying: gunicorn ends the whole house for a worker that does not come up.
        with contextlib.suppress(DatabaseProblem):
            return built.ready()
        return built


def configuration(settings: Settings, serving: Serving) -> dict[str, Any]:
    """Return gunicorn's settings for a house."""
    from service.api.unread import ADDRESS_BYTES

    return {
        "limit_request_line": ADDRESS_BYTES,
        "bind": [f"{_bracketed(serving.host)}:{serving.port}"],
        "workers": serving.workers,
        "threads": serving.threads,
        "worker_class": Worker,
        "worker_tmp_dir": _signs_of_life(),
        "preload_app": False,
        "control_socket_disable": True,
        "graceful_timeout": serving.grace_seconds,
        "timeout": SILENT_SECONDS,
        "proc_name": "onrecord",
        "loglevel": serving.log_level or settings.log_level,
        "logger_class": GunicornLog,
        # Who the client is, is judged in one place: ONRECORD_TRUSTED_PROXIES.
        "forwarded_allow_ips": "",
    }


def run(settings: Settings, serving: Serving, ready: Callable[[], None]) -> None:
    """Serve until told to stop; ``ready`` is called once, when requests are answered.

    Ends the process (``SystemExit``): 0 when it was told to stop. Workers leave by the same exit,
    and ``ready`` is called in one: what the caller cleans up must look whose process it is.
    Raises ``AddressTaken`` before anything is started.
    """
    # Loaded here and not above: most verbs do without, and what is loaded before the fork lies in
    # memory once.
    import service.app  # noqa: F401

    ensure_free(serving)
    set_up(settings, serving.log_level)
    sys.stdout.flush()
    with _counted_together(settings, serving):
        _Server(settings, serving, ready).run()


@contextmanager
def _counted_together(settings: Settings, serving: Serving) -> Iterator[None]:
    """Make the directory that workers count in, where metrics are asked for; remove it at the end.

    Raises ``AddressTaken`` when nobody can listen where metrics are to be served.
    """
    if settings.metrics_bind is None:
        yield
        return
    host, _, port = settings.metrics_bind.rpartition(":")
    if int(port) == serving.port:
        raise AddressTaken("Metrics are not for readers: ONRECORD_METRICS_BIND needs its own port.")
    ensure_free(Serving(host=host.strip("[]"), port=int(port)), "with ONRECORD_METRICS_BIND")
    # In memory: a mapped file that finds no room on a disk ends the process that counts.
    with together.directory(Path(_signs_of_life())) as made:
        os.environ[DIRECTORY] = str(made)
        yield


def _ended(_arbiter: Any, worker: Any) -> None:
    # Loaded only now: the directory is there since before the first worker.
    from service.metrics.page import ended

    ended(worker.pid)


def ensure_free(serving: Serving, named: str = "with --host and --port") -> None:
    """Raise ``AddressTaken`` unless somebody can listen there; a socket handed on may.

    ``named`` says how another address is named.
    """
    if any(name in os.environ for name in HANDED_ON):
        return
    try:
        found = socket.getaddrinfo(serving.host, serving.port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, place = found[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(place)
    except OSError as error:
        raise AddressTaken(
            f"Nobody can listen on {_bracketed(serving.host)}:{serving.port}"
            f" ({error.strerror or error}). Name another one {named}."
        ) from None


def _signs_of_life() -> str:
    usable = SHARED_MEMORY.is_dir() and os.access(SHARED_MEMORY, os.W_OK)
    return str(SHARED_MEMORY) if usable else tempfile.gettempdir()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
