"""Parameters of readings: as they stand in an address, read into what they mean.

Moments stay text: a date means its end or its start in the story's zone, which only the reading
knows. Numbers and truth values are read, so these shapes, unlike all others, rewrite.
"""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, missing

from schemas import bounds, words
from schemas.basis import ID
from schemas.fields import DevelopmentId, Leaf, Line, Moment, Slug, Word
from schemas.strict import Strict
from service.domain.acts import ACTS

_WHOLE = re.compile("[0-9]{1,16}")
_TRUTHS = {"true": True, "false": False}
_NUMBER = r"-?[0-9]{1,3}(\.[0-9]{1,15})?"
_BOX = re.compile(f"{_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}")
_BOX_MOST = 4 * len("-180.000000000000000") + 3


class Count(Leaf):
    """A whole number in an address."""

    def __init__(self, says: str, *, least: int = 0, most: int = bounds.INTEGER, **options: Any):
        super().__init__(says, **options)
        self.least = least
        self.most = most

    def _wrong(self, value: Any) -> str | None:
        if _WHOLE.fullmatch(value) and self.least <= int(value) <= self.most:
            return None
        return f"Must be a whole number from {self.least} to {self.most}."

    def _json(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return the number."""
        text = super().deserialize(value, attr, data, **kwargs)
        return int(text) if value is not missing else text


class Switch(Leaf):
    """true or false in an address."""

    def _wrong(self, value: Any) -> str | None:
        return None if value in _TRUTHS else "Must be true or false."

    def _json(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return the truth value."""
        text = super().deserialize(value, attr, data, **kwargs)
        return _TRUTHS[text] if value is not missing else text


class Box(Leaf):
    """A box on the map: west,south,east,north in degrees (RFC 7946, section 5)."""

    def _wrong(self, value: Any) -> str | None:
        if not _BOX.fullmatch(value):
            return "Must be west,south,east,north in degrees, as in 12.5,32.1,13.9,33.1."
        west, south, east, north = (float(degrees) for degrees in value.split(","))
        if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
            return "Must have longitudes from -180 to 180, and south not above north."
        return None

    def _json(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{_BOX.pattern}$", "maxLength": _BOX_MOST}

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return (west, south, east, north) in degrees; west may be east of east."""
        text = super().deserialize(value, attr, data, **kwargs)
        return (
            tuple(float(degrees) for degrees in text.split(",")) if value is not missing else text
        )


def _upper(says: str) -> Moment:
    return Moment(f"{says} A date means its end, in the story's zone.", example="2019-04-05")


def _lower(says: str) -> Moment:
    return Moment(f"{says} A date means its start, in the story's zone.", example="2019-04-04")


class NoQuery(Strict):
    """No parameters at all."""


class HeadQuery(Strict):
    """A reading of the record's head."""

    min_position = Count(
        "Wait up to a second until the record has reached this position, else 503.", example=75
    )


class BasisQuery(HeadQuery):
    """What a reading stands on."""

    as_of = _upper("World time: what had happened by then.")
    known_at = _upper("Record time: as it was known then.")
    position = Count("Record time, as a position; not together with known_at.", example=75)

    def check(self, loaded: dict[str, Any]) -> None:
        """Two ways to say record time would be one too many."""
        if "known_at" in loaded and "position" in loaded:
            both = ["Must not stand together with known_at."]
            raise ValidationError({"position": both})


class PageQuery(HeadQuery):
    """A page of a list of the record's head."""

    limit = Count(
        "Items of a page.",
        least=1,
        most=bounds.PAGE_MOST,
        load_default=bounds.PAGE,
        example=bounds.PAGE,
    )
    cursor = Line("Where the page before ended: its next.", most=bounds.CURSOR)


class BasisPageQuery(PageQuery, BasisQuery):
    """A page of a list at a basis; the first page fixes the basis."""


class SituationQuery(BasisQuery):
    """The situation at a basis."""

    settled = Switch(
        "Also what was settled more than 14 days before as_of, withdrawn threats, held events.",
        load_default=False,
        example=False,
    )


class TimelineQuery(BasisPageQuery):
    """The timeline at a basis."""

    kind = Line("Only this kind.", most=bounds.KIND, example="airstrike")
    group = Word("Only kinds of this group.", words.GROUPS, example="force")
    actor = Slug("Only where this actor takes part.", example="lna")
    place = Slug("Only at this place.", example="gharyan")
    bbox = Box("Only at places in this box: west,south,east,north.", example="12.5,32.1,13.9,33.1")
    verification = Word("Only at this status.", words.VERIFICATIONS, example="confirmed")
    status = Word("standing hides tombstones.", words.STATUSES, example="standing")
    key = Switch("Only key events (true), or only others (false).", example=True)
    external_id = Line(
        "Only the one that your newsroom gave this id.",
        most=bounds.EXTERNAL_ID,
        example="desk-4711",
    )
    occurred_from = _lower("Only what lasted until then or later.")
    occurred_to = _upper("Only what had begun by then.")
    order = Word(
        "By world time (default: latest first) or by record time.",
        words.ORDERS,
        load_default="-occurred",
        example="-occurred",
    )


class AssignmentsQuery(BasisPageQuery):
    """The bitemporal table."""

    slot = Line("Only this slot.", most=bounds.TITLE, example="posture:lna")
    development = DevelopmentId("Only what this development assigned.", example=ID)


def _position(end: str) -> Count:
    return Count(f"Up to there, as a position; not together with {end}.", example=75)


def _only_one(loaded: dict[str, Any], *names: str) -> None:
    """Two names for one end would be one too many."""
    given = [name for name in names if name in loaded]
    if len(given) > 1:
        raise ValidationError({given[1]: [f"Must not stand together with {given[0]}."]})


class ChangesQuery(PageQuery):
    """What happened on the record since."""

    since = _lower("Record time: after then. A date means its start.")
    since_position = Count("A position: after that one.", example=70)
    until = _upper("Record time: up to then.")
    position = _position("until")
    as_of = _upper("What was learned since about that moment, and what was wrong.")

    def check(self, loaded: dict[str, Any]) -> None:
        """Since when must be said, and once; a moment asked about says it as well."""
        _only_one(loaded, "since", "since_position")
        _only_one(loaded, "until", "position")
        if not {"since", "since_position", "as_of", "cursor"} & loaded.keys():
            raise ValidationError({"since": ["Required: since, since_position or as_of."]})


class LogQuery(PageQuery):
    """A log, between two moments of record time."""

    from_ = Moment(
        "Record time: from then on. A date means its start.",
        data_key="from",
        example="2019-04-04",
    )
    to = _upper("Record time: up to then.")


class CorrectionsQuery(LogQuery):
    """A story's corrections log, latest first."""

    position = _position("to")

    def check(self, loaded: dict[str, Any]) -> None:
        """The end is said once."""
        _only_one(loaded, "to", "position")


class ExportQuery(HeadQuery):
    """A story's acts, up to an end."""

    known_at = _upper("Record time: up to then.")
    position = _position("known_at")

    def check(self, loaded: dict[str, Any]) -> None:
        """The end is said once."""
        _only_one(loaded, "known_at", "position")


class HistoryQuery(CorrectionsQuery):
    """The audit trail, in record order."""

    act = Word("Only acts of this name.", tuple(ACTS), example="DevelopmentCorrected")
    development = DevelopmentId("Only acts on this development.", example=ID)
    by = Line(
        "Only acts of this token; for auditors.", most=bounds.NAME, example="tok_5f1f6f0f2b11"
    )


class ReportQuery(Strict):
    """Parameters of a report; archive is for NDJSON."""

    archive = Switch(
        "NDJSON only: an archive import, all or nothing (admin).", load_default=False, example=False
    )
