"""The composition root: settings in, a house with its doors out. Nothing else puts parts together.

Rules for editors: build after the fork (``wsgi.py`` does), never before it: connections and
threads do not survive one. What needs another part is handed it here, by argument.
"""

import logging
import time
from collections.abc import Callable

from flask import Flask

from service import settings as settings_module
from service.api import door
from service.api.auth import FindToken
from service.api.house import House
from service.api.paging import Cursors
from service.asof import AsOf
from service.readmodel import TABLES, chronicle
from service.recorder import Recorder, host_clock
from service.settings import Settings, SettingsError
from service.store import house as house_record
from service.store.sqlite import SqliteStore
from service.tokens import TokenRow

TOKEN_SECONDS = 2.0
"""How long a worker remembers a token: revocation must reach every worker within 5 seconds."""

TOKENS_REMEMBERED = 10_000
"""Tokens that a worker remembers; beyond it, it forgets them all and asks again."""


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application of one house. Raises ``SettingsError`` or ``DatabaseProblem``."""
    settings = settings or settings_module.from_environment()
    logging.basicConfig(level=settings.log_level.upper())
    app = Flask("service", static_folder=None)
    door.open_door(app, make_house(settings))
    door.close(app)
    return app


def make_house(settings: Settings, clock: Callable[[], int] = host_clock) -> House:
    """Return a house on the store that the settings name; ``clock`` is in microseconds."""
    store = open_store(settings)
    store.init()
    recorder = Recorder(store, clock)

    def head() -> tuple[int, int]:
        last = chronicle.head(store.reading())
        return (last.position, last.stored_at) if last else (0, 0)

    def ready() -> str | None:
        head()
        return None

    return House(
        settings=settings,
        record=recorder.record,
        asof=AsOf(store.reading, clock),
        cursors=Cursors(settings_module.secret_key(settings)),
        find_token=finder(store),
        head=head,
        ready=ready,
    )


def open_store(settings: Settings) -> SqliteStore:
    """Return the store that the settings name."""
    if not settings.on_sqlite:
        raise SettingsError("ONRECORD_DATABASE_URL: this release keeps its record on SQLite.")
    return SqliteStore(settings.database_path, TABLES)


def finder(store: SqliteStore) -> FindToken:
    """Return a look-up of tokens that remembers, briefly, what it found."""
    remembered: dict[str, tuple[float, TokenRow]] = {}

    def find(sha256: str) -> TokenRow | None:
        now = time.monotonic()
        known = remembered.get(sha256)
        if known is not None and now - known[0] < TOKEN_SECONDS:
            return known[1]
        found = house_record.find_token(store.reading(), sha256)
        if found is None:
            return None
        if len(remembered) >= TOKENS_REMEMBERED:
            remembered.clear()
        row = TokenRow(
            id=found.id,
            newsroom=found.newsroom,
            role=found.role,
            name=found.name,
            sha256=sha256,
            expires_at=found.expires_at,
            revoked_at=found.revoked_at,
        )
        remembered[sha256] = (now, row)
        return row

    return find
