"""How the story came about: the audit trail, was and is, exposure, changes."""

import pytest

from tests.builders import Clock, Desk, Reader


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A desk that reported that UN troops were on alert, and corrected it two hours later."""
    desk.reports(
        "alert",
        at="2019-04-04T10:00:00Z",
        kind="alert.raised",
        headline="UN troops on alert",
        body="In the capital.",
        occurred="2019-04-03",
        actors="by:un",
    )
    desk.updates("alert", at="2019-04-04T11:00:00Z", body="In the capital, it says.")
    desk.corrects(
        "alert",
        "It was the government's troops.",
        at="2019-04-04T12:00:00Z",
        headline="Government troops on alert",
        actors="by:gna",
    )
    return desk


def test_the_trail_is_in_record_order_and_says_who_and_when(told: Desk, reader: Reader) -> None:
    entries = reader.history()
    assert [entry["position"] for entry in entries] == list(range(1, told.house.head() + 1))
    assert [entry["act"] for entry in entries[-3:]] == [
        "DevelopmentReported",
        "DevelopmentUpdated",
        "DevelopmentCorrected",
    ]
    assert {entry["newsroom"] for entry in entries} == {"times"}
    assert entries[-1]["recorded_at"] == entries[-1]["stored_at"] == "2019-04-04T12:00:00Z"


def test_who_held_the_token_is_for_auditors(told: Desk, reader: Reader) -> None:
    assert "tok_desk" not in str(reader.history())
    assert reader.history(auditor=True)[-1]["by"] == "tok_desk"


def test_a_correction_says_what_was_and_what_is(told: Desk, reader: Reader) -> None:
    entry = reader.history()[-1]
    assert entry["notice"] == "It was the government's troops."
    assert (entry["reason"], entry["target"], entry["version"]) == ("source", 2, 3)
    changes = {change["field"]: change for change in entry["changes"]}
    assert set(changes) == {"headline", "actors"}
    assert changes["actors"]["was"] == [{"actor": "un", "role": "by"}]
    assert changes["actors"]["is"] == [{"actor": "gna", "role": "by"}]
    assert changes["headline"]["words"] == [
        ["-", "UN"],
        ["+", "Government"],
        ["=", " troops on alert"],
    ]


def test_exposure_is_how_long_what_was_wrong_had_stood(told: Desk, reader: Reader) -> None:
    assert reader.history()[-1]["exposure"] == {
        "from": "2019-04-04T10:00:00Z",
        "to": "2019-04-04T12:00:00Z",
        "seconds": 7200,
    }


def test_what_an_update_brought_in_stood_since_the_update(told: Desk, reader: Reader) -> None:
    told.corrects("alert", at="2019-04-04T13:00:00Z", body="In the whole country.")
    assert reader.history()[-1]["exposure"]["from"] == "2019-04-04T11:00:00Z"


def test_a_judgement_changes_the_status_and_nothing_else(told: Desk, reader: Reader) -> None:
    told.verifies("alert", "confirmed")
    assert reader.history()[-1]["changes"] == [
        {"field": "verification", "was": "reported", "is": "confirmed"}
    ]


def test_the_trail_of_a_past_basis_ends_there(told: Desk, reader: Reader) -> None:
    entries = reader.history(known_at="2019-04-04T11:30:00Z")
    assert entries[-1]["act"] == "DevelopmentUpdated"


def test_each_version_is_told_with_the_act_that_made_it(told: Desk, reader: Reader) -> None:
    told.marks("alert")
    told.marks("alert", "key")
    versions = reader.versions(told.id("alert"))
    assert [(v["version"], v["headline"], v["made_by"]["act"]) for v in versions] == [
        (1, "UN troops on alert", "DevelopmentReported"),
        (2, "UN troops on alert", "DevelopmentUpdated"),
        (3, "Government troops on alert", "DevelopmentCorrected"),
    ]


def test_changes_tell_what_was_learned_later_about_a_moment(told: Desk, reader: Reader) -> None:
    (reported, updated, corrected) = reader.changes(told.house.head() - 3, "2019-04-03")
    learned = {c["slot"]: (c["old"], c["new"]["value"]) for c in reported["slots"]}
    assert learned["alert:un"] == (None, "raised")
    assert updated["slots"] == []
    moved = {c["slot"]: (c["old"] and c["old"]["value"], c["new"] and c["new"]["value"])
             for c in corrected["slots"]}  # fmt: skip
    assert moved["alert:un"] == ("raised", None)
    assert moved["alert:gna"] == (None, "raised")


def test_changes_about_a_moment_before_are_none(told: Desk, reader: Reader) -> None:
    found = reader.changes(told.house.head() - 3, "2019-04-02")
    assert [entry["slots"] for entry in found] == [[], [], []]


def test_hidden_text_is_in_no_trail(told: Desk, reader: Reader, clock: Clock) -> None:
    told.withdraws("alert", hide_text=True)
    for said in (reader.history(), reader.changes(0, "2019-04-03")):
        assert "capital" not in str(said)
        assert "troops on alert" not in str(said)
