"""A story's record as plain lists: what every reading must say, in the fewest words.

Nothing is indexed and nothing is evolved: each development is the list of its versions, each
version says when it was recorded, and a reading looks through all of them. Of the service only
the meaning of one version is used: which slots it assigns, from when it counts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from service.domain import kinds, times
from service.domain.kinds import Assignment

ZONE = ZoneInfo("Africa/Tripoli")
ALWAYS = {"kind": "occurrence", "places": [], "actors": [], "details": {}}
SHOWN = ("kind", "headline", "body", "occurred", "places", "actors", "sources", "details",
         "external_id")  # fmt: skip

Fields = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Told:
    """A development at one version, and when that was said."""

    id: str
    number: int
    position: int
    recorded_at: int
    first_position: int
    first_recorded_at: int
    act: str
    fields: Fields
    verification: str = "reported"
    judged_from: int = 1
    status: str = "standing"
    corrected: int = 0
    redactions: int = 0

    @property
    def etag(self) -> str:
        return f'"{self.id}.{self.number}.{self.redactions}"'

    @property
    def meant(self) -> kinds.Version:
        """What its slots are a function of."""
        return kinds.Version(
            development=self.id,
            version=self.number,
            fields=self.fields,
            status=self.status,
            verification=self.verification,
            occurred=times.parse_occurred(self.fields["occurred"], ZONE),
            first_recorded_at=self.first_recorded_at,
            report_position=self.first_position,
            zone=ZONE,
            conflict=True,
        )

    @property
    def listed_from(self) -> int:
        begins = kinds.valid_from(self.meant)
        return self.first_recorded_at if begins is None else begins

    @property
    def order(self) -> tuple[int, int, int]:
        """Its place on the timeline."""
        occurred = self.meant.occurred
        ends = occurred.latest if occurred.latest is not None else occurred.start_latest
        begins = self.listed_from
        return (begins, begins if ends is None else ends, self.first_position)

    def next(self, position: int, now: int, act: str, **change: Any) -> "Told":
        return replace(
            self, number=self.number + 1, position=position, recorded_at=now, act=act, **change
        )


def whole(fields: Fields) -> dict[str, Any]:
    """Content as it is kept: nothing empty, but for what is always there."""
    return {**ALWAYS, **{name: value for name, value in fields.items() if value}}


def changed(fields: Fields, changes: Fields) -> dict[str, Any]:
    """Content with changes: each field whole, details merged."""
    details = patched(fields["details"], changes.get("details") or {})
    return whole({**fields, **changes, "details": details})


def patched(old: Any, patch: Any) -> Any:
    """A JSON merge patch (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    new = dict(old) if isinstance(old, dict) else {}
    for name, value in patch.items():
        if value is None:
            new.pop(name, None)
        else:
            new[name] = patched(new.get(name), value)
    return new


def until(fields: Fields) -> Any:
    return (fields["details"].get("casualties") or {}).get("until")


def impossible(fields: Fields, now: int) -> bool:
    """Whether no desk may say so at a moment."""
    earliest = times.parse_occurred(fields["occurred"], ZONE).earliest
    wrong = kinds.check_details(fields["kind"], fields, ZONE)
    return bool(wrong) or (earliest is not None and earliest > now)


@dataclass
class Plain:
    """The record of one story. `acts` is every act's (position, record time)."""

    acts: list[tuple[int, int]]
    developments: dict[str, list[Told]] = field(default_factory=dict)
    marks: list[tuple[int, str, str, bool]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    actors: set[str] = field(default_factory=set)
    is_open: bool = True

    @property
    def head(self) -> int:
        return self.acts[-1][0]

    def acted(self, now: int) -> int:
        """Note an act at a moment; return its position."""
        self.acts.append((self.head + 1, now))
        return self.head

    def position_at(self, known_at: int) -> int:
        return max((p for p, at in self.acts if at <= known_at), default=0)

    def known(self, position: int) -> Iterator[Told]:
        """Every development as it was known at a position."""
        for versions in self.developments.values():
            said = [version for version in versions if version.position <= position]
            if said:
                yield said[-1]

    def timeline(self, as_of: int, position: int) -> list[Told]:
        had_happened = [told for told in self.known(position) if told.listed_from <= as_of]
        return sorted(had_happened, key=lambda told: told.order, reverse=True)

    def assigned(self, position: int) -> Iterator[Assignment]:
        for told in self.known(position):
            if told.id not in self.hidden:
                yield from kinds.assignments(told.meant)

    def course(self, slot: str, as_of: int, position: int) -> list[Assignment]:
        """A slot's answers over world time, newest first."""
        rows = [
            row for row in self.assigned(position) if row.slot == slot and row.valid_from <= as_of
        ]
        return sorted(rows, key=lambda row: row.order, reverse=True)

    def slots(self) -> set[str]:
        """Every slot that any version ever assigned."""
        return {row.slot for position, _ in self.acts for row in self.assigned(position)}

    def marked(self, sort: str, position: int) -> list[str]:
        """What bears a mark, the one marked last first."""
        found: list[str] = []
        for at, this, development, set_it in self.marks:
            if this == sort and at <= position:
                found = [one for one in found if one != development]
                found = [development, *found] if set_it else found
        return found

    def counts(self, position: int) -> dict[str, int]:
        known = list(self.known(position))
        return {
            "developments": len(known),
            "corrected": sum(told.corrected > 0 for told in known),
            "withdrawn": sum(told.status == "withdrawn" for told in known),
        }

    def present(self, now: int) -> int:
        """The `as_of` of a reading that asks for nothing: when something last changed."""
        turned = [
            point
            for told in self.known(self.head)
            for point in kinds.turning_points(told.meant)
            if point <= now
        ]
        return max([self.acts[-1][1], *turned])

    def shown(self, told: Told) -> dict[str, Any]:
        """What a reader sees of a version; of one that was hidden since, none of its words."""
        said = {
            "id": told.id,
            "version": told.number,
            "act": told.act,
            "status": told.status,
            "verification": told.verification,
            "recorded_at": times.format_instant(told.recorded_at),
            "first_recorded_at": times.format_instant(told.first_recorded_at),
            "position": told.position,
            "newsroom": "times",
            "corrected": told.corrected,
        }
        if told.id in self.hidden and told.status == "standing":
            return said
        return {**said, **{name: told.fields[name] for name in SHOWN if name in told.fields}}


SEEN = ("id", "version", "act", "status", "verification", "recorded_at", "first_recorded_at",
        "position", "newsroom", "corrected", *SHOWN)  # fmt: skip


def seen(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The same of an answer."""
    return {name: answer[name] for name in SEEN if name in answer}
