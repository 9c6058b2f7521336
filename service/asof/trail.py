"""How the story came about: its acts in record order, what each changed, corrections, changes.

The audit trail is the same for everyone but for two things: which token acted, and what was
noted for auditors only.
"""

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from service.asof.basis import Basis
from service.domain import kinds, times
from service.domain.checks import occurred_of
from service.domain.kinds import Assignment, Version
from service.readmodel import assignments, chronicle, versions
from service.readmodel.chronicle import Span
from service.store.sql import Row

WORDS = re.compile(r"\s+|[^\s]+")
EDITORS_SLOTS = {"SummaryWritten": ("summary",), "LevelOverridden": ("level:override",)}
CORRECTIONS = ("DevelopmentCorrected", "DevelopmentClarified", "DevelopmentWithdrawn")
"""Acts that the corrections log lists."""

REVISIONS = ("DevelopmentUpdated", "DevelopmentRefiled", *CORRECTIONS)


def page(
    basis: Basis, span: Span, *, limit: int, auditor: bool = False, slots_at: int | None = None
) -> list[dict[str, Any]]:
    """Return acts of the story as entries, at most ``limit``.

    With ``slots_at`` (a world time) each entry says which slots' answers at that time it changed.
    """
    rows = chronicle.rows(basis.sql, basis.story, span, limit)
    return [entry(basis, row, auditor=auditor, slots_at=slots_at) for row in rows]


def entry(
    basis: Basis, row: Row, *, auditor: bool = False, slots_at: int | None = None
) -> dict[str, Any]:
    """Return one act as an auditor reads it: who, when, what was and what is, and why."""
    content = basis.sql.one("SELECT * FROM content WHERE position = ?", (row["position"],))
    note = json.loads(content["note"]) if content else {}
    found: dict[str, Any] = {
        "position": row["position"],
        "act": row["act"],
        "recorded_at": times.format_instant(row["recorded_at"]),
        "stored_at": times.format_instant(row["stored_at"]),
        "newsroom": row["newsroom"],
    }
    if auditor:
        found["by"] = row["by"]
        found |= json.loads(content["audit"]) if content else {}
    if row["development"] is None:
        found["subject"] = _subject(content)
    else:
        found |= _development(basis, row)
    found |= note
    if slots_at is not None:
        found["slots"] = list(_slots(basis, row, slots_at))
    return found


def _subject(content: Row | None) -> dict[str, Any]:
    document = content["document"] if content else None
    subject: dict[str, Any] = json.loads(document) if document else {}
    return subject


def _development(basis: Basis, row: Row) -> dict[str, Any]:
    now_row = versions.at(basis.sql, row["development"], row["position"])
    assert now_row is not None
    now = json.loads(versions.served(now_row))
    found = {
        "development": now["id"],
        "version": row["version"],
        "headline": now.get("headline"),
        "verification": now["verification"],
    }
    if row["act"] == "DevelopmentReported" or now_row["known_from"] != row["position"]:
        return found
    before_row = versions.at(basis.sql, row["development"], row["position"] - 1)
    assert before_row is not None
    before = json.loads(versions.served(before_row))
    if now.get("reason"):
        found["reason"] = now["reason"]
    found["changes"] = changes(before, now)
    if row["act"] in ("DevelopmentCorrected", "DevelopmentWithdrawn"):
        found["target"] = before["version"]
        found["exposure"] = exposure(basis, row, before, found["changes"])
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


def word_diff(was: str, is_: str) -> list[list[str]]:
    """Return [["=", same], ["-", taken out], ["+", put in], …], word by word."""
    old, new = WORDS.findall(was), WORDS.findall(is_)
    found: list[list[str]] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            found.append(["=", "".join(old[i:j])])
            continue
        if j > i:
            found.append(["-", "".join(old[i:j])])
        if m > k:
            found.append(["+", "".join(new[k:m])])
    return found


def exposure(
    basis: Basis, row: Row, before: Mapping[str, Any], changed: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return how long what was wrong had stood: from the version that brought it, in seconds."""
    wrong = {change["field"]: change["was"] for change in changed}
    since = before["recorded_at"]
    for old in reversed(versions.all_of(basis.sql, row["development"], row["position"] - 1)):
        said = json.loads(versions.served(old))
        if not any(said.get(name) == was for name, was in wrong.items()):
            break
        since = said["recorded_at"]
    seconds = (row["recorded_at"] - times.parse_instant(since)) / 1_000_000
    until = times.format_instant(row["recorded_at"])
    return {"from": since, "to": until, "seconds": round(seconds)}


def _slots(basis: Basis, row: Row, as_of: int) -> Iterator[dict[str, Any]]:
    """Yield the slots whose answer at a world time an act changed: old, new."""
    position = row["position"]
    for slot in _touched(basis, row):
        old = _answer(basis, slot, as_of, position - 1)
        new = _answer(basis, slot, as_of, position)
        if old != new:
            yield {"slot": slot, "old": old, "new": new, "sort": _sort(old, new)}


def _sort(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> str:
    """Say in a word what became of an answer: learned, replaced, corrected, or taken back."""
    if old is None:
        return "learned"
    if new is None:
        return "taken_back"
    return "corrected" if old["development"] == new["development"] else "replaced"


def _touched(basis: Basis, row: Row) -> Sequence[str]:
    if row["development"] is None:
        return EDITORS_SLOTS.get(row["act"], ())
    found: dict[str, None] = {}
    for position in (row["position"] - 1, row["position"]):
        version = versions.at(basis.sql, row["development"], position)
        # What was hidden answers nothing, at any basis.
        if version is not None and version["document"] is not None:
            found |= dict.fromkeys(a.slot for a in kinds.assignments(_version(basis, version)))
    return list(found)


def _version(basis: Basis, row: Row) -> Version:
    served = json.loads(versions.served(row))
    return Version(
        development=served["id"],
        version=row["version"],
        fields=served,
        status=row["status"],
        verification=row["verification"],
        occurred=occurred_of(served, basis.zone),
        first_recorded_at=times.parse_instant(served["first_recorded_at"]),
        report_position=row["development"],
        zone=basis.zone,
        conflict=basis.document.get("scale") == "conflict",
    )


def _answer(basis: Basis, slot: str, as_of: int, position: int) -> dict[str, Any] | None:
    found: list[Assignment] = assignments.course(
        basis.sql, basis.story, slot, as_of=as_of, position=position, below=None, limit=1
    )
    if not found:
        return None
    row = found[0]
    return {
        "value": row.value,
        "valid_from": times.format_instant(row.valid_from),
        "development": row.development or None,
        "version": row.version or None,
        "verification": row.verification or None,
    }


def every_version(basis: Basis, development: int, *, auditor: bool = False) -> list[dict[str, Any]]:
    """Return each version known at the basis: as it read, and the act that made it."""
    found = []
    span = Span(above=0, upto=basis.position, development=development)
    acts = {
        row["version"]: row
        for row in chronicle.rows(basis.sql, basis.story, span, VERSIONS)
        if row["act"].startswith("Development")
        and row["version"] is not None
        and row["act"] not in ("DevelopmentPinned", "DevelopmentUnpinned")
    }
    for row in versions.all_of(basis.sql, development, basis.position):
        said = json.loads(versions.served(row))
        act = entry(basis, acts[row["version"]], auditor=auditor)
        found.append({**said, "made_by": act})
    return found


VERSIONS = 10_000
"""Versions of one development that are listed at most."""
