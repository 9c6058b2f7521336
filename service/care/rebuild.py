"""The read model anew from the acts, beside the live tables, while the house is serving.

The rows are made by the very code that writes them with a new act (``Ledger``), so what a sound
house had before is what it has afterwards, byte for byte. Desks go on posting and readers
see the old rows; at the end the new tables take the place of the old ones in one transaction, with
the few acts that came last. A rebuild that is interrupted leaves the live tables untouched.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from service import processors
from service.care import shadow_sqlite
from service.care.faults import Fault
from service.care.gathering import gather
from service.care.shadow import TABLES as TABLES
from service.care.shadow import Shadow, Told
from service.care.tellers import Plan, Tellers, without_collecting
from service.care.telling import Retelling, pause
from service.domain.refusals import Unavailable
from service.store import history
from service.store.sql import Sql
from service.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from service.store.postgres import PostgresStore

AT_ONCE = 256
"""Acts that are told under the append lock at the swap, at most, but for those of one moment."""

TRIES = 5
"""How often the swap is tried where readings or desks do not let it."""

FEW = 20_000
"""Acts that one process tells sooner than several are started."""

SWAPPED = "acts in the new tables"
"""What is told when readers and writers have them; what is left is to take the old ones away."""

LEFT = (
    "A rebuild that was killed left it, with words that may have been hidden since. The next"
    " rebuild takes it away."
)


def rebuild(store: "SqliteStore | PostgresStore", told: Told, processes: int | None = None) -> int:
    """Write the read model anew; return how many acts it was made from.

    ``processes`` tell developments side by side, as many as there are processors unless said.
    Raises ``Unavailable`` when the append lock cannot be had or another rebuild is running; then,
    as after any other exception, nothing has changed. Only where the connection breaks at the last
    try's COMMIT it may be done: the exception's words say that nobody knows.
    """
    shadow = _shadow(store)
    try:
        before = _rebuilt(shadow.reading)
        head = history.head(shadow.reading)
        if processes is None:
            processes = 1 if head < FEW else len(processors.usable())
        plan = Plan.of_record(shadow.source, head, processes)
        with Tellers(plan, shadow.directory) as telling, without_collecting():
            gather(telling, shadow, told)
        shadow.finish()
        upto = _caught_up(store, shadow, head, before, told)
        told(SWAPPED, upto)
        shadow.known()
        return upto
    finally:
        shadow.clear()


def _caught_up(
    store: "SqliteStore | PostgresStore", shadow: Shadow, done: int, before: int, told: Told
) -> int:
    """Tell what was posted meanwhile, and swap; return the last act's position."""
    ledger = Retelling()
    while history.head(shadow.reading) - done > AT_ONCE:
        with shadow.portion() as sql:
            done += ledger.tell(sql, done, done + AT_ONCE)
        told("acts", done)
    upto = done
    for left in reversed(range(TRIES)):
        try:
            # Of a try whose COMMIT broke off nobody has said that it was done; it may be.
            if left + 1 == TRIES or not _swapped(store, before):
                with shadow.swap() as sql:
                    upto = done + Retelling().tell(sql, done, history.head(sql))
            return upto
        except Unavailable:
            if not left:
                raise
            pause(1)
    raise AssertionError("the last try ends it")


def _swapped(store: "SqliteStore | PostgresStore", before: int) -> bool:
    """Tell whether a swap was done: under the append lock, when none is on its way any more."""
    with store.writing() as sql:
        return _rebuilt(sql) != before


def _rebuilt(sql: Sql) -> int:
    """Return how often the tables were replaced till now."""
    row = sql.one("SELECT coalesce(max(number), 0) AS number FROM rebuilt")
    assert row is not None
    return int(row["number"])


def left(store: "SqliteStore | PostgresStore") -> Iterator[Fault]:
    """Yield what a rebuild that was killed left in the database or beside it, a fault each.

    Nothing is answered from it, but it has the words of acts, also of those that were hidden
    since. What a rebuild that is running works on is no fault.
    """
    if isinstance(store, SqliteStore):
        names = shadow_sqlite.left(store)
    else:
        from service.care import shadow_postgres

        names = shadow_postgres.left(store.reading())
    for name in names:
        yield Fault("", name, "all of it", LEFT)


def _shadow(store: "SqliteStore | PostgresStore") -> Shadow:
    if isinstance(store, SqliteStore):
        return shadow_sqlite.SqliteShadow(store)
    from service.care.shadow_postgres import PostgresShadow

    return PostgresShadow(store)
