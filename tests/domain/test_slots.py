"""What a version puts into which slot: a test for each row of the table of slots, and more."""

from typing import Any

import pytest

from service.domain.kinds import (
    assignments,
)
from service.domain.slots import Version
from tests.domain.telling import at, version


def values(reported: Version) -> dict[str, Any]:
    return {one.slot: one.value for one in assignments(reported)}


def told(kind: str, **said: Any) -> dict[str, Any]:
    return values(version(kind, conflict=False, **said))


# -- one row of the slot table after the other -------------------------------------------------


def test_a_posture_is_that_of_the_party_that_acts() -> None:
    assert told("offensive.ordered", actors="by:lna against:gna") == {"posture:lna": "attacking"}


@pytest.mark.parametrize(
    "posture", ["calm", "alert", "mobilising", "attacking", "defending", "ceasefire"]
)
def test_details_of_a_kind_of_force_may_say_the_posture(posture: str) -> None:
    said = told("clash", actors="by:lna", details={"posture": posture})
    assert said["posture:lna"] == posture


def test_the_posture_that_the_details_say_is_surer_than_the_one_that_the_kind_implies() -> None:
    said = told("mobilisation", actors="by:lna", details={"posture": "defending"})
    assert said == {"posture:lna": "defending"}


def test_both_sides_of_a_clash_are_engaged_and_the_place_was_fought_for() -> None:
    assert told("clash", actors="by:lna against:gna", places="gharyan") == {
        "engaged:lna": "clash",
        "engaged:gna": "clash",
        "fought:gharyan": "clash",
    }


def test_an_alert_has_the_level_that_the_details_say_else_that_of_its_kind() -> None:
    assert told("alert.raised", actors="by:gna") == {"alert:gna": "raised"}
    maximum = {"alert": {"level": "maximum"}}
    assert told("alert.raised", actors="by:gna", details=maximum) == {"alert:gna": "maximum"}
    assert told("alert.lowered", actors="by:gna") == {"alert:gna": "lowered"}
    normal = {"alert": {"level": "normal"}}
    assert told("alert.lowered", actors="by:gna", details=normal) == {"alert:gna": "normal"}


def test_a_claim_of_control_is_the_claimants_own_at_each_place() -> None:
    assert told("control.claimed", actors="by:lna", places="gharyan tarhuna") == {
        "control:gharyan:lna:lna": "asserts",
        "control:tarhuna:lna:lna": "asserts",
    }


def test_the_details_name_the_places_of_control_before_the_development_does() -> None:
    details = {"control": {"places": ["gharyan"]}}
    said = told("control.claimed", actors="by:lna", places="gharyan tarhuna", details=details)
    assert said == {"control:gharyan:lna:lna": "asserts"}


def test_a_claim_may_be_made_for_another_party() -> None:
    details = {"control": {"party": "lna"}}
    said = told("control.claimed", actors="by:reuters", places="gharyan", details=details)
    assert said == {"control:gharyan:lna:reuters": "asserts"}


def test_who_denies_a_loss_denies_the_other_partys_control() -> None:
    said = told("control.denied", actors="by:lna against:gna", places="airport")
    assert said == {"control:airport:gna:lna": "denies"}


def test_who_pulls_back_releases_its_own_claim() -> None:
    said = told("pullback", actors="by:lna", places="gharyan")
    assert said == {"control:gharyan:lna:lna": "released"}


def test_of_several_that_act_the_party_that_pulls_back_may_be_named() -> None:
    details = {"control": {"party": "brigade-7"}}
    said = told("pullback", actors="by:lna by:brigade-7", places="gharyan", details=details)
    assert said == {"control:gharyan:brigade-7:brigade-7": "released"}


def test_a_confirmation_names_the_holder() -> None:
    details = {"control": {"party": "gna"}}
    said = told("control.confirmed", actors="by:reuters", places="airport", details=details)
    assert said == {"holder:airport": "gna"}


def test_access_is_closed_and_opened_by_place() -> None:
    assert told("closure", places="mitiga") == {"access:mitiga": "closed"}
    there = {"access": {"places": ["mitiga"]}}
    assert told("reopening", places="tripoli", details=there) == {"access:mitiga": "open"}


def test_a_threat_has_terms_and_is_open() -> None:
    details = {"threat": {"threat": "t1", "text": "We shall answer", "deadline": "2019-04-10"}}
    assert told("threat.made", actors="by:lna against:gna", details=details) == {
        "threat:t1:terms": {
            "text": "We shall answer",
            "by": ["lna"],
            "against": ["gna"],
            "to": [],
            "with": [],
            "deadline": "2019-04-10",
        },
        "threat:t1:state": "open",
    }


def test_terms_without_a_text_are_told_by_the_headline() -> None:
    said = told("threat.made", headline="LNA vows to answer")
    assert next(iter(said.values()))["text"] == "LNA vows to answer"


@pytest.mark.parametrize(
    ("kind", "state"),
    [("threat.carried_out", "carried_out"), ("threat.withdrawn", "withdrawn")],
)
def test_a_threat_is_carried_out_or_withdrawn_by_its_name(kind: str, state: str) -> None:
    assert told(kind, details={"threat": {"threat": "t1"}}) == {"threat:t1:state": state}


def test_a_strike_carries_out_the_threat_that_it_names_and_none_otherwise() -> None:
    named = {"threat": {"threat": "t1"}}
    assert told("airstrike", actors="by:lna", details=named)["threat:t1:state"] == "carried_out"
    assert told("airstrike", actors="by:lna") == {"engaged:lna": "airstrike"}


def test_a_demand_is_open_to_each_whom_it_is_addressed_to() -> None:
    details = {"demand": {"demand": "d1", "text": "Halt"}}
    said = told("call.made", actors="by:un to:lna to:gna", details=details)
    assert said["demand:d1:terms"]["text"] == "Halt"
    assert said["demand:d1:terms"]["to"] == ["lna", "gna"]
    assert said["demand:d1:state:lna"] == said["demand:d1:state:gna"] == "open"


def test_a_demand_to_nobody_in_particular_is_addressed_to_all() -> None:
    said = told("call.made", actors="by:g7", details={"demand": {"demand": "d1"}})
    assert said["demand:d1:state:all"] == "open"


@pytest.mark.parametrize("state", ["accepted", "met", "rejected"])
def test_who_answers_a_demand_moves_its_own_state_only(state: str) -> None:
    details = {"demand": {"demand": "d1"}}
    said = told(f"call.{state}", actors="by:lna to:un", details=details)
    assert said == {"demand:d1:state:lna": state}


def test_a_veto_blocks_the_demand_for_whom_it_names_else_for_all() -> None:
    details = {"demand": {"demand": "d1"}}
    named = told("veto", actors="by:russia to:unsc", details=details)
    assert named == {"demand:d1:state:unsc": "blocked"}
    assert told("veto", actors="by:russia", details=details) == {"demand:d1:state:all": "blocked"}


def test_what_is_planned_has_a_plan_and_a_state() -> None:
    plan = {"title": "Conference", "starts": "2019-04-14", "ends": "2019-04-16"}
    said = told("scheduled.planned", details={"scheduled": {"event": "conf", **plan}})
    assert said == {
        "scheduled:conf:plan": {**plan, "time_zone": None},
        "scheduled:conf:state": "planned",
    }


def test_a_postponement_makes_a_new_plan_with_a_date_or_without_one() -> None:
    dated = {"scheduled": {"event": "conf", "starts": "2019-05-01"}}
    said = told("scheduled.postponed", details=dated)
    assert said["scheduled:conf:plan"]["starts"] == "2019-05-01"
    assert said["scheduled:conf:state"] == "postponed"
    undated = told("scheduled.postponed", details={"scheduled": {"event": "conf"}})
    assert undated["scheduled:conf:plan"] == dict.fromkeys(["title", "starts", "ends", "time_zone"])


@pytest.mark.parametrize("kind", ["scheduled.held", "meeting"])
def test_an_event_is_held_by_its_name(kind: str) -> None:
    said = told(kind, details={"scheduled": {"event": "conf"}})
    assert said == {"scheduled:conf:state": "held"}


def test_an_event_is_cancelled_or_reaffirmed_by_its_name() -> None:
    named = {"scheduled": {"event": "conf"}}
    assert told("scheduled.cancelled", details=named) == {"scheduled:conf:state": "cancelled"}
    again = told("scheduled.reaffirmed", actors="by:un", details=named, headline="It stands")
    assert again == {"scheduled:conf:reaffirmed": {"by": ["un"], "text": "It stands"}}


def test_casualties_are_counted_by_scope_counter_and_figure() -> None:
    count = {"scope": "wadi", "counted_by": "lna", "killed": {"low": 4, "high": 6}, "wounded": 2}
    said = told("airstrike", details={"casualties": count})
    assert said == {
        "casualties:wadi:lna:killed": {"low": 4, "best": None, "high": 6, "until": "2019-04-05"},
        "casualties:wadi:lna:wounded": {"low": 2, "best": 2, "high": 2, "until": "2019-04-05"},
    }


def test_a_toll_is_the_total_and_its_reporters_unless_it_says_otherwise() -> None:
    said = told("casualties.reported", actors="by:who", details={"casualties": {"killed": 21}})
    assert list(said) == ["casualties:total:who:killed"]


def test_a_lower_bound_alone_leaves_the_rest_unknown() -> None:
    details = {"casualties": {"wounded": {"low": 600}, "until": "2019-04-15"}}
    (value,) = told("casualties.reported", actors="by:who", details=details).values()
    assert value == {"low": 600, "best": None, "high": None, "until": "2019-04-15"}


def test_displacement_counts_whatever_figures_it_gives() -> None:
    counted = {"displaced": 3400, "missing": 2}
    said = told("displacement", actors="by:ocha", details={"casualties": counted})
    assert set(said) == {"casualties:total:ocha:displaced", "casualties:total:ocha:missing"}


def test_a_relation_holds_between_each_of_one_side_and_each_of_the_other() -> None:
    assert told("support.declared", actors="by:uae by:egypt to:haftar") == {
        "relation:uae:haftar:supports": "in_force",
        "relation:egypt:haftar:supports": "in_force",
    }
    assert told("military_aid", actors="by:uae to:lna") == {"relation:uae:lna:arms": "in_force"}
    details = {"relation": {"type": "recognises"}}
    declared = told("relation.declared", actors="by:uk to:gna", details=details)
    broken = told("relation.broken", actors="by:uk to:gna", details=details)
    assert declared == {"relation:uk:gna:recognises": "in_force"}
    assert broken == {"relation:uk:gna:recognises": "ended"}


@pytest.mark.parametrize("kind", ["agreement", "ceasefire", "sanction", "warrant"])
def test_a_measure_has_terms_and_is_in_force_until_it_ends(kind: str) -> None:
    details = {"measure": {"measure": "m1", "text": "Seven days", "until": "2019-04-10"}}
    reported = version(kind, actors="by:lna with:gna", details=details, conflict=False)
    said = values(reported)
    assert said["measure:m1:terms"]["text"] == "Seven days"
    assert said["measure:m1:state"] == "in_force"
    ends = {one.slot: one.ends for one in assignments(reported)}
    assert ends["measure:m1:terms"] == ends["measure:m1:state"] == at("2019-04-10")
    assert ends.get("posture:lna") is None


def test_a_measure_may_be_reported_as_ended() -> None:
    details = {"measure": {"measure": "m1", "state": "ended"}}
    said = told("sanction", details=details)
    assert said["measure:m1:state"] == "ended"


def test_a_ceasefire_is_the_posture_of_all_who_made_it_unless_it_is_over() -> None:
    named = {"measure": {"measure": "m1"}}
    said = told("ceasefire", actors="by:lna with:gna", details=named)
    assert said["posture:lna"] == said["posture:gna"] == "ceasefire"
    over = {"measure": {"measure": "m1", "state": "ended"}}
    assert "posture:lna" not in told("ceasefire", actors="by:lna with:gna", details=over)


def test_a_violated_ceasefire_engages_the_one_who_broke_it() -> None:
    named = {"measure": {"measure": "m1"}}
    said = told("ceasefire.violated", actors="by:lna against:gna", details=named)
    assert said == {"measure:m1:state": "violated", "engaged:lna": "ceasefire.violated"}


def test_an_evacuation_reduces_a_presence() -> None:
    assert told("evacuation", actors="by:us-africom") == {"presence:us-africom": "reduced"}


def test_notes_are_free_by_name() -> None:
    notes = {"water-level-cm": 412, "dyke": "holds", "open": False}
    said = told("occurrence", details={"notes": notes})
    assert said == {"note:water-level-cm": 412, "note:dyke": "holds", "note:open": False}


@pytest.mark.parametrize("kind", ["condemnation", "accusation", "background"])
def test_what_changes_no_state_assigns_nothing(kind: str) -> None:
    assert told(kind, actors="by:un against:lna", places="tripoli") == {}
