"""Reporting one development over HTTP."""

from typing import Any

from schemas.developments import EXAMPLE
from tests.api.desks import AtDesk, at_desk
from tests.builders import content, pairs

# --- what comes back -----------------------------------------------------------------------


def test_a_report_is_answered_with_the_development_as_served(times: AtDesk) -> None:
    head = times.house.head()

    made = times.reports(
        "order",
        kind="offensive.ordered",
        headline="Haftar orders the march on Tripoli",
        actors="by:lna against:gna",
        places="tripoli",
        occurred="2019-04-04",
    )

    address = f"/v1/stories/tripoli/developments/{made['id']}"
    assert times.last.headers["Location"] == address
    assert times.last.headers["ETag"] == f'"{made["id"]}.1.0"'
    assert made["position"] == head + 1
    assert made["version"] == 1
    assert made["act"] == "DevelopmentReported"
    assert made["status"] == "standing"
    assert made["verification"] == "reported"
    assert made["newsroom"] == "times"
    assert made["corrected"] == 0
    assert made["occurred_earliest"] == "2019-04-03T22:00:00Z"
    assert made["occurred_latest"] == "2019-04-04T21:59:59.999999Z"
    assert made["valid_from"] == made["recorded_at"] == made["first_recorded_at"]
    assert made["warnings"] == []
    assert made["actors"] == pairs("by:lna against:gna")


def test_what_was_answered_is_what_is_read(times: AtDesk) -> None:
    made = times.reports("order")

    (listed,) = times.reads("developments")["items"]

    assert listed == {name: value for name, value in made.items() if name != "warnings"}


def test_the_example_of_the_description_goes_through(times: AtDesk) -> None:
    for actor in ("gna-air-force", "lna"):
        times.sends("PUT", f"actors/{actor}", {"name": actor}, status=201 if "-" in actor else 200)
    times.sends("PUT", "places/wadi-al-hira", {"name": "Wadi al-Hira"}, status=201)
    times.house.clock.reads("2019-04-08T10:00:00Z")

    times.sends("POST", "developments", EXAMPLE, status=201)


def test_three_fields_are_enough(times: AtDesk) -> None:
    body = {"headline": "Something", "occurred": "now", "sources": [{"publisher": "Reuters"}]}

    made = times.sends("POST", "developments", body, status=201)

    assert made["kind"] == "occurrence"
    assert made["occurred"] == times.house.clock.text() == made["recorded_at"]


def test_everything_that_can_be_said_is_kept_as_it_was_said(times: AtDesk) -> None:
    said: dict[str, Any] = {
        "kind": "casualties.reported",
        "headline": "21 dead, the ministry says",
        "body": "The ministry's **count** since Thursday.\n\nIt names no places.",
        "language": "en-GB",
        "occurred": "2019-04-04~",
        "places": ["tripoli"],
        "actors": [{"actor": "gna", "role": "by"}],
        "sources": [
            {
                "publisher": "Reuters",
                "url": "https://www.reuters.com/article/libya",
                "quote": "twenty-one",
                "published_at": "2019-04-07",
                "type": "media",
                "reported_by": "the ministry, via Reuters",
            },
            {"label": "an official who asked not to be named", "type": "anonymous"},
        ],
        "media": [{"url": "https://example.org/a.jpg", "alt": "Smoke", "credit": "A. Reporter"}],
        "byline": "A. Reporter",
        "external_id": "desk-4711",
        "details": {
            "casualties": {
                "scope": "total",
                "counted_by": "gna",
                "killed": {"low": 21, "high": 25},
                "until": "2019-04-04",
            }
        },
        "key": True,
    }

    made = times.sends("POST", "developments", {**said, "verification": "claimed"}, status=201)

    assert {name: made[name] for name in said} == said
    assert made["verification"] == "claimed"
    assert times.reads("situation")["key_events"] == [made["id"]]


# --- warnings ------------------------------------------------------------------------------


def test_what_does_not_fit_is_recorded_and_said(times: AtDesk) -> None:
    plan = {"scheduled": {"event": "conference", "title": "Conference", "starts": "2019-04-14"}}
    times.reports("plan", kind="scheduled.planned", occurred="2019-03-20", details=plan)
    event = {"scheduled": {"event": "conference"}}
    times.reports("off", kind="scheduled.cancelled", occurred="2019-04-01", details=event)

    made = times.reports("held", kind="scheduled.held", occurred="2019-04-02", details=event)

    (warning,) = made["warnings"]
    assert warning["code"] == "contradicts"
    assert warning["says"] == (
        "conference: reported as held after it had been reported as cancelled."
    )
    assert times.reads("situation")["anomalies"]


def test_a_possible_duplicate_is_named(times: AtDesk) -> None:
    first = times.reports("a", kind="airstrike", actors="by:lna", occurred="2019-04-03")

    second = times.reports("b", kind="airstrike", actors="by:lna", occurred="2019-04-03")
    third = times.reports("c", kind="airstrike", actors="by:gna", occurred="2019-04-03")

    assert [w["development"] for w in second["warnings"] if w["code"] == "possible-duplicate"] == [
        first["id"]
    ]
    assert not [w for w in third["warnings"] if w["code"] == "possible-duplicate"]


# --- external ids --------------------------------------------------------------------------


def test_the_same_report_again_finds_the_existing_one(times: AtDesk) -> None:
    first = times.reports("desk-1", occurred="2019-04-03")
    location = times.last.headers["Location"]
    before = times.house.counts()

    again = times.reports("desk-1", occurred="2019-04-03", status=200)

    assert again == first
    assert times.last.headers["Location"] == location
    assert times.house.counts() == before


def test_it_is_found_as_it_stands_now(times: AtDesk) -> None:
    first = times.reports("desk-1", occurred="2019-04-03")
    times.acts(first, "updates", {"changes": {"body": "More."}})

    again = times.reports("desk-1", occurred="2019-04-03", status=200)

    assert (again["version"], again["body"]) == (2, "More.")
    assert times.last.headers["ETag"] == f'"{first["id"]}.2.0"'


def test_other_content_under_the_same_id_is_an_update(times: AtDesk) -> None:
    first = times.reports("desk-1", headline="Two dead", occurred="2019-04-03")

    problem = times.reports("desk-1", headline="Three dead", occurred="2019-04-03", status=409)

    assert problem["type"] == "/problems/external-id-taken"
    assert problem["differs"] == {"headline": {"was": "Two dead", "is": "Three dead"}}
    assert problem["updates"] == f"/v1/stories/tripoli/developments/{first['id']}/updates"


def test_an_external_id_is_its_newsrooms_and_its_storys(times: AtDesk, post: AtDesk) -> None:
    first = times.reports("desk-1")
    for desk, story in ((times, "flood"), (post, "storm")):
        desk.sends("POST", "/v1/stories", {"id": story, "title": story}, status=201)
        assert desk.on(story).reports("desk-1")["id"] != first["id"]


# --- the cast that it brings along ---------------------------------------------------------


def test_new_actors_and_places_come_with_the_report(times: AtDesk) -> None:
    made = times.reports(
        "arrival",
        actors=[
            {
                "actor": "misrata-forces",
                "role": "by",
                "name": "Misrata forces",
                "type": "armed_group",
            }
        ],
        places=["tripoli", {"place": "misrata", "name": "Misrata", "precision": "settlement"}],
    )

    assert made["actors"] == [{"actor": "misrata-forces", "role": "by"}]
    assert made["places"] == ["tripoli", "misrata"]
    assert times.reads("actors/misrata-forces")["name"] == "Misrata forces"
    assert times.reads("places/misrata")["precision"] == "settlement"


def test_who_is_known_stays_as_known(times: AtDesk) -> None:
    times.reports("a", actors=[{"actor": "lna", "role": "by", "name": "Another name"}])

    assert times.reads("actors/lna")["name"] == "lna"


def test_a_refused_report_brings_nobody_along(times: AtDesk) -> None:
    newcomer = {"actor": "newcomer", "role": "by", "name": "Newcomer"}

    times.reports("a", actors=[newcomer], kind="attack_order", status=422)

    times.get(times.at("actors/newcomer"), status=404)


# --- links ---------------------------------------------------------------------------------


def test_links_look_back_by_id_or_by_external_id(times: AtDesk) -> None:
    first = times.reports("strike")
    links = [
        {"development": "strike", "relation": "responds_to"},
        {"development": first["id"], "relation": "about"},
    ]

    made = times.reports("answer", relates_to=links)

    assert [link["development"] for link in made["relates_to"]] == [first["id"]] * 2


def test_a_link_forward_is_refused(times: AtDesk) -> None:
    link = {"development": "later", "relation": "follows"}

    problem = times.reports("first", relates_to=[link], status=422)

    assert "relates_to.0.development" in problem["errors"]


# --- who may -------------------------------------------------------------------------------


def test_reporters_and_editors_report(anyone: AtDesk) -> None:
    for role, status in (("reporter", 201), ("editor", 201), ("admin", 201), ("auditor", 403)):
        at_desk(anyone, role).reports(status=status)


def test_a_development_is_its_newsrooms_and_nobody_says_which(times: AtDesk) -> None:
    body = {**content("a"), "newsroom": "post"}

    assert "newsroom" in times.refused("developments", body)["errors"]


def test_another_newsrooms_story_takes_no_reports_from_here(post: AtDesk) -> None:
    assert post.reports(status=403)["type"] == "/problems/forbidden"


def test_who_reported_stands_on_the_record_under_a_pseudonym(times: AtDesk) -> None:
    times.reports("a")

    act = times.house.acts("tripoli")[-1]
    assert act.stamp.newsroom == "times"
    assert act.stamp.by.startswith("tok_")


def test_an_archive_is_not_json(times: AtDesk) -> None:
    problem = times.refused("developments?archive=true", content("a"))

    assert list(problem["errors"]) == ["archive"]
