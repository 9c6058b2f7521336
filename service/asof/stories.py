"""A story as it was at a position: its settings, whether it took developments, its counts."""

from typing import Any

from service.domain.refusals import NotFound
from service.domain.times import format_instant
from service.readmodel import cast, chronicle, stories
from service.readmodel.stories import StoryRow, Viewer
from service.store.sql import Sql


def document(sql: Sql, row: StoryRow, position: int) -> dict[str, Any]:
    """Return what the story said of itself at a position of the record.

    ``position`` in it is the story's own last one. Raises ``NotFound`` before its first act.
    """
    about = cast.at_one(sql, row.number, "story", row.id, position)
    moment = chronicle.at_position(sql, row.number, position)
    if moment is None:
        raise NotFound(f"The story {row.id!r} had not been opened yet.")
    quiet = moment.quiet_since
    return {
        "id": row.id,
        "title": about["title"],
        "language": about["language"],
        "time_zone": about["time_zone"],
        "scale": about.get("scale", "none"),
        "visibility": about.get("visibility", "public"),
        "is_open": chronicle.is_open(sql, row.number, position),
        "newsroom": row.newsroom,
        "position": moment.position,
        "quiet_since": None if quiet is None else format_instant(quiet),
        "counts": {
            "developments": moment.developments,
            "corrected": moment.corrected,
            "withdrawn": moment.withdrawn,
        },
    }


def page(
    sql: Sql, viewer: Viewer, *, position: int, after: int | None, limit: int
) -> tuple[list[dict[str, Any]], int | None]:
    """Return readable stories as they stood at a position, the one opened last first.

    Beside them stands what the next page goes on ``after``; None when there is none.
    """
    rows = stories.page(
        sql, viewer, after=position + 1 if after is None else after, limit=limit + 1
    )
    found = [document(sql, row, position) for row in rows[:limit]]
    return found, rows[limit - 1].number if len(rows) > limit else None
