"""What a rebuild writes instead of the live tables, and how the two change places.

========  ====================================================================================
scratch   tables of a teller's own, out of everybody's way: a file, or a schema
shadow    the read model's tables, gathered from the scratches, beside the live ones
swap      under the append lock the shadow takes the live tables' names, in one transaction
========  ====================================================================================

Rules for editors: until the swap nothing that readers and writers use is touched, and whatever an
interrupted rebuild left is taken away by the next one.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from service import readmodel
from service.care.telling import Scratch
from service.store.sql import Sql, Writing

_CREATE = re.compile(r"CREATE TABLE (\w+)")
_INDEX = re.compile(r"CREATE INDEX (\w+) ON (\w+)")

TABLES: tuple[str, ...] = tuple(
    found[1] for words in readmodel.TABLES if (found := _CREATE.match(words))
)
"""The read model's tables by name."""

INDEXES: tuple[tuple[str, str, str], ...] = tuple(
    (found[1], found[2], words) for words in readmodel.TABLES if (found := _INDEX.match(words))
)
"""Their indexes: name, table, and what makes it."""

FOR_TELLERS = ("chronicle_of_story",)
"""The indexes that a teller needs: where a story goes on that it has put out of its memory."""

Told = Callable[[str, int], None]
"""Told what is done, and how many of it."""


class Shadow(Protocol):
    """One rebuild's tables on a store; nobody else's rebuild runs meanwhile."""

    @property
    def reading(self) -> Sql:
        """What reads the live record."""

    def scratches(self, count: int) -> Sequence[Scratch]:
        """Make empty scratches."""

    def gather(self, told: Told) -> None:
        """Make the shadow from what the scratches hold; slots get their numbers of the record."""

    def portion(self) -> AbstractContextManager[Writing]:
        """Hold a transaction in which the read model's tables are the shadow's."""

    def swap(self) -> AbstractContextManager[Writing]:
        """Hold the append lock and such a transaction; at its end the shadow is live."""

    def clear(self) -> None:
        """Take away the tables that were live before, and what else is left."""


def for_tellers() -> Iterable[str]:
    """Return the statements that make a scratch's tables."""
    yield from (words for words in readmodel.TABLES if _CREATE.match(words))
    yield from (words for name, _, words in INDEXES if name in FOR_TELLERS)


REBUILT = "INSERT INTO rebuilt (number) SELECT coalesce(max(number), 0) + 1 FROM rebuilt"
"""Tells whoever remembers rows that the tables are others."""
