"""The lesson cases of the founding story, asked of the engine itself, on every store."""

import json
from typing import Any

import pytest

from service import seeds
from service.asof.timeline import Filters
from tests.builders import Clock, House, Reader


@pytest.fixture
def clock() -> Clock:
    """It is years after."""
    return Clock("2024-05-01T12:00:00Z")


@pytest.fixture
def tripoli(house: House) -> Reader:
    """A reader of the founding story."""
    lines = seeds.path("tripoli-2019").read_text().splitlines()
    house.imports([json.loads(line) for line in lines])
    return house.reader("tripoli-2019")


def test_on_5_april_had_the_council_met(tripoli: Reader) -> None:
    slot = "scheduled:unsc-5-april:state"
    assert tripoli.values(known_at="2019-04-05")[slot] == "planned"
    assert tripoli.values(as_of="2019-04-05")[slot] == "held"


def test_gharyan_fell_on_the_3rd_and_was_first_told_of_on_the_5th(tripoli: Reader) -> None:
    def claims(**asked: Any) -> list[str]:
        return [slot for slot in tripoli.standing(**asked) if slot.startswith("control:gharyan:")]

    assert claims(as_of="2019-04-02") == []
    assert claims(as_of="2019-04-03") != []
    assert claims(known_at="2019-04-03") == []
    assert "gharyan1" not in tripoli.names(known_at="2019-04-04")
    assert "gharyan1" in tripoli.names(known_at="2019-04-05")


def test_a_call_of_the_15th_was_disclosed_on_the_19th(tripoli: Reader) -> None:
    late = [
        row
        for row in tripoli.timeline(as_of="2019-04-15")
        if row["first_recorded_at"].startswith("2019-04-19")
        and row["occurred"].startswith("2019-04-15")
    ]
    assert late, "in hindsight the call of the 15th is on the timeline of the 15th"
    names = {row["external_id"] for row in late}
    assert names.isdisjoint(tripoli.names(known_at="2019-04-18"))
    assert names <= set(tripoli.names(known_at="2019-04-19"))


def test_the_alert_sentence_before_and_after_its_correction(tripoli: Reader) -> None:
    def headline(**asked: Any) -> str:
        (row,) = tripoli.timeline(filters=Filters(external_id="alert"), **asked)
        return str(row["headline"])

    corrected = "Government forces, not UN troops, were put on alert on 3 April"
    (now,) = tripoli.timeline(filters=Filters(external_id="alert"))
    assert (now["headline"], now["corrected"]) == (corrected, 1)
    first, *_ = tripoli.versions(now["id"])
    assert headline(position=now["position"] - 1) == first["headline"]
    assert first["headline"] == "UN troops in Tripoli reported on high alert"
    assert headline(known_at=now["recorded_at"]) == corrected
    assert headline(as_of=now["recorded_at"]) == corrected
