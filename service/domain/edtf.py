"""Dates that say how much is known: EDTF level 1, read as calendar days.

Source: Extended Date/Time Format, Library of Congress, 4 February 2019 (ISO 8601-2). Read are the
date features of levels 0 and 1. Intervals and instants are put together in `times`.

Rules for editors: this file knows the calendar only, no zone and no instant. A text accepted once
is stored for ever, so that a form may be added here but never taken away or given other days.
Every refusal is a `TimeError` in plain English that tells how to mend the text.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

LONGEST_TEXT = 120
"""Characters: an interval of two instants to the nanosecond takes 71."""

REMEMBERED = 4096
"""Entries of a cache: reports fall on few days, and an import repeats its dates."""

# Not calendar.month_name, which follows the process's locale.
_MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

# EDTF gives 21-24 without months. The meteorological seasons of the northern hemisphere are
# taken, winter running into the next year: the bounds must be the same on every reading.
_SEASON_STARTS = {21: 3, 22: 6, 23: 9, 24: 12}

_PLAIN = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_QUALIFIED = re.compile(_PLAIN.pattern + r"[?~%]?")
_UNSPECIFIED = re.compile(
    r"(?P<years>[0-9]{3}X|[0-9]{2}XX)"
    r"|(?P<year>[0-9]{4})-XX(?:-XX)?"
    r"|(?P<month>[0-9]{4}-[0-9]{2})-XX"
)
_FAR_YEAR = re.compile(r"-[0-9]{2}[0-9X]{2}(?:[^0-9].*)?|Y-?[0-9]{5,}", re.DOTALL)
_NEARLY_DATE = re.compile(
    r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})|([0-9]{4})([0-9]{2})([0-9]{2})"
)


class TimeError(ValueError):
    """A text that is no date, instant or interval: says what is wrong and how to mend it.

    `suggestion` is a text to send instead where one can be given, else None.
    """

    def __init__(self, says: str, suggestion: str | None = None) -> None:
        super().__init__(says)
        self.suggestion = suggestion


class Days(NamedTuple):
    """The calendar days on one of which it happened, both included."""

    first: date
    last: date


def in_words(day: date) -> str:
    """A day in English, whatever the locale: `5 April 2019`."""
    return f"{day.day} {_MONTH_NAMES[day.month - 1]} {day.year}"


def check_length(text: str) -> None:
    """Refuse a text of more than `LONGEST_TEXT` characters, before anything else reads it."""
    if len(text) > LONGEST_TEXT:
        raise TimeError(
            f"A date or instant has at most {LONGEST_TEXT} characters, this one has {len(text)}:"
            " write only the date, as in 2019-04-04"
        )


@lru_cache(maxsize=REMEMBERED)
def plain_days(text: str) -> Days:
    """Read `YYYY`, `YYYY-MM` or `YYYY-MM-DD`: no qualifier, no X, no season.

    Raises TimeError when the text is none of these, or names a day that no calendar has.
    """
    check_length(text)
    match = _PLAIN.fullmatch(text)
    if match is None:
        raise TimeError(
            f"'{text}' is no plain date: write YYYY, YYYY-MM or YYYY-MM-DD",
            nearest_date(text, plain_days),
        )
    year, month, day = match.groups()
    if month is not None and int(month) in _SEASON_STARTS:
        raise TimeError(f"{text} is a season, and a plain date is wanted: write a month, 01 to 12")
    return _days(year, month, day)


def days(text: str) -> Days:
    """Read one EDTF level 1 date: the days that it may mean.

    The qualifiers ? ~ % are kept in the text and do not widen the days: nobody can say by how
    much. Raises TimeError for other forms, for days that no calendar has, and for years outside
    0001-9999.
    """
    check_length(text)
    match = _QUALIFIED.fullmatch(text)
    if match is not None:
        return _days(*match.groups())
    match = _UNSPECIFIED.fullmatch(text)
    if match is not None:
        return _unspecified(match)
    if _FAR_YEAR.fullmatch(text):
        raise TimeError(f"{text} is out of range: years go from 0001 to 9999")
    raise TimeError(
        f"'{text}' is no date that can be read: write YYYY, YYYY-MM or YYYY-MM-DD, where need be"
        " with one of ? ~ % at the end, or with XX for what is not known"
        " (2019-04-XX, 2019-XX-XX, 201X)",
        nearest_date(text, days),
    )


def nearest_date(text: str, read: Callable[[str], Days]) -> str | None:
    """The date probably meant by 2019/4/5, 2019.4.5, 20190405 or stray spaces; None if unclear.

    `read` refuses what the caller would: nothing is offered that would be refused in its turn.
    """
    bare = text.strip()
    match = _NEARLY_DATE.fullmatch(bare)
    if match is not None:
        bare = "{:0>4}-{:0>2}-{:0>2}".format(*(part for part in match.groups() if part))
    elif bare == text:
        return None
    try:
        read(bare)
    except TimeError:
        return None
    return bare


def _unspecified(match: re.Match[str]) -> Days:
    """The days of a date with X in place of its rightmost digits."""
    if match["years"] is not None:
        first, last = match["years"].replace("X", "0"), match["years"].replace("X", "9")
        return Days(_year(first).first, _year(last).last)
    if match["year"] is not None:
        return _year(match["year"])
    year, month = match["month"].split("-")
    if int(month) in _SEASON_STARTS:
        raise TimeError(f"{match[0]} names a day of a season: write a month, 01 to 12")
    return _month(year, month)


def _days(year: str, month: str | None, day: str | None) -> Days:
    if month is None:
        return _year(year)
    if day is None:
        return _season(year, month) if int(month) in _SEASON_STARTS else _month(year, month)
    length = _month(year, month).last.day
    if not 1 <= int(day) <= length:
        raise TimeError(
            f"{year}-{month}-{day} is no date:"
            f" {_MONTH_NAMES[int(month) - 1]} {year} has {length} days"
        )
    only = date(int(year), int(month), int(day))
    return Days(only, only)


def _year(year: str) -> Days:
    if year == "0000":
        raise TimeError("The year 0000 is out of range: years go from 0001 to 9999")
    return Days(date(int(year), 1, 1), date(int(year), 12, 31))


def _month(year: str, month: str) -> Days:
    first, _ = _year(year)
    if not 1 <= int(month) <= 12:
        raise TimeError(
            f"{year}-{month} is no month: months go from 01 to 12"
            " (and 21 to 24 are spring, summer, autumn and winter)"
        )
    first = first.replace(month=int(month))
    return Days(first, first.replace(day=monthrange(first.year, first.month)[1]))


def _season(year: str, season: str) -> Days:
    start = _SEASON_STARTS[int(season)]
    first = _month(year, f"{start:02}").first
    if start < 12:
        return Days(first, _month(year, f"{start + 2:02}").last)
    if first.year == date.max.year:
        raise TimeError(f"{year}-{season} is out of range: that winter ends after the year 9999")
    return Days(first, _month(f"{first.year + 1:04}", "02").last)
