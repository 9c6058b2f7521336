"""Many rows in one statement: a whole column travels as one array parameter.

A statement that runs once for each of a batch's rows costs both sides several times what the
same rows cost as arrays, and psycopg's own way of sending a list is slow. A column is packed
here in the server's binary form of arrays.

Rules for editors: only the three types that the record's tables have.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain, repeat
from struct import Struct, pack
from typing import Any

from psycopg import Connection, pq
from psycopg.adapt import Dumper

ROWS = 4
"""From so many rows on, columns cost less than the statement run for each row."""

BIGINT, TEXT, BYTEA = 20, 25, 17
"""The server's numbers of the types (pg_type)."""

_HEAD = Struct("!iiIii").pack  # dimensions, whether there are nulls, element type, length, from 1
_LENGTH = Struct("!i").pack
_NULL = _LENGTH(-1)


class Bigints(tuple[int | None, ...]):
    """A column of integers."""

    __slots__ = ()


class Texts(tuple[str | None, ...]):
    """A column of text."""

    __slots__ = ()


class Byteas(tuple[bytes | None, ...]):
    """A column of bytes."""

    __slots__ = ()


COLUMNS: dict[str, Callable[[Iterable[Any]], Any]] = {
    "bigint": Bigints,
    "text": Texts,
    "bytea": Byteas,
}
"""A column's sort by the name of its type."""


class _BigintsDumper(Dumper):
    format = pq.Format.BINARY
    oid = 1016

    def dump(self, obj: Bigints) -> bytes:
        """Return the column as the server takes it."""
        if None not in obj:
            count = len(obj)
            return _HEAD(1, 0, BIGINT, count, 1) + pack(
                f"!{'iq' * count}", *chain.from_iterable(zip(repeat(8), obj))
            )
        parts = [None if value is None else pack("!q", value) for value in obj]
        return _packed(BIGINT, parts)


class _TextsDumper(Dumper):
    format = pq.Format.BINARY
    oid = 1009

    def dump(self, obj: Texts) -> bytes:
        """Return the column as the server takes it."""
        return _packed(TEXT, [None if value is None else value.encode() for value in obj])


class _ByteasDumper(Dumper):
    format = pq.Format.BINARY
    oid = 1001

    def dump(self, obj: Byteas) -> bytes:
        """Return the column as the server takes it."""
        return _packed(BYTEA, obj)


def _packed(element: int, values: Sequence[bytes | None]) -> bytes:
    parts = [_HEAD(1, int(None in values), element, len(values), 1)]
    for value in values:
        if value is None:
            parts.append(_NULL)
        else:
            parts += (_LENGTH(len(value)), value)
    return b"".join(parts)


def register(connection: Connection[Any]) -> None:
    """Let a connection take columns as parameters."""
    connection.adapters.register_dumper(Bigints, _BigintsDumper)
    connection.adapters.register_dumper(Texts, _TextsDumper)
    connection.adapters.register_dumper(Byteas, _ByteasDumper)


_INSERT = re.compile(r"INSERT INTO (\w+)(?: \(([\w, ]+)\))? VALUES \(\?(?:, ?\?)*\)")


@lru_cache
def target(statement: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the table and the columns of a plain INSERT; no columns named: all of them."""
    found = _INSERT.fullmatch(statement)
    if found is None:
        return None
    table, columns = found.groups()
    return table, tuple(columns.replace(" ", "").split(",")) if columns else ()


TYPES = """SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
    WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""
"""The columns of a table and their types."""


def insert(table: str, columns: Sequence[tuple[str, str]]) -> str:
    """Return the INSERT that takes a column a parameter; ``columns`` are (name, type)."""
    names = ", ".join(f'"{name}"' for name, _ in columns)
    return (
        f"INSERT INTO {table} ({names})"
        f" SELECT * FROM unnest({', '.join(f'?::{kind}[]' for _, kind in columns)})"
    )
