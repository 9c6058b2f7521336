"""The web application: one house, and the doors hung into it.

Rules for editors: build after the fork (``wsgi.py`` does), never before it: connections and
threads do not survive one. What a door needs of the house is handed it here.
"""

import logging
import sqlite3

from flask import Flask

from service import followers
from service import settings as settings_module
from service.api import door
from service.api.house import House
from service.api.paging import Cursors
from service.assembly import Onrecord, assemble
from service.domain.refusals import Unavailable
from service.settings import Settings
from service.web import pages


def create_app(settings: Settings | None = None, onrecord: Onrecord | None = None) -> Flask:
    """Return the application of one house; without ``settings`` the environment's.

    ``onrecord`` hands in a house that is put together already. Raises ``SettingsError`` or
    ``DatabaseProblem``.
    """
    settings = settings or settings_module.from_environment()
    logging.basicConfig(level=settings.log_level.upper())
    app = Flask("service", static_folder=None)
    onrecord = onrecord or assemble(settings)
    door.open_door(app, behind(onrecord))
    app.register_blueprint(pages.blueprint(onrecord))
    door.close(app)
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
        lags=lambda: followers.lags(onrecord.store.reading(), names, onrecord.clock()),
    )
