"""What the door hands requests on to: one object, made by the composition root (``service/app``).

Rules for editors: resources reach the recorder, the readings and the settings through ``house()``
and through nothing else, so that a test can stand up a house of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app

from service.api.auth import FindToken
from service.api.paging import Cursors
from service.api.recall import Kept, Stand
from service.asof import AsOf
from service.followers import Lag
from service.ledger import Decision
from service.settings import Settings
from service.watch import Watch

EXTENSION = "onrecord"
SECOND = 1_000_000
"""A second in microseconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """One running house.

    ``record`` runs a decision and returns its answer once durable; ``record_many`` runs many,
    and returns each one's answer or exception. ``head`` returns the
    record's last (position, stored_at in microseconds). ``ready`` returns why the house cannot
    serve, or None; ``lags`` how far each follower is behind. ``kept`` holds answers for the next
    who ask the same; ``watch`` is told how requests do.
    """

    settings: Settings
    record: Callable[[Decision], Any]
    record_many: Callable[[Sequence[Decision]], list[Any]]
    asof: AsOf
    cursors: Cursors
    find_token: FindToken
    head: Callable[[], tuple[int, int]]
    ready: Callable[[], str | None]
    lags: Callable[[], Mapping[str, Lag]] = dict
    kept: Kept = field(default_factory=Kept)
    watch: Watch = field(default_factory=Watch)

    def stand(self) -> Stand | None:
        """Return what an answer made now rests on; None when the record cannot be read."""
        try:
            return self.head()[0], self.asof.clock() // SECOND
        except Exception:  # Whatever it is, the application tells it as a problem.
            return None


def house() -> House:
    """Return the house that this request is for."""
    return at(current_app)


def at(app: Flask) -> House:
    """Return the house that an application is the door of."""
    found: House = app.extensions[EXTENSION]
    return found


def move_in(app: Flask, to: House) -> None:
    """Make ``app`` the door of ``to``."""
    app.extensions[EXTENSION] = to
