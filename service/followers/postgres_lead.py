"""The lead over many hosts: an advisory lock of the very session that writes the bookmark.

Rows and bookmark go through the connection that holds the lock. Who lost the connection has lost
the lead, and cannot write: there is no moment with two who can.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from service.domain.refusals import Unavailable
from service.store.postgres import WRITE_TO, WRITING_SESSION
from service.store.postgres_sql import FAILURES, PostgresSql, connect, explain
from service.store.sql import Sql
from service.store.tables import APPLICATION_ID

LEAD = (
    f"SELECT pg_try_advisory_lock({APPLICATION_ID + 1},"
    " hashtext(current_schema() || '/' || ?)) AS leads"
)
"""Another key than the append lock's: who follows keeps no desk waiting."""

GIVE_UP = "SELECT pg_advisory_unlock_all()"
"""Said before the session is closed: the server ends it, and its lock, some time after that."""

SESSION = {
    **WRITING_SESSION,
    "lock_timeout": "5s",
    # How soon the server notices that a leader's host is gone, and lets another lead.
    "tcp_keepalives_idle": "3",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}


class SessionLead:
    """The lead of one follower, as long as its session lives."""

    def __init__(self, url: str, follower: str) -> None:
        self._url = url
        self._follower = follower
        self._sql: PostgresSql | None = None
        self._leads = False

    def take(self) -> bool:
        """Lead, if nobody else does; True also for who leads already.

        Raises ``Unavailable`` when the server cannot be reached, or was lost since.
        """
        try:
            if self._sql is None:
                self._sql = PostgresSql(connect(self._url, SESSION, WRITE_TO))
            if self._leads:
                self._sql.one("SELECT 1")
            else:
                row = self._sql.one(LEAD, (self._follower,))
                self._leads = row is not None and bool(row["leads"])
        except FAILURES as error:
            self.give_up()
            raise Unavailable(explain(error), retry_after=1) from error
        return self._leads

    @contextmanager
    def writing(self) -> Iterator[Sql]:
        """Hold a transaction, committed at the end; it fails when the lead was lost."""
        assert self._sql is not None, "who writes has taken the lead"
        with self._sql.connection.transaction():
            yield self._sql

    def give_up(self) -> None:
        """Lead no more: whoever asks next may have the lead. The session ends."""
        sql, leads, self._sql, self._leads = self._sql, self._leads, None, False
        if sql is None:
            return
        try:
            if leads and not sql.lost:
                with suppress(psycopg.Error):
                    sql.run(GIVE_UP)
        finally:
            sql.close()
