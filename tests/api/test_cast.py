"""Actors and places over HTTP: introduced, amended, read as they were known."""

from typing import Any

import pytest

from tests.api.desks import AtDesk, at_desk

LNA = {"name": "Libyan National Army", "type": "armed_group", "wikidata": "Q16154193"}
MITIGA = {"name": "Mitiga", "point": {"type": "Point", "coordinates": [13.28, 32.89]}}
SORTS = [("actors", LNA), ("places", MITIGA)]


@pytest.mark.parametrize(("sort", "body"), SORTS)
class TestPutting:
    def test_a_new_one_gets_an_address(self, times: AtDesk, sort: str, body: Any) -> None:
        head = times.house.head()

        made = times.sends("PUT", f"{sort}/newcomer", body, status=201)

        assert times.last.headers["Location"] == f"/v1/stories/tripoli/{sort}/newcomer"
        assert made == {"id": "newcomer", **body, "position": head + 1}
        read = times.reads(f"{sort}/newcomer")
        assert read == {"basis": read["basis"], "id": "newcomer", **body}

    def test_a_known_one_is_said_anew_whole(self, times: AtDesk, sort: str, body: Any) -> None:
        times.sends("PUT", f"{sort}/newcomer", body, status=201)
        before = times.house.head()

        made = times.sends("PUT", f"{sort}/newcomer", {"name": "Another name"})

        assert made == {"id": "newcomer", "name": "Another name", "position": before + 1}
        assert "Location" not in times.last.headers
        assert times.reads(f"{sort}/newcomer")["name"] == "Another name"
        assert times.reads(f"{sort}/newcomer?position={before}")["name"] == body["name"]

    def test_repeating_changes_nothing(self, times: AtDesk, sort: str, body: Any) -> None:
        times.sends("PUT", f"{sort}/newcomer", body, status=201)
        before = times.house.counts()

        made = times.sends("PUT", f"{sort}/newcomer", body)

        assert made["position"] == times.house.head()
        assert times.house.counts() == before

    def test_reporters_introduce_and_auditors_do_not(
        self, anyone: AtDesk, sort: str, body: Any
    ) -> None:
        at_desk(anyone, "reporter").sends("PUT", f"{sort}/newcomer", body, status=201)
        at_desk(anyone, "auditor").refused(f"{sort}/newcomer", body, method="PUT", status=403)

    def test_another_newsrooms_story_is_not_peopled(
        self, post: AtDesk, sort: str, body: Any
    ) -> None:
        post.refused(f"{sort}/newcomer", body, method="PUT", status=403)

    @pytest.mark.parametrize("slug", ["Newcomer", "new--comer", "n" * 81, "new_comer"])
    def test_what_is_no_slug_is_no_address(
        self, times: AtDesk, sort: str, body: Any, slug: str
    ) -> None:
        times.refused(f"{sort}/{slug}", body, method="PUT", status=404)

    def test_unknown_fields_are_refused(self, times: AtDesk, sort: str, body: Any) -> None:
        problem = times.refused(f"{sort}/newcomer", {**body, "nmae": "A"}, method="PUT")

        assert problem["errors"] == {"nmae": ["Unknown field."]}
        assert problem["suggestions"] == {"nmae": ["name"]}


@pytest.mark.parametrize(("sort", "body"), SORTS)
class TestReading:
    def test_what_was_not_known_yet_is_not_there(self, times: AtDesk, sort: str, body: Any) -> None:
        before = times.house.head()
        times.sends("PUT", f"{sort}/newcomer", body, status=201)

        times.get(times.at(f"{sort}/newcomer?position={before}"), status=404)
        times.get(times.at(f"{sort}/nobody"), status=404)

    def test_they_are_listed_by_their_slugs_in_pages(
        self, times: AtDesk, sort: str, body: Any
    ) -> None:
        known = {item["id"] for item in times.items(times.at(sort))}
        for slug in ("z", "a", "m"):
            times.sends("PUT", f"{sort}/{slug}", body, status=201)

        pages = list(times.pages(times.at(f"{sort}?limit=2")))

        slugs = [item["id"] for page in pages for item in page["items"]]
        assert slugs == sorted({*known, "a", "m", "z"})
        assert [len(page["items"]) for page in pages[:-1]] == [2] * (len(pages) - 1)

    def test_pages_stand_on_one_basis(self, times: AtDesk, sort: str, body: Any) -> None:
        times.sends("PUT", f"{sort}/a", body, status=201)
        known = len(times.items(times.at(sort)))

        seen = 0
        for page in times.pages(times.at(f"{sort}?limit=1")):
            seen += len(page["items"])
            times.sends("PUT", f"{sort}/z{seen}", body, status=201)

        assert seen == known

    def test_a_reading_is_conditional_and_pinned(self, times: AtDesk, sort: str, body: Any) -> None:
        times.sends("PUT", f"{sort}/newcomer", body, status=201)
        for part in (sort, f"{sort}/newcomer"):
            times.reads(part)
            first = times.last
            tag = first.headers["ETag"]
            assert times.ask(times.at(part), If_None_Match=tag).status_code == 304
            assert "position=" in first.headers["Content-Location"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Two\nlines"}, "name"),
        ({"type": "wizard"}, "type"),
        ({"side": "No Slug"}, "side"),
        ({"wikidata": "1362117"}, "wikidata"),
        ({"aliases": ["A", "A"]}, "aliases.1"),
        ({"id": "lna"}, "id"),
    ],
)
def test_an_actor_that_cannot_be_is_refused(
    times: AtDesk, fields: dict[str, Any], field: str
) -> None:
    problem = times.refused("actors/newcomer", {**LNA, **fields}, method="PUT")

    assert field in problem["errors"]


@pytest.mark.parametrize(
    ("sort", "field"), [("actors", "leads"), ("actors", "part_of"), ("places", "within")]
)
def test_whom_it_names_was_introduced_before(times: AtDesk, sort: str, field: str) -> None:
    known = {"actors": "gna", "places": "gharyan"}[sort]
    body = {"name": "A newcomer", field: f"{known}n"}

    problem = times.refused(f"{sort}/newcomer", body, method="PUT")
    itself = times.refused(f"{sort}/{known}", {"name": "Itself", field: known}, method="PUT")

    assert list(problem["errors"]) == list(itself["errors"]) == [field]
    assert known in problem["suggestions"][field]
    assert known not in itself.get("suggestions", {}).get(field, [])
    made = times.sends("PUT", f"{sort}/newcomer", {**body, field: known}, status=201)
    assert made[field] == known


def test_whom_a_newcomer_of_a_report_names_may_come_with_it(times: AtDesk) -> None:
    army = {"actor": "army", "role": "by", "name": "The army", "part_of": "state"}
    state = {"actor": "state", "role": "about", "name": "The state"}

    problem = times.reports(actors=[army], status=422)
    made = times.reports(actors=[state, army])

    assert list(problem["errors"]) == ["actors.army.part_of"]
    assert [row["actor"] for row in made["actors"]] == ["state", "army"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"point": {"type": "Point", "coordinates": [13.28, 92]}}, "point.coordinates"),
        ({"point": {"type": "Point", "coordinates": [13.28]}}, "point.coordinates"),
        ({"point": {"type": "Polygon", "coordinates": [1, 2]}}, "point.type"),
        ({"precision": "somewhere"}, "precision"),
        ({"geonames": 2217362}, "geonames"),
        ({"osm": "building/1"}, "osm"),
    ],
)
def test_a_place_that_cannot_be_is_refused(
    times: AtDesk, fields: dict[str, Any], field: str
) -> None:
    problem = times.refused("places/newcomer", {**MITIGA, **fields}, method="PUT")

    assert field in problem["errors"]
