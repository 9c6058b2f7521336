"""Dates and instants: what is read, to which bounds, and what a refusal says."""

from zoneinfo import ZoneInfo

import pytest

from service.domain.times import (
    Occurred,
    TimeError,
    describe,
    end_of,
    format_instant,
    is_date,
    lower_bound,
    parse_instant,
    parse_occurred,
    start_of,
    upper_bound,
    valid_from,
)

TRIPOLI = ZoneInfo("Africa/Tripoli")
BERLIN = ZoneInfo("Europe/Berlin")
UTC = ZoneInfo("UTC")


def instant(text: str) -> int:
    return parse_instant(text)


def occurred(text: str, zone: ZoneInfo = UTC) -> Occurred:
    return parse_occurred(text, zone)


def refusal(text: str, zone: ZoneInfo = TRIPOLI) -> TimeError:
    with pytest.raises(TimeError) as refused:
        parse_occurred(text, zone)
    return refused.value


def spans(text: str, earliest: str, latest: str) -> bool:
    """Whether, in UTC, the text means these two days and all between them."""
    read = occurred(text)
    return (read.earliest, read.latest) == (
        instant(f"{earliest}T00:00:00Z"),
        instant(f"{latest}T23:59:59.999999Z"),
    )


# -- dates -----------------------------------------------------------------------------------


def test_given_a_date_when_read_then_it_is_the_whole_day_in_the_zone() -> None:
    read = occurred("2019-04-04", TRIPOLI)

    assert read == Occurred(
        text="2019-04-04",
        earliest=instant("2019-04-03T22:00:00Z"),
        latest=instant("2019-04-04T21:59:59.999999Z"),
        start_latest=instant("2019-04-04T21:59:59.999999Z"),
        interval=False,
    )


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("1966", "1966-01-01", "1966-12-31"),
        ("2019-04", "2019-04-01", "2019-04-30"),
        ("2020-02", "2020-02-01", "2020-02-29"),
        ("1900-02", "1900-02-01", "1900-02-28"),
        ("201X", "2010-01-01", "2019-12-31"),
        ("20XX", "2000-01-01", "2099-12-31"),
        ("2019-XX", "2019-01-01", "2019-12-31"),
        ("2019-XX-XX", "2019-01-01", "2019-12-31"),
        ("2019-04-XX", "2019-04-01", "2019-04-30"),
        ("2019-21", "2019-03-01", "2019-05-31"),
        ("2019-22", "2019-06-01", "2019-08-31"),
        ("2019-23", "2019-09-01", "2019-11-30"),
        ("2019-24", "2019-12-01", "2020-02-29"),
        ("9999", "9999-01-01", "9999-12-31"),
        ("0001", "0001-01-01", "0001-12-31"),
    ],
)
def test_given_an_imprecise_date_when_read_then_its_bounds_hold_all_it_can_mean(
    text: str, earliest: str, latest: str
) -> None:
    assert spans(text, earliest, latest)
    assert occurred(text).start_latest == occurred(text).latest
    assert not occurred(text).interval


@pytest.mark.parametrize("qualifier", ["?", "~", "%"])
@pytest.mark.parametrize("date", ["1966", "2019-04", "2019-04-04", "2019-21"])
def test_given_a_qualifier_when_read_then_the_bounds_are_not_widened(
    date: str, qualifier: str
) -> None:
    qualified, plain = occurred(date + qualifier), occurred(date)

    assert qualified.text == date + qualifier
    assert (qualified.earliest, qualified.latest) == (plain.earliest, plain.latest)


# -- intervals -------------------------------------------------------------------------------


def test_given_an_interval_of_dates_when_read_then_its_start_has_an_end_of_its_own() -> None:
    read = occurred("2019-04-14/2019-04-16")

    assert spans("2019-04-14/2019-04-16", "2019-04-14", "2019-04-16")
    assert read.start_latest == instant("2019-04-14T23:59:59.999999Z")
    assert read.interval


def test_given_a_start_less_precise_than_the_end_when_read_then_it_began_before_it_ended() -> None:
    read = occurred("2019/2019-04-05")

    assert spans("2019/2019-04-05", "2019-01-01", "2019-04-05")
    assert read.start_latest == read.latest


def test_given_an_end_less_precise_than_the_start_when_read_then_it_is_not_before_it() -> None:
    assert spans("2019-04-05/2019", "2019-04-05", "2019-12-31")


@pytest.mark.parametrize("text", ["1985-04-12/..", "1985-04-12/"])
def test_given_an_open_or_unknown_end_when_read_then_there_is_no_latest(text: str) -> None:
    read = occurred(text)

    assert read.earliest == instant("1985-04-12T00:00:00Z")
    assert read.start_latest == instant("1985-04-12T23:59:59.999999Z")
    assert read.latest is None


@pytest.mark.parametrize("text", ["../1985-04-12", "/1985-04-12"])
def test_given_an_open_or_unknown_start_when_read_then_only_the_latest_is_known(text: str) -> None:
    read = occurred(text)

    assert (read.earliest, read.start_latest) == (None, None)
    assert read.latest == instant("1985-04-12T23:59:59.999999Z")


def test_given_an_interval_of_instants_when_read_then_its_ends_are_those_instants() -> None:
    read = occurred("2019-04-04T16:25Z/2019-04-04T18:30:00+00:00")

    assert read.earliest == read.start_latest == instant("2019-04-04T16:25:00Z")
    assert read.latest == instant("2019-04-04T18:30:00Z")


def test_given_an_instant_and_an_open_end_when_read_then_it_goes_on() -> None:
    read = occurred("2019-04-04T16:25Z/..")

    assert read.earliest == read.start_latest == instant("2019-04-04T16:25:00Z")
    assert read.latest is None


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("2019-04-16/2019-04-14", "2019-04-14/2019-04-16"),
        ("2019-21/2019-01", "2019-01/2019-21"),
        ("2019-04-04T18:00Z/2019-04-04T16:00Z", "2019-04-04T16:00Z/2019-04-04T18:00Z"),
        # The clock shows a later hour, the offsets say that it was earlier.
        ("2019-04-04T16:00Z/2019-04-04T17:00+02:00", "2019-04-04T17:00+02:00/2019-04-04T16:00Z"),
    ],
)
def test_given_an_end_before_the_start_when_read_then_it_is_refused_and_turned_round(
    text: str, mended: str
) -> None:
    assert "ends before it starts" in str(refusal(text))
    assert refusal(text).suggestion == mended


# -- instants --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2019-04-04T16:25:00Z",
        "2019-04-04T16:25Z",
        "2019-04-04t16:25:00z",
        "2019-04-04T18:25:00+02:00",
        "2019-04-04T18:25 02:00",
        "2019-04-04T11:55-04:30",
        "2019-04-04T16:25:00.000Z",
        "2019-04-04T16:25:00-00:00",
    ],
)
def test_given_an_instant_in_any_form_allowed_when_read_then_it_is_the_same_instant(
    text: str,
) -> None:
    at = instant(text)

    assert format_instant(at) == "2019-04-04T16:25:00Z"
    assert occurred(text) == Occurred(text, at, at, at, interval=False)


def test_given_no_time_at_all_when_written_then_it_is_the_epoch() -> None:
    assert parse_instant("1970-01-01T00:00:00Z") == 0
    assert parse_instant("1970-01-01T00:00:00.000001Z") == 1


@pytest.mark.parametrize(
    ("fraction", "written"),
    [(".5", ".500000"), (".000001", ".000001"), (".1234569", ".123456"), (".0000009", "")],
)
def test_given_a_fraction_when_read_then_it_is_kept_to_the_microsecond(
    fraction: str, written: str
) -> None:
    at = instant(f"2019-04-04T16:25:00{fraction}Z")

    assert format_instant(at) == f"2019-04-04T16:25:00{written}Z"


def test_given_no_offset_when_read_then_the_refusal_suggests_that_of_the_zone() -> None:
    refused = refusal("2019-04-04T16:25", TRIPOLI)

    assert "has no offset" in str(refused)
    assert "Africa/Tripoli" in str(refused)
    assert refused.suggestion == "2019-04-04T16:25+02:00"


@pytest.mark.parametrize(
    ("text", "zone", "suggestion"),
    [
        ("2019-01-04T16:25:00", BERLIN, "2019-01-04T16:25:00+01:00"),
        ("2019-07-04T16:25:00", BERLIN, "2019-07-04T16:25:00+02:00"),
        ("2019-07-04T16:25:00.5", ZoneInfo("America/St_Johns"), "2019-07-04T16:25:00.5-02:30"),
        # Local mean time, 52 min 44 s: RFC 3339 has no offset with seconds.
        ("1900-01-01T10:00", TRIPOLI, "1900-01-01T09:07:16Z"),
        (
            "2019-04-04T16:25/2019-04-04T18:30Z",
            TRIPOLI,
            "2019-04-04T16:25+02:00/2019-04-04T18:30Z",
        ),
        (
            "2019-04-04T16:25/2019-04-04T18:30",
            TRIPOLI,
            "2019-04-04T16:25+02:00/2019-04-04T18:30+02:00",
        ),
    ],
)
def test_given_no_offset_when_read_then_the_suggestion_is_that_of_that_day(
    text: str, zone: ZoneInfo, suggestion: str
) -> None:
    assert refusal(text, zone).suggestion == suggestion


def test_given_no_offset_in_an_hour_that_came_twice_when_read_then_both_are_named() -> None:
    says = str(refusal("2019-10-27T02:30:00", BERLIN))

    assert "2019-10-27T02:30:00+02:00" in says
    assert "2019-10-27T02:30:00+01:00" in says


def test_given_no_offset_in_an_hour_that_was_skipped_when_read_then_it_says_so() -> None:
    refused = refusal("2019-03-31T02:30:00", BERLIN)

    assert "skipped" in str(refused)
    assert refused.suggestion == "2019-03-31T02:30:00+01:00"


def test_given_neither_offset_nor_zone_when_read_then_nothing_is_suggested() -> None:
    with pytest.raises(TimeError, match="has no offset") as refused:
        parse_instant("2019-04-04T16:25")
    assert refused.value.suggestion is None


# -- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2019-02-30", "2019-02-30 is no date: February 2019 has 28 days"),
        ("2019-02-29", "2019-02-29 is no date: February 2019 has 28 days"),
        ("2020-02-30", "2020-02-30 is no date: February 2020 has 29 days"),
        ("2019-04-31", "2019-04-31 is no date: April 2019 has 30 days"),
        ("2019-04-00", "2019-04-00 is no date: April 2019 has 30 days"),
        ("2019-13", "months go from 01 to 12"),
        ("2019-00", "months go from 01 to 12"),
        ("2019-25", "months go from 01 to 12"),
        ("2019-13-XX", "months go from 01 to 12"),
        ("2019-21-01", "months go from 01 to 12"),
        ("2019-21-XX", "a day of a season"),
        ("0000", "out of range"),
        ("0000-05-01", "out of range"),
        ("000X", "out of range"),
        ("-0001", "out of range"),
        ("-201X", "out of range"),
        ("Y12345", "out of range"),
        ("Y-170000002", "out of range"),
        ("9999-24", "out of range"),
        ("0001-01-01T00:00:00+00:01", "out of range"),
        ("9999-12-31T23:59:59-00:01", "out of range"),
        ("", "is no date"),
        ("..", "is no date"),
        ("yesterday", "is no"),
        ("2XXX", "is no date"),
        ("2019-XX-04", "is no date"),
        ("201X-04", "is no date"),
        ("201X?", "is no date"),
        ("?2019-04", "is no date"),
        ("2019?-04", "is no date"),
        ("[2018,2019]", "is no date"),
        ("٢٠١٩", "is no date"),
        ("/", "neither a start nor an end"),
        ("2019/2020/2021", "more than one slash"),
        ("2019-02-30/2019-03-01", "February 2019 has 28 days"),
        ("2019-04-04/2019-04-05T10:00Z", "mixes a date and an instant"),
        ("2019-04-04T25:00Z", "hours go from 00 to 23"),
        ("2019-04-04T24:00Z", "00:00 of the next day"),
        ("2019-04-04T24:00:00Z", "00:00 of the next day"),
        ("2019-04-04T24:00:01Z", "hours go from 00 to 23"),
        ("2019-04-04T23:60Z", "minutes go from 00 to 59"),
        ("2019-04-04T23:59:61Z", "seconds go from 00 to 59"),
        ("2016-12-31T23:59:60Z", "leap second"),
        ("2019-04-04T23:59+24:00", "offsets go from"),
        ("2019-04-04T23:59+02:60", "offsets go from"),
        ("2019-02-30T12:00Z", "February 2019 has 28 days"),
        ("2019-04T12:00Z", "is no instant"),
        ("2019-04-04T16:25:00.Z", "is no instant"),
        ("2019-04-04T16:25 Z", "is no instant"),
    ],
)
def test_given_what_cannot_be_read_then_the_refusal_says_why(text: str, says: str) -> None:
    assert says in str(refusal(text))


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("2019/04/04", "2019-04-04"),
        ("2019-4-4", "2019-04-04"),
        ("2019.04.04", "2019-04-04"),
        ("20190404", "2019-04-04"),
        (" 2019-04~ ", "2019-04~"),
        ("2019-04-04\n", "2019-04-04"),
        ("20190230", None),
        ("04/04/2019", None),
        ("2019-04-04 16:25Z", "2019-04-04T16:25Z"),
        ("2019-04-04 16:25", "2019-04-04T16:25+02:00"),
        ("2019-04-04T16:25:00,5 UTC", "2019-04-04T16:25:00.5Z"),
        ("2019-04-04T16:25+02", "2019-04-04T16:25+02:00"),
        ("2019-04-04T16:25-0230", "2019-04-04T16:25-02:30"),
        ("2019-4-4/2019-4-6", "2019-04-04/2019-04-06"),
        ("2019-4-6/2019-4-4", None),
        ("2019-4-4/soon", None),
    ],
)
def test_given_a_text_that_is_nearly_right_when_refused_then_the_right_one_is_suggested(
    text: str, suggestion: str | None
) -> None:
    assert refusal(text).suggestion == suggestion


def test_given_more_than_120_characters_when_read_then_every_reader_refuses() -> None:
    longest = "2019-04-04T16:25:00." + "0" * 99 + "Z"
    assert len(longest) == 120
    assert instant(longest) == instant("2019-04-04T16:25:00Z")

    for text in ("2019-04-04T16:25:00." + "0" * 100 + "Z", "2" * 121, "X" * 1_000_000):
        assert "at most 120 characters" in str(refusal(text))
        assert len(str(refusal(text))) < 200
        for read in (upper_bound, lower_bound, parse_instant):
            with pytest.raises(TimeError, match="at most 120 characters"):
                read(text, TRIPOLI)
        assert not is_date(text)


# -- bounds ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lower", "upper"),
    [
        ("2019", "2018-12-31T22:00:00Z", "2019-12-31T21:59:59.999999Z"),
        ("2019-04", "2019-03-31T22:00:00Z", "2019-04-30T21:59:59.999999Z"),
        ("2019-04-05", "2019-04-04T22:00:00Z", "2019-04-05T21:59:59.999999Z"),
        ("2019-04-05T10:00:00 02:00", "2019-04-05T08:00:00Z", "2019-04-05T08:00:00Z"),
    ],
)
def test_given_a_bound_when_read_then_a_date_is_its_first_or_last_microsecond(
    text: str, lower: str, upper: str
) -> None:
    assert lower_bound(text, TRIPOLI) == start_of(text, TRIPOLI) == instant(lower)
    assert upper_bound(text, TRIPOLI) == end_of(text, TRIPOLI) == instant(upper)


@pytest.mark.parametrize("text", ["2019-04-05~", "2019-XX", "2019-21", "2019/2020", "..", "", "x"])
def test_given_a_bound_that_is_no_plain_date_when_read_then_it_is_refused(text: str) -> None:
    assert not is_date(text)
    for read in (upper_bound, lower_bound, start_of, end_of):
        with pytest.raises(TimeError):
            read(text, TRIPOLI)


def test_given_a_bound_without_offset_when_read_then_the_zone_is_suggested() -> None:
    with pytest.raises(TimeError) as refused:
        upper_bound("2019-04-05T10:00", TRIPOLI)
    assert refused.value.suggestion == "2019-04-05T10:00+02:00"


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2019", True),
        ("2019-04", True),
        ("2019-04-05", True),
        ("2019-02-30", False),
        ("0000", False),
        ("2019-04-05T10:00Z", False),
        ("now", False),
    ],
)
def test_given_a_parameter_then_is_date_tells_dates_from_the_rest(text: str, date: bool) -> None:
    assert is_date(text) is date


# -- nights on which clocks are changed ------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "first", "last"),
    [
        # 00:00 does not exist: clocks go from 23:59:59 to 01:00.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T01:59:59.999999Z"),
        # Nor here, and the jump, from 23:30 to 00:30, began on the day before.
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30:00Z", "1919-04-01T03:59:59.999999Z"),
        # 00:00 comes twice: at 01:00 clocks go back to 00:00, all of it on one day.
        ("America/Havana", "2019-11-03", "2019-11-03T04:00:00Z", "2019-11-04T04:59:59.999999Z"),
        ("America/Havana", "2019-11-02", "2019-11-02T04:00:00Z", "2019-11-03T03:59:59.999999Z"),
        # 00:00 comes twice: at 00:01 clocks go back to 23:01, into the day before.
        ("America/St_Johns", "2006-10-29", "2006-10-29T03:30:00Z", "2006-10-30T03:29:59.999999Z"),
        ("America/St_Johns", "2006-10-28", "2006-10-28T02:30:00Z", "2006-10-29T03:29:59.999999Z"),
        ("Europe/Berlin", "2019-03-31", "2019-03-30T23:00:00Z", "2019-03-31T21:59:59.999999Z"),
        ("Europe/Berlin", "2019-10-27", "2019-10-26T22:00:00Z", "2019-10-27T22:59:59.999999Z"),
        # The day after was skipped, and so it ends where the day after that begins.
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", "2011-12-30T09:59:59.999999Z"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", "2011-12-31T09:59:59.999999Z"),
    ],
)
def test_given_a_night_when_clocks_changed_then_a_day_still_has_one_first_and_one_last_instant(
    zone: str, day: str, first: str, last: str
) -> None:
    assert start_of(day, ZoneInfo(zone)) == instant(first)
    assert end_of(day, ZoneInfo(zone)) == instant(last)


def test_given_the_ends_of_the_calendar_when_read_then_they_are_cut_to_what_utc_can_write() -> None:
    east, west = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")

    assert format_instant(start_of("0001", east)) == "0001-01-01T00:00:00Z"
    assert format_instant(end_of("9999", east)) == "9999-12-31T14:59:59.999999Z"
    assert format_instant(end_of("9999", west)) == "9999-12-31T23:59:59.999999Z"


def test_given_a_day_that_the_zone_skipped_when_read_then_it_is_refused() -> None:
    apia = ZoneInfo("Pacific/Apia")

    assert "did not exist in Pacific/Apia" in str(refusal("2011-12-30", apia))
    assert parse_occurred("2011-12-29/2011-12-31", apia).latest == end_of("2011-12", apia)


# -- valid from ------------------------------------------------------------------------------

REPORTED = instant("2019-04-05T12:00:00Z")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-04-03", "2019-04-03T23:59:59.999999Z"),
        ("2019-04-04T16:25Z", "2019-04-04T16:25:00Z"),
        ("2019-04-05", "2019-04-05T12:00:00Z"),
        ("2019-04", "2019-04-05T12:00:00Z"),
        ("2019-04-02/2019-04-04", "2019-04-02T23:59:59.999999Z"),
        ("2019-04-02/..", "2019-04-02T23:59:59.999999Z"),
        ("2019-04-02/", "2019-04-02T23:59:59.999999Z"),
    ],
)
def test_given_a_development_then_it_holds_from_when_it_had_certainly_begun(
    text: str, expected: str
) -> None:
    assert valid_from(occurred(text), REPORTED) == instant(expected)


@pytest.mark.parametrize("text", ["/2019-04-04", "../2019-04-04"])
def test_given_an_unknown_start_then_it_holds_from_no_instant(text: str) -> None:
    assert valid_from(occurred(text), REPORTED) is None
    assert valid_from(occurred(text), REPORTED, until=instant("2019-04-04T00:00:00Z")) is None


def test_given_figures_that_count_until_a_moment_then_they_hold_from_that_moment() -> None:
    fighting = occurred("2019-04-02/2019-04-04")

    assert valid_from(fighting, REPORTED, until=fighting.latest) == fighting.latest
    assert valid_from(fighting, REPORTED, until=REPORTED + 1) == REPORTED


# -- in words --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "zone", "words"),
    [
        ("2019-04-05T21:59:59.999999Z", TRIPOLI, "the end of 5 April 2019"),
        ("2019-04-05T21:59:59Z", TRIPOLI, "23:59:59 on 5 April 2019"),
        ("2019-04-05T22:00:00Z", TRIPOLI, "00:00 on 6 April 2019"),
        ("2019-04-04T14:25:00Z", TRIPOLI, "16:25 on 4 April 2019"),
        ("2019-04-04T14:25:07.900000Z", TRIPOLI, "16:25:07 on 4 April 2019"),
        ("2019-04-04T14:00:00Z", UTC, "14:00 on 4 April 2019"),
        ("2019-10-27T22:59:59.999999Z", BERLIN, "the end of 27 October 2019"),
        ("2011-12-30T09:59:59.999999Z", ZoneInfo("Pacific/Apia"), "the end of 29 December 2011"),
        ("9999-12-31T23:59:59.999999Z", UTC, "the end of 31 December 9999"),
        ("0001-01-01T00:00:00Z", ZoneInfo("America/New_York"), "00:00 UTC on 1 January 1"),
    ],
)
def test_given_an_instant_when_described_then_it_is_local_time_in_english(
    at: str, zone: ZoneInfo, words: str
) -> None:
    assert describe(instant(at), zone) == words
