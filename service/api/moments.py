"""Moments in parameters: text read into instants, in the zone of what is asked about."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from service.domain import times
from service.domain.refusals import Invalid
from service.domain.times import Instant, TimeError


def lower(name: str, text: str | None, zone: ZoneInfo) -> Instant | None:
    """Return a lower bound; a date means its start. Raises ``Invalid`` naming the parameter."""
    return _read(name, text, zone, times.lower_bound)


def upper(name: str, text: str | None, zone: ZoneInfo) -> Instant | None:
    """Return an upper bound; a date means its end. Raises ``Invalid`` naming the parameter."""
    return _read(name, text, zone, times.upper_bound)


def _read(
    name: str, text: str | None, zone: ZoneInfo, bound: Callable[[str, ZoneInfo], Instant]
) -> Instant | None:
    if text is None:
        return None
    try:
        return bound(text, zone)
    except TimeError as error:
        near = {name: [error.suggestion]} if error.suggestion else {}
        raise Invalid({name: [str(error)]}, near) from error
