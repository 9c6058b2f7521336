"""Which stories there are, and who may read them.

Asked: *which stories may this reader see, and under what number do their rows lie?* Every row
of every other table is keyed by a story's number (the position of its first act), and this
file's one predicate is the only way from an address to a number: nothing of a story is
reachable without passing newsroom and visibility.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.domain import acts
from service.domain.acts import Act
from service.store.sql import Row, Sql

TABLES = (
    """CREATE TABLE story (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        stream TEXT NOT NULL,
        newsroom TEXT NOT NULL,
        visibility TEXT NOT NULL,
        is_open INTEGER NOT NULL,
        visibility_changes INTEGER NOT NULL,
        redactions INTEGER NOT NULL)""",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewer:
    """Who reads: a newsroom, or nobody in particular; ``everything`` for a house's own eyes.

    ``story`` binds a newsroom's eyes to one of its stories, beside what anybody reads.
    """

    newsroom: str | None = None
    everything: bool = False
    story: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StoryRow:
    """A story's present row."""

    number: int
    id: str
    stream: str
    newsroom: str
    visibility: str
    is_open: bool
    visibility_changes: int
    redactions: int


def opened(act: acts.StoryOpened) -> StoryRow:
    """Return the row of a story's first act."""
    return StoryRow(
        number=act.stamp.position,
        id=act.story,
        stream=act.originator_id.hex,
        newsroom=act.stamp.newsroom,
        visibility=(act.document or {}).get("visibility", "public"),
        is_open=True,
        visibility_changes=0,
        redactions=0,
    )


def open_story(sql: Sql, act: acts.StoryOpened) -> StoryRow:
    """Write the row of a story's first act; return it."""
    row = opened(act)
    sql.run(
        "INSERT INTO story VALUES (?,?,?,?,?,1,0,0)",
        (row.number, row.id, row.stream, row.newsroom, row.visibility),
    )
    return row


def write(sql: Sql, number: int, act: Act) -> None:
    """Follow a later act of a story."""
    match act:
        case acts.StoryAmended():
            visibility = (act.document or {}).get("visibility", "public")
            sql.run(
                "UPDATE story SET visibility = ?, visibility_changes = visibility_changes + 1"
                " WHERE number = ? AND visibility <> ?",
                (visibility, number, visibility),
            )
        case acts.StoryClosed() | acts.StoryReopened():
            is_open = int(isinstance(act, acts.StoryReopened))
            sql.run("UPDATE story SET is_open = ? WHERE number = ?", (is_open, number))
        case acts.DevelopmentWithdrawn(hide_text=1):
            sql.run("UPDATE story SET redactions = redactions + 1 WHERE number = ?", (number,))
        case _:
            pass


def find(sql: Sql, story: str, viewer: Viewer) -> StoryRow | None:
    """Return a readable story; None for an unknown one and for one not readable alike."""
    condition, params = readable(viewer)
    row = sql.one(f"SELECT * FROM story WHERE id = ? AND {condition}", (story, *params))
    return row_of(row) if row else None


def page(sql: Sql, viewer: Viewer, *, after: int, limit: int) -> list[StoryRow]:
    """Return readable stories in the order of opening, newest first, from below ``after``."""
    condition, params = readable(viewer)
    rows = sql.all(
        f"SELECT * FROM story WHERE number < ? AND {condition} ORDER BY number DESC LIMIT ?",
        (after, *params, limit),
    )
    return [row_of(row) for row in rows]


def readable(viewer: Viewer) -> tuple[str, Sequence[Any]]:
    """Return the condition on a story's row that lets a viewer through, and its parameters."""
    if viewer.everything:
        return "1 = 1", ()
    if viewer.story is not None:
        return "(visibility = 'public' OR newsroom = ? AND id = ?)", (viewer.newsroom, viewer.story)
    return "(visibility = 'public' OR newsroom = ?)", (viewer.newsroom or "",)


def row_of(row: Row) -> StoryRow:
    """Return a row of the table as a story's."""
    return StoryRow(
        number=row["number"],
        id=row["id"],
        stream=row["stream"],
        newsroom=row["newsroom"],
        visibility=row["visibility"],
        is_open=bool(row["is_open"]),
        visibility_changes=row["visibility_changes"],
        redactions=row["redactions"],
    )
