"""What a decision sees: the record at its head, also where another process has moved it."""

import hashlib
import json

import pytest

from service.care import Check
from service.domain.refusals import Invalid, NotFound, Unavailable
from service.ledger import REMEMBERED_STORIES, Ledger
from tests.builders import Desk, House


def test_a_story_that_nobody_opened_is_not_found(house: House) -> None:
    with pytest.raises(NotFound, match="There is no story 'nowhere'"):
        house.record(lambda ledger: ledger.story("nowhere"))


def test_what_another_process_did_is_seen(house: House, desk: Desk) -> None:
    other = Desk(house.again(), story="tripoli")
    # Given that both have the story in memory
    desk.reports("mine")
    other.reports("theirs")
    # When one closes it
    other.closes_story()
    # Then the other cannot post to it
    with pytest.raises(Exception, match="is closed"):
        desk.reports("late")
    desk.reopens_story()
    other.introduces_actor("newcomer")
    assert desk.reports("later", actors="by:newcomer").created


def test_a_commit_that_failed_is_forgotten_even_when_another_takes_its_position(
    house: House, desk: Desk
) -> None:
    """Given a commit that failed with its act half told; when another process stores an act at
    the position it would have had; then this process goes on from that one."""

    def fails(ledger: Ledger) -> None:
        desk.reporting("lost", actors=[{"actor": "new", "role": "by", "name": "New"}])(ledger)
        raise Unavailable("The disk went away.")

    other = Desk(house.again(), story="tripoli")
    desk.reports("before")
    with pytest.raises(Unavailable):
        house.record(fails)
    other.introduces_actor("theirs")
    other.reports("other")
    with pytest.raises(Invalid, match="'new' is not in the story's cast"):
        desk.reports("after", actors="by:new")
    assert desk.reports("after", actors="by:theirs").created
    envelopes = [bytes_ for _, bytes_ in house.envelopes()]
    hashes = [hashlib.sha256(bytes_).hexdigest() for bytes_ in envelopes]
    assert [json.loads(bytes_)["previous"] for bytes_ in envelopes] == ["", *hashes[:-1]]


def test_a_development_of_another_story_is_not_of_this_one(house: House, desk: Desk) -> None:
    development = desk.reports("order").development
    assert development is not None
    desk.opens_story("flood")
    assert house.record(lambda ledger: ledger.history(development.id, "flood")) == []
    assert len(house.record(lambda ledger: ledger.history(development.id, "tripoli"))) == 1


def test_memory_is_bounded_and_forgets_nothing_that_matters(house: House) -> None:
    desk = house.desk()
    stories = [f"s{number}" for number in range(REMEMBERED_STORIES + 3)]
    for story in stories:
        desk.opens_story(story)
    assert len(house.onrecord.recorder._ledger._stories) == REMEMBERED_STORIES
    assert desk.on("s0").reports("order").created
    assert desk.on(stories[-1]).reports("order").created


def test_slots_are_numbered_alike_by_processes_that_take_turns(house: House, desk: Desk) -> None:
    """Given two processes that have the story in memory; when each adds slots in turn, between
    refusals and corrections; then the rows are those of one that had done it all."""
    other = Desk(house.again(), story="tripoli")
    for number in range(4):
        for one in (desk, other):
            who = "mine" if one is desk else "theirs"
            note = {f"{who}-{number}": 1}
            done = one.house.onrecord.recorder.record_many(
                [
                    one.reporting(f"{who}-{number}", details={"notes": note}),
                    one.reporting(kind="nonsense", details={"notes": {"refused": 1}}),
                    one.reporting(f"{who}-{number}-more", details={"notes": {**note, "b": 2}}),
                ]
            )
            assert [type(made).__name__ for made in done] == ["Written", "Invalid", "Written"]
        other.corrects(f"mine-{number}", headline="Right")
        desk.corrects(f"theirs-{number}", headline="Right")

    assert list(Check(house.sql).faults()) == []


def test_what_was_undone_gives_its_slots_back(house: House, desk: Desk) -> None:
    def adds_then_fails(ledger: Ledger) -> None:
        desk.reporting("lost", details={"notes": {"lost": 1}})(ledger)
        raise Invalid({"headline": ["No."]})

    done = house.onrecord.recorder.record_many(
        [
            desk.reporting("first", details={"notes": {"a": 1}}),
            adds_then_fails,
            desk.reporting("second", details={"notes": {"b": 1}}),
        ]
    )

    assert isinstance(done[1], Invalid)
    assert list(Check(house.sql).faults()) == []
    numbers = [row["number"] for row in house.sql.all("SELECT number FROM slot ORDER BY number")]
    assert numbers == list(range(1, len(numbers) + 1))
