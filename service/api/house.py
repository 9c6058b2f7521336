"""What the door hands requests on to: one object, made by the composition root (``service/app``).

Rules for editors: resources reach the recorder, the readings and the settings through ``house()``
and through nothing else, so that a test can stand up a house of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app

from service.api.auth import FindToken
from service.api.paging import Cursors
from service.asof import AsOf
from service.ledger import Decision
from service.settings import Settings

EXTENSION = "onrecord"


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """One running house.

    ``record`` runs a decision and returns its answer once durable; ``record_many`` runs many,
    and returns each one's answer or exception. ``head`` returns the
    record's last (position, stored_at in microseconds). ``ready`` returns why the house cannot
    serve, or None.
    """

    settings: Settings
    record: Callable[[Decision], Any]
    record_many: Callable[[Sequence[Decision]], list[Any]]
    asof: AsOf
    cursors: Cursors
    find_token: FindToken
    head: Callable[[], tuple[int, int]]
    ready: Callable[[], str | None]


def house() -> House:
    """Return the house that this request is for."""
    found: House = current_app.extensions[EXTENSION]
    return found


def move_in(app: Flask, to: House) -> None:
    """Make ``app`` the door of ``to``."""
    app.extensions[EXTENSION] = to
