"""The page of a development: how it reads, every version, was and is, who, when and why."""

from collections.abc import Callable

from tests.builders import Desk
from tests.web.conftest import Page, Site, at
from tests.web.tree import Node

Address = Callable[[str], str]


def version(page: Page, number: int) -> Node:
    return page.main.one("li", id=f"v{number}")


def test_every_version_is_there_the_newest_first(site: Site, address: Address) -> None:
    titles = [node.one("h3").text for node in site.get(address("alert")).main.all(class_="version")]
    assert titles == ["Version 2: corrected", "Version 1: reported"]


def test_a_correction_says_what_was_what_is_who_when_and_why(site: Site, address: Address) -> None:
    corrected = version(site.get(address("alert")), 2)
    assert "Recorded 7 April 2019 by times." in corrected.text
    assert "We reported that UN troops" in corrected.one("p", class_="notice").text
    assert "Because of: an error of the source" in corrected.text
    assert "was 6 April 2019 is 3 April 2019" in corrected.text
    assert "was By: UN troops (so named in one article)" in corrected.text
    assert "is By: Government of National Accord" in corrected.text


def test_a_correction_says_for_how_long_what_was_wrong_had_stood(
    site: Site, address: Address
) -> None:
    exposure = version(site.get(address("alert")), 2).one("p", class_="exposure").text
    assert exposure == "What was wrong had stood for 1 day, since 6 April 2019."


def test_before_its_correction_only_the_first_version_is_known(
    site: Site, address: Address
) -> None:
    page = site.get(f"{address('alert')}?known_at=2019-04-06")
    assert page.main.one("h1").text == "UN troops in Tripoli reported on high alert"
    assert len(page.main.all(class_="version")) == 1
    (latest,) = [a for a in page.main.all("a") if a.text == "Latest version"]
    assert latest["href"] == address("alert")


def test_before_its_report_there_is_no_such_page(site: Site, address: Address) -> None:
    assert site.get(f"{address('alert')}?known_at=2019-04-01").status == 404


def test_no_development_and_no_id_are_no_page(site: Site) -> None:
    for name in ("00000000-0000-7000-8000-000000000000", "x", "%00"):
        assert site.get(f"/stories/tripoli-2019/developments/{name}").status == 404


def test_a_development_of_another_story_is_not_of_this_one(site: Site, address: Address) -> None:
    elsewhere = address("alert").replace("tripoli-2019", "flood-harlebridge")
    assert site.get(elsewhere).status == 404


def test_a_verification_says_on_what_ground(desk: Desk, own: Site) -> None:
    desk.reports("strike", headline="A strike")
    desk.verifies(
        "strike", "confirmed", reason="Our reporter saw it.", sources=[{"publisher": "Own desk"}]
    )
    checked = version(own.get(at(desk, "strike")), 2)
    assert checked.one("h3").text == "Version 2: checked"
    assert "How sure was Reported is Confirmed" in checked.text
    assert "Our reporter saw it." in checked.text
    assert "Evidence: Own desk" in checked.text


def test_words_that_changed_are_marked_and_the_others_are_not(desk: Desk, own: Site) -> None:
    desk.reports("bridge", headline="Old Bridge closed", body="It is shut to all traffic today.")
    desk.clarifies("bridge", headline="Old Bridge closed to vehicles")
    changed = version(own.get(at(desk, "bridge")), 2)
    assert changed.one("dt").text == "Headline"
    assert changed.one("dd").text == "Old Bridge closed to vehicles"
    assert [node.text for node in changed.all("ins")] == ["to vehicles"]
    assert changed.all("del") == []


def test_sources_and_details_that_changed_are_shown_line_by_line(desk: Desk, own: Site) -> None:
    desk.reports("rain", sources=[{"publisher": "A"}], details={"notes": {"gauge": "2.1 m"}})
    desk.updates(
        "rain",
        sources=[{"publisher": "A"}, {"publisher": "B"}],
        details={"notes": {"gauge": "2.2 m"}},
    )
    changed = version(own.get(at(desk, "rain")), 2)
    assert [node.text for node in changed.all("ins")] == ["B", "Notes, gauge: 2.2 m"]
    assert [node.text for node in changed.all("del")] == ["Notes, gauge: 2.1 m"]


def test_who_took_part_stands_by_role_and_by_name(site: Site, address: Address) -> None:
    facts = site.get(address("order")).main.one("dl", class_="facts").text
    assert "By Libyan National Army" in facts
    assert "With Khalifa Haftar" in facts
    assert "Against Government of National Accord" in facts
    assert "Newsroom times" in facts


def test_a_link_to_another_report_leads_there_at_the_same_moment(
    site: Site, address: Address
) -> None:
    page = site.get(f"{address('mob_misrata')}?known_at=2019-04-10")
    tie = page.main.one("dl", class_="facts").one("a")
    assert tie.text == "Haftar orders the LNA to march on Tripoli"
    assert tie["href"] == f"{address('order')}?known_at=2019-04-10"


def test_a_source_says_all_that_the_record_has_of_it(desk: Desk, own: Site) -> None:
    desk.reports(
        "strike",
        sources=[
            {
                "publisher": "Reuters",
                "url": "https://example.org/a",
                "title": "Air strike",
                "author": "A. Reporter",
                "quote": "Un raid",
                "language": "fr",
                "published_at": "2019-04-03",
                "type": "media",
                "archived_url": "https://archive.example.org/a",
            },
            {"label": "a ministry official", "type": "anonymous"},
        ],
    )
    first, second = own.get(at(desk, "strike")).main.all("ul", class_="lines")[0].all("li")
    assert first.text == (
        "Reuters, Air strike, A. Reporter, 3 April 2019 (media) Un raid Archived copy"
    )
    assert first.one("blockquote")["lang"] == "fr"
    assert [a["href"] for a in first.all("a")] == [
        "https://example.org/a",
        "https://archive.example.org/a",
    ]
    assert second.text == "a ministry official (unnamed source)"


def test_a_withdrawn_report_keeps_its_address_its_notice_and_what_it_said(
    desk: Desk, own: Site
) -> None:
    desk.reports("dam", headline="The dam broke", body="Water everywhere.")
    desk.withdraws("dam", "An old film.")
    page = own.get(at(desk, "dam"))
    assert page.status == 200
    assert "Withdrawn" in page.text
    assert page.main.all("p", class_="notice")[0].text == "An old film."
    assert version(page, 2).one("del").text == "Water everywhere."


def test_pictures_are_linked_and_never_loaded(desk: Desk, own: Site) -> None:
    picture = {"url": "https://example.org/a.jpg", "caption": "Smoke", "credit": "A. Reporter"}
    desk.reports("strike", media=[picture])
    page = own.get(at(desk, "strike"))
    (link,) = [a for a in page.main.all("a") if a.text == "Smoke"]
    assert link["href"] == "https://example.org/a.jpg"
    assert "A. Reporter" in page.text
    assert page.tree.all("img") == []
