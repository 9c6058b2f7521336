"""At which world times what some families of slots say may change, and what begins there.

Asked: *which were the last 500 moments at which this story's level may have become another, as
known at this basis, and what began at each?* The rows are those of ``assignments``.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import orjson

from service.domain.kinds import Assignment
from service.readmodel import versions
from service.readmodel.assignments import decoded
from service.store.sql import FOREVER, Row, Sql

MOMENTS = 2
"""For each turn that is wanted, moments of the timeline that are looked back over at first.

Not all of them are turns; of how many, the first look tells the second."""

LOOKS = 2
"""How often it is looked back over the timeline, before each slot's own history is."""


class Turns(NamedTuple):
    """World times, latest first, and the rows of what began at them, slot by slot."""

    points: list[int]
    rows: list[Row]

    def begun(self) -> Iterator[tuple[int, list[Assignment]]]:
        """Yield each point after the oldest, that first, with what began there and stands."""
        oldest = self.points[-1] if self.points else FOREVER
        # Of those that began in a slot at once the last one stands.
        bodies = {(at, name): body for name, at, body in self.rows if at > oldest}
        read = orjson.loads(b"[%b]" % b",".join(bodies.values()))
        begun: dict[int, list[Assignment]] = {}
        for (at, name), body in zip(bodies, read, strict=True):
            begun.setdefault(at, []).append(decoded(name, body))
        for at in self.points[-2::-1]:
            yield at, begun.get(at, [])


def latest(
    sql: Sql, story: int, families: Sequence[str],
    *, upto: int, clamp: int, position: int, limit: int,
) -> Turns:  # fmt: skip
    """Return the latest turns of some families (LIKE patterns) up to a world time.

    There answers begin, or what an answer says ends by itself: a deadline, a plan's end. No
    answer known at the position begins after ``clamp``.
    """
    clamp, back = min(upto, clamp), limit * MOMENTS
    for _ in range(LOOKS):
        since = versions.moment_back(sql, story, upto=clamp, position=position, back=back)
        first = -FOREVER if since is None else since
        found = _since(sql, story, families, (first, upto), clamp, position)
        if since is None or len(found.points) >= limit:
            return Turns(found.points[:limit], found.rows)
        back = back * limit * MOMENTS // max(1, len(found.points))
    points = _points(sql, story, families, upto, clamp, position, limit)
    return _since(sql, story, families, (points[-1] if points else upto, upto), clamp, position)


def _since(
    sql: Sql, story: int, families: Sequence[str], span: tuple[int, int], clamp: int, position: int
) -> Turns:
    since, upto = span
    begun, passed = sql.asks(
        [
            (
                "SELECT s.name AS name, a.valid_from AS at, a.body AS body"
                " FROM slot s JOIN assignment a ON a.slot = s.number"
                f" WHERE s.story = ? AND {_named(families)}"
                " AND a.valid_from >= ? AND a.valid_from <= ?"
                " AND a.known_from <= ? AND a.known_to > ?"
                " ORDER BY s.name, a.valid_from, a.occurred_latest, a.report",
                (story, *families, since, clamp, position, position),
            ),
            (
                "SELECT t.at AS at FROM turning_point t WHERE t.story = ?"
                " AND t.at >= ? AND t.at <= ? AND t.known_from <= ? AND t.known_to > ?",
                (story, since, upto, position, position),
            ),
        ]
    )
    points = {row["at"] for rows in (begun, passed) for row in rows}
    return Turns(sorted(points, reverse=True), begun)


def _points(
    sql: Sql, story: int, families: Sequence[str], upto: int, clamp: int, position: int, limit: int
) -> list[int]:
    """Return the points alone, however far back they lie."""
    of_slots = (
        f"SELECT (SELECT group_concat(CAST(l.at AS TEXT), ' ') FROM ({OF_SLOT}) l) AS turns"
        f" FROM slot s WHERE s.story = ? AND {_named(families)}"
    )
    by_themselves = (
        "SELECT DISTINCT t.at AS at FROM turning_point t WHERE t.story = ? AND t.at <= ?"
        " AND t.known_from <= ? AND t.known_to > ? ORDER BY t.at DESC LIMIT ?"
    )
    slots, passed = sql.asks(
        [
            (of_slots, (clamp, position, position, limit, story, *families)),
            (by_themselves, (story, upto, position, position, limit)),
        ]
    )
    found = {row["at"] for row in passed}
    for row in slots:
        found.update(map(int, (row["turns"] or "").split()))
    return sorted(found, reverse=True)[:limit]


# Of each slot no more than what all of them together may tell: a slot can hold a long history.
OF_SLOT = f"""SELECT DISTINCT b.valid_from AS at FROM assignment b
    WHERE b.slot = s.number
        AND (b.valid_from, b.occurred_latest, b.report) <= (?, {FOREVER}, {FOREVER})
        AND b.known_from <= ? AND b.known_to > ?
    ORDER BY b.valid_from DESC LIMIT ?"""


def _named(families: Sequence[str]) -> str:
    return f"({' OR '.join(['s.name LIKE ?'] * len(families))})"
