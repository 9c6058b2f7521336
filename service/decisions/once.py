"""Once: a decision that is run the first time it is asked for, and answered alike ever after.

A receipt is what an answer to a write is made from. It is kept under the newsroom's key in the
transaction of the act itself, so that a crash leaves both or neither, and every process and host
finds it. Refusals are not kept: nothing was written, and the same request may go through later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from service.decisions.developments import alike, warned
from service.decisions.parts import Foreseen, Written
from service.domain.developments import Development
from service.domain.refusals import Conflict
from service.ledger import Decision, Desk, Ledger
from service.store import house
from service.store.sql import Sql

DAY = 86_400_000_000
"""A day in microseconds."""

DROPPED = 512
"""Receipts past their time that are cleared away when new ones come: more than one commit brings,
so they never pile up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What was written, named and not told: position, story, and which version it made.

    ``id``, ``number``, ``version`` and ``etag`` are a development's; None for acts on the story
    alone. ``created`` and ``member`` as in ``Written``; ``replayed`` when it was kept.
    """

    position: int
    story: str
    created: bool = True
    member: str | None = None
    id: str | None = None
    number: int | None = None
    version: int | None = None
    etag: str | None = None
    warnings: Sequence[Mapping[str, Any]] = field(default_factory=list)
    replayed: bool = False


RECEIPT = tuple(one.name for one in fields(Receipt))


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeatable:
    """A request that may be sent again: its key, and a digest of what it asks (SHA-256, hex)."""

    key: str
    fingerprint: str


def receipt(written: Written, sql: Sql | None) -> Receipt:
    """Return the receipt of what was written, with every warning; ``sql`` sees it on the record.

    Without ``sql`` it has only the warnings that need no look at the record.
    """
    state = written.development
    warnings = list(written.warnings)
    if sql is not None:
        warnings = [*warned(sql, written).warnings, *alike(sql, written)]
    return Receipt(
        position=written.position,
        story=written.story,
        created=written.created,
        member=written.member,
        warnings=warnings,
        **({} if state is None else _named(state)),
    )


def _named(state: Development) -> dict[str, Any]:
    return {
        "id": state.id,
        "number": state.report_position,
        "version": state.version,
        "etag": state.etag,
    }


def once(decide: Decision, desk: Desk, repeat: Repeatable, *, days: int) -> Decision:
    """Return a decision that is run once under the newsroom's key, and answers with a receipt.

    ``days`` is how long the receipt is kept. Raises ``Conflict`` (``idempotency-key-reused``)
    when the key was used for another request.
    """

    def run(ledger: Ledger) -> Receipt:
        since = ledger.stored_at - days * DAY
        named = (desk.newsroom, repeat.key)
        # What waits to be written is flushed only when the receipt is among it.
        waiting = ledger.sql.waiting(house.KEEP)
        waits = any(row[1] == repeat.key and row[0] == desk.newsroom for row in waiting)
        sql: Sql = ledger.sql if waits else ledger.sql.direct
        kept = house.kept_receipt(sql, *named, since=since)
        if kept is None:
            made = receipt(decide(ledger), ledger.sql)
            if not ledger.sql.waiting(house.KEEP):
                # The first since the last writing: not every one of many needs to clear away.
                house.forget_receipts(ledger.sql.direct, before=since, most=DROPPED)
            kept_as = {name: getattr(made, name) for name in RECEIPT}
            telling = house.Kept(request=repeat.fingerprint, receipt=kept_as)
            house.keep_receipt(ledger.sql, desk.newsroom, repeat.key, telling, at=ledger.stored_at)
            return made
        if kept.request != repeat.fingerprint:
            raise Conflict(
                "idempotency-key-reused",
                "The newsroom sent another request under this Idempotency-Key before.",
            )
        # One that was kept before an update may say more than receipts do now.
        said = {name: value for name, value in kept.receipt.items() if name in RECEIPT}
        return replace(Receipt(**said), replayed=True)

    return Foreseen(run, decide.streams) if isinstance(decide, Foreseen) else run
