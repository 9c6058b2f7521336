"""Reporting: what goes on the record, and each thing that is refused."""

from typing import Any

import pytest

from service import decisions
from service.domain.refusals import Conflict, Forbidden, Invalid, NotFound
from tests.builders import Desk, House, Reader


def refused(desk: Desk, name: str = "refused", **said: Any) -> Invalid:
    """Report what is refused, see that nothing of it was stored, and return the refusal."""
    before = desk.house.counts()
    with pytest.raises(Invalid) as refusal:
        desk.reports(name, **said)
    assert desk.house.counts() == before
    return refusal.value


def test_a_report_goes_on_the_record_as_it_was_posted(desk: Desk, reader: Reader) -> None:
    written = desk.reports(
        "order",
        at="2019-04-04T16:25:00Z",
        kind="offensive.ordered",
        headline="Advance on Tripoli",
        body="*To the capital.*",
        occurred="2019-04-04",
        actors="by:lna against:gna",
        places="tripoli",
        sources=[{"publisher": "Reuters", "url": "https://example.org/1", "type": "media"}],
    )
    assert written.created
    assert written.development is not None
    assert reader.timeline() == [
        {
            "id": written.development.id,
            "story": "tripoli",
            "version": 1,
            "act": "DevelopmentReported",
            "status": "standing",
            "verification": "reported",
            "occurred_earliest": "2019-04-03T22:00:00Z",
            "occurred_latest": "2019-04-04T21:59:59.999999Z",
            "valid_from": "2019-04-04T16:25:00Z",
            "recorded_at": "2019-04-04T16:25:00Z",
            "first_recorded_at": "2019-04-04T16:25:00Z",
            "position": written.position,
            "newsroom": "times",
            "corrected": 0,
            "redactions": 0,
            "kind": "offensive.ordered",
            "headline": "Advance on Tripoli",
            "body": "*To the capital.*",
            "occurred": "2019-04-04",
            "places": ["tripoli"],
            "actors": [{"actor": "lna", "role": "by"}, {"actor": "gna", "role": "against"}],
            "sources": [{"publisher": "Reuters", "url": "https://example.org/1", "type": "media"}],
            "details": {},
            "external_id": "order",
        }
    ]


@pytest.mark.parametrize("status", ["unverified", "claimed", "reported"])
def test_a_report_enters_with_the_status_it_names(desk: Desk, status: str) -> None:
    written = desk.reports("order", verification=status)
    assert written.development is not None
    assert written.development.verification == status


def test_a_report_without_an_external_id_gets_an_id_of_its_own(desk: Desk) -> None:
    first, second = desk.reports(), desk.reports()
    assert first.development is not None
    assert second.development is not None
    assert first.development.id != second.development.id


def test_now_is_the_moment_of_recording(desk: Desk) -> None:
    written = desk.reports("order", occurred="now", at="2019-04-04T16:25:00Z")
    assert written.development is not None
    assert written.development.fields["occurred"] == "2019-04-04T16:25:00Z"


def test_a_kind_that_is_left_out_is_an_occurrence(desk: Desk) -> None:
    written = desk.reports("order")
    assert written.development is not None
    assert written.development.fields["kind"] == "occurrence"


# --- what is refused ------------------------------------------------------------------------


def test_an_unknown_kind_is_refused_and_the_nearest_suggested(desk: Desk) -> None:
    refusal = refused(desk, kind="attack_order")
    assert list(refusal.errors) == ["kind"]
    assert "'attack_order' is no kind" in refusal.errors["kind"][0]
    assert refusal.suggestions["kind"][0] == "offensive.ordered"


def test_a_kind_that_resembles_none_is_refused_without_a_guess(desk: Desk) -> None:
    refusal = refused(desk, kind="zzzzzz")
    assert refusal.suggestions == {}
    assert "Did you mean" not in refusal.says


def test_an_unknown_actor_is_refused_and_the_nearest_suggested(desk: Desk) -> None:
    refusal = refused(desk, actors="by:lan against:gna")
    assert refusal.errors == {"actors.0.actor": ["'lan' is not in the story's cast."]}
    assert refusal.suggestions["actors.0.actor"] == ["lna"]


def test_an_actor_is_suggested_by_its_name_too(desk: Desk) -> None:
    desk.introduces_actor("hor", name="House of Representatives")
    refusal = refused(desk, actors="by:house-of-representative")
    assert refusal.suggestions["actors.0.actor"] == ["hor"]


def test_an_unknown_place_is_refused_and_the_nearest_suggested(desk: Desk) -> None:
    refusal = refused(desk, places="tripoli garyan")
    assert refusal.errors == {"places.1": ["'garyan' is not among the story's places."]}
    assert refusal.suggestions["places.1"] == ["gharyan"]


def test_an_unknown_party_or_place_in_the_details_is_refused(desk: Desk) -> None:
    refusal = refused(
        desk,
        kind="control.denied",
        actors="by:gna",
        details={"control": {"party": "rebels", "places": ["nowhere"]}},
    )
    assert set(refusal.errors) == {"details.control.party", "details.control.places.0"}


def test_the_details_of_another_kind_are_refused(desk: Desk) -> None:
    refusal = refused(desk, kind="airstrike", details={"relation": {"type": "supports"}})
    assert list(refusal.errors) == ["details.relation"]


def test_every_fault_is_told_at_once(desk: Desk) -> None:
    refusal = refused(
        desk, kind="attack_order", actors="by:nobody", places="nowhere", occurred="2019-13-01"
    )
    assert set(refusal.errors) == {"kind", "actors.0.actor", "places.0", "occurred"}


def test_what_occurred_in_the_future_is_refused(desk: Desk) -> None:
    refusal = refused(desk, occurred="2019-04-05", at="2019-04-04T16:00:00Z")
    assert "after the moment of recording" in refusal.errors["occurred"][0]
    assert "details" in refusal.errors["occurred"][0]


def test_what_occurred_today_is_not_the_future_while_the_day_has_begun(desk: Desk) -> None:
    # Given that in Tripoli it is the 5th already, while in Greenwich it is still the 4th
    assert desk.reports("order", occurred="2019-04-05", at="2019-04-04T22:30:00Z").created


@pytest.mark.parametrize("occurred", ["../2019-04-06", "/2019-04-06", "2019-04-04/.."])
def test_an_interval_may_be_open(desk: Desk, occurred: str) -> None:
    assert desk.reports("order", occurred=occurred).created


@pytest.mark.parametrize(
    "occurred",
    ["yesterday", "2019-02-30", "2019-04-04T12:00", "04/04/2019", "2019-04-05/2019-04-04"],
)
def test_what_is_no_time_is_refused(desk: Desk, occurred: str) -> None:
    assert list(refused(desk, occurred=occurred).errors) == ["occurred"]


def test_an_instant_without_an_offset_is_refused_with_the_storys_own_suggested(
    desk: Desk,
) -> None:
    refusal = refused(desk, occurred="2019-04-04T07:00")
    assert refusal.suggestions["occurred"] == ["2019-04-04T07:00+02:00"]


@pytest.mark.parametrize("name", ["headline", "sources", "occurred"])
def test_what_a_development_cannot_be_without_is_refused(desk: Desk, name: str) -> None:
    from service import decisions

    fields = {"headline": "H", "occurred": "now", "sources": [{"publisher": "Reuters"}]}
    del fields[name]
    with pytest.raises(Invalid) as refusal:
        desk.does(decisions.report("tripoli", fields, desk.acting))
    assert name in refusal.value.errors


def test_a_closed_story_takes_no_report(house: House, desk: Desk) -> None:
    desk.closes_story()
    before = house.counts()
    newcomer = [{"actor": "newcomer", "role": "by", "name": "Newcomer"}]
    with pytest.raises(Conflict, match="The story tripoli is closed") as refusal:
        desk.reports("late", actors=newcomer)
    assert refusal.value.code == "story-closed"
    assert house.counts() == before


def test_a_story_that_was_reopened_takes_reports_again(desk: Desk) -> None:
    desk.closes_story()
    desk.reopens_story()
    assert desk.reports("again").created


def test_a_story_of_another_newsroom_takes_no_report(house: House, desk: Desk) -> None:
    with pytest.raises(Forbidden, match="belongs to another newsroom"):
        house.desk("post", story="tripoli").reports("order")


def test_a_story_that_another_newsroom_keeps_to_itself_is_not_there(
    house: House, desk: Desk
) -> None:
    desk.amends_story(visibility="house")
    with pytest.raises(NotFound, match="There is no story 'tripoli'"):
        house.desk("post", story="tripoli").reports("order")


def test_a_story_that_is_not_there_takes_no_report(house: House) -> None:
    with pytest.raises(NotFound):
        house.desk(story="nowhere").reports("order")


# --- introductions --------------------------------------------------------------------------


def test_a_report_may_introduce_actors_and_places(house: House, desk: Desk) -> None:
    written = desk.reports(
        "order",
        actors=[
            {"actor": "misrata", "role": "by", "name": "Misrata forces", "type": "armed_group"}
        ],
        places=[{"place": "wadi", "name": "Wadi al-Hira", "within": "gharyan"}, "tripoli"],
    )
    assert written.development is not None
    assert written.development.fields["actors"] == [{"actor": "misrata", "role": "by"}]
    assert written.development.fields["places"] == ["wadi", "tripoli"]
    acts = [act.name for act in house.acts("tripoli")[-3:]]
    assert acts == ["ActorIntroduced", "PlaceIntroduced", "DevelopmentReported"]
    members = house.reader("tripoli").basis().members
    assert members["actor"]["misrata"] == {
        "id": "misrata",
        "name": "Misrata forces",
        "type": "armed_group",
    }
    assert members["place"]["wadi"]["name"] == "Wadi al-Hira"


def test_introductions_and_their_report_are_stored_together_or_not_at_all(desk: Desk) -> None:
    refused(
        desk,
        actors=[{"actor": "misrata", "role": "by", "name": "Misrata forces"}],
        places=[{"place": "wadi", "name": "Wadi"}],
        occurred="2024-01-01",
    )
    refusal = refused(desk, actors="by:misrata", places="wadi")
    assert set(refusal.errors) == {"actors.0.actor", "places.0"}


def test_introducing_somebody_who_is_known_changes_nothing_about_them(
    house: House, desk: Desk
) -> None:
    head = house.head()
    desk.reports("order", actors=[{"actor": "lna", "role": "by", "name": "Something else"}])
    assert house.head() == head + 1
    assert house.reader("tripoli").basis().people.actor("lna") == "lna"


# --- links ----------------------------------------------------------------------------------


def test_links_name_developments_by_external_id_or_id_and_are_kept_as_ids(desk: Desk) -> None:
    first = desk.reports("first").development
    assert first is not None
    relation = {"relation": "responds_to"}
    second = desk.reports("second", relates_to=[{"development": "first", **relation}])
    third = desk.reports("third", relates_to=[{"development": first.id, **relation}])
    for written in (second, third):
        assert written.development is not None
        assert written.development.fields["relates_to"] == [
            {"development": first.id, "relation": "responds_to"}
        ]


def test_a_link_forward_is_refused(desk: Desk) -> None:
    refusal = refused(desk, relates_to=[{"development": "later", "relation": "follows"}])
    assert list(refusal.errors) == ["relates_to.0.development"]
    assert "Links look back" in refusal.errors["relates_to.0.development"][0]


def test_a_link_to_oneself_is_refused(desk: Desk) -> None:
    refused(desk, "self", relates_to=[{"development": "self", "relation": "follows"}])


def test_a_link_into_another_story_is_refused(desk: Desk) -> None:
    elsewhere = desk.reports("first").development
    assert elsewhere is not None
    desk.opens_story("flood")
    refused(desk, relates_to=[{"development": elsewhere.id, "relation": "follows"}])


def test_a_link_may_name_a_newsrooms_own_uuid(desk: Desk) -> None:
    """External ids are the newsroom's; many content systems number with UUIDs."""
    own = "0b0e7a52-7a6f-4f0e-9d52-6f6d3f1c2b1a"
    first = desk.reports(own).development
    assert first is not None
    second = desk.reports("second", relates_to=[{"development": own, "relation": "follows"}])
    assert second.development is not None
    assert second.development.fields["relates_to"][0]["development"] == first.id


# --- warnings -------------------------------------------------------------------------------


def warned(house: House, written: Any) -> list[str]:
    return [warning["code"] for warning in decisions.warned(house.sql, written).warnings]


def test_what_does_not_fit_is_recorded_with_a_warning(
    house: House, desk: Desk, reader: Reader
) -> None:
    plan: dict[str, Any] = {"details": {"scheduled": {"event": "talks"}}, "actors": "by:un"}
    desk.reports("planned", kind="scheduled.planned", **plan)
    cancelled = desk.reports("cancelled", kind="scheduled.cancelled", **plan)
    held = desk.reports("held", kind="scheduled.held", **plan)
    assert warned(house, cancelled) == []
    assert warned(house, held) == ["contradicts"]
    assert [row["about"] for row in reader.situation()["anomalies"]] == ["talks"]


def test_what_the_situation_cannot_show_is_recorded_with_a_warning(
    house: House, desk: Desk
) -> None:
    assert warned(house, desk.reports("mute", kind="offensive.ordered")) == ["shows-nowhere"]


def test_a_possible_duplicate_is_recorded_and_can_be_warned_of(desk: Desk, house: House) -> None:
    said = {"kind": "airstrike", "occurred": "2019-04-03", "actors": "by:gna against:lna"}
    first = desk.reports("desk-1", headline="Air strike", **said)
    second = desk.reports("desk-2", headline="Air strike again", **said)
    assert decisions.alike(house.sql, first) == []
    (warning,) = decisions.alike(house.sql, second)
    assert first.development is not None
    assert warning["code"] == "possible-duplicate"
    assert warning["development"] == first.development.id
    other_day = {**said, "occurred": "2019-04-02"}
    assert (
        decisions.alike(house.sql, desk.reports("desk-3", headline="Air strike", **other_day)) == []
    )
