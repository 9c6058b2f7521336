"""A story: its settings, its cast, whether it takes developments."""

from typing import Any
from uuid import UUID

import pytest

from service.domain import acts, stories
from service.domain.acts import Act, Stamp
from service.domain.refusals import Conflict, Invalid
from service.domain.stories import Story, patched

STREAM = UUID(int=1)
DOCUMENT = {
    "id": "tripoli",
    "title": "The advance",
    "language": "en",
    "time_zone": "Africa/Tripoli",
    "scale": "conflict",
}


def stamp(position: int = 1) -> Stamp:
    return Stamp(
        position=position, stored_at=0, recorded_at=0, previous="", newsroom="times", by="tok"
    )


def opened(**more: Any) -> Story:
    act = stories.open_story({**DOCUMENT, **more}, stream=STREAM, stamp=stamp())
    return stories.evolve(None, act)


def after(story: Story, act: Act | None) -> Story:
    assert act is not None
    return stories.evolve(story, act)


def test_opening_begins_a_story() -> None:
    story = opened()
    assert (story.id, story.version, story.newsroom) == ("tripoli", 1, "times")
    assert (story.is_open, story.is_conflict, story.zone.key) == (True, True, "Africa/Tripoli")
    assert (story.actors, story.places) == ({}, {})


@pytest.mark.parametrize("scale", ["none", None])
def test_a_story_of_another_scale_is_no_conflict(scale: str | None) -> None:
    assert not opened(scale=scale).is_conflict


@pytest.mark.parametrize("zone", ["Africa/Tripolis", "Tripoli", "", "+02:00", "../etc/passwd"])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(Invalid) as refusal:
        opened(time_zone=zone)
    assert list(refusal.value.errors) == ["time_zone"]


def test_the_nearest_zone_is_suggested() -> None:
    with pytest.raises(Invalid) as refusal:
        opened(time_zone="Africa/Tripolis")
    assert refusal.value.suggestions["time_zone"][0] == "Africa/Tripoli"


def test_every_act_on_the_story_is_counted_and_none_on_its_developments() -> None:
    story = after(opened(), stories.close(opened(), {}, stamp(2)))
    assert (story.version, story.is_open) == (2, False)
    report = acts.DevelopmentReported(
        originator_id=UUID(int=2),
        originator_version=1,
        story="tripoli",
        stamp=stamp(3),
        verification="reported",
    )
    assert stories.evolve(story, report) == story


def test_closing_and_reopening() -> None:
    closed = after(opened(), stories.close(opened(), {"notice": "Over."}, stamp(2)))
    with pytest.raises(Conflict, match="is closed"):
        stories.ensure_open(closed)
    with pytest.raises(Conflict, match="is closed"):
        stories.close(closed, {}, stamp(3))
    again = after(closed, stories.reopen(closed, {}, stamp(3)))
    stories.ensure_open(again)
    with pytest.raises(Conflict, match="need not be reopened"):
        stories.reopen(again, {}, stamp(4))


@pytest.mark.parametrize("name", stories.FIXED)
def test_what_the_record_rests_on_is_fixed(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        stories.amend(opened(), {name: "other", "title": "New"}, stamp(2))
    assert list(refusal.value.errors) == [name]


def test_a_scale_cannot_be_taken_away_either() -> None:
    with pytest.raises(Invalid):
        stories.amend(opened(), {"scale": None}, stamp(2))


def test_amending_replaces_what_it_names() -> None:
    story = after(opened(), stories.amend(opened(), {"title": "New", "id": "tripoli"}, stamp(2)))
    assert story.document == {**DOCUMENT, "title": "New"}


def test_amending_nothing_is_refused() -> None:
    with pytest.raises(Invalid, match="Nothing would change"):
        stories.amend(opened(), {"title": "The advance"}, stamp(2))


@pytest.mark.parametrize(("sort", "introduced", "amended"), [
    ("actor", acts.ActorIntroduced, acts.ActorAmended),
    ("place", acts.PlaceIntroduced, acts.PlaceAmended),
])  # fmt: skip
def test_a_member_is_introduced_once_and_amended_after(
    sort: str, introduced: type[Act], amended: type[Act]
) -> None:
    first = stories.put(opened(), sort, {"id": "a", "name": "A"}, stamp(2))
    assert type(first) is introduced
    story = after(opened(), first)
    assert story.cast(sort) == {"a": {"id": "a", "name": "A"}}
    assert stories.put(story, sort, {"id": "a", "name": "A"}, stamp(3)) is None
    second = stories.put(story, sort, {"id": "a", "name": "B"}, stamp(3))
    assert type(second) is amended
    assert after(story, second).cast(sort) == {"a": {"id": "a", "name": "B"}}


def test_actors_and_places_do_not_mix() -> None:
    story = after(opened(), stories.put(opened(), "actor", {"id": "a", "name": "A"}, stamp(2)))
    assert story.cast("place") == {}


def test_a_story_before_an_act_stays_as_it_was() -> None:
    before = opened()
    after(before, stories.put(before, "actor", {"id": "a", "name": "A"}, stamp(2)))
    assert before.actors == {}


def test_patching_keeps_order_replaces_and_removes() -> None:
    document = patched({"a": 1, "b": 2, "c": 3}, {"d": 4, "b": None, "a": {"x": 1}})
    assert list(document.items()) == [("a", {"x": 1}), ("c", 3), ("d", 4)]
