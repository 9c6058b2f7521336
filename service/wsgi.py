"""The door for WSGI servers: ``gunicorn service.wsgi:app``, ``flask --app service.wsgi run``.

The application is built on the first request of each worker, or when a server's hook calls
``app.ready()`` after the fork; never on import, for what is built before a fork breaks after it.
With it the worker begins to follow the record (``service/followers``), until it ends.
"""

import atexit
import threading
from collections.abc import Iterable
from typing import Any

from flask import Flask

from service import metrics, settings
from service.app import start as create_app
from service.followers.running import Running

__all__ = ["Later", "app", "create_app"]


class Later:
    """A WSGI application that is built when it is first needed, once a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._app: Flask | None = None

    def ready(self) -> Flask:
        """Return the application, building it if need be; what fails says why each time."""
        if self._app is None:
            with self._lock:
                if self._app is None:
                    found = settings.from_environment()
                    self._app = create_app(found)
                    atexit.register(Running(found).stop)
        return self._app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        if self._app is None and environ.get("wsgi.multiprocess"):
            metrics.ensure_together(settings.from_environment())
        return self.ready()(environ, start_response)


app = Later()
"""What servers call."""
