"""Followers at work in a process: a thread for each, so that a slow one holds up no other.

Rules for editors: started after the fork, never before; each thread opens a store of its own,
for on SQLite a store has one writer.
"""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

from service import followers
from service.assembly import open_store
from service.followers.leadership import lead
from service.followers.loop import Follower, Loop
from service.followers.purging import TIMEOUT_SECONDS
from service.settings import Settings

STOP_SECONDS = TIMEOUT_SECONDS + 2
"""How long a follower may take to stop: a call that it waits for may take so long."""


class Running:
    """The followers of a house, each in its thread, until ``stop``."""

    def __init__(self, settings: Settings) -> None:
        self._stopping = threading.Event()
        # Daemons: a process that is told to end does not wait for a hook that hangs.
        self._threads = [
            threading.Thread(
                target=_run,
                args=(settings, one, self._stopping),
                name=f"follow-{one.name}",
                daemon=True,
            )
            for one in followers.of(settings)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Tell them to stop, and wait until they have, or for ``STOP_SECONDS`` at most."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)


def catch_up(settings: Settings) -> None:
    """Let every follower come to where the record is now; raises the first one's failure."""
    for follower in followers.of(settings):
        with loop(settings, follower) as one:
            one.catch_up(threading.Event())


@contextmanager
def loop(settings: Settings, follower: Follower) -> Iterator[Loop]:
    """Open what a follower works with: a store of its own, and the lead to be had."""
    with closing(open_store(settings)) as store:
        yield Loop(follower, store.reading, lead(store, follower.name))


def _run(settings: Settings, follower: Follower, stopping: threading.Event) -> None:
    with loop(settings, follower) as one:
        one.run(stopping)
