"""When: instants, dates in a zone, and what `occurred` says about them.

Inside the code an instant is an `int`, microseconds since 1970-01-01T00:00:00Z; outside it is
RFC 3339. A date is a day in a zone, and its end is its last microsecond there, everywhere.

Rules for editors: no clock here, now is handed in. A day begins where the one before it ends, in
every zone and whatever its clocks do that night (`zones.midnight` says where). Answers of the past
hang on these bounds: they may not move. Every refusal is a `TimeError` that tells how to mend the
text, and every suggestion it offers is a text that is accepted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from service.domain.edtf import (
    REMEMBERED,
    Days,
    check_length,
    days,
    in_words,
    nearest_date,
    plain_days,
)
from service.domain.edtf import (
    TimeError as TimeError,
)
from service.domain.zones import DAY, EPOCH, EPOCH_DAY, FIRST, LAST, SECOND, midnight, offsets_at
from service.domain.zones import Instant as Instant

_MINUTE = 60 * SECOND
_HOUR = 60 * _MINUTE

_OPEN_ENDS = ("", "..")

_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?"
    r"(?:[Zz]|([+\- ])([0-9]{2}):([0-9]{2}))?"
)
_NEARLY_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?)"
    r" ?(?:([Zz]|UTC|GMT)|([+-])([0-9]{2}):?([0-9]{2})?)?"
)


@dataclass(frozen=True, slots=True)
class Occurred:
    """When a development happened: the text as given, and the bounds of what it can mean.

    `earliest` and `latest` are the first and the last microsecond at which it can have been going
    on; `start_latest` is the last at which it can have begun, the same as `latest` unless this is
    an `interval`. None stands for a start (`earliest`, `start_latest`) or an end (`latest`) that
    is unknown or open.
    """

    text: str
    earliest: Instant | None
    latest: Instant | None
    start_latest: Instant | None
    interval: bool


@lru_cache(maxsize=REMEMBERED)
def parse_occurred(text: str, zone: ZoneInfo) -> Occurred:
    """Read a development's `occurred`; dates are days in `zone`.

    An EDTF level 1 date, an interval of such dates, an instant (RFC 3339) or an interval of
    instants. Either end of an interval may be open (`..`) or unknown (empty). Raises TimeError
    for anything else, an end before the start, and years outside 0001-9999.
    """
    check_length(text)
    slashes = text.count("/")
    if slashes == 1:
        return _interval(text, zone)
    if slashes > 1:
        raise TimeError(
            f"'{text}' has more than one slash: write a date as 2019-04-05, an interval as"
            " 2019-04-05/2019-04-07",
            nearest_date(text, days),
        )
    earliest, latest = _bounds(text, zone)
    return Occurred(text, earliest, latest, latest, interval=False)


def valid_from(
    occurred: Occurred, first_recorded_at: Instant, until: Instant | None = None
) -> Instant | None:
    """The instant from which what a development says holds; None when its start is unknown.

    By then it had certainly begun: the earlier of `start_latest` and its first report, which
    cannot precede what it reports. Figures that count up to a moment (casualties) hold from that
    moment instead: their caller gives it as `until`, for want of one the interval's `latest`.
    """
    if occurred.start_latest is None:
        return None
    return min(occurred.start_latest if until is None else until, first_recorded_at)


def parse_instant(text: str, zone: ZoneInfo | None = None) -> Instant:
    """Read an instant: RFC 3339, section 5.6, with an offset.

    Seconds may be left out; a space in the place of an offset's `+` is read as `+`, since a URL
    turns one into the other; digits beyond the microsecond are cut off. Raises TimeError: without
    an offset its suggestion is the text with that of `zone` at that time.
    """
    if len(text) == 20 and (at := _usual_instant(text)) is not None:
        return at
    check_length(text)
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise _not_an_instant(text, zone)
    on, hour, minute, second, fraction, sign, offset_hour, offset_minute = match.groups()
    local = (plain_days(on).first.toordinal() - EPOCH_DAY) * DAY
    local += _time_of_day(text, int(hour), int(minute), int(second or 0))
    if fraction is not None:
        local += int(f"{fraction:0<6.6}")
    if sign is not None:
        return _utc(text, local, sign, int(offset_hour), int(offset_minute))
    if text[-1] in "Zz":
        return local
    raise _no_offset(text, local, zone)


def _usual_instant(text: str) -> Instant | None:
    """Read an instant of the usual form, ``2019-04-04T16:25:00Z``; None for any other text."""
    # The library reads more than this: of 24:00, that of a later Python makes the next day.
    if text[4::3] != _USUAL or text[11:13] == "24":
        return None
    try:
        since = datetime.fromisoformat(text[:-1]) - EPOCH
    except ValueError:
        return None
    return since.days * DAY + since.seconds * SECOND


_USUAL = "--T::Z"
"""Every third character of such a text, from the fifth on."""


@lru_cache(maxsize=REMEMBERED)
def format_instant(at: Instant) -> str:
    """Write an instant as RFC 3339 in UTC: `2019-04-04T16:25:00Z`.

    A fraction is written only when it is not zero, and then with six digits. Raises OverflowError
    outside the years 0001-9999, where no function of this module gives an instant.
    """
    return (EPOCH + timedelta(microseconds=at)).isoformat() + "Z"


def is_date(text: str) -> bool:
    """Whether the text is a plain date (`YYYY`, `YYYY-MM`, `YYYY-MM-DD`) that the calendar has."""
    try:
        plain_days(text)
    except TimeError:
        return False
    return True


def end_of(text: str, zone: ZoneInfo) -> Instant:
    """The last microsecond in `zone` of a plain date; an instant is its own end.

    Raises TimeError when the text is neither.
    """
    if _is_clock(text):
        return parse_instant(text, zone)
    return _day_bounds(plain_days(text), text, zone)[1]


def start_of(text: str, zone: ZoneInfo) -> Instant:
    """The first microsecond in `zone` of a plain date; an instant is its own start.

    Raises TimeError when the text is neither.
    """
    if _is_clock(text):
        return parse_instant(text, zone)
    return _day_bounds(plain_days(text), text, zone)[0]


def upper_bound(text: str, zone: ZoneInfo) -> Instant:
    """What a parameter that bounds from above (`as_of`, `until`, `to`) means: see `end_of`."""
    return end_of(text, zone)


def lower_bound(text: str, zone: ZoneInfo) -> Instant:
    """What a parameter that bounds from below (`since`, `from`) means: see `start_of`."""
    return start_of(text, zone)


def describe(at: Instant, zone: ZoneInfo) -> str:
    """An instant in English, for a basis' sentence; local time in `zone`.

    `the end of 5 April 2019` for the last microsecond of a day, else `16:25 on 4 April 2019`,
    with seconds where they are not zero. Where the local year would not be one of 0001-9999 the
    time is given in UTC and says so.
    """
    moment = (EPOCH + timedelta(microseconds=at)).replace(tzinfo=UTC)
    unit = ""
    try:
        moment = moment.astimezone(zone)
    except OverflowError:
        unit = " UTC"
    on = in_words(moment)
    if not unit and at == midnight(moment.toordinal() + 1, zone) - 1:
        return f"the end of {on}"
    return f"{moment:%H:%M:%S}".removesuffix(":00") + f"{unit} on {on}"


def _is_clock(text: str) -> bool:
    """Whether the text means an instant rather than a date: it has a time of day."""
    return ":" in text or "T" in text or "t" in text


def _bounds(text: str, zone: ZoneInfo) -> tuple[Instant, Instant]:
    """The first and the last microsecond of one date or instant."""
    if _is_clock(text):
        at = parse_instant(text, zone)
        return at, at
    return _day_bounds(days(text), text, zone)


def _interval(text: str, zone: ZoneInfo) -> Occurred:
    start, end = text.split("/")
    if not start and not end:
        raise TimeError("'/' names neither a start nor an end: write at least one of them")
    clocks = {_is_clock(part) for part in (start, end) if part not in _OPEN_ENDS}
    if len(clocks) == 2:
        raise TimeError(
            f"{text} mixes a date and an instant: write two dates, or two instants with offsets"
        )
    (earliest, start_latest), (_, latest) = _both_ends(text, start, end, zone)
    if earliest is not None and latest is not None and latest < earliest:
        raise TimeError(
            f"{text} ends before it starts: write the earlier one first", f"{end}/{start}"
        )
    if start_latest is not None and latest is not None:
        # In 2019/2019-04-05 the start is no later than the end, though 2019 goes on.
        start_latest = min(start_latest, latest)
    return Occurred(text, earliest, latest, start_latest, interval=True)


def _both_ends(
    text: str, start: str, end: str, zone: ZoneInfo
) -> list[tuple[Instant, Instant] | tuple[None, None]]:
    """The bounds of both ends; a refusal offers the whole interval with each bad end mended."""
    bounds: list[tuple[Instant, Instant] | tuple[None, None]] = []
    mended: list[str | None] = []
    refusal: TimeError | None = None
    for part in (start, end):
        try:
            bounds.append((None, None) if part in _OPEN_ENDS else _bounds(part, zone))
            mended.append(part)
        except TimeError as error:
            refusal = refusal or error
            mended.append(error.suggestion)
    if refusal is None:
        return bounds
    offer = None if None in mended else "/".join(part for part in mended if part is not None)
    raise TimeError(str(refusal), _accepted(offer, zone))


def _day_bounds(of: Days, text: str, zone: ZoneInfo) -> tuple[Instant, Instant]:
    """The first and the last microsecond in `zone` of some days; `text` is for the refusal."""
    earliest = midnight(of.first.toordinal(), zone)
    latest = midnight(of.last.toordinal() + 1, zone) - 1
    if latest < earliest:
        raise TimeError(
            f"{text} did not exist in {zone.key}, where the calendar skipped that day:"
            " write the day before or after"
        )
    return earliest, latest


def _time_of_day(text: str, hour: int, minute: int, second: int) -> int:
    """Microseconds since midnight. Raises TimeError for what no clock shows."""
    if hour == 24 and minute == second == 0:
        raise TimeError(f"{text} says 24:00: write 00:00 of the next day")
    if hour > 23:
        raise TimeError(f"{text} is no time: hours go from 00 to 23")
    if minute > 59:
        raise TimeError(f"{text} is no time: minutes go from 00 to 59")
    if second == 60:
        raise TimeError(
            f"{text} names a leap second, which cannot be held: write second 59,"
            " or second 00 of the next minute"
        )
    if second > 60:
        raise TimeError(f"{text} is no time: seconds go from 00 to 59")
    return hour * _HOUR + minute * _MINUTE + second * SECOND


def _utc(text: str, local: int, sign: str, hour: int, minute: int) -> Instant:
    """A local time under the offset that the text names, as an instant."""
    if hour > 23 or minute > 59:
        raise TimeError(f"{text} has no such offset: offsets go from -23:59 to +23:59")
    ahead = hour * _HOUR + minute * _MINUTE
    at = local + ahead if sign == "-" else local - ahead
    if not FIRST <= at <= LAST:
        raise TimeError(f"{text} is out of range: in UTC, years go from 0001 to 9999")
    return at


def _no_offset(text: str, local: int, zone: ZoneInfo | None) -> TimeError:
    """The refusal of an instant without offset: it offers that of `zone` at that local time."""
    if zone is None:
        return TimeError(f"{text} has no offset: end it in Z for UTC, or in one such as +02:00")
    before, after = offsets_at(local, zone)
    offer = _with_offset(text, local, before)
    says = f"{text} has no offset: in {zone.key} it is {offer}"
    if after < before:
        says += f" or, as that hour came twice, {_with_offset(text, local, after)}"
    elif after > before:
        says += " (by the offset before: clocks there skipped that time)"
    return TimeError(says, _accepted(offer, zone))


def _with_offset(text: str, local: int, offset: int) -> str:
    if offset % _MINUTE:
        # Local mean times of old have seconds, which RFC 3339's offsets have not.
        return format_instant(max(FIRST, min(local - offset, LAST)))
    hours, minutes = divmod(abs(offset) // _MINUTE, 60)
    return f"{text}{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"


def _not_an_instant(text: str, zone: ZoneInfo | None) -> TimeError:
    """The refusal of what is not RFC 3339: it offers the nearest instant that is."""
    offer = None
    match = _NEARLY_INSTANT.fullmatch(text.strip())
    if match is not None:
        on, clock, utc, sign, hour, minute = match.groups()
        offset = "Z" if utc else f"{sign}{hour}:{minute or '00'}" if sign else ""
        offer = f"{on}T{clock.replace(',', '.')}{offset}"
        try:
            parse_instant(offer, zone)
        except TimeError as error:
            offer = error.suggestion
    return TimeError(
        f"'{text}' is no instant that can be read: write date, T, time and offset,"
        " as in 2019-04-04T16:25:00Z or 2019-04-04T18:25+02:00",
        offer,
    )


def _accepted(offer: str | None, zone: ZoneInfo) -> str | None:
    """The offer, unless it would be refused in its turn (too long, out of range, out of order)."""
    try:
        return None if offer is None else parse_occurred(offer, zone).text
    except TimeError:
        return None
