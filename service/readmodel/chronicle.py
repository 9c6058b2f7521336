"""The story's acts in record order: one narrow row each.

Asked: *what was the story's last act at a moment of record time; how many developments did it
have then; what happened between two positions?* The counters run along, so that a count at any
position is one row away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from service.domain import acts
from service.domain.acts import Act
from service.domain.developments import Development
from service.readmodel import stories
from service.readmodel.stories import StoryRow, Viewer
from service.store.sql import Question, Row, Sql, padded, placeholders

CORRECTING = "act IN ('DevelopmentCorrected', 'DevelopmentClarified', 'DevelopmentWithdrawn')"
"""The acts that corrections logs list."""

TABLES = (
    """CREATE TABLE chronicle (
        position INTEGER PRIMARY KEY,
        story INTEGER NOT NULL,
        recorded_at INTEGER NOT NULL,
        stored_at INTEGER NOT NULL,
        act TEXT NOT NULL,
        development INTEGER,
        version INTEGER,
        newsroom TEXT NOT NULL,
        by TEXT NOT NULL,
        developments INTEGER NOT NULL,
        corrected INTEGER NOT NULL,
        withdrawn INTEGER NOT NULL,
        quiet_since INTEGER)""",
    # known_at -> position; within a story recorded_at and position rise together.
    "CREATE INDEX chronicle_of_story ON chronicle (story, recorded_at, position)",
    # Whether the story took developments at a position: the last of these few acts.
    "CREATE INDEX chronicle_of_closings ON chronicle (story, position)"
    " WHERE act IN ('StoryClosed', 'StoryReopened')",
    # The corrections logs, the house's and a story's: few acts among many.
    f"CREATE INDEX chronicle_of_corrections ON chronicle (position) WHERE {CORRECTING}",
    "CREATE INDEX chronicle_of_corrections_in_story ON chronicle (story, position)"
    f" WHERE {CORRECTING}",
)


class Moment(NamedTuple):
    """A story right after one of its acts. Counts are of what was known at the position."""

    position: int
    recorded_at: int
    stored_at: int
    developments: int = 0
    corrected: int = 0
    withdrawn: int = 0
    quiet_since: int | None = None


def after(act: Act, last: Moment | None, before: Development | None) -> Moment:
    """Return the moment after an act; ``before`` is the development it is on, if any."""
    stamp = act.stamp
    developments, corrected, withdrawn, quiet_since = last[3:] if last else (0, 0, 0, None)
    if isinstance(act, acts.DevelopmentAct):
        quiet_since = stamp.recorded_at
        if before is None:
            developments += 1
        elif isinstance(act, acts.DevelopmentCorrected):
            corrected += not before.corrected
        elif isinstance(act, acts.DevelopmentWithdrawn):
            withdrawn += 1
    return Moment(
        stamp.position, stamp.recorded_at, stamp.stored_at,
        developments, corrected, withdrawn, quiet_since,
    )  # fmt: skip


class Counts:
    """What the rows of every story count, up to a position."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[int, int, int, int | None]] = {}

    def added(self, row: Sequence[Any]) -> Sequence[Any]:
        """Return the next row of the record, given one that counts its own act alone."""
        *said, developments, corrected, withdrawn, quiet_since = row
        story = said[1]
        last = self._last.get(story, (0, 0, 0, None))
        now = self._last[story] = (
            last[0] + developments,
            last[1] + corrected,
            last[2] + withdrawn,
            last[3] if quiet_since is None else quiet_since,
        )
        return (*said, *now)


def write(sql: Sql, number: int, act: Act, moment: Moment, development: Development | None) -> None:
    """Write one act's row."""
    sql.later(
        "INSERT INTO chronicle VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            moment.position,
            number,
            moment.recorded_at,
            moment.stored_at,
            act.name,
            development.report_position if development else None,
            development.version if development else None,
            act.stamp.newsroom,
            act.stamp.by,
            moment.developments,
            moment.corrected,
            moment.withdrawn,
            moment.quiet_since,
        ),
    )


def last(sql: Sql, number: int) -> Moment | None:
    """Return the story's moment now."""
    return _moment(
        sql.one(
            "SELECT * FROM chronicle WHERE story = ?"
            " ORDER BY recorded_at DESC, position DESC LIMIT 1",
            (number,),
        )
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """Where the whole record stands: its last position, and when that was stored."""

    position: int
    stored_at: int


Present = tuple[StoryRow, Moment, Head]
"""A story, its moment now and the record's head."""


def story_at(
    sql: Sql, story: str, viewer: Viewer, position: int
) -> tuple[Present, Moment | None] | None:
    """Return what ``story_now`` does, and the story's moment at a position, in one round trip.

    None as ``stories.find``; no moment before the story's first act.
    """
    own = (
        "SELECT * FROM chronicle WHERE position = ?"
        " AND story = (SELECT number FROM story WHERE id = ?)"
    )
    now, there = sql.asks([_now(story, viewer), (own, (position, story))])
    if not now:
        return None
    present = _present(now[0])
    return present, moment(there[0]) if there else at_position(sql, present[0].number, position)


def story_now(sql: Sql, story: str, viewer: Viewer) -> Present | None:
    """Return a readable story, its moment now and the record's head, in one look.

    None as ``stories.find``.
    """
    row = sql.one(*_now(story, viewer))
    return None if row is None else _present(row)


def _now(story: str, viewer: Viewer) -> Question:
    condition, params = stories.readable(viewer)
    return (
        "SELECT s.*, c.position, c.recorded_at, c.stored_at, c.developments, c.corrected,"
        " c.withdrawn, c.quiet_since, h.position AS head, h.stored_at AS head_stored_at"
        f" FROM (SELECT * FROM story WHERE id = ? AND {condition}) s"
        " JOIN chronicle c ON c.position = (SELECT l.position FROM chronicle l"
        " WHERE l.story = s.number ORDER BY l.recorded_at DESC, l.position DESC LIMIT 1)"
        " JOIN chronicle h ON h.position = (SELECT max(position) FROM chronicle)",
        (story, *params),
    )


def _present(row: Row) -> Present:
    head = Head(position=row["head"], stored_at=row["head_stored_at"])
    return stories.row_of(row), moment(row), head


def at_recorded(sql: Sql, number: int, known_at: int) -> Moment | None:
    """Return the story's moment at a record time; None before its first act."""
    return _moment(
        sql.one(
            "SELECT * FROM chronicle WHERE story = ? AND recorded_at <= ?"
            " ORDER BY recorded_at DESC, position DESC LIMIT 1",
            (number, known_at),
        )
    )


def at_position(sql: Sql, number: int, position: int) -> Moment | None:
    """Return the story's moment at a position of the record; None before its first act."""
    row = sql.one("SELECT * FROM chronicle WHERE position = ? AND story = ?", (position, number))
    if row is None:
        # Nothing is recorded later than it is stored, so that the record's own act there bounds
        # the search: from it the story's last one is near, however long the story goes on.
        row = sql.one(
            "SELECT * FROM chronicle WHERE story = ? AND position <= ? AND recorded_at <="
            " (SELECT stored_at FROM chronicle WHERE position <= ? ORDER BY position DESC LIMIT 1)"
            " ORDER BY recorded_at DESC, position DESC LIMIT 1",
            (number, position, position),
        )
    return _moment(row)


def is_open(sql: Sql, number: int, position: int) -> bool:
    """Tell whether the story took developments at a position of the record."""
    row = sql.one(
        "SELECT act FROM chronicle WHERE story = ? AND position <= ?"
        " AND act IN ('StoryClosed', 'StoryReopened') ORDER BY position DESC LIMIT 1",
        (number, position),
    )
    return row is None or row["act"] == "StoryReopened"


def head(sql: Sql) -> Moment | None:
    """Return the last act of the whole record."""
    return _moment(sql.one("SELECT * FROM chronicle ORDER BY position DESC LIMIT 1"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Which acts of a story to list: positions above ``above`` up to ``upto``, and filters.

    ``newsroom`` is whose acts, ``by`` which token's. ``about`` is a world time: only acts that
    may say something about it, on developments that had happened by then.
    """

    above: int
    upto: int
    act: str | None = None
    development: int | None = None
    by: str | None = None
    newsroom: str | None = None
    about: int | None = None
    newest_first: bool = False


ABOUT = (
    "(act IN ('SummaryWritten', 'LevelOverridden') AND recorded_at <= ? OR EXISTS ("
    "SELECT 1 FROM version v WHERE v.development = chronicle.development AND v.valid_from <= ?"
    " AND (v.known_from = chronicle.position OR v.known_to = chronicle.position)))"
)
"""It made or ended a version that had happened by then; what editors write begins when written."""


def rows(sql: Sql, number: int, span: Span, limit: int) -> list[Row]:
    """Return rows of a story in record order, at most ``limit``."""
    wheres, params = ["story = ?", "position > ?", "position <= ?"], [number, span.above, span.upto]
    filters: Sequence[tuple[str, Any]] = (
        ("act", span.act),
        ("development", span.development),
        ("by", span.by),
        ("newsroom", span.newsroom),
    )
    for column, value in filters:
        if value is not None:
            wheres.append(f"{column} = ?")
            params.append(value)
    if span.about is not None:
        wheres.append(ABOUT)
        params += (span.about, span.about)
    # A story's acts lie by their times: the search begins at the one where the page does.
    first = at_position(sql, number, span.upto if span.newest_first else span.above)
    order, compare = ("DESC", "<=") if span.newest_first else ("ASC", ">=")
    if first is not None:
        wheres.append(f"recorded_at {compare} ?")
        params.append(first.recorded_at)
    return sql.all(
        f"SELECT * FROM chronicle WHERE {' AND '.join(wheres)}"
        f" ORDER BY recorded_at {order}, position {order} LIMIT ?",
        (*params, limit),
    )


LOGGED = (
    "SELECT *, (SELECT id FROM story WHERE number = chronicle.story) AS story_id FROM chronicle"
)


def corrections(
    sql: Sql, *, below: int, limit: int, above: int = 0, story: int | None = None,
    readable: tuple[str, Sequence[Any]] = ("1 = 1", ()),
) -> list[Row]:  # fmt: skip
    """Return the acts of a corrections log between two positions, exclusive, latest first.

    Of one story, or of every story that the condition ``readable`` (``stories.readable``) lets
    through. A row's ``story_id`` is the story's slug.
    """
    if story is not None:
        return sql.all(
            f"{LOGGED} WHERE story = ? AND {CORRECTING} AND position > ? AND position < ?"
            " ORDER BY position DESC LIMIT ?",
            (story, above, below, limit),
        )
    condition, params = readable
    # The plus keeps SQLite from going through every act of every story, and sorting them.
    return sql.all(
        f"{LOGGED} WHERE +story IN (SELECT number FROM story WHERE {condition})"
        f" AND {CORRECTING} AND position > ? AND position < ? ORDER BY position DESC LIMIT ?",
        (*params, above, below, limit),
    )


def stored_by(sql: Sql, stored_at: int) -> int:
    """Return the record's last position stored at an instant or before; 0 before the first.

    ``stored_at`` rises with the position, so it is halved down to, and needs no index.
    """
    last = head(sql)
    low, high = 0, last.position if last else 0
    while low < high:
        middle = (low + high + 1) // 2
        row = sql.one(
            "SELECT stored_at FROM chronicle WHERE position <= ? ORDER BY position DESC LIMIT 1",
            (middle,),
        )
        if row is None or row["stored_at"] <= stored_at:
            low = middle
        else:
            high = middle - 1
    return low


AT_ONCE = 64
"""Positions of one statement."""


def recorded(sql: Sql, positions: Iterable[int]) -> dict[int, int]:
    """Return the record times of the acts at positions."""
    wanted = list(dict.fromkeys(positions))
    found: dict[int, int] = {}
    for start in range(0, len(wanted), AT_ONCE):
        some = padded(wanted[start : start + AT_ONCE])
        found.update(
            sql.all(
                "SELECT position, recorded_at FROM chronicle"
                f" WHERE position IN ({placeholders(some)})",
                some,
            )
        )
    return found


def row_at(sql: Sql, position: int) -> Row:
    """Return the row of the act at a position; there must be one."""
    row = sql.one("SELECT * FROM chronicle WHERE position = ?", (position,))
    assert row is not None, "every position has its act"
    return row


def moment(row: Row) -> Moment:
    """Return the moment that a row tells."""
    return Moment(
        position=row["position"],
        recorded_at=row["recorded_at"],
        stored_at=row["stored_at"],
        developments=row["developments"],
        corrected=row["corrected"],
        withdrawn=row["withdrawn"],
        quiet_since=row["quiet_since"],
    )


def _moment(row: Row | None) -> Moment | None:
    return None if row is None else moment(row)
