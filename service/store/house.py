"""The house record's own tables: tokens, and answers kept for repeated requests.

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
        status INTEGER NOT NULL,
        headers TEXT NOT NULL,
        body BLOB NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (newsroom, key))""",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """An answer kept for a repeated request; ``request`` is the first request's SHA-256."""

    request: str
    status: int
    headers: Mapping[str, str]
    body: bytes


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


def kept_answer(sql: Sql, newsroom: str, key: str, *, since: int) -> Kept | None:
    """Return the answer kept under a key, unless it is older than ``since``."""
    row = sql.one(
        "SELECT request, status, headers, body FROM idempotency"
        " WHERE newsroom = ? AND key = ? AND at >= ?",
        (newsroom, key, since),
    )
    if row is None:
        return None
    return Kept(
        request=row["request"],
        status=row["status"],
        headers=json.loads(row["headers"]),
        body=bytes(row["body"]),
    )


def keep_answer(sql: Sql, newsroom: str, key: str, kept: Kept, *, at: int) -> None:
    """Keep an answer, written with the act it answers."""
    sql.run(
        "INSERT INTO idempotency VALUES (?,?,?,?,?,?,?) ON CONFLICT (newsroom, key)"
        " DO UPDATE SET request = excluded.request, status = excluded.status,"
        " headers = excluded.headers, body = excluded.body, at = excluded.at",
        (newsroom, key, kept.request, kept.status, json.dumps(kept.headers), kept.body, at),
    )


def forget_answers(sql: Sql, *, before: int) -> int:
    """Drop answers kept before an instant; return how many."""
    return sql.run("DELETE FROM idempotency WHERE at < ?", (before,))


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
