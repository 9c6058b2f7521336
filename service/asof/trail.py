"""How the story came about: its acts in record order, what each changed, corrections, changes.

The audit trail is the same for everyone but for two things: which token acted, and what was
noted for auditors only.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from service.asof import changed
from service.asof.basis import Basis
from service.asof.words import word_diff
from service.domain import times
from service.readmodel import chronicle, stories, versions
from service.readmodel.chronicle import Span
from service.readmodel.stories import Viewer
from service.readmodel.versions import Known, Said
from service.store.sql import Row, Sql

CORRECTIONS = ("DevelopmentCorrected", "DevelopmentClarified", "DevelopmentWithdrawn")
"""Acts that the corrections log lists."""

WRONG = ("DevelopmentCorrected", "DevelopmentWithdrawn")
"""Acts that say that something had been wrong."""

Sees = Callable[[str], bool]
"""Tells whether the reader may know who in a newsroom did what."""


def nobody(_newsroom: str) -> bool:
    """Answer for a reader who is no auditor."""
    return False


def page(
    basis: Basis, span: Span, *, limit: int, sees: Sees = nobody, slots_at: int | None = None
) -> list[dict[str, Any]]:
    """Return acts of the story as entries, at most ``limit``.

    With ``slots_at`` (a world time) each entry says which slots' answers at that time it changed.
    """
    rows = chronicle.rows(basis.sql, basis.story, span, limit)
    known = _known(basis.sql, rows)
    found = entries(basis.sql, rows, known, sees)
    if slots_at is not None:
        for told, slots in zip(found, changed.slots(basis, rows, known, slots_at), strict=True):
            told["slots"] = slots
    return found


def corrections(
    sql: Sql, *, above: int, below: int, limit: int, viewer: Viewer | None = None,
    story: int | None = None, sees: Sees = nobody,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the corrections log between two positions, exclusive, latest first.

    Of a ``story``, by its number, or of every story that a ``viewer`` may read; each entry of
    that one names its story.
    """
    if story is not None:
        rows = chronicle.corrections(sql, above=above, below=below, limit=limit, story=story)
        return entries(sql, rows, _known(sql, rows), sees)
    readable = stories.readable(viewer or Viewer())
    rows = chronicle.corrections(sql, above=above, below=below, limit=limit, readable=readable)
    told = entries(sql, rows, _known(sql, rows), sees)
    return [{"story": row["story_id"], **one} for row, one in zip(rows, told, strict=True)]


def _known(sql: Sql, rows: Sequence[Row]) -> dict[Known, Said]:
    """Return the version of each act's development right before it and right after it."""
    asked = [
        (row["development"], position)
        for row in rows
        if row["development"] is not None
        for position in (row["position"] - 1, row["position"])
    ]
    return versions.known(sql, asked)


def entries(
    sql: Sql, rows: Sequence[Row], known: Mapping[Known, Said], sees: Sees = nobody
) -> list[dict[str, Any]]:
    """Return acts as an auditor reads them: who, when, what was and what is, and why.

    ``known`` has the version of each act's development right before and right after it.
    """
    contents = versions.contents(sql, [row["position"] for row in rows])
    wrong = [(row["development"], row["position"] - 1) for row in rows if row["act"] in WRONG]
    stood = versions.all_known(sql, wrong)
    return [_entry(row, contents.get(row["position"]), known, stood, sees) for row in rows]


def _entry(
    row: Row,
    content: Row | None,
    known: Mapping[Known, Said],
    stood: Mapping[Known, Sequence[Said]],
    sees: Sees,
) -> dict[str, Any]:
    made = known.get((row["development"], row["position"]))
    if made is not None and made.made_at == row["position"] and made.row["text"] is None:
        content = None  # What was said about a text that was hidden says what it said.
    note = orjson.loads(content["note"]) if content else {}
    found: dict[str, Any] = {
        "position": row["position"],
        "act": row["act"],
        "recorded_at": times.format_instant(row["recorded_at"]),
        "stored_at": times.format_instant(row["stored_at"]),
        "newsroom": row["newsroom"],
    }
    if row["stored_at"] != row["recorded_at"]:
        found["imported_at"] = found["stored_at"]
    if sees(row["newsroom"]):
        found["by"] = row["by"]
        found |= orjson.loads(content["audit"]) if content else {}
    if row["development"] is None:
        found["subject"] = _subject(content)
    else:
        found |= _development(row, known, stood)
    return found | note


def _subject(content: Row | None) -> dict[str, Any]:
    document = content["document"] if content else None
    subject: dict[str, Any] = orjson.loads(document) if document else {}
    return subject


def _development(
    row: Row, known: Mapping[Known, Said], stood: Mapping[Known, Sequence[Said]]
) -> dict[str, Any]:
    made = known[row["development"], row["position"]]
    now = made.fields
    found = {
        "development": now["id"],
        "version": row["version"],
        "headline": now.get("headline"),
        "verification": now["verification"],
    }
    if row["act"] == "DevelopmentReported" or made.made_at != row["position"]:
        return found
    last = (row["development"], row["position"] - 1)
    before = known[last].fields
    if now.get("reason"):
        found["reason"] = now["reason"]
    found["changes"] = changes(before, now)
    if row["act"] in CORRECTIONS:
        found["target"] = before["version"]
    if row["act"] in WRONG:
        found["exposure"] = exposure(row, before, found["changes"], stood[last])
    return found


CONTENT = (
    "kind", "headline", "body", "language", "occurred", "places", "actors", "sources", "media",
    "byline", "details", "relates_to", "verification",
)  # fmt: skip
"""What was/is compares, in the order in which it is shown."""


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return was/is of each field that differs between two served versions, words marked."""
    found = []
    for name in CONTENT:
        was, is_ = before.get(name), now.get(name)
        if was == is_:
            continue
        change: dict[str, Any] = {"field": name, "was": was, "is": is_}
        if isinstance(was, str) and isinstance(is_, str) and name in ("headline", "body"):
            change["words"] = word_diff(was, is_)
        found.append(change)
    return found


def exposure(
    row: Row,
    before: Mapping[str, Any],
    changed: Sequence[Mapping[str, Any]],
    stood: Sequence[Said],
) -> dict[str, Any]:
    """Return how long what was wrong had stood: from the version that brought it, in seconds.

    ``stood`` are the versions before the act, oldest first.
    """
    wrong = {change["field"]: change["was"] for change in changed}
    since = before["recorded_at"]
    for old in reversed(stood):
        if not any(old.fields.get(name) == was for name, was in wrong.items()):
            break
        since = old.fields["recorded_at"]
    seconds = (row["recorded_at"] - times.parse_instant(since)) / 1_000_000
    until = times.format_instant(row["recorded_at"])
    return {"from": since, "to": until, "seconds": round(seconds)}


def every_version(basis: Basis, development: int) -> list[dict[str, Any]]:
    """Return each version known at the basis: as it read, and the act that made it."""
    return told_versions(basis, versions_after(basis, development, 0))


def versions_after(basis: Basis, development: int, version: int) -> list[Row]:
    """Return the rows of a development's versions after one (0: all), oldest first."""
    rows = versions.all_of(basis.sql, development, basis.position)
    return [row for row in rows if row["version"] > version]


def told_versions(basis: Basis, rows: Sequence[Row], sees: Sees = nobody) -> list[dict[str, Any]]:
    """Return versions as they read, each with the act that made it."""
    acts = [chronicle.row_at(basis.sql, row["known_from"]) for row in rows]
    made_by = entries(basis.sql, acts, _known(basis.sql, acts), sees)
    return [
        {**orjson.loads(versions.served(row)), "made_by": act}
        for row, act in zip(rows, made_by, strict=True)
    ]
