"""`stored_at` is given under the lock and never runs backwards, whatever the host's clock does."""

from service.domain import times
from service.domain.acts import Act
from tests.builders import Clock, Desk, House


def stored(acts: list[Act]) -> list[int]:
    return [act.stamp.stored_at for act in acts]


def test_it_is_the_hosts_time(house: House, desk: Desk) -> None:
    desk.reports("order", at="2019-04-04T16:25:00Z")
    assert stored(house.acts())[-1] == times.parse_instant("2019-04-04T16:25:00Z")


def test_a_clock_that_jumps_back_moves_nothing_back(house: House, desk: Desk, clock: Clock) -> None:
    desk.reports("order", at="2019-04-04T16:00:00Z")
    desk.reports("after", at="2019-04-04T15:00:00Z")
    desk.reports("later", at="2001-01-01T00:00:00Z")
    desk.reports("at-last", at="2019-04-04T16:00:01Z")
    times_ = stored(house.acts())
    assert times_ == sorted(times_)
    assert times_[-3:-1] == [times.parse_instant("2019-04-04T16:00:00Z")] * 2
    assert times_[-1] > times_[-2]


def test_it_holds_over_the_whole_record_and_after_a_restart(house: House, desk: Desk) -> None:
    desk.reports("order", at="2019-04-04T16:00:00Z")
    second = house.again().desk("post")
    second.opens_story("flood", at="2019-04-04T12:00:00Z")
    assert stored(house.acts()) == sorted(stored(house.acts()))


def test_recorded_at_is_stored_at_but_in_an_archive(house: House, desk: Desk) -> None:
    desk.reports("order", at="2019-04-04T16:00:00Z")
    assert all(act.stamp.recorded_at == act.stamp.stored_at for act in house.acts())
    assert all(act.stamp.imported_at is None for act in house.acts())


def test_what_was_just_read_can_be_read_again_on_a_host_whose_clock_is_behind(
    house: House, desk: Desk, clock: Clock
) -> None:
    # Given an act stored by a host whose clock is a second ahead of this one's
    desk.reports("order", at="2019-04-04T16:00:01Z")
    clock.reads("2019-04-04T16:00:00Z")
    reader = house.reader("tripoli")
    now = reader.basis()
    # When the pinned address of the present is asked for
    again = reader.basis(as_of=times.format_instant(now.as_of), position=now.position)
    # Then it is no moment of the future
    assert (again.as_of, again.position) == (now.as_of, now.position)
    assert reader.names(as_of=times.format_instant(now.as_of)) == ["order"]
