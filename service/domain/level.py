"""The level of a conflict: one of five words, by a published rule that never sums.

Rule 1 looks at the story's heat (the last development in each band of intensity), at the threats
that are open and at the parties' postures. `RULE` says it in words; the first level that fits,
from the highest down, is the story's.

The age of a thing is measured to the story's last development among the answers, never to the
moment asked about: silence lowers nothing, for nobody reported peace. A ceasefire stills the
violence before it, unless a party is attacking.

`since` is the latest valid-from among what the level needs; a new clash therefore moves it. When
the level was reached is told by `steps`.

Rules for editors: a published rule does not change; write the next one beside it. Editors of a
story override it by an act with a reason (slot `level:override`), never here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from service.domain.board import DAY, Board, Cast, evidence, moment
from service.domain.slots import Assignment
from service.domain.times import Instant

FRESH_DAYS = 7
"""For how long fighting counts as going on, and friction as tension."""

RECENT_DAYS = 30
"""For how long violence and coercion leave tension, and an attack counts as under way."""

VALUES = {"calm": 1, "tension": 2, "clashes": 3, "offensive": 4, "major_escalation": 5}
"""The levels and their numbers; the numbers rank, they are not a measure."""

RULE: dict[str, Any] = {
    "rule": 1,
    "fresh_days": FRESH_DAYS,
    "recent_days": RECENT_DAYS,
    "levels": {
        "major_escalation": "An attack is under way and there is fresh fighting, and it widens: "
        "a second party attacks, or a threat that was made within 7 days is open.",
        "offensive": "An attack is under way: a party's posture is attacking, and that posture or "
        "the last violence is not older than 30 days.",
        "clashes": "There is fresh fighting: violence not older than 7 days that no ceasefire "
        "has stilled.",
        "tension": "There was violence or coercion within 30 days or friction within 7, or a "
        "threat is open, or a party is alert, mobilising, attacking or defending.",
        "calm": "None of these.",
    },
}
"""The rule in words, as the docs quote it and the API publishes it."""

_EDITORS = ("level", "summary")
"""Families that editors write: they are no developments and age nothing."""

_TENSE = ("alert", "mobilising", "attacking", "defending")


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that a level rests on, in a word for programs and a sentence for people."""

    code: str
    says: str
    answer: Assignment

    @property
    def since(self) -> Instant:
        """Return from when it holds."""
        return self.answer.valid_from

    def shown(self) -> dict[str, Any]:
        """Return the reason as a reader sees it."""
        return {"code": self.code, "says": self.says, **evidence(self.answer)}


def level(
    answers: Iterable[Assignment], *, as_of: Instant, zone: ZoneInfo, cast: Cast
) -> dict[str, Any]:
    """Return the level of a story of conflict at `as_of`, from its standing answers.

    Of a story of another scale there is no level; do not ask.
    """
    board = Board(answers, as_of=as_of, zone=zone, cast=cast, previous={}, settled=True)
    return level_of(board)


def level_of(board: Board) -> dict[str, Any]:
    """Return the level that a board shows: by the rule, or by an editor's override."""
    name, since, reasons = _by_rule(_Signs(board))
    shown = [reason.shown() for reason in reasons]
    found = {"level": name, "value": VALUES[name]}
    act = board.by_slot.get("level:override")
    if act is None or not act.value or not act.value.get("level"):
        start = None if since is None else moment(since)
        return {**found, "since": start, "reasons": shown, "rule": 1, "override": None}
    named = act.value["level"]
    override = {**act.value, "by_rule": found, **evidence(act)}
    start = moment(act.valid_from)
    return {
        "level": named,
        "value": VALUES[named],
        "since": start,
        "reasons": shown,
        "rule": 1,
        "override": override,
    }


def steps(
    readings: Iterable[tuple[Instant, Iterable[Assignment]]], *, zone: ZoneInfo, cast: Cast
) -> Iterator[dict[str, Any]]:
    """Yield the level each time that it changes, with `from`, the moment it was reached.

    `readings` are the story's answers at its turning points, oldest first.
    """
    last = None
    for as_of, answers in readings:
        found = level(answers, as_of=as_of, zone=zone, cast=cast)
        overridden = found["override"] is not None
        if (found["level"], overridden) != last:
            last = (found["level"], overridden)
            yield {**found, "from": moment(as_of)}


class _Signs:
    """What the rule looks at, each as a reason or none."""

    def __init__(self, board: Board) -> None:
        self._cast = board.cast
        self._last = max(
            (
                answer.valid_from
                for family, rows in board.families.items()
                if family not in _EDITORS
                for _, answer in rows
            ),
            default=board.as_of,
        )
        self._heat = {band: answer for (band,), answer in board.family("heat")}
        self._postures = [(party, answer) for (party,), answer in board.family("posture")]
        self.threats = list(self._open_threats(board))
        self.attacks = list(self._attacks())
        self.fighting = self._fighting()

    def _within(self, answer: Assignment | None, days: int) -> bool:
        return answer is not None and self._last - answer.valid_from <= days * DAY

    def _attacks(self) -> Iterator[Reason]:
        """Attacks under way, the first one first."""
        violence = self._within(self._heat.get("violence"), RECENT_DAYS)
        rows = [row for row in self._postures if row[1].value == "attacking"]
        for party, answer in sorted(rows, key=lambda row: (row[1].valid_from, row[0])):
            if violence or self._within(answer, RECENT_DAYS):
                yield Reason("attack", f"{self._cast.actor(party)} is attacking.", answer)

    def _fighting(self) -> list[Reason]:
        violence = self._heat.get("violence")
        if violence is None or not self._within(violence, FRESH_DAYS) or self._stilled(violence):
            return []
        return [Reason("fighting", f"Violence within {FRESH_DAYS} days.", violence)]

    def _stilled(self, violence: Assignment) -> bool:
        values = {answer.value for _, answer in self._postures}
        ceasefires = [answer for _, answer in self._postures if answer.value == "ceasefire"]
        return "attacking" not in values and any(c.order > violence.order for c in ceasefires)

    def _open_threats(self, board: Board) -> Iterator[Reason]:
        """Open threats whose deadline has not passed, the first one first."""
        rows = []
        for name, parts in board.threads("threat").items():
            state, terms = parts.get(("state",)), parts.get(("terms",))
            deadline = terms.value.get("deadline") if terms else None
            if state is not None and state.value == "open" and board.passed(deadline) is None:
                rows.append((state.valid_from, name, state))
        for _, name, state in sorted(rows, key=lambda row: row[:2]):
            yield Reason("open_threat", f"The threat {name} is open.", state)

    def fresh_threats(self) -> list[Reason]:
        """Open threats that were made within days of the last development."""
        return [threat for threat in self.threats if self._within(threat.answer, FRESH_DAYS)]

    def tension(self) -> list[Reason]:
        """Everything that makes for tension."""
        found = [
            Reason(band, f"{band.capitalize()} within {days} days.", self._heat[band])
            for band, days in (
                ("violence", RECENT_DAYS),
                ("coercion", RECENT_DAYS),
                ("friction", FRESH_DAYS),
            )
            if self._within(self._heat.get(band), days)
        ]
        found += self.threats
        return found + [
            Reason("posture", f"{self._cast.actor(party)} is {answer.value}.", answer)
            for party, answer in self._postures
            if answer.value in _TENSE
        ]


def _by_rule(signs: _Signs) -> tuple[str, Instant | None, list[Reason]]:
    """The level, since when, and its reasons: rule 1, the first that fits."""
    attacks, fighting = signs.attacks, signs.fighting
    widens = attacks[1:] + signs.fresh_threats()
    if attacks and fighting and widens:
        needed = [attacks[0], *fighting, min(widens, key=_since)]
        return "major_escalation", _latest(needed), [*attacks[:1], *fighting, *widens]
    if attacks:
        return "offensive", attacks[0].since, attacks
    if fighting:
        return "clashes", _latest(fighting), fighting
    if tension := signs.tension():
        return "tension", min(tension, key=_since).since, tension
    return "calm", None, []


def _since(reason: Reason) -> Instant:
    return reason.since


def _latest(reasons: list[Reason]) -> Instant:
    return max(reason.since for reason in reasons)
