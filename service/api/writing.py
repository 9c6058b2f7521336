"""How a write is answered: who writes, once or again, and what it made, read right after it.

    by = writing.desk()
    receipt = writing.record(decisions.put_member(story, "actor", fields, by), by)
    return writing.told(receipt, fields, at=writing.address(story, "actors", actor))

201 says that something got an address of its own, which ``Location`` names; 200 everything else.
Every answer says the ``position``.

Rules for editors: an answer is made from its receipt and the record alone, so that a repeated
request, which has the receipt only, is answered alike. Once it is stored, nothing that fails may
tell a desk to send it again.
"""

import logging
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Response, request

from service import decisions
from service.api import auth
from service.api.answers import answer, dumps
from service.api.conditional import quoted
from service.api.environ import POSITION
from service.api.house import house
from service.api.idempotency import REPLAYED, repeatable
from service.api.problems import Problem
from service.decisions import Receipt, Written, once, receipt
from service.domain.refusals import Unavailable
from service.ledger import Decision, Desk
from service.readmodel import versions
from service.store.sql import Sql

UNREADABLE = (Unavailable, sqlite3.Error)
"""What a reading raises where the database is away or busy."""

RECEIVED = ("id", "story", "version", "position", "warnings")
"""What is told of a version that is stored and cannot be read back just now."""

Found = TypeVar("Found")

_log = logging.getLogger(__name__)


def desk() -> Desk:
    """Return who writes. Raises Problem ``forbidden`` for a token of another story."""
    asking = auth.writer()
    bound = auth.reader().story
    if bound is not None and (request.view_args or {}).get("story") != bound:
        raise Problem("forbidden", f"This token is for the story {bound} alone.")
    return Desk(newsroom=asking.newsroom, by=asking.by)


def record(decide: Decision, by: Desk) -> Receipt:
    """Run a decision, once under the request's Idempotency-Key; return its receipt."""
    repeat = repeatable(request)
    if repeat is None:
        written: Written = house().record(decide)
        # It is stored: where nothing can be read just now, it must not be sent again for that.
        return _looked(lambda sql: receipt(written, sql)) or receipt(written, None)
    made: Receipt = house().record(once(decide, by, repeat, days=house().settings.idempotency_days))
    return made


def warned(written: Written) -> Written:
    """Return what a line wrote with its warnings; without them where nothing can be read now."""
    return _looked(lambda sql: decisions.warned(sql, written)) or written


def _looked(look: Callable[[Sql], Found]) -> Found | None:
    """Return what is read right after a commit, None where it cannot be: what is done is done."""
    try:
        return look(house().asof.sql)
    except UNREADABLE as error:
        _log.warning("what was stored cannot be read back", exc_info=error)
        return None


def address(story: str, *parts: str) -> str:
    """Return the address of a story, or of something in it."""
    return "/".join(("/v1/stories", story, *parts))


def told(made: Receipt, document: Mapping[str, Any], *, at: str) -> Response:
    """Answer with what was written; ``at`` is its address."""
    response = _answer(made, {**document, "position": made.position})
    if made.created:
        response.headers["Location"] = at
    return response


def told_development(made: Receipt) -> Response:
    """Answer with the version that a report or an act on a development made, or has found."""
    assert made.number is not None
    assert made.id is not None
    number = made.number
    row = _looked(lambda sql: versions.at(sql, number, made.position))
    more = dumps({"warnings": list(made.warnings)})
    if row is None:
        more = dumps({name: getattr(made, name) for name in RECEIVED})
    response = _answer(made, more if row is None else versions.joined(versions.served(row), more))
    at = address(made.story, "developments", made.id)
    new_version = made.created and made.version != 1
    response.headers["Location"] = f"{at}/versions/{made.version}" if new_version else at
    response.headers["ETag"] = quoted(str(made.etag))
    return response


def _answer(made: Receipt, document: Any) -> Response:
    request.environ[POSITION] = made.position
    response = answer(document, 201 if made.created else 200)
    if made.replayed:
        response.headers[REPLAYED] = "true"
    return response
