"""How far each follower has read the record, and how far it is behind.

A bookmark is the position of the last act that is done with. It is of the house, not of the
read model: a rebuild leaves it where it is.
"""

from collections.abc import Iterable
from typing import NamedTuple

from service.recorder import host_clock
from service.store import history
from service.store.sql import Sql

MICROSECONDS = 1_000_000


class Lag(NamedTuple):
    """How far a follower is behind: acts, and the age in seconds of the first it has not done."""

    acts: int
    seconds: float


class Displaced(Exception):
    """Another process has moved the bookmark: it leads, and this one's rows must go."""


def read(sql: Sql, follower: str) -> int:
    """Return the last position that a follower is done with; 0 before its first."""
    row = sql.one("SELECT position FROM bookmark WHERE follower = ?", (follower,))
    return 0 if row is None else int(row["position"])


def move(sql: Sql, follower: str, above: int, upto: int) -> None:
    """Move a bookmark, in the transaction of the rows that were made meanwhile.

    Raises ``Displaced`` when it is not at ``above``, where the caller has read it.
    """
    if above == 0:
        sql.run("INSERT INTO bookmark VALUES (?, 0) ON CONFLICT DO NOTHING", (follower,))
    moved = sql.run(
        "UPDATE bookmark SET position = ? WHERE follower = ? AND position = ?",
        (upto, follower, above),
    )
    if moved != 1:
        raise Displaced(f"Another process follows as {follower!r}.")


def lags(sql: Sql, followers: Iterable[str], now: int | None = None) -> dict[str, Lag]:
    """Return how far each follower is behind; ``now`` is in microseconds, else the host's clock.

    One that never ran is behind by the whole record.
    """
    now = host_clock() if now is None else now
    return {name: _lag(sql, name, now) for name in followers}


def _lag(sql: Sql, follower: str, now: int) -> Lag:
    at = read(sql, follower)
    acts = max(0, history.head(sql) - at)
    if acts == 0:
        return Lag(0, 0.0)
    row = sql.one("SELECT stored_at FROM chronicle WHERE position = ?", (at + 1,))
    since = now if row is None else row["stored_at"]
    return Lag(acts, max(0.0, (now - since) / MICROSECONDS))
