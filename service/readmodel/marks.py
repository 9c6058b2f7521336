"""Pins and key events: acts of the story that do not raise a development's version.

Asked: *which developments were pinned, which were key, at this position?*
"""

from collections.abc import Iterable
from uuid import UUID

from service.domain import acts
from service.domain.acts import Act
from service.store.sql import FOREVER, Question, Row, Sql

TABLES = (
    """CREATE TABLE mark (
        story INTEGER NOT NULL,
        mark TEXT NOT NULL,
        development INTEGER NOT NULL,
        known_from INTEGER NOT NULL,
        known_to INTEGER NOT NULL,
        PRIMARY KEY (story, mark, development, known_from))""",
)

PIN, KEY = "pin", "key"


def write(sql: Sql, number: int, act: Act, development: int) -> None:
    """Follow one act; ``development`` is the number of the development that it names."""
    position = act.stamp.position
    match act:
        case acts.DevelopmentReported() if (act.document or {}).get("key"):
            _set(sql, number, KEY, development, position)
        case acts.DevelopmentUnpinned():
            _clear(sql, number, PIN, development, position)
        case acts.KeyEventMarked():
            _set(sql, number, KEY, development, position)
        case acts.KeyEventUnmarked():
            _clear(sql, number, KEY, development, position)
        case acts.DevelopmentPinned():
            _set(sql, number, PIN, development, position)
        case _:
            pass


def at(sql: Sql, number: int, mark: str, position: int) -> list[int]:
    """Return the numbers of the developments so marked at a position, latest mark first."""
    rows = sql.all(
        "SELECT development FROM mark WHERE story = ? AND mark = ?"
        " AND known_from <= ? AND known_to > ? ORDER BY known_from DESC",
        (number, mark, position, position),
    )
    return [row["development"] for row in rows]


def question(number: int, position: int) -> Question:
    """Return the question for every mark at a position, for ``ids``."""
    return (
        "SELECT m.mark AS mark, e.originator_id AS id FROM mark m"
        ' JOIN stored_events e ON e."rowid" = m.development'
        " WHERE m.story = ? AND m.known_from <= ? AND m.known_to > ? ORDER BY m.known_from DESC",
        (number, position, position),
    )


def ids(rows: Iterable[Row]) -> dict[str, list[str]]:
    """Return the ids of the marked developments by their mark, latest mark first.

    ``rows`` answer ``question``.
    """
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["mark"], []).append(str(UUID(row["id"])))
    return found


def _set(sql: Sql, number: int, mark: str, development: int, position: int) -> None:
    row = (number, mark, development, position, FOREVER)
    sql.run("INSERT INTO mark VALUES (?,?,?,?,?)", row)


def _clear(sql: Sql, number: int, mark: str, development: int, position: int) -> None:
    sql.run(
        "UPDATE mark SET known_to = ?"
        " WHERE story = ? AND mark = ? AND development = ? AND known_to = ?",
        (position, number, mark, development, FOREVER),
    )
