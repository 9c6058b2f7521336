"""The door for WSGI servers: ``gunicorn service.wsgi:app``, ``flask --app service.wsgi run``.

The application is built on the first request of each worker, or when a server's hook calls
``app.ready()`` after the fork; never on import, for what is built before a fork breaks after it.
With it the worker begins to follow the record (``service/followers``), until it ends.
"""

import atexit
import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from service import collecting, metrics, settings
from service.api.problems import of_refusal
from service.app import start as create_app
from service.domain.refusals import Unavailable
from service.followers.running import Running
from service.store.sql import DatabaseProblem

__all__ = ["Later", "app", "create_app"]


AGAIN_SECONDS = 1.0
"""How long a database that could not be used is left alone before it is tried again."""

_log = logging.getLogger(__name__)


def _built() -> Flask:
    found = settings.from_environment()
    app = create_app(found)
    atexit.register(Running(found).stop)
    return app


class Later:
    """A WSGI application that is built when it is first needed, once a process.

    While its database cannot be used it answers 503, and tries again.
    """

    def __init__(self, build: Callable[[], Flask] = _built) -> None:
        self._build = build
        self._lock = threading.Lock()
        self._app: Flask | None = None
        self._problem: DatabaseProblem | None = None
        self._tried = 0.0

    def ready(self) -> Flask:
        """Return the application, building it if need be; what fails says why each time."""
        if self._app is None:
            with self._lock:
                if self._app is None:
                    self._app = self._tried_again()
        return self._app

    def _tried_again(self) -> Flask:
        # Those who waited for this try hear of it: one that takes its time is not repeated by each.
        if self._problem is not None and time.monotonic() - self._tried < AGAIN_SECONDS:
            raise self._problem
        try:
            app = self._build()
        except DatabaseProblem as problem:
            _log.error("The record cannot be served. %s", problem)
            self._problem = problem
            self._tried = time.monotonic()
            raise
        collecting.seldom()
        return app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        if self._app is None and environ.get("wsgi.multiprocess"):
            metrics.ensure_together(settings.from_environment())
        try:
            app = self.ready()
        except DatabaseProblem:
            refusal = Unavailable("The record cannot be read.", retry_after=1)
            return of_refusal(refusal).response()(environ, start_response)
        return app(environ, start_response)


app = Later()
"""What servers call."""
