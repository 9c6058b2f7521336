"""One leader for each follower, across the threads, processes and hosts of a house.

On SQLite it holds a lock (flock) on a file beside the database, on PostgreSQL a session's
advisory lock (``postgres_lead``). Either goes with the process that holds it, however that ends.
"""

import fcntl
import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from service.store.sql import Sql
from service.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from service.store.postgres import PostgresStore


class Lead(Protocol):
    """The lead of one follower, to be had by one process at a time."""

    def take(self) -> bool:
        """Lead, if nobody else does; True also for who leads already."""

    def writing(self) -> AbstractContextManager[Sql]:
        """Hold a transaction, committed at the end; it fails when the lead was lost."""

    def give_up(self) -> None:
        """Lead no more."""


class FileLead:
    """The lead on one machine: a locked file beside the database.

    A transaction is one of ``store``, which nobody else may write with. That no other process
    moved the bookmark, the bookmark itself says.
    """

    def __init__(self, store: SqliteStore, follower: str) -> None:
        self._store = store
        path = store.path
        self._path: Path = path.with_name(f"{path.name}-follow-{follower}")
        self._file: int | None = None

    def take(self) -> bool:
        """Lead, if nobody else does; True also for who leads already."""
        if self._file is not None:
            return True
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        except BaseException:
            os.close(file)
            raise
        self._file = file
        return True

    def writing(self) -> AbstractContextManager[Sql]:
        """Hold a transaction, committed at the end."""
        return self._store.writing()

    def give_up(self) -> None:
        """Lead no more."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def lead(store: "SqliteStore | PostgresStore", follower: str) -> Lead:
    """Return what a process leads a follower with, on the store that its bookmark is in."""
    if isinstance(store, SqliteStore):
        return FileLead(store, follower)
    from service.followers.postgres_lead import SessionLead

    return SessionLead(store.url, follower)
