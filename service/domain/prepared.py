"""A report's fields, with what follows from them alone: worked out before it is decided on.

Deciding goes in the order of the record, one act after another; what needs no record can be found
out earlier, and elsewhere. It is bound to these very fields: a copy of them, however it is made,
is a plain dict of which nothing is known.

Rules for editors: what is kept here is a function of the fields, never of the story, of who
reports or of the record. Nothing changes the fields.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any


class Prepared(dict[str, Any]):
    """Fields in their stored form, and what was found out about them.

    They lack nothing, have a kind, and nothing in their details is wrong but perhaps a date.
    ``slots`` are the values that they put into slots, the heat of a conflict left out; None where
    the development's id is among the slots' names. ``shortfalls`` says why that is less than the
    kind can. ``sealed`` is how they are stored: the store's own matter.
    """

    __slots__ = ("sealed", "shortfalls", "slots")

    def __init__(
        self,
        fields: Mapping[str, Any],
        slots: Mapping[str, Any] | None,
        shortfalls: Sequence[str],
        sealed: Any,
    ) -> None:
        super().__init__(fields)
        self.slots = slots
        self.shortfalls = shortfalls
        self.sealed = sealed

    def __copy__(self) -> dict[str, Any]:
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return deepcopy(dict(self), memo)

    def __reduce__(self) -> tuple[Any, ...]:
        return Prepared, (dict(self), self.slots, self.shortfalls, self.sealed)
