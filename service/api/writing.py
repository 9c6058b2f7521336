"""How a write is answered: who writes, once or again, and what it made, read right after it.

    by = writing.desk()
    receipt = writing.record(decisions.put_member(story, "actor", fields, by), by)
    return writing.told(receipt, fields, at=writing.address(story, "actors", actor))

201 says that something got an address of its own, which ``Location`` names; 200 everything else.
Every answer says the ``position``.

Rules for editors: an answer is made from its receipt and the record alone, so that a repeated
request, which has the receipt only, is answered alike.
"""

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from service.api import auth
from service.api.answers import answer, dumps
from service.api.conditional import quoted
from service.api.environ import POSITION
from service.api.house import house
from service.api.idempotency import REPLAYED, repeatable
from service.api.problems import Problem
from service.decisions import Receipt, once, receipt
from service.ledger import Decision, Desk
from service.readmodel import versions


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
        return receipt(house().record(decide), house().asof.sql)
    made: Receipt = house().record(once(decide, by, repeat, days=house().settings.idempotency_days))
    return made


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
    row = versions.at(house().asof.sql, made.number, made.position)
    assert row is not None
    warnings = dumps({"warnings": list(made.warnings)})
    response = _answer(made, versions.joined(versions.served(row), warnings))
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
