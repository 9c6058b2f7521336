"""Was and is, as a reader sees them: words marked in texts, whole lines in lists.

The trail says which fields differ (``service.asof.trail.changes``); here each gets words.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.asof.words import word_diff
from service.domain.situation import Cast
from service.web import words
from service.web.drawing import source_name
from service.web.moments import Clock

TEXTS = ("headline", "body", "byline")
"""Fields that are compared word by word."""


REWRITTEN = 0.5
"""A text of which less than this part of the words stayed was written anew."""


@dataclass(frozen=True, slots=True)
class Names:
    """What values are called: the cast, times in the story's zone, headlines by development."""

    people: Cast
    clock: Clock
    headline: Callable[[str], str]
    conflict: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One field's was and is: marked words (``=``, ``-``, ``+``), or lines gone and lines come."""

    label: str
    marked: Sequence[Sequence[str]] = ()
    gone: Sequence[str] = ()
    come: Sequence[str] = ()


def shown(found: Sequence[Mapping[str, Any]], names: Names) -> list[Change]:
    """Return a version's changes as a reader sees them; what reads the same is left out."""
    made = [_change(change, names) for change in found]
    return [change for change in made if change.marked or change.gone or change.come]


def _change(change: Mapping[str, Any], names: Names) -> Change:
    name, was, is_ = change["field"], change["was"], change["is"]
    title = words.label("field", name)
    if name in TEXTS:
        return Change(title, marked=readable(word_diff(was or "", is_ or "")))
    before = list(_lines(name, was, names))
    after = list(_lines(name, is_, names))
    return Change(
        title,
        gone=[line for line in before if line not in after],
        come=[line for line in after if line not in before],
    )


def readable(marked: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Return marked words with what only parts two changes drawn into one change.

    That is the space between two changed words; and in a text that was written anew, a lone word
    that happens to stay in its place, which tells nothing and makes was and is hard to read.
    """
    lone_words = 1 if _stayed(marked) < REWRITTEN else 0
    found: list[tuple[str, str]] = []
    gone = come = ""
    for index, (op, text) in enumerate(marked):
        between = 0 < index < len(marked) - 1
        if op != "=":
            gone += text if op == "-" else ""
            come += text if op == "+" else ""
        elif between and len(text.split()) <= lone_words:
            gone, come = gone + text, come + text
        else:
            found += [*_change_of(gone, come), ("=", text)]
            gone = come = ""
    return [*found, *_change_of(gone, come)]


def _stayed(marked: Sequence[Sequence[str]]) -> float:
    """The part of the words, was and is taken together, that is the same."""
    counts = dict.fromkeys("=-+", 0)
    for op, text in marked:
        counts[op] += len(text.split())
    return 2 * counts["="] / max(1, 2 * counts["="] + counts["-"] + counts["+"])


def _change_of(gone: str, come: str) -> list[tuple[str, str]]:
    return [(op, text) for op, text in (("-", gone), ("+", come)) if text]


def _lines(name: str, value: Any, names: Names) -> Iterator[str]:
    """A field's value in lines of plain text."""
    if value is None:
        return
    match name:
        case "kind":
            yield words.kind(value, conflict=names.conflict)
        case "verification":
            yield words.label("verification", value)
        case "occurred":
            yield words.capital(names.clock.occurred(value).words)
        case "places":
            yield from (names.people.place(slug) for slug in value)
        case "actors":
            for row in value:
                yield f"{words.label('role', row['role'])}: {names.people.actor(row['actor'])}"
        case "sources":
            yield from map(_source, value)
        case "relates_to":
            for row in value:
                yield f"{words.label('tie', row['relation'])}: {names.headline(row['development'])}"
        case _:
            yield from _flat(value)


def _source(source: Mapping[str, Any]) -> str:
    rest = [str(text) for name, text in source.items() if name != "publisher"]
    return ", ".join(dict.fromkeys([source_name(source), *rest]))


def _flat(value: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Whatever a field holds, a line for each value, under its path."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, (*path, words.plain(name)))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _flat(inner, path)
    else:
        text = ", ".join(path)
        yield f"{words.capital(text)}: {value}" if text else str(value)
