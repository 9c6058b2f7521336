"""What a story says of itself, its actors and its places, at any position.

Asked: *under what title ran the story then, and what was this actor called?* A document is
known from the act that wrote it until the next one, so a pinned answer keeps its names.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from service.domain import acts
from service.domain.acts import Act
from service.store.envelope import dumps
from service.store.sql import FOREVER, Question, Row, Sql

TABLES = (
    """CREATE TABLE cast_member (
        story INTEGER NOT NULL,
        sort TEXT NOT NULL,
        id TEXT NOT NULL,
        known_from INTEGER NOT NULL,
        known_to INTEGER NOT NULL,
        document BLOB NOT NULL,
        PRIMARY KEY (story, sort, id, known_from))""",
)

SORTS: dict[type[Act], str] = {
    acts.StoryOpened: "story",
    acts.StoryAmended: "story",
    acts.ActorIntroduced: "actor",
    acts.ActorAmended: "actor",
    acts.PlaceIntroduced: "place",
    acts.PlaceAmended: "place",
}


def write(sql: Sql, number: int, act: Act) -> None:
    """Follow one act of a story."""
    sort = SORTS.get(type(act))
    if sort is None:
        return
    document = act.document or {}
    position = act.stamp.position
    if type(act) not in (acts.StoryOpened, acts.ActorIntroduced, acts.PlaceIntroduced):
        sql.run(
            "UPDATE cast_member SET known_to = ?"
            " WHERE story = ? AND sort = ? AND id = ? AND known_to = ?",
            (position, number, sort, document["id"], FOREVER),
        )
    row = (number, sort, document["id"], position, FOREVER, dumps(document))
    sql.run("INSERT INTO cast_member VALUES (?,?,?,?,?,?)", row)


def at(sql: Sql, number: int, position: int) -> dict[str, dict[str, Any]]:
    """Return {"story", "actor", "place"} → {slug → document} as known at a position."""
    return read(sql.all(*question(number, position)))


def question(number: int, position: int) -> Question:
    """Return the question for all that was known at a position, for ``read``."""
    return (
        "SELECT sort, id, document FROM cast_member"
        " WHERE story = ? AND known_from <= ? AND known_to > ? ORDER BY sort, id",
        (number, position, position),
    )


def read(rows: Iterable[Row]) -> dict[str, dict[str, Any]]:
    """Return what the rows of ``question`` tell, as ``at`` does."""
    found: dict[str, dict[str, Any]] = {"story": {}, "actor": {}, "place": {}}
    for row in rows:
        found[row["sort"]][row["id"]] = orjson.loads(row["document"])
    return found


def at_one(sql: Sql, number: int, sort: str, member: str, position: int) -> dict[str, Any]:
    """Return one document as known at a position; empty when there was none."""
    row = sql.one(
        "SELECT document FROM cast_member WHERE story = ? AND sort = ? AND id = ?"
        " AND known_from <= ? AND known_to > ?",
        (number, sort, member, position, position),
    )
    document: dict[str, Any] = orjson.loads(row["document"]) if row else {}
    return document
