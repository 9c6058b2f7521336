"""The basis: which moment is meant, which position is known, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from service.asof import Asked
from service.domain import times
from service.domain.refusals import Invalid, NotFound
from service.readmodel.stories import Viewer
from tests.builders import Clock, Desk, House, Reader
from tests.houses import STORES, fresh_house


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A desk that reported at noon on the 4th, 5th and 6th of April (UTC)."""
    for day in (4, 5, 6):
        desk.reports(f"d{day}", at=f"2019-04-0{day}T12:00:00Z", occurred=f"2019-04-0{day}")
    desk.house.clock.reads("2019-04-07T10:00:00Z")
    return desk


def test_asked_nothing_it_is_now(told: Desk, reader: Reader) -> None:
    basis = reader.basis()
    assert basis.reading == "now"
    assert times.format_instant(basis.as_of) == "2019-04-06T12:00:00Z"
    assert basis.position == told.house.head()


def test_the_present_is_still_while_nothing_happens(told: Desk, reader: Reader) -> None:
    before = reader.basis()
    told.house.clock.passes(40 * 86400)
    after = reader.basis()
    assert (after.as_of, after.etag, after.says) == (before.as_of, before.etag, before.says)


def test_the_present_moves_on_when_a_deadline_passes(told: Desk, reader: Reader) -> None:
    told.reports(
        "threat",
        kind="threat.made",
        actors="by:lna against:gna",
        details={"threat": {"threat": "t", "text": "Else.", "deadline": "2019-04-20"}},
    )
    before = reader.basis()
    told.house.clock.reads("2019-04-20T21:59:59.999998Z")
    assert reader.basis().etag == before.etag
    assert [threat["state"] for threat in reader.situation()["threats"]] == ["open"]
    told.house.clock.reads("2019-04-20T21:59:59.999999Z")
    assert times.format_instant(reader.basis().as_of) == "2019-04-20T21:59:59.999999Z"
    assert [threat["state"] for threat in reader.situation()["threats"]] == ["expired"]
    told.house.clock.reads("2019-05-30T00:00:00Z")
    assert times.format_instant(reader.basis().as_of) == "2019-04-20T21:59:59.999999Z"


READINGS: list[tuple[dict[str, Any], str, str, list[str]]] = [
    ({"as_of": "2019-04-05"}, "hindsight", "2019-04-05T21:59:59.999999Z", ["d5", "d4"]),
    ({"as_of": "2019-04-05T12:00:00Z"}, "hindsight", "2019-04-05T12:00:00Z", ["d5", "d4"]),
    ({"as_of": "2019-04-05T11:59:59Z"}, "hindsight", "2019-04-05T11:59:59Z", ["d4"]),
    ({"known_at": "2019-04-05"}, "as_told", "2019-04-05T21:59:59.999999Z", ["d5", "d4"]),
    ({"known_at": "2019-04-05T11:59:59Z"}, "as_told", "2019-04-05T11:59:59Z", ["d4"]),
    ({"as_of": "2019-04-06", "known_at": "2019-04-05"}, "both", "2019-04-06T21:59:59.999999Z",
     ["d5", "d4"]),
    ({"as_of": "2019-04-04", "known_at": "2019-04-05"}, "both", "2019-04-04T21:59:59.999999Z",
     ["d4"]),
    ({"as_of": "2019-04"}, "now", "2019-04-06T12:00:00Z", ["d6", "d5", "d4"]),
    ({"as_of": "2019-04-05T14:00:00 02:00"}, "hindsight", "2019-04-05T12:00:00Z", ["d5", "d4"]),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "reading", "as_of", "names"), READINGS, ids=str)
def test_what_is_asked_is_one_of_four_readings(
    told: Desk, reader: Reader, asked: dict[str, Any], reading: str, as_of: str, names: list[str]
) -> None:
    basis = reader.basis(**asked)
    assert (basis.reading, times.format_instant(basis.as_of)) == (reading, as_of)
    assert reader.names(**asked) == names


def test_a_position_pins_as_a_moment_known_does(told: Desk, reader: Reader) -> None:
    position = told.house.head() - 1
    basis = reader.basis(position=position)
    assert (basis.reading, basis.position) == ("as_told", position)
    assert times.format_instant(basis.as_of) == "2019-04-05T12:00:00Z"
    assert reader.basis(position=position, as_of="2019-04-06").reading == "both"


@pytest.mark.parametrize("name", ["as_of", "known_at"])
@pytest.mark.parametrize("date", ["2019-04-07", "2019-04", "2019"])
def test_a_date_that_is_not_over_is_read_as_if_it_were_left_out(
    told: Desk, reader: Reader, name: str, date: str
) -> None:
    assert reader.basis(**{name: date}).reading == "now"


@pytest.mark.parametrize("moment", ["2019-04-07T10:00:00Z", "2019-04-08", "2030-01-01T00:00:00Z"])
def test_what_is_known_now_or_later_is_what_is_known(
    told: Desk, reader: Reader, moment: str
) -> None:
    assert reader.basis(known_at=moment).reading == "now"


def test_this_very_moment_is_no_future(told: Desk, reader: Reader) -> None:
    assert reader.basis(as_of="2019-04-07T10:00:00Z").reading == "hindsight"


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "as_of in the future": ({"as_of": "2019-04-07T10:00:00.000001Z"}, "as_of"),
    "as_of on a day to come": ({"as_of": "2019-04-08"}, "as_of"),
    "as_of in a year to come": ({"as_of": "2020"}, "as_of"),
    "both pins": ({"known_at": "2019-04-05", "position": 3}, "position"),
    "a position to come": ({"position": 10**6}, "position"),
    "no instant": ({"as_of": "yesterday"}, "as_of"),
    "no offset": ({"known_at": "2019-04-05T12:00:00"}, "known_at"),
    "an impossible date": ({"as_of": "2019-02-30"}, "as_of"),
    "an interval": ({"as_of": "2019-04-04/2019-04-05"}, "as_of"),
}


@pytest.mark.parametrize(("asked", "name"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_meant_is_refused(
    told: Desk, reader: Reader, asked: dict[str, Any], name: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        reader.basis(**asked)
    assert list(refusal.value.errors) == [name]


def test_an_instant_without_an_offset_is_suggested_with_the_storys(
    told: Desk, reader: Reader
) -> None:
    with pytest.raises(Invalid) as refusal:
        reader.basis(as_of="2019-04-05T12:00:00")
    assert refusal.value.suggestions == {"as_of": ["2019-04-05T12:00:00+02:00"]}


@pytest.mark.parametrize("story", ["nowhere", "shut"])
def test_what_is_not_there_and_what_is_not_readable_are_answered_alike(
    house: House, story: str
) -> None:
    house.desk("post").opens_story("shut", visibility="house")
    with pytest.raises(NotFound, match=f"There is no story '{story}'") as refusal:
        house.onrecord.asof.basis(story, Viewer(newsroom="times"), Asked())
    assert refusal.value.facts == {}


WORDS: list[tuple[dict[str, Any], str]] = [
    ({}, "The situation now: nothing has changed since 14:00 on 6 April 2019 in Tripoli"),
    ({"as_of": "2019-04-05"},
     "What had happened by the end of 5 April 2019 in Tripoli, told with all we know now"),
    ({"known_at": "2019-04-05"},
     "What had happened by the end of 5 April 2019 in Tripoli, as it was known and said then"),
    ({"as_of": "2019-04-04", "known_at": "2019-04-05"},
     "What had happened by the end of 4 April 2019 in Tripoli, as it was known at the end of"
     " 5 April 2019"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "says"), WORDS, ids=str)
def test_a_basis_says_in_words_what_it_is(
    told: Desk, reader: Reader, asked: dict[str, Any], says: str
) -> None:
    assert reader.basis(**asked).says == says


def test_a_basis_is_named_in_every_answer(told: Desk, reader: Reader) -> None:
    basis = reader.situation(as_of="2019-04-05", known_at="2019-04-06")["basis"]
    assert basis == {
        "story": "tripoli",
        "reading": "both",
        "as_of": "2019-04-05T21:59:59.999999Z",
        "known_at": "2019-04-06T21:59:59.999999Z",
        "position": told.house.head(),
        "redactions": 0,
        "visibility_changes": 0,
        "representation": 1,
        "says": reader.basis(as_of="2019-04-05", known_at="2019-04-06").says,
        "url": basis["url"],
    }
    assert basis["url"].startswith("/v1/stories/here?")
    assert f"position={told.house.head()}" in basis["url"]


def test_a_pinned_basis_says_that_something_was_hidden_since(told: Desk, reader: Reader) -> None:
    position = told.house.head()
    before = reader.situation(position=position)["basis"]
    told.withdraws("d4", hide_text=True)
    told.amends_story(visibility="house")
    told.amends_story(visibility="public")
    after = reader.situation(position=position)["basis"]
    changed = {name: after[name] for name in before if before[name] != after[name]}
    assert changed == {"redactions": 1, "visibility_changes": 2}


CHANGES: dict[str, Callable[[Desk], Any]] = {
    "a report": lambda desk: desk.reports("more"),
    "a mark": lambda desk: desk.marks("d4"),
    "a name": lambda desk: desk.introduces_actor("lna", name="LNA"),
    "a title": lambda desk: desk.amends_story(title="Other"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_tag_of_the_present_changes_with_every_act(
    told: Desk, reader: Reader, change: Callable[[Desk], Any]
) -> None:
    now, then = reader.basis().etag, reader.basis(known_at="2019-04-05").etag
    change(told)
    assert reader.basis().etag != now
    assert reader.basis(known_at="2019-04-05").etag == then


def test_what_the_house_does_behind_the_scenes_changes_nothing(told: Desk, reader: Reader) -> None:
    before, said, head = reader.basis().etag, reader.situation(), told.house.head()
    house = told.house.onrecord
    house.create_token(newsroom="times", role="editor", name="Night desk")
    house.revoke_token(house.all_tokens()[0].id)
    assert (reader.basis().etag, reader.situation(), told.house.head()) == (before, said, head)


def test_another_storys_acts_change_nothing(house: House, told: Desk, reader: Reader) -> None:
    before, said = reader.basis().etag, reader.situation()
    house.desk("post").opens_story("flood")
    assert reader.basis().etag == before
    assert reader.situation() == said


def test_two_houses_in_one_process_do_not_answer_for_each_other(house: House, told: Desk) -> None:
    """Compositions are kept in memory: those of one record are no other's."""
    said = house.reader("tripoli").situation()
    with fresh_house(STORES["sqlite"], Clock()) as other:
        desk = other.desk("times")
        desk.opens_story("tripoli", scale="conflict", actors="lna gna un", places="tripoli gharyan")
        for day in (4, 5, 6):
            at = f"2019-04-0{day}T12:00:00Z"
            desk.reports(f"d{day}", at=at, kind="alert.raised", actors="by:gna")
        assert other.reader("tripoli").situation()["parties"] != said["parties"]
