"""The situation as a whole: what is left out, what is in dispute, what holds of any answers."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.situation import SECTIONS, Composition, compose
from service.domain.slots import Assignment
from tests.domain.telling import (
    CAST,
    TRIPOLI,
    Telling,
    about_threat,
    answer,
    answers,
    at,
    calls,
    imposes,
    plans,
    threatens,
)

EVIDENCE = ("since", "slot", "slots", "development", "version", "verification")


# -- the whole ----------------------------------------------------------------------------------


def test_a_story_of_which_nothing_is_known_has_every_section_and_nothing_in_it() -> None:
    empty = Telling(conflict=False).situation()
    assert empty == {
        "level": None,
        "summary": [],
        **{name: [] for name in SECTIONS},
        "disputed": [],
        "anomalies": [],
    }


def test_the_summary_is_what_the_editor_wrote_last() -> None:
    story = Telling()
    sentences = [{"text": "They fight.", "developments": ["a"]}]
    story.sets("summary", sentences, "2019-04-05")
    assert story.situation()["summary"] == sentences
    story.sets("summary", None, "2019-04-06")
    assert story.situation()["summary"] == []


def test_an_entry_says_where_it_comes_from() -> None:
    story = Telling()
    order = story.reports("offensive.ordered", "2019-04-04", "confirmed", actors="by:lna")
    assert story.only("parties") == {
        "actor": "lna",
        "name": "Libyan National Army",
        "posture": "attacking",
        "fighting": False,
        "alert": None,
        "since": "2019-04-04T21:59:59.999999Z",
        "slot": "posture:lna",
        "slots": ["posture:lna"],
        "development": order,
        "version": 1,
        "verification": "confirmed",
    }


# -- what is left out ---------------------------------------------------------------------------

SETTLED: list[tuple[str, Any]] = [
    ("threats", lambda story: about_threat(story, "threat.withdrawn", "2019-04-05")),
    ("threats", lambda story: about_threat(story, "threat.carried_out", "2019-04-05")),
    ("threats", lambda story: threatens(story, "2019-04-01", deadline="2019-04-05")),
    ("demands", lambda story: answers(story, "call.met", "2019-04-05", "by:lna")),
    ("demands", lambda story: answers(story, "call.rejected", "2019-04-05", "by:lna")),
    ("demands", lambda story: answers(story, "veto", "2019-04-05", "by:russia to:lna")),
    ("demands", lambda story: calls(story, "2019-04-01", deadline="2019-04-05")),
    ("scheduled", lambda story: plans(story, "2019-04-05", "scheduled.held")),
    ("scheduled", lambda story: plans(story, "2019-04-05", "scheduled.cancelled")),
    ("measures", lambda story: imposes(story, "2019-04-05", state="ended")),
    ("measures", lambda story: imposes(story, "2019-04-01", until="2019-04-05")),
    (
        "relations",
        lambda story: story.reports(
            "relation.broken",
            "2019-04-05",
            actors="by:uk to:gna",
            details={"relation": {"type": "supports"}},
        ),
    ),
    ("presence", lambda story: story.sets("presence:us", "ended", "2019-04-05")),
]


@pytest.mark.parametrize(("section", "settle"), SETTLED, ids=lambda value: str(value)[:9])
def test_what_was_settled_is_left_out_after_a_fortnight_unless_it_is_asked_for(
    section: str, settle: Any
) -> None:
    story = Telling()
    settle(story)
    assert len(story.situation("2019-04-19")[section]) == 1
    assert len(story.situation("2019-04-20")[section]) == 0
    assert len(story.situation("2019-04-20", settled=True)[section]) == 1


def test_what_is_not_settled_stays_however_old_it_is() -> None:
    story = Telling()
    threatens(story, "2019-01-01")
    calls(story, "2019-01-01")
    answers(story, "call.accepted", "2019-01-02", "by:lna")
    plans(story, "2019-01-01", starts="2019-01-05")
    plans(story, "2019-01-01", "scheduled.postponed", event="other")
    imposes(story, "2019-01-01", "ceasefire.violated")
    found = story.situation("2019-12-31")
    shown = {name: len(found[name]) for name in ("threats", "demands", "scheduled", "measures")}
    assert shown == {"threats": 1, "demands": 1, "scheduled": 2, "measures": 1}


def test_a_demand_that_is_open_to_one_shows_those_who_answered_long_ago() -> None:
    story = Telling()
    calls(story, "2019-01-01")
    answers(story, "call.rejected", "2019-01-02", "by:lna")
    shown = story.only("demands", "2019-12-31")["addressees"]
    assert {row["addressee"]: row["state"] for row in shown} == {"lna": "rejected", "gna": "open"}


# -- in dispute ---------------------------------------------------------------------------------


def test_a_disputed_report_is_listed_once_with_all_its_slots() -> None:
    story = Telling()
    shells = story.reports(
        "shelling", "2019-04-16", "disputed", actors="by:lna against:gna", places="abu-salim"
    )
    (entry,) = story.situation()["disputed"]
    assert (entry["why"], entry["development"]) == ("verification", shells)
    assert entry["slots"] == ["engaged:gna", "engaged:lna", "fought:abu-salim"]


def test_a_place_in_dispute_is_listed_with_the_reason() -> None:
    story = Telling()
    story.reports("control.claimed", "2019-04-05", actors="by:lna", places="gharyan")
    story.reports("control.claimed", "2019-04-06", actors="by:gna", places="gharyan")
    (entry,) = story.situation()["disputed"]
    assert (entry["why"], entry["place"], entry["name"]) == ("control", "gharyan", "Gharyan")
    assert entry["says"].startswith("Control is asserted of Government of Accord")


def test_a_disputed_report_of_what_is_left_out_is_left_out_too() -> None:
    story = Telling()
    named = {"threat": {"threat": "t1"}}
    story.reports("threat.withdrawn", "2019-04-05", "disputed", actors="by:lna", details=named)
    assert len(story.situation("2019-04-06")["disputed"]) == 1
    assert story.situation("2019-12-31")["disputed"] == []
    assert len(story.situation("2019-12-31", settled=True)["disputed"]) == 1


def test_a_disputed_report_is_listed_whatever_else_is_left_out() -> None:
    story = Telling()
    about_threat(story, "threat.withdrawn", "2019-04-05")
    story.reports("clash", "2019-04-05", "disputed", actors="by:gna")
    assert [row["slot"] for row in story.situation("2019-12-31")["disputed"]] == ["engaged:gna"]


def test_a_disputed_report_tells_what_it_says() -> None:
    story = Telling()
    story.reports("control.claimed", "2019-04-05", "disputed", actors="by:lna", places="gharyan")
    (entry,) = story.situation()["disputed"]
    assert entry["values"] == {"control:gharyan:lna:lna": "asserts"}


def test_the_newest_dispute_comes_first() -> None:
    story = Telling()
    story.reports("clash", "2019-04-05", "disputed", actors="by:lna")
    story.reports("clash", "2019-04-06", "disputed", actors="by:gna")
    assert [row["slot"] for row in story.situation()["disputed"]] == ["engaged:gna", "engaged:lna"]


# -- what holds of any answers ------------------------------------------------------------------

words = st.sampled_from(["a", "b"])
terms = st.fixed_dictionaries(
    {
        "text": st.just("x"),
        "by": st.lists(words, max_size=2),
        "against": st.just([]),
        "to": st.just([]),
        "with": st.just([]),
        "deadline": st.sampled_from([None, "2019-03-03", "2019-03-10", "2019-05-01"]),
    }
)
plan = st.fixed_dictionaries(
    {
        "title": st.sampled_from([None, "T"]),
        "starts": st.sampled_from([None, "2019-03-03", "2019-03-25"]),
        "ends": st.none(),
        "time_zone": st.sampled_from([None, "America/New_York"]),
    }
)
figure = st.fixed_dictionaries(
    {"low": st.integers(0, 9), "best": st.none(), "high": st.none(), "until": st.none()}
)
VALUES_OF = {
    "posture:{}": st.sampled_from(["attacking", "ceasefire", "alert", "calm"]),
    "engaged:{}": st.just("clash"),
    "alert:{}": st.sampled_from(["raised", "normal"]),
    "fought:{}": st.just("clash"),
    "holder:{}": words,
    "control:{}:{}:{}": st.sampled_from(["asserts", "denies", "released"]),
    "access:{}": st.sampled_from(["open", "closed"]),
    "threat:{}:terms": terms,
    "threat:{}:state": st.sampled_from(["open", "carried_out", "withdrawn"]),
    "demand:{}:terms": terms,
    "demand:{}:state:{}": st.sampled_from(["open", "accepted", "met", "rejected", "blocked"]),
    "demand:{}:state:all": st.sampled_from(["open", "blocked"]),
    "scheduled:{}:plan": plan,
    "scheduled:{}:state": st.sampled_from(["planned", "postponed", "cancelled", "held"]),
    "scheduled:{}:reaffirmed": st.just({"by": [], "text": "x"}),
    "casualties:{}:{}:killed": figure,
    "relation:{}:{}:supports": st.sampled_from(["in_force", "ended"]),
    "measure:{}:terms": terms,
    "measure:{}:state": st.sampled_from(["in_force", "violated", "ended"]),
    "presence:{}": st.sampled_from(["present", "reduced", "ended"]),
    "heat:violence": st.just({"kind": "clash", "intensity": -9.0}),
    "note:{}": st.integers() | st.lists(st.integers(), max_size=1),
}


@st.composite
def one_answer(draw: st.DrawFn) -> Assignment:
    form = draw(st.sampled_from(list(VALUES_OF)))
    slot = form.format(*(draw(words) for _ in range(form.count("{}"))))
    day = draw(st.integers(1, 28))
    ends = draw(st.sampled_from([None, at("2019-03-10")])) if form.startswith("measure") else None
    return answer(
        slot,
        draw(VALUES_OF[form]),
        f"2019-03-{day:02}",
        number=draw(st.integers(1, 9)),
        verification=draw(st.sampled_from(["reported", "disputed"])),
        ends=ends,
    )


boards = st.lists(one_answer(), max_size=25, unique_by=lambda one: one.slot)
before = st.lists(one_answer(), max_size=25, unique_by=lambda one: one.slot)


def read(found: list[Assignment], below: list[Assignment], **more: Any) -> dict[str, Any]:
    previous = {one.slot: one for one in below}
    as_of = at("2019-03-28")
    return compose(
        found, as_of=as_of, zone=TRIPOLI, conflict=True, cast=CAST, previous=previous, **more
    )


@given(boards, before, st.randoms(use_true_random=False))
def test_the_order_in_which_answers_come_decides_nothing(
    found: list[Assignment], below: list[Assignment], chance: random.Random
) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert read(shuffled, below) == read(found, below)


@given(boards, before, st.randoms(use_true_random=False), st.booleans())
def test_told_lot_by_lot_it_is_the_situation_that_is_told_at_once(
    found: list[Assignment], below: list[Assignment], chance: random.Random, settled: bool
) -> None:
    """Given answers told family by family, in lots, with what lies below them; then each section
    that is made before the last lot came is as if all had been there."""
    previous: dict[str, Assignment] = {}
    making = Composition(
        as_of=at("2019-03-28"), zone=TRIPOLI, conflict=True, cast=CAST, previous=previous,
        settled=settled,
    )  # fmt: skip
    families = sorted({form.partition(":")[0] for form in VALUES_OF})
    lot_of = {family: chance.randrange(4) for family in families}
    for lot in range(4):
        of_it = {family for family in families if lot_of[family] == lot}
        previous |= {one.slot: one for one in below if one.slot.partition(":")[0] in of_it}
        making.take([one for one in found if one.slot.partition(":")[0] in of_it], of_it)
    told = json.dumps(making.document())
    assert told == json.dumps(read(found, below, settled=settled))


@given(boards, before)
def test_what_is_shown_is_among_what_is_shown_with_the_settled(
    found: list[Assignment], below: list[Assignment]
) -> None:
    shown, everything = read(found, below), read(found, below, settled=True)
    assert shown["level"] == everything["level"]
    for section in (*SECTIONS, "disputed", "anomalies"):
        assert all(entry in everything[section] for entry in shown[section]), section


@given(boards, before)
def test_with_the_settled_every_answer_is_shown_and_every_entry_says_where_it_is_from(
    found: list[Assignment], below: list[Assignment]
) -> None:
    document = read(found, below, settled=True)
    entries = [entry for section in SECTIONS for entry in document[section]]
    for entry in entries:
        assert all(entry[name] is not None for name in EVIDENCE)
        assert entry["slot"] == entry["slots"][0]
        assert len(entry["slots"]) == len(set(entry["slots"]))
    shown = {slot for entry in entries for slot in entry["slots"]}
    assert shown == {one.slot for one in found if not one.slot.startswith("heat:")}


@given(boards, before)
def test_whatever_carries_evidence_carries_all_of_it_last_and_in_one_order(
    found: list[Assignment], below: list[Assignment]
) -> None:
    document = read(found, below, settled=True)
    entries = [entry for section in SECTIONS for entry in document[section]]
    parts = [part for entry in entries for part in _inside(entry) if "slot" in part]
    for entry in (*entries, *parts, *document["disputed"], *document["anomalies"]):
        assert tuple(entry)[-len(EVIDENCE) :] == EVIDENCE


def _inside(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The claims, figures, addressees and the like within an entry."""
    lists = [value for value in entry.values() if isinstance(value, list)]
    held = [*entry.values(), *(item for items in lists for item in items)]
    return [value for value in held if isinstance(value, dict)]


@given(boards)
def test_no_state_is_derived_from_a_moment_that_has_not_come(found: list[Assignment]) -> None:
    as_of = min((one.valid_from for one in found), default=0) - 40 * 86_400_000_000
    early = compose(found, as_of=as_of, zone=TRIPOLI, conflict=True, cast=CAST)
    derived = {row["state"] for name in ("threats", "demands") for row in early[name]}
    assert not derived & {"expired", "lapsed"}
    assert not any(row["overdue"] for row in early["scheduled"])
