"""Dates and instants on random texts, zones and nights, and against another reader of EDTF."""

import re
import warnings
from calendar import isleap
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from service.domain.times import (
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

with warnings.catch_warnings():
    # edtf-validate 2.0 calls pyparsing by names that pyparsing 3.3 calls deprecated.
    warnings.simplefilter("ignore")
    from edtf_validate.valid_edtf import conformsLevel1, is_valid

TRIPOLI = ZoneInfo("Africa/Tripoli")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST = (datetime.min.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
LAST = (datetime.max.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)

zones = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})).map(ZoneInfo)
instants = st.integers(FIRST, LAST)
lifetimes = st.dates(date(1840, 1, 1), date(2100, 12, 30))


def accepted(text: str, zone: ZoneInfo = TRIPOLI) -> bool:
    try:
        parse_occurred(text, zone)
    except TimeError:
        return False
    return True


# -- texts -----------------------------------------------------------------------------------

years = st.one_of(st.integers(1990, 2030), st.integers(0, 9999)).map("{:04}".format)
months = st.integers(0, 13).map("{:02}".format)
qualifiers = st.sampled_from(["", "", "?", "~", "%"])


def joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map("".join)


hyphen = st.just("-")
days = st.dates(date(1, 1, 1)).map(date.isoformat) | joined(
    years, hyphen, months, hyphen, st.integers(0, 32).map("{:02}".format)
)
plain = st.one_of(years, joined(years, hyphen, months), days)
qualified = joined(plain, qualifiers)
seasons = joined(years, hyphen, st.integers(20, 25).map(str), qualifiers)
unspecified = st.one_of(
    years.map(lambda year: year[:3] + "X"),
    years.map(lambda year: year[:2] + "XX"),
    years.map(lambda year: year + "-XX"),
    years.map(lambda year: year + "-XX-XX"),
    joined(years, hyphen, months, st.just("-XX")),
)
far = st.one_of(
    st.integers(1, 9999).map("-{:04}".format), st.integers(10000, 10**9).map("Y{}".format)
)
single = st.one_of(qualified, seasons, unspecified, far)


def local_times(first: date, last: date) -> st.SearchStrategy[datetime]:
    return st.builds(datetime.combine, st.dates(first, last), st.times())


clocks = st.builds(
    lambda at, offset: at.isoformat() + offset,
    local_times(date(2, 1, 1), date(9998, 12, 31)),
    st.sampled_from(["Z", "+02:00", "-03:30", " 05:45", ""]),
)
open_ends = st.sampled_from(["", ".."])


def intervals_of(ends: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(ends | open_ends, ends | open_ends).map("/".join)


readable = st.one_of(single, clocks, intervals_of(single), intervals_of(clocks))


@st.composite
def mutated(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    """A text with one to three characters lost, put in, changed or doubled."""
    text = draw(texts)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        other = draw(st.sampled_from("0123456789-/X?~%.Y[]{},Sx "))
        kept = draw(st.integers(-1, 1))
        text = text[: max(0, at)] + other * draw(st.integers(0, 1)) + text[max(0, at + kept) :]
    return text


# -- against edtf-validate -------------------------------------------------------------------
#
# The reader of others is the oracle for which texts are dates. We differ from it on purpose:
#
# 1. Years: only 0001-9999 are read. EDTF also has the year 0, years before it and Y12345.
# 2. 29 February: edtf-validate's grammar gives it to every year when a date stands alone; the
#    specification takes its dates from ISO 8601, so that it must exist.
# 3. White space: pyparsing skips tabs and line ends around a text; no EDTF text holds any.
# 4. A season with a qualifier: edtf-validate has it at level 2 alone, but at level 1 as the end
#    of an interval. The specification qualifies "a date (complete)", and a season is one.
# 5. An interval's end with X: edtf-validate has some at level 2. The contract says "intervals of"
#    level 1 dates, and so any two of these are joined.
# 6. Order: edtf-validate compares the first days of both ends, and so refuses 2019-04/2019,
#    which may well end after April. We refuse when the last possible end is before the start.
# 7. Seasons in order: edtf-validate lets their months overlap; here they are fixed.
# 8. Instants are RFC 3339 here, alone or in intervals; EDTF's have forms that RFC 3339 has not.
#    They have tests of their own, and are left out here.


def is_far(text: str) -> bool:
    """Difference 1."""
    return text.startswith(("-", "Y", "0000", "000X", "00XX", "9999-24"))


def is_false_leap_day(text: str) -> bool:
    """Difference 2."""
    found = re.fullmatch(r"([0-9]{4})-02-29[?~%]?", text)
    return found is not None and not isleap(int(found[1]))


def is_date_to_others(text: str) -> bool:
    if any(character.isspace() for character in text):
        return False  # 3
    if re.fullmatch(r"[0-9]{4}-2[1-4][?~%]", text):
        text = text[:-1]  # 4
    return bool(conformsLevel1(text)) and not is_far(text) and not is_false_leap_day(text)


@given(single | mutated(single))
@example("2019-02-29")
@example("2019-04\n")
@example("\t2019-04")
@example("2019-21~")
@example("0000")
@example("9999-24")
def test_one_date_is_read_where_another_reader_of_edtf_reads_it(text: str) -> None:
    assume("/" not in text)
    assert accepted(text) == is_date_to_others(text)


def is_interval_to_others(text: str) -> bool:
    start, end = text.split("/")
    if not all(part in ("", "..") or is_date_to_others(part) for part in (start, end)):
        return False
    bare_start, bare_end = start.rstrip("?~%"), end.rstrip("?~%")
    if bare_end and bare_start.startswith(bare_end):
        return bool(conformsLevel1(text))  # 6: the start lies within the end
    return bool(is_valid(text))


@given(intervals_of(qualified) | mutated(intervals_of(qualified)))
@example("2019-04/2019")
@example("2019-04-05/2019-04~")
@example("2019-02-29/2019")
@example("../..")
@example("/")
@example("2019?/..")
def test_an_interval_is_read_where_another_reader_of_edtf_reads_it(text: str) -> None:
    assume(text.count("/") == 1)
    assume("X" not in text)  # 5
    assume(not re.search(r"[0-9]{4}-2[1-4](?![0-9-])", text))  # 7
    assume(not any(is_far(part) for part in text.split("/")))  # 1: edtf-validate trips over some
    assert accepted(text) == is_interval_to_others(text)


@given(single, single)
def test_two_dates_that_are_read_alone_make_an_interval_unless_it_ends_too_early(
    start: str, end: str
) -> None:
    assume(accepted(start) and accepted(end))
    begins, ends = parse_occurred(start, TRIPOLI), parse_occurred(end, TRIPOLI)
    assert begins.earliest is not None
    assert ends.latest is not None

    assert accepted(f"{start}/{end}") == (begins.earliest <= ends.latest)


# -- what holds of every text ----------------------------------------------------------------

Reader = Callable[[str, ZoneInfo], object]


@pytest.mark.parametrize("read", [parse_occurred, parse_instant, upper_bound, lower_bound])
@given(text=st.one_of(st.text(), readable, mutated(readable)), zone=zones)
@example(text="2019-04-04T16:25:00." + "0" * 99, zone=TRIPOLI)
@example(text=" 2019-21 ", zone=TRIPOLI)
@example(text="0001-01-01T00:00:00", zone=TRIPOLI)
@example(text="9999-12-31T23:59:59", zone=ZoneInfo("America/New_York"))
def test_what_is_suggested_is_read_and_nothing_but_a_time_error_is_raised(
    read: Reader, text: str, zone: ZoneInfo
) -> None:
    suggestion = None
    try:
        read(text, zone)
    except TimeError as refused:
        suggestion = refused.suggestion
    if suggestion is not None:
        assert suggestion != text
        read(suggestion, zone)


@given(readable, zones, instants, st.none() | instants)
@example("2019/2019-04-05", TRIPOLI, 0, None)
def test_bounds_are_in_order_and_nothing_holds_before_it_began_or_after_its_report(
    text: str, zone: ZoneInfo, reported: int, until: int | None
) -> None:
    assume(accepted(text, zone))
    read = parse_occurred(text, zone)

    known = [at for at in (read.earliest, read.start_latest, read.latest) if at is not None]
    assert known == sorted(known)
    assert all(FIRST <= at <= LAST for at in known)
    assert (read.earliest is None) == (read.start_latest is None)

    holds = valid_from(read, reported, until)
    assert (holds is None) == (read.earliest is None)
    assert holds is None or holds <= reported


@given(plain, zones)
def test_a_plain_date_is_a_bound_exactly_when_it_is_a_date(text: str, zone: ZoneInfo) -> None:
    assume(not re.fullmatch(r"[0-9]{4}-2[1-4]", text))
    assert is_date(text) == accepted(text)
    if accepted(text, zone):
        read = parse_occurred(text, zone)
        assert (start_of(text, zone), end_of(text, zone)) == (read.earliest, read.latest)


# -- instants --------------------------------------------------------------------------------


@given(instants)
@example(FIRST)
@example(LAST)
def test_an_instant_written_and_read_is_the_same(at: int) -> None:
    text = format_instant(at)

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", text)
    assert parse_instant(text) == at
    assert parse_instant(text.lower()) == at


@given(local_times(date(2, 1, 1), date(9998, 12, 31)), st.integers(-1439, 1439))
def test_an_instant_with_an_offset_is_what_the_standard_library_makes_of_it(
    local: datetime, offset_minutes: int
) -> None:
    moment = local.replace(tzinfo=timezone(timedelta(minutes=offset_minutes)))
    expected = (moment - EPOCH) // timedelta(microseconds=1)

    assert parse_instant(moment.isoformat()) == expected
    assert parse_instant(moment.isoformat().replace("+", " ")) == expected


@given(local_times(date(1840, 1, 1), date(2100, 1, 1)), zones)
def test_the_offset_suggested_is_that_of_the_zone(local: datetime, zone: ZoneInfo) -> None:
    with pytest.raises(TimeError) as refused:
        parse_instant(local.isoformat(), zone)

    assert refused.value.suggestion is not None
    at = parse_instant(refused.value.suggestion)
    offset = local.replace(tzinfo=zone).utcoffset()
    assert offset is not None
    written_by_us = EPOCH + timedelta(microseconds=at)
    assert written_by_us.replace(tzinfo=None) + offset == local


# -- days in zones ---------------------------------------------------------------------------


def local_day(at: int, zone: ZoneInfo) -> date:
    return (EPOCH + timedelta(microseconds=at)).astimezone(zone).date()


def exists(day: date, zone: ZoneInfo) -> bool:
    return accepted(day.isoformat(), zone)


@st.composite
def nights(draw: st.DrawFn) -> tuple[date, ZoneInfo]:
    """A zone and a day: any, or one by which the zone's clocks were changed that year."""
    zone, day = draw(zones), draw(lifetimes)
    noons = [datetime(day.year, 1, 1, 12, tzinfo=zone) + timedelta(days=n) for n in range(365)]
    changed = [
        here.date() for here, there in pairwise(noons) if here.utcoffset() != there.utcoffset()
    ]
    if not changed:
        return day, zone
    return draw(st.sampled_from(changed)) + timedelta(days=draw(st.integers(-2, 2))), zone


@given(nights())
@example((date(2018, 11, 3), ZoneInfo("America/Sao_Paulo")))  # 24:00 -> 01:00
@example((date(1919, 3, 30), ZoneInfo("America/Toronto")))  # 23:30 -> 00:30
@example((date(2019, 11, 2), ZoneInfo("America/Havana")))  # 01:00 -> 00:00
@example((date(2006, 10, 28), ZoneInfo("America/St_Johns")))  # 00:01 -> 23:01
@example((date(2023, 4, 27), ZoneInfo("Africa/Cairo")))  # 24:00 -> 01:00
@example((date(1972, 1, 6), ZoneInfo("Africa/Monrovia")))  # 24:00 -> 00:44:30
@example((date(1969, 9, 30), ZoneInfo("Pacific/Kwajalein")))  # most of a day lived twice
@example((date(1867, 10, 18), ZoneInfo("America/Sitka")))  # a whole day lived twice
@example((date(2011, 12, 28), ZoneInfo("Pacific/Apia")))  # before the day before a skipped day
def test_each_day_ends_a_microsecond_before_the_next_begins(night: tuple[date, ZoneInfo]) -> None:
    day, zone = night
    following = day + timedelta(days=1)
    assume(exists(day, zone) and exists(following, zone))
    start, end = start_of(day.isoformat(), zone), end_of(day.isoformat(), zone)

    assert end + 1 == start_of(following.isoformat(), zone)
    assert local_day(start, zone) == local_day(end, zone) == day
    # Nothing that a clock there dates on this day or before comes after the day's end.
    for half_hours in range(72):
        assert local_day(end + 1 + half_hours * 1_800_000_000, zone) > day


@pytest.mark.parametrize(
    ("zone", "skipped"),
    [
        ("Pacific/Apia", date(2011, 12, 30)),
        ("Pacific/Kwajalein", date(1993, 8, 21)),
        ("Pacific/Kiritimati", date(1994, 12, 31)),
        ("Asia/Manila", date(1844, 12, 31)),
    ],
)
def test_a_skipped_day_leaves_no_hole_between_its_neighbours(zone: str, skipped: date) -> None:
    there = ZoneInfo(zone)
    before, after = skipped - timedelta(days=1), skipped + timedelta(days=1)

    assert not exists(skipped, there)
    assert end_of(before.isoformat(), there) + 1 == start_of(after.isoformat(), there)


@given(instants, zones)
@example(FIRST, ZoneInfo("America/New_York"))
@example(LAST, ZoneInfo("Pacific/Kiritimati"))
def test_every_instant_can_be_described_in_every_zone(at: int, zone: ZoneInfo) -> None:
    assert re.fullmatch(
        r"(the end of|\d\d:\d\d(:\d\d)?( UTC)? on) \d{1,2} [A-Z][a-z]+ \d{1,4}", describe(at, zone)
    )


@given(lifetimes, zones)
def test_the_end_of_a_day_is_described_as_its_end_and_its_neighbours_are_not(
    day: date, zone: ZoneInfo
) -> None:
    assume(exists(day, zone))
    end = end_of(day.isoformat(), zone)

    assert describe(end, zone).startswith(f"the end of {day.day} ")
    assert " on " in describe(end - 1, zone)
    assert " on " in describe(end + 1, zone)


@given(st.datetimes())
def test_an_instant_in_the_usual_form_is_read_as_in_any_other(at: datetime) -> None:
    usual = f"{at.replace(microsecond=0).isoformat()}Z"
    assert parse_instant(usual) == parse_instant(usual.lower())


@given(st.from_regex(r"[0-9W-]{10}[T ][0-9:.]{8}Z", fullmatch=True))
def test_what_only_looks_like_the_usual_form_is_read_or_refused_alike(text: str) -> None:
    """The library would read more: weeks, and times without seconds."""

    def read(said: str) -> int | str:
        try:
            return parse_instant(said)
        except TimeError:
            return "refused"

    assert read(text) == read(text[:-1] + "z")
