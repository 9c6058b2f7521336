"""What can be done to a story itself: opening, amending, closing, cast, summary, level, marks."""

import pytest

from service.domain.refusals import Conflict, Forbidden, Invalid, NotFound
from tests.builders import Desk, House, Reader


def refused(desk: Desk, does: object, **said: object) -> Invalid:
    before = desk.house.counts()
    with pytest.raises(Invalid) as refusal:
        does(**said)  # type: ignore[operator]  # any of the desk's acts
    assert desk.house.counts() == before
    return refusal.value


def test_a_story_is_opened_under_its_slug(house: House) -> None:
    written = house.desk().opens_story("flood", title="The flood")
    assert (written.story, written.position) == ("flood", 1)
    assert house.reader("flood").basis().document == {
        "id": "flood",
        "title": "The flood",
        "language": "en",
        "time_zone": "Africa/Tripoli",
    }


@pytest.mark.parametrize("newsroom", ["times", "post"])
def test_a_slug_is_given_once(house: House, desk: Desk, newsroom: str) -> None:
    before = house.counts()
    with pytest.raises(Conflict, match="There is a story under 'tripoli' already") as refusal:
        house.desk(newsroom).opens_story("tripoli")
    assert refusal.value.code == "slug-taken"
    assert house.counts() == before


def test_a_time_zone_that_is_none_is_refused_and_the_nearest_suggested(house: House) -> None:
    with pytest.raises(Invalid, match="time_zone"):
        house.desk().opens_story("flood", time_zone="Africa/Tripolis")


@pytest.mark.parametrize(
    ("name", "value"), [("id", "other"), ("time_zone", "Europe/Rome"), ("scale", "none")]
)
def test_what_the_record_rests_on_is_fixed(desk: Desk, name: str, value: str) -> None:
    refusal = refused(desk, desk.amends_story, **{name: value})
    assert list(refusal.errors) == [name]
    assert "is set once" in refusal.says


def test_naming_what_is_fixed_as_it_is_changes_the_rest(desk: Desk, reader: Reader) -> None:
    desk.amends_story(time_zone="Africa/Tripoli", title="The advance")
    assert reader.basis().document["title"] == "The advance"


def test_an_amendment_that_changes_nothing_is_refused(desk: Desk) -> None:
    refused(desk, desk.amends_story, title="The story of tripoli")


def test_a_pinned_answer_keeps_the_title_and_the_names_of_its_time(
    desk: Desk, reader: Reader
) -> None:
    before = reader.basis().position
    desk.amends_story(title="The advance")
    desk.introduces_actor("lna", name="Libyan National Army")
    assert reader.basis().document["title"] == "The advance"
    assert reader.basis().people.actor("lna") == "Libyan National Army"
    then = reader.basis(position=before)
    assert then.document["title"] == "The story of tripoli"
    assert then.people.actor("lna") == "lna"


def test_a_story_is_closed_once(desk: Desk) -> None:
    desk.closes_story()
    with pytest.raises(Conflict, match="is closed") as refusal:
        desk.closes_story()
    assert refusal.value.code == "story-closed"


def test_an_open_story_is_not_reopened(desk: Desk) -> None:
    with pytest.raises(Conflict, match="it need not be reopened"):
        desk.reopens_story()


def test_putting_an_actor_again_changes_nothing(house: House, desk: Desk) -> None:
    head = house.head()
    again = desk.introduces_actor("lna")
    assert not again.created
    assert house.head() == head == again.position


def test_putting_an_actor_otherwise_replaces_it_whole(desk: Desk, reader: Reader) -> None:
    desk.introduces_actor("lna", name="LNA", side="lna")
    amended = desk.introduces_actor("lna", name="Libyan National Army")
    assert not amended.created
    assert reader.basis().members["actor"]["lna"] == {"id": "lna", "name": "Libyan National Army"}


def test_an_actor_and_a_place_may_share_a_slug(desk: Desk, reader: Reader) -> None:
    assert desk.introduces_place("lna", name="A street").created
    assert reader.basis().members["actor"]["lna"]["name"] == "lna"


STORY_ACTS = {
    "amend": lambda desk: desk.amends_story(title="Ours"),
    "close": lambda desk: desk.closes_story(),
    "reopen": lambda desk: desk.reopens_story(),
    "introduce": lambda desk: desk.introduces_actor("un"),
    "sum up": lambda desk: desk.sums_up("Ours."),
    "override": lambda desk: desk.overrides_level("calm"),
    "mark": lambda desk: desk.marks("order"),
}


@pytest.mark.parametrize("acts", STORY_ACTS.values(), ids=STORY_ACTS)
def test_another_newsroom_changes_nothing_of_a_story(
    house: House, desk: Desk, acts: object
) -> None:
    desk.reports("order")
    with pytest.raises(Forbidden, match="belongs to another newsroom"):
        acts(house.desk("post", story="tripoli"))  # type: ignore[operator]


@pytest.mark.parametrize("acts", STORY_ACTS.values(), ids=STORY_ACTS)
def test_a_story_that_is_not_there_is_not_changed(house: House, acts: object) -> None:
    with pytest.raises(NotFound):
        acts(house.desk(story="nowhere"))  # type: ignore[operator]


def test_a_summary_stands_until_the_next_and_is_read_at_a_basis(desk: Desk, reader: Reader) -> None:
    desk.reports("order")
    desk.sums_up("The advance began.", "order", at="2019-04-04T10:00:00Z")
    desk.sums_up("The advance stalled.", "order", at="2019-04-04T12:00:00Z")
    assert [s["text"] for s in reader.situation()["summary"]] == ["The advance stalled."]
    then = reader.situation(known_at="2019-04-04T11:00:00Z")["summary"]
    assert then == [{"text": "The advance began.", "developments": [desk.id("order")]}]
    desk.sums_up("")
    assert reader.situation()["summary"] == []


def test_a_summary_names_developments_of_its_own_story(desk: Desk) -> None:
    refusal = refused(desk, lambda: desk.sums_up("It began.", "nothing"))
    assert list(refusal.errors) == ["sentences.0.developments"]


def test_an_override_stands_until_it_is_lifted(desk: Desk, reader: Reader) -> None:
    desk.reports("order", kind="offensive.ordered", actors="by:lna against:gna")
    by_rule = reader.situation()["level"]["level"]
    assert by_rule != "calm"
    desk.overrides_level("calm", "It was an exercise.")
    level = reader.situation()["level"]
    assert (level["level"], level["override"]["reason"]) == ("calm", "It was an exercise.")
    desk.overrides_level(None)
    assert reader.situation()["level"]["level"] == by_rule


def test_a_story_without_a_level_has_none_to_override(desk: Desk) -> None:
    desk.opens_story("flood")
    refusal = refused(desk, lambda: desk.overrides_level("calm"))
    assert list(refusal.errors) == ["level"]


@pytest.mark.parametrize(("sort", "section"), [("pin", "pinned"), ("key", "key_events")])
def test_a_mark_is_set_and_taken_away_without_a_new_version(
    desk: Desk, reader: Reader, sort: str, section: str
) -> None:
    desk.reports("order")
    before, head = reader.basis().position, desk.house.head()
    marked = desk.marks("order", sort)
    assert marked.position == head + 1
    assert reader.situation(position=before)[section] == []
    assert marked.development is not None
    assert marked.development.version == 1
    assert reader.situation()[section] == [desk.id("order")]
    before = reader.basis().position
    desk.marks("order", sort, set_it=False)
    assert reader.situation()[section] == []
    assert reader.situation(position=before)[section] == [desk.id("order")]
    desk.marks("order", sort)
    assert reader.situation()[section] == [desk.id("order")]


@pytest.mark.parametrize("sort", ["pin", "key"])
@pytest.mark.parametrize("set_it", [True, False])
def test_marking_again_changes_nothing(house: House, desk: Desk, sort: str, set_it: bool) -> None:
    desk.reports("order")
    if set_it:
        desk.marks("order", sort)
    before = house.counts()
    assert not desk.marks("order", sort, set_it=set_it).created
    assert house.counts() == before


def test_the_latest_mark_comes_first(desk: Desk, reader: Reader) -> None:
    desk.reports("first")
    desk.reports("second")
    desk.marks("second")
    desk.marks("first")
    assert reader.situation()["pinned"] == [desk.id("first"), desk.id("second")]


def test_a_report_may_be_a_key_event_from_the_start(desk: Desk, reader: Reader) -> None:
    desk.reports("order", key=True)
    assert reader.situation()["key_events"] == [desk.id("order")]
    desk.marks("order", "key", set_it=False)
    assert reader.situation()["key_events"] == []


def test_what_nobody_reported_is_not_marked(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.marks("nothing")
