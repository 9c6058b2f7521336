"""Which moment a page is asked for, and the addresses of pages: the address is all the state.

Rules for editors: a parameter that no page knows is ignored, and so is an empty one; one that a
page knows is never half understood: it is followed or refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from service.asof import Asked, Basis
from service.domain import times
from service.domain.refusals import Invalid
from service.domain.times import TimeError

AS_TOLD, HINDSIGHT, NOW = "as_told", "hindsight", "now"
"""What the form's buttons ask for."""

POSITION_DIGITS = 18
"""Digits of a position at most: what every store counts up to."""


def asked(args: Mapping[str, str]) -> Asked:
    """Return the moments that an address names. Raises ``Invalid`` for a position that is none."""
    position = _given(args, "position")
    if position is not None and not _is_number(position):
        raise Invalid({"position": ["A position is a whole number."]})
    return Asked(
        as_of=_given(args, "as_of"),
        known_at=_given(args, "known_at"),
        position=None if position is None else int(position),
    )


def chosen(args: Mapping[str, str], zone: Callable[[], ZoneInfo]) -> Asked | None:
    """Return what the as-of form asks for; None when it was not sent.

    A time without an offset is meant in the story's ``zone``. Raises ``Invalid`` for what is no
    date and no time, and for a reading of the past without a moment.
    """
    reading = _given(args, "reading")
    text = _given(args, "at")
    if reading is None and text is None:
        return None
    if reading == NOW:
        return Asked()
    if text is None:
        raise Invalid({"at": ["Write the date or time that you ask about."]})
    text = _read(text, zone())
    return Asked(as_of=text) if reading == HINDSIGHT else Asked(known_at=text)


def _read(text: str, zone: ZoneInfo) -> str:
    try:
        times.upper_bound(text, zone)
    except TimeError as error:
        if error.suggestion is None:
            raise Invalid({"at": [_for_people(error)]}) from error
        return error.suggestion
    return text


def _for_people(error: TimeError) -> str:
    return f"{error}."


@dataclass(frozen=True, slots=True)
class Address:
    """The addresses of one story's pages and readings, at the moment that was asked for."""

    slug: str
    asked: Asked

    @property
    def path(self) -> str:
        """The story's own address."""
        return f"/stories/{self.slug}"

    @property
    def now(self) -> str:
        """The story as it stands."""
        return self.path

    @property
    def story(self) -> str:
        """The story at this moment."""
        return self._here(self.path)

    @property
    def corrections(self) -> str:
        """The story's corrections as known at this moment."""
        return self._here(f"{self.path}/corrections")

    def development(self, development: str) -> str:
        """One development at this moment."""
        return self._here(self.latest(development))

    def latest(self, development: str) -> str:
        """One development as it reads now, whatever the moment: its permanent address."""
        return f"{self.path}/developments/{development}"

    def older(self, after: str) -> str:
        """The page of the timeline that goes on after ``after``."""
        return self._here(self.path, after=after)

    def older_corrections(self, before: int) -> str:
        """The page of the corrections log below a position."""
        return self._here(f"{self.path}/corrections", before=before)

    def as_told(self, text: str) -> str:
        """The story as it was told at a moment."""
        return replace(self, asked=Asked(known_at=text)).story

    def hindsight(self, text: str) -> str:
        """The story at a moment, told with all that is known now."""
        return replace(self, asked=Asked(as_of=text)).story

    def data(self, noun: str) -> str:
        """The same for programs: ``situation`` and ``developments``."""
        return self._here(f"/v1/stories/{self.slug}/{noun}")

    @property
    def history(self) -> str:
        """How the story came about, for programs: the whole of it, whatever the moment."""
        return f"/v1/stories/{self.slug}/history"

    def _here(self, path: str, **more: Any) -> str:
        asked = self.asked
        named = {
            **more,
            "as_of": asked.as_of,
            "known_at": asked.known_at,
            "position": asked.position,
        }
        query = {name: value for name, value in named.items() if value is not None}
        return f"{path}?{urlencode(query, safe=':')}" if query else path


def moment_of(asked: Asked, basis: Basis) -> str:
    """Return the moment that a page of the past is about, as it was asked for."""
    return asked.as_of or asked.known_at or times.format_instant(basis.as_of)


def after_of(args: Mapping[str, str]) -> list[int] | None:
    """Return from where a page of the timeline goes on; None for its beginning.

    Raises ValueError for what no page ever linked to.
    """
    text = _given(args, "after")
    if text is None:
        return None
    valid_from, occurred_latest, development = (_number(part) for part in text.split("_"))
    return [valid_from, occurred_latest, development]


def after_text(key: list[int]) -> str:
    """Return a page's end as it stands in the address of the next one."""
    return "_".join(str(part) for part in key)


def before_of(args: Mapping[str, str]) -> int | None:
    """Return below which position a log goes on; None for its beginning.

    Raises ValueError for what is no position.
    """
    text = _given(args, "before")
    return None if text is None else _number(text)


def _number(text: str) -> int:
    digits = text.removeprefix("-")
    if not _is_number(digits):
        raise ValueError(f"{text!r} is no number that a page links to")
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= POSITION_DIGITS


def _given(args: Mapping[str, str], name: str) -> str | None:
    return args.get(name, "").strip() or None
