"""The situation's sections: each makes its entries from the board, and derives what time makes.

Expired, lapsed, overdue and ended come about when a moment passes, and *passed* means not after
`as_of`. An entry is built by one function, and says from which answers.

Rules for editors: the order of each section is part of the contract and stands in its docstring.
An entry that can be settled goes through `board.leaves_out`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.domain.board import Board, evidence
from service.domain.reading import ALL, FIGURES
from service.domain.slots import Assignment
from service.domain.times import Instant, format_instant

Entry = dict[str, Any]
Parts = Mapping[tuple[str, ...], Assignment]

_STATE, _TERMS = ("state",), ("terms",)
_NO_TERMS: Mapping[str, Any] = {"text": None, "by": [], "against": [], "to": [], "with": []}


def parties(board: Board) -> list[Entry]:
    """Return each party with a posture, in a fight or on alert, by slug.

    A party is fighting while its last engagement is newer than its ceasefire.
    """
    postures, engaged, alerts = (
        {party: answer for (party,), answer in board.family(name)}
        for name in ("posture", "engaged", "alert")
    )
    found = []
    for party in sorted({*postures, *engaged, *alerts}):
        posture, fight, alert = postures.get(party), engaged.get(party), alerts.get(party)
        standing = posture or max(filter(None, (fight, alert)), key=lambda a: a.order)
        found.append(
            {
                "actor": party,
                "name": board.cast.actor(party),
                "posture": posture.value if posture else None,
                "fighting": fight is not None and not _ceased(board, posture, fight),
                "alert": alert.value if alert else None,
                **evidence(standing, fight, alert),
            }
        )
    return found


def _ceased(board: Board, posture: Assignment | None, fight: Assignment) -> bool:
    """Whether a ceasefire followed the fight; it may have given way to another posture since."""
    if posture is None:
        return False
    known = (posture, board.previous.get(posture.slot))
    return any(p.value == "ceasefire" and p.order > fight.order for p in known if p is not None)


def threats(board: Board) -> list[Entry]:
    """Return the threats, the one whose state is newest first."""
    return _newest_first(board, "threat", _threat)


def _threat(board: Board, about: str, parts: Parts) -> tuple[Instant, Instant | None, Entry]:
    terms, standing = parts.get(_TERMS), parts.get(_STATE) or parts[_TERMS]
    said = terms.value if terms else _NO_TERMS
    state = standing.value if _STATE in parts else "open"
    since = standing.valid_from
    if state == "open" and (passed := board.passed(said.get("deadline"))) is not None:
        state, since = "expired", max(since, passed)
    entry = {
        "threat": about,
        **_who(board, said),
        "text": said["text"],
        "deadline": said.get("deadline"),
        "state": state,
        **evidence(standing, terms, since=since),
    }
    return since, None if state == "open" else since, entry


def demands(board: Board) -> list[Entry]:
    """Return the demands with a state for each addressee, the newest first.

    The demand's own state is open while it is open to anyone, else the newest of its states.
    """
    return _newest_first(board, "demand", _demand)


_UNSETTLED = ("open", "accepted")


def _demand(board: Board, about: str, parts: Parts) -> tuple[Instant, Instant | None, Entry]:
    terms = parts.get(_TERMS)
    said = terms.value if terms else _NO_TERMS
    states = {rest[1]: answer for rest, answer in parts.items() if len(rest) == 2}
    passed = board.passed(said.get("deadline"))
    rows = [_addressee(board, who, answer, passed) for who, answer in _unblocked(states)]
    if not rows and terms is not None:
        rows = [_addressee(board, ALL, terms, passed)]
    since, _, decisive, answer = max(rows, key=lambda row: (row[2]["state"] == "open", *row[:2]))
    entry = {
        "demand": about,
        **_who(board, said),
        "text": said["text"],
        "deadline": said.get("deadline"),
        "state": decisive["state"],
        "addressees": [row[2] for row in rows],
        **evidence(answer, terms, *states.values(), since=since),
    }
    settled = all(row[2]["state"] not in _UNSETTLED for row in rows)
    newest = max(row[0] for row in rows)
    return newest, newest if settled else None, entry


def _unblocked(states: Mapping[str, Assignment]) -> list[tuple[str, Assignment]]:
    """Each addressee with what decides its state: a veto for all blocks what is still open."""
    veto = states.get(ALL)
    if veto is None or veto.value != "blocked":
        return sorted(states.items())
    decided = {
        who: veto if answer.value in _UNSETTLED and answer.order < veto.order else answer
        for who, answer in states.items()
    }
    if any(answer is veto for who, answer in decided.items() if who != ALL):
        del decided[ALL]
    return sorted(decided.items())


def _addressee(
    board: Board, who: str, answer: Assignment, passed: Instant | None
) -> tuple[Instant, str, Entry, Assignment]:
    state = answer.value if isinstance(answer.value, str) else "open"
    since = answer.valid_from
    if state == "open" and passed is not None:
        state, since = "lapsed", max(since, passed)
    name = board.cast.actor(who)
    shown = {"addressee": who, "name": name, "state": state, **evidence(answer, since=since)}
    return since, who, shown, answer


def scheduled(board: Board) -> list[Entry]:
    """Return the events on the calendar by their start, those without a date last.

    An event is overdue when its plan's end passed and nobody said that it was held or cancelled.
    """
    rows = []
    for about, parts in board.threads("scheduled").items():
        standing = parts.get(_STATE) or max(parts.values(), key=lambda a: a.order)
        state = standing.value if _STATE in parts else "planned"
        settled = standing.valid_from if state in ("held", "cancelled") else None
        if not board.leaves_out(settled, parts.values()):
            entry = _event(board, about, parts, standing, state)
            starts = board.plan_starts(entry)
            rows.append((starts is None, starts or 0, about, entry))
    return [row[-1] for row in sorted(rows, key=lambda row: row[:3])]


def _event(board: Board, about: str, parts: Parts, standing: Assignment, state: str) -> Entry:
    plan, again = parts.get(("plan",)), parts.get(("reaffirmed",))
    said = plan.value if plan else {}
    passed = board.plan_passed(said) if state in ("planned", "postponed") else None
    before = board.previous.get(plan.slot) if plan else None
    title = said.get("title") or (before.value.get("title") if before else None)
    older = [a.order for a in (plan, parts.get(_STATE)) if a is not None]
    stands = again is not None and all(again.order > order for order in older)
    return {
        "event": about,
        "title": title or about,
        "starts": said.get("starts"),
        "ends": said.get("ends"),
        "time_zone": said.get("time_zone"),
        "state": state,
        "overdue": passed is not None,
        "overdue_since": format_instant(passed) if passed is not None else None,
        "reaffirmed": {**again.value, **evidence(again)} if again and stands else None,
        **evidence(standing, plan, again),
    }


def casualties(board: Board) -> list[Entry]:
    """Return the figures by scope (`total` first) and by who counted; counters never add up.

    `until` and the evidence are those of the newest figure; `figures` tells each figure's own.
    """
    counts: dict[tuple[str, str], dict[str, Assignment]] = {}
    for (scope, counted_by, figure), answer in board.family("casualties"):
        counts.setdefault((scope, counted_by), {})[figure] = answer
    found = []
    for (scope, counted_by), figures in sorted(counts.items(), key=_total_first):
        shown = {name: figures[name] for name in FIGURES if name in figures}
        newest = max(shown.values(), key=_order_and_slot)
        bounds = {name: _bounds(answer) for name, answer in shown.items()}
        found.append(
            {
                "scope": scope,
                "counted_by": counted_by,
                "name": board.cast.actor(counted_by),
                **bounds,
                "until": newest.value["until"],
                "figures": [
                    {
                        "figure": name,
                        **bounds[name],
                        "until": answer.value["until"],
                        **evidence(answer),
                    }
                    for name, answer in shown.items()
                ],
                **evidence(newest, *shown.values()),
            }
        )
    return found


def _total_first(row: tuple[tuple[str, str], Any]) -> tuple[bool, tuple[str, str]]:
    return row[0][0] != "total", row[0]


def _order_and_slot(answer: Assignment) -> tuple[Any, ...]:
    return (answer.order, answer.slot)


def _bounds(answer: Assignment) -> Entry:
    said = answer.value
    return {"low": said["low"], "best": said["best"], "high": said["high"]}


def relations(board: Board) -> list[Entry]:
    """Return the relations by who, to whom and type."""
    found = []
    for (by, to, sort), answer in board.family("relation"):
        settled = answer.valid_from if answer.value == "ended" else None
        if not board.leaves_out(settled, [answer]):
            found.append(
                {
                    "by": by,
                    "to": to,
                    "type": sort,
                    "state": answer.value,
                    "names": board.cast.actors_named(by, to),
                    **evidence(answer),
                }
            )
    return found


def access(board: Board) -> list[Entry]:
    """Return the places that were closed or opened again, by slug."""
    return [
        {
            "place": place,
            "name": board.cast.place(place),
            "state": answer.value,
            **evidence(answer),
        }
        for (place,), answer in board.family("access")
    ]


def measures(board: Board) -> list[Entry]:
    """Return agreements, ceasefires, sanctions and warrants, the newest state first.

    A measure whose `until` passed has ended, whatever was said of it before.
    """
    return _newest_first(board, "measure", _measure)


def _measure(board: Board, about: str, parts: Parts) -> tuple[Instant, Instant | None, Entry]:
    terms, standing = parts.get(_TERMS), parts.get(_STATE) or parts[_TERMS]
    said = terms.value if terms else _NO_TERMS
    state = standing.value if _STATE in parts else "in_force"
    since = standing.valid_from
    ends = [(a.order, a.ends) for a in (terms, standing) if a is not None and a.ends is not None]
    end = max(ends)[1] if ends else None
    if state != "ended" and end is not None and end <= board.as_of:
        state, since = "ended", max(since, end)
    entry = {
        "measure": about,
        **_who(board, said),
        "with": said["with"],
        "text": said["text"],
        "until": said.get("until"),
        "state": state,
        **evidence(standing, terms, since=since),
    }
    return since, since if state == "ended" else None, entry


def presence(board: Board) -> list[Entry]:
    """Return who is present, reduced or gone, by slug."""
    return [
        {"actor": party, "name": board.cast.actor(party), "state": answer.value, **evidence(answer)}
        for (party,), answer in board.family("presence")
        if not board.leaves_out(answer.valid_from if answer.value == "ended" else None, [answer])
    ]


def notes(board: Board) -> list[Entry]:
    """Return the free notes by name."""
    return [
        {"note": name, "value": answer.value, **evidence(answer)}
        for (name,), answer in board.family("note")
    ]


def _who(board: Board, said: Mapping[str, Any]) -> Entry:
    """Who says what to whom. A joint statement's further authors stand in `also_by`."""
    by, against, to = said["by"], said["against"], said["to"]
    return {
        "by": by[0] if by else None,
        "also_by": by[1:],
        "against": against,
        "to": to,
        "names": board.cast.actors_named(*by, *against, *to, *said.get("with", ())),
    }


def _newest_first(
    board: Board,
    family: str,
    build: Callable[[Board, str, Parts], tuple[Instant, Instant | None, Entry]],
) -> list[Entry]:
    """The entries of a family's threads, each with when its state began and when it settled."""
    rows = []
    for about, parts in board.threads(family).items():
        since, settled, entry = build(board, about, parts)
        if not board.leaves_out(settled, parts.values()):
            rows.append((-since, about, entry))
    return [entry for _, _, entry in sorted(rows, key=lambda row: row[:2])]
