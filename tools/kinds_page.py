"""The tables of docs/kinds.md, made from the vocabulary; `python -m tools.tables` fills them in.

What a kind is stands in `service/domain/kinds.toml`, what a part of `details` may say in
`schemas/details.py`; the page repeats both for people. Rules for editors: the words around the
tables stand in the page, everything else where it is defined; nothing is written here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from schemas.details import DetailsIn
from schemas.words import GROUPS
from service.domain.kinds import KINDS, Kind
from service.domain.templates import band_of


def tables() -> Mapping[str, Callable[[], Iterable[str]]]:
    """Return what makes the lines of each table, by its name: one a group, and the details."""

    def of(group: str) -> Callable[[], Iterable[str]]:
        return lambda: _kinds(kind for kind in KINDS.values() if kind.group == group)

    return {**{f"kinds of {group}": of(group) for group in GROUPS}, "details": _details}


def _kinds(kinds: Iterable[Kind]) -> Iterator[str]:
    yield "| kind | label | codes | intensity | assigns | details |"
    yield "|---|---|---|---|---|---|"
    for kind in kinds:
        cells = (f"`{kind.name}`", kind.label, _codes(kind), _intensity(kind), _assigns(kind))
        yield row(*cells, _takes(kind))


def _codes(kind: Kind) -> str:
    named = (("P", kind.plover), ("C", kind.cameo), ("A", kind.acled))
    return ", ".join(f"{letter} {code}" for letter, code in named if code) or "none"


def _intensity(kind: Kind) -> str:
    band = band_of(kind.intensity)
    return f"{kind.intensity:g} ({band})" if band else "0"


def _assigns(kind: Kind) -> str:
    slots = [f"`{template}`" for template in kind.assigns]
    if kind.opens:
        slots.append("begins a thread")
    return "<br>".join(slots) or "none"


def _takes(kind: Kind) -> str:
    return ", ".join(f"`{part}`" for part in kind.details) or "none"


def _details() -> Iterator[str]:
    yield "| part | for | what it says |"
    yield "|---|---|---|"
    for name, part in DetailsIn().fields.items():
        inner = getattr(part, "schema", None)
        fields = inner.fields.items() if inner is not None else ()
        says = [f"`{field}`: {it.metadata['description']}{_words(it)}" for field, it in fields]
        said = "<br>".join(says) or _words(part).strip() or "Any names, each with a value."
        yield row(f"`{name}`", part.metadata["description"], said)


def _words(field: object) -> str:
    """What a field may say, where that is a closed list of words."""
    words = getattr(field, "words", ())
    return f" One of {', '.join(f'`{word}`' for word in words)}." if words else ""


def row(*cells: str) -> str:
    """Return a row of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
