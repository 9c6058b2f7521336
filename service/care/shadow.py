"""What a rebuild writes instead of the live tables, and how the two change places.

========  ====================================================================================
shadow    the read model's tables, made anew beside the live ones
swap      under the append lock the shadow takes the live tables' names, in one transaction
========  ====================================================================================

Rules for editors: until the swap nothing that readers and writers use is touched, and whatever an
interrupted rebuild left is taken away by the next one.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from service import readmodel
from service.care.streams import Row
from service.care.tellers import Source
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

Told = Callable[[str, int], None]
"""Told what is done, and how many of it."""


class Shadow(Protocol):
    """One rebuild's tables on a store; nobody else's rebuild runs meanwhile."""

    @property
    def reading(self) -> Sql:
        """What reads the live record."""

    @property
    def source(self) -> Source:
        """The live record, for tellers."""

    @property
    def directory(self) -> Path | None:
        """Where rows wait on their way; None for where temporary files are."""

    def load(self, rows: Mapping[str, Sequence[Row]]) -> None:
        """Write rows into the shadow's tables, given by name."""

    def whole(self, *tables: str) -> None:
        """Begin what is made when all rows of tables are there, and do not wait for it."""

    def finish(self) -> None:
        """Return when all is made."""

    def portion(self) -> AbstractContextManager[Writing]:
        """Hold a transaction in which the read model's tables are the shadow's."""

    def swap(self) -> AbstractContextManager[Writing]:
        """Hold the append lock and such a transaction; at its end the shadow is live."""

    def known(self) -> None:
        """Let the planner know the tables that are live now."""

    def clear(self) -> None:
        """Take away the tables that were live before, and what else is left."""


REBUILT = "INSERT INTO rebuilt (number) SELECT coalesce(max(number), 0) + 1 FROM rebuilt"
"""Tells whoever remembers rows that the tables are others."""
