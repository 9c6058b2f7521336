"""Acts as they lie in the store, read back in record order: of the whole record, or of a story.

Rules for editors: reads the record itself, never the read model, so that what checks and rebuilds
the read model can stand on it; reads in portions, so that memory does not grow with the record.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from operator import itemgetter
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from service.domain.acts import TOPICS, Act
from service.store.envelope import ActMapper, undigested
from service.store.sql import FOREVER, Question, Row, Sql, padded, placeholders

PORTION = 256
"""Acts read by one statement."""

COLUMNS = '"rowid" AS position, originator_id, originator_version, topic, state'


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """An act's row as it lies: the envelope and the three parts of its content, bytes as stored.

    Where the content is gone, ``content`` is False, and the parts are empty.
    """

    position: int
    stream: str
    version: int
    topic: str
    envelope: bytes
    content: bool
    document: bytes | None
    note: bytes
    audit: bytes
    salt: str


def stored(sql: Sql, above: int = 0) -> Iterator[Stored]:
    """Yield every row of the record above a position, in order."""
    while True:
        rows = sql.all(
            'SELECT e."rowid" AS at, e.*, c.position AS has_content, c.document, c.note, c.audit,'
            ' c.salt FROM stored_events e LEFT JOIN content c ON c.position = e."rowid"'
            ' WHERE e."rowid" > ? ORDER BY e."rowid" LIMIT ?',
            (above, PORTION),
        )
        yield from (_stored(row) for row in rows)
        if len(rows) < PORTION:
            return
        above = rows[-1]["at"]


def every(sql: Sql, above: int = 0, upto: int = FOREVER) -> Iterator[tuple[Act, bytes]]:
    """Yield (act, envelope) of the record, or of its part above a position up to another."""
    mapper = ActMapper()
    while True:
        rows = sql.all(
            f'SELECT {COLUMNS} FROM acts WHERE "rowid" > ? AND "rowid" <= ?'
            ' ORDER BY "rowid" LIMIT ?',
            (above, upto, PORTION),
        )
        yield from _acts(mapper, rows)
        if len(rows) < PORTION:
            return
        above = rows[-1]["position"]


def at(sql: Sql, positions: Iterable[int]) -> Iterator[tuple[Act, bytes]]:
    """Yield (act, envelope) at each of the positions, which rise."""
    mapper = ActMapper()
    rising = iter(positions)
    while portion := list(islice(rising, PORTION)):
        statement = f'SELECT {COLUMNS} FROM acts WHERE "rowid" IN ({placeholders(portion)})'
        yield from _acts(mapper, sql.all(f'{statement} ORDER BY "rowid"', portion))


def begun(sql: Sql, above: int, upto: int, head: int) -> list[list[Act]]:
    """Return the streams whose first acts lie above a position up to another, in their order.

    Each has its acts up to ``head``, in order, with their documents alone: notes are left out.
    """
    mapper = ActMapper()
    found: dict[str, tuple[UUID, list[Any]]] = {}
    for row in sql.all(
        'SELECT e."rowid" AS position, e.originator_id, e.originator_version, e.topic, e.state,'
        " c.document FROM stored_events f"
        " JOIN stored_events e ON e.originator_id = f.originator_id"
        ' LEFT JOIN content c ON c.position = e."rowid"'
        ' WHERE f."rowid" > ? AND f."rowid" <= ? AND f.originator_version = 1'
        ' AND e."rowid" <= ?',
        (above, upto, head),
    ):
        position, stream, version, topic, envelope, document = row
        known = found.get(stream)
        if known is None:
            known = found[stream] = UUID(int=int(stream, 16)), []
        act = mapper.act(
            known[0], version, topic, (undigested(envelope), document or b"", b"", b"")
        )
        known[1].append((position, act))
    streams = [
        sorted(acts, key=itemgetter(0)) if len(acts) > 1 else acts for _, acts in found.values()
    ]
    streams.sort(key=lambda acts: int(acts[0][0]))
    return [[act for _, act in acts] for acts in streams]


def stream(sql: Sql, stream: UUID, below: int) -> list[Any]:
    """Return the acts of a stream before a position, in order."""
    rows = sql.all(
        f'SELECT {COLUMNS} FROM acts WHERE originator_id = ? AND "rowid" < ?'
        " ORDER BY originator_version",
        (stream.hex, below),
    )
    return [act for act, _ in _acts(ActMapper(), rows)]


def first(sql: Sql, stream: UUID) -> Act:
    """Return the first act of a stream, which there must be."""
    row = sql.one(
        f"SELECT {COLUMNS} FROM acts WHERE originator_id = ? AND originator_version = 1",
        (stream.hex,),
    )
    assert row is not None, "a stream has a first act"
    return next(_acts(ActMapper(), [row]))[0]


def envelopes(sql: Sql, upto: int) -> Iterator[tuple[int, bytes]]:
    """Yield (position, envelope) of the record up to a position."""
    above = 0
    while True:
        rows = sql.all(
            'SELECT "rowid" AS position, state FROM stored_events'
            ' WHERE "rowid" > ? AND "rowid" <= ? ORDER BY "rowid" LIMIT ?',
            (above, upto, PORTION),
        )
        for row in rows:
            yield row["position"], bytes(row["state"])
        if len(rows) < PORTION:
            return
        above = rows[-1]["position"]


def head(sql: Sql) -> int:
    """Return the record's last position; 0 when it is empty."""
    row = sql.one('SELECT max("rowid") AS position FROM stored_events')
    return 0 if row is None else row["position"] or 0


def between(sql: Sql, above: int, upto: int, sorts: Sequence[type[Act]] = ()) -> list[Act]:
    """Return the acts above a position up to another, in order; of some sorts only, if named."""
    topics = [TOPICS[sort] for sort in sorts]
    named = f" AND topic IN ({placeholders(topics)})" if topics else ""
    rows = sql.all(
        f'SELECT {COLUMNS} FROM acts WHERE "rowid" > ? AND "rowid" <= ?{named} ORDER BY "rowid"',
        (above, upto, *topics),
    )
    return [act for act, _ in _acts(ActMapper(), rows)]


def load(sql: Sql, positions: Iterable[int]) -> Iterator[Act]:
    """Yield the act at each of the positions, which rise."""
    return (act for act, _ in at(sql, positions))


def streams(sql: Sql, streams: Iterable[str]) -> dict[str, list[Row]]:
    """Return the acts of streams (hexadecimal) as they lie, in order; none for an unknown one."""
    asked = list(dict.fromkeys(streams))
    return by_stream(asked, [sql.all(*question) for question in questions(asked)])


def questions(streams: Sequence[str]) -> list[Question]:
    """Return the queries for the acts of streams (hexadecimal), each named once."""
    portions = [
        padded(streams[start : start + PORTION]) for start in range(0, len(streams), PORTION)
    ]
    return [
        (
            "SELECT originator_id, originator_version, topic, state FROM acts WHERE originator_id"
            f" IN ({placeholders(portion)}) ORDER BY originator_id, originator_version",
            portion,
        )
        for portion in portions
    ]


def by_stream(streams: Iterable[str], answers: Iterable[list[Row]]) -> dict[str, list[Row]]:
    """Return the rows that answer ``questions`` by stream; none for an unknown one."""
    found: dict[str, list[Row]] = {stream: [] for stream in streams}
    for row in chain.from_iterable(answers):
        found[row["originator_id"]].append(row)
    return found


def last_text(sql: Sql, stream: UUID, upto: int) -> Act | None:
    """Return the last act with a document among the first ``upto`` acts of a stream."""
    row = sql.one(
        f"SELECT {COLUMNS} FROM acts WHERE originator_id = ? AND originator_version ="
        " (SELECT max(e.originator_version) FROM stored_events e"
        ' JOIN content c ON c.position = e."rowid"'
        " WHERE e.originator_id = ? AND e.originator_version <= ? AND c.document IS NOT NULL)",
        (stream.hex, stream.hex, upto),
    )
    return None if row is None else next(_acts(ActMapper(), [row]))[0]


def _acts(mapper: ActMapper, rows: Iterable[Row]) -> Iterator[tuple[Act, bytes]]:
    for row in rows:
        state = bytes(row["state"])
        event = StoredEvent(
            UUID(row["originator_id"]), row["originator_version"], row["topic"], state
        )
        act: Any = mapper.to_domain_event(event)
        yield act, state.split(b"\n", 1)[0]


def _stored(row: Row) -> Stored:
    return Stored(
        position=row["at"],
        stream=row["originator_id"],
        version=row["originator_version"],
        topic=row["topic"],
        envelope=bytes(row["state"]),
        content=row["has_content"] is not None,
        document=None if row["document"] is None else bytes(row["document"]),
        note=bytes(row["note"] or b""),
        audit=bytes(row["audit"] or b""),
        salt=row["salt"] or "",
    )
