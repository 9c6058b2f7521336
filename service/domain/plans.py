"""A plan's dates: days in the plan's own time zone, else in the story's.

Rules for editors: pure, and remembered: situations repeat their plans reading after reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from service.domain import times
from service.domain.times import Instant

# A few thousand dates of about 200 bytes: every plan of many stories.
_REMEMBERED = 4096

end_of = lru_cache(maxsize=_REMEMBERED)(times.end_of)
"""`times.end_of`, remembered."""

_start_of = lru_cache(maxsize=_REMEMBERED)(times.start_of)


def zone_named(name: str | None) -> ZoneInfo | None:
    """Return the time zone of that name, None when there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


def plan_start(plan: Mapping[str, Any], zone: ZoneInfo) -> Instant | None:
    """Return the first instant of a plan, None when it is undated."""
    starts = plan.get("starts")
    return _start_of(starts, zone_named(plan.get("time_zone")) or zone) if starts else None


def plan_end(plan: Mapping[str, Any], zone: ZoneInfo) -> Instant | None:
    """Return when a plan's end passes: its `ends`, else its `starts`; None when undated."""
    text = plan.get("ends") or plan.get("starts")
    return end_of(text, zone_named(plan.get("time_zone")) or zone) if text else None
