"""The situation at a basis, one slot's course, the level's steps, the assignments' table.

What a basis composes to never changes, so it is kept in a small map by what the ETag is made
of; a redaction or a change of visibility changes the key.
"""

import difflib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any

from service.asof import since
from service.asof.basis import REPRESENTATION, Basis
from service.domain import level, situation, times
from service.domain.kinds import Assignment
from service.readmodel import assignments, cast, chronicle, latest, marks, turns, versions
from service.readmodel.turns import Turns
from service.store.envelope import dumps
from service.store.sql import Lent, Row

KEPT_SITUATIONS = 512
"""Composed situations kept in one process; each is some tens of kilobytes."""

LEVEL_FAMILIES = tuple(f"{family}:%" for family in (*level.FAMILIES, "level"))

LEVEL_WINDOW = 500
"""Turning points that one page of level steps looks back over."""

NEAREST = 5
"""Slots that are named to who asks for one that the story does not have."""

_kept: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()
_lock = threading.Lock()


def body(basis: Basis, path: str, *, settled: bool = False) -> bytes:
    """Return the situation as JSON bytes, with its basis."""
    head = dumps({"basis": basis.dump(path, settled="true" if settled else None)})
    return versions.joined(head, sections(basis, settled=settled))


def sections(basis: Basis, *, settled: bool = False) -> bytes:
    """Return the situation's sections as JSON bytes, from memory where they were asked before."""
    row = basis.row
    marked = (row.redactions, row.visibility_changes, REPRESENTATION)
    key = (basis.record, row.number, basis.position, basis.as_of, settled, *marked)
    with _lock:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
            return found
    made = dumps(compose(basis, settled=settled))
    with _lock:
        _kept[key] = made
        while len(_kept) > KEPT_SITUATIONS:
            _kept.popitem(last=False)
    return made


def compose(basis: Basis, *, settled: bool = False) -> dict[str, Any]:
    """Return the situation's sections, composed from the answers that stand at the basis."""
    return basis.sql.lent(lambda sql: _composed(sql, basis, settled=settled))


def _composed(sql: Lent, basis: Basis, *, settled: bool) -> dict[str, Any]:
    """Compose while the server finds what comes next: the level first, for it has to look back."""
    at: Any = {"as_of": basis.clamp, "position": basis.position}
    of_level, *lots = latest.LOTS
    first = sql.ahead(
        [
            cast.question(basis.story, basis.position),
            marks.question(basis.story, basis.position),
            of_level.question(basis.story, **at),
        ]
    )
    others = [(lot, sql.ahead([lot.question(basis.story, **at)])) for lot in lots]
    members, marks_told, rows = first()
    basis.learn(members)
    told = latest.Answers(rows)
    search = since.Search(sql, basis, told) if basis.is_of_conflict else None
    composition = situation.Composition(
        as_of=basis.as_of,
        zone=basis.zone,
        conflict=basis.is_of_conflict,
        cast=basis.people,
        previous=latest.Previous(told.below),
        settled=settled,
    )
    composition.take(told.standing, of_level.families)
    for lot, waiting in others:
        (rows,) = waiting()
        composition.take(told.take(rows), lot.families)
    document = composition.document()
    shown = document["level"]
    if search is not None and shown["override"] is None:
        shown["since"] = _instant(search.found())
    marked, moment = marks.ids(marks_told), basis.moment
    document["pinned"] = marked.get(marks.PIN, [])
    document["key_events"] = marked.get(marks.KEY, [])
    document["quiet_since"] = _instant(moment.quiet_since)
    document["counts"] = {
        "developments": moment.developments,
        "corrected": moment.corrected,
        "withdrawn": moment.withdrawn,
    }
    return document


def standing(basis: Basis) -> list[Assignment]:
    """Return the answer of every slot of the story at the basis."""
    return assignments.standing(basis.sql, basis.story, as_of=basis.clamp, position=basis.position)


def course(basis: Basis, slot: str, *, below: Sequence[int] | None, limit: int) -> list[Assignment]:
    """Return a slot's answers over world time at the basis, newest first."""
    return assignments.course(
        basis.sql, basis.story, slot, as_of=basis.clamp, position=basis.position,
        below=below, limit=limit,
    )  # fmt: skip


def answer(row: Assignment) -> dict[str, Any]:
    """Return an assignment as a reader sees it."""
    return {
        "slot": row.slot,
        "value": row.value,
        "valid_from": times.format_instant(row.valid_from),
        "ends": None if row.ends is None else times.format_instant(row.ends),
        "development": row.development or None,
        "version": row.version or None,
        "verification": row.verification or None,
    }


def level_steps(basis: Basis, *, before: int | None) -> tuple[list[dict[str, Any]], int | None]:
    """Return the level's steps, newest first, and from where an older page goes on.

    ``before`` is a world time: steps at or after it are left out. A story that is of no conflict
    has no level, so it has no steps.
    """
    if not basis.is_of_conflict:
        return [], None
    found = turns.latest(
        basis.sql, basis.story, LEVEL_FAMILIES,
        upto=basis.as_of if before is None else before - 1,
        clamp=basis.clamp, position=basis.position, limit=LEVEL_WINDOW + 1,
    )  # fmt: skip
    steps = list(level.steps(_readings(basis, found), zone=basis.zone, cast=basis.people))
    if len(found.points) <= LEVEL_WINDOW:
        return steps[::-1], None
    # The oldest reading only says how the level stood before the window: no step of its own.
    return steps[:0:-1], found.points[LEVEL_WINDOW - 1]


def _readings(basis: Basis, found: Turns) -> Iterator[tuple[int, list[Assignment]]]:
    """Yield each point, the oldest first: with the answers that stand there, then that begin."""
    if found.points:
        oldest = found.points[-1]
        yield oldest, assignments.standing(
            basis.sql, basis.story, as_of=oldest, position=basis.position,
            families=LEVEL_FAMILIES,
        )  # fmt: skip
    yield from found.begun()


def slots_like(basis: Basis, slot: str) -> list[str]:
    """Return the story's slots nearest to a name, itself alone where the story has it."""
    if assignments.slot_names(basis.sql, basis.story, slot):
        return [slot]
    known = assignments.slot_names(basis.sql, basis.story)
    near = difflib.get_close_matches(slot, known, n=NEAREST, cutoff=0.6)
    family = [name for name in known if name.partition(":")[0] == slot.partition(":")[0]]
    return near or family[:NEAREST]


def table(
    basis: Basis,
    *,
    after: Sequence[int] | None,
    limit: int,
    slot: str | None = None,
    report: int | None = None,
) -> list[Row]:
    """Return rows of the bitemporal table known at the basis, slot by slot, oldest first.

    ``slot`` and ``report`` (a development's number) narrow it.
    """
    return assignments.table(
        basis.sql, basis.story, as_of=basis.clamp, position=basis.position,
        after=after, limit=limit, slot=slot, report=report,
    )  # fmt: skip


def table_rows(basis: Basis, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return rows of the bitemporal table: valid from … to, known from … to.

    ``valid_to`` is where the next answer of the slot took over, as known while this one was;
    null where that had not happened by the basis's moment.
    """
    ends = [row["known_to"] if row["known_to"] <= basis.position else None for row in rows]
    last = [basis.position if end is None else end - 1 for end in ends]
    following = assignments.next_above(basis.sql, list(zip(rows, last, strict=True)))
    begins = (row["known_from"] for row in rows)
    recorded = chronicle.recorded(basis.sql, [*begins, *(end for end in ends if end is not None)])
    return [
        {
            **answer(assignments.assignment(row)),
            "valid_to": _instant(above if above is not None and above <= basis.as_of else None),
            "known_from": _instant(recorded[row["known_from"]]),
            "known_to": None if end is None else _instant(recorded[end]),
            "known_from_position": row["known_from"],
            "known_to_position": end,
        }
        for row, end, above in zip(rows, ends, following, strict=True)
    ]


def _instant(at: int | None) -> str | None:
    return None if at is None else times.format_instant(at)
