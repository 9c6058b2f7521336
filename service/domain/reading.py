"""A development's fields read with its kind: who and what a template's placeholders stand for.

What a detail leaves out is taken from the actors and places where there is only one to mean.

Rules for editors: a placeholder that stands for nobody gives an empty tuple, and then no slot is
written; nothing is guessed. Nothing here refuses: what may be said was checked at the door
(details.py), which asks the same questions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.domain.templates import Kind

ALL = "all"
"""The addressee of a call that names nobody, and of a veto that blocks it for everybody."""

FIGURES = (
    "killed",
    "wounded",
    "civilians_killed",
    "civilian_casualties",
    "missing",
    "displaced",
)
"""What casualties count, in the order in which they are shown."""


class Reading:
    """A development's fields, read with its kind: who stands where in its templates."""

    __slots__ = ("details", "development", "fields", "kind", "roles")

    def __init__(self, kind: Kind, fields: Mapping[str, Any], development: str) -> None:
        self.kind = kind
        self.fields = fields
        self.development = development
        self.details: Mapping[str, Any] = fields.get("details") or {}
        self.roles: dict[str, list[str]] = {}
        for row in fields.get("actors") or ():
            self.roles.setdefault(row["role"], []).append(row["actor"])

    def part(self, name: str) -> Mapping[str, Any]:
        """Return one part of the details, empty when it is not there."""
        part: Mapping[str, Any] = self.details.get(name) or {}
        return part

    def role(self, *names: str) -> tuple[str, ...]:
        """Return the actors of the roles named, each once, in the order given."""
        if len(names) == 1:
            found = self.roles.get(names[0], ())
            if len(found) < 2:
                return tuple(found)
        return tuple(dict.fromkeys(slug for name in names for slug in self.roles.get(name, ())))

    def by(self) -> tuple[str, ...]:
        """Return who acts.

        Where that is the party itself, which is so of a pullback, `control.party` may name one.
        """
        party = self.part("control").get("party") if self.details else None
        if party and "party" not in self.kind.placeholders:
            return (party,)
        return self.role("by")

    def party(self) -> tuple[str, ...]:
        """Return whose control is spoken of, where it is named or there is only one to mean."""
        named = self.part("control").get("party")
        if named:
            return (named,)
        meant = self.role(self.kind.party)
        return meant if len(meant) == 1 else ()

    def places(self) -> tuple[str, ...]:
        """Return the places that the details name, else those of the development."""
        named = None
        if self.details:
            named = self.part("control").get("places") or self.part("access").get("places")
        return tuple(dict.fromkeys(named or self.fields.get("places") or ()))

    def thread(self, name: str, key: str) -> tuple[str, ...]:
        """Return the threat, demand, event or measure that this is about.

        A kind that begins one and names none names it after the development.
        """
        slug = self.part(name).get(key)
        if slug:
            return (slug,)
        return (f"d-{self.development[-12:]}",) if self.kind.opens else ()

    def names_itself(self) -> bool:
        """Tell whether it begins a threat, demand, event or measure that bears its own id."""
        return self.kind.opens and any(
            not self.part(part).get(key)
            for name, (part, key) in THREADS.items()
            if name in self.kind.placeholders
        )

    def counted_by(self) -> tuple[str, ...]:
        """Return who counts the casualties.

        A report of casualties is counted by the one who makes it. Who strikes does not count
        the dead: a kind of force must name the counter.
        """
        named = self.part("casualties").get("counted_by")
        if named:
            return (named,)
        meant = () if self.kind.group == "force" else self.role("by")
        return meant if len(meant) == 1 else ()

    def figures(self) -> tuple[str, ...]:
        """Return the figures that the casualties give."""
        casualties = self.part("casualties")
        return tuple(figure for figure in FIGURES if casualties.get(figure) is not None)

    def notes(self) -> tuple[str, ...]:
        """Return the names of the notes."""
        return tuple(self.part("notes"))


THREADS: Mapping[str, tuple[str, str]] = {
    "t": ("threat", "threat"),
    "d": ("demand", "demand"),
    "e": ("scheduled", "event"),
    "m": ("measure", "measure"),
}
"""The placeholders that stand for a thread, with the part of the details and field that name it."""

FILLED_BY: Mapping[str, Callable[[Reading], tuple[str, ...]]] = {
    "by": Reading.by,
    "against": lambda reading: reading.role("against"),
    "to": lambda reading: reading.role("to"),
    "with": lambda reading: reading.role("with"),
    "by|with": lambda reading: reading.role("by", "with"),
    "place": Reading.places,
    "party": Reading.party,
    "t": lambda reading: reading.thread(*THREADS["t"]),
    "d": lambda reading: reading.thread(*THREADS["d"]),
    "e": lambda reading: reading.thread(*THREADS["e"]),
    "m": lambda reading: reading.thread(*THREADS["m"]),
    "scope": lambda reading: (reading.part("casualties").get("scope") or "total",),
    "counted_by": Reading.counted_by,
    "figure": Reading.figures,
    "type": lambda reading: tuple(filter(None, (reading.part("relation").get("type"),))),
    "name": Reading.notes,
}
"""What each placeholder of a template stands for."""
