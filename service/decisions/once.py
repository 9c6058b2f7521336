"""Once: a decision that is run the first time it is asked for, and answered alike ever after.

A receipt is what an answer to a write is made from. It is kept under the newsroom's key in the
transaction of the act itself, so that a crash leaves both or neither, and every process and host
finds it. Refusals are not kept: nothing was written, and the same request may go through later.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from service.decisions.developments import alike, warned
from service.decisions.parts import Foreseen, Written
from service.domain.developments import Development
from service.domain.refusals import Conflict
from service.ledger import Decision, Desk, Ledger
from service.store import house
from service.store.house import Kept, Key
from service.store.sql import Sql

_log = logging.getLogger(__name__)

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


def once(decide: Decision, desk: Desk, repeat: Repeatable, *, days: int) -> Foreseen:
    """Return a decision that is run once under the newsroom's key, and answers with a receipt.

    ``days`` is how long the receipt is kept. Raises ``Conflict`` (``idempotency-key-reused``)
    when the key was used for another request.
    """

    named = (desk.newsroom, repeat.key)

    def run(ledger: Ledger) -> Receipt:
        since = ledger.stored_at - days * DAY
        kept = _kept(ledger, named)
        if kept is None or kept.at < since:
            return _keep(ledger, named, repeat, decide(ledger), since)
        if kept.request != repeat.fingerprint:
            raise Conflict(
                "idempotency-key-reused",
                "The newsroom sent another request under this Idempotency-Key before.",
            )
        # One that was kept before an update may say more than receipts do now.
        said = {name: value for name, value in kept.receipt.items() if name in RECEIPT}
        return replace(Receipt(**said), replayed=True)

    return Foreseen(run, getattr(decide, "streams", ()), [named])


def _kept(ledger: Ledger, named: Key) -> Kept | None:
    """Return what is kept under a key: by a decision of this commit, or before."""
    sql = ledger.sql
    if named not in sql.receipts:
        sql.receipts |= house.receipts(sql.direct, [named])
    told: Kept | None = sql.told.get(named)
    return told or sql.receipts[named]


def _keep(ledger: Ledger, named: Key, repeat: Repeatable, written: Written, since: int) -> Receipt:
    """Return the receipt of what was written, kept under a key.

    What it contradicts is looked for when all of the commit is written out, so that it is written
    at once: until then the list of warnings is empty.
    """
    sql = ledger.sql
    if not sql.told:
        # One clears away for all of its commit.
        house.forget_receipts(sql.direct, before=since, most=DROPPED)
    # At once: an act below in the same commit may take away what it is like.
    like = alike(sql, written)
    warnings: list[Mapping[str, Any]] = []
    made = replace(receipt(written, None), warnings=warnings)
    kept = {name: getattr(made, name) for name in RECEIPT}
    sql.told[named] = telling = Kept(request=repeat.fingerprint, receipt=kept, at=ledger.stored_at)

    def finish() -> None:
        try:
            warnings.extend(warned(sql.direct, written).warnings)
        except sql.failures:
            raise
        except Exception:
            # The act is right all the same, and so are those of others in this commit.
            _log.exception("What an act contradicts could not be found out")
        warnings.extend(like)
        house.keep_receipt(sql, named, telling)

    sql.at_end(finish)
    return made
