"""The list of stories, and a story's corrections log."""

import pytest

from service.web import corrections
from service.web import pages as pages_module
from tests.builders import Desk, House
from tests.web.conftest import Site

FLOOD = "/stories/flood-harlebridge"


def test_the_list_names_every_public_story_and_leads_to_it(site: Site) -> None:
    titles = [node.one("a") for node in site.get("/").main.all("h2")]
    assert sorted(link["href"] for link in titles) == [FLOOD, "/stories/tripoli-2019"]
    assert "The advance on Tripoli, spring 2019" in {link.text for link in titles}


def test_the_list_says_how_much_is_on_record_and_what_was_corrected(site: Site) -> None:
    text = site.get("/").text
    assert "24 developments, the last recorded 31 October 2023, 1 corrected" in text


def test_an_empty_house_says_so(house: House, own: Site) -> None:
    page = own.get("/")
    assert page.status == 200
    assert "No story is on record yet." in page.text


def test_a_long_list_goes_on_behind_a_link(
    house: House, own: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages_module, "STORIES", 2)
    for name in ("one", "two", "three"):
        house.desk("times").opens_story(name)
    first = own.get("/")
    (older,) = [a for a in first.main.all("a") if a.text == "Older stories"]
    second = own.get(older["href"])
    assert [node.text for page in (first, second) for node in page.main.all("h2")] == [
        "The story of three",
        "The story of two",
        "The story of one",
    ]


def test_a_page_of_the_list_that_nothing_links_to_is_no_page(site: Site) -> None:
    assert site.get("/?before=x").status == 404


def test_the_log_has_corrections_clarifications_and_withdrawals_newest_first(site: Site) -> None:
    lines = site.get(f"{FLOOD}/corrections").main.all("li", class_="version")
    assert [line.one("h2").text.partition(" ")[0] for line in lines] == [
        "Corrected",
        "Withdrawn",
        "Clarified",
    ]


def test_a_line_of_the_log_says_was_is_why_and_how_long(site: Site) -> None:
    corrected, withdrawn, clarified = site.get(f"{FLOOD}/corrections").main.all(
        "li", class_="version"
    )
    assert "Ottle peaks at 4.8 4.3 metres, above below the mark of 1998" in corrected.text
    assert "Because of: an error of the source" in corrected.text
    assert "What was wrong had stood for 9 hours 10 minutes." in corrected.text
    assert withdrawn.one("p", class_="notice").text.startswith("The clip was filmed years ago")
    assert [node.text for node in clarified.all("dd")[0].all("ins")] == ["to vehicles"]


def test_the_log_of_the_past_knows_only_what_was_corrected_by_then(site: Site) -> None:
    page = site.get(f"{FLOOD}/corrections?known_at=2023-10-27T12:00:00Z")
    assert [node.text for node in page.main.all("h2")] == [
        "Clarified Old Bridge closed to vehicles"
    ]
    assert site.get(f"{FLOOD}/corrections?known_at=2023-10-26").text.endswith(
        "Nothing was corrected by then."
    )


def test_a_long_log_goes_on_behind_a_link(
    desk: Desk, own: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrections, "PAGE", 2)
    desk.reports("count", headline="0 boats")
    for number in range(1, 6):
        desk.corrects("count", headline=f"{number} boats")
    seen, address = [], "/stories/tripoli/corrections"
    while address:
        page = own.get(address)
        seen += [a["href"].partition("#")[2] for a in page.main.all("a") if "#" in a["href"]]
        address = next((a["href"] for a in page.main.all("a", rel="next")), "")
    assert seen == ["v6", "v5", "v4", "v3", "v2"]
