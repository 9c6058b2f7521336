"""Times as a reader sees them: absolute, in the story's zone, the UTC time in the title.

Rules for editors: English without the process's locale, and no clock: a page says when, never
how long ago. What was given as a day is never shown with a time of day, and what was given
roughly is shown as roughly as it was given.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from service.domain import times
from service.domain.edtf import in_words
from service.domain.times import TimeError

DAY = 86_400_000_000
"""A day in microseconds."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SEASONS = {21: "spring", 22: "summer", 23: "autumn", 24: "winter"}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUALIFIED = re.compile(r"(.+?)([?~%]?)")
_SAYS = {"": "{}", "~": "about {}", "?": "{} (uncertain)", "%": "about {} (uncertain)"}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class When:
    """A time on a page: its words, its value for machines (None where HTML has none), its title."""

    words: str
    machine: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """Says times in one zone. It shows what it is handed; it never tells the time."""

    zone: ZoneInfo

    @property
    def place(self) -> str:
        """The zone's city, as the basis' sentence names it."""
        return self.zone.key.rpartition("/")[2].replace("_", " ")

    def instant(self, text: str | None) -> When:
        """Return an instant (RFC 3339) to the minute; the last moment of a day as that day."""
        if text is None:
            return When("at an unknown time")
        at = times.parse_instant(text)
        local = self._local(at)
        if self._ends_a_day(at):
            return self.day(text)
        return When(f"{in_words(local)}, {_minute(local)}", text, _utc(at))

    def day(self, text: str | None) -> When:
        """Return the day on which an instant (RFC 3339) lies, without the time of day."""
        if text is None:
            return When("at an unknown time")
        at = times.parse_instant(text)
        return When(in_words(self._local(at)), text, _utc(at))

    def recorded(self, version: dict[str, Any]) -> When:
        """Return when a version was put on record, no finer than an archive knew it."""
        text = version["recorded_at"]
        by_day = version.get("recorded_precision") == "day"
        return self.day(text) if by_day else self.instant(text)

    def moment(self, text: str | None, zone: str | None = None) -> When:
        """Return a date or instant as it was given in details; ``zone`` is the plan's own."""
        if text is None:
            return When("no date")
        own = Clock(ZoneInfo(zone)) if zone else self
        return own.occurred(text)

    def occurred(self, text: str | None) -> When:
        """Return what ``occurred`` says, an EDTF date or interval or an instant, in words."""
        if not text:
            return When("at an unknown time")
        if "/" in text:
            return When(self._interval(*text.split("/", 1)), None, self._bounds(text))
        if _is_instant(text):
            return self.instant(text)
        plain = text if times.is_date(text) else None
        return When(_rough(text), plain, self._bounds(text))

    def heading(self, development: dict[str, Any]) -> When:
        """Return the heading under which the timeline lists a development: its day, mostly.

        What is known to the month or the year only stands under these, unless it was reported
        before they were over: then the day of the report decides its place.
        """
        text = development.get("occurred") or ""
        listed = development["valid_from"] or development["first_recorded_at"]
        rough = "/" not in text and not _is_instant(text) and not _DATE.match(text)
        if text and rough and development["valid_from"] == development["occurred_latest"]:
            return When(_capital(_rough(text.rstrip("?~%"))))
        at = times.parse_instant(listed)
        local = self._local(at)
        return When(f"{WEEKDAYS[local.weekday()]} {in_words(local)}", local.date().isoformat())

    def beside(self, development: dict[str, Any], heading: When) -> When | None:
        """Return what stands beside a development under its heading: only what that leaves out."""
        text = development.get("occurred") or ""
        said = self.occurred(text)
        on = f"{heading.words.partition(' ')[2]}, "
        if _is_instant(text) and said.words.startswith(on):
            return When(said.words.removeprefix(on), said.machine, said.title)
        if said.words == heading.words or (said.machine and said.machine == heading.machine):
            return None
        return said

    def late(self, development: dict[str, Any], began: int) -> tuple[str, When, When] | None:
        """Return (preposition, when it happened, when it was first reported) of a late report.

        Late is what was first recorded more than a day after it happened; what had happened
        before the story ``began`` (microseconds) is its background, and not late.
        """
        latest = development.get("occurred_latest")
        first = development["first_recorded_at"]
        if latest is None or not development.get("occurred"):
            return None
        happened = times.parse_instant(latest)
        if happened < began or times.parse_instant(first) - happened <= DAY:
            return None
        said = self.occurred(development["occurred"])
        whole_day = said.machine is not None and len(said.machine) >= len("2019-04-03")
        if "/" in development["occurred"]:
            preposition = ""
        else:
            preposition = "on " if whole_day else "in "
        return preposition, said, self.day(first)

    def _interval(self, start: str, end: str) -> str:
        if start in ("", ".."):
            return f"until {self.occurred(end).words}"
        if end in ("", ".."):
            open_end = f"from {self.occurred(start).words}"
            return open_end if end else f"{open_end}, until when is not known"
        if _DATE.fullmatch(start) and _DATE.fullmatch(end) and start[:7] == end[:7]:
            return f"{date.fromisoformat(start).day}–{in_words(date.fromisoformat(end))}"
        first, last = self.occurred(start).words, self.occurred(end).words
        day, comma, minute = last.rpartition(", ")
        if comma and first.startswith(f"{day}, "):
            return f"{first}–{minute}"
        return f"{first} to {last}"

    def _bounds(self, text: str) -> str | None:
        """The first and the last instant that a text can mean, in UTC."""
        try:
            found = times.parse_occurred(text, self.zone)
        except TimeError:
            return None
        first, last = found.earliest, found.latest
        begins = "" if first is None else f"from {_utc(first)}"
        return f"{begins} {'' if last is None else f'to {_utc(last)}'}".strip() or None

    def _ends_a_day(self, at: int) -> bool:
        return times.describe(at, self.zone).startswith("the end of")

    def _local(self, at: int) -> datetime:
        moment = _EPOCH + timedelta(microseconds=at)
        try:
            return moment.astimezone(self.zone)
        except OverflowError:
            return moment


def _is_instant(text: str) -> bool:
    return ":" in text


def _minute(local: datetime) -> str:
    return f"{local:%H:%M}"


def _utc(at: int) -> str:
    moment = _EPOCH + timedelta(microseconds=at)
    return f"{moment:%H:%M} UTC on {in_words(moment)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _rough(text: str) -> str:
    """One EDTF level 1 date in words, its qualifier included."""
    found = _QUALIFIED.fullmatch(text)
    assert found is not None, "a stored text is not empty"
    return _SAYS[found[2]].format(_plain(found[1]))


def _plain(text: str) -> str:
    if text.endswith("XX") and "-" not in text:
        return f"between {text[:2]}00 and {text[:2]}99"
    if text.endswith("X") and "-" not in text:
        return f"the {text[:3]}0s"
    year, *rest = [part for part in text.split("-") if part != "XX"]
    if not rest:
        return year
    month = int(rest[0])
    if month in SEASONS:
        following = f"–{(int(year) + 1) % 100:02}" if month == 24 else ""
        return f"{SEASONS[month]} {year}{following}"
    day = int(rest[1]) if len(rest) > 1 else 1
    said = in_words(date(int(year), month, day))
    return said if len(rest) > 1 else said.partition(" ")[2]
