"""The library's recorder on our tables in PostgreSQL.

It inserts acts in the store's own transaction and selects them for the library's mapper,
notification log and projections. Its own way of writing is closed: positions are given under
the store's append lock, and the library's functions in the database (``enable_db_functions``)
would let a reader who follows the log miss acts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import Notification, ProgrammingError, StoredEvent
from eventsourcing.postgres import ConnectionPool, PostgresApplicationRecorder, PostgresDatastore
from psycopg.rows import dict_row

from service.store import envelope
from service.store.postgres_columns import Bigints, Byteas, Texts
from service.store.postgres_pipeline import Pipeline
from service.store.postgres_words import INSERT_ACT, INSERT_ACTS

SORTS = (Texts, Bigints, Texts, Byteas, Bigints, Byteas, Byteas, Byteas, Texts)
"""The columns of acts that are inserted together, in the order of ``INSERT_ACTS``."""

LIBRARY_CONNECTIONS = 4
"""Connections that the library's own readings may hold in one process; opened when asked for."""


class ActsDatastore(PostgresDatastore):
    """The library's datastore, for reading; ``connection`` is what psycopg connects with."""

    def __init__(self, connection: Mapping[str, Any], schema: str) -> None:
        super().__init__("", "", "", "", "", schema=schema, originator_id_type="uuid")
        self.pool = ConnectionPool(
            kwargs={**connection, "autocommit": True, "row_factory": dict_row},
            min_size=0,
            max_size=LIBRARY_CONNECTIONS,
            open=False,
            check=ConnectionPool.check_connection,
        )

    def register_type_adapters(self) -> None:
        """Do nothing: acts travel as arrays, not as a type of the library's own."""


class PostgresActs(PostgresApplicationRecorder):
    """Envelope and content apart, positions given; streams lie as hexadecimal text."""

    def __init__(self, datastore: ActsDatastore) -> None:
        super().__init__(datastore, events_table_name="acts")
        self.sql_create_statements.clear()

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        """Refuse: acts are inserted under the append lock, by ``PostgresStore.insert``."""
        raise ProgrammingError("Acts are written by the store, under its append lock.")

    def insert(
        self,
        cursor: psycopg.Cursor[Any] | Pipeline,
        acts: Sequence[StoredEvent],
        positions: Sequence[int],
    ) -> None:
        """Insert acts at positions, in the caller's transaction and under its lock."""
        rows = []
        for act, position in zip(acts, positions, strict=True):
            first, *rest = envelope.split(act.state)
            stream = hexadecimal(act.originator_id)
            rows.append((stream, act.originator_version, act.topic, first, position, *rest))
        if len(rows) == 1:
            *row, document, note, audit, salt = rows[0]
            cursor.execute(INSERT_ACT, (*row, row[-1], document, note, audit, salt))
        elif rows:
            columns = zip(SORTS, zip(*rows, strict=True), strict=True)
            cursor.execute(INSERT_ACTS, [sort(values) for sort, values in columns])

    def select_events(self, originator_id: UUID | str, **bounds: Any) -> Sequence[StoredEvent]:
        """Return a stream's acts; ``bounds`` are the library's."""
        found = super().select_events(hexadecimal(originator_id), **bounds)
        return [replace(event, originator_id=UUID(str(event.originator_id))) for event in found]

    def select_notifications(self, *bounds: Any, **more: Any) -> Sequence[Notification]:
        """Return acts in the order of their positions; the arguments are the library's."""
        found = super().select_notifications(*bounds, **more)
        return [replace(one, originator_id=UUID(str(one.originator_id))) for one in found]


def hexadecimal(stream: UUID | str) -> str:
    """Return a stream's id as it lies in the store."""
    return stream if isinstance(stream, str) else stream.hex
