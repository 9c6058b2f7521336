"""Stories over HTTP: opened, read, amended, closed; the summary and the level set by hand."""

import pytest

from tests.api.desks import AtDesk, at_desk
from tests.api.served import next_address

FLOOD = {"id": "flood", "title": "The flood at Harlebridge"}


# --- opening -------------------------------------------------------------------------------


def test_a_story_is_opened_under_its_slug(times: AtDesk) -> None:
    head = times.house.head()

    made = times.sends("POST", "/v1/stories", {**FLOOD, "time_zone": "Europe/London"}, status=201)

    assert times.last.headers["Location"] == "/v1/stories/flood"
    assert made["position"] == head + 1 == times.house.head()
    assert made["newsroom"] == "times"
    assert made["is_open"] is True
    assert made["counts"] == {"developments": 0, "corrected": 0, "withdrawn": 0}
    assert made["quiet_since"] is None


def test_what_is_left_out_is_the_houses(times: AtDesk) -> None:
    made = times.sends("POST", "/v1/stories", FLOOD, status=201)

    assert made["language"] == "en"
    assert made["time_zone"] == "UTC"
    assert made["scale"] == "none"
    assert made["visibility"] == "public"


def test_a_slug_is_given_once(times: AtDesk, post: AtDesk) -> None:
    for desk in (times, post):
        problem = desk.refused("/v1/stories", {**FLOOD, "id": "tripoli"}, status=409)
        assert problem["type"] == "/problems/slug-taken"
        assert problem["address"] == "/v1/stories/tripoli"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"id": "Flood"}, "id"),
        ({"id": "flood--1"}, "id"),
        ({"title": None}, "title"),
        ({"time_zone": "Europe/Harlebridge"}, "time_zone"),
        ({"scale": "war"}, "scale"),
        ({"visibility": "secret"}, "visibility"),
        ({"newsroom": "post"}, "newsroom"),
    ],
)
def test_a_story_that_cannot_be_is_not_opened(
    times: AtDesk, fields: dict[str, str], field: str
) -> None:
    assert field in times.refused("/v1/stories", {**FLOOD, **fields})["errors"]


@pytest.mark.parametrize("role", ["reporter", "auditor"])
def test_editors_open_stories(anyone: AtDesk, role: str) -> None:
    problem = at_desk(anyone, role).refused("/v1/stories", FLOOD, status=403)

    assert problem["required"] == ["editor", "admin"]


# --- reading -------------------------------------------------------------------------------


def test_a_story_says_what_it_holds_and_where_to_go_on(times: AtDesk) -> None:
    first = times.reports("first")
    times.reports("second")
    times.acts(first, "withdrawal", {"notice": "It was another day."})

    story = times.reads()

    assert story["title"] == "The story of tripoli"
    assert story["time_zone"] == "Africa/Tripoli"
    assert story["scale"] == "conflict"
    assert story["counts"] == {"developments": 2, "corrected": 0, "withdrawn": 1}
    assert story["position"] == story["basis"]["position"] == times.house.head()
    assert story["links"]["self"] == "/v1/stories/tripoli"
    assert story["links"]["situation"] == "/v1/stories/tripoli/situation"


def test_a_story_is_read_as_it_was(times: AtDesk) -> None:
    before = times.house.head()
    times.sends("PATCH", "", {"title": "The battle of Tripoli"})
    times.sends("POST", "closing")

    then = times.reads(f"?position={before}")
    now = times.reads()

    assert (then["title"], then["is_open"]) == ("The story of tripoli", True)
    assert (now["title"], now["is_open"]) == ("The battle of Tripoli", False)


def test_a_story_is_not_there_before_it_is_opened(times: AtDesk) -> None:
    times.sends("POST", "/v1/stories", FLOOD, status=201)

    times.get("/v1/stories/flood?position=1", status=404)


def test_the_present_keeps_its_tag_until_something_happens(times: AtDesk) -> None:
    times.reads()
    tag = times.last.headers["ETag"]
    assert times.ask(times.at(), If_None_Match=tag).status_code == 304

    times.reports("one")

    assert times.ask(times.at(), If_None_Match=tag).status_code == 200


def test_stories_are_listed_in_pages_the_last_opened_first(times: AtDesk, anyone: AtDesk) -> None:
    for number in range(5):
        times.sends("POST", "/v1/stories", {**FLOOD, "id": f"flood-{number}"}, status=201)

    seen, address = [], "/v1/stories?limit=4"
    while address:
        page = anyone.get(address)
        seen += [story["id"] for story in page["items"]]
        address = next_address(anyone.last) or ""
        # What is opened meanwhile waits for the next time.
        times.sends("POST", "/v1/stories", {**FLOOD, "id": f"later-{len(seen)}"}, status=201)

    assert seen == ["flood-4", "flood-3", "flood-2", "flood-1", "flood-0", "tripoli"]


def test_a_list_of_stories_is_conditional(times: AtDesk, anyone: AtDesk) -> None:
    anyone.get("/v1/stories")
    tag = anyone.last.headers["ETag"]
    assert anyone.ask("/v1/stories", If_None_Match=tag).status_code == 304

    times.sends("POST", "/v1/stories", FLOOD, status=201)

    assert anyone.ask("/v1/stories", If_None_Match=tag).status_code == 200


def test_a_list_of_stories_waits_for_a_position(anyone: AtDesk) -> None:
    assert anyone.get("/v1/stories?min_position=1")["basis"]["position"] == anyone.house.head()
    anyone.get("/v1/stories?min_position=9999", status=503)


# --- who may see ---------------------------------------------------------------------------


@pytest.fixture
def hidden(times: AtDesk) -> AtDesk:
    """The editor at work on a story that only the newsroom reads."""
    times.sends("POST", "/v1/stories", {**FLOOD, "visibility": "house"}, status=201)
    return times.on("flood")


def test_a_story_of_the_house_is_nothing_to_others(
    hidden: AtDesk, post: AtDesk, anyone: AtDesk
) -> None:
    assert hidden.reads()["visibility"] == "house"
    for other in (post, anyone):
        other.get("/v1/stories/flood", status=404)
        assert [story["id"] for story in other.get("/v1/stories")["items"]] == ["tripoli"]


@pytest.mark.parametrize(
    ("method", "part", "body"),
    [
        ("PATCH", "", {"title": "Mine"}),
        ("POST", "closing", None),
        ("POST", "reopening", None),
        ("PUT", "summary", {"sentences": []}),
        ("POST", "level-overrides", {"level": None, "reason": "No."}),
        ("PUT", "actors/lna", {"name": "LNA"}),
        ("PUT", "places/mitiga", {"name": "Mitiga"}),
        (
            "POST",
            "developments",
            {"headline": "A", "occurred": "now", "sources": [{"publisher": "B"}]},
        ),
        ("PUT", "pins/7c9e6679-7425-40de-944b-e07fc1f90ae7", None),
        ("DELETE", "key-events/7c9e6679-7425-40de-944b-e07fc1f90ae7", None),
        (
            "POST",
            "developments/7c9e6679-7425-40de-944b-e07fc1f90ae7/withdrawal",
            {"notice": "No.", "base_version": 1},
        ),
    ],
)
def test_writing_to_a_hidden_story_says_no_more_than_reading_it(
    hidden: AtDesk, post: AtDesk, method: str, part: str, body: object
) -> None:
    answer = post.on("flood").sends(method, part, body, status=404)
    nowhere = post.on("nowhere").sends(method, part, body, status=404)

    assert answer["detail"] == nowhere["detail"].replace("nowhere", "flood")


def test_a_story_that_comes_out_is_seen_by_all(hidden: AtDesk, anyone: AtDesk) -> None:
    hidden.sends("PATCH", "", {"visibility": "public"})

    assert anyone.get("/v1/stories/flood")["visibility"] == "public"


def test_another_newsrooms_story_is_read_and_not_written(post: AtDesk) -> None:
    post.reads()

    problem = post.refused("", {"title": "Ours now"}, method="PATCH", status=403)

    assert "another newsroom" in problem["detail"]


def test_a_token_of_one_story_writes_nowhere_else(times: AtDesk, anyone: AtDesk) -> None:
    times.sends("POST", "/v1/stories", FLOOD, status=201)
    bound = at_desk(anyone, "editor", story="flood")

    bound.on("flood").reports("high-water")
    for part, body in (("closing", None), ("/v1/stories", {**FLOOD, "id": "flood-2"})):
        assert "flood alone" in bound.refused(part, body, status=403)["detail"]


# --- amending and closing ------------------------------------------------------------------


def test_title_language_and_visibility_can_change(times: AtDesk) -> None:
    made = times.sends("PATCH", "", {"title": "طرابلس", "language": "ar", "visibility": "house"})

    assert (made["title"], made["language"], made["visibility"]) == ("طرابلس", "ar", "house")
    assert made["position"] == times.house.head()
    assert "Location" not in times.last.headers


@pytest.mark.parametrize("name", ["id", "time_zone", "scale"])
def test_what_the_past_was_read_in_never_changes(times: AtDesk, name: str) -> None:
    assert name in times.refused("", {name: "none"}, method="PATCH")["errors"]


def test_an_amendment_changes_something(times: AtDesk) -> None:
    assert times.refused("", {}, method="PATCH")["errors"]
    same = {"title": "The story of tripoli"}
    assert times.refused("", same, method="PATCH")["errors"] == {"_": ["Nothing would change."]}


def test_a_closed_story_takes_no_more_developments_until_it_is_reopened(times: AtDesk) -> None:
    first = times.reports("first")
    closed = times.sends("POST", "closing", {"notice": "The truce holds.", "reason_note": "Quiet."})
    assert closed["is_open"] is False

    assert times.reports("late", status=409)["type"] == "/problems/story-closed"
    assert times.refused("closing", {}, status=409)["type"] == "/problems/story-closed"
    # What it holds can still be put right
    times.acts(first, "corrections", {"changes": {"headline": "Right"}, "notice": "It was wrong."})
    times.acts(first, "verifications", {"status": "confirmed"}, based=2)

    assert times.sends("POST", "reopening")["is_open"] is True
    times.reports("late")
    assert times.refused("reopening", {}, status=409)["type"] == "/problems/story-closed"


# --- the summary ---------------------------------------------------------------------------


def test_a_summary_is_read_in_the_situation_from_then_on(times: AtDesk) -> None:
    order = times.reports("order")
    before = times.house.head()
    sentences = [{"text": "An attack was ordered.", "developments": [order["id"]]}]

    made = times.sends("PUT", "summary", {"sentences": sentences})

    assert made == {"sentences": sentences, "position": before + 1}
    assert times.reads("situation")["summary"][0]["text"] == "An attack was ordered."
    assert times.reads(f"situation?position={before}")["summary"] == []


def test_a_summary_rests_on_developments_of_the_story(times: AtDesk) -> None:
    nobody = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
    body = {"sentences": [{"text": "It is so.", "developments": [nobody]}]}

    problem = times.refused("summary", body, method="PUT")

    assert list(problem["errors"]) == ["sentences.0.developments"]


def test_an_empty_summary_takes_it_away(times: AtDesk) -> None:
    times.sends("PUT", "summary", {"sentences": [{"text": "Quiet."}]})
    times.sends("PUT", "summary", {"sentences": []})

    assert times.reads("situation")["summary"] == []


# --- the level by hand ---------------------------------------------------------------------


def test_a_level_set_by_hand_stands_with_its_reason(times: AtDesk) -> None:
    body = {"level": "clashes", "reason": "The truce holds in the centre."}

    made = times.sends("POST", "level-overrides", body)

    assert made == {**body, "position": times.house.head()}
    level = times.reads("situation")["level"]
    assert level["level"] == "clashes"
    assert level["override"]["reason"] == body["reason"]


def test_a_null_level_gives_the_word_back_to_the_rule(times: AtDesk) -> None:
    times.sends("POST", "level-overrides", {"level": "clashes", "reason": "So it looks."})
    times.sends("POST", "level-overrides", {"level": None, "reason": "The rule has it."})

    assert times.reads("situation")["level"]["level"] == "calm"


def test_a_story_without_a_scale_has_no_level_to_set(times: AtDesk) -> None:
    times.sends("POST", "/v1/stories", FLOOD, status=201)

    body = {"level": "calm", "reason": "Water."}
    assert "level" in times.on("flood").refused("level-overrides", body)["errors"]


@pytest.mark.parametrize("body", [{"level": "war", "reason": "A."}, {"level": "calm"}, {}])
def test_a_level_is_one_of_five_and_has_a_reason(times: AtDesk, body: dict[str, str]) -> None:
    assert times.refused("level-overrides", body)["errors"]
