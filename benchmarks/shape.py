"""Reports shaped like the real thing: the kinds, details, dates and lengths of the two seeds.

Kinds come as often as in ``seeds/`` (112 developments), dates are mostly days, late reports are
as late as real ones (``lags``), and a story of some size has about as many slots as a real one of
that size: 88 developments of Tripoli fill 90, and a story of 100,000 some hundreds.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from benchmarks import lags
from service.domain.times import format_instant

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

Body = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """How many there are in a story: actors, places, threads (threats, plans, demands …)."""

    parties: int
    places: int
    threads: int
    conflict: bool = True

    def party(self, chance: random.Random) -> str:
        """Return who acts: a few act most."""
        return f"party-{self.pick(chance, self.parties)}"

    def place(self, chance: random.Random) -> str:
        """Return where: in a few places happens most."""
        return f"place-{self.pick(chance, self.places)}"

    def thread(self, chance: random.Random, word: str) -> str:
        """Return one of the threads of a sort."""
        return f"{word}-{self.pick(chance, self.threads)}"

    def pick(self, chance: random.Random, most: int) -> int:
        """Return a number below ``most``, small ones more often."""
        return int(most * chance.random() ** 2)


def world_of(size: int, *, conflict: bool = True) -> World:
    """Return the world of a story of so many developments."""
    root = size**0.5
    return World(
        parties=min(12, 3 + int(root / 4)),
        places=min(24, 4 + int(root / 3)),
        threads=min(32, 2 + int(root / 3)),
        conflict=conflict,
    )


WAR = {
    "background": 9, "statement": 7, "casualties.reported": 16, "call.made": 10, "clash": 8,
    "control.claimed": 6, "control.denied": 4, "airstrike": 4, "shelling": 3, "call.rejected": 4,
    "alert.raised": 4, "meeting": 4, "scheduled.planned": 4, "mobilisation": 3, "warrant": 3,
    "scheduled.held": 2, "control.confirmed": 2, "closure": 2, "displacement": 2,
    "offensive.ordered": 2, "threat.made": 2, "threat.carried_out": 1, "support.declared": 1,
    "accusation": 2, "condemnation": 1, "reopening": 1, "scheduled.postponed": 1, "evacuation": 1,
    "occurrence": 3,
}  # fmt: skip
"""How often a kind comes in the story of a conflict, of 112."""

PEACE = {
    "statement": 5, "occurrence": 6, "displacement": 3, "casualties.reported": 3, "closure": 2,
    "scheduled.planned": 3, "scheduled.postponed": 1, "scheduled.held": 1, "call.made": 2,
    "call.met": 1, "meeting": 1, "agreement": 1, "reopening": 1, "evacuation": 1, "background": 1,
}  # fmt: skip
"""How often a kind comes in another story, of 32."""

WORDS = (
    "the after a forces of officials said on in residents city river early morning were spokesman "
    "council according to hospital two new reports bridge had been no confirmed several near as "
    "government airport road agency south who families night ministry statement later also"
).split()


def report(chance: random.Random, world: World, number: int, at: int) -> Body:
    """Return a report as a desk sends it at a record time (microseconds); some 700 bytes."""
    kinds = WAR if world.conflict else PEACE
    (kind,) = chance.choices(list(kinds), list(kinds.values()))
    by, other = world.party(chance), world.party(chance)
    said: Body = {
        "external_id": f"desk-{number}",
        "kind": kind,
        "headline": words(chance, chance.randint(6, 14)).capitalize(),
        "body": words(chance, max(8, int(chance.lognormvariate(3.6, 0.5)))).capitalize() + ".",
        "occurred": occurred(chance, at),
        "places": [world.place(chance)],
        "actors": [{"actor": by, "role": "by"}],
        "sources": [
            {
                "publisher": f"Wire service {chance.randint(1, 9)}",
                "url": f"https://example.org/{chance.getrandbits(40):x}",
                "published_at": _day(at),
                "type": "media",
            }
        ],
        "verification": chance.choice(("reported", "reported", "claimed", "unverified")),
    }
    if other != by:
        role = "to" if kind.startswith("call") else "against"
        said["actors"].append({"actor": other, "role": role})
    details = _DETAILS.get(kind)
    if details:
        said["details"] = details(chance, world, said)
    return said


def occurred(chance: random.Random, at: int) -> str:
    """Return when it happened, as desks say it: a day mostly, an instant, a span, a month."""
    late = chance.random() < lags.LATE
    hours = lags.drawn(chance, lags.LAG_HOURS) if late else chance.expovariate(1 / 6)
    then = at - int(hours * HOUR)
    form = chance.random()
    if form < 0.6:
        return _day(then)
    if form < 0.9:
        return format_instant(then - then % MINUTE)
    if form < 0.96:
        return f"{_day(then - chance.randint(1, 9) * DAY)}/{_day(then)}"
    return _day(then)[:7]


def words(chance: random.Random, count: int) -> str:
    """Return so many words."""
    return " ".join(chance.choices(WORDS, k=count))


def _day(at: int) -> str:
    return datetime.fromtimestamp(at // 1_000_000, UTC).date().isoformat()


# --- the details of the kinds that have some ----------------------------------------------------


def _casualties(chance: random.Random, world: World, said: Body) -> Body:
    killed = int(chance.lognormvariate(2, 1.2))
    scope = "total" if chance.random() < 0.6 else said["places"][0]
    return {
        "casualties": {
            "scope": scope,
            "counted_by": f"party-{world.pick(chance, min(3, world.parties))}",
            "killed": {"low": killed, "high": killed + chance.randint(0, 9)},
            "wounded": killed * 3,
        }
    }


def _displacement(_chance: random.Random, _world: World, said: Body) -> Body:
    counts = {"counted_by": said["actors"][0]["actor"], "displaced": 1000 + len(said["body"])}
    return {"casualties": {"scope": "total", **counts}}


def _fight(chance: random.Random, world: World, said: Body) -> Body:
    return _casualties(chance, world, said) if chance.random() < 0.3 else {}


def _control(chance: random.Random, _world: World, said: Body) -> Body:
    # Few parties hold ground, and few speak of it.
    said["actors"] = [{"actor": f"party-{chance.randint(0, 2)}", "role": "by"}]
    return {"control": {"party": f"party-{chance.randint(0, 2)}", "places": said["places"]}}


def _threat(chance: random.Random, world: World, said: Body) -> Body:
    return {"threat": {"threat": world.thread(chance, "threat"), "text": said["headline"]}}


def _demand(chance: random.Random, world: World, said: Body) -> Body:
    return {"demand": {"demand": world.thread(chance, "demand"), "text": said["headline"]}}


def _answer(chance: random.Random, world: World, _said: Body) -> Body:
    return {"demand": {"demand": world.thread(chance, "demand")}}


def _plan(chance: random.Random, world: World, said: Body) -> Body:
    event = {"event": world.thread(chance, "event"), "title": said["headline"]}
    # A plan's date lies ahead of the day on which it was reported.
    year, month = int(said["sources"][0]["published_at"][:4]), chance.randint(1, 12)
    return {"scheduled": {**event, "starts": f"{year + 1}-{month:02}-{chance.randint(1, 28):02}"}}


def _event(chance: random.Random, world: World, _said: Body) -> Body:
    return {"scheduled": {"event": world.thread(chance, "event")}}


def _measure(chance: random.Random, world: World, said: Body) -> Body:
    return {"measure": {"measure": world.thread(chance, "measure"), "text": said["headline"]}}


def _note(chance: random.Random, world: World, said: Body) -> Body:
    if chance.random() < 0.5:
        return {}
    return {"notes": {world.thread(chance, "note"): said["headline"]}}


def _supports(_chance: random.Random, _world: World, _said: Body) -> Body:
    return {"relation": {"type": "supports"}}


_DETAILS: dict[str, Callable[[random.Random, World, Body], Body]] = {
    "casualties.reported": _casualties,
    "displacement": _displacement,
    "clash": _fight,
    "shelling": _fight,
    "airstrike": _fight,
    "control.claimed": _control,
    "control.confirmed": _control,
    "control.denied": _control,
    "threat.made": _threat,
    "threat.carried_out": _threat,
    "call.made": _demand,
    "call.rejected": _answer,
    "call.met": _answer,
    "scheduled.planned": _plan,
    "scheduled.postponed": _plan,
    "scheduled.held": _event,
    "agreement": _measure,
    "warrant": _measure,
    "statement": _note,
    "occurrence": _note,
    "support.declared": _supports,
}
