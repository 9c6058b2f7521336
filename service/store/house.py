"""The house record's own tables: tokens, and receipts kept for repeated requests.

None of it has a position; none of it is part of the public record. Each change of a token
leaves a row in ``house_acts``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.store.sql import Row, Sql, padded, placeholders
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


Key = tuple[str, str]
"""A newsroom, and the key that it gave a request which it may send again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What is kept for a repeated request: the first one's SHA-256, what it was told, and when.

    ``receipt`` names what was written and holds none of its words, so that text which is
    hidden or erased later comes back by no repeated request.
    """

    request: str
    receipt: Mapping[str, Any]
    at: int


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


def receipts(sql: Sql, keys: Sequence[Key]) -> dict[Key, Kept | None]:
    """Return what is kept under each of the keys, None where nothing is."""
    found: dict[Key, Kept | None] = dict.fromkeys(keys)
    for newsroom in {newsroom for newsroom, _ in keys}:
        named = padded([key for of, key in keys if of == newsroom])
        rows = sql.all(
            "SELECT newsroom, key, request, receipt, at FROM idempotency"
            f" WHERE newsroom = ? AND key IN ({placeholders(named)})",
            (newsroom, *named),
        )
        for row in rows:
            told = json.loads(row["receipt"])
            kept = Kept(request=row["request"], receipt=told, at=row["at"])
            found[row["newsroom"], row["key"]] = kept
    return found


KEEP = (
    "INSERT INTO idempotency VALUES (?,?,?,?,?) ON CONFLICT (newsroom, key)"
    " DO UPDATE SET request = excluded.request, receipt = excluded.receipt, at = excluded.at"
)


def keep_receipt(sql: Sql, key: Key, kept: Kept) -> None:
    """Keep a receipt, written with the act that it tells of."""
    sql.later(KEEP, (*key, kept.request, json.dumps(kept.receipt), kept.at))


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
