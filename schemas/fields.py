"""The fields that shapes are made of: one JSON value each, checked and handed on untouched.

A field answers two questions: what is wrong with a value (``_wrong``, None when nothing is),
and what JSON Schema says of it (``_json``, from which OpenAPI is made). It never rewrites a
value: the record keeps what was sent.

Rules for editors: a complaint is one sentence that says how to mend the value; it repeats
nothing that was sent. Patterns are written once and used for both answers, so they keep to
what ECMA-262 knows as well.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from marshmallow import ValidationError, missing
from marshmallow.fields import Field
from marshmallow.types import ErrorMessages

from schemas import bounds

SAYS: ErrorMessages = {"required": "Required.", "null": "Must not be null."}

SLUG_PATTERN = r"[a-z0-9](-?[a-z0-9])*"
UUID_PATTERN = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
LANGUAGE_PATTERN = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}"
URL_PATTERN = r"https?://[^\s<>\"]+"

_SLUG = re.compile(SLUG_PATTERN)
_UUID = re.compile(UUID_PATTERN)
_LANGUAGE = re.compile(LANGUAGE_PATTERN)
_URL = re.compile(r"https?://[^\s<>\"/?#@\\]+([/?#][^\s<>\"\x00-\x1f\x7f]*)?", re.IGNORECASE)
# A host of which nothing needs to be read closer: no port, no brackets, no letters beyond ASCII.
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?:[/?#]|$)")
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)")
# Controls but for line feed and tab, and halves of surrogate pairs: neither can be shown, and
# PostgreSQL refuses the first of them.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile("[\n\t\u2028\u2029]")


class Leaf(Field[Any]):
    """One scalar, or one value that is checked as a whole."""

    default_error_messages = SAYS

    def __init__(self, says: str, *, example: Any = None, **options: Any) -> None:
        metadata = {"description": says, **options.pop("metadata", {})}
        if example is not None:
            metadata["example"] = example
        super().__init__(metadata=metadata, **options)

    def _wrong(self, value: Any) -> str | None:
        raise NotImplementedError

    def _json(self) -> dict[str, Any]:
        raise NotImplementedError

    def complaint(self, value: Any) -> str | None:
        """Return what is wrong with ``value`` in one sentence, or None."""
        return self._wrong(value)

    def json_schema(self) -> dict[str, Any]:
        """Return what JSON Schema (2020-12) can say of this field."""
        return self._json()

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return ``value`` as it came, or raise ValidationError with the complaint."""
        if value is None or value is missing:
            return super().deserialize(value, attr, data, **kwargs)
        wrong = self._wrong(value)
        if wrong is not None:
            raise ValidationError(wrong)
        return value


Check = Callable[[Any], str | None]
"""Says in one sentence what is wrong with a value, or None."""


def check_of(field: Field[Any]) -> Check | None:
    """Return the check that is all there is to loading a value that is not null; None: there is
    more to it."""
    if isinstance(field, Leaf) and type(field).deserialize is Leaf.deserialize:
        return field._wrong
    return None


def unfit(text: str) -> str | None:
    """Return what is wrong with the characters of ``text``, or None."""
    if text.isprintable() or not (found := _UNFIT.search(text)):
        return None
    if found.group() == "\r":
        return "Must end its lines with a line feed alone, without carriage returns."
    if found.group() >= "\ud800":
        return "Must be whole characters, without lone surrogates."
    return "Must be without control characters."


class Text(Leaf):
    """Text of one or more lines, ``least`` to ``most`` characters."""

    def __init__(self, says: str, *, most: int, least: int = 1, **options: Any) -> None:
        super().__init__(says, **options)
        self.most = most
        self.least = least

    def _wrong(self, value: Any) -> str | None:
        if type(value) is not str:
            return "Must be text."
        if not self.least <= len(value) <= self.most:
            return f"Must have {self.least} to {self.most} characters."
        if value.isspace():
            return "Must not be blank."
        return None if value.isprintable() else unfit(value)

    def _json(self) -> dict[str, Any]:
        return {"type": "string", "minLength": self.least, "maxLength": self.most}


class Line(Text):
    """Text of one line."""

    def _wrong(self, value: Any) -> str | None:
        wrong = super()._wrong(value)
        if wrong is None and not value.isprintable() and _LINE_ENDS.search(value):
            return "Must be one line, without line ends and tabs."
        return wrong


class Pattern(Leaf):
    """Text that is written in one certain way."""

    pattern: re.Pattern[str] = re.compile(".*")
    most: int = bounds.TITLE
    says_wrong = ""
    format: str | None = None

    def _wrong(self, value: Any) -> str | None:
        if type(value) is not str:
            return "Must be text."
        if len(value) <= self.most and self.pattern.fullmatch(value):
            return None
        return self.says_wrong

    def _json(self) -> dict[str, Any]:
        schema = {
            "type": "string",
            "pattern": f"^{self.pattern.pattern}$",
            "maxLength": self.most,
        }
        return schema | ({"format": self.format} if self.format else {})


class Slug(Pattern):
    """A short name that stands in addresses and slots: ``gna-air-force``."""

    pattern = _SLUG
    most = bounds.SLUG
    says_wrong = (
        f"Must be a slug of at most {bounds.SLUG} characters: lower-case letters, digits and "
        "single hyphens between them, as in gna-air-force."
    )


class DevelopmentId(Pattern):
    """The id that the house gave a development."""

    pattern = _UUID
    most = 36
    format = "uuid"
    says_wrong = "Must be a development's id: a UUID in lower case, with hyphens."


class Language(Pattern):
    """A language tag (BCP 47)."""

    pattern = _LANGUAGE
    most = 35
    says_wrong = "Must be a language tag, as in en or ar-LY."


class Coded(Pattern):
    """An id in someone else's catalogue, or a digest: ``pattern`` says how it looks."""

    def __init__(self, says: str, *, pattern: str, most: int, **options: Any) -> None:
        super().__init__(says, **options)
        self.pattern = re.compile(pattern)
        self.most = most
        self.says_wrong = f"Must look like {self.metadata.get('example', pattern)}."


class Url(Leaf):
    """An address on the web: http or https, with a host, without a password."""

    def _wrong(self, value: Any) -> str | None:
        if type(value) is not str:
            return "Must be text."
        if len(value) > bounds.URL:
            return f"Must have at most {bounds.URL} characters."
        if not _URL.fullmatch(value) or unfit(value):
            return "Must be an http or https address, without spaces, user or password."
        if _PLAIN_URL.match(value):
            return None
        try:
            urlsplit(value).port  # noqa: B018  # the check is in the reading
        except ValueError:
            return "Must be an address whose host and port can be read."
        return None

    def _json(self) -> dict[str, Any]:
        # No "format": "uri", which refuses the many real addresses with letters beyond ASCII.
        return {"type": "string", "pattern": f"^{URL_PATTERN}$", "maxLength": bounds.URL}


class Zone(Leaf):
    """A time zone of the IANA database."""

    def _wrong(self, value: Any) -> str | None:
        if type(value) is not str:
            return "Must be text."
        if value not in _zones():
            return "Must be a time zone of the IANA database, as in Africa/Tripoli."
        return None

    def _json(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": bounds.SLUG}


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


class Day(Leaf):
    """When something was published: a year, a month, a day, or an instant with its offset."""

    def _wrong(self, value: Any) -> str | None:
        if type(value) is not str:
            return "Must be text."
        if _DATE.fullmatch(value):
            value += "-01-01"[len(value) - 4 :] if len(value) < 10 else ""
        elif not _INSTANT.fullmatch(value):
            return "Must be a date (2019-04-05) or an instant with its offset."
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return "Must be a date that exists."
        return None

    def _json(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^\d{4}(-\d\d(-\d\d(T.+)?)?)?$", "maxLength": 40}


class Moment(Line):
    """A date or an instant as text; the domain reads it, in the story's zone."""

    def __init__(self, says: str, **options: Any) -> None:
        super().__init__(says, most=bounds.MOMENT, **options)


class Word(Leaf):
    """One of a closed list of words."""

    def __init__(self, says: str, words: Sequence[str], **options: Any) -> None:
        super().__init__(says, **options)
        self.words = tuple(words)
        self._among = frozenset(words)

    def _wrong(self, value: Any) -> str | None:
        if type(value) is str and value in self._among:
            return None
        return f"Must be one of: {', '.join(self.words)}."

    def _json(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.words)}


class Truth(Leaf):
    """true or false."""

    def _wrong(self, value: Any) -> str | None:
        return None if type(value) is bool else "Must be true or false."

    def _json(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Whole(Leaf):
    """A whole number, ``least`` to ``most``."""

    def __init__(
        self, says: str, *, least: int = 0, most: int = bounds.INTEGER, **options: Any
    ) -> None:
        super().__init__(says, **options)
        self.least = least
        self.most = most

    def _wrong(self, value: Any) -> str | None:
        if type(value) is int and self.least <= value <= self.most:
            return None
        return f"Must be a whole number from {self.least} to {self.most}."

    def _json(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}
