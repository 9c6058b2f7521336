"""Putting a house together: settings → store → recorder, readings. The one composition root
that every door (HTTP, command line, pages) stands on.

Built after a fork, never before: connections and threads do not survive one.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from service import readmodel, tokens
from service.asof import AsOf
from service.domain.refusals import NotFound
from service.ledger import Desk, Ledger
from service.readmodel import chronicle
from service.recorder import Recorder, host_clock
from service.settings import Settings
from service.store import house
from service.store.sql import DatabaseProblem
from service.store.sqlite import SqliteStore
from service.tokens import TokenRow
from service.watch import Watch

if TYPE_CHECKING:
    from service.store.postgres import PostgresStore

TABLES = (*house.TABLES, *readmodel.TABLES)
"""Every table beside the record's own."""

OPERATOR = "operator"
"""Who acts from the command line: whoever runs the machine."""


@dataclass(frozen=True, kw_only=True)
class Onrecord:
    """One running house: its record, its writer, its readings."""

    settings: Settings
    store: "SqliteStore | PostgresStore"
    recorder: Recorder
    asof: AsOf
    clock: Callable[[], int]
    watch: Watch = field(default_factory=Watch)

    def head(self) -> tuple[int, int]:
        """Return the record's last (position, stored_at in microseconds); zeros when empty."""
        last = chronicle.head(self.store.reading())
        return (0, 0) if last is None else (last.position, last.stored_at)

    def find_token(self, sha256: str) -> TokenRow | None:
        """Return the token whose secret has this SHA-256 (hex), revoked or not."""
        return house.find_token(self.store.reading(), sha256)

    def create_token(
        self, *, newsroom: str, role: str, name: str, by: str = OPERATOR, **more: Any
    ) -> str:
        """Make a token and store its hash; return its text, which is shown this once.

        ``more`` may set ``house`` (an auditor of the whole house), ``story``, ``expires_at``.
        """
        text = tokens.make()
        token = TokenRow(
            id=f"tok_{secrets.token_hex(6)}",
            newsroom=newsroom,
            role=role,
            name=name,
            sha256=tokens.digest(text),
            created_at=self.clock(),
            **more,
        )
        self.recorder.record(lambda ledger: house.add_token(ledger.sql, token, by=by))
        return text

    def revoke_token(self, token_id: str, by: str = OPERATOR) -> None:
        """Revoke a token. Raises ``NotFound`` when none stands under this id."""

        def decide(ledger: Ledger) -> None:
            if not house.revoke_token(ledger.sql, token_id, at=ledger.stored_at, by=by):
                raise NotFound(f"No token stands under {token_id!r}.")

        self.recorder.record(decide)

    def all_tokens(self) -> list[TokenRow]:
        """Return every token, oldest first, without its secret."""
        return house.all_tokens(self.store.reading())

    def desk(self, newsroom: str) -> Desk:
        """Return the desk of whoever runs the machine, acting for a newsroom."""
        return Desk(newsroom=newsroom, by=OPERATOR)

    def close(self) -> None:
        """Close the store."""
        self.store.close()


def assemble(
    settings: Settings,
    *,
    init: bool = True,
    clock: Callable[[], int] = host_clock,
    watch: Watch | None = None,
) -> Onrecord:
    """Open the house that the settings name; ``init`` creates or migrates its database.

    ``watch`` is told how it does. Raises ``DatabaseProblem`` when the database cannot be used.
    """
    store = open_store(settings)
    if init:
        store.init()
    else:
        store.check()
    return Onrecord(
        settings=settings,
        store=store,
        recorder=Recorder(store, clock, settings.queue_length, watch),
        asof=AsOf(store.reading, clock),
        clock=clock,
        watch=watch or Watch(),
    )


def open_store(settings: Settings) -> "SqliteStore | PostgresStore":
    """Return the store that the settings name; nothing is opened yet.

    Raises ``DatabaseProblem`` when PostgreSQL is named and its driver is not installed.
    """
    if settings.on_sqlite:
        return SqliteStore(settings.database_path, TABLES)
    try:
        from service.store.postgres import PostgresStore
    except ImportError as error:
        raise DatabaseProblem(
            f"PostgreSQL needs its driver ({error}). Run: pip install 'onrecord[postgres]'"
        ) from error
    return PostgresStore(settings.database_url, TABLES)
