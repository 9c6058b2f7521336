"""Caches and conditional requests; and that a page is a function of its address."""

import pytest

from service.web import pages
from tests.builders import Desk, House
from tests.web.conftest import Site, seed, stand_up

YEAR = 365 * 24 * 3600
TRIPOLI = "/stories/tripoli-2019"
NAMED = (
    f"{TRIPOLI}?known_at=2019-04-05",
    f"{TRIPOLI}?as_of=2019-04-05",
    f"{TRIPOLI}?as_of=2019-04-05&known_at=2019-04-10",
    f"{TRIPOLI}/corrections?known_at=2019-04-10",
)


def test_a_page_that_names_its_moment_is_the_same_a_year_later(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    house = stand_up(tmp_path_factory.mktemp("year"))
    house.imports(seed("tripoli-2019"))
    site = Site(house)
    before = [site.get(path).response.data for path in NAMED]
    house.clock.passes(YEAR)
    later = Site(house.again())
    assert [later.get(path).response.data for path in NAMED] == before
    house.close()


def test_the_present_stands_still_while_nothing_happens(
    house: House, desk: Desk, own: Site
) -> None:
    desk.reports("first")
    before = own.get("/stories/tripoli").response
    house.clock.passes(YEAR)
    after = own.get("/stories/tripoli").response
    assert after.data == before.data
    assert after.headers["ETag"] == before.headers["ETag"]


@pytest.mark.parametrize("path", ["/", TRIPOLI, *NAMED])
def test_who_has_the_page_already_is_told_so(site: Site, path: str) -> None:
    first = site.get(path).response
    again = site.get(path, headers={"If-None-Match": first.headers["ETag"]}).response
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


def test_another_tag_gets_the_page(site: Site) -> None:
    for tag in ('"other"', "W/", "not a tag"):
        assert site.get(TRIPOLI, headers={"If-None-Match": tag}).status == 200


def test_a_new_act_changes_the_tag_of_the_present(desk: Desk, own: Site) -> None:
    before = own.get("/stories/tripoli").response.headers["ETag"]
    desk.reports("news")
    for path in ("/stories/tripoli", "/"):
        assert own.get(path, headers={"If-None-Match": before}).status == 200


def test_the_past_as_told_may_be_kept_and_all_else_is_asked_for_again(site: Site) -> None:
    kept = site.get(f"{TRIPOLI}?known_at=2019-04-05").response.headers
    assert kept["Cache-Control"] == "public, max-age=300, s-maxage=86400"
    assert kept["Surrogate-Key"] == "story-tripoli-2019"
    for path in ("/", TRIPOLI, f"{TRIPOLI}?as_of=2019-04-05"):
        assert site.get(path).response.headers["Cache-Control"] == "no-cache"


def test_what_was_said_last_may_not_be_kept_yet(house: House, desk: Desk, own: Site) -> None:
    # Another act may still be recorded under the same instant.
    desk.reports("now")
    path = f"/stories/tripoli?known_at={house.clock.text()}"
    house.clock.passes(60)
    assert own.get(path).response.headers["Cache-Control"] == "no-cache"


def test_an_error_is_not_kept(site: Site) -> None:
    for path in ("/stories/nowhere", f"{TRIPOLI}?as_of=x"):
        assert site.get(path).response.headers["Cache-Control"] == "no-store"


def test_a_page_names_its_permanent_address_and_that_shows_the_same(site: Site) -> None:
    first = site.get(f"{TRIPOLI}?known_at=2019-04-05")
    pinned = site.get(first.response.headers["Content-Location"])
    assert pinned.status == 200
    for name in ("parties", "scheduled", "control", "casualties"):
        assert pinned.section(name) == first.section(name)


def test_what_a_page_loads_is_kept_for_ever_under_its_digest(site: Site) -> None:
    (sheet,) = site.get("/").tree.all("link", rel="stylesheet")
    assert site.get(sheet["href"]).response.headers["Cache-Control"].endswith("immutable")
    assert site.get("/static/style.css").response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["style.css", "icon.svg"])
def test_a_loaded_file_is_what_it_says(site: Site, name: str) -> None:
    response = site.get(f"/static/{name}").response
    assert response.status_code == 200
    assert response.mimetype == pages.STATIC[name]


@pytest.mark.parametrize("name", ["../pages.py", "..%2fpages.py", "other.css", "%00"])
def test_no_other_file_is_served(site: Site, name: str) -> None:
    assert site.get(f"/static/{name}").status == 404


def test_a_head_request_says_the_same_without_the_page(site: Site) -> None:
    got = site.get(TRIPOLI).response
    head = site.client.head(TRIPOLI)
    assert head.headers["ETag"] == got.headers["ETag"]
    assert head.data == b""


def test_every_view_says_what_it_does_to_the_gate(site: Site) -> None:
    views = site.app.view_functions.items()
    mine = {name: view for name, view in views if name.startswith("pages.")}
    assert len(mine) == 6
    assert {getattr(view, "action", None) for view in mine.values()} == {"read pages"}


def test_an_error_of_the_api_is_none_of_a_page(site: Site) -> None:
    response = site.get("/v1/stories/nowhere").response
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"
