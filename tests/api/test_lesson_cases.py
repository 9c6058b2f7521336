"""The lesson cases of the founding story over HTTP: what two clocks are for.

The story is imported as an archive, with its own record times; each case is asked as told and in
hindsight.
"""

from typing import Any

from tests.api.served import Caller

STORY = "/v1/stories/tripoli-2019"
COUNCIL = "scheduled:unsc-5-april:state"


def council(tripoli: Caller, query: str) -> str | None:
    """The Council's meeting of the 5th in the situation at a basis."""
    found = tripoli.get(f"{STORY}/situation?{query}")["scheduled"]
    states = [event["state"] for event in found if event["event"] == "unsc-5-april"]
    return states[0] if states else None


def named(tripoli: Caller, external_id: str, query: str) -> dict[str, Any] | None:
    """A development in the timeline at a basis, by its external id."""
    found = tripoli.items(f"{STORY}/developments?external_id={external_id}&{query}")
    return found[0] if found else None


# --- on 5 April, had the Council met? ------------------------------------------------------


def test_as_told_at_the_end_of_the_5th_the_council_was_to_meet(tripoli: Caller) -> None:
    assert council(tripoli, "known_at=2019-04-05") == "planned"
    course = tripoli.items(f"{STORY}/situation/{COUNCIL}?known_at=2019-04-05")
    assert [answer["value"] for answer in course] == ["planned"]


def test_in_hindsight_the_council_had_met_on_the_5th(tripoli: Caller) -> None:
    assert council(tripoli, "as_of=2019-04-05") == "held"
    course = tripoli.items(f"{STORY}/situation/{COUNCIL}?as_of=2019-04-05")
    assert [answer["value"] for answer in course] == ["held", "planned"]
    assert course[0]["valid_from"] == "2019-04-05T21:59:59.999999Z"


def test_word_of_the_council_came_five_minutes_after_midnight(tripoli: Caller) -> None:
    at = "as_of=2019-04-05&known_at=2019-04-06T00:0{}:00%2B02:00"

    assert council(tripoli, at.format(4)) == "planned"
    assert council(tripoli, at.format(5)) == "held"
    assert council(tripoli, "as_of=2019-04-05&known_at=2019-04-06T00:05:00+02:00") == "held"


def test_what_was_learned_later_about_the_5th_names_the_council(tripoli: Caller) -> None:
    changes = tripoli.items(f"{STORY}/changes?as_of=2019-04-05")

    told = [change for item in changes for change in item["slots"] if change["slot"] == COUNCIL]
    assert [(change["old"]["value"], change["new"]["value"]) for change in told] == [
        ("planned", "held")
    ]
    assert changes[0]["recorded_at"] == "2019-04-05T22:05:00Z"


# --- Gharyan fell on the 3rd and was first recorded on the 5th ------------------------------


def test_nobody_had_told_of_gharyan_on_the_3rd(tripoli: Caller) -> None:
    for day in ("2019-04-03", "2019-04-04"):
        assert named(tripoli, "gharyan1", f"known_at={day}") is None
    situation = tripoli.get(f"{STORY}/situation?known_at=2019-04-03")
    assert "gharyan" not in [place["place"] for place in situation["control"]]


def test_in_hindsight_gharyan_had_fallen_by_the_end_of_the_3rd(tripoli: Caller) -> None:
    fell = named(tripoli, "gharyan1", "as_of=2019-04-03")

    assert fell is not None
    assert fell["valid_from"] == fell["occurred_latest"] == "2019-04-03T21:59:59.999999Z"
    assert fell["first_recorded_at"] == "2019-04-05T18:00:00Z"
    assert fell["recorded_precision"] == "day"
    assert named(tripoli, "gharyan1", "as_of=2019-04-02") is None
    situation = tripoli.get(f"{STORY}/situation?as_of=2019-04-03")
    (gharyan,) = (place for place in situation["control"] if place["place"] == "gharyan")
    assert (gharyan["state"], gharyan["holder"]) == ("held", "lna")
    assert gharyan["development"] == fell["id"]


def test_on_the_5th_both_accounts_were_told_and_the_place_was_disputed(tripoli: Caller) -> None:
    situation = tripoli.get(f"{STORY}/situation?known_at=2019-04-05")

    (gharyan,) = (place for place in situation["control"] if place["place"] == "gharyan")
    assert gharyan["state"] == "disputed"
    assert {claim["claimant"] for claim in gharyan["claims"]} == {"lna", "libya-observer"}
    assert named(tripoli, "gharyan1", "known_at=2019-04-05") is not None
    assert named(tripoli, "gharyan2", "known_at=2019-04-05") is not None


# --- a telephone call of the 15th was disclosed on the 19th --------------------------------


def test_the_call_of_the_15th_was_not_known_before_the_19th(tripoli: Caller) -> None:
    for day in ("2019-04-15", "2019-04-18"):
        assert named(tripoli, "call_trump", f"known_at={day}") is None
    told = named(tripoli, "call_trump", "known_at=2019-04-19")
    assert told is not None
    assert told["valid_from"] == "2019-04-15T21:59:59.999999Z"
    assert told["recorded_at"] == "2019-04-19T18:00:00Z"


def test_in_hindsight_the_call_had_been_made_on_the_15th(tripoli: Caller) -> None:
    assert named(tripoli, "call_trump", "as_of=2019-04-15") is not None
    assert named(tripoli, "call_trump", "as_of=2019-04-14") is None
    assert named(tripoli, "call_trump", "as_of=2019-04-15&known_at=2019-04-18") is None


# --- the alert sentence before and after its correction ------------------------------------

WRONG = "UN troops in Tripoli reported on high alert"
RIGHT = "Government forces, not UN troops, were put on alert on 3 April"


def alert(tripoli: Caller, query: str) -> tuple[str, int]:
    """The alert sentence and its version."""
    found = named(tripoli, "alert", query)
    assert found is not None
    return found["headline"], found["version"]


def on_alert(tripoli: Caller, query: str) -> list[str]:
    """Who was on alert, by the situation."""
    parties = tripoli.get(f"{STORY}/situation?{query}")["parties"]
    return sorted(party["actor"] for party in parties if party["alert"])


def test_the_alert_sentence_reads_as_it_was_told_before_its_correction(tripoli: Caller) -> None:
    assert alert(tripoli, "known_at=2019-04-06") == (WRONG, 1)
    assert "un-troops" in on_alert(tripoli, "known_at=2019-04-06")


def test_the_alert_sentence_reads_corrected_ever_after(tripoli: Caller) -> None:
    for query in ("known_at=2019-04-07", "as_of=2019-04-06", ""):
        assert alert(tripoli, query) == (RIGHT, 2)
        assert "un-troops" not in on_alert(tripoli, query)
        assert "gna" in on_alert(tripoli, query)


def test_the_correction_moved_the_alert_to_when_it_was_declared(tripoli: Caller) -> None:
    assert named(tripoli, "alert", "as_of=2019-04-03") is not None
    assert named(tripoli, "alert", "as_of=2019-04-03&known_at=2019-04-06") is None
    assert "gna" in on_alert(tripoli, "as_of=2019-04-03")


def test_the_corrections_log_says_what_was_wrong_and_for_how_long(tripoli: Caller) -> None:
    (entry,) = tripoli.items(f"{STORY}/corrections")

    headline = next(change for change in entry["changes"] if change["field"] == "headline")
    assert (headline["was"], headline["is"]) == (WRONG, RIGHT)
    assert entry["notice"].startswith("We reported that UN troops")
    assert entry["reason"] == "source"
    assert entry["exposure"] == {
        "from": "2019-04-06T18:00:00Z", "to": "2019-04-07T18:00:00Z", "seconds": 24 * 3600,
    }  # fmt: skip


def test_what_was_wrong_about_the_6th_is_told_as_taken_back(tripoli: Caller) -> None:
    changes = tripoli.items(f"{STORY}/changes?as_of=2019-04-06")

    told = {
        change["slot"]: change["says"]
        for item in changes
        if item["act"] == "DevelopmentCorrected"
        for change in item["slots"]
    }
    assert told["alert:un-troops"] == (
        "alert:un-troops: raised was taken back. Nothing is known in its place."
    )
