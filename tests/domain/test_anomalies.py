"""What does not fit: each move that contradicts what stood is recorded and shown."""

import pytest

from service.domain.anomalies import CONTRADICTIONS, contradictions, measured_by
from service.domain.kinds import assignments
from tests.domain.telling import Telling, about_threat, answers, imposes, plans, threatens, version

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


@pytest.mark.parametrize(
    ("first", "then"), PAIRS, ids=[f"{then} after {first}" for first, then in PAIRS]
)
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


@pytest.mark.parametrize(
    ("first", "then"), FITTING, ids=[f"{then} after {first}" for first, then in FITTING]
)
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
    story.reports("occurrence", "2019-04-05", details={"notes": {"state": "cancelled"}})
    story.reports("occurrence", "2019-04-06", details={"notes": {"state": "held"}})
    assert story.situation()["anomalies"] == []
