"""The corrections logs over HTTP: a story's, and the house's."""

import pytest

from tests.api.served import Caller
from tests.builders import Desk

HERE = "/v1/stories/tripoli"


@pytest.fixture
def corrected(desk: Desk) -> Desk:
    """A desk that has corrected, clarified and withdrawn, and refiled and updated besides."""
    for name in ("a", "b", "c", "d"):
        desk.reports(name, at=f"2019-04-05T1{ord(name) - ord('a')}:00:00Z")
    desk.updates("d", body="More.", at="2019-04-06T09:00:00Z")
    desk.corrects("a", "It was six.", headline="Six were hurt", at="2019-04-06T10:00:00Z")
    desk.clarifies("b", headline="Clearer", at="2019-04-07T10:00:00Z")
    desk.refiles("b", headline="Clearer.", at="2019-04-07T11:00:00Z")
    desk.withdraws("c", "It never was.", at="2019-04-08T10:00:00Z")
    return desk


def test_the_log_has_what_was_wrong_latest_first(told: Caller, corrected: Desk) -> None:
    found = told.items(f"{HERE}/corrections?limit=1")

    assert [item["act"] for item in found] == [
        "DevelopmentWithdrawn", "DevelopmentClarified", "DevelopmentCorrected",
    ]  # fmt: skip
    withdrawn, _, right = found
    assert withdrawn["notice"] == "It never was."
    assert right["development"] == corrected.id("a")
    assert right["target"] == 1
    assert right["reason"] == "source"
    assert right["changes"][0]["was"] == "What is called a"
    assert right["changes"][0]["words"][:2] == [["-", "What"], ["+", "Six"]]
    assert right["exposure"] == {
        "from": "2019-04-05T10:00:00Z", "to": "2019-04-06T10:00:00Z", "seconds": 24 * 3600,
    }  # fmt: skip


def test_exposure_is_counted_from_the_version_that_brought_the_error(
    told: Caller, desk: Desk
) -> None:
    desk.reports("a", headline="Right", at="2019-04-05T10:00:00Z")
    desk.updates("a", headline="Wrong", at="2019-04-05T12:00:00Z")
    desk.updates("a", body="More.", at="2019-04-05T13:00:00Z")
    desk.corrects("a", headline="Right again", at="2019-04-05T15:00:00Z")

    (item,) = told.items(f"{HERE}/corrections")

    assert item["target"] == 3
    assert item["exposure"]["from"] == "2019-04-05T12:00:00Z"
    assert item["exposure"]["seconds"] == 3 * 3600


def test_the_log_is_read_between_moments_and_as_known(told: Caller, corrected: Desk) -> None:
    def days(query: str) -> list[str]:
        return [item["recorded_at"][8:10] for item in told.items(f"{HERE}/corrections?{query}")]

    assert days("from=2019-04-07") == ["08", "07"]
    assert days("to=2019-04-07") == ["07", "06"]
    assert days("from=2019-04-07&to=2019-04-07") == ["07"]
    assert days("from=2019-04-09") == []
    assert days("to=2019-01-01") == []


def test_the_houses_log_names_the_stories(told: Caller, corrected: Desk) -> None:
    flood = told.house.desk("herald")
    flood.opens_story("flood", at="2019-04-09T10:00:00Z")
    flood.reports("x")
    flood.corrects("x", headline="Wetter")

    found = told.items("/v1/corrections?limit=1")

    assert [item["story"] for item in found] == ["flood", "tripoli", "tripoli", "tripoli"]
    assert told.get("/v1/corrections")["items"] == found
    assert told.last.headers["Cache-Control"] == "no-cache"
    tag = told.last.headers["ETag"]
    assert told.ask("/v1/corrections", If_None_Match=tag).status_code == 304
    flood.corrects("x", headline="Wettest")
    assert told.ask("/v1/corrections", If_None_Match=tag).status_code == 200


def test_the_houses_log_is_of_what_one_may_read(told: Caller, corrected: Desk) -> None:
    inner = told.house.desk("herald")
    inner.opens_story("inside", visibility="house", at="2019-04-09T10:00:00Z")
    inner.reports("x")
    inner.corrects("x", headline="Between us")

    def stories(caller: Caller) -> set[str]:
        return {item["story"] for item in caller.items("/v1/corrections")}

    assert stories(told) == {"tripoli"}
    assert stories(told.holding("editor")) == {"tripoli"}
    assert stories(told.holding("reporter", "herald")) == {"tripoli", "inside"}
    assert stories(told.holding("reporter", "herald", story="elsewhere")) == {"tripoli"}
    assert stories(told.holding("auditor", "times", house=True)) == {"tripoli", "inside"}


def test_the_houses_log_is_read_between_moments_of_the_houses_zone(
    told: Caller, corrected: Desk
) -> None:
    def days(query: str) -> list[str]:
        return [item["recorded_at"][8:10] for item in told.items(f"/v1/corrections?{query}")]

    assert days("from=2019-04-07") == ["08", "07"]
    assert days("to=2019-04-06") == ["06"]
    assert days("from=2019-04-07&to=2019-04-07&limit=1") == ["07"]
    assert "to" in told.get("/v1/corrections?to=2019-13", status=422)["errors"]
    assert "since" in told.get("/v1/corrections?since=2019", status=422)["errors"]


def test_pages_of_the_houses_log_stand_on_one_position(told: Caller, corrected: Desk) -> None:
    pages = told.pages("/v1/corrections?limit=2")

    first = next(pages)
    corrected.corrects("d", headline="Meanwhile")
    (second,) = pages

    assert [item["act"] for item in second["items"]] == ["DevelopmentCorrected"]
    assert second["items"][0]["development"] == corrected.id("a")
    assert second["basis"]["position"] == first["basis"]["position"]
