"""Verifying and withdrawing."""

from typing import Any

import pytest

from service.domain.refusals import Conflict, Forbidden, Invalid, NotFound
from tests.builders import Desk, House, Reader

JUDGED = ["corroborated", "confirmed", "disputed", "refuted", "undeterminable"]


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A desk that reported that Gharyan fell."""
    desk.reports(
        "fall",
        kind="control.claimed",
        headline="Gharyan falls",
        body="To the LNA.",
        occurred="2019-04-03",
        actors="by:lna",
        places="gharyan",
    )
    return desk


SLOT = "control:gharyan:lna:lna"


@pytest.mark.parametrize("status", JUDGED)
def test_verifying_moves_the_status_and_not_the_text(
    told: Desk, reader: Reader, status: str
) -> None:
    before = reader.timeline()[0]
    state = told.verifies("fall", status).development
    assert state is not None
    after = reader.timeline()[0]
    assert (after["version"], after["verification"]) == (2, status)
    for name in ("headline", "body", "occurred", "places", "actors", "valid_from"):
        assert after[name] == before[name]


@pytest.mark.parametrize("status", ["reported", "unverified", "claimed", "true"])
def test_a_status_that_only_a_report_enters_with_is_refused(told: Desk, status: str) -> None:
    with pytest.raises(Invalid, match="status"):
        told.verifies("fall", status)


@pytest.mark.parametrize("version", [0, 3, -1])
def test_a_version_that_is_not_there_is_not_judged(told: Desk, version: int) -> None:
    told.updates("fall", body="More.")
    with pytest.raises(Invalid, match=f"no version {version}; the latest is 2"):
        told.verifies("fall", "confirmed", version=version)


def test_judging_an_older_text_after_its_correction_says_nothing_of_the_new(told: Desk) -> None:
    told.corrects("fall", headline="Gharyan stands")
    state = told.verifies("fall", "refuted", version=1).development
    assert state is not None
    assert (state.version, state.verification) == (3, "reported")


def test_judging_an_older_version_of_the_same_text_moves_the_status(told: Desk) -> None:
    told.updates("fall", body="More.")
    state = told.verifies("fall", "confirmed", version=1).development
    assert state is not None
    assert state.verification == "confirmed"


def test_a_refuted_report_answers_nothing_until_the_judgement_changes(
    told: Desk, reader: Reader
) -> None:
    assert SLOT in reader.standing()
    told.verifies("fall", "refuted")
    assert SLOT not in reader.standing()
    assert reader.names() == ["fall"]
    told.verifies("fall", "disputed")
    assert reader.standing()[SLOT].verification == "disputed"


def test_evidence_and_reason_stand_beside_the_judgement(told: Desk, reader: Reader) -> None:
    state = told.verifies(
        "fall",
        "confirmed",
        reason="A reporter saw the flag.",
        sources=[{"publisher": "Own reporter", "type": "own_witness"}],
        reason_note="Name withheld.",
    ).development
    assert state is not None
    read = reader.development(state.id)
    assert read["reason"] == "A reporter saw the flag."
    assert read["evidence"] == [{"publisher": "Own reporter", "type": "own_witness"}]
    assert read["sources"] == [{"publisher": "Reuters"}]
    assert "Name withheld." not in str(reader.history())
    assert reader.history(auditor=True)[-1]["reason_note"] == "Name withheld."


def test_withdrawing_leaves_a_tombstone_with_the_notice(told: Desk, reader: Reader) -> None:
    state = told.withdraws("fall", "It was another town.").development
    assert state is not None
    (row,) = reader.timeline()
    assert (row["status"], row["version"], row["act"]) == ("withdrawn", 2, "DevelopmentWithdrawn")
    assert row["notice"] == "It was another town."
    assert row["reason"] == "source"
    assert row["headline"] == "Gharyan falls"
    assert not {"body", "actors", "sources", "places"} & row.keys()
    assert reader.standing() == {}
    assert reader.situation()["counts"] == {"developments": 1, "corrected": 0, "withdrawn": 1}


def test_what_was_told_before_the_withdrawal_keeps_its_text(told: Desk, reader: Reader) -> None:
    before = reader.basis().position
    state = told.withdraws("fall").development
    assert state is not None
    assert reader.development(state.id, position=before)["body"] == "To the LNA."
    assert SLOT in reader.standing(position=before)


def test_hiding_the_text_hides_it_at_every_basis(told: Desk, reader: Reader) -> None:
    told.updates("fall", body="More words.")
    before = reader.basis().position
    state = told.withdraws("fall", hide_text=True).development
    assert state is not None
    assert state.redactions == 1
    for row in [*reader.versions(state.id), *reader.timeline(position=before)]:
        assert not {"headline", "body", "sources"} & row.keys()
    assert reader.standing(position=before) == {}
    assert reader.course(SLOT, position=before) == []
    assert "Gharyan falls" not in str(reader.history())
    assert "words" not in str(reader.changes(0, "2019-04-03"))


def test_hiding_takes_away_no_other_answer(told: Desk, reader: Reader) -> None:
    told.reports(
        "again", kind="control.claimed", occurred="2019-04-03", actors="by:lna", places="gharyan"
    )
    other = told.id("again")
    told.withdraws("fall", hide_text=True)
    assert reader.standing()[SLOT].development == other


def test_hiding_changes_the_entity_tag_of_every_reading(told: Desk, reader: Reader) -> None:
    position = reader.basis().position
    before = reader.basis(position=position).etag
    told.reports("more")
    assert reader.basis(position=position).etag == before
    told.withdraws("fall", hide_text=True)
    assert reader.basis(position=position).etag != before


def test_withdrawing_without_hiding_leaves_the_tag_of_the_past(told: Desk, reader: Reader) -> None:
    position = reader.basis().position
    before = reader.basis(position=position).etag
    told.withdraws("fall")
    assert reader.basis(position=position).etag == before


# --- what is refused ------------------------------------------------------------------------


ACTS: dict[str, Any] = {
    "verify": lambda desk: desk.verifies("fall", "confirmed"),
    "withdraw": lambda desk: desk.withdraws("fall"),
}
every_act = pytest.mark.parametrize("acts", ACTS.values(), ids=ACTS)


@every_act
def test_what_was_withdrawn_takes_no_more_acts(told: Desk, acts: Any) -> None:
    told.withdraws("fall")
    before = told.house.counts()
    with pytest.raises(Conflict, match="was withdrawn; nothing more") as refusal:
        acts(told)
    assert refusal.value.code == "withdrawn"
    assert refusal.value.facts["development"] == told.id("fall")
    assert told.house.counts() == before


@every_act
def test_another_newsroom_judges_nothing(house: House, told: Desk, acts: Any) -> None:
    with pytest.raises(Forbidden):
        acts(house.desk("post", story="tripoli"))


@every_act
def test_what_nobody_reported_is_not_judged(desk: Desk, acts: Any) -> None:
    with pytest.raises(NotFound):
        acts(desk)


@every_act
def test_a_closed_storys_developments_can_still_be_judged(told: Desk, acts: Any) -> None:
    told.closes_story()
    assert acts(told).development.version == 2
