"""The situation's sections: each makes its entries from the board, and derives what time makes.

Expired, lapsed, overdue and ended come about when a moment passes, and *passed* means not after
`as_of`. An entry is built by one function, and says from which answers.

Rules for editors: the order of each section is part of the contract and stands in its docstring.
An entry that can be settled goes through `board.leaves_out`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from service.domain.board import Board, Thread, with_evidence
from service.domain.layout import Layout, Slot
from service.domain.reading import ALL, FIGURES
from service.domain.slots import Assignment, by_order, by_order_and_slot
from service.domain.times import Instant, format_instant

Entry = dict[str, Any]

Dated = tuple[Instant, str, Instant | None, Entry]
"""An entry with since when its state is, what it is about, and when it was settled, if it was."""

_NO_TERMS: Mapping[str, Any] = {"text": None, "by": [], "against": [], "to": [], "with": []}


def parties(board: Board) -> list[Entry]:
    """Return each party with a posture, in a fight or on alert, by slug.

    A party is fighting while its last engagement is newer than its ceasefire.
    """
    return [_party(board, *row) for row in board.layout.once(_parties)]


_OF_A_PARTY = ("posture", "engaged", "alert")


def _parties(layout: Layout) -> list[tuple[str, list[Slot], list[Slot]]]:
    """Each party with the slots of its posture, fight and alert, and those that are answered."""
    named = {party for family in _OF_A_PARTY for (party,), _ in layout.family(family)}
    found = []
    for party in sorted(named):
        slots = [f"{family}:{party}" for family in _OF_A_PARTY]
        found.append((party, slots, [slot for slot in slots if slot in layout]))
    return found


def _party(board: Board, party: str, slots: list[Slot], answered: list[Slot]) -> Entry:
    posture, fight, alert = map(board.by_slot.get, slots)
    standing = posture or max(filter(None, (fight, alert)), key=by_order)
    entry = {
        "actor": party,
        "name": board.actors[party],
        "posture": posture.value if posture else None,
        "fighting": fight is not None and not _ceased(board, posture, fight),
        "alert": alert.value if alert else None,
    }
    return with_evidence(entry, standing, answered)


def _ceased(board: Board, posture: Assignment | None, fight: Assignment) -> bool:
    """Whether a ceasefire followed the fight; it may have given way to another posture since."""
    if posture is None or posture.order <= fight.order:
        return False
    if posture.value == "ceasefire":
        return True
    before = board.previous.get(posture.slot)
    return before is not None and before.value == "ceasefire" and before.order > fight.order


def threats(board: Board) -> list[Entry]:
    """Return the threats, the one whose state is newest first."""
    threads = board.threads("threat")
    return _newest_first(board, [_threat(board, about, parts) for about, parts in threads])


def _threat(board: Board, about: str, parts: Thread) -> Dated:
    terms, standing = parts.get("terms"), parts.get("state") or parts["terms"]
    said = terms.value if terms else _NO_TERMS
    state = standing.value if "state" in parts else "open"
    since = standing.valid_from
    if state == "open" and (passed := board.passed(said.get("deadline"))) is not None:
        state, since = "expired", max(since, passed)
    entry = _said(board, "threat", about, said)
    entry["text"] = said["text"]
    entry["deadline"] = said.get("deadline")
    entry["state"] = state
    with_evidence(entry, standing, (terms.slot,) if terms else (), since=since)
    return since, about, None if state == "open" else since, entry


def demands(board: Board) -> list[Entry]:
    """Return the demands with a state for each addressee, the newest first.

    The demand's own state is open while it is open to anyone, else the newest of its states.
    """
    return _newest_first(board, [_demand(board, *row) for row in board.layout.once(_demands)])


def _demands(layout: Layout) -> list[tuple[str, dict[str, Slot], list[Slot]]]:
    """Each demand with its states' slots by addressee, and all its slots, the terms' first."""
    found: dict[str, tuple[dict[str, Slot], list[Slot]]] = {}
    for (about, _, *to), slot in layout.family("demand"):
        states, slots = found.setdefault(about, ({}, []))
        if to:
            states[to[0]] = slot
            slots.append(slot)
        else:
            slots.insert(0, slot)
    return [(about, states, slots) for about, (states, slots) in found.items()]


_UNSETTLED = ("open", "accepted")


def _demand(board: Board, about: str, addressees: Mapping[str, Slot], slots: list[Slot]) -> Dated:
    terms = board.by_slot.get(f"demand:{about}:terms")
    said = terms.value if terms else _NO_TERMS
    states = {who: board.by_slot[slot] for who, slot in addressees.items()}
    passed = board.passed(said.get("deadline"))
    rows = [_addressee(board, who, answer, passed) for who, answer in _unblocked(states)]
    if not rows and terms is not None:
        rows = [_addressee(board, ALL, terms, passed)]
    # No two rows are alike in their first two, since and addressee: these alone are compared.
    opened = [row for row in rows if row[2] == "open"]
    since, _, state, answer, _ = max(opened or rows)
    entry = _said(board, "demand", about, said)
    entry["text"] = said["text"]
    entry["deadline"] = said.get("deadline")
    entry["state"] = state
    entry["addressees"] = [row[-1] for row in rows]
    with_evidence(entry, answer, slots, since=since)
    if opened or any(row[2] == "accepted" for row in rows):
        return max(rows)[0], about, None, entry
    return since, about, since, entry


def _unblocked(states: Mapping[str, Assignment]) -> list[tuple[str, Assignment]]:
    """Each addressee with what decides its state: a veto for all blocks what is still open.

    `states` are by addressee, and so are they.
    """
    veto = states.get(ALL)
    if veto is None or veto.value != "blocked":
        return [*states.items()]
    decided = {
        who: veto if answer.value in _UNSETTLED and answer.order < veto.order else answer
        for who, answer in states.items()
    }
    if any(answer is veto for who, answer in decided.items() if who != ALL):
        del decided[ALL]
    return [*decided.items()]


def _addressee(
    board: Board, who: str, answer: Assignment, passed: Instant | None
) -> tuple[Instant, str, str, Assignment, Entry]:
    slot, value, since, _, _, development, version, verification, _ = answer
    state = value if isinstance(value, str) else "open"
    if state == "open" and passed is not None:
        state, since = "lapsed", max(since, passed)
    entry = {
        "addressee": who,
        "name": board.actors[who],
        "state": state,
        "since": format_instant(since),
        "slot": slot,
        "slots": [slot],
        "development": development,
        "version": version,
        "verification": verification,
    }
    return since, who, state, answer, entry


def scheduled(board: Board) -> list[Entry]:
    """Return the events on the calendar by their start, those without a date last.

    An event is overdue when its plan's end passed and nobody said that it was held or cancelled.
    """
    rows = []
    for about, parts in board.threads("scheduled"):
        standing = parts.get("state") or max(parts.values(), key=by_order)
        state = standing.value if "state" in parts else "planned"
        settled = standing.valid_from if state in ("held", "cancelled") else None
        if not board.leaves_out(settled, [answer.slot for answer in parts.values()]):
            entry = _event(board, about, parts, standing, state)
            starts = board.plan_starts(entry)
            rows.append((starts is None, starts or 0, about, entry))
    rows.sort()  # No two are about the same: the entries themselves are not compared.
    return [entry for *_, entry in rows]


def _event(board: Board, about: str, parts: Thread, standing: Assignment, state: str) -> Entry:
    plan, again = parts.get("plan"), parts.get("reaffirmed")
    said = plan.value if plan else {}
    passed = board.plan_passed(said) if state in ("planned", "postponed") else None
    title = said.get("title")
    if plan and not title and (before := board.previous.get(plan.slot)):
        title = before.value.get("title")
    older = (plan, parts.get("state"))
    stands = again is not None and all(again.order > a.order for a in older if a is not None)
    entry = {
        "event": about,
        "title": title or about,
        "starts": said.get("starts"),
        "ends": said.get("ends"),
        "time_zone": said.get("time_zone"),
        "state": state,
        "overdue": passed is not None,
        "overdue_since": format_instant(passed) if passed is not None else None,
        "reaffirmed": with_evidence({**again.value}, again) if again and stands else None,
    }
    return with_evidence(entry, standing, [a.slot for a in (plan, again) if a is not None])


def casualties(board: Board) -> list[Entry]:
    """Return the figures by scope (`total` first) and by who counted; counters never add up.

    `until` and the evidence are those of the newest figure; `figures` tells each figure's own.
    """
    return [_count(board, *count) for count in board.layout.once(_counts)]


def _counts(layout: Layout) -> list[tuple[str, str, list[str], list[Slot]]]:
    """Each scope and who counted there, with the figures in the order of `FIGURES`, and slots."""
    found: dict[tuple[str, str], dict[str, Slot]] = {}
    for (scope, counted_by, figure), slot in layout.family("casualties"):
        found.setdefault((scope, counted_by), {})[figure] = slot
    counts = []
    for (scope, counted_by), slots in sorted(found.items(), key=_total_first):
        figures = [figure for figure in FIGURES if figure in slots]
        counts.append((scope, counted_by, figures, [slots[figure] for figure in figures]))
    return counts


def _total_first(row: tuple[tuple[str, str], Any]) -> tuple[bool, tuple[str, str]]:
    return row[0][0] != "total", row[0]


def _count(
    board: Board, scope: str, counted_by: str, figures: list[str], slots: list[Slot]
) -> Entry:
    answers = [board.by_slot[slot] for slot in slots]
    newest = max(answers, key=by_order_and_slot)
    entry: Entry = {"scope": scope, "counted_by": counted_by, "name": board.actors[counted_by]}
    for figure, answer in zip(figures, answers, strict=True):
        entry[figure] = _bounds(answer)
    entry["until"] = newest.value["until"]
    entry["figures"] = [*map(_figure, figures, answers)]
    return with_evidence(entry, newest, slots)


def _bounds(answer: Assignment) -> Entry:
    said = answer.value
    return {"low": said["low"], "best": said["best"], "high": said["high"]}


def _figure(name: str, answer: Assignment) -> Entry:
    slot, said, valid_from, _, _, development, version, verification, _ = answer
    return {
        "figure": name,
        "low": said["low"],
        "best": said["best"],
        "high": said["high"],
        "until": said["until"],
        "since": format_instant(valid_from),
        "slot": slot,
        "slots": [slot],
        "development": development,
        "version": version,
        "verification": verification,
    }


def relations(board: Board) -> list[Entry]:
    """Return the relations by who, to whom and type."""
    found = []
    for (by, to, sort), answer in board.family("relation"):
        if not board.leaves_out(_ended_since(answer), [answer.slot]):
            names = {slug: board.actors[slug] for slug in (by, to)}
            entry = {"by": by, "to": to, "type": sort, "state": answer.value, "names": names}
            found.append(with_evidence(entry, answer))
    return found


def access(board: Board) -> list[Entry]:
    """Return the places that were closed or opened again, by slug."""
    return [
        with_evidence(
            {"place": place, "name": board.cast.place(place), "state": answer.value}, answer
        )
        for (place,), answer in board.family("access")
    ]


def measures(board: Board) -> list[Entry]:
    """Return agreements, ceasefires, sanctions and warrants, the newest state first.

    A measure whose `until` passed has ended, whatever was said of it before.
    """
    threads = board.threads("measure")
    return _newest_first(board, [_measure(board, about, parts) for about, parts in threads])


def _measure(board: Board, about: str, parts: Thread) -> Dated:
    terms, standing = parts.get("terms"), parts.get("state") or parts["terms"]
    said = terms.value if terms else _NO_TERMS
    state = standing.value if "state" in parts else "in_force"
    since = standing.valid_from
    ends = [(a.order, a.ends) for a in (terms, standing) if a is not None and a.ends is not None]
    end = max(ends)[1] if ends else None
    if state != "ended" and end is not None and end <= board.as_of:
        state, since = "ended", max(since, end)
    entry = _said(board, "measure", about, said)
    entry["with"] = said["with"]
    entry["text"] = said["text"]
    entry["until"] = said.get("until")
    entry["state"] = state
    with_evidence(entry, standing, (terms.slot,) if terms else (), since=since)
    return since, about, since if state == "ended" else None, entry


def presence(board: Board) -> list[Entry]:
    """Return who is present, reduced or gone, by slug."""
    return [
        with_evidence({"actor": party, "name": board.actors[party], "state": answer.value}, answer)
        for (party,), answer in board.family("presence")
        if not board.leaves_out(_ended_since(answer), [answer.slot])
    ]


def _ended_since(answer: Assignment) -> Instant | None:
    return answer.valid_from if answer.value == "ended" else None


def notes(board: Board) -> list[Entry]:
    """Return the free notes by name."""
    return [
        with_evidence({"note": name, "value": answer.value}, answer)
        for (name,), answer in board.family("note")
    ]


def _said(board: Board, what: str, about: str, said: Mapping[str, Any]) -> Entry:
    """The first part of an entry on what someone said: who said it, of whom, to whom.

    A joint statement's further authors stand in `also_by`.
    """
    by, against, to, actors = said["by"], said["against"], said["to"], board.actors
    named = (*by, *against, *to, *said.get("with", ()))
    return {
        what: about,
        "by": by[0] if by else None,
        "also_by": by[1:],
        "against": against,
        "to": to,
        "names": {slug: actors[slug] for slug in named},
    }


def _newest_first(board: Board, rows: Iterable[Dated]) -> list[Entry]:
    kept = [
        (-since, about, entry)
        for since, about, settled, entry in rows
        if not board.leaves_out(settled, entry["slots"])
    ]
    kept.sort()  # No two are about the same: the entries themselves are not compared.
    return [entry for _, _, entry in kept]
