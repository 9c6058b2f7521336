"""What a development's fields must hold true: every fault, under its path, with what would do."""

from typing import Any
from uuid import UUID

import pytest

from service.domain.checks import check_fields
from service.domain.developments import normal
from service.domain.refusals import Invalid
from service.domain.stories import Story
from tests.domain.telling import at

STORY = Story(
    stream=UUID(int=1),
    version=1,
    newsroom="times",
    document={"id": "tripoli", "time_zone": "Africa/Tripoli"},
    actors={
        "lna": {"id": "lna", "name": "Libyan National Army"},
        "hor": {"id": "hor", "name": "House of Representatives"},
    },
    places={"gharyan": {"id": "gharyan", "name": "Gharyan"}},
)

FIELDS = {"headline": "H", "occurred": "2019-04-03", "sources": [{"publisher": "Reuters"}]}


def faults(prefix: str = "", recorded: str = "2019-04-05T10:00:00Z", **said: Any) -> Invalid:
    fields = normal({**FIELDS, **said})
    try:
        check_fields(STORY, fields, recorded_at=at(recorded), prefix=prefix)
    except Invalid as refusal:
        return refusal
    return Invalid({})


def test_what_is_well_has_no_faults() -> None:
    found = faults(actors=[{"actor": "lna", "role": "by"}], places=["gharyan"])
    assert (found.errors, found.suggestions) == ({}, {})


@pytest.mark.parametrize("name", ["headline", "occurred", "sources"])
def test_what_it_cannot_be_without(name: str) -> None:
    gone: Any = {name: None}
    assert faults(**gone).errors == {name: ["A development needs it."]}


@pytest.mark.parametrize(
    ("occurred", "recorded"),
    [
        ("2019-04-06", "2019-04-05T10:00:00Z"),
        ("2019-04-05T10:00:00.000001Z", "2019-04-05T10:00:00Z"),
        ("2019-05", "2019-04-30T21:59:59.999999Z"),
        ("2019-04-05T11:00:00Z/2019-04-05T12:00:00Z", "2019-04-05T10:00:00Z"),
        ("2019-22", "2019-05-31T12:00:00Z"),
    ],
)
def test_what_cannot_have_begun_yet_is_the_future(occurred: str, recorded: str) -> None:
    assert list(faults(occurred=occurred, recorded=recorded).errors) == ["occurred"]


@pytest.mark.parametrize(
    ("occurred", "recorded"),
    [
        ("2019-04-05", "2019-04-04T22:00:00Z"),  # The day has just begun in Tripoli.
        ("2019-04-05T10:00:00Z", "2019-04-05T10:00:00Z"),
        ("2019-05", "2019-04-30T22:00:00Z"),
        ("2019", "2019-04-05T10:00:00Z"),
        ("2019-04-05/2019-04-20", "2019-04-05T10:00:00Z"),
        ("../2030", "2019-04-05T10:00:00Z"),
    ],
)
def test_what_may_have_begun_is_not(occurred: str, recorded: str) -> None:
    assert faults(occurred=occurred, recorded=recorded).errors == {}


def test_faults_stand_under_their_prefix() -> None:
    found = faults(prefix="changes.", kind="attack_order", occurred="2019-04-04T10:00")
    assert set(found.errors) == set(found.suggestions) == {"changes.kind", "changes.occurred"}


@pytest.mark.parametrize(
    ("slug", "near"),
    [
        ("lan", ["lna"]),
        ("house-of-representatives", ["hor"]),
        ("libyan-national-army", ["lna"]),
        ("xyzzy", []),
    ],
)
def test_the_nearest_of_the_cast_is_suggested_by_slug_or_name(slug: str, near: list[str]) -> None:
    found = faults(actors=[{"actor": "lna", "role": "by"}, {"actor": slug, "role": "to"}])
    assert list(found.errors) == ["actors.1.actor"]
    assert found.suggestions.get("actors.1.actor", []) == near


def test_an_actor_is_no_place() -> None:
    assert list(faults(places=["lna"]).errors) == ["places.0"]


def test_the_cast_is_asked_for_what_details_name() -> None:
    control = {"party": "rebels", "places": ["gharyan", "nowhere"]}
    found = faults(
        kind="control.claimed",
        actors=[{"actor": "lna", "role": "by"}],
        details={"control": control},
    )
    assert set(found.errors) == {"details.control.party", "details.control.places.1"}
    found = faults(kind="closure", details={"access": {"places": ["nowhere"]}})
    assert list(found.errors) == ["details.access.places.0"]


def test_several_faults_of_one_field_are_all_told() -> None:
    found = faults(kind="statement", details={"threat": {"x": 1}, "alert": {"level": "y"}})
    assert set(found.errors) == {"details.threat", "details.alert"}
