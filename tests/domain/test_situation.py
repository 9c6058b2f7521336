"""The situation: what each section shows, what time makes of it, what does not fit."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.anomalies import CONTRADICTIONS, contradictions, measured_by
from service.domain.kinds import assignments
from service.domain.situation import SECTIONS, compose
from service.domain.slots import Assignment
from tests.domain.telling import CAST, TRIPOLI, Telling, answer, at, version

EVIDENCE = ("since", "slot", "slots", "development", "version", "verification")


def threatens(story: Telling, on: str, **said: Any) -> str:
    actors = "by:lna against:gna"
    return story.reports(
        "threat.made", on, actors=actors, details={"threat": {"threat": "t1", **said}}
    )


def about_threat(story: Telling, kind: str, on: str) -> str:
    return story.reports(kind, on, actors="by:lna", details={"threat": {"threat": "t1"}})


def calls(story: Telling, on: str, to: str = "to:lna to:gna", **said: Any) -> str:
    demand = {"demand": {"demand": "d1", **said}}
    return story.reports("call.made", on, actors=f"by:un {to}", details=demand)


def answers(story: Telling, kind: str, on: str, actors: str) -> str:
    return story.reports(kind, on, actors=actors, details={"demand": {"demand": "d1"}})


def plans(story: Telling, on: str, kind: str = "scheduled.planned", **said: Any) -> str:
    return story.reports(kind, on, details={"scheduled": {"event": "conf", **said}})


def imposes(story: Telling, on: str, kind: str = "sanction", **said: Any) -> str:
    measure = {"measure": {"measure": "m1", **said}}
    return story.reports(kind, on, actors="by:un against:lna", details=measure)


def states(story: Telling, as_of: str = "2019-04-18") -> dict[str, str]:
    shown = story.only("demands", as_of, settled=True)["addressees"]
    return {row["addressee"]: row["state"] for row in shown}


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


# -- parties ------------------------------------------------------------------------------------


def test_a_party_shows_posture_alert_and_fighting_and_all_the_slots_they_stand_in() -> None:
    story = Telling()
    story.reports("offensive.ordered", "2019-04-04", actors="by:lna")
    story.reports("alert.raised", "2019-04-03", actors="by:lna")
    story.reports("clash", "2019-04-05", actors="by:lna")
    party = story.only("parties")
    assert (party["posture"], party["fighting"], party["alert"]) == ("attacking", True, "raised")
    assert party["slots"] == ["posture:lna", "engaged:lna", "alert:lna"]


def test_a_party_of_which_only_a_fight_is_known_has_no_posture() -> None:
    story = Telling()
    story.reports("clash", "2019-04-05", actors="by:misrata")
    party = story.only("parties")
    assert (party["posture"], party["fighting"], party["slot"]) == (None, True, "engaged:misrata")
    assert party["name"] == "misrata"


def test_a_party_stops_fighting_with_its_ceasefire_and_fights_again_when_it_is_engaged() -> None:
    story = Telling()
    story.reports("clash", "2019-04-05", actors="by:lna")
    story.reports("ceasefire", "2019-04-06", actors="by:lna with:un")
    assert story.only("parties", "2019-04-05")["fighting"] is True
    assert [p["fighting"] for p in story.situation("2019-04-06")["parties"]] == [False, False]
    story.reports("clash", "2019-04-07", actors="by:lna")
    fighting = {p["actor"]: p["fighting"] for p in story.situation()["parties"]}
    assert fighting == {"lna": True, "un": False}


def test_a_new_posture_after_a_ceasefire_does_not_bring_the_old_fight_back() -> None:
    story = Telling()
    story.reports("clash", "2019-04-05", actors="by:lna")
    story.reports("ceasefire", "2019-04-06", actors="by:lna")
    story.reports("mobilisation", "2019-04-07", actors="by:lna")
    party = story.only("parties")
    assert (party["posture"], party["fighting"]) == ("mobilising", False)


def test_parties_come_by_slug() -> None:
    story = Telling()
    story.reports("clash", "2019-04-05", actors="by:lna against:gna")
    assert [party["actor"] for party in story.situation()["parties"]] == ["gna", "lna"]


# -- threats ------------------------------------------------------------------------------------


def test_a_threat_shows_its_terms_and_state() -> None:
    story = Telling()
    made = threatens(story, "2019-04-06", text="We shall answer")
    threat = story.only("threats")
    assert {name: threat[name] for name in ("threat", "by", "also_by", "against", "text")} == {
        "threat": "t1",
        "by": "lna",
        "also_by": [],
        "against": ["gna"],
        "text": "We shall answer",
    }
    assert (threat["state"], threat["development"]) == ("open", made)
    assert threat["slots"] == ["threat:t1:state", "threat:t1:terms"]
    assert threat["names"]["lna"] == "Libyan National Army"


def test_a_threat_expires_when_its_deadline_passes_and_not_before() -> None:
    story = Telling()
    threatens(story, "2019-04-06", deadline="2019-04-10")
    assert story.only("threats", "2019-04-09")["state"] == "open"
    over = story.only("threats", "2019-04-10")
    assert (over["state"], over["since"]) == ("expired", "2019-04-10T21:59:59.999999Z")


def test_a_threat_that_was_carried_out_does_not_expire() -> None:
    story = Telling()
    threatens(story, "2019-04-06", deadline="2019-04-10")
    about_threat(story, "airstrike", "2019-04-08")
    assert story.only("threats", "2019-04-11")["state"] == "carried_out"


def test_a_threat_may_be_carried_out_that_nobody_heard() -> None:
    story = Telling()
    about_threat(story, "threat.carried_out", "2019-04-08")
    threat = story.only("threats")
    assert (threat["state"], threat["by"], threat["text"]) == ("carried_out", None, None)


def test_a_joint_threat_names_its_further_authors() -> None:
    story = Telling()
    story.reports("threat.made", "2019-04-06", actors="by:lna by:militia")
    threat = story.only("threats")
    assert (threat["by"], threat["also_by"]) == ("lna", ["militia"])


def test_the_newest_threat_comes_first() -> None:
    story = Telling()
    story.reports("threat.made", "2019-04-05", details={"threat": {"threat": "a"}})
    story.reports("threat.made", "2019-04-06", details={"threat": {"threat": "b"}})
    assert [threat["threat"] for threat in story.situation()["threats"]] == ["b", "a"]


# -- demands ------------------------------------------------------------------------------------


def test_a_demand_has_a_state_for_each_addressee() -> None:
    story = Telling()
    calls(story, "2019-04-05", text="Halt")
    answers(story, "call.rejected", "2019-04-06", "by:lna")
    assert states(story) == {"lna": "rejected", "gna": "open"}
    demand = story.only("demands")
    assert (demand["state"], demand["text"], demand["by"]) == ("open", "Halt", "un")
    assert len(demand["slots"]) == 3


@pytest.mark.parametrize("state", ["accepted", "met", "rejected"])
def test_an_addressee_accepts_meets_or_rejects_a_demand(state: str) -> None:
    story = Telling()
    calls(story, "2019-04-05", to="to:lna")
    answers(story, f"call.{state}", "2019-04-06", "by:lna")
    assert states(story) == {"lna": state}
    assert story.only("demands")["state"] == state


def test_a_demand_lapses_for_whom_it_is_still_open_when_its_deadline_passes() -> None:
    story = Telling()
    calls(story, "2019-04-05", deadline="2019-04-07")
    answers(story, "call.accepted", "2019-04-06", "by:gna")
    assert states(story, "2019-04-06") == {"lna": "open", "gna": "accepted"}
    assert states(story, "2019-04-07") == {"lna": "lapsed", "gna": "accepted"}


def test_a_veto_blocks_whom_it_names() -> None:
    story = Telling()
    calls(story, "2019-04-05")
    answers(story, "veto", "2019-04-06", "by:russia to:gna")
    assert states(story) == {"lna": "open", "gna": "blocked"}


def test_a_veto_that_names_nobody_blocks_whoever_has_not_met_or_rejected_it() -> None:
    story = Telling()
    calls(story, "2019-04-05")
    answers(story, "call.met", "2019-04-05", "by:gna")
    veto = answers(story, "veto", "2019-04-06", "by:russia")
    assert states(story) == {"lna": "blocked", "gna": "met"}
    blocked = story.only("demands")["addressees"][1]
    assert (blocked["slot"], blocked["development"]) == ("demand:d1:state:all", veto)


def test_what_is_answered_after_a_veto_for_all_stands() -> None:
    story = Telling()
    calls(story, "2019-04-05", to="to:lna")
    answers(story, "veto", "2019-04-06", "by:russia")
    answers(story, "call.accepted", "2019-04-07", "by:lna")
    assert states(story) == {"lna": "accepted", "all": "blocked"}


def test_a_veto_of_what_nobody_was_heard_to_demand_is_shown() -> None:
    story = Telling()
    answers(story, "veto", "2019-04-06", "by:russia")
    assert states(story) == {"all": "blocked"}
    assert story.only("demands")["text"] is None


def test_a_call_to_nobody_in_particular_stays_open_to_all_whoever_rejects_it() -> None:
    story = Telling()
    calls(story, "2019-04-05", to="")
    answers(story, "call.rejected", "2019-04-06", "by:lna")
    assert states(story) == {"all": "open", "lna": "rejected"}
    assert story.only("demands")["state"] == "open"


# -- scheduled ----------------------------------------------------------------------------------


def test_an_event_is_planned_and_overdue_when_its_plan_is_over_and_nobody_said_held() -> None:
    story = Telling()
    plans(story, "2019-03-20", title="Conference", starts="2019-04-14", ends="2019-04-16")
    before = story.only("scheduled", "2019-04-15")
    assert (before["title"], before["state"], before["overdue"]) == ("Conference", "planned", False)
    after = story.only("scheduled", "2019-04-16")
    assert (after["state"], after["overdue"]) == ("planned", True)
    assert after["overdue_since"] == "2019-04-16T21:59:59.999999Z"


def test_a_plan_without_an_end_is_over_with_its_start() -> None:
    story = Telling()
    plans(story, "2019-03-20", starts="2019-04-14T10:00Z")
    assert story.only("scheduled", "2019-04-14T09:59:59Z")["overdue"] is False
    assert story.only("scheduled", "2019-04-14T10:00Z")["overdue"] is True


def test_a_plan_is_over_in_its_own_time_zone() -> None:
    story = Telling()
    plans(story, "2019-03-20", starts="2019-04-14", time_zone="America/New_York")
    assert story.only("scheduled", "2019-04-14")["overdue"] is False
    assert story.only("scheduled", "2019-04-15T03:59:59.999999Z")["overdue"] is True


@pytest.mark.parametrize("kind", ["scheduled.held", "meeting", "scheduled.cancelled"])
def test_what_was_held_or_cancelled_is_not_overdue(kind: str) -> None:
    story = Telling()
    plans(story, "2019-03-20", starts="2019-04-14")
    plans(story, "2019-04-14", kind)
    event = story.only("scheduled", "2019-04-20")
    assert event["state"] == ("cancelled" if kind == "scheduled.cancelled" else "held")
    assert event["overdue"] is False


def test_what_was_postponed_without_a_new_date_is_not_overdue_and_keeps_its_title() -> None:
    story = Telling()
    plans(story, "2019-03-20", title="Conference", starts="2019-04-14")
    plans(story, "2019-04-09", "scheduled.postponed")
    event = story.only("scheduled", "2019-04-20")
    assert (event["state"], event["starts"], event["overdue"]) == ("postponed", None, False)
    assert event["title"] == "Conference"


def test_what_was_postponed_to_a_new_date_is_planned_anew_and_overdue_after_it() -> None:
    story = Telling()
    plans(story, "2019-03-20", starts="2019-04-14")
    plans(story, "2019-04-09", "scheduled.postponed", starts="2019-04-20")
    assert story.only("scheduled", "2019-04-19")["overdue"] is False
    event = story.only("scheduled", "2019-04-20")
    assert (event["state"], event["starts"], event["overdue"]) == ("postponed", "2019-04-20", True)


def test_a_reaffirmation_is_shown_until_something_newer_is_said() -> None:
    story = Telling()
    plans(story, "2019-03-20", starts="2019-04-14")
    again = plans(story, "2019-04-06", "scheduled.reaffirmed")
    event = story.only("scheduled", "2019-04-06")
    assert event["reaffirmed"]["development"] == again
    assert "scheduled:conf:reaffirmed" in event["slots"]
    plans(story, "2019-04-09", "scheduled.postponed")
    assert story.only("scheduled", "2019-04-09")["reaffirmed"] is None


def test_an_event_nobody_planned_may_be_held() -> None:
    story = Telling()
    plans(story, "2019-04-05", "scheduled.held")
    event = story.only("scheduled")
    assert (event["event"], event["title"], event["state"]) == ("conf", "conf", "held")


def test_events_come_by_their_start_and_the_undated_last() -> None:
    story = Telling()
    for event, starts in (("a", None), ("b", "2019-05-01T23:00-05:00"), ("c", "2019-05-02")):
        plan = {"event": event} | ({"starts": starts} if starts else {})
        story.reports("scheduled.planned", "2019-04-05", details={"scheduled": plan})
    assert [row["event"] for row in story.situation()["scheduled"]] == ["c", "b", "a"]


# -- casualties ---------------------------------------------------------------------------------


def counts(story: Telling, on: str, by: str, scope: str = "total", **figures: Any) -> str:
    details = {"casualties": {"scope": scope, **figures}}
    return story.reports("casualties.reported", on, actors=f"by:{by}", details=details)


def test_counters_are_listed_side_by_side_and_never_added() -> None:
    story = Telling()
    counts(story, "2019-04-08", "moh", killed=25, wounded=80)
    counts(story, "2019-04-08", "un", killed=32)
    counts(story, "2019-04-05", "lna", scope="airport", killed={"low": 4, "high": 6})
    found = story.situation()["casualties"]
    assert [(row["scope"], row["counted_by"]) for row in found] == [
        ("total", "moh"),
        ("total", "un"),
        ("airport", "lna"),
    ]
    assert found[0]["killed"] == {"low": 25, "best": 25, "high": 25}
    assert found[0]["wounded"] == {"low": 80, "best": 80, "high": 80}
    assert found[2]["killed"] == {"low": 4, "best": None, "high": 6}


def test_a_counters_newest_figure_stands_even_when_it_is_lower() -> None:
    story = Telling()
    counts(story, "2019-04-08", "ocha", displaced=3400)
    counts(story, "2019-04-09", "ocha", displaced=3000)
    entry = story.only("casualties")
    assert (entry["displaced"]["best"], entry["until"]) == (3000, "2019-04-09")
    assert story.situation()["anomalies"] == []


def test_each_figure_keeps_the_development_that_gave_it() -> None:
    story = Telling()
    older = counts(story, "2019-04-08", "who", wounded=80)
    newer = counts(story, "2019-04-09", "who", killed=47)
    entry = story.only("casualties")
    own = {row["figure"]: (row["development"], row["until"]) for row in entry["figures"]}
    assert own == {"killed": (newer, "2019-04-09"), "wounded": (older, "2019-04-08")}
    assert (entry["development"], entry["until"]) == (newer, "2019-04-09")


def test_of_two_reports_the_one_that_counts_further_stands_whichever_came_first() -> None:
    story = Telling()
    counts(story, "2019-04-16", "who", killed=174, until="2019-04-16")
    counts(story, "2019-04-17", "who", killed=147, until="2019-04-15")
    assert story.only("casualties")["killed"]["best"] == 174


# -- relations, access, measures, presence, notes -----------------------------------------------


def test_a_relation_is_in_force_until_it_is_broken() -> None:
    story = Telling()
    details = {"relation": {"type": "recognises"}}
    story.reports("relation.declared", "2019-04-05", actors="by:uk to:gna", details=details)
    relation = story.only("relations")
    assert (relation["by"], relation["to"], relation["type"]) == ("uk", "gna", "recognises")
    assert relation["state"] == "in_force"
    story.reports("relation.broken", "2019-04-06", actors="by:uk to:gna", details=details)
    assert story.only("relations")["state"] == "ended"


def test_a_place_is_closed_until_it_is_reopened() -> None:
    story = Telling()
    story.reports("closure", "2019-04-08", places="gharyan")
    assert (story.only("access")["name"], story.only("access")["state"]) == ("Gharyan", "closed")
    story.reports("reopening", "2019-04-09", places="gharyan")
    assert story.only("access")["state"] == "open"


def test_a_measure_ends_when_its_date_passes() -> None:
    story = Telling()
    imposes(story, "2019-04-05", until="2019-04-10", text="No arms")
    measure = story.only("measures", "2019-04-09")
    assert (measure["state"], measure["text"], measure["until"]) == (
        "in_force",
        "No arms",
        "2019-04-10",
    )
    over = story.only("measures", "2019-04-10")
    assert (over["state"], over["since"]) == ("ended", "2019-04-10T21:59:59.999999Z")


def test_a_violated_ceasefire_reads_so_until_its_date_passes() -> None:
    story = Telling()
    imposes(story, "2019-04-05", "ceasefire", until="2019-04-10")
    imposes(story, "2019-04-06", "ceasefire.violated")
    assert story.only("measures", "2019-04-09")["state"] == "violated"
    assert story.only("measures", "2019-04-10")["state"] == "ended"


def test_when_a_renewed_measure_is_over_the_older_one_does_not_resurface() -> None:
    story = Telling()
    imposes(story, "2019-04-01", text="For ever")
    imposes(story, "2019-04-05", text="A week", until="2019-04-12")
    measure = story.only("measures", "2019-04-13")
    assert (measure["text"], measure["state"]) == ("A week", "ended")


def test_a_measure_that_was_renewed_without_an_end_is_in_force() -> None:
    story = Telling()
    imposes(story, "2019-04-05", until="2019-04-10")
    imposes(story, "2019-04-09")
    assert story.only("measures", "2019-04-20")["state"] == "in_force"


def test_a_measure_may_be_said_to_have_ended() -> None:
    story = Telling()
    imposes(story, "2019-04-05")
    imposes(story, "2019-04-06", state="ended")
    assert story.only("measures")["state"] == "ended"


def test_a_presence_is_reduced_by_an_evacuation() -> None:
    story = Telling()
    story.reports("evacuation", "2019-04-07", actors="by:lna")
    presence = story.only("presence")
    assert (presence["actor"], presence["name"], presence["state"]) == (
        "lna",
        "Libyan National Army",
        "reduced",
    )


def test_a_note_is_shown_by_its_name() -> None:
    story = Telling(conflict=False)
    story.reports("occurrence", "2019-04-07", details={"notes": {"level-cm": 412, "a": "x"}})
    assert [(row["note"], row["value"]) for row in story.situation()["notes"]] == [
        ("a", "x"),
        ("level-cm", 412),
    ]


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


# -- what does not fit --------------------------------------------------------------------------

MOVES = {
    "planned": lambda story, on: plans(story, on, starts="2019-05-01"),
    "held": lambda story, on: plans(story, on, "scheduled.held"),
    "cancelled": lambda story, on: plans(story, on, "scheduled.cancelled"),
    "postponed": lambda story, on: plans(story, on, "scheduled.postponed"),
    "reaffirmed": lambda story, on: plans(story, on, "scheduled.reaffirmed"),
    "open": lambda story, on: threatens(story, on),
    "withdrawn": lambda story, on: about_threat(story, "threat.withdrawn", on),
    "carried_out": lambda story, on: about_threat(story, "airstrike", on),
    "met": lambda story, on: answers(story, "call.met", on, "by:lna"),
    "accepted": lambda story, on: answers(story, "call.accepted", on, "by:lna"),
    "rejected": lambda story, on: answers(story, "call.rejected", on, "by:lna"),
    "blocked": lambda story, on: answers(story, "veto", on, "by:russia to:lna"),
    "in_force": lambda story, on: imposes(story, on),
    "violated": lambda story, on: imposes(story, on, "ceasefire.violated"),
    "ended": lambda story, on: imposes(story, on, state="ended"),
}

PAIRS = sorted(
    pair for form, pairs in CONTRADICTIONS.items() if form != "presence" for pair in pairs
)

FITTING = [
    ("planned", "held"),
    ("planned", "cancelled"),
    ("postponed", "held"),
    ("cancelled", "planned"),
    ("planned", "reaffirmed"),
    ("reaffirmed", "cancelled"),
    ("reaffirmed", "held"),
    ("open", "carried_out"),
    ("carried_out", "open"),
    ("accepted", "rejected"),
    ("rejected", "accepted"),
    ("rejected", "met"),
    ("in_force", "violated"),
    ("ended", "in_force"),
    ("held", "held"),
]


@pytest.mark.parametrize(("first", "then"), PAIRS, ids=lambda word: str(word))
def test_a_move_that_contradicts_what_stood_is_recorded_and_shown(first: str, then: str) -> None:
    story = Telling()
    before = MOVES[first](story, "2019-04-05")
    after = MOVES[then](story, "2019-04-06")
    (anomaly,) = story.situation()["anomalies"]
    assert (anomaly["development"], anomaly["previous"]["development"]) == (after, before)
    assert (anomaly["value"], anomaly["after"]) == (then, first)
    assert anomaly["says"].endswith(
        f"reported as {then} after it had been reported as {first}.".replace("_", " ")
    )


@pytest.mark.parametrize(("first", "then"), FITTING, ids=lambda word: str(word))
def test_a_move_that_may_follow_is_no_anomaly(first: str, then: str) -> None:
    story = Telling()
    MOVES[first](story, "2019-04-05")
    MOVES[then](story, "2019-04-06")
    assert story.situation()["anomalies"] == []


def test_a_presence_that_ended_cannot_be_reduced() -> None:
    story = Telling()
    story.sets("presence:us", "ended", "2019-04-05")
    story.reports("evacuation", "2019-04-06", actors="by:us")
    (anomaly,) = story.situation()["anomalies"]
    assert anomaly["slot"] == "presence:us"


def test_an_anomaly_is_there_when_the_earlier_move_is_reported_late() -> None:
    story = Telling()
    plans(story, "2019-04-06", "scheduled.held")
    plans(story, "2019-04-05", "scheduled.cancelled")
    assert len(story.situation()["anomalies"]) == 1


def test_a_later_report_resolves_an_anomaly() -> None:
    story = Telling()
    plans(story, "2019-04-05", "scheduled.cancelled")
    plans(story, "2019-04-06", "scheduled.held")
    plans(story, "2019-04-07", "scheduled.held")
    assert story.situation()["anomalies"] == []


def test_an_anomaly_stays_until_it_is_resolved_however_long_ago_the_matter_was_settled() -> None:
    story = Telling()
    plans(story, "2019-04-05", "scheduled.cancelled")
    plans(story, "2019-04-06", "scheduled.held")
    assert story.situation("2019-12-31")["scheduled"] == []
    assert len(story.situation("2019-12-31")["anomalies"]) == 1


@pytest.mark.parametrize("kind", ["scheduled.held", "scheduled.reaffirmed"])
def test_what_does_not_fit_is_known_when_it_is_posted(kind: str) -> None:
    story = Telling()
    before = plans(story, "2019-04-05", "scheduled.cancelled")
    standing, _ = story.standing("2019-04-06")
    details = {"scheduled": {"event": "conf"}}
    posted = assignments(version(kind, occurred="2019-04-06", details=details, number=99))
    (warning,) = contradictions(posted, standing)
    assert warning["previous"]["development"] == before
    assert contradictions(posted, {}) == []


@pytest.mark.parametrize(
    ("slot", "measure"),
    [
        ("scheduled:conf:state", "scheduled:conf:state"),
        ("scheduled:conf:reaffirmed", "scheduled:conf:state"),
        ("demand:d1:state:lna", "demand:d1:state:lna"),
        ("presence:us", "presence:us"),
        ("scheduled:conf:plan", None),
        ("threat:t1:terms", None),
        ("note:a", None),
        ("summary", None),
    ],
)
def test_a_move_is_measured_by_one_slot_or_by_none(slot: str, measure: str | None) -> None:
    assert measured_by(slot) == measure


def test_a_development_does_not_contradict_itself() -> None:
    story = Telling()
    plans(story, "2019-04-05", "scheduled.held")
    cancelled = version("scheduled.cancelled", details={"scheduled": {"event": "conf"}}, number=1)
    assert contradictions(assignments(cancelled), story.standing()[0]) == []


def test_a_note_may_hold_anything_and_contradicts_nothing() -> None:
    story = Telling()
    story.reports("occurrence", "2019-04-05", details={"notes": {"a": ["x"]}})
    story.reports("occurrence", "2019-04-06", details={"notes": {"a": {"y": 1}}})
    assert story.situation()["anomalies"] == []


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
    shown = {slot for entry in entries for slot in entry["slots"]}
    assert shown == {one.slot for one in found if not one.slot.startswith("heat:")}


@given(boards)
def test_no_state_is_derived_from_a_moment_that_has_not_come(found: list[Assignment]) -> None:
    as_of = min((one.valid_from for one in found), default=0) - 40 * 86_400_000_000
    early = compose(found, as_of=as_of, zone=TRIPOLI, conflict=True, cast=CAST)
    derived = {row["state"] for name in ("threats", "demands") for row in early[name]}
    assert not derived & {"expired", "lapsed"}
    assert not any(row["overdue"] for row in early["scheduled"])
