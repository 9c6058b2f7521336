"""The web application: one house, and the doors hung into it.

Rules for editors: build after the fork (``wsgi.py`` does), never before it: connections and
threads do not survive one. What a door needs of the house is handed it here.
"""

import sqlite3
from typing import Any

from flask import Flask

from service import followers, logs
from service import settings as settings_module
from service.api import door
from service.api.house import House, at
from service.api.paging import Cursors
from service.assembly import Onrecord, assemble
from service.domain.refusals import Unavailable
from service.settings import Settings
from service.web import pages


class _App(Flask):
    """Flask, whose log of an error leaves the address out: the line has its operation and id."""

    def log_exception(self, exc_info: Any) -> None:
        self.logger.error("A request failed", exc_info=exc_info)


def create_app(settings: Settings | None = None, onrecord: Onrecord | None = None) -> Flask:
    """Return the application of one house; without ``settings`` the environment's.

    ``onrecord`` hands in a house that is put together already. Raises ``SettingsError`` or
    ``DatabaseProblem``.
    """
    settings = settings or settings_module.from_environment()
    app = _App("service", static_folder=None)
    onrecord = onrecord or assemble(settings)
    door.open_door(app, behind(onrecord))
    app.register_blueprint(pages.blueprint(onrecord))
    door.close(app)
    return app


def start(settings: Settings | None = None) -> Flask:
    """Return the application in the process that serves it: with its log, and its metrics.

    Arguments and errors are those of ``create_app``.
    """
    settings = settings or settings_module.from_environment()
    logs.set_up(settings)
    if settings.metrics_bind is None:
        return create_app(settings)
    # What counts looks, when it is loaded, whether it counts for several processes.
    from service.metrics.counting import Counting
    from service.metrics.now import Now
    from service.metrics.page import serve

    counting = Counting()
    onrecord = assemble(settings, watch=counting)
    app = create_app(settings, onrecord)
    sort = "sqlite" if settings.on_sqlite else "postgresql"
    serve(settings.metrics_bind, counting, Now(store=sort, head=onrecord.head, lags=at(app).lags))
    return app


def behind(onrecord: Onrecord) -> House:
    """Return what the HTTP door needs of a house."""

    def ready() -> str | None:
        try:
            onrecord.head()
        except (sqlite3.Error, Unavailable):
            return "The record cannot be read."
        return None

    names = followers.names(onrecord.settings)
    return House(
        settings=onrecord.settings,
        record=onrecord.recorder.record,
        record_many=onrecord.recorder.record_many,
        asof=onrecord.asof,
        cursors=Cursors(settings_module.secret_key(onrecord.settings)),
        find_token=onrecord.find_token,
        head=onrecord.head,
        ready=ready,
        watch=onrecord.watch,
        lags=lambda: followers.lags(onrecord.store.reading(), names, onrecord.clock()),
    )
