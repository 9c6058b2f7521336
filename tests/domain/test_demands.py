"""Demands: a state for each addressee, answered, lapsed, or blocked by a veto."""

import pytest

from tests.domain.telling import Telling, answers, calls


def states(story: Telling, as_of: str = "2019-04-18") -> dict[str, str]:
    shown = story.only("demands", as_of, settled=True)["addressees"]
    return {row["addressee"]: row["state"] for row in shown}


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
