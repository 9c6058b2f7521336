"""Plain tables: columns as wide as they need, broken where the terminal ends.

No colour and no lines: what is printed can be read, searched and piped.
"""

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence

GAP = "  "
NARROWEST = 10
"""Columns are not made narrower than this; then a line is longer than the terminal."""


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> Iterator[str]:
    """Yield a table's lines, heads first, in at most ``room`` columns where that can be.

    The widest columns give way first; their cells go on in the next lines. What would command
    the terminal (control characters) is taken out.
    """
    heads, rows = plain(heads), [plain(row) for row in rows]
    widths = fitting(
        [max(cells(text) for text in column) for column in zip(heads, *rows, strict=True)], room
    )
    for row in (heads, *rows):
        parts = [wrapped(text, width) for text, width in zip(row, widths, strict=True)]
        for number in range(max(len(part) for part in parts)):
            line = [part[number] if number < len(part) else "" for part in parts]
            yield GAP.join(
                text + " " * (width - cells(text)) for text, width in zip(line, widths, strict=True)
            ).rstrip()


def plain(row: Sequence[str]) -> list[str]:
    """Return texts as single lines that a terminal only shows."""
    return [" ".join(harmless(text).split()) for text in row]


def harmless(text: str) -> str:
    """Return a text without what would command a terminal: control characters become spaces."""
    return "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)


def fitting(natural: Sequence[int], room: int) -> list[int]:
    """Return widths that fit into ``room`` with the gaps between them, if that can be."""
    widths = list(natural)
    over = sum(widths) + len(GAP) * (len(widths) - 1) - room
    while over > 0:
        widest = max(widths)
        if widest <= NARROWEST:
            break
        place = widths.index(widest)
        others = max((width for width in widths if width < widest), default=NARROWEST)
        less = min(over, widest - max(others, NARROWEST)) or 1
        widths[place] -= less
        over -= less
    return widths


def wrapped(text: str, width: int) -> list[str]:
    """Return a text in lines of at most ``width`` columns; at least one line."""
    if cells(text) <= width:
        return [text]
    if cells(text) == len(text):
        return textwrap.wrap(text, width, break_on_hyphens=False) or [""]
    return _wide(text, width)


def _wide(text: str, width: int) -> list[str]:
    """Break a text with characters of two columns: at spaces, else anywhere."""
    lines, line = [], ""
    for word in text.split():
        while word:
            joined = f"{line} {word}" if line else word
            if cells(joined) <= width:
                line, word = joined, ""
            elif line:
                lines.append(line)
                line = ""
            else:
                fits = next(
                    n for n in range(len(word), 0, -1) if n == 1 or cells(word[:n]) <= width
                )
                lines.append(word[:fits])
                word = word[fits:]
    return [*lines, line] if line else lines


def cells(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
