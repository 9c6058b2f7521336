"""The situation and its values in words, for a terminal.

    control
      since             what      is                                    slot
      2019-04-05 20:00  Gharyan   held: Libyan National Army is said …  control:gharyan:lna:lna

Rules for editors: sections have the names and the order that HTTP gives them; a section without
entries is not shown. What an entry says beyond these words, ``--json`` says.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from service.cli.tables import table
from service.domain import times
from service.domain.reading import FIGURES

Entry = Mapping[str, Any]
Words = Callable[[Entry], tuple[str, str]]
"""What an entry is about, and what is said of it."""

INDENT = "  "
MARKED = ("pinned", "key_events")
HEADS = ("since", "what", "is", "slot")
ROOMY = 110
"""In a narrower terminal the last column would only break the others, and is left out."""

DATES = ("deadline", "until", "starts", "ends")
"""Dates and instants of an entry, said in the story's zone."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


class Clock:
    """Says instants in a story's zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def __call__(self, instant: str | None) -> str:
        """Return an RFC 3339 instant to the minute; the last moment of a day as that day."""
        if instant is None:
            return ""
        at = times.parse_instant(instant)
        local = (_EPOCH + timedelta(microseconds=at)).astimezone(self._zone)
        if local + timedelta(microseconds=1) == _midnight(local) + _DAY:
            return f"{local:%Y-%m-%d}"
        return f"{local:%Y-%m-%d %H:%M}" + (f":{local:%S}" if local.second else "")

    def occurred(self, text: str | None) -> str:
        """Return what ``occurred`` says: dates as given, instants in the story's zone."""
        return "/".join(self(end) if "T" in end else end for end in (text or "").split("/"))


def _midnight(local: datetime) -> datetime:
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def sheet(situation: Entry, clock: Clock, headlines: Mapping[str, str], room: int) -> Iterator[str]:
    """Yield the lines of a situation; ``headlines`` are of the developments that it ``names``."""
    yield situation["basis"]["says"]
    yield from _level(situation["level"], clock)
    yield from _listed("summary", [sentence["text"] for sentence in situation["summary"]])
    for name, words in SECTIONS.items():
        rows = [_row(entry, words, clock, headlines) for entry in situation.get(name, ())]
        if rows:
            yield from ("", name)
            shown = len(HEADS) - (room < ROOMY)
            lines = table(HEADS[:shown], [row[:shown] for row in rows], room - len(INDENT))
            yield from (INDENT + line for line in lines)
    for name in MARKED:
        yield from _listed(name, [headlines.get(one, one) for one in situation.get(name, ())])
    yield from ("", _counts(situation, clock))


def names(situation: Entry) -> list[str]:
    """Return the developments of which a situation tells no more than the id."""
    disputed = [entry["development"] for entry in situation["disputed"]]
    return [*disputed, *(one for name in MARKED for one in situation.get(name, ()))]


def _row(entry: Entry, words: Words, clock: Clock, headlines: Mapping[str, str]) -> tuple[str, ...]:
    here = {name: clock.occurred(entry[name]) for name in DATES if entry.get(name)}
    what, is_ = words({**entry, **here})
    if entry.get("why") == "verification":
        is_ = headlines.get(entry["development"], is_)
    return clock(entry["since"]), what, _judged(is_, entry), entry["slot"]


def _listed(name: str, texts: list[str]) -> Iterator[str]:
    if texts:
        yield from ("", name)
        yield from (f"{INDENT}- {text}" for text in texts)


def _level(level: Entry | None, clock: Clock) -> Iterator[str]:
    if level is None:
        return
    value = level["level"]
    yield from ("", "level")
    if value is None:
        yield f"{INDENT}nothing to judge it by"
        return
    since = f" since {clock(level['since'])}" if level.get("since") else ""
    yield f"{INDENT}{_words(value)} ({level['value']} of 5){since}"
    yield from (f"{INDENT}- {reason['says']}" for reason in level["reasons"])
    if level.get("override"):
        yield f"{INDENT}- An editor set it: {level['override'].get('reason', '')}"


def _counts(situation: Entry, clock: Clock) -> str:
    counts = situation["counts"]
    quiet = situation["quiet_since"]
    found = ", ".join(f"{number} {what}" for what, number in counts.items())
    return found + (f"; quiet since {clock(quiet)}" if quiet else "")


def _judged(says: str, entry: Entry) -> str:
    """What an entry says, and how sure it is where that is not simply as reported."""
    sure = entry.get("verification")
    return says if sure in (None, "", "reported") else f"{says} [{sure}]"


# --- one function a section: (what, is) ----------------------------------------------------


def _party(entry: Entry) -> tuple[str, str]:
    fighting = "fighting" if entry.get("fighting") else ""
    alert = f"alert {entry['alert']}" if entry.get("alert") else ""
    said = (str(entry.get("posture") or ""), fighting, alert)
    return entry["name"], ", ".join(part for part in said if part)


def _between(entry: Entry) -> str:
    """Who does something, and to or against whom."""
    names = entry.get("names") or {}
    doing = [*([entry["by"]] if entry.get("by") else []), *(entry.get("also_by") or ())]
    parts = [", ".join(names.get(one, one) for one in doing)]
    for role in ("against", "to", "with"):
        if others := entry.get(role):
            parts.append(f"{role} {', '.join(names.get(one, one) for one in others)}")
    return " ".join(part for part in parts if part)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _said(*parts: str | None) -> str:
    return "; ".join(part for part in parts if part)


def _threat(entry: Entry) -> tuple[str, str]:
    deadline = f"until {entry['deadline']}" if entry.get("deadline") else None
    return entry["threat"], _said(
        _words(entry["state"]), _between(entry), entry.get("text"), deadline
    )


def _demand(entry: Entry) -> tuple[str, str]:
    deadline = f"until {entry['deadline']}" if entry.get("deadline") else None
    answers = ", ".join(
        f"{one['name']}: {_words(one['state'])}" for one in entry.get("addressees") or ()
    )
    by = _between({**entry, "to": ()})
    return entry["demand"], _said(_words(entry["state"]), by, entry.get("text"), answers, deadline)


def _scheduled(entry: Entry) -> tuple[str, str]:
    planned = "–".join(entry[end] for end in ("starts", "ends") if entry.get(end))
    overdue = "overdue" if entry.get("overdue") else None
    return entry["title"], _said(entry["state"], overdue, planned)


def _control(entry: Entry) -> tuple[str, str]:
    return entry["name"], f"{entry['state']}: {entry['says']}"


def _casualties(entry: Entry) -> tuple[str, str]:
    figures = [f"{name} {value(entry[name])}" for name in FIGURES if entry.get(name) is not None]
    until = f" until {entry['until']}" if entry.get("until") else ""
    scope = "" if entry["scope"] == "total" else f" ({entry['scope']})"
    return f"{entry['name']}{scope}", _words(", ".join(figures)) + until


def _relation(entry: Entry) -> tuple[str, str]:
    names = entry.get("names") or {}
    by, to = (names.get(entry[role], entry[role]) for role in ("by", "to"))
    return f"{by}, {to}", f"{entry['type']}: {_words(entry['state'])}"


def _measure(entry: Entry) -> tuple[str, str]:
    until = f"until {entry['until']}" if entry.get("until") else None
    said = _said(_words(entry["state"]), _between(entry), entry.get("text"), until)
    return entry["measure"], said


def _state(entry: Entry) -> tuple[str, str]:
    return entry["name"], entry["state"]


def _note(entry: Entry) -> tuple[str, str]:
    return entry["note"], value(entry["value"])


def _says(entry: Entry) -> tuple[str, str]:
    return entry.get("name") or entry["slot"].partition(":")[2], entry["says"]


SECTIONS: Mapping[str, Words] = {
    "parties": _party,
    "threats": _threat,
    "demands": _demand,
    "scheduled": _scheduled,
    "control": _control,
    "casualties": _casualties,
    "relations": _relation,
    "access": _state,
    "measures": _measure,
    "presence": _state,
    "notes": _note,
    "disputed": _says,
    "anomalies": _says,
}
"""Each section, and what is said of its entries."""


def value(said: Any) -> str:
    """Return a slot's value in words."""
    if isinstance(said, Mapping):
        if {"low", "best", "high"} <= said.keys():
            return _figure(said)
        return ", ".join(
            f"{name} {value(one)}" for name, one in said.items() if one not in (None, [], "")
        )
    if isinstance(said, list):
        return ", ".join(value(one) for one in said)
    return "nothing" if said is None else str(said)


def _figure(said: Entry) -> str:
    low, best, high = said["low"], said["best"], said["high"]
    if low == best == high:
        return str(best)
    if high is None:
        return f"at least {low}" if low is not None else f"about {best}"
    span = f"up to {high}" if low is None else f"{low}–{high}"
    return span if best is None else f"{best} ({span})"
