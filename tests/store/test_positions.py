"""Positions: strictly increasing, without gaps, never given twice."""

import pytest

from service.domain.refusals import Invalid
from tests.builders import Desk, House


def positions(house: House) -> list[int]:
    return [position for position, _ in house.envelopes()]


def test_positions_begin_with_one_and_have_no_gaps(house: House, desk: Desk) -> None:
    for number in range(5):
        desk.reports(f"r{number}")
    assert positions(house) == list(range(1, house.head() + 1))


def test_an_envelope_names_its_own_position(house: House, desk: Desk) -> None:
    desk.reports("order")
    assert [act.stamp.position for act in house.acts()] == positions(house)


def test_a_refused_report_uses_no_position(house: House, desk: Desk) -> None:
    head = house.head()
    with pytest.raises(Invalid):
        desk.reports("order", kind="attack_order")
    assert desk.reports("order").position == head + 1


def test_tokens_and_other_house_acts_use_no_position(house: House, desk: Desk) -> None:
    head = house.head()
    house.onrecord.create_token(newsroom="times", role="editor", name="desk")
    assert desk.reports("order").position == head + 1


def test_a_story_is_interleaved_with_another_in_one_order(house: House, desk: Desk) -> None:
    other = house.desk("post")
    other.opens_story("flood")
    taken = [act.reports(str(n)).position for n in range(3) for act in (desk, other)]
    assert taken == sorted(taken)
    assert len(set(taken)) == len(taken)
