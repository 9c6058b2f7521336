"""What does not fit, at the door: each contradiction is recorded, warned of and listed, until a
correction, a withdrawal, a refutation or a later report resolves it."""

from collections.abc import Callable
from typing import Any

import pytest

from service.domain.anomalies import CONTRADICTIONS
from tests.api.desks import AtDesk, Body

EVENT = {"scheduled": {"event": "talks", "title": "The talks"}}
THREAT = {"threat": {"threat": "vow"}}
DEMAND = {"demand": {"demand": "halt"}}
MEASURE = {"measure": {"measure": "truce"}}

MOVES: dict[str, Body] = {
    "planned": {"kind": "scheduled.planned", "details": EVENT},
    "postponed": {"kind": "scheduled.postponed", "details": EVENT},
    "cancelled": {"kind": "scheduled.cancelled", "details": EVENT},
    "held": {"kind": "scheduled.held", "details": EVENT},
    "reaffirmed": {"kind": "scheduled.reaffirmed", "details": EVENT},
    "withdrawn": {"kind": "threat.withdrawn", "details": THREAT},
    "carried_out": {"kind": "threat.carried_out", "details": THREAT},
    "accepted": {"kind": "call.accepted", "details": DEMAND, "actors": "by:lna"},
    "met": {"kind": "call.met", "details": DEMAND, "actors": "by:lna"},
    "rejected": {"kind": "call.rejected", "details": DEMAND, "actors": "by:lna"},
    "blocked": {"kind": "veto", "details": DEMAND, "actors": "by:un to:lna"},
    "violated": {"kind": "ceasefire.violated", "details": MEASURE, "actors": "by:lna"},
    "ended": {"kind": "ceasefire", "details": {"measure": {"measure": "truce", "state": "ended"}},
              "actors": "by:lna with:gna"},
}  # fmt: skip

# Nothing that a desk can report ends a presence (docs/slots.md).
PAIRS = sorted(
    pair for form in CONTRADICTIONS if form != "presence" for pair in CONTRADICTIONS[form]
)
NAMES = [f"{then} after {first}" for first, then in PAIRS]
every_contradiction = pytest.mark.parametrize(("first", "then"), PAIRS, ids=NAMES)


def contradicted(times: AtDesk, first: str, then: str) -> Body:
    """The second of two moves that cannot both be so, as it was answered."""
    times.reports("first", occurred="2019-04-01", **MOVES[first])
    return times.reports("then", occurred="2019-04-02", **MOVES[then])


@every_contradiction
def test_what_contradicts_is_recorded_warned_of_and_listed(
    times: AtDesk, first: str, then: str
) -> None:
    moved = contradicted(times, first, then)

    (warning,) = [said for said in moved["warnings"] if said["code"] == "contradicts"]
    (anomaly,) = times.reads("situation")["anomalies"]
    assert (warning["after"], warning["value"]) == (anomaly["after"], anomaly["value"])
    assert (anomaly["after"], anomaly["value"]) == (first, then)
    assert anomaly["development"] == moved["id"]
    assert anomaly["says"] == warning["says"]


RESOLVED: dict[str, Callable[[AtDesk, Body, str], Any]] = {
    "a correction": lambda times, moved, _: times.acts(
        moved,
        "corrections",
        {"changes": {"kind": "background", "details": None}, "notice": "It was no such thing."},
    ),
    "a withdrawal": lambda times, moved, _: times.acts(
        moved, "withdrawal", {"notice": "It never happened."}
    ),
    "a refutation": lambda times, moved, _: times.acts(
        moved, "verifications", {"status": "refuted"}
    ),
    "a later report": lambda times, _, then: times.reports(
        "later", occurred="2019-04-03", **MOVES[then]
    ),
}


@pytest.mark.parametrize("how", RESOLVED)
@every_contradiction
def test_what_contradicts_is_resolved(times: AtDesk, first: str, then: str, how: str) -> None:
    moved = contradicted(times, first, then)

    # A reaffirmation is measured by the plan's state: only a later word on that resolves it.
    plan = "held" if first == "held" else "planned"
    answer = RESOLVED[how](times, moved, plan if then == "reaffirmed" else then)

    assert times.reads("situation")["anomalies"] == []
    assert [said["code"] for said in answer["warnings"]] == []
    before = times.reads(f"situation?position={moved['position']}")["anomalies"]
    assert [anomaly["value"] for anomaly in before] == [then]


def test_nothing_that_a_desk_can_report_is_left_out() -> None:
    assert {word for pair in PAIRS for word in pair} == set(MOVES)
