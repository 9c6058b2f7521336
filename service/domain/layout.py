"""The layout: how a story's slots are laid out, before any answer is put in.

It hangs on the slots' names alone, and a story gets a new slot far less often than it is read: so
layouts are remembered by the names that they are of, and a situation only puts its answers in.

Rules for editors: nothing here knows an answer, a story or a moment, or a remembered layout would
mix them up; that goes for what is made of a layout (`Layout.once`) too. Nobody changes a layout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

Parts = tuple[str, ...]
"""The parts of a slot's address after its family."""

Slot = str
"""The name of a slot: its whole address."""

REMEMBERED = 16_384
"""Slots whose parts one process remembers: those of some eighty stories of 200."""

REMEMBERED_LAYOUTS = 64
"""Layouts that one process remembers, of which a situation needs up to three; one of 200 slots is
some 60 kilobytes, one of the largest 800."""

LARGEST_REMEMBERED = 1_000
"""Slots of the largest layout that is remembered; a larger one is made for each situation."""

Made = TypeVar("Made")


@lru_cache(maxsize=REMEMBERED)
def address(slot: Slot) -> tuple[str, Parts]:
    """Return a slot's family and the parts of its address after it."""
    family, *parts = slot.split(":")
    return family, tuple(parts)


class Layout:
    """Slots by family, in the order of their names; `slots` holds them in the order given."""

    __slots__ = ("_families", "_made", "_names", "_threads", "slots")

    def __init__(self, slots: tuple[Slot, ...]) -> None:
        self.slots = slots
        self._names = frozenset(slots)
        self._families: dict[str, list[tuple[Parts, Slot]]] = {}
        self._threads: dict[str, list[tuple[str, dict[str, Slot]]]] = {}
        self._made: dict[Callable[[Layout], Any], Any] = {}
        for slot in sorted(self._names):
            family, parts = address(slot)
            self._families.setdefault(family, []).append((parts, slot))

    def __contains__(self, slot: Slot) -> bool:
        """Whether the slot is one of them."""
        return slot in self._names

    def family(self, name: str) -> Sequence[tuple[Parts, Slot]]:
        """Return a family's slots, each after its parts."""
        return self._families.get(name, ())

    def threads(self, family: str) -> Sequence[tuple[str, Mapping[str, Slot]]]:
        """Return a family's slots by what they are about: `("t1", {"terms": "threat:t1:terms"})`.

        It is for families whose slots have two parts.
        """
        if family not in self._threads:
            found: dict[str, dict[str, Slot]] = {}
            for (about, part), slot in self.family(family):
                found.setdefault(about, {})[part] = slot
            self._threads[family] = [*found.items()]
        return self._threads[family]

    def once(self, make: Callable[[Layout], Made]) -> Made:
        """Return what `make` makes of the layout: it is made once, and kept with the layout."""
        made: Made | None = self._made.get(make)
        if made is None:
            made = self._made[make] = make(self)
        return made


def layout_of(slots: tuple[Slot, ...]) -> Layout:
    """Return the layout of some slots, remembered where they are not too many."""
    return _remembered(slots) if len(slots) <= LARGEST_REMEMBERED else Layout(slots)


_remembered = lru_cache(maxsize=REMEMBERED_LAYOUTS)(Layout)
