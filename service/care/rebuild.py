"""The read model anew from the acts: every table emptied, every act followed again, one commit.

The rows are written by the very code that writes them with a new act (``Ledger.follow``), so what
a sound house had before is what it has afterwards, byte for byte.
"""

import re
from collections.abc import Callable
from itertools import islice

from service import readmodel
from service.domain import acts
from service.domain.acts import Act
from service.domain.developments import Development
from service.ledger import Ledger
from service.recorder import WritableStore
from service.store import history

_CREATE = re.compile(r"CREATE TABLE (\w+)")

TABLES: tuple[str, ...] = tuple(
    found.group(1) for statement in readmodel.TABLES if (found := _CREATE.match(statement))
)
"""The read model's tables by name."""


def rebuild(store: WritableStore, progress: Callable[[str, int], None]) -> int:
    """Write the read model anew; return how many acts it was made from.

    Nobody else can write meanwhile, and readers see the old rows until all new ones are there.
    Raises ``Unavailable`` when the append lock cannot be had, and then nothing has changed.
    """
    done = 0
    with store.writing() as sql:
        for table in TABLES:
            sql.run(f"DELETE FROM {table}")
        ledger = Ledger(store)
        past = history.every(sql)
        while portion := list(islice(past, history.PORTION)):
            ledger.begin(sql, 0)
            for act, envelope in portion:
                if not isinstance(act, acts.DevelopmentReported):
                    # A report's rows stand alone; every other act may touch rows that wait.
                    ledger.sql.flush()
                ledger.follow(act, envelope, _before(ledger, act))
                done += 1
                progress("acts", done)
            ledger.sql.flush()
    return done


def _before(ledger: Ledger, act: Act) -> Development | None:
    """Return the development that an act is on, as it was right before the act."""
    if isinstance(act, acts.DevelopmentReported):
        return None
    named = getattr(act, "development", None)
    if named is None:
        return None
    states = ledger.history(named, act.story)
    return [state for state in states if state.position < act.stamp.position][-1]
