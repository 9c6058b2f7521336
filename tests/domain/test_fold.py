"""The plain fold, the oracle of all else: small histories whose meaning is plain to see."""

from collections.abc import Iterator
from typing import Any

import pytest

from service.domain import fold
from tests.builders import Desk, House
from tests.domain.telling import at
from tests.houses import STORES, fresh_house

LAST = 10**9


@pytest.fixture
def house() -> Iterator[House]:
    """A house, to make acts in: the fold itself knows none."""
    with fresh_house(STORES["sqlite"]) as house:
        yield house


@pytest.fixture
def desk(house: House) -> Desk:
    """A desk with a story open."""
    desk = house.desk()
    desk.opens_story("tripoli", scale="conflict", actors="lna gna")
    return desk


def history(house: House) -> Any:
    return house.acts("tripoli")


def values(house: House, as_of: str, position: int = LAST) -> dict[str, Any]:
    found = fold.standing(history(house), as_of=at(as_of), position=position)
    return {slot: row.value for slot, row in found.items()}


def names(house: House, as_of: str = "2020", position: int = LAST) -> list[str]:
    found = fold.timeline(history(house), as_of=at(as_of), position=position)
    return [str(row.fields.get("external_id", "a tombstone")) for row in found]


def alert(desk: Desk, name: str, kind: str, occurred: str) -> int:
    return desk.reports(name, kind=f"alert.{kind}", actors="by:gna", occurred=occurred).position


def test_before_its_first_act_a_story_means_nothing(house: House, desk: Desk) -> None:
    assert fold.story_at(history(house), 0) is None
    assert fold.standing(history(house), as_of=at("2020"), position=0) == {}
    assert fold.timeline(history(house), as_of=at("2020"), position=0) == []


def test_the_last_assignment_stands(house: House, desk: Desk) -> None:
    alert(desk, "up", "raised", "2019-04-01")
    alert(desk, "down", "lowered", "2019-04-03")
    assert values(house, "2019-03-31") == {}
    assert values(house, "2019-04-02")["alert:gna"] == "raised"
    assert values(house, "2019-04-03")["alert:gna"] == "lowered"


def test_a_late_report_falls_into_its_place(house: House, desk: Desk) -> None:
    alert(desk, "down", "lowered", "2019-04-03")
    known = house.head()
    alert(desk, "up", "raised", "2019-04-01")
    assert values(house, "2019-04-02")["alert:gna"] == "raised"
    assert values(house, "2019-04-03")["alert:gna"] == "lowered"
    assert values(house, "2019-04-02", known) == {}


def test_of_a_tie_the_later_report_stands(house: House, desk: Desk) -> None:
    alert(desk, "up", "raised", "2019-04-01")
    alert(desk, "down", "lowered", "2019-04-01")
    assert values(house, "2019-04-01")["alert:gna"] == "lowered"
    assert names(house) == ["down", "up"]


def test_a_correction_ends_what_its_older_version_assigned(house: House, desk: Desk) -> None:
    alert(desk, "up", "raised", "2019-04-01")
    known = house.head()
    desk.corrects("up", actors="by:lna")
    assert "alert:gna" not in values(house, "2019-04-02")
    assert values(house, "2019-04-02")["alert:lna"] == "raised"
    assert values(house, "2019-04-02", known)["alert:gna"] == "raised"


def test_a_correction_keeps_its_place_among_ties(house: House, desk: Desk) -> None:
    alert(desk, "up", "raised", "2019-04-01")
    alert(desk, "down", "lowered", "2019-04-01")
    desk.corrects("up", headline="Raised")
    assert values(house, "2019-04-01")["alert:gna"] == "lowered"


def test_a_withdrawal_lets_what_stood_before_stand_again(house: House, desk: Desk) -> None:
    alert(desk, "up", "raised", "2019-04-01")
    alert(desk, "down", "lowered", "2019-04-03")
    known = house.head()
    desk.withdraws("down")
    assert values(house, "2019-04-03")["alert:gna"] == "raised"
    assert values(house, "2019-04-03", known)["alert:gna"] == "lowered"
    assert names(house) == ["a tombstone", "up"]


def test_hidden_text_assigns_nothing_at_any_position(house: House, desk: Desk) -> None:
    alert(desk, "up", "raised", "2019-04-01")
    known = house.head()
    desk.withdraws("up", hide_text=True)
    assert values(house, "2019-04-03") == {}
    assert values(house, "2019-04-03", known) == {}


def test_what_has_no_known_start_is_listed_from_its_report(house: House, desk: Desk) -> None:
    desk.reports("odd", kind="alert.raised", actors="by:gna", occurred="../2019-04-02")
    assert values(house, "2019-04-04T23:00:00Z") == {}
    assert names(house, "2019-04-03") == []
    assert names(house, "2019-04-04T23:00:00Z") == ["odd"]


def test_editors_acts_assign_from_when_they_were_recorded(house: House, desk: Desk) -> None:
    desk.sums_up("It began.", at="2019-04-05T10:00:00Z")
    desk.overrides_level("calm", at="2019-04-05T11:00:00Z")
    assert values(house, "2019-04-05T09:59:59Z") == {}
    assert list(values(house, "2019-04-05T10:00:00Z")) == ["summary"]
    assert values(house, "2019-04-05T11:00:00Z")["level:override"]["level"] == "calm"
