"""The other rows: chronicle, cast, marks, slots, stories; read at a position."""

import pytest

from service.asof import situation
from service.domain import times
from service.readmodel import assignments, cast, chronicle, stories
from service.readmodel.chronicle import Span
from service.readmodel.stories import Viewer
from service.store.sql import FOREVER
from tests.builders import Desk, House, Reader


def moment_at(reader: Reader, position: int) -> chronicle.Moment:
    return reader.basis(position=position).moment


# --- chronicle ------------------------------------------------------------------------------


def test_counters_run_along(desk: Desk, reader: Reader) -> None:
    start = reader.basis().position
    desk.reports("a")
    desk.reports("b")
    desk.corrects("a", headline="Right")
    desk.corrects("a", headline="Righter")
    desk.withdraws("b")
    desk.sums_up("It was nothing.")
    found = [
        (m.developments, m.corrected, m.withdrawn)
        for m in (moment_at(reader, start + n) for n in range(7))
    ]
    assert found == [
        (0, 0, 0), (1, 0, 0), (2, 0, 0), (2, 1, 0), (2, 1, 0), (2, 1, 1), (2, 1, 1),
    ]  # fmt: skip


def test_it_is_quiet_since_the_last_act_on_a_development(desk: Desk, reader: Reader) -> None:
    assert reader.situation()["quiet_since"] is None
    desk.reports("a", at="2019-04-04T10:00:00Z")
    desk.introduces_actor("new", at="2019-04-04T11:00:00Z")
    desk.sums_up("Quiet.", at="2019-04-04T12:00:00Z")
    assert reader.situation()["quiet_since"] == "2019-04-04T10:00:00Z"
    desk.verifies("a", "confirmed", at="2019-04-04T13:00:00Z")
    assert reader.situation()["quiet_since"] == "2019-04-04T13:00:00Z"


def test_a_position_between_two_acts_of_a_story_is_read_at_the_one_before(
    house: House, desk: Desk, reader: Reader
) -> None:
    first = desk.reports("a").position
    house.desk("post").opens_story("flood")
    second = desk.reports("b").position
    assert second == first + 2
    assert reader.basis(position=first + 1).position == first
    assert reader.names(position=first + 1) == ["a"]


def test_before_the_storys_first_act_there_was_nothing(house: House, desk: Desk) -> None:
    other = house.desk("post")
    other.opens_story("flood")
    reader = house.reader("flood")
    early = reader.basis(position=3)
    assert (early.position, early.document, reader.timeline(position=3)) == (0, {}, [])
    assert reader.situation(known_at="2019-01-01")["counts"]["developments"] == 0


def test_acts_are_listed_in_record_order_and_narrowed(
    house: House, desk: Desk, reader: Reader
) -> None:
    desk.reports("a")
    Desk(house, story="tripoli", by="tok_other").updates("a", body="More.")
    number, head = reader.basis().story, house.head()

    def listed(**said: object) -> list[str]:
        span = Span(**{"above": 0, "upto": head, **said})  # type: ignore[arg-type]
        return [row["act"] for row in chronicle.rows(house.sql, number, span, 100)]

    assert listed()[-2:] == ["DevelopmentReported", "DevelopmentUpdated"]
    assert listed(newest_first=True)[:2] == ["DevelopmentUpdated", "DevelopmentReported"]
    assert listed(act="DevelopmentUpdated") == ["DevelopmentUpdated"]
    assert listed(by="tok_other") == ["DevelopmentUpdated"]
    assert listed(above=head - 1) == ["DevelopmentUpdated"]
    assert listed(upto=1) == ["StoryOpened"]
    report = reader.timeline()[0]["position"] - 1
    assert len(listed(development=report)) == 2


# --- cast -----------------------------------------------------------------------------------


def test_a_member_is_read_as_it_was_known(desk: Desk, house: House, reader: Reader) -> None:
    before = house.head()
    desk.introduces_actor("lna", name="Libyan National Army")
    number = reader.basis().story
    assert cast.at_one(house.sql, number, "actor", "lna", before)["name"] == "lna"
    assert cast.at_one(house.sql, number, "actor", "lna", FOREVER - 1)["name"] != "lna"
    assert cast.at_one(house.sql, number, "place", "lna", FOREVER - 1) == {}
    assert cast.at_one(house.sql, number, "actor", "lna", 0) == {}


# --- slots ----------------------------------------------------------------------------------


def test_what_stood_below_is_what_was_known_below(desk: Desk, house: House, reader: Reader) -> None:
    for name, on in (("one", "2019-04-01"), ("three", "2019-04-03"), ("two", "2019-04-02")):
        desk.reports(name, kind="alert.raised", actors="by:gna", occurred=on)
    number = reader.basis().story
    top = reader.standing()["alert:gna"]
    below = assignments.before(house.sql, number, "alert:gna", top.order, position=house.head())
    assert below is not None
    assert below.development == desk.id("two")
    early = house.head() - 1
    below = assignments.before(house.sql, number, "alert:gna", top.order, position=early)
    assert below is not None
    assert below.development == desk.id("one")


def test_the_table_tells_from_when_to_when_each_answer_held_and_was_known(
    desk: Desk, reader: Reader
) -> None:
    desk.reports(
        "up", kind="alert.raised", actors="by:gna", occurred="2019-04-01",
        at="2019-04-04T10:00:00Z",
    )  # fmt: skip
    desk.reports(
        "down", kind="alert.lowered", actors="by:gna", occurred="2019-04-03",
        at="2019-04-04T11:00:00Z",
    )  # fmt: skip
    desk.corrects("down", occurred="2019-04-02", at="2019-04-04T12:00:00Z")
    basis = reader.basis()
    rows = situation.table_rows(
        basis, situation.table(basis, after=None, limit=100, slot="alert:gna")
    )
    assert [
        (r["value"], r["valid_from"][:10], r["known_from"][11:13], r["known_to"]) for r in rows
    ] == [
        ("raised", "2019-04-01", "10", None),
        ("lowered", "2019-04-02", "12", None),
        ("lowered", "2019-04-03", "11", "2019-04-04T12:00:00Z"),
    ]
    assert rows[0]["valid_to"] == rows[1]["valid_from"]
    assert rows[1]["valid_to"] is rows[2]["valid_to"] is None


def test_slots_of_one_story_are_not_another_storys(house: House, desk: Desk) -> None:
    said = {"kind": "alert.raised", "occurred": "2019-04-01"}
    desk.reports("up", actors="by:gna", **said)
    other = house.desk("post")
    other.opens_story("flood", actors="gna")
    assert house.reader("flood").standing() == {}
    other.reports("up", actors="by:gna", **said)
    assert house.reader("flood").standing()["alert:gna"].development == other.id("up")
    assert house.reader("tripoli").standing()["alert:gna"].development == desk.id("up")


def test_only_the_families_asked_for_are_answered(desk: Desk, reader: Reader) -> None:
    desk.reports("up", kind="alert.raised", actors="by:gna", details={"posture": "alert"})
    basis = reader.basis()
    found = assignments.standing(
        basis.sql, basis.story, as_of=basis.as_of, position=basis.position, families=["posture:%"]
    )
    assert [row.slot for row in found] == ["posture:gna"]


# --- stories --------------------------------------------------------------------------------


@pytest.fixture
def three(house: House) -> House:
    """Two newsrooms' stories: two public, one kept to its newsroom."""
    for newsroom, story, visibility in (
        ("times", "open", "public"),
        ("times", "shut", "house"),
        ("post", "theirs", "public"),
    ):
        house.desk(newsroom).opens_story(story, visibility=visibility)
    return house


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [
        (Viewer(), ["theirs", "open"]),
        (Viewer(newsroom="post"), ["theirs", "open"]),
        (Viewer(newsroom="times"), ["theirs", "shut", "open"]),
        (Viewer(everything=True), ["theirs", "shut", "open"]),
    ],
)
def test_a_story_is_seen_by_whom_it_is_meant_for(
    three: House, viewer: Viewer, seen: list[str]
) -> None:
    listed = stories.page(three.sql, viewer, after=FOREVER, limit=10)
    assert [row.id for row in listed] == seen
    for story in ("open", "shut", "theirs", "nowhere"):
        assert (stories.find(three.sql, story, viewer) is not None) == (story in seen)


def test_a_page_of_stories_goes_on_where_the_last_ended(three: House) -> None:
    (first,) = stories.page(three.sql, Viewer(), after=FOREVER, limit=1)
    (second,) = stories.page(three.sql, Viewer(), after=first.number, limit=1)
    assert [first.id, second.id] == ["theirs", "open"]
    assert stories.page(three.sql, Viewer(), after=second.number, limit=1) == []


def test_a_change_of_visibility_is_counted_and_judged_now(three: House) -> None:
    desk = three.desk("times", story="open")
    reader = three.reader("open")
    etag = reader.basis(position=1).etag
    desk.amends_story(title="Still open")
    assert reader.basis(position=1).etag == etag
    desk.amends_story(visibility="house")
    assert stories.find(three.sql, "open", Viewer()) is None
    desk.amends_story(visibility="public")
    assert reader.basis(position=1).etag != etag


def test_the_heads_moment_is_the_last_of_the_whole_record(house: House, desk: Desk) -> None:
    house.desk("post").opens_story("flood", at="2019-04-09T00:00:00Z")
    last = chronicle.head(house.sql)
    assert last is not None
    assert (last.position, last.stored_at) == house.onrecord.head()
    assert times.format_instant(last.stored_at) == "2019-04-09T00:00:00Z"
