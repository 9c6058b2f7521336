"""The audit trail over HTTP: every act in record order, and who may know who did what."""

import pytest

from tests.api.served import Caller
from tests.builders import Desk

HERE = "/v1/stories/tripoli"
NOBODY = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


@pytest.fixture
def acted(desk: Desk) -> Desk:
    """A desk that has reported, corrected and marked, over three days."""
    desk.reports("a", at="2019-04-05T10:00:00Z")
    desk.reports("b", at="2019-04-06T10:00:00Z")
    desk.corrects("a", headline="Better", at="2019-04-07T10:00:00Z")
    desk.marks("b", at="2019-04-07T11:00:00Z")
    desk.closes_story("It is over.", at="2019-04-08T10:00:00Z")
    return desk


def test_the_trail_is_every_act_in_record_order(told: Caller, acted: Desk) -> None:
    found = told.items(f"{HERE}/history")

    assert [item["position"] for item in found] == list(range(1, told.house.head() + 1))
    assert [item["act"] for item in found][-5:] == [
        "DevelopmentReported", "DevelopmentReported", "DevelopmentCorrected",
        "DevelopmentPinned", "StoryClosed",
    ]  # fmt: skip
    assert found[-1]["notice"] == "It is over."
    assert found[-3]["changes"][0]["is"] == "Better"
    assert found == told.items(f"{HERE}/history?limit=2")


def test_the_trail_is_narrowed(told: Caller, acted: Desk) -> None:
    def acts(query: str) -> list[str]:
        return [item["act"] for item in told.items(f"{HERE}/history?limit=1&{query}")]

    assert acts("act=DevelopmentCorrected") == ["DevelopmentCorrected"]
    assert acts(f"development={acted.id('a')}") == ["DevelopmentReported", "DevelopmentCorrected"]
    assert acts("from=2019-04-07&to=2019-04-07") == ["DevelopmentCorrected", "DevelopmentPinned"]
    assert acts("from=2019-04-07T10:00:00Z&to=2019-04-07T10:00:00Z") == ["DevelopmentCorrected"]
    assert acts("from=2019-04-08") == ["StoryClosed"]
    assert acts("from=2020-01-01") == []
    assert acts("to=2019-01-01") == []


def test_the_pinned_address_of_the_trail_gives_the_same_again(told: Caller, acted: Desk) -> None:
    for query in ("", "?to=2019-04-06", "?from=2019-04-06&act=DevelopmentReported"):
        for log in ("history", "corrections"):
            if log == "corrections" and "act" in query:
                continue
            found = told.get(f"{HERE}/{log}{query}")
            pinned = told.last.headers["Content-Location"]
            acted.introduces_actor(f"a{told.house.head()}")
            again = told.get(pinned)
            assert again["items"] == found["items"]
            assert found["basis"]["url"] == pinned == told.last.headers["Content-Location"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("act=Rewritten", "act"),
        (f"development={NOBODY}", "development"),
        ("development=a", "development"),
        ("from=soon", "from"),
        ("to=2019-04-31", "to"),
        ("to=2019-04-05T10:00", "to"),
        ("to=2019-04-05&position=1", "position"),
        ("position=99999", "position"),
        ("as_of=2019-04-05", "as_of"),
    ],
)
def test_a_bad_narrowing_is_refused(told: Caller, desk: Desk, query: str, field: str) -> None:
    assert field in told.get(f"{HERE}/history?{query}", status=422)["errors"]


def test_who_acted_is_for_auditors(told: Caller, acted: Desk) -> None:
    auditor = told.holding("auditor")

    assert {item["by"] for item in auditor.items(f"{HERE}/history")} == {"tok_desk"}
    assert {item["by"] for item in told.holding("admin").items(f"{HERE}/history")} == {"tok_desk"}
    for caller in (told, told.holding("reporter"), told.holding("editor"),
                   told.holding("auditor", "herald")):  # fmt: skip
        assert not any("by" in item for item in caller.items(f"{HERE}/history"))


def test_only_auditors_may_ask_for_one_tokens_acts(told: Caller, acted: Desk) -> None:
    def acts(caller: Caller, by: str) -> int:
        return len(caller.items(f"{HERE}/history?by={by}"))

    assert acts(told.holding("auditor"), "tok_desk") == told.house.head()
    assert acts(told.holding("auditor"), "tok_other") == 0
    assert acts(told.holding("auditor", "herald", house=True), "tok_desk") == told.house.head()
    assert acts(told.holding("auditor", "herald"), "tok_desk") == 0
    for role in ("reporter", "editor"):
        problem = told.holding(role).get(f"{HERE}/history?by=tok_desk", status=403)
        assert "auditor" in problem["required"]
    told.get(f"{HERE}/history?by=tok_desk", status=401)


def test_an_auditor_is_not_told_that_a_strangers_answer_still_holds(
    told: Caller, acted: Desk
) -> None:
    tag = told.ask(f"{HERE}/history").headers["ETag"]

    answer = told.holding("auditor").ask(f"{HERE}/history", If_None_Match=tag)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"


# --- tokens that are for one story ---------------------------------------------------------


def test_a_token_for_one_story_is_an_auditors_there_alone(told: Caller, acted: Desk) -> None:
    flood = told.house.desk("times")
    flood.opens_story("flood", at="2019-04-09T10:00:00Z")
    flood.reports("x")
    flood.corrects("x", headline="Wetter")
    bound = told.holding("auditor", story="flood")

    assert any("by" in item for item in bound.items("/v1/stories/flood/history"))
    assert not any("by" in item for item in bound.items(f"{HERE}/history"))
    assert not any("by" in item for item in bound.items(f"{HERE}/corrections"))
    assert not any("by" in item for item in bound.items("/v1/corrections"))
    bound.get("/v1/stories/flood/history?by=tok_desk")
    bound.get(f"{HERE}/history?by=tok_desk", status=403)


def test_a_token_for_one_story_reads_no_other_of_its_newsroom(told: Caller, desk: Desk) -> None:
    for story in ("inside", "within"):
        desk.on(story).opens_story(story, visibility="house")
    bound = told.holding("reporter", story="inside")

    bound.get("/v1/stories/inside/situation")
    bound.get(f"{HERE}/situation")
    bound.get("/v1/stories/within/situation", status=404)
    bound.get("/v1/stories/within/history", status=404)
    told.holding("reporter").get("/v1/stories/within/situation")
    told.get("/v1/stories/inside/situation", status=404)
    listed = {story["id"] for story in bound.items("/v1/stories")}
    assert listed == {"tripoli", "inside"}


# --- before the story --------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "history?position=0",
        "history?to=2019-01-01",
        "corrections?position=0",
        "corrections?to=2019-01-01",
        "changes?since_position=0&position=0",
        "changes?since=2018-01-01&until=2019-01-01",
        "changes?as_of=2019-01-01&until=2019-01-02",
        "changes?as_of=2019-01-01&position=0",
        "actors?position=0",
        "places?known_at=2019-01-01",
    ],
)
def test_before_a_storys_first_act_there_is_nothing_to_tell(
    told: Caller, acted: Desk, path: str
) -> None:
    found = told.get(f"{HERE}/{path}")

    assert found["items"] == []
    assert found["basis"]["position"] == 0
    assert told.get(found["basis"]["url"])["items"] == []
