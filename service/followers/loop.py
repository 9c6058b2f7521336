"""The one loop of every follower: acts behind a bookmark, in record order, a batch at a time.

One process leads and the others wait for its place. An error is logged and tried again after a
pause that grows up to a bound; no act is passed over, and nothing is done out of turn.

Rules for editors: the loop holds no append lock, and no transaction while a follower takes a
batch; it polls, for SQLite tells nobody of a commit, and a message may be lost on PostgreSQL.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from service.domain.acts import Act
from service.followers import bookmarks
from service.followers.leadership import Lead
from service.store import history
from service.store.sql import Sql

BATCH = 512
"""Positions between two bookmarks: what is repeated at most after a crash."""

LOOK_SECONDS = 0.2
"""How often a leader that is done looks for new acts."""

CANDIDATE_SECONDS = 1.0
"""How often a process that does not lead tries to."""

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
"""After an error; doubled with every one that follows it."""

_log = logging.getLogger(__name__)

Rows = Callable[[Sql], None]
"""Writes a follower's rows, in the transaction that moves its bookmark."""


class Stopped(Exception):
    """The follower was told to stop amid a batch: the bookmark stays, the batch comes again."""


class Follower(Protocol):
    """What follows the record. ``acts`` are the sorts it is shown; none named: all of them."""

    @property
    def name(self) -> str:
        """The name its bookmark and its lock are kept under: for ever, and nobody else's."""

    @property
    def acts(self) -> Sequence[type[Act]]:
        """The sorts of acts that it is shown."""

    def take(self, sql: Sql, batch: Sequence[Act], stopping: threading.Event) -> Rows | None:
        """Do what follows from acts, in order; return what writes its rows, if it has any.

        ``sql`` reads. It may be shown the same acts again. Raises ``Stopped`` when ``stopping``
        is set before it is done, or any other exception when it must be tried again.
        """


class Loop:
    """A follower at work, in one thread; ``reading`` returns the connection that it reads with."""

    def __init__(self, follower: Follower, reading: Callable[[], Sql], lead: Lead) -> None:
        self.follower = follower
        self._reading = reading
        self._lead = lead

    def run(self, stopping: threading.Event) -> None:
        """Follow until told to stop, leading or waiting to lead."""
        failures = 0
        try:
            while not stopping.is_set():
                try:
                    pause = self._turn(stopping)
                    failures = 0
                except Stopped:
                    return
                except Exception as error:
                    # Another process may fare better: who fails gives the lead away.
                    self._lead.give_up()
                    pause = min(FIRST_PAUSE_SECONDS * 2**failures, LONGEST_PAUSE_SECONDS)
                    failures += 1
                    name = self.follower.name
                    # Not its words: they may be a newsroom's, and the log knows which may be told.
                    _log.warning("follower %s tries again in %s s", name, pause, exc_info=error)
                stopping.wait(pause)
        finally:
            self._lead.give_up()

    def catch_up(self, stopping: threading.Event) -> None:
        """Return when all acts that are there now are done with, by whoever leads.

        Raises what the follower raised; its bookmark is then where it was.
        """
        head = history.head(self._reading())
        try:
            while self.position() < head and not stopping.is_set():
                stopping.wait(self._turn(stopping))
        finally:
            self._lead.give_up()

    def position(self) -> int:
        """Return the last position that is done with."""
        return bookmarks.read(self._reading(), self.follower.name)

    def _turn(self, stopping: threading.Event) -> float:
        """Do a batch, if this process leads; return for how many seconds to pause."""
        if not self._lead.take():
            return CANDIDATE_SECONDS
        sql = self._reading()
        above = self.position()
        upto = min(history.head(sql), above + BATCH)
        if upto <= above:
            return LOOK_SECONDS
        batch = history.between(sql, above, upto, self.follower.acts)
        rows = self.follower.take(sql, batch, stopping) if batch else None
        with self._lead.writing() as writing:
            if rows is not None:
                rows(writing)
            bookmarks.move(writing, self.follower.name, above, upto)
        return 0 if upto - above == BATCH else LOOK_SECONDS
