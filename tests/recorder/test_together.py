"""Acts committed together: each as if it had a commit of its own, in any mixture."""

from collections.abc import Callable
from typing import Any

import pytest

from service import decisions
from service.domain import acts
from service.domain.refusals import NotFound
from service.ledger import Decision
from service.readmodel import head, slots
from tests.builders import Desk, House, Reader

SLOT = "alert:gna"


def waiting(desk: Desk, act: Callable[[Desk], Any]) -> Decision:
    """An act of a desk as a decision, not yet run."""
    found: list[Decision] = []

    class Waits(Desk):
        def does(self, decide: Decision, at: str | None = None) -> Any:
            found.append(decide)

    act(Waits(desk.house, story=desk.story))
    (decide,) = found
    return decide


def together(desk: Desk, *acts: Callable[[Desk], Any]) -> list[Any]:
    """Commit acts at once; return what each wrote, or what it was refused with."""
    decisions = [waiting(desk, act) for act in acts]
    return desk.house.onrecord.recorder.record_many(decisions)


def reporting(name: str, **said: Any) -> Callable[[Desk], Any]:
    return lambda desk: desk.reports(name, **said)


RAISED = {"kind": "alert.raised", "actors": "by:gna", "occurred": "2019-04-03"}


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A desk that reported a raised alert, and a plan, before."""
    desk.reports("alert", **RAISED)
    desk.reports(
        "plan",
        kind="scheduled.planned",
        actors="by:un",
        occurred="2019-04-03",
        details={"scheduled": {"event": "talks", "starts": "2019-04-09"}},
    )
    return desk


REVISING: dict[str, Callable[[Desk], Any]] = {
    "an update": lambda desk: desk.updates("alert", body="More."),
    "a correction": lambda desk: desk.corrects("alert", headline="Right"),
    "a judgement": lambda desk: desk.verifies("alert", "confirmed"),
}


@pytest.mark.parametrize("revises", REVISING.values(), ids=REVISING)
@pytest.mark.parametrize("order", [1, -1], ids=["after a report", "before a report"])
def test_an_act_committed_with_a_report_keeps_its_rows(
    told: Desk, reader: Reader, revises: Callable[[Desk], Any], order: int
) -> None:
    other = reporting("other", kind="background")  # It opens no slot, so its rows wait.
    together(told, *(other, revises)[::order])
    assert sorted(reader.names()) == ["alert", "other", "plan"]
    assert reader.development(told.id("alert"))["version"] == 2
    assert reader.standing()[SLOT].version == 2


def test_several_acts_on_one_development_committed_together_keep_their_rows(
    told: Desk, reader: Reader
) -> None:
    before = reader.basis().position
    together(
        told,
        reporting("other"),
        lambda desk: desk.updates("alert", body="One."),
        lambda desk: desk.updates("alert", body="Two."),
        lambda desk: desk.verifies("alert", "disputed"),
        reporting("third"),
        lambda desk: desk.corrects("alert", actors="by:lna"),
    )
    id_ = told.id("alert")
    assert [row["version"] for row in reader.versions(id_)] == [1, 2, 3, 4, 5]
    bodies = [
        reader.development(id_, position=position).get("body")
        for position in range(before, before + 5)
    ]
    assert bodies == [None, None, "One.", "Two.", "Two."]
    assert SLOT not in reader.standing()
    assert reader.standing(position=before + 4)[SLOT].version == 4
    assert reader.standing()["alert:lna"].version == 5


def test_a_report_and_its_withdrawal_committed_together(told: Desk, reader: Reader) -> None:
    together(
        told,
        reporting("mistake", kind="alert.lowered", actors="by:gna", occurred="2019-04-04"),
        lambda desk: desk.withdraws("mistake", hide_text=True),
    )
    assert reader.standing()[SLOT].development == told.id("alert")
    assert reader.development(told.id("mistake"))["status"] == "withdrawn"
    counts = reader.situation()["counts"]
    assert counts == {"developments": 3, "corrected": 0, "withdrawn": 1}


def test_a_turning_point_moved_in_a_mixed_commit_is_moved(
    house: House, told: Desk, reader: Reader
) -> None:
    moved = {"scheduled": {"starts": "2019-04-12"}}
    together(
        told,
        reporting(
            "other",
            kind="threat.made",
            actors="by:lna",
            details={"threat": {"text": "Else.", "deadline": "2019-04-20"}},
        ),
        lambda desk: desk.corrects("plan", details=moved),
    )
    house.clock.reads("2019-04-15T00:00:00Z")
    basis = reader.basis()
    assert reader.situation()["basis"]["as_of"] == "2019-04-12T21:59:59.999999Z"
    assert basis.position == house.head()
    house.clock.reads("2019-04-11T00:00:00Z")
    assert reader.basis().as_of == reader.basis().moment.recorded_at


def test_what_is_refused_between_others_takes_nothing_of_theirs(
    house: House, told: Desk, reader: Reader
) -> None:
    head = house.head()
    first, refused, updated, last = together(
        told,
        reporting("first", actors=[{"actor": "new", "role": "by", "name": "New"}]),
        reporting(
            "refused",
            actors=[{"actor": "newer", "role": "by", "name": "Newer"}],
            relates_to=[{"development": "nothing", "relation": "follows"}],
        ),
        lambda desk: desk.updates("alert", body="More."),
        reporting("last", actors="by:new"),
    )
    assert isinstance(refused, Exception)
    assert [one.position for one in (first, updated, last)] == [head + 2, head + 3, head + 4]
    assert "newer" not in reader.basis().members["actor"]
    assert [position for position, _ in house.envelopes()] == list(range(1, head + 5))
    assert reader.standing()[SLOT].version == 2


def test_two_stories_told_in_one_commit(house: House, told: Desk) -> None:
    flood = house.desk("post")
    flood.opens_story("flood", actors="gna")
    decisions = [
        waiting(told, lambda desk: desk.updates("alert", body="More.")),
        Desk(house, newsroom="post", story="flood").reporting("rain", **RAISED),
        waiting(told, lambda desk: desk.reports("third", **RAISED)),
    ]
    house.onrecord.recorder.record_many(decisions)
    assert house.reader("flood").names() == ["rain"]
    assert house.reader("tripoli").standing()[SLOT].development == told.id("third")
    assert house.reader("flood").standing()[SLOT].report_position == house.head() - 1


BOUNDS = {
    "as they are": [],
    "few slots are read at once": [(slots, "LOADED_SLOTS", 2)],
    "few slots are remembered": [(slots, "REMEMBERED_SLOTS", 2)],
    "few acts of others are looked at": [(head, "LEARNED_ACTS", 1)],
    "few slots of others are looked at": [(head, "LEARNED_SLOTS", 0)],
}


@pytest.mark.parametrize("bounds", BOUNDS.values(), ids=BOUNDS)
def test_slots_that_another_process_opened_are_known_under_their_numbers(
    house: House, monkeypatch: pytest.MonkeyPatch, bounds: list[tuple[Any, str, int]]
) -> None:
    """Given two processes that open slots of one story in turn, and assign to each other's; then
    each slot has one number, and the last that was said stands; however little is remembered."""
    for module, name, value in bounds:
        monkeypatch.setattr(module, name, value)
    mine = house.desk(story="tripoli")
    theirs = Desk(house.again(), story="tripoli")
    mine.opens_story(scale="conflict")
    for actor in ("lna", "gna", "un"):
        mine.introduces_actor(actor)
    for number, (desk, other) in enumerate([(mine, theirs), (theirs, mine)] * 3):
        for actor in ("lna", "gna", "un"):
            about = f"alert:{actor}"
            said = {"kind": "alert.raised", "actors": f"by:{actor}", "occurred": "2019-04-03"}
            desk.reports(f"{actor}-{number}", **said)
            other.reports(f"{actor}-{number}-again", **said)
            assert house.reader("tripoli").standing()[about].development == other.id(
                f"{actor}-{number}-again"
            )
    rows = house.sql.all("SELECT name, number FROM slot")
    names = [row["name"] for row in rows]
    assert len(set(names)) == len(names) == len({row["number"] for row in rows})


def test_a_development_that_is_not_found_in_a_new_story_is_found_in_its_own(told: Desk) -> None:
    """Given one commit in which somebody opens a story, and looks there for a development of an
    older one; then what is done to that one next is done, and told again it is known."""
    other = told.house.desk(story="fresh")
    wrong = decisions.revise(
        "fresh", told.id("alert"), acts.DevelopmentUpdated, {"body": "Wrong."},
        told.acting, base=None,
    )  # fmt: skip
    opened, lost, again, right = told.house.onrecord.recorder.record_many(
        [
            waiting(other, lambda desk: desk.opens_story("fresh")),
            wrong,
            waiting(told, reporting("alert", **RAISED)),
            waiting(told, lambda desk: desk.updates("alert", body="Right.")),
        ]
    )
    assert isinstance(lost, NotFound)
    assert (opened.created, again.created, right.created) == (True, False, True)
    assert right.development.version == 2
