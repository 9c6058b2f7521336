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

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from service.domain.board import DAY, Board, Cast, with_evidence
from service.domain.layout import REMEMBERED, Layout, Slot, address
from service.domain.plans import end_of
from service.domain.slots import Assignment, by_order
from service.domain.times import Instant, format_instant

FRESH_DAYS = 7
"""For how long fighting counts as going on, and friction as tension."""

RECENT_DAYS = 30
"""For how long violence and coercion leave tension, and an attack counts as under way."""

VALUES = {"calm": 1, "tension": 2, "clashes": 3, "offensive": 4, "major_escalation": 5}
"""The levels and their numbers; the numbers rank, they are not a measure."""

FAMILIES = ("heat", "posture", "threat")
"""The families of slots that the rule looks at."""

FIGHTS = ("engaged", "fought")
"""The families of slots that tell how long a fight has gone on."""

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


class Reason(NamedTuple):
    """One thing that a level rests on, in a word for programs and a sentence for people.

    `about` is what the sentence is about: a party or a threat. `since` is from when it is known
    to have held; the answer that shows it may be newer.
    """

    code: str
    about: str
    answer: Assignment
    since: Instant

    def shown(self, cast: Cast) -> dict[str, Any]:
        """Return the reason as a reader sees it."""
        return with_evidence({"code": self.code, "says": self._says(cast)}, self.answer)

    def _says(self, cast: Cast) -> str:
        match self.code:
            case "attack":
                return f"{cast.actor(self.about)} is attacking."
            case "fighting":
                return f"Violence within {FRESH_DAYS} days."
            case "open_threat":
                return f"The threat {self.about} is open."
            case "posture":
                return f"{cast.actor(self.about)} is {self.answer.value}."
            case band:
                return f"{band.capitalize()} within {_TENSE_FOR[band]} days."


class Ground:
    """The answers that the rule looks at, laid out; any of them may give way to another.

    `standing` holds them by slot. A story's further answers are passed over.
    """

    __slots__ = ("_rows", "heat", "override", "postures", "standing", "states", "terms")

    def __init__(self, answers: Iterable[Assignment] = ()) -> None:
        self.standing: dict[str, Assignment] = {}
        self.heat: dict[str, Assignment] = {}
        self.postures: dict[str, Assignment] = {}
        self.states: dict[str, Assignment] = {}
        self.terms: dict[str, Assignment] = {}
        self.override: dict[str, Assignment] = {}
        self._rows = {
            "heat": self.heat,
            "posture": self.postures,
            "threat:state": self.states,
            "threat:terms": self.terms,
            "level": self.override,
        }
        for answer in answers:
            self.put(answer)

    def put(self, answer: Assignment) -> None:
        """Let an answer stand in its slot."""
        form, name = _place(answer.slot)
        rows = self._rows.get(form)
        if rows is not None:
            rows[name] = self.standing[answer.slot] = answer

    def drop(self, slot: str) -> None:
        """Let nothing stand in a slot."""
        form, name = _place(slot)
        del self._rows[form][name], self.standing[slot]

    @property
    def overridden(self) -> Assignment | None:
        """The editor's override that stands, if one does."""
        act = self.override.get("override")
        return act if act is not None and act.value and act.value.get("level") else None


@lru_cache(maxsize=REMEMBERED)
def _place(slot: Slot) -> tuple[str, str]:
    """Return a slot's family, with the part that is a word, and what in it the slot is about."""
    family, parts = address(slot)
    return ":".join((family, *parts[1:])), "".join(parts[:1])


def held(
    ground: Ground,
    *,
    as_of: Instant,
    zone: ZoneInfo,
    fights: Sequence[Assignment] = (),
    previous: Mapping[str, Assignment] = _NOTHING,
) -> tuple[str, Instant | None]:
    """Return the level by the rule at `as_of`, and since when; None where it rests on nothing.

    With `fights` (answers of the families `FIGHTS`) and `previous` its since reaches further back.
    """
    signs = _Signs(ground, as_of=as_of, zone=zone, fights=fights, previous=previous)
    name, since, _ = _by_rule(signs)
    return name, since


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
    looked_at, fought = board.layout.once(_looked_at)
    ground = Ground([board.by_slot[slot] for slot in looked_at])
    fights = [board.by_slot[slot] for slot in fought]
    signs = _Signs(
        ground, as_of=board.as_of, zone=board.zone, fights=fights, previous=board.previous
    )
    name, since, reasons = _by_rule(signs)
    shown = [reason.shown(board.cast) for reason in reasons]
    found: dict[str, Any] = {"level": name, "value": VALUES[name]}
    start, override = None if since is None else format_instant(since), None
    act = ground.overridden
    if act is not None:
        start = format_instant(act.valid_from)
        override = {**act.value, "by_rule": dict(found), "since": start, "slot": act.slot}
        found = {"level": act.value["level"], "value": VALUES[act.value["level"]]}
    return {**found, "since": start, "reasons": shown, "rule": RULE["rule"], "override": override}


def _looked_at(layout: Layout) -> tuple[list[Slot], list[Slot]]:
    """The slots of the ground, and those that tell of fights."""
    ground, fights = (
        [slot for name in names for _, slot in layout.family(name)]
        for names in ((*FAMILIES, "level"), FIGHTS)
    )
    return ground, fights


def steps(
    readings: Iterable[tuple[Instant, Iterable[Assignment]]], *, zone: ZoneInfo, cast: Cast
) -> Iterator[dict[str, Any]]:
    """Yield the level each time that it changes; `since` is the moment at which it was reached.

    `readings` are the story's turning points, oldest first, each with the answers that began
    there, or with all that stand.
    """
    last, ground = None, Ground()
    for as_of, answers in readings:
        for answer in answers:
            ground.put(answer)
        act = ground.overridden
        name = _Signs(ground, as_of=as_of, zone=zone).name() if act is None else act.value["level"]
        if (name, act is not None) != last:
            last = (name, act is not None)
            found = level(ground.standing.values(), as_of=as_of, zone=zone, cast=cast)
            yield {**found, "since": format_instant(as_of)}


class _Signs:
    """What the rule looks at, each as a reason or none."""

    def __init__(
        self,
        ground: Ground,
        *,
        as_of: Instant,
        zone: ZoneInfo,
        fights: Sequence[Assignment] = (),
        previous: Mapping[str, Assignment] = _NOTHING,
    ) -> None:
        self._ground = ground
        self._as_of = as_of
        self._zone = zone
        self._fights = fights
        self._previous = previous
        looked_at = (ground.heat, ground.postures, ground.states, ground.terms)
        times = [answer.valid_from for rows in looked_at for answer in rows.values()]
        self._last = max(times, default=as_of)
        self._attackers = self._attacking()
        self._stilled = self._ceasefire()
        self._violence = self._unstilled()

    def name(self) -> str:
        """Return the level: rule 1, the first that fits."""
        attackers, fighting = self._attackers, self._violence is not None
        if attackers and fighting and (len(attackers) > 1 or any(self._open_threats(FRESH_DAYS))):
            return "major_escalation"
        if attackers:
            return "offensive"
        if fighting:
            return "clashes"
        return "tension" if any(self.tension()) else "calm"

    def _within(self, answer: Assignment | None, days: int) -> bool:
        return answer is not None and self._last - answer.valid_from <= days * DAY

    def _attacking(self) -> list[tuple[str, Assignment]]:
        """The parties whose attacks are under way, with their postures."""
        violence = self._within(self._ground.heat.get("violence"), RECENT_DAYS)
        return [
            (party, answer)
            for party, answer in self._ground.postures.items()
            if answer.value == "attacking" and (violence or self._within(answer, RECENT_DAYS))
        ]

    def attacks(self) -> list[Reason]:
        """Return the attacks under way, the oldest first."""
        found = [
            Reason("attack", party, answer, self._since_it_says_so(answer))
            for party, answer in self._attackers
        ]
        return sorted(found, key=_since)

    def _since_it_says_so(self, answer: Assignment) -> Instant:
        """Since the answer below it, where that says the same."""
        before = self._previous.get(answer.slot)
        repeats = before is not None and before.value == answer.value
        return before.valid_from if before is not None and repeats else answer.valid_from

    def _unstilled(self) -> Assignment | None:
        """The last violence, where it is fresh and no ceasefire has stilled it."""
        violence = self._ground.heat.get("violence")
        if violence is None or not self._within(violence, FRESH_DAYS):
            return None
        stilled = self._stilled
        return violence if stilled is None or stilled.order <= violence.order else None

    def fighting(self) -> list[Reason]:
        """Return the fresh fighting, if there is any."""
        violence = self._violence
        if violence is None:
            return []
        return [Reason("fighting", "", violence, self._fighting_since(violence.valid_from))]

    def _ceasefire(self) -> Assignment | None:
        """The newest ceasefire that stands, if nobody is attacking."""
        postures = self._ground.postures.values()
        if "attacking" in [answer.value for answer in postures]:
            return None
        ceasefires = [answer for answer in postures if answer.value == "ceasefire"]
        return max(ceasefires, key=by_order, default=None)

    def _fighting_since(self, since: Instant) -> Instant:
        """How far back one fight after the other is known, none a week after the last."""
        stilled = self._stilled
        for fight in sorted(self._fights, key=by_order, reverse=True):
            if stilled is not None and fight.order < stilled.order:
                break
            if since - fight.valid_from > FRESH_DAYS * DAY:
                break
            since = min(since, fight.valid_from)
        return since

    def _open_threats(self, days: int | None = None) -> Iterator[Reason]:
        """Open threats whose deadline has not passed; those made within so many days."""
        for name, state in self._ground.states.items():
            if state.value == "open" and (days is None or self._within(state, days)):
                terms = self._ground.terms.get(name)
                deadline = terms.value.get("deadline") if terms is not None else None
                end = end_of(deadline, self._zone) if deadline else None
                if end is None or end > self._as_of:
                    yield Reason("open_threat", name, state, state.valid_from)

    def fresh_threats(self) -> list[Reason]:
        """Open threats that were made within days of the last development, the oldest first."""
        return sorted(self._open_threats(FRESH_DAYS), key=_since)

    def tension(self) -> Iterator[Reason]:
        """Yield everything that makes for tension."""
        for band, days in _TENSE_FOR.items():
            answer = self._ground.heat.get(band)
            if answer is not None and self._within(answer, days):
                yield Reason(band, "", answer, answer.valid_from)
        yield from sorted(self._open_threats(), key=_since)
        for party, answer in self._ground.postures.items():
            if answer.value in _TENSE:
                yield Reason("posture", party, answer, self._since_it_says_so(answer))


def _by_rule(signs: _Signs) -> tuple[str, Instant | None, list[Reason]]:
    """The level by the rule, since when, and its reasons."""
    name = signs.name()
    match name:
        case "major_escalation":
            [first, *others], fighting = signs.attacks(), signs.fighting()
            widens = others + signs.fresh_threats()
            needed = [first, *fighting, min(widens, key=_since)]
            return name, _latest(needed), [first, *fighting, *widens]
        case "offensive":
            attacks = signs.attacks()
            return name, attacks[0].since, attacks
        case "clashes":
            fighting = signs.fighting()
            return name, _latest(fighting), fighting
        case "tension":
            tension = [*signs.tension()]
            return name, min(tension, key=_since).since, tension
        case _:
            return name, None, []


def _since(reason: Reason) -> Instant:
    return reason.since


def _latest(reasons: list[Reason]) -> Instant:
    return max(reason.since for reason in reasons)
