"""Times in words: in the story's zone, no finer than they were given, UTC in the title."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from service.domain import times
from service.web.moments import Clock, When

TRIPOLI = Clock(ZoneInfo("Africa/Tripoli"))
LONDON = Clock(ZoneInfo("Europe/London"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2019-04-04", "4 April 2019"),
        ("2019-04", "April 2019"),
        ("1966", "1966"),
        ("1990~", "about 1990"),
        ("2019-04-04?", "4 April 2019 (uncertain)"),
        ("2019-04%", "about April 2019 (uncertain)"),
        ("201X", "the 2010s"),
        ("19XX", "between 1900 and 1999"),
        ("2019-XX", "2019"),
        ("2019-XX-XX", "2019"),
        ("2019-04-XX", "April 2019"),
        ("2019-21", "spring 2019"),
        ("1999-24", "winter 1999–00"),
        ("2019-04-14/2019-04-16", "14–16 April 2019"),
        ("2019-04-30/2019-05-02", "30 April 2019 to 2 May 2019"),
        ("2014/2015", "2014 to 2015"),
        ("2019-04-14/..", "from 14 April 2019"),
        ("2019-04-14/", "from 14 April 2019, until when is not known"),
        ("../1985", "until 1985"),
        ("/1985", "until 1985"),
        ("2019-04-04T16:25:00Z", "4 April 2019, 18:25"),
        ("2019-04-04T23:30:00+02:00", "4 April 2019, 23:30"),
        ("2019-04-07T14:00:00Z/2019-04-07T16:00:00Z", "7 April 2019, 16:00–18:00"),
        ("2019-04-07T21:00:00Z/2019-04-07T23:00:00Z", "7 April 2019, 23:00 to 8 April 2019, 01:00"),
        (None, "at an unknown time"),
    ],
)
def test_when_it_happened_is_said_as_it_was_given(text: str | None, words: str) -> None:
    assert TRIPOLI.occurred(text).words == words


def test_the_title_gives_utc() -> None:
    assert TRIPOLI.instant("2019-04-04T23:30:00Z") == When(
        "5 April 2019, 01:30", "2019-04-04T23:30:00Z", "23:30 UTC on 4 April 2019"
    )
    title = TRIPOLI.occurred("2019-04-05").title
    assert title == "from 22:00 UTC on 4 April 2019 to 21:59 UTC on 5 April 2019"


def test_the_last_moment_of_a_day_reads_as_that_day() -> None:
    end = times.format_instant(times.end_of("2019-04-05", TRIPOLI.zone))
    assert TRIPOLI.instant(end).words == "5 April 2019"


def test_a_plan_is_read_in_its_own_zone() -> None:
    assert LONDON.moment("2019-04-05T12:00:00Z", "America/New_York").words == "5 April 2019, 08:00"
    assert LONDON.moment(None).words == "no date"


def test_an_archive_s_day_is_shown_without_its_stand_in_hour() -> None:
    version = {"recorded_at": "2019-04-05T18:00:00Z"}
    assert TRIPOLI.recorded(version).words == "5 April 2019, 20:00"
    assert TRIPOLI.recorded({**version, "recorded_precision": "day"}).words == "5 April 2019"


def test_a_year_at_either_end_of_the_calendar_can_be_shown() -> None:
    far_east = Clock(ZoneInfo("Pacific/Kiritimati"))
    assert far_east.instant("9999-12-31T23:59:00Z").words.endswith("23:59")
    assert Clock(ZoneInfo("America/New_York")).instant("0001-01-01T00:00:00Z").words


def development(occurred: str | None, recorded: str, clock: Clock = TRIPOLI) -> dict[str, Any]:
    """What the heading, the time beside it and the remark on lateness are made of."""
    first = times.parse_instant(recorded)
    found = times.parse_occurred(occurred or "/1985", clock.zone)
    begins = times.valid_from(found, first)
    return {
        "occurred": occurred,
        "valid_from": None if begins is None else times.format_instant(begins),
        "occurred_latest": None if found.latest is None else times.format_instant(found.latest),
        "first_recorded_at": recorded,
    }


@pytest.mark.parametrize(
    ("occurred", "heading", "beside"),
    [
        ("2019-04-05", "Friday 5 April 2019", None),
        ("2019-04-05T16:25:00Z", "Friday 5 April 2019", "18:25"),
        ("2019-04-05T14:00:00Z/2019-04-05T16:00:00Z", "Friday 5 April 2019", "16:00–18:00"),
        ("2019-04-04T23:00:00Z", "Friday 5 April 2019", "01:00"),
        ("2019-04-03/2019-04-06", "Wednesday 3 April 2019", "3–6 April 2019"),
        ("2019-04-05~", "Friday 5 April 2019", "about 5 April 2019"),
        ("2014-05", "May 2014", None),
        ("1990~", "1990", "about 1990"),
        # Reported before the month was over: it stands under the day of its report.
        ("2019-04", "Wednesday 10 April 2019", "April 2019"),
        ("/1985", "Wednesday 10 April 2019", "until 1985"),
    ],
)
def test_a_development_stands_under_its_day_with_what_that_leaves_out(
    occurred: str, heading: str, beside: str | None
) -> None:
    given = development(occurred, "2019-04-10T12:00:00Z")
    above = TRIPOLI.heading(given)
    said = TRIPOLI.beside(given, above)
    assert (above.words, said and said.words) == (heading, beside)


BEGAN = times.parse_instant("2019-03-20T00:00:00Z")


@pytest.mark.parametrize(
    ("occurred", "recorded", "remark"),
    [
        ("2019-04-03", "2019-04-05T12:00:00Z", ("on ", "3 April 2019", "5 April 2019")),
        ("2019-04-03T10:00Z", "2019-04-04T11:00Z", ("on ", "3 April 2019, 12:00", "4 April 2019")),
        ("2019-03", "2019-04-05T12:00:00Z", ("in ", "March 2019", "5 April 2019")),
        ("2019-04-01/2019-04-02", "2019-04-05T12:00:00Z", ("", "1–2 April 2019", "5 April 2019")),
        ("2019-04-04", "2019-04-05T12:00:00Z", None),
        ("2019-04-05", "2019-04-05T12:00:00Z", None),
        ("2019-04-01/..", "2019-04-05T12:00:00Z", None),
        ("2014-05", "2019-04-05T12:00:00Z", None),
        (None, "2019-04-05T12:00:00Z", None),
    ],
)  # fmt: skip
def test_late_is_what_was_first_reported_more_than_a_day_after_it_happened(
    occurred: str | None, recorded: str, remark: tuple[str, str, str] | None
) -> None:
    late = TRIPOLI.late(development(occurred, recorded), BEGAN)
    assert (late and (late[0], late[1].words, late[2].words)) == remark
