"""How readings are answered: conditional, pinned, cacheable when nothing can change them, paged."""

import json
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from flask.views import MethodView

from schemas.queries import SituationQuery, TimelineQuery
from schemas.situation import Situation
from schemas.timeline import Timeline
from service import app as composition
from service.api import door, reading
from service.api.nouns import Noun
from service.asof import situation, timeline
from service.asof.timeline import Filters
from tests.builders import Desk, House

SITUATION = "/v1/stories/tripoli/situation"
TIMELINE = "/v1/stories/tripoli/developments"


def readings() -> Noun:
    stories = Noun("stories", description="Stories.")

    @stories.route("/v1/stories/<slug:story>/situation")
    class OneSituation(MethodView):
        @stories.verb("read", "getSituation", Situation, query=SituationQuery, reading=True)
        def get(self, query: dict[str, Any], story: str) -> Any:
            basis = reading.basis(story, query)
            settled = query["settled"]
            return reading.at(basis, lambda: situation.body(basis, request.path, settled=settled))

    @stories.route("/v1/stories/<slug:story>/developments")
    class Developments(MethodView):
        @stories.verb("read", "listDevelopments", Timeline, query=TimelineQuery, reading=True)
        def get(self, query: dict[str, Any], story: str) -> Any:
            basis, page = reading.page("timeline", story, query)
            return reading.listed(
                "timeline",
                basis,
                page,
                lambda: timeline.page(
                    basis,
                    Filters(kind=page.query.get("kind")),
                    order=page.query["order"],
                    after=page.after,
                    limit=page.query["limit"],
                ),
            )

    return stories


@pytest.fixture
def client(house: House, desk: Desk) -> FlaskClient:
    for number in range(7):
        desk.reports(f"d{number}", kind="meeting", occurred=f"2019-03-{number + 10}")
    app = Flask("readings", static_folder=None)
    door.open_door(app, composition.behind(house.onrecord), [readings()])
    door.close(app)
    return app.test_client()


def test_the_present_is_asked_for_again_and_is_still(client: FlaskClient) -> None:
    first = client.get(SITUATION)

    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(SITUATION, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    for name in ("ETag", "Cache-Control", "Content-Location", "Vary", "Surrogate-Key"):
        assert again.headers[name] == first.headers[name]


def test_the_present_changes_its_tag_with_the_next_act(client: FlaskClient, desk: Desk) -> None:
    tag = client.get(SITUATION).headers["ETag"]

    desk.reports("one-more")

    assert client.get(SITUATION, headers={"If-None-Match": tag}).status_code == 200


def test_the_pinned_address_gives_the_same_content_for_ever(
    client: FlaskClient, desk: Desk
) -> None:
    present = client.get(SITUATION)
    pinned = present.headers["Content-Location"]
    before = json.loads(client.get(pinned).data)

    desk.reports("one-more", kind="clash", actors="by:lna against:gna")

    after = json.loads(client.get(pinned).data)
    assert after == before
    assert {**after, "basis": None} == {**json.loads(present.data), "basis": None}
    assert before["basis"]["url"] == pinned


def test_a_pinned_reading_may_be_kept_once_a_later_act_is_stored(
    client: FlaskClient, desk: Desk
) -> None:
    pinned = client.get(SITUATION).headers["Content-Location"]
    assert client.get(pinned).headers["Cache-Control"] == "no-cache"

    desk.reports("one-more")

    kept = client.get(pinned)
    assert kept.headers["Cache-Control"] == "public, max-age=300, s-maxage=86400"
    assert kept.headers["Surrogate-Key"] == "story-tripoli"


def test_hindsight_is_asked_for_again(client: FlaskClient) -> None:
    answer = client.get(f"{SITUATION}?as_of=2019-03-12")

    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.json is not None
    assert answer.json["basis"]["reading"] == "hindsight"


def test_a_pinned_address_keeps_what_else_was_asked(client: FlaskClient) -> None:
    assert "settled=true" in client.get(f"{SITUATION}?settled=true").headers["Content-Location"]


def test_pages_stand_on_the_first_ones_basis_whatever_comes_meanwhile(
    client: FlaskClient, desk: Desk
) -> None:
    address: str | None = f"{TIMELINE}?limit=3&order=occurred&kind=meeting"
    seen: list[str] = []
    bases: list[Any] = []

    while address:
        answer = client.get(address)
        body = json.loads(answer.data)
        assert not Timeline().validate(body)
        seen += [item["external_id"] for item in body["items"]]
        bases.append((body["basis"]["as_of"], body["basis"]["position"]))
        address = None
        if body["next"]:
            address = f"{TIMELINE}?cursor={body['next']}"
            assert answer.headers["Link"] == f'<{address}>; rel="next"'
        desk.reports(f"meanwhile-{len(seen)}", kind="meeting", occurred="2019-03-09")

    assert seen == [f"d{number}" for number in range(7)]
    assert len(set(bases)) == 1


def test_a_reading_waits_for_a_position_and_says_when_it_does_not_come(
    client: FlaskClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "WAIT_SECONDS", 0.05)

    assert client.get(f"{SITUATION}?min_position={house.head()}").status_code == 200
    answer = client.get(f"{SITUATION}?min_position={house.head() + 1}")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("as_of=2319-04-05", "as_of"),
        ("as_of=2019-02-30", "as_of"),
        ("as_of=2019-04-04T10:00", "as_of"),
        ("known_at=2019-04-04&position=1", "position"),
        ("position=99999", "position"),
    ],
)
def test_a_moment_that_cannot_be_is_refused(client: FlaskClient, query: str, field: str) -> None:
    answer = client.get(f"{SITUATION}?{query}")

    assert answer.status_code == 422
    assert answer.json is not None
    assert field in answer.json["errors"]


def test_an_instant_without_offset_is_told_the_storys(client: FlaskClient) -> None:
    answer = client.get(f"{SITUATION}?as_of=2019-04-04T10:00")

    assert answer.json is not None
    assert answer.json["suggestions"] == {"as_of": ["2019-04-04T10:00+02:00"]}


def test_an_unknown_story_is_nothing_here(client: FlaskClient) -> None:
    assert client.get("/v1/stories/elsewhere/situation").status_code == 404
