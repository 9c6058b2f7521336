"""Every link on a page leads somewhere, and every place on a page that is linked to is there."""

from urllib.parse import urlsplit

import pytest

from tests.web.conftest import Site

STARTS = (
    "/",
    "/stories/tripoli-2019",
    "/stories/tripoli-2019?known_at=2019-04-05",
    "/stories/tripoli-2019?as_of=2019-04-05",
    "/stories/tripoli-2019?as_of=2019-04-09&known_at=2019-04-12",
    "/stories/tripoli-2019/corrections",
    "/stories/flood-harlebridge",
    "/stories/flood-harlebridge?known_at=2023-10-28",
    "/stories/flood-harlebridge?as_of=2023-10-27",
    "/stories/flood-harlebridge/corrections?known_at=2023-10-28",
    "/stories/tripoli-2019?as_of=2019-04-05T18:00",
    "/stories/nowhere",
)


@pytest.mark.parametrize("start", STARTS)
def test_every_link_leads_somewhere(site: Site, start: str) -> None:
    lost = []
    for address in sorted({a["href"] for a in site.get(start).tree.all("a")}):
        parts = urlsplit(address)
        if parts.netloc:
            continue
        page = site.get(start if address.startswith("#") else address)
        if page.status != 200 and not address.startswith("#"):
            lost.append(f"{address}: {page.status}")
            continue
        if parts.fragment and not page.tree.all(id=parts.fragment):
            lost.append(f"{address}: no such place")
    assert lost == []


@pytest.mark.parametrize("start", STARTS)
def test_no_two_places_of_a_page_bear_the_same_name(site: Site, start: str) -> None:
    names = [node["id"] for node in site.get(start).tree.walk() if "id" in node.attributes]
    assert len(names) == len(set(names))


def test_every_development_has_a_page(site: Site) -> None:
    address, seen = "/stories/tripoli-2019", set()
    while address:
        page = site.get(address)
        seen |= {node.one("h4").one("a")["href"] for node in page.main.all("li", class_="entry")}
        address = next((a["href"] for a in page.main.all("a", rel="next")), "")
    assert len(seen) == 88
    assert {site.get(path).status for path in seen} == {200}
