"""`external_id`: a report sent again is not doubled, and never quietly replaced."""

from collections.abc import Mapping
from typing import Any

import pytest

from service.domain.refusals import Conflict
from tests.builders import Desk, House

SAID: dict[str, Any] = {
    "kind": "airstrike",
    "headline": "Air strike",
    "occurred": "2019-04-03",
    "actors": "by:gna against:lna",
}


def test_the_same_content_again_finds_the_existing_one(house: House, desk: Desk) -> None:
    first = desk.reports("desk-1", **SAID)
    before = house.counts()
    again = desk.reports("desk-1", **SAID)
    assert not again.created
    assert again.development == first.development
    assert again.position == first.position
    assert house.counts() == before


def test_it_is_compared_with_the_content_as_first_reported(desk: Desk) -> None:
    desk.reports("desk-1", **SAID)
    desk.corrects("desk-1", headline="Two air strikes")
    again = desk.reports("desk-1", **SAID)
    assert not again.created
    assert again.development is not None
    assert (again.development.version, again.development.fields["headline"]) == (
        2,
        "Two air strikes",
    )
    with pytest.raises(Conflict):
        desk.reports("desk-1", **{**SAID, "headline": "Two air strikes"})


def test_it_is_found_when_it_was_withdrawn_and_the_story_closed(desk: Desk) -> None:
    desk.reports("desk-1", **SAID)
    desk.withdraws("desk-1")
    desk.closes_story()
    again = desk.reports("desk-1", **SAID)
    assert not again.created
    assert again.development is not None
    assert again.development.status == "withdrawn"


@pytest.mark.parametrize(
    "other",
    [
        {"headline": "Another headline"},
        {"occurred": "2019-04-02"},
        {"body": "More text"},
        {"actors": "by:gna"},
        {"kind": "shelling"},
        {"verification": "claimed"},
        {"key": True},
        {"relates_to": [{"development": "before", "relation": "follows"}]},
    ],
    ids=lambda other: next(iter(other)),
)
def test_other_content_is_refused_with_what_differs(
    house: House, desk: Desk, other: Mapping[str, Any]
) -> None:
    desk.reports("before")
    first = desk.reports("desk-1", **SAID).development
    assert first is not None
    before = house.counts()
    with pytest.raises(Conflict, match="was reported before, with other content") as refusal:
        desk.reports("desk-1", **{**SAID, **other})
    assert refusal.value.code == "external-id-taken"
    assert list(refusal.value.facts["differs"]) == list(other)
    assert refusal.value.facts["development"] == first.id
    assert refusal.value.facts["updates"].endswith(f"/developments/{first.id}/updates")
    assert house.counts() == before


def test_the_refusal_says_what_was_and_what_is(desk: Desk) -> None:
    desk.reports("desk-1", **SAID)
    with pytest.raises(Conflict) as refusal:
        desk.reports("desk-1", **{**SAID, "headline": "Another"})
    assert refusal.value.facts["differs"] == {"headline": {"was": "Air strike", "is": "Another"}}


def test_links_said_again_by_external_id_are_the_same_links(desk: Desk) -> None:
    desk.reports("before")
    links = [{"development": "before", "relation": "follows"}]
    desk.reports("desk-1", **SAID, relates_to=links)
    assert not desk.reports("desk-1", **SAID, relates_to=links).created


def test_now_said_again_is_the_same_now(desk: Desk) -> None:
    now = {**SAID, "occurred": "now"}
    desk.reports("desk-1", **now, at="2019-04-04T10:00:00Z")
    assert not desk.reports("desk-1", **now, at="2019-04-04T10:00:09Z").created


def test_two_stories_and_two_newsrooms_number_for_themselves(house: House, desk: Desk) -> None:
    desk.reports("desk-1", **SAID)
    desk.opens_story("flood")
    other = house.desk("post")
    other.opens_story("fire")
    written = [desk.reports("desk-1"), other.reports("desk-1")]
    assert all(one.created for one in written)
