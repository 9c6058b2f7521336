"""The page of a story: the situation, the timeline, and both readings of a moment."""

import re

import pytest

from tests.builders import Desk, House
from tests.web.conftest import Page, Site, at

TRIPOLI = "/stories/tripoli-2019"
FLOOD = "/stories/flood-harlebridge"
WAR = re.compile(
    r"\b(war|attack\w*|fight\w*|forces?|parties|posture|threats?|casualt\w+|escalation|level \d"
    r"|ceasefire|enem\w+|troops|milit\w+|killed)\b",
    re.IGNORECASE,
)


# --- the lesson cases ----------------------------------------------------------------------


def test_as_told_on_5_april_the_council_was_to_meet(site: Site) -> None:
    page = site.get(f"{TRIPOLI}?known_at=2019-04-05")
    scheduled = page.section("scheduled")
    assert "Closed Security Council meeting on Libya Planned" in scheduled
    assert "Held" not in scheduled


def test_with_hindsight_the_council_had_met_on_5_april(site: Site) -> None:
    page = site.get(f"{TRIPOLI}?as_of=2019-04-05")
    assert "Closed Security Council meeting on Libya Held" in page.section("scheduled")


def test_gharyan_fell_on_the_3rd_and_was_first_reported_on_the_5th(site: Site) -> None:
    entry = site.get(TRIPOLI + "?as_of=2019-04-05").entry("LNA takes Gharyan")
    assert "first reported on 5 April 2019" in entry.one("p", class_="late").text


def test_the_call_of_the_15th_was_disclosed_on_the_19th(site: Site) -> None:
    before = site.get(f"{TRIPOLI}?known_at=2019-04-18")
    assert "Trump" not in before.text
    late = site.get(TRIPOLI).entry("Trump").one("p", class_="late").text
    assert late == "Happened on 15 April 2019, first reported on 19 April 2019."


def test_the_alert_reads_as_it_was_told_before_its_correction(site: Site) -> None:
    before = site.get(f"{TRIPOLI}?known_at=2019-04-06")
    assert "UN troops in Tripoli reported on high alert" in before.text
    assert not before.main.all("details", class_="correction")


def test_the_alert_is_marked_as_corrected_once_it_was(site: Site) -> None:
    mark = (
        site.get(f"{TRIPOLI}?known_at=2019-04-07")
        .entry("not UN troops")
        .one("details", class_="correction")
    )
    assert mark.one("summary").text == "Corrected once on 7 April 2019"
    assert "We reported that UN troops" in mark.text
    assert mark.all("del")[0].text == "UN troops in Tripoli reported on high alert"
    assert mark.all("ins")[0].text.startswith("Government forces, not UN troops,")
    assert mark.one("a")["href"].endswith("#v2")


# --- the situation -------------------------------------------------------------------------


def test_every_entry_of_the_situation_leads_to_its_development(site: Site) -> None:
    main = site.get(TRIPOLI).main
    lines = [item for part in main.all("ul", class_="lines") for item in part.all("li")]
    silent = [
        line.text for line in lines if not any("/developments/" in a["href"] for a in line.all("a"))
    ]
    assert len(lines) > 30
    assert silent == []


def test_the_level_gives_its_reasons_and_each_leads_to_its_development(site: Site) -> None:
    level = site.get(TRIPOLI).main.one("div", class_="level")
    assert "Major escalation level 5 of 5" in level.text
    assert len(level.all("li")) == len(level.all("a")) == 3


def test_control_tells_who_says_what(site: Site) -> None:
    control = site.get(f"{TRIPOLI}?known_at=2019-04-05").section("control")
    assert "Gharyan Disputed" in control
    assert "Libyan National Army says that it holds it" in control
    assert "Libya Observer denies that Libyan National Army holds it" in control


def test_casualties_stand_by_counter_and_are_never_added(site: Site) -> None:
    casualties = site.get(TRIPOLI).section("casualties")
    assert "25 killed, 80 wounded, up to 8 April 2019" in casualties
    assert "they are never added up" in casualties
    assert len(re.findall("counted by", casualties)) >= 5


def test_a_range_is_written_as_a_range(site: Site) -> None:
    assert "4 to 6 civilians killed" in site.get(f"{TRIPOLI}?known_at=2019-04-05").text


def test_what_is_disputed_is_listed_and_said_in_words(site: Site) -> None:
    disputed = site.get(TRIPOLI).section("disputed")
    assert "Shells fall on the crowded Abu Salim district Disputed" in disputed


def test_a_plan_whose_date_passed_unreported_is_overdue(site: Site) -> None:
    scheduled = site.get(FLOOD).section("scheduled")
    assert "Autumn Fair Overdue" in scheduled
    assert "nobody reported that it was held" in scheduled


def test_a_summary_stands_above_and_its_sentences_lead_to_their_developments(
    desk: Desk, own: Site
) -> None:
    desk.reports(
        "order", headline="The march is ordered", kind="offensive.ordered", actors="by:lna"
    )
    desk.sums_up("It has begun.", "order")
    summary = own.get("/stories/tripoli").main.one("div", class_="summary")
    assert summary.text == "It has begun. The march is ordered"
    assert summary.one("a")["href"] == at(desk, "order")


def test_a_level_set_by_hand_says_so_and_why(desk: Desk, own: Site) -> None:
    desk.overrides_level("tension", reason="The rule does not know the truce.")
    level = own.get("/stories/tripoli").main.one("div", class_="level").text
    assert "Tension level 2 of 5" in level
    assert "Set by an editor: The rule does not know the truce." in level
    assert "By the rule it would be calm." in level


def test_what_does_not_fit_together_is_shown_with_both_reports(desk: Desk, own: Site) -> None:
    desk.reports(
        "off",
        kind="scheduled.cancelled",
        headline="It is off",
        details={"scheduled": {"event": "talks"}},
    )
    desk.reports(
        "on",
        kind="scheduled.held",
        headline="It was held",
        details={"scheduled": {"event": "talks"}},
    )
    section = own.get("/stories/tripoli").section("anomalies")
    assert section == (
        "Does not fit together Talks: reported as held after it had been reported as cancelled."
        " It was held; before it It is off"
    )


# --- a story of another sort ---------------------------------------------------------------


@pytest.mark.parametrize("moment", ["", "?known_at=2023-10-28", "?as_of=2023-10-27"])
def test_the_flood_has_no_level_and_no_word_of_war(site: Site, moment: str) -> None:
    page = site.get(FLOOD + moment)
    assert not page.main.all("div", class_="level")
    assert WAR.findall(page.text) == []


def test_the_flood_reads_in_its_own_words(site: Site) -> None:
    page = site.get(FLOOD)
    assert "Boil tap water before drinking it Open" in page.section("demands")
    assert "260 (250 to 280) displaced" in page.section("casualties")
    assert "People affected" in page.section("casualties")
    assert "River level: 4.3 m" in page.section("notes")
    assert "Old Bridge Open" in page.section("access")


# --- the timeline --------------------------------------------------------------------------


def test_days_run_from_the_newest_and_are_those_of_the_story_s_zone(site: Site) -> None:
    days = [node.text for node in site.get(FLOOD).main.all("h3", class_="day")]
    assert days[0] == "Tuesday 31 October 2023"
    assert days[-2:] == ["Thursday 12 October 2023", "November 1998"]
    assert len(days) == len(set(days))


def test_a_time_of_day_is_local_and_the_title_has_it_in_utc(site: Site) -> None:
    # London was an hour ahead of UTC until 29 October.
    time = site.get(FLOOD).entry("Flood notice").one("div", class_="at").one("time")
    assert time.text == "07:00"
    assert time["datetime"] == "2023-10-27T06:00:00Z"
    assert time["title"] == "06:00 UTC on 27 October 2023"


def test_a_day_is_shown_without_a_time_of_day(site: Site) -> None:
    assert site.get(TRIPOLI).entry("warrant for Haftar").one("div", class_="at").text == ""


def test_key_events_are_marked_in_words_and_by_their_size(site: Site) -> None:
    keys = site.get(TRIPOLI).main.all("li", class_="key")
    assert len(keys) >= 3
    assert all("Key event" in entry.one("p", class_="tags").text for entry in keys)


def test_how_sure_a_report_is_stands_in_words(site: Site) -> None:
    entry = site.get(TRIPOLI).entry("Shells fall")
    assert "Disputed" in entry.one("p", class_="tags").text


def test_a_withdrawn_report_stays_as_a_tombstone_with_its_notice(site: Site) -> None:
    entry = site.get(FLOOD).entry("broken gate")
    assert "gone" in entry["class"]
    assert "Withdrawn" in entry.text
    assert entry.one("p", class_="notice").text.startswith("The clip was filmed years ago")
    assert "water pouring past a gate" not in entry.text


def test_before_its_withdrawal_the_report_reads_as_it_did(site: Site) -> None:
    entry = site.get(f"{FLOOD}?known_at=2023-10-27").entry("broken gate")
    assert "Withdrawn" not in entry.text
    assert "water pouring past a gate" in entry.text


def test_a_tombstone_whose_text_was_hidden_shows_no_text(desk: Desk, own: Site) -> None:
    desk.reports("name", headline="The witness is named", body="His address.")
    desk.withdraws("name", "It put somebody in danger.", hide_text=True)
    for page in (own.get("/stories/tripoli"), own.get(at(desk, "name"))):
        assert "witness" not in page.response.text
        assert "address" not in page.text
        assert "It put somebody in danger." in page.text


def test_sources_are_named_and_linked_without_a_recommendation(site: Site) -> None:
    source = site.get(TRIPOLI).entry("warrant for Haftar").one("p", class_="from").one("a")
    assert source.text == "Rappler"
    assert source["href"].startswith("https://www.rappler.com/")
    assert source["rel"] == "nofollow noopener"


def test_what_came_from_an_archive_says_so_and_when(site: Site) -> None:
    page = site.get(TRIPOLI)
    assert "Brought in from an archive on 1 January 2026" in page.text
    assert "From an archive" in page.entry("warrant for Haftar").text


def test_what_was_told_here_says_nothing_of_an_archive(desk: Desk, own: Site) -> None:
    desk.reports("first")
    assert "archive" not in own.get("/stories/tripoli").text


def test_background_from_before_the_story_is_not_called_late(site: Site) -> None:
    for entry in site.get(f"{TRIPOLI}?known_at=2019-03-21").main.all("li", class_="entry"):
        assert not entry.all("p", class_="late")


def test_the_timeline_goes_on_behind_a_link_without_gap_or_repetition(site: Site) -> None:
    first = site.get(TRIPOLI)
    second = site.get(first.main.one("a", rel="next")["href"])
    seen = [node["id"] for page in (first, second) for node in page.main.all("li", class_="entry")]
    assert len(seen) == len(set(seen)) == 88
    assert not second.main.all("a", rel="next")
    assert not second.main.all("section", class_="part")


def test_a_later_page_of_the_past_stays_in_the_past(site: Site) -> None:
    older = site.get(f"{TRIPOLI}?known_at=2019-04-10").main.one("a", rel="next")["href"]
    assert "known_at=2019-04-10" in older
    assert "as it was known and said then" in site.get(older).text


@pytest.mark.parametrize("after", ["x", "1_2", "1_2_3_4", "1_2_x", "9" * 40 + "_1_1"])
def test_a_page_that_nothing_links_to_is_no_page(site: Site, after: str) -> None:
    assert site.get(f"{TRIPOLI}?after={after}").status == 404


def test_a_pinned_report_stands_on_top_of_the_timeline(desk: Desk, own: Site) -> None:
    desk.reports("phone", headline="Numbers to call")
    desk.marks("phone")
    assert (
        own.get("/stories/tripoli").main.one("ul", class_="pinned").text == "Pinned Numbers to call"
    )


def test_a_report_in_another_language_says_which(desk: Desk, own: Site) -> None:
    desk.reports("ar", headline="طرابلس", body="نص", language="ar")
    entry = own.get("/stories/tripoli").entry("طرابلس")
    assert entry.one("h4")["lang"] == "ar"
    assert entry.one("h4")["dir"] == "auto"
    assert entry.one("div", class_="prose")["lang"] == "ar"


# --- moments -------------------------------------------------------------------------------


def band(page: Page) -> list[tuple[str, str, bool]]:
    links = page.main.one("div", class_="band").all("a")
    return [(a.text, a["href"], "aria-current" in a.attributes) for a in links]


def test_the_present_has_no_band(site: Site) -> None:
    assert not site.get(TRIPOLI).main.all("div", class_="band")


def test_the_past_says_which_moment_and_reading_and_offers_the_other(site: Site) -> None:
    page = site.get(f"{TRIPOLI}?known_at=2019-04-05")
    assert "by the end of 5 April 2019 in Tripoli, as it was known and said then." in page.text
    assert band(page) == [
        ("As told then", f"{TRIPOLI}?known_at=2019-04-05", True),
        ("With hindsight", f"{TRIPOLI}?as_of=2019-04-05", False),
        ("Return to now", TRIPOLI, False),
    ]


def test_hindsight_says_so_and_offers_what_was_told(site: Site) -> None:
    page = site.get(f"{TRIPOLI}?as_of=2019-04-05T18:00:00%2B02:00")
    assert "by 18:00 on 5 April 2019 in Tripoli, told with all we know now." in page.text
    assert [current for _, _, current in band(page)] == [False, True, False]


def test_both_moments_may_be_named(site: Site) -> None:
    page = site.get(f"{TRIPOLI}?as_of=2019-04-05&known_at=2019-04-10")
    assert "Closed Security Council meeting on Libya Held" in page.section("scheduled")
    assert [current for _, _, current in band(page)] == [False, False, False]


def test_links_of_the_past_stay_in_the_past_but_for_the_latest_version(site: Site) -> None:
    entry = site.get(f"{TRIPOLI}?known_at=2019-04-05").entry("march on Tripoli")
    assert entry.one("h4").one("a")["href"].endswith("?known_at=2019-04-05")
    (latest,) = [a for a in entry.all("a") if a.text == "Latest version"]
    assert "?" not in latest["href"]


def test_before_its_first_act_the_story_says_that_nothing_was_on_record(site: Site) -> None:
    page = site.get(f"{TRIPOLI}?known_at=2018-01-01")
    assert page.status == 200
    assert "Nothing of this story was on record then." in page.text
    assert "The advance on Tripoli" not in page.text


def test_before_anything_had_happened_the_timeline_says_so(site: Site) -> None:
    assert "Nothing on record had happened by then." in site.get(f"{TRIPOLI}?as_of=1950").text


def test_a_closed_story_says_that_it_takes_no_more(desk: Desk, own: Site) -> None:
    desk.closes_story()
    assert "Closed: nothing more is posted to it" in own.get("/stories/tripoli").text


def test_a_story_of_the_house_s_own_is_not_there_for_readers(house: House, own: Site) -> None:
    house.desk("times").opens_story("secret", visibility="house", title="Not yet")
    assert own.get("/stories/secret").status == 404
    assert "Not yet" not in own.get("/").text
