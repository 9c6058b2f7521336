"""Every version of every development, as bytes that go out as they are.

Asked: *which developments were on the timeline at this basis; what did this one say then?*
A row's ``head`` is what the record adds (id, version, times, status); the words lie once, in
the store's ``content``, and are joined on reading: ``{head…`` + ``,document…`` + ``,note…}``.
A development's number is the position of its report.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from service.domain.acts import DevelopmentAct, DevelopmentRevised, DevelopmentWithdrawn
from service.domain.developments import Development
from service.domain.kinds import Version, valid_from
from service.domain.times import format_instant
from service.readmodel import marks
from service.store.envelope import dumps
from service.store.sql import FOREVER, Row, Sql, padded, placeholders, values

TABLES = (
    """CREATE TABLE version (
        development INTEGER NOT NULL,
        known_from INTEGER NOT NULL,
        known_to INTEGER NOT NULL,
        story INTEGER NOT NULL,
        version INTEGER NOT NULL,
        valid_from INTEGER NOT NULL,
        occurred_latest INTEGER NOT NULL,
        status TEXT NOT NULL,
        verification TEXT NOT NULL,
        text INTEGER,
        facets TEXT NOT NULL,
        head BLOB NOT NULL,
        PRIMARY KEY (development, known_from))""",
    "CREATE INDEX version_on_timeline ON version"
    " (story, valid_from, occurred_latest, development, known_from, known_to)",
)

# The words of most versions came with their own act: its row is looked up once.
WORDS = (
    "c.document AS document, CASE WHEN v.known_from = v.text THEN c.note ELSE n.note END AS note"
)
COLUMNS = f"v.*, {WORDS}"
LISTED = f"v.development, v.known_from, v.valid_from, v.occurred_latest, v.text, v.head, {WORDS}"
"""What a page is made of: to sort by, to go on from, and to serve."""

FROM = (
    "version v LEFT JOIN content c ON c.position = v.text"
    " LEFT JOIN content n ON n.position = CASE WHEN v.known_from <> v.text THEN v.known_from END"
)


def write(sql: Sql, number: int, act: DevelopmentAct, state: Development, version: Version) -> None:
    """Write one version's row and close the one before it; ``version`` is the state's."""
    position = act.stamp.position
    if state.version > 1:
        sql.later(
            # It may run after the new version's row was written, and must spare that one.
            "UPDATE version SET known_to = ?"
            " WHERE development = ? AND known_to = ? AND known_from < ?",
            (position, state.report_position, FOREVER, position),
        )
    if isinstance(act, DevelopmentWithdrawn) and act.hide_text:
        hidden = (facets(state), state.report_position)
        sql.run("UPDATE version SET text = NULL, facets = ? WHERE development = ?", hidden)
    occurred, begins = version.occurred, valid_from(version)
    listed = state.first_recorded_at if begins is None else begins
    ends = occurred.latest if occurred.latest is not None else occurred.start_latest
    sql.later(
        "INSERT INTO version VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            state.report_position,
            position,
            FOREVER,
            number,
            state.version,
            listed,
            listed if ends is None else ends,
            state.status,
            state.verification,
            state.text_position,
            facets(state),
            dumps(_head(act, state, occurred.earliest, occurred.latest, begins)),
        ),
    )


def _head(
    act: DevelopmentAct,
    state: Development,
    earliest: int | None,
    latest: int | None,
    begins: int | None,
) -> dict[str, Any]:
    stamp = act.stamp
    head: dict[str, Any] = {
        "id": state.id,
        "story": state.story,
        "version": state.version,
        "act": act.name,
        "status": state.status,
        "verification": state.verification,
        "occurred_earliest": _instant(earliest),
        "occurred_latest": _instant(latest),
        "valid_from": _instant(begins),
        "recorded_at": format_instant(stamp.recorded_at),
        "first_recorded_at": format_instant(state.first_recorded_at),
        "position": stamp.position,
        "newsroom": state.newsroom,
        "corrected": state.corrected,
        "redactions": state.redactions,
    }
    if stamp.imported_at is not None:
        head["imported_at"] = format_instant(stamp.imported_at)
    if stamp.recorded_precision is not None:
        head["recorded_precision"] = stamp.recorded_precision
    if isinstance(act, DevelopmentRevised | DevelopmentWithdrawn) and act.reason:
        head["reason"] = act.reason
    return head


def facets(state: Development) -> str:
    """Return what a timeline is filtered by: space-separated ``name:value`` tokens."""
    fields = state.fields
    tokens = [f"kind:{fields.get('kind', 'occurrence')}"]
    tokens += dict.fromkeys(f"actor:{row['actor']}" for row in fields.get("actors", ()))
    tokens += [f"place:{slug}" for slug in fields.get("places", ())]
    return f" {' '.join(tokens)} "


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which versions a timeline page lists.

    ``after`` is the last row's sort key of the page before. ``any_of`` holds groups of facet
    tokens: a version must have one of each group. ``key``: only key events, or only others.
    """

    as_of: int
    position: int
    order: str = "-occurred"
    after: Sequence[int] | None = None
    verification: str | None = None
    status: str | None = None
    occurred_from: int | None = None
    occurred_to: int | None = None
    any_of: Sequence[Sequence[str]] = field(default_factory=tuple)
    development: int | None = None
    key: bool | None = None


ORDERS = {
    "-occurred": (("valid_from", "occurred_latest", "development"), "DESC"),
    "occurred": (("valid_from", "occurred_latest", "development"), "ASC"),
    "-recorded": (("known_from",), "DESC"),
    "recorded": (("known_from",), "ASC"),
}


KEY_EVENT = (
    "EXISTS (SELECT 1 FROM mark m WHERE m.story = v.story AND m.mark = ?"
    " AND m.development = v.development AND m.known_from <= ? AND m.known_to > ?)"
)


# A bound of the whole order, as of slots' answers (``assignments.ANSWER``).
HAPPENED = f"(v.valid_from, v.occurred_latest, v.development) <= (?, {FOREVER}, {FOREVER})"


def timeline(sql: Sql, number: int, wanted: Wanted, limit: int) -> list[Row]:
    """Return a page of versions current at the position, having happened by ``as_of``."""
    columns, direction = ORDERS[wanted.order]
    wheres = ["v.story = ?", HAPPENED, "v.known_from <= ?", "v.known_to > ?"]
    params: list[Any] = [number, wanted.as_of, wanted.position, wanted.position]
    if wanted.after is not None:
        compare = "<" if direction == "DESC" else ">"
        names = ", ".join(f"v.{column}" for column in columns)
        wheres.append(f"({names}) {compare} ({', '.join('?' * len(columns))})")
        params += wanted.after
    for clause, value in (
        ("v.verification = ?", wanted.verification),
        ("v.status = ?", wanted.status),
        ("v.occurred_latest >= ?", wanted.occurred_from),
        ("v.valid_from <= ?", wanted.occurred_to),
        ("v.development = ?", wanted.development),
    ):
        if value is not None:
            wheres.append(clause)
            params.append(value)
    if wanted.key is not None:
        wheres.append(KEY_EVENT if wanted.key else f"NOT {KEY_EVENT}")
        params += (marks.KEY, wanted.position, wanted.position)
    for group in wanted.any_of:
        one = " OR ".join(["v.facets LIKE ? ESCAPE '!'"] * len(group))
        wheres.append(f"({one or '1 = 0'})")
        params += [f"% {_literal(token)} %" for token in group]
    order = ", ".join(f"v.{column} {direction}" for column in columns)
    return sql.all(
        f"SELECT {LISTED} FROM {FROM} WHERE {' AND '.join(wheres)} ORDER BY {order} LIMIT ?",
        (*params, limit),
    )


def moment_back(sql: Sql, number: int, *, upto: int, position: int, back: int) -> int | None:
    """Return the world time so many moments of the timeline back; None where there are fewer."""
    row = sql.one(
        f"SELECT DISTINCT v.valid_from AS at FROM version v WHERE v.story = ? AND {HAPPENED}"
        " AND v.known_from <= ? AND v.known_to > ? ORDER BY v.valid_from DESC LIMIT 1 OFFSET ?",
        (number, upto, position, position, back),
    )
    return None if row is None else int(row["at"])


def sort_key(row: Row, order: str) -> list[int]:
    """Return where a page that ends with this row goes on."""
    return [row[column] for column in ORDERS[order][0]]


def at(sql: Sql, development: int, position: int) -> Row | None:
    """Return the version current at a position; None before the report."""
    return sql.one(
        f"SELECT {COLUMNS} FROM {FROM}"
        " WHERE v.development = ? AND v.known_from <= ? AND v.known_to > ?",
        (development, position, position),
    )


Known = tuple[int, int]
"""A development's number, and a position at which it is looked at."""

KNOWN_AT_ONCE = 64


class Said(NamedTuple):
    """A version: its row, and its fields as they go out."""

    row: Row
    fields: Mapping[str, Any]

    @property
    def made_at(self) -> int:
        """Return the position of the act that made it."""
        position: int = self.row["known_from"]
        return position


def known(sql: Sql, asked: Sequence[Known]) -> dict[Known, Said]:
    """Return the versions current at many positions, each of its development; none before it."""
    return dict(_each(sql, asked, "v.known_from <= q.position AND v.known_to > q.position"))


def all_known(sql: Sql, asked: Sequence[Known]) -> dict[Known, list[Said]]:
    """Return every version known at many positions, each of its development, oldest first."""
    found: dict[Known, dict[int, Said]] = {}
    for known, said in _each(sql, asked, "v.known_from <= q.position"):
        found.setdefault(known, {})[said.made_at] = said
    return {known: [said for _, said in sorted(told.items())] for known, told in found.items()}


def _each(sql: Sql, asked: Sequence[Known], condition: str) -> Iterator[tuple[Known, Said]]:
    # One act's after is another's before: a version is read once.
    read: dict[tuple[int, int], Said] = {}
    for start in range(0, len(asked), KNOWN_AT_ONCE):
        some = padded(asked[start : start + KNOWN_AT_ONCE])
        # What is asked for leads the join: each is one search.
        for row in sql.all(
            f"WITH asked(number, position) AS (VALUES {values(2, len(some))})"
            f" SELECT q.position AS asked, {COLUMNS} FROM asked q CROSS JOIN {FROM}"
            f" WHERE v.development = q.number AND {condition}",
            [*chain(*some)],
        ):
            number = row["development"]
            version = (number, row["known_from"])
            if version not in read:
                read[version] = Said(row, orjson.loads(served(row)))
            yield (number, row["asked"]), read[version]


def all_of(sql: Sql, development: int, position: int) -> list[Row]:
    """Return every version known at a position, oldest first."""
    return sql.all(
        f"SELECT {COLUMNS} FROM {FROM} WHERE v.development = ? AND v.known_from <= ?"
        " ORDER BY v.known_from",
        (development, position),
    )


ALIKE_LOOKED_AT = 20
"""Developments of the same time that a report is compared with: the latest ones."""


def alike(sql: Sql, state: Development, limit: int) -> list[str]:
    """Return the ids of standing developments of the same kind and the same time."""
    rows = sql.all(
        "SELECT v.development, v.facets, v.status FROM version me JOIN version v"
        " ON v.story = me.story AND v.valid_from = me.valid_from"
        " AND v.occurred_latest = me.occurred_latest AND v.development < me.development"
        " WHERE me.development = ? AND me.known_to = ? AND v.known_to = ?"
        " ORDER BY v.development DESC LIMIT ?",
        (state.report_position, FOREVER, FOREVER, ALIKE_LOOKED_AT),
    )
    same = facets(state)
    found = [
        row["development"] for row in rows if row["facets"] == same and row["status"] == "standing"
    ]
    return ids(sql, found[:limit])


def ids(sql: Sql, numbers: Sequence[int]) -> list[str]:
    """Return the ids of developments by their numbers, in that order."""
    found = []
    for number in numbers:
        row = sql.one('SELECT originator_id AS id FROM stored_events WHERE "rowid" = ?', (number,))
        if row is not None:
            found.append(str(UUID(row["id"])))
    return found


def number_of(sql: Sql, stream: UUID) -> int | None:
    """Return the number of the development with this id; None for an unknown one."""
    row = sql.one(
        'SELECT "rowid" AS number FROM stored_events'
        " WHERE originator_id = ? AND originator_version = 1",
        (stream.hex,),
    )
    return None if row is None else int(row["number"])


def contents(sql: Sql, positions: Sequence[int]) -> dict[int, Row]:
    """Return the words of acts by their positions; those of an erased act are not there."""
    found = {}
    for start in range(0, len(positions), KNOWN_AT_ONCE):
        some = padded(positions[start : start + KNOWN_AT_ONCE])
        rows = sql.all(f"SELECT * FROM content WHERE position IN ({placeholders(some)})", some)
        found.update({row["position"]: row for row in rows})
    return found


def served(row: Row) -> bytes:
    """Return a version as it goes out: head, words, notice, one JSON object of stored bytes."""
    head = bytes(row["head"])
    if row["text"] is None:
        # It was written before its text was hidden, and its entity tag counts that.
        head = head.replace(b'"redactions":0', b'"redactions":1')
    return joined(head, row["document"], row["note"])


def joined(head: bytes, *parts: bytes | None) -> bytes:
    """Return JSON objects joined to one, without reading them."""
    said = head
    for part in parts:
        if part and len(part) > len(b"{}"):
            said = said[:-1] + (b"," if len(said) > len(b"{}") else b"") + bytes(part)[1:]
    return said


def _instant(at: int | None) -> str | None:
    return None if at is None else format_instant(at)


def _literal(token: str) -> str:
    return token.replace("!", "!!").replace("%", "!%").replace("_", "!_")
