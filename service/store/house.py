"""The house record's own tables: tokens, and receipts kept for repeated requests.

None of it has a position; none of it is part of the public record. Each change of a token
leaves a row in ``house_acts``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.store.sql import Row, Sql
from service.tokens import TokenRow

TABLES = (
    """CREATE TABLE token (
        id TEXT PRIMARY KEY,
        sha256 TEXT NOT NULL UNIQUE,
        newsroom TEXT NOT NULL,
        role TEXT NOT NULL,
        name TEXT NOT NULL,
        house INTEGER NOT NULL,
        story TEXT,
        created_at INTEGER NOT NULL,
        expires_at INTEGER,
        revoked_at INTEGER)""",
    """CREATE TABLE idempotency (
        newsroom TEXT NOT NULL,
        key TEXT NOT NULL,
        request TEXT NOT NULL,
        receipt TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (newsroom, key))""",
    # Old receipts are found by age, to drop them.
    "CREATE INDEX idempotency_by_age ON idempotency (at)",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What is kept for a repeated request: the first one's SHA-256, and what it was told.

    ``receipt`` names what was written and holds none of its words, so that text which is
    hidden or erased later comes back by no repeated request.
    """

    request: str
    receipt: Mapping[str, Any]


def add_token(sql: Sql, token: TokenRow, *, by: str) -> None:
    """Store a token; of its secret only the SHA-256 is kept."""
    sql.run(
        "INSERT INTO token VALUES (?,?,?,?,?,?,?,?,?,?)",
        (
            token.id,
            token.sha256,
            token.newsroom,
            token.role,
            token.name,
            int(token.house),
            token.story,
            token.created_at,
            token.expires_at,
            token.revoked_at,
        ),
    )
    body = {"token": token.id, "role": token.role, "name": token.name}
    add_act(sql, "TokenCreated", at=token.created_at, newsroom=token.newsroom, by=by, body=body)


def revoke_token(sql: Sql, token_id: str, *, at: int, by: str) -> bool:
    """Revoke a token; False when there is none that stands under this id."""
    row = sql.one("SELECT newsroom FROM token WHERE id = ? AND revoked_at IS NULL", (token_id,))
    if row is None:
        return False
    sql.run("UPDATE token SET revoked_at = ? WHERE id = ?", (at, token_id))
    body = {"token": token_id}
    add_act(sql, "TokenRevoked", at=at, newsroom=row["newsroom"], by=by, body=body)
    return True


def find_token(sql: Sql, sha256: str) -> TokenRow | None:
    """Return the token whose secret has this SHA-256, revoked or not."""
    row = sql.one("SELECT * FROM token WHERE sha256 = ?", (sha256,))
    return _token(row) if row else None


def all_tokens(sql: Sql) -> list[TokenRow]:
    """Return every token, oldest first."""
    return [_token(row) for row in sql.all("SELECT * FROM token ORDER BY created_at, id")]


def add_act(sql: Sql, act: str, *, at: int, newsroom: str, by: str, body: Any) -> None:
    """Append to the house record."""
    sql.run(
        "INSERT INTO house_acts (at, act, newsroom, by, body) VALUES (?,?,?,?,?)",
        (at, act, newsroom, by, json.dumps(body, sort_keys=True)),
    )


def kept_receipt(sql: Sql, newsroom: str, key: str, *, since: int) -> Kept | None:
    """Return what is kept under a key, unless it is older than ``since``."""
    row = sql.one(
        "SELECT request, receipt FROM idempotency WHERE newsroom = ? AND key = ? AND at >= ?",
        (newsroom, key, since),
    )
    return None if row is None else Kept(request=row["request"], receipt=json.loads(row["receipt"]))


KEEP = (
    "INSERT INTO idempotency VALUES (?,?,?,?,?) ON CONFLICT (newsroom, key)"
    " DO UPDATE SET request = excluded.request, receipt = excluded.receipt, at = excluded.at"
)


def keep_receipt(sql: Sql, newsroom: str, key: str, kept: Kept, *, at: int) -> None:
    """Keep a receipt, written with the act that it tells of."""
    sql.later(KEEP, (newsroom, key, kept.request, json.dumps(kept.receipt), at))


def forget_receipts(sql: Sql, *, before: int, most: int) -> int:
    """Drop at most so many receipts kept before an instant, the oldest first; return how many."""
    return sql.run(
        "DELETE FROM idempotency WHERE (newsroom, key) IN"
        " (SELECT newsroom, key FROM idempotency WHERE at < ? ORDER BY at LIMIT ?)",
        (before, most),
    )


def _token(row: Row) -> TokenRow:
    return TokenRow(
        id=row["id"],
        sha256=row["sha256"],
        newsroom=row["newsroom"],
        role=row["role"],
        name=row["name"],
        house=bool(row["house"]),
        story=row["story"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
