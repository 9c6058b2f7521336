"""Zones: when a day begins in one, and what its clocks are ahead of UTC.

Times here are whole microseconds: instants since 1970-01-01T00:00:00Z, local ones since the same
words on a zone's clocks.

Rules for editors: answers of the past hang on these bounds; they may not move.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from service.domain.edtf import REMEMBERED

Instant = int
"""Microseconds since 1970-01-01T00:00:00Z; between the years 0001 and 9999 in UTC."""

MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
DAY = 24 * 60 * 60 * SECOND

EPOCH_DAY = date(1970, 1, 1).toordinal()
EPOCH = datetime.fromordinal(EPOCH_DAY)
LAST_DAY = date.max.toordinal()

FIRST: Instant = (date.min.toordinal() - EPOCH_DAY) * DAY
LAST: Instant = (LAST_DAY + 1 - EPOCH_DAY) * DAY - 1
"""The ends of the calendar, as far as RFC 3339 can write them in UTC."""


@lru_cache(maxsize=REMEMBERED)
def midnight(day: int, zone: ZoneInfo) -> Instant:
    """The instant at which a local day (proleptic ordinal) begins and the one before it ends.

    From then on no clock there shows an earlier day: where midnight comes twice it is the first,
    unless clocks went back into the day before; where it is skipped, the moment of the jump. At
    the ends of the calendar it is cut to what RFC 3339 can write in UTC.
    """
    local = (day - EPOCH_DAY) * DAY
    if day > LAST_DAY:
        # No datetime holds that midnight; the offset is taken a second before it.
        at = local - offsets_at(local - SECOND, zone)[1]
    else:
        before, after = offsets_at(local, zone)
        if after > before:
            at = _jump_over(local, before, after, zone)
        elif after == before or _came_twice(local - SECOND, zone):
            at = local - after
        else:
            at = local - before
    return max(FIRST, min(at, LAST + 1))


def _jump_over(local: int, before: int, after: int, zone: ZoneInfo) -> Instant:
    """When clocks that went forward over the local time `local` did so, to the second."""
    too_early, jumped = local - after, local - before
    while jumped - too_early > SECOND:
        middle = too_early + (jumped - too_early) // (2 * SECOND) * SECOND
        shown = (EPOCH + timedelta(microseconds=middle)).replace(tzinfo=UTC).astimezone(zone)
        if shown.replace(tzinfo=None) < EPOCH + timedelta(microseconds=local):
            too_early = middle
        else:
            jumped = middle
    return jumped


def _came_twice(local: int, zone: ZoneInfo) -> bool:
    before, after = offsets_at(local, zone)
    return after < before


def offsets_at(local: int, zone: ZoneInfo) -> tuple[int, int]:
    """What `zone` is ahead of UTC at a local time, all in microseconds.

    Two offsets, before and after the clocks were changed, which differ (PEP 495) only at a time
    that came twice (the second is the smaller) or never (the second is the greater).
    """
    moment = (EPOCH + timedelta(microseconds=local)).replace(tzinfo=zone)
    before, after = moment.utcoffset(), moment.replace(fold=1).utcoffset()
    if before is None or after is None:
        raise AssertionError("a ZoneInfo has an offset at every time")
    return before // MICROSECOND, after // MICROSECOND
