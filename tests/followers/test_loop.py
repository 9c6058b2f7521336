"""The loop: every act once and in order, rows and bookmark together, one leader, no act skipped."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field

import pytest

from service.assembly import open_store
from service.domain.acts import Act, DevelopmentReported
from service.domain.refusals import Unavailable
from service.followers import bookmarks, lags
from service.followers.bookmarks import Displaced
from service.followers.leadership import lead
from service.followers.loop import BATCH, Loop, Rows, Stopped
from service.recorder import host_clock
from service.store.postgres_sql import PostgresSql
from service.store.sql import Sql
from tests.builders import Desk, House


@dataclass
class Counting:
    """A follower with a table of its own: a row an act."""

    name: str = "counting"
    acts: Sequence[type[Act]] = ()
    shown: list[int] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    after_rows: Callable[[], None] = lambda: None

    def take(self, _sql: Sql, batch: Sequence[Act], _stopping: threading.Event) -> Rows:
        if self.fails:
            raise self.fails.pop(0)
        positions = [act.stamp.position for act in batch]
        self.shown += positions

        def write(sql: Sql) -> None:
            sql.many("INSERT INTO counted VALUES (?)", [(position,) for position in positions])
            self.after_rows()

        return write


Working = Callable[[Counting], Loop]


@pytest.fixture
def working(house: House) -> Iterator[Working]:
    """`working(follower)`: the follower at work in this house, with a store of its own."""
    with house.onrecord.store.writing() as sql:
        sql.run("CREATE TABLE counted (position BIGINT PRIMARY KEY)")
    with ExitStack() as stack:

        def work(follower: Counting) -> Loop:
            store = stack.enter_context(closing(open_store(house.onrecord.settings)))
            held = lead(store, follower.name)
            stack.callback(held.give_up)
            return Loop(follower, store.reading, held)

        yield work


def counted(house: House) -> list[int]:
    rows = house.sql.all("SELECT position FROM counted ORDER BY position")
    return [row["position"] for row in rows]


def everything(house: House) -> list[int]:
    return list(range(1, house.head() + 1))


def once(loop: Loop) -> None:
    loop.catch_up(threading.Event())


def test_every_act_is_taken_once_and_in_order(house: House, desk: Desk, working: Working) -> None:
    follower = Counting()
    loop = working(follower)
    once(loop)
    desk.reports("one")
    desk.corrects("one", headline="Another")
    once(loop)
    once(loop)
    assert follower.shown == counted(house) == everything(house)


def test_a_record_longer_than_a_batch_is_taken_batch_by_batch(
    house: House, desk: Desk, working: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert house.head() < BATCH
    monkeypatch.setattr("service.followers.loop.BATCH", 2)
    desk.reports("one")
    once(working(Counting()))
    assert counted(house) == everything(house)


def test_a_follower_is_shown_only_the_acts_that_it_names(
    house: House, desk: Desk, working: Working
) -> None:
    desk.reports("one")
    desk.corrects("one", headline="Another")
    follower = Counting(acts=(DevelopmentReported,))
    loop = working(follower)
    once(loop)
    assert follower.shown == [house.head() - 1]
    assert loop.position() == house.head()


@pytest.mark.usefixtures("desk")
def test_rows_and_bookmark_are_written_together_or_not_at_all(
    house: House, working: Working
) -> None:
    def pull_the_plug() -> None:
        raise KeyboardInterrupt

    loop = working(Counting(after_rows=pull_the_plug))
    with pytest.raises(KeyboardInterrupt):
        once(loop)
    assert (counted(house), loop.position()) == ([], 0)
    once(working(Counting()))
    assert counted(house) == everything(house)


@pytest.mark.usefixtures("desk")
def test_one_leads_and_another_goes_on_where_it_ended(house: House, working: Working) -> None:
    first, second = Counting(), Counting()
    leading, waiting = working(first), working(second)
    assert leading._lead.take()
    assert leading._lead.take()
    assert not waiting._lead.take()
    assert leading._turn(threading.Event()) < 1
    assert waiting._turn(threading.Event()) == 1
    leading._lead.give_up()
    house.desk("observer").opens_story("flood")
    once(waiting)
    assert first.shown + second.shown == counted(house) == everything(house)


@pytest.mark.usefixtures("desk")
def test_a_lead_that_is_given_up_is_free_at_once(
    working: Working, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a server that takes its time to end a session that was closed
    ending: list[PostgresSql] = []
    monkeypatch.setattr(PostgresSql, "close", lambda sql: ending.append(sql))
    first, second = working(Counting()), working(Counting())
    assert first._lead.take()
    # when the lead is given up, then another has it, and back
    first._lead.give_up()
    assert second._lead.take()
    second._lead.give_up()
    assert first._lead.take()
    first._lead.give_up()
    for sql in ending:
        sql.connection.close()


@pytest.mark.usefixtures("desk")
def test_followers_of_other_names_lead_beside_one_another(house: House, working: Working) -> None:
    one, other = working(Counting()), working(Counting(name="other"))
    assert one._lead.take()
    assert other._lead.take()


@pytest.mark.usefixtures("desk")
def test_who_lost_the_lead_unawares_writes_nothing(house: House, working: Working) -> None:
    late = working(Counting())
    assert late._lead.take()
    with house.onrecord.store.writing() as sql:
        bookmarks.move(sql, "counting", 0, 1)

    def write_late() -> None:
        with late._lead.writing() as sql:
            sql.run("INSERT INTO counted VALUES (1)")
            bookmarks.move(sql, "counting", 0, house.head())

    with pytest.raises(Displaced):
        write_late()
    assert counted(house) == []


@pytest.mark.usefixtures("desk")
def test_an_error_is_logged_and_the_same_acts_come_again(
    house: House,
    working: Working,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("service.followers.loop.FIRST_PAUSE_SECONDS", 0.01)
    follower = Counting(fails=[ValueError("it broke"), Unavailable("busy", retry_after=1)])
    stopping = threading.Event()
    follower.after_rows = stopping.set
    with caplog.at_level(logging.WARNING):
        working(follower).run(stopping)
    assert counted(house) == everything(house)
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "follower counting tries again in 0.01 s",
        "follower counting tries again in 0.02 s",
    ]


@pytest.mark.usefixtures("desk")
def test_pauses_grow_up_to_a_bound(working: Working, caplog: pytest.LogCaptureFixture) -> None:
    class Stopping(threading.Event):
        """A stop that comes after some pauses, none of them waited for."""

        def __init__(self) -> None:
            super().__init__()
            self.paused: list[float | None] = []

        def wait(self, timeout: float | None = None) -> bool:
            self.paused.append(timeout)
            if len(self.paused) == 9:
                self.set()
            return self.is_set()

    stopping = Stopping()
    working(Counting(fails=[ValueError("no")] * 9)).run(stopping)
    assert stopping.paused == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert len(caplog.records) >= 9


@pytest.mark.usefixtures("desk")
def test_a_stop_amid_a_batch_leaves_it_to_the_next(house: House, working: Working) -> None:
    loop = working(Counting(fails=[Stopped()]))
    loop.run(threading.Event())
    assert (counted(house), loop.position()) == ([], 0)
    assert working(Counting())._lead.take()


def test_the_lag_is_acts_and_the_age_of_the_first_of_them(
    house: House, desk: Desk, working: Working
) -> None:
    once(working(Counting()))
    assert lags(house.sql, ["counting"], house.clock()) == {"counting": (0, 0.0)}
    desk.reports("one")
    desk.reports("two")
    house.clock.passes(10)
    found = lags(house.sql, ["counting", "other"], house.clock())
    assert found["counting"] == (2, 11.0)
    assert found["other"].acts == house.head()
    assert lags(house.sql, ["counting"])["counting"].seconds <= host_clock()
