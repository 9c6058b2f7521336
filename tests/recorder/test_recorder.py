"""The only writer: what is refused or fails leaves nothing, and harms nobody else."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from service.domain.refusals import Conflict, Invalid, Unavailable
from service.ledger import Ledger
from service.recorder import Recorder
from tests.builders import Desk, House


class Surprise(Exception):
    """What nobody expected."""


def adding_then(desk: Desk, error: Exception) -> Callable[[Ledger], None]:
    """A decision that adds an actor and two reports, and then raises."""

    def decide(ledger: Ledger) -> None:
        newcomer = {"actor": "newcomer", "role": "by", "name": "Newcomer"}
        desk.reporting("half-done", actors=[newcomer])(ledger)
        desk.reporting("more")(ledger)
        raise error

    return decide


@pytest.mark.parametrize(
    "error", [Invalid({"headline": ["No."]}), Conflict("withdrawn", "No."), Surprise("oh")]
)
def test_what_raises_after_a_partial_add_leaves_nothing(
    house: House, desk: Desk, error: Exception
) -> None:
    before, envelopes = house.counts(), house.envelopes()
    with pytest.raises(type(error)):
        house.record(adding_then(desk, error))
    assert house.counts() == before
    assert house.envelopes() == envelopes


def test_after_a_partial_add_the_record_goes_on_as_if_it_had_not_been(
    house: House, desk: Desk
) -> None:
    head = house.head()
    with pytest.raises(Surprise):
        house.record(adding_then(desk, Surprise()))
    written = desk.reports("after")
    assert written.position == head + 1
    # and the actor whom only the failed decision introduced is nobody
    with pytest.raises(Invalid, match="'newcomer' is not in the story's cast"):
        desk.reports("later", actors="by:newcomer")


def test_one_of_many_that_fails_harms_no_other(house: House, desk: Desk) -> None:
    head = house.head()
    answers = house.onrecord.recorder.record_many(
        [
            desk.reporting("first"),
            adding_then(desk, Surprise("oh")),
            desk.reporting("second"),
            desk.reporting("wrong", kind="nonsense"),
            desk.reporting("third"),
        ]
    )
    assert [type(answer).__name__ for answer in answers] == [
        "Written",
        "Surprise",
        "Written",
        "Invalid",
        "Written",
    ]
    assert [answers[n].position - head for n in (0, 2, 4)] == [1, 2, 3]
    assert house.reader("tripoli").names() == ["third", "second", "first"]


def test_a_story_opened_by_a_decision_that_fails_was_never_there(house: House) -> None:
    desk = house.desk(story="flood")

    def decide(ledger: Ledger) -> None:
        other = house.desk()
        from service import decisions

        decisions.open_story(
            {"id": "flood", "title": "Flood", "language": "en", "time_zone": "UTC"}, other.acting
        )(ledger)
        raise Surprise

    def sees(ledger: Ledger) -> Any:
        return ledger.find_story("flood")

    surprise, seen = house.onrecord.recorder.record_many([decide, sees])
    assert isinstance(surprise, Surprise)
    assert seen is None
    assert desk.opens_story("flood").position == 1


def test_later_decisions_of_a_batch_see_the_acts_of_earlier_ones(house: House, desk: Desk) -> None:
    opening = desk.reporting("first", actors=[{"actor": "new", "role": "by", "name": "New"}])
    first, second, again = house.onrecord.recorder.record_many(
        [
            opening,
            desk.reporting(
                "second",
                actors="by:new",
                relates_to=[{"development": "first", "relation": "follows"}],
            ),
            desk.reporting("second", headline="Other words"),
        ]
    )
    assert second.development.fields["relates_to"] == [
        {"development": first.development.id, "relation": "follows"}
    ]
    assert isinstance(again, Conflict)


def test_the_order_is_the_order_of_the_queue(house: House, desk: Desk) -> None:
    names = [f"r{number:03}" for number in range(600)]  # More than two batches.
    written = house.onrecord.recorder.record_many([desk.reporting(name) for name in names])
    positions = [one.position for one in written]
    assert positions == list(range(positions[0], positions[0] + len(names)))
    assert house.reader("tripoli").names(order="recorded") == names


def test_sixteen_threads_record_every_act_once_and_without_a_gap(house: House, desk: Desk) -> None:
    head, threads, each = house.head(), 16, 50
    written: dict[int, list[int]] = {}
    start = threading.Barrier(threads)

    def work(number: int) -> None:
        mine = Desk(house, story="tripoli", by=f"tok_{number}")
        start.wait()
        written[number] = [
            house.record(mine.reporting(f"t{number}-{n}")).position for n in range(each)
        ]

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    taken = sorted(position for positions in written.values() for position in positions)
    assert taken == list(range(head + 1, head + 1 + threads * each))
    assert all(positions == sorted(positions) for positions in written.values())
    acts = house.acts("tripoli")[-threads * each :]
    assert [act.stamp.position for act in acts] == taken
    by_position = {act.stamp.position: act.stamp.by for act in acts}
    assert all(
        by_position[position] == f"tok_{number}"
        for number, positions in written.items()
        for position in positions
    )
    names = house.reader("tripoli").names()
    assert len(names) == len(set(names)) == threads * each


def test_nobody_is_answered_before_the_act_is_durable(house: House, desk: Desk) -> None:
    second = house.again()
    for number in range(3):
        position = desk.reports(f"r{number}").position
        assert second.head() == position
    second.close()


def leading(house: House) -> tuple[threading.Thread, threading.Event]:
    """Somebody who leads, and goes on deciding until the event is set."""
    deciding, go_on = threading.Event(), threading.Event()

    def slow(ledger: Ledger) -> None:
        deciding.set()
        assert go_on.wait(10)

    leader = threading.Thread(target=house.record, args=(slow,))
    leader.start()
    assert deciding.wait(10)
    return leader, go_on


def test_those_who_wait_are_committed_together(house: House, desk: Desk) -> None:
    """Given that one is deciding, those who come meanwhile share the next commit."""
    leader, go_on = leading(house)
    stored: list[int] = []

    def stamped(ledger: Ledger) -> None:
        desk.reporting(f"r{len(stored)}")(ledger)
        stored.append(ledger.stored_at)

    workers = [threading.Thread(target=house.record, args=(stamped,)) for _ in range(5)]
    for worker in workers:
        worker.start()
    while len(house.onrecord.recorder._queue) < 5:
        time.sleep(0.001)
    house.clock.passes(60)
    go_on.set()
    for worker in [leader, *workers]:
        worker.join()
    assert len(stored) == 5
    assert len(set(stored)) == 1


class Interrupted(Exception):
    """Stands for what a signal's handler raises: Ctrl-C, or a worker's timeout."""


class InterruptedLock:
    """A lock whose sleeper is interrupted: before it is released, as it is, or right after."""

    def __init__(self, when: str, meanwhile: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._when, self._meanwhile = when, meanwhile
        self.locked, self.release = self._lock.locked, self._lock.release

    def acquire(self) -> bool:
        if not self._lock.locked():
            return self._lock.acquire()
        self._meanwhile()
        if self._when == "being answered":
            with self._lock:
                pass
        elif self._when == "answered":
            self._lock.acquire()
        raise Interrupted


@pytest.mark.parametrize("when", ["waiting", "being answered", "answered"])
def test_who_is_interrupted_keeps_nobody_from_the_answer(
    house: House, desk: Desk, when: str
) -> None:
    """Given many in one commit, of whom one is interrupted before it is answered, in the very
    moment, or right after it; then all others are answered."""
    leader, go_on = leading(house)
    others: list[threading.Thread] = []
    recorder = house.onrecord.recorder

    def wait_behind() -> None:
        def waits(name: str) -> None:
            house.record(desk.reporting(name))

        others.append(threading.Thread(target=waits, args=(f"r{len(others)}",)))
        others[-1].start()
        while len(recorder._queue) < len(others) + bool(interrupted):
            time.sleep(0.001)

    interrupted: list[str] = []

    def meanwhile() -> None:
        interrupted.append("once")
        wait_behind()
        wait_behind()
        go_on.set()

    wait_behind()
    enqueue = recorder._enqueue

    def with_lock(jobs: list[Any], last: Any) -> None:
        patch.undo()
        enqueue(jobs, last)
        last.sleeps = InterruptedLock(when, meanwhile)
        last.sleeps.acquire()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorder, "_enqueue", with_lock)
        with pytest.raises(Interrupted):
            house.record(desk.reporting("interrupted"))
    for thread in [leader, *others]:
        thread.join(10)
        assert not thread.is_alive()
    assert {"r0", "r1", "r2"} <= set(house.reader("tripoli").names())


def test_a_queue_that_is_full_refuses_and_stores_nothing(house: House, desk: Desk) -> None:
    recorder = Recorder(house.onrecord.store, house.clock, queue=3)
    before = house.counts()
    with pytest.raises(Unavailable, match="Too many reports are waiting") as refusal:
        recorder.record_many([desk.reporting(f"r{n}") for n in range(4)])
    assert refusal.value.retry_after >= 1
    assert house.counts() == before
    # and it is empty again: three fit
    recorder.record_many([desk.reporting(f"r{n}") for n in range(3)])
    assert len(house.reader("tripoli").names()) == 3


def test_a_lone_client_waits_for_nobody(
    house: House, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.reports("first")

    def never(seconds: float) -> None:
        raise AssertionError("nobody else was there to wait for")

    monkeypatch.setattr(time, "sleep", never)
    assert desk.reports("second").created


def test_who_was_just_answered_shares_the_next_commit(house: House, desk: Desk) -> None:
    """Given eight clients that answer each other's reports; then they share commits, and do not
    take turns with one that came a moment earlier."""
    commits, writing = 0, house.onrecord.store.writing

    def counted(*questions: Any) -> Any:
        nonlocal commits
        commits += 1
        return writing(*questions)

    house.onrecord.store.writing = counted  # type: ignore[method-assign, assignment]
    start, each = threading.Barrier(8), 25

    def client(number: int) -> None:
        start.wait()
        for n in range(each):
            house.record(desk.reporting(f"c{number}-{n}"))

    clients = [threading.Thread(target=client, args=(number,)) for number in range(8)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    assert commits < 8 * each / 2
