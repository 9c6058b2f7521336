"""A keyed decision is made once: asked for again in its commit, in a later one, after a fault."""

import sys
from typing import Any

import pytest

from service.decisions import Receipt, Repeatable, once
from service.decisions.parts import Foreseen
from service.domain.refusals import Conflict
from service.ledger import Decision, Ledger
from tests.builders import Desk, House

ASKS = Repeatable(key="k", fingerprint="f")
EVENT = {"scheduled": {"event": "talks", "title": "The talks"}}
OTHER = Repeatable(key="k", fingerprint="g")


def keyed(desk: Desk, decide: Decision, repeat: Repeatable = ASKS) -> Foreseen:
    return once(decide, desk.acting, repeat, days=7)


def together(house: House, *decides: Decision) -> list[Any]:
    """What each decision of one commit answers."""
    return house.onrecord.recorder.record_many(decides)


def test_asked_twice_in_one_commit_it_is_made_once(house: House, desk: Desk) -> None:
    ask = keyed(desk, desk.reporting(headline="New"))

    first, again, other = together(house, ask, ask, keyed(desk, desk.reporting(), OTHER))

    assert isinstance(first, Receipt)
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.id, again.position) == (first.id, first.position)
    assert isinstance(other, Conflict)
    assert house.head() == first.position


def test_its_warnings_know_the_commit_and_are_kept(house: House, desk: Desk) -> None:
    first = desk.reporting("a", kind="scheduled.cancelled", occurred="2019-04-01", details=EVENT)
    then = desk.reporting("b", kind="scheduled.held", occurred="2019-04-02", details=EVENT)

    _, held = together(house, first, keyed(desk, then))
    [again] = together(house.again(), keyed(desk, then))

    assert [warning["code"] for warning in held.warnings] == ["contradicts"]
    assert again.warnings == held.warnings
    assert again.replayed


def test_what_was_taken_back_was_not_made(house: House, desk: Desk) -> None:
    ask = keyed(desk, desk.reporting(headline="New"))

    def breaks(ledger: Ledger) -> Any:
        ask(ledger)
        raise ZeroDivisionError

    broken, made, again = together(house, breaks, ask, ask)

    assert isinstance(broken, ZeroDivisionError)
    assert (made.replayed, again.replayed) == (False, True)
    assert [warning for warning in made.warnings if warning["code"] == "possible-duplicate"] == []


def test_a_fault_in_looking_for_contradictions_costs_a_warning_and_no_act(
    house: House, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(sys.modules["service.decisions.once"], "warned", breaks)
    other, made = together(
        house, desk.reporting(headline="Other"), keyed(desk, desk.reporting(headline="New"))
    )
    assert other.created
    assert made.created
    [again] = together(house, keyed(desk, desk.reporting(headline="New")))
    assert (again.replayed, again.id, again.warnings) == (True, made.id, made.warnings)
