"""What is done after an act, and not with it: each follower reads the record behind a bookmark.

    act stored ─→ a follower's batch ─→ taken: calls others, at least once
                                     └→ its rows and its bookmark: one transaction, exactly once

``loop`` is the one loop for all of them, ``leadership`` lets one process of all hosts follow,
``bookmarks`` says how far each has come, ``running`` starts and stops them. Who follows in a
house is said in ``of``.

Rules for editors: what a reader must find right after a write is no follower's but the read
model's, written with the act. A new follower is one file and a line in ``of``; it never skips an
act because of an error of its own.
"""

from service.followers.bookmarks import Lag, lags
from service.followers.loop import Follower
from service.followers.purging import Purge
from service.settings import Settings

__all__ = ["Follower", "Lag", "lags", "names", "of"]


def of(settings: Settings) -> tuple[Follower, ...]:
    """Return the followers of a house; none where there is nothing to follow for."""
    return () if settings.purge_url is None else (Purge(settings.purge_url),)


def names(settings: Settings) -> tuple[str, ...]:
    """Return the names of a house's followers, as ``lags`` takes them."""
    return tuple(follower.name for follower in of(settings))
