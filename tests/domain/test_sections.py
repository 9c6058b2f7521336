"""The sections of the situation: what each shows, and what passing time makes of it."""

from typing import Any

import pytest

from tests.domain.telling import (
    Telling,
    about_threat,
    imposes,
    plans,
    threatens,
)

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
