"""The level of a conflict: one of five words, by a published rule that never sums.

Rule 1 looks at the story's heat (the last development in each band of intensity), at the threats
that are open and at the parties' postures. `RULE` says it in words; the first level that fits,
from the highest down, is the story's.

The age of a thing is measured to the newest of these answers, never to the moment asked about:
silence lowers nothing, for nobody reported peace, and neither does a count of the dead. A ceasefire
stills the violence before it, unless a party is attacking.

`since` is the moment from which all that the level needs is known to have held without a break: the
latest beginning among its reasons. The standing answers remember only so much, so the level may
have been reached earlier, never later; `steps` tells exactly, from the whole history.

Rules for editors: a published rule does not change; write the next one beside it. Editors of a
story override it by an act with a reason (slot `level:override`), never here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from service.domain.board import DAY, Board, Cast, evidence
from service.domain.slots import Assignment
from service.domain.times import Instant, format_instant

FRESH_DAYS = 7
"""For how long fighting counts as going on, and friction as tension."""

RECENT_DAYS = 30
"""For how long violence and coercion leave tension, and an attack counts as under way."""

VALUES = {"calm": 1, "tension": 2, "clashes": 3, "offensive": 4, "major_escalation": 5}
"""The levels and their numbers; the numbers rank, they are not a measure."""

FAMILIES = ("heat", "posture", "threat")
"""The families of slots that the rule looks at."""

RULE: dict[str, Any] = {
    "rule": 1,
    "looks_at": list(FAMILIES),
    "age": "Ages are measured to the newest of these answers: silence lowers nothing.",
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

_NOTHING: Mapping[str, Assignment] = MappingProxyType({})

_TENSE = ("alert", "mobilising", "attacking", "defending")
_TENSE_FOR = {"violence": RECENT_DAYS, "coercion": RECENT_DAYS, "friction": FRESH_DAYS}


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that a level rests on, in a word for programs and a sentence for people.

    `since` is from when it is known to have held; the answer that shows it may be newer.
    """

    code: str
    says: str
    answer: Assignment
    since: Instant

    def shown(self) -> dict[str, Any]:
        """Return the reason as a reader sees it."""
        return {"code": self.code, "says": self.says, **evidence(self.answer)}


def level(
    answers: Iterable[Assignment],
    *,
    as_of: Instant,
    zone: ZoneInfo,
    cast: Cast,
    previous: Mapping[str, Assignment] = _NOTHING,
) -> dict[str, Any]:
    """Return the level of a story of conflict at `as_of`, from its standing answers.

    `previous` holds for each slot the answer next below; with it `since` reaches further back.
    Of a story of another scale there is no level; do not ask.
    """
    board = Board(answers, as_of=as_of, zone=zone, cast=cast, previous=previous, settled=True)
    return level_of(board)


def level_of(board: Board) -> dict[str, Any]:
    """Return the level that a board shows: by the rule, or by an editor's override."""
    name, since, reasons = _by_rule(_Signs(board))
    shown = [reason.shown() for reason in reasons]
    found: dict[str, Any] = {"level": name, "value": VALUES[name]}
    start, override = None if since is None else format_instant(since), None
    act = board.by_slot.get("level:override")
    if act is not None and act.value and act.value.get("level"):
        start = format_instant(act.valid_from)
        override = {**act.value, "by_rule": dict(found), "since": start, "slot": act.slot}
        found = {"level": act.value["level"], "value": VALUES[act.value["level"]]}
    return {**found, "since": start, "reasons": shown, "rule": RULE["rule"], "override": override}


def steps(
    readings: Iterable[tuple[Instant, Iterable[Assignment]]], *, zone: ZoneInfo, cast: Cast
) -> Iterator[dict[str, Any]]:
    """Yield the level each time that it changes; `since` is the moment at which it was reached.

    `readings` are the story's answers at its turning points, oldest first.
    """
    last = None
    for as_of, answers in readings:
        found = level(answers, as_of=as_of, zone=zone, cast=cast)
        overridden = found["override"] is not None
        if (found["level"], overridden) != last:
            last = (found["level"], overridden)
            yield {**found, "since": format_instant(as_of)}


class _Signs:
    """What the rule looks at, each as a reason or none."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._last = max(
            (a.valid_from for family in FAMILIES for a in board.families.get(family, ())),
            default=board.as_of,
        )
        self._heat = {band: answer for (band,), answer in board.family("heat")}
        self._postures = [(party, answer) for (party,), answer in board.family("posture")]
        self.threats = sorted(self._open_threats(), key=_since)
        self.attacks = sorted(self._attacks(), key=_since)
        self.fighting = self._fighting()

    def _within(self, answer: Assignment | None, days: int) -> bool:
        return answer is not None and self._last - answer.valid_from <= days * DAY

    def _attacks(self) -> Iterator[Reason]:
        """Attacks under way."""
        violence = self._within(self._heat.get("violence"), RECENT_DAYS)
        for party, answer in self._postures:
            if answer.value == "attacking" and (violence or self._within(answer, RECENT_DAYS)):
                says = f"{self._board.cast.actor(party)} is attacking."
                yield Reason("attack", says, answer, self._since_it_says_so(answer))

    def _since_it_says_so(self, answer: Assignment) -> Instant:
        """Since the answer below it, where that says the same."""
        before = self._board.previous.get(answer.slot)
        repeats = before is not None and before.value == answer.value
        return before.valid_from if before is not None and repeats else answer.valid_from

    def _fighting(self) -> list[Reason]:
        violence = self._heat.get("violence")
        if violence is None or not self._within(violence, FRESH_DAYS):
            return []
        stilled = self._stilled()
        if stilled is not None and stilled.order > violence.order:
            return []
        says = f"Violence within {FRESH_DAYS} days."
        return [Reason("fighting", says, violence, self._fighting_since(violence, stilled))]

    def _stilled(self) -> Assignment | None:
        """The newest ceasefire that stands, if nobody is attacking."""
        if any(answer.value == "attacking" for _, answer in self._postures):
            return None
        ceasefires = [answer for _, answer in self._postures if answer.value == "ceasefire"]
        return max(ceasefires, key=lambda answer: answer.order, default=None)

    def _fighting_since(self, violence: Assignment, stilled: Assignment | None) -> Instant:
        """How far back one fight after the other is known, none a week after the last."""
        board = self._board
        fights = [a for name in ("engaged", "fought") for a in board.families.get(name, ())]
        since = violence.valid_from
        for fight in sorted(fights, key=lambda answer: answer.order, reverse=True):
            if stilled is not None and fight.order < stilled.order:
                break
            if since - fight.valid_from > FRESH_DAYS * DAY:
                break
            since = min(since, fight.valid_from)
        return since

    def _open_threats(self) -> Iterator[Reason]:
        """Open threats whose deadline has not passed."""
        for name, parts in self._board.threads("threat").items():
            state, terms = parts.get(("state",)), parts.get(("terms",))
            deadline = terms.value.get("deadline") if terms else None
            if state is not None and state.value == "open" and not self._board.passed(deadline):
                says = f"The threat {name} is open."
                yield Reason("open_threat", says, state, state.valid_from)

    def fresh_threats(self) -> list[Reason]:
        """Open threats that were made within days of the last development."""
        return [threat for threat in self.threats if self._within(threat.answer, FRESH_DAYS)]

    def tension(self) -> list[Reason]:
        """Everything that makes for tension."""
        found = [
            Reason(band, f"{band.capitalize()} within {days} days.", answer, answer.valid_from)
            for band, days in _TENSE_FOR.items()
            if (answer := self._heat.get(band)) is not None and self._within(answer, days)
        ]
        found += self.threats
        return found + [
            Reason(
                "posture",
                f"{self._board.cast.actor(party)} is {answer.value}.",
                answer,
                self._since_it_says_so(answer),
            )
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
