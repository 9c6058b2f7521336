"""Random histories: what desks may do to two stories, in any order, at any pace.

A history is a list of moves, plain data that hypothesis can shrink and a person can read. Names,
places and dates come from small pools, so that acts meet: they tie, repeat, contradict and correct
each other. What the record refuses is refused; the rest is what happened.

A case that fails prints its history as it was found. With ONRECORD_TEST_SHRINK=1 hypothesis looks
for the shortest one that fails, for some minutes.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from hypothesis import Phase, note, settings
from hypothesis import strategies as st

from service.domain.details import PARTS
from service.domain.refusals import Refusal
from service.ledger import Decision
from tests.builders import Clock, Desk, House
from tests.conftest import TEST_ALL
from tests.houses import StoreKind, fresh_house

FOUND = (Phase.explicit, Phase.reuse, Phase.generate)
SHRUNK = (*FOUND, Phase.shrink)
PHASES = SHRUNK if os.environ.get("ONRECORD_TEST_SHRINK") else FOUND


def cases(number: int) -> settings:
    """Settings of a test that tells so many histories; under `make test-all` more."""
    return settings(max_examples=number * (5 if TEST_ALL else 1), phases=PHASES)


START = "2019-04-10T12:00:00Z"
"""When the first act is recorded: some of the dates below lie before it, some after."""

STORIES = ("tripoli", "flood")
PARTIES, PLACES, NAMES = ("lna", "gna"), ("tripoli", "gharyan"), ("one", "two")
ZONES = {"tripoli": "Africa/Tripoli", "flood": "Asia/Kathmandu"}
SCALES = {"tripoli": "conflict", "flood": "none"}

OCCURRED = (
    *(f"2019-04-{day:02}" for day in range(3, 13)),
    "2019-04", "2019-03", "2018", "2019-04-XX", "2019-21", "2019-04-05~",
    "2019-04-05/2019-04-07", "2019-04-06/..", "2019-04-04/2019-04-06", "../2019-04-08",
    "/2019-04", "2019-04-05T10:00:00Z", "2019-04-05T23:59:59.999999+02:00",
    "2019-04-08T23:30:00+02:00", "2019-04-05T10:00:00Z/2019-04-06T09:00:00Z", "now", "now",
)  # fmt: skip
DATES = ("2019-04-06", "2019-04-09", "2019-04-11", "2019-04-11T00:00:00Z", "2019-04-20")
WAITS = (0, 0, 0, 1, 60, 3600, 86400, 3 * 86400, 40 * 86400, -7200)

Fields = Mapping[str, Any]


def kinds(a: str, b: str, place: str, name: str, date: str, number: int) -> list[dict[str, Any]]:
    """A report of each sort that assigns, and of some that do not."""
    plan = {"scheduled": {"event": name, "starts": date, "ends": date}}
    threat = {"threat": {"threat": name, "text": "Else.", "deadline": date}}
    demand = {"demand": {"demand": name, "text": "Stop.", "deadline": date}}
    figure: Any = number if number % 2 else {"low": number, "high": number + 3}
    dead = {"scope": name, "counted_by": a, "killed": figure, "wounded": number}
    ceasefire = {"measure": {"measure": name, "text": "Truce.", "until": date}}
    broken = {"measure": {"measure": name, "state": "violated"}}
    return [
        {"kind": "offensive.ordered", "actors": f"by:{a} against:{b}"},
        {"kind": "airstrike", "actors": f"by:{a} against:{b}", "places": place,
         "details": {"casualties": dead, "threat": {"threat": name}}},
        {"kind": "clash", "actors": f"by:{a} against:{b}", "places": place},
        {"kind": "control.claimed", "actors": f"by:{a}", "places": place},
        {"kind": "control.denied", "actors": f"by:{a} against:{b}", "places": place},
        {"kind": "control.confirmed", "actors": "by:un", "places": place,
         "details": {"control": {"party": b}}},
        {"kind": "pullback", "actors": f"by:{a}", "places": "tripoli gharyan"},
        {"kind": "alert.raised", "actors": f"by:{a}", "details": {"posture": "alert"}},
        {"kind": "threat.made", "actors": f"by:{a} against:{b}", "details": threat},
        {"kind": "threat.withdrawn", "actors": f"by:{a}", "details": {"threat": {"threat": name}}},
        {"kind": "call.made", "actors": f"by:un to:{a} to:{b}", "details": demand},
        {"kind": "call.rejected", "actors": f"by:{a}", "details": {"demand": {"demand": name}}},
        {"kind": "scheduled.planned", "actors": f"by:{a}", "details": plan},
        {"kind": "scheduled.cancelled", "actors": f"by:{a}", "details": plan},
        {"kind": "scheduled.held", "actors": f"by:{a}", "details": plan},
        {"kind": "scheduled.reaffirmed", "actors": f"by:{b}", "details": plan},
        {"kind": "casualties.reported", "actors": f"by:{a}",
         "details": {"casualties": {"scope": name, "killed": figure, "until": date}}},
        {"kind": "casualties.reported", "actors": f"by:{a}",
         "details": {"casualties": {"killed": figure, "missing": number}}},
        {"kind": "ceasefire", "actors": f"with:{a} with:{b}", "details": ceasefire},
        {"kind": "ceasefire.violated", "actors": f"by:{a}", "details": broken},
        {"kind": "relation.declared", "actors": f"by:{a} to:{b}",
         "details": {"relation": {"type": "opposes"}}},
        {"kind": "closure", "places": place},
        {"kind": "reopening", "places": place},
        {"kind": "evacuation", "actors": f"by:{a}"},
        {"kind": "statement", "actors": f"by:{a}", "details": {"notes": {name: number}}},
        {"details": {"notes": {name: not number % 2, "other": "text"}}},
        {"kind": "background"},
    ]  # fmt: skip


@st.composite
def contents(draw: st.DrawFn) -> dict[str, Any]:
    """A report's or a correction's fields."""
    party = draw(st.sampled_from(PARTIES))
    other = PARTIES[1 - PARTIES.index(party)]
    sorts = kinds(
        party,
        other,
        draw(st.sampled_from(PLACES)),
        draw(st.sampled_from(NAMES)),
        draw(st.sampled_from(DATES)),
        draw(st.integers(0, 9)),
    )
    occurred = draw(st.sampled_from(OCCURRED))
    return {**draw(st.sampled_from(sorts)), "occurred": occurred}


@dataclass(frozen=True)
class Move:
    """One thing that a desk tries: on which story, on which of its developments, how long after
    the move before it, and whether in the same commit."""

    act: str
    story: str
    which: int
    said: Fields
    wait: int
    together: bool


def fixed(**said: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Fields by name."""
    return st.fixed_dictionaries(dict(said))


STATUSES = ("confirmed", "disputed", "refuted", "refuted", "undeterminable")
SAID: Mapping[str, tuple[int, st.SearchStrategy[dict[str, Any]]]] = {
    "report": (12, contents()),
    "correct": (4, contents()),
    "move": (2, fixed(occurred=st.sampled_from(OCCURRED))),
    "enter": (1, fixed(verification=st.sampled_from(("claimed", "unverified")))),
    "update": (2, contents()),
    "clarify": (1, fixed(headline=st.sampled_from(("Clear", "Clearer")))),
    "refile": (1, fixed(body=st.sampled_from(("Mended", "Mended again")))),
    "verify": (4, fixed(status=st.sampled_from(STATUSES), version=st.none() | st.just(1))),
    "withdraw": (2, fixed()),
    "mark": (2, fixed(sort=st.sampled_from(("pin", "key")), set_it=st.booleans())),
    "sum up": (1, fixed(text=st.sampled_from(("It began.", "It went on.", "")))),
    "override": (1, fixed(level=st.sampled_from(("calm", "clashes", None)))),
    "rename": (1, fixed(name=st.sampled_from(("LNA", "Libyan National Army")))),
    "close": (1, fixed()),
    "hide": (1, fixed()),
}
"""Each sort of move: how often it comes, and what is said in it."""


@st.composite
def moves(draw: st.DrawFn, acts: Sequence[str]) -> Move:
    """One move of the sorts named, as often of each as SAID has it."""
    act = draw(st.sampled_from([act for act in acts for _ in range(SAID[act][0])]))
    return Move(
        act=act,
        story=draw(st.sampled_from(("tripoli", "tripoli", "flood"))),
        which=draw(st.integers(0, 7)),
        said=draw(SAID[act][1]),
        wait=draw(st.sampled_from(WAITS)),
        together=draw(st.booleans()),
    )


def histories(hiding: bool = True, most: int = 30) -> st.SearchStrategy[list[Move]]:
    """Lists of moves. Without `hiding`, no text is hidden: then the past keeps its answers."""
    acts = list(SAID) if hiding else [act for act in SAID if act != "hide"]
    first = st.lists(moves(["report"]), min_size=2, max_size=5)
    rest = st.lists(moves(acts), min_size=6, max_size=most)
    return st.builds(list.__add__, first, rest)


def whole(said: Fields) -> dict[str, Any]:
    """Changes that make a development say this and no more of what it said before."""
    details = {**dict.fromkeys(PARTS), **said.get("details", {})}
    return {"actors": None, "places": None, "kind": None, **said, "details": details}


@dataclass
class Gathering(Desk):
    """A desk whose acts wait, to be committed together."""

    waiting: list[Decision] = field(default_factory=list)

    def does(self, decide: Decision, at: str | None = None) -> Any:
        """Let the act wait."""
        self.waiting.append(decide)

    def commits(self) -> list[Any]:
        """Commit what waits, at once; return what was written, or refused."""
        answers = self.house.onrecord.recorder.record_many(self.waiting)
        self.waiting.clear()
        for answer in answers:
            if isinstance(answer, Exception) and not isinstance(answer, Refusal):
                raise answer
        return answers


class Told:
    """A house in which a history is told."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.desks = {story: Gathering(house, story=story) for story in STORIES}
        self._reported: dict[str, int] = dict.fromkeys(STORIES, 0)
        opening = house.desk()
        for story in STORIES:
            opening.opens_story(
                story,
                time_zone=ZONES[story],
                scale=SCALES[story],
                actors="lna gna un",
                places="tripoli gharyan",
            )

    def tell(self, history: Sequence[Move]) -> Iterator[Move]:
        """Make the moves, one commit after the other; yield each that ended a commit."""
        for move in history:
            note(str(move))
        for number, move in enumerate(history):
            self.house.clock.passes(move.wait)
            with suppress(Refusal):  # By its shape: it never came to a decision.
                self._makes(move)
            following = history[number + 1 : number + 2]
            if not any(one.together and one.story == move.story for one in following):
                self.desks[move.story].commits()
                yield move

    def _makes(self, move: Move) -> None:
        desk, said = self.desks[move.story], dict(move.said)
        known = self._reported[move.story]
        name = f"d{move.which % known}" if known else "d0"
        match move.act:
            case "report":
                self._reported[move.story] += 1
                links = [{"development": name, "relation": "follows"}] if move.which == 3 else []
                desk.reports(f"d{known}", relates_to=links, **said)
            case "correct":
                desk.corrects(name, **whole(said))
            case "move" | "enter":
                desk.corrects(name, **said)
            case "update":
                desk.updates(name, **{k: v for k, v in whole(said).items() if k != "occurred"})
            case "clarify":
                desk.clarifies(name, **said)
            case "refile":
                desk.refiles(name, **said)
            case "verify":
                desk.verifies(name, **said)
            case "withdraw" | "hide":
                desk.withdraws(name, hide_text=move.act == "hide")
            case "mark":
                desk.marks(name, **said)
            case "sum up":
                desk.sums_up(said["text"], *([name] if known else []))
            case "override":
                desk.overrides_level(**said)
            case "rename":
                desk.introduces_actor("lna", **said)
            case "close":
                (desk.reopens_story if move.which else desk.closes_story)()
            case _:
                raise AssertionError(move.act)


@contextmanager
def told(store: StoreKind, history: Sequence[Move]) -> Iterator[House]:
    """A house on a store in which a history was told."""
    with fresh_house(store, Clock(START)) as house:
        for _ in Told(house).tell(history):
            pass
        yield house
