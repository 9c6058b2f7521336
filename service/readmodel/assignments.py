"""The slots' answers in two clocks: valid from, and known from … to.

Asked: *for each slot of a story, which assignment stands at this basis?* Rows of a slot lie in
the order in which answers are chosen (valid from, occurred latest, position of the report), so
an answer is the first row, from the basis downwards, that was known at the position.

A valid-from is never later than its report's record time, so the basis is clamped to the
story's last act (``asof``) and the search never passes rows that were not known yet.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import orjson

from service.domain.kinds import Assignment
from service.readmodel.slots import Slots
from service.store.batch import Batch
from service.store.envelope import dumps
from service.store.sql import FOREVER, Row, Sql, padded, placeholders, values

TABLES = (
    """CREATE TABLE assignment (
        slot INTEGER NOT NULL,
        valid_from INTEGER NOT NULL,
        occurred_latest INTEGER NOT NULL,
        report INTEGER NOT NULL,
        known_from INTEGER NOT NULL,
        known_to INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (slot, valid_from, occurred_latest, report, known_from)) WITHOUT ROWID""",
    # When a derived state may change without an act: deadlines, ends of plans and measures.
    """CREATE TABLE turning_point (
        story INTEGER NOT NULL,
        at INTEGER NOT NULL,
        known_from INTEGER NOT NULL,
        known_to INTEGER NOT NULL,
        development INTEGER NOT NULL,
        PRIMARY KEY (story, at, known_from, development))""",
)


def write(
    sql: Batch,
    story: int,
    slots: Slots,
    before: Iterable[Assignment],
    after: Iterable[Assignment],
    position: int,
) -> None:
    """End what a development's last version assigned, and write what its new one assigns."""
    for row in before:
        number = slots.number(sql, story, row.slot)
        if number is not None:
            sql.later(END, (position, number, *row.order, FOREVER, position))
    for row in after:
        number = slots.ensure(sql, story, row.slot, position)
        sql.later(BEGIN, (number, *row.order, position, FOREVER, _body(row)))


# Statements that wait run in any order: what ends a row must spare the row that comes after it.
END = (
    "UPDATE assignment SET known_to = ? WHERE slot = ? AND valid_from = ?"
    " AND occurred_latest = ? AND report = ? AND known_to = ? AND known_from < ?"
)
BEGIN = "INSERT INTO assignment VALUES (?,?,?,?,?,?,?)"


def write_turning_points(
    sql: Sql,
    story: int,
    development: int,
    before: Iterable[int],
    after: Iterable[int],
    position: int,
) -> None:
    """End a development's turning points and write its new version's."""
    for at in set(before):
        sql.later(
            "UPDATE turning_point SET known_to = ?"
            " WHERE story = ? AND at = ? AND development = ? AND known_to = ? AND known_from < ?",
            (position, story, at, development, FOREVER, position),
        )
    for at in sorted(set(after)):
        sql.later(
            "INSERT INTO turning_point VALUES (?,?,?,?,?)",
            (story, at, position, FOREVER, development),
        )


def erase(sql: Batch, story: int, slots: Slots, rows: Iterable[Assignment]) -> None:
    """Remove what a development ever assigned, at every basis (its text was hidden)."""
    for row in rows:
        sql.run(
            "DELETE FROM assignment WHERE slot = ? AND valid_from = ? AND occurred_latest = ?"
            " AND report = ?",
            (slots.number(sql, story, row.slot), *row.order),
        )


def turning_points_around(
    sql: Sql, story: int, at: int, position: int
) -> tuple[int | None, int | None]:
    """Return the last turning point not after ``at``, and the first after it, known at a position.

    None where there is none.
    """
    known = "SELECT at FROM turning_point WHERE story = ? AND known_from <= ? AND known_to > ?"
    row = sql.one(
        f"SELECT ({known} AND at <= ? ORDER BY at DESC LIMIT 1) AS last,"
        f" ({known} AND at > ? ORDER BY at LIMIT 1) AS next",
        (story, position, position, at) * 2,
    )
    return (None, None) if row is None else (row["last"], row["next"])


# Bounds of a slot's whole order: given valid-from's alone, PostgreSQL 18 would look for a way past
# each of the others' values, and take half as long again.
ANSWER = f"""SELECT b.body AS body FROM assignment b
        WHERE b.slot = s.number
            AND (b.valid_from, b.occurred_latest, b.report) <= (?, {FOREVER}, {FOREVER})
            AND b.known_from <= ? AND b.known_to > ?
        ORDER BY b.valid_from DESC, b.occurred_latest DESC, b.report DESC
        LIMIT"""

STANDING = f"""SELECT s.name AS name, ({ANSWER} 1) AS body
    FROM slot s WHERE s.story = ? AND s.known_from <= ?"""


def standing(
    sql: Sql, story: int, *, as_of: int, position: int, families: Sequence[str] = ()
) -> list[Assignment]:
    """Return the answer of every slot at a basis; of some families only, given as LIKE patterns."""
    statement, params = STANDING, (as_of, position, position, story, position)
    if families:
        statement += f" AND ({' OR '.join(['s.name LIKE ?'] * len(families))})"
    return _assignments(sql.all(statement, (*params, *families)))


Question = tuple[str, int, int]
"""A slot's name, a world time (``as_of``) and a position."""

AT_ONCE = 64
"""Questions, or names, of one statement."""

ASKED = f"""WITH asked(slot, as_of, position) AS (VALUES {{values}})
    SELECT q.slot AS slot, q.as_of AS as_of, q.position AS position, (
        SELECT b.body FROM assignment b
        WHERE b.slot = q.slot
            AND (b.valid_from, b.occurred_latest, b.report) <= (q.as_of, {FOREVER}, {FOREVER})
            AND b.known_from <= q.position AND b.known_to > q.position
        ORDER BY b.valid_from DESC, b.occurred_latest DESC, b.report DESC LIMIT 1) AS body
    FROM asked q"""


def answers(sql: Sql, story: int, questions: Sequence[Question]) -> dict[Question, Assignment]:
    """Return the answers to many questions, each at a basis of its own; none where there is none.

    A search each, however many there are.
    """
    numbers = _numbers(sql, story, list(dict.fromkeys(slot for slot, _, _ in questions)))
    names = {number: name for name, number in numbers.items()}
    wanted = [(numbers[slot], *basis) for slot, *basis in questions if slot in numbers]
    found = {}
    for start in range(0, len(wanted), AT_ONCE):
        some = padded(wanted[start : start + AT_ONCE])
        statement = ASKED.format(values=values(3, len(some)))
        for number, as_of, position, body in sql.all(statement, [*chain(*some)]):
            if body is not None:
                name = names[number]
                found[name, as_of, position] = decoded(name, orjson.loads(body))
    return found


def _numbers(sql: Sql, story: int, names: Sequence[str]) -> dict[str, int]:
    found = {}
    for start in range(0, len(names), AT_ONCE):
        some = padded(names[start : start + AT_ONCE])
        rows = sql.all(
            f"SELECT name, number FROM slot WHERE story = ? AND name IN ({placeholders(some)})",
            (story, *some),
        )
        found.update({row["name"]: row["number"] for row in rows})
    return found


def table(
    sql: Sql,
    story: int,
    *,
    as_of: int,
    position: int,
    after: Sequence[int] | None,
    limit: int,
    slot: str | None = None,
    report: int | None = None,
) -> list[Row]:
    """Return assignments known at a position, by slot and order; ``after`` is a row's key.

    Those valid from later than ``as_of`` are left out. ``slot`` (a name) and ``report`` (a
    development's number) narrow the table.
    """
    wheres = ["s.story = ?", "a.valid_from <= ?", "a.known_from <= ?"]
    params: list[Any] = [story, as_of, position]
    for clause, value in (("s.name = ?", slot), ("a.report = ?", report)):
        if value is not None:
            wheres.append(clause)
            params.append(value)
    key = ", ".join(f"a.{column}" for column in TABLE_KEY)
    return sql.all(
        "SELECT s.name AS name, a.* FROM slot s JOIN assignment a ON a.slot = s.number"
        f" WHERE {' AND '.join(wheres)} AND ({key}) > (?,?,?,?,?) ORDER BY {key} LIMIT ?",
        (*params, *(after or (0, 0, 0, 0, 0)), limit),
    )


def slot_names(sql: Sql, story: int, name: str | None = None) -> list[str]:
    """Return the names of the story's slots that hold or held anything; ``name`` asks for one."""
    one, params = (" AND s.name = ?", (story, name)) if name is not None else ("", (story,))
    rows = sql.all(
        f"SELECT s.name AS name FROM slot s WHERE s.story = ?{one}"
        " AND EXISTS (SELECT 1 FROM assignment a WHERE a.slot = s.number) ORDER BY s.name",
        params,
    )
    return [row["name"] for row in rows]


TABLE_KEY = ("slot", "valid_from", "occurred_latest", "report", "known_from")
"""The columns of a row's key in ``table``."""


ABOVE = """WITH asked(slot, valid_from, occurred_latest, report, position) AS (VALUES {values})
    SELECT q.*, (
        SELECT b.valid_from FROM assignment b
        WHERE b.slot = q.slot AND (b.valid_from, b.occurred_latest, b.report)
                > (q.valid_from, q.occurred_latest, q.report)
            AND b.known_from <= q.position AND b.known_to > q.position
        ORDER BY b.valid_from, b.occurred_latest, b.report LIMIT 1) AS above
    FROM asked q"""


def next_above(sql: Sql, rows: Sequence[tuple[Row, int]]) -> list[int | None]:
    """Return the valid-from of the slot's next answer above each row, as known at a position."""
    asked = [(*[row[column] for column in TABLE_KEY[:4]], position) for row, position in rows]
    found: dict[tuple[int, ...], int | None] = {}
    for start in range(0, len(asked), AT_ONCE):
        some = padded(asked[start : start + AT_ONCE])
        for *key, above in sql.all(ABOVE.format(values=values(5, len(some))), [*chain(*some)]):
            found[tuple(key)] = above
    return [found[key] for key in asked]


# The slot's number first: joined with its name, PostgreSQL would sort all that it ever held.
COURSE = (
    "SELECT a.body AS body FROM assignment a"
    " WHERE a.slot = (SELECT number FROM slot WHERE story = ? AND name = ?)"
    " AND a.known_from <= ? AND a.known_to > ?"
)


def before(
    sql: Sql, story: int, slot: str, order: Sequence[int], *, position: int
) -> Assignment | None:
    """Return a slot's assignment next below a place in its order, as known at a position."""
    row = sql.one(
        f"{COURSE} AND (a.valid_from, a.occurred_latest, a.report) < (?, ?, ?)"
        " ORDER BY a.valid_from DESC, a.occurred_latest DESC, a.report DESC LIMIT 1",
        (story, slot, position, position, *order),
    )
    return decoded(slot, orjson.loads(row["body"])) if row else None


def course(
    sql: Sql,
    story: int,
    slot: str,
    *,
    as_of: int,
    position: int,
    below: Sequence[int] | None,
    limit: int,
) -> list[Assignment]:
    """Return one slot's answers over world time at a basis, newest first."""
    bound = tuple(below) if below else (as_of, FOREVER, FOREVER)
    compare = "<" if below else "<="
    rows = sql.all(
        f"{COURSE} AND (a.valid_from, a.occurred_latest, a.report) {compare} (?, ?, ?)"
        " ORDER BY a.valid_from DESC, a.occurred_latest DESC, a.report DESC LIMIT ?",
        (story, slot, position, position, *bound, limit),
    )
    return [decoded(slot, orjson.loads(row["body"])) for row in rows]


def assignment(row: Row) -> Assignment:
    """Return a row as the domain's assignment."""
    return decoded(row["name"], orjson.loads(row["body"]))


def _assignments(rows: Sequence[Row]) -> list[Assignment]:
    """Return rows of a name and a body as the domain's; those without a body are left out."""
    told = [(name, body) for name, body in rows if body is not None]
    bodies = orjson.loads(b"[%b]" % b",".join([body for _, body in told]))
    return [decoded(name, body) for (name, _), body in zip(told, bodies, strict=True)]


def decoded(slot: str, body: Sequence[Any]) -> Assignment:
    """Return a body that was read from its JSON as the domain's assignment."""
    value, ends, development, version, verification, valid_from, latest, report = body
    # Made as the tuple that it is: by its fields' names it would take three times as long.
    return tuple.__new__(
        Assignment,
        (slot, value, valid_from, latest, report, development, version, verification, ends),
    )


def _body(row: Assignment) -> bytes:
    told = (row.value, row.ends, row.development, row.version, row.verification)
    return dumps([*told, *row.order])
