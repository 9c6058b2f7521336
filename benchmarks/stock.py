"""Plain eventsourcing: an aggregate of the library's own, saved by the library's own recorder.

It stores the same words as ours, one stream a development, and nothing else: no envelope, no
read model, no validation.
"""

import os
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from benchmarks.stores import POSTGRESQL, Place


class Report(Aggregate):
    """A development as plain eventsourcing has it: its content, and each revision of it."""

    @event("Reported")
    def __init__(self, story: str, at: int, content: dict[str, Any]) -> None:
        self.story = story
        self.at = at
        self.content = content
        self.status = "standing"

    @event("Revised")
    def revise(self, at: int, changes: dict[str, Any], status: str) -> None:
        """Take changes of the content, and a status."""
        self.at = at
        self.content = {**self.content, **changes}
        self.status = status


class Reports(Application[UUID]):
    """The library's application, as its own introduction writes one."""


def application(place: Place) -> Reports:
    """Return the library's application on a place's store, with its own tables and settings."""
    return Reports(env={**os.environ, **_settings(place)})


def _settings(place: Place) -> Mapping[str, str]:
    if place.store != POSTGRESQL:
        return {
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": f"file:{place.directory / 'stock.db'}",
            "SQLITE_LOCK_TIMEOUT": "60",
        }
    from psycopg.conninfo import conninfo_to_dict

    given = conninfo_to_dict(place.url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(given["dbname"]),
        "POSTGRES_HOST": str(given.get("host", "")),
        "POSTGRES_PORT": str(given.get("port", "5432")),
        "POSTGRES_USER": str(given.get("user", "postgres")),
        "POSTGRES_PASSWORD": str(given.get("password", "")),
        "POSTGRES_POOL_SIZE": "16",
        "POSTGRES_MAX_OVERFLOW": "0",
        "POSTGRES_LOCK_TIMEOUT": "5",
    }


def saving(app: Reports, bodies: Callable[[], dict[str, Any]]) -> Callable[[], None]:
    """Return a writer that saves one report after another."""

    def write() -> None:
        app.save(Report("story", 0, bodies()))

    return write
