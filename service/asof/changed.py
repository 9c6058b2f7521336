"""What an act changed: each slot whose answer at a moment of world time became another by it.

Rules for editors: an answer's version alone is no change; its value, since when, whose, and how
sure are. A new sort of change is a new word in ``SORTS`` and a sentence in ``_says``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from service.asof.basis import Basis
from service.domain import kinds, times
from service.domain.checks import occurred_of
from service.domain.kinds import Assignment, Version
from service.readmodel import assignments
from service.readmodel.assignments import Question
from service.readmodel.versions import Known, Said
from service.store.sql import Row

EDITORS_SLOTS = {"SummaryWritten": ("summary",), "LevelOverridden": ("level:override",)}
"""Acts of the story that put something into slots."""

SORTS = ("learned", "replaced", "corrected", "updated", "verified", "taken_back")
"""What became of an answer. learned: there was none. replaced: a later one, of another
development. corrected, updated: the same development says otherwise, in error before or not.
verified: its words stand, how sure they are has moved. taken_back: what it said is gone."""

COMPARED = ("value", "valid_from", "development", "verification")
SHORT = 80
"""Characters of a value in a sentence."""

Answer = Mapping[str, Any]


def slots(
    basis: Basis, rows: Sequence[Row], known: Mapping[Known, Said], as_of: int
) -> list[list[dict[str, Any]]]:
    """Return for each act (a chronicle's row) the slots whose answer at a world time it changed.

    ``known`` has the version of each act's development right before and right after it.
    """
    touched = [_touched(basis, row, known) for row in rows]
    asked: list[Question] = []
    for row, names in zip(rows, touched, strict=True):
        for slot in names:
            asked += _before_and_after(slot, row, as_of)
    answers = assignments.answers(basis.sql, basis.story, asked)
    found = []
    for row, names in zip(rows, touched, strict=True):
        mine = known.get((row["development"], row["position"]))
        report = None if mine is None else mine.fields["id"]
        pairs = {slot: map(answers.get, _before_and_after(slot, row, as_of)) for slot in names}
        found.append(list(_changed(row["act"], report, pairs)))
    return found


def _before_and_after(slot: str, row: Row, as_of: int) -> tuple[Question, Question]:
    # Nothing was known then of what is valid from later: the search need not pass it.
    clamp, position = min(as_of, row["recorded_at"]), row["position"]
    return (slot, clamp, position - 1), (slot, clamp, position)


def _changed(
    act: str, mine: str | None, pairs: Mapping[str, Iterable[Assignment | None]]
) -> Iterator[dict[str, Any]]:
    for slot, pair in pairs.items():
        old, new = map(_answer, pair)
        if _same(old, new):
            continue
        sort = _sort(act, mine, old, new)
        yield {
            "slot": slot,
            "old": old,
            "new": new,
            "sort": sort,
            "says": _says(slot, sort, old, new),
        }


def _same(old: Answer | None, new: Answer | None) -> bool:
    if old is None or new is None:
        return old is new
    return all(old[name] == new[name] for name in COMPARED)


def _sort(act: str, mine: str | None, old: Answer | None, new: Answer | None) -> str:
    """Say in a word what became of an answer; ``mine`` is the development that the act is on."""
    if old is None:
        return "learned"
    if new is None or new["development"] != mine:
        return "taken_back"
    if old["development"] != mine or mine is None:
        return "replaced"
    if old["value"] == new["value"] and old["valid_from"] == new["valid_from"]:
        return "verified"
    return "corrected" if act == "DevelopmentCorrected" else "updated"


def _says(slot: str, sort: str, old: Answer | None, new: Answer | None) -> str:
    was, is_ = _short(old and old["value"]), _short(new and new["value"])
    match sort:
        case "learned":
            return f"{slot}: {is_}. Nothing had been known of it."
        case "replaced":
            return f"{slot}: {is_}. Before, {was}."
        case "corrected" if was == is_:
            return f"{slot}: {is_}, but from another moment on."
        case "corrected":
            return f"{slot}: {is_}. It had been said, wrongly: {was}."
        case "updated":
            return f"{slot}: {is_}. It had been said: {was}."
        case "verified":
            assert old is not None
            assert new is not None
            return f"{slot}: {is_}. It is {new['verification']} and was {old['verification']}."
        case _:
            rest = "Nothing is known in its place." if new is None else f"What stands is {is_}."
            return f"{slot}: {was} was taken back. {rest}"


def _short(value: Any) -> str:
    """Return a slot's value in a few words."""
    if isinstance(value, Mapping):
        named = [value[name] for name in ("level", "title", "text", "kind") if value.get(name)]
        value = named[0] if named else _figure(value)
    elif isinstance(value, list):
        value = " ".join(str(sentence.get("text", "")) for sentence in value) or "no words"
    text = "nothing" if value is None else str(value).replace("_", " ").rstrip(".")
    return text if len(text) <= SHORT else text[: SHORT - 1].rstrip() + "…"


def _figure(value: Mapping[str, Any]) -> str:
    low, high = value.get("low"), value.get("high")
    bounds = [str(bound) for bound in dict.fromkeys((low, high)) if bound is not None]
    if bounds:
        return " to ".join(bounds)
    return ", ".join(f"{name} {said}" for name, said in value.items() if said) or "nothing said"


def _touched(basis: Basis, row: Row, known: Mapping[Known, Said]) -> Sequence[str]:
    """Return the slots that an act put something into, or took something out of."""
    if row["development"] is None:
        return EDITORS_SLOTS.get(row["act"], ())
    found: dict[str, None] = {}
    for position in (row["position"] - 1, row["position"]):
        said = known.get((row["development"], position))
        # What was hidden answers nothing, at any basis.
        if said is not None and said.row["document"] is not None:
            found |= dict.fromkeys(a.slot for a in kinds.assignments(_version(basis, said)))
    return list(found)


def _version(basis: Basis, said: Said) -> Version:
    row, served = said
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
        conflict=basis.is_of_conflict,
    )


def _answer(row: Assignment | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "value": row.value,
        "valid_from": times.format_instant(row.valid_from),
        "development": row.development or None,
        "version": row.version or None,
        "verification": row.verification or None,
    }
