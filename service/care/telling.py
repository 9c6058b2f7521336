"""Acts told again one by one, in record order: what was posted while a rebuild told the others."""

import time
from collections import OrderedDict
from collections.abc import Iterator

from service.care.streams import NOWHERE
from service.domain import acts
from service.domain.acts import Act
from service.domain.developments import Development
from service.ledger import Ledger
from service.store import history
from service.store.sql import Writing

REMEMBERED_DEVELOPMENTS = 8192
"""Developments that a teller keeps: what is acted on soon after is not read again. Some 30 MB."""


class Retelling(Ledger):
    """A ledger that follows acts which are in the store already."""

    leads = False

    def __init__(self) -> None:
        super().__init__(NOWHERE)
        self._known: OrderedDict[str, Development] = OrderedDict()

    def tell(self, sql: Writing, above: int, upto: int) -> int:
        """Write the rows of the acts above a position up to another; return how many."""
        return self._told(sql, history.every(sql, above, upto))

    def _told(self, sql: Writing, told: Iterator[tuple[Act, bytes]]) -> int:
        sql.answers = [sql.all(*question) for question in self.questions()]
        self.begin(sql, 0)
        count = 0
        for act, envelope in told:
            self._retell(act, envelope)
            count += 1
        self.sql.flush()
        return count

    def _retell(self, act: Act, envelope: bytes) -> None:
        after = self.follow(act, envelope, self._before(act))
        if after is not None:
            self._known[after.id] = after
            self._known.move_to_end(after.id)
            if len(self._known) > REMEMBERED_DEVELOPMENTS:
                self._known.popitem(last=False)

    def _before(self, act: Act) -> Development | None:
        """Return the development that an act is on, as it was right before the act."""
        named: str | None = getattr(act, "development", None)
        if named is None or isinstance(act, acts.DevelopmentReported):
            return None
        found = self._known.get(named)
        if found is None:
            states = self.history(named, act.story)
            found = [state for state in states if state.position < act.stamp.position][-1]
        return found


def pause(seconds: float) -> None:
    """Let others have the append lock; not at all where no time is left."""
    if seconds > 0:
        time.sleep(seconds)
