"""The form that leads to a moment: what is typed, which address it becomes, what it refuses."""

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Site

TRIPOLI = "/stories/tripoli-2019"


@pytest.fixture
def client(site: Site) -> FlaskClient:
    return site.client


def sent(client: FlaskClient, **said: str) -> tuple[int, str]:
    response = client.get(TRIPOLI, query_string=said)
    return response.status_code, response.headers.get("Location", "")


@pytest.mark.parametrize(
    ("at", "means"),
    [
        ("2019-04-05", "2019-04-05"),
        (" 2019-04-05 ", "2019-04-05"),
        ("2019-04", "2019-04"),
        ("2019/4/5", "2019-04-05"),
        ("2019-04-05T16:25:00Z", "2019-04-05T16:25:00Z"),
        ("2019-04-05T18:25+02:00", "2019-04-05T18:25%2B02:00"),
        # Without an offset a time is one in the story's zone: Tripoli, two hours ahead of UTC.
        ("2019-04-05 18:00", "2019-04-05T18:00%2B02:00"),
        ("2019-04-05T18:00", "2019-04-05T18:00%2B02:00"),
    ],
)
def test_what_is_typed_becomes_the_address(client: FlaskClient, at: str, means: str) -> None:
    assert sent(client, at=at, reading="as_told") == (303, f"{TRIPOLI}?known_at={means}")
    assert sent(client, at=at, reading="hindsight") == (303, f"{TRIPOLI}?as_of={means}")


def test_now_leads_to_the_story_whatever_was_typed(client: FlaskClient) -> None:
    assert sent(client, at="2019-04-05", reading="now") == (303, TRIPOLI)
    assert sent(client, at="", reading="now") == (303, TRIPOLI)


def test_the_enter_key_asks_what_was_told(site: Site) -> None:
    # A browser presses the first button.
    first = site.get(TRIPOLI).main.one("form").all("button")[0]
    assert (first["name"], first["value"]) == ("reading", "as_told")


@pytest.mark.parametrize("at", ["yesterday", "2019-02-30", "2019-13", "", "1", "2019-04-05T25:00Z"])
def test_what_is_no_moment_is_asked_again_with_the_text_kept(site: Site, at: str) -> None:
    page = site.get(TRIPOLI, query_string={"at": at, "reading": "as_told"})
    assert page.status == 422
    field = page.main.one("input", id="at")
    assert field["value"] == at
    assert field["aria-invalid"] == "true"
    message = page.main.one("p", id="at-wrong")
    assert "at-wrong" in field["aria-describedby"].split()
    assert len(message.text) > len("This cannot be read.")


@pytest.mark.parametrize("name", ["as_of", "known_at"])
@pytest.mark.parametrize("path", [TRIPOLI, f"{TRIPOLI}/corrections"])
def test_an_address_with_a_bad_moment_shows_the_form_and_what_was_meant(
    site: Site, path: str, name: str
) -> None:
    page = site.get(path, query_string={name: "2019-04-05T18:00"})
    assert page.status == 422
    assert "has no offset" in page.main.one("p", id="at-wrong").text
    meant = page.main.one("p", id="at-wrong").one("a")["href"]
    assert meant == f"{TRIPOLI}?{name}=2019-04-05T18:00%2B02:00"
    assert site.get(meant).status == 200


def test_a_future_moment_of_the_world_is_refused(site: Site) -> None:
    page = site.get(f"{TRIPOLI}?as_of=2099-01-01")
    assert page.status == 422
    assert "nobody can say what will be so then" in page.text


def test_a_future_moment_of_the_record_is_now(site: Site) -> None:
    page = site.get(f"{TRIPOLI}?known_at=2099-01-01")
    assert page.status == 200
    assert not page.main.all("div", class_="band")


@pytest.mark.parametrize("position", ["x", "-1", "1.5", "٣", "9" * 5000, "999999999"])
def test_a_position_that_is_none_is_refused(site: Site, position: str) -> None:
    assert site.get(TRIPOLI, query_string={"position": position}).status == 422


def test_a_position_pins_as_a_moment_does(site: Site) -> None:
    address = site.get(f"{TRIPOLI}?known_at=2019-04-05").tree.one("footer").all("a")[0]["href"]
    assert "position=" in address
    assert "Closed Security Council meeting on Libya Planned" in site.get(address).text


def test_two_pins_at_once_are_refused(site: Site) -> None:
    assert site.get(f"{TRIPOLI}?known_at=2019-04-05&position=3").status == 422


def test_an_empty_or_unknown_parameter_is_ignored(site: Site) -> None:
    plain = site.get(TRIPOLI).response.data
    for query in ("?as_of=&known_at=", "?utm_source=mail", "?as_off=2019-04-05"):
        assert site.get(TRIPOLI + query).response.data == plain


def test_an_unknown_story_is_that_whatever_moment_is_named(site: Site) -> None:
    for query in ("", "?as_of=x", "?position=x", "?at=x&reading=as_told"):
        page = site.get(f"/stories/nowhere{query}")
        assert page.status == 404
        assert page.main.one("h1").text == "There is no such page"
