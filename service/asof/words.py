"""Was and is, word by word: what a reader is shown of a change in a text.

Comparing two texts word by word costs as much as one is long times the other, and a body may
have 25,000 words. So long texts are compared sentence by sentence first, and words only within
what differs; what is still too long, or has too many sentences, is told as replaced whole.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

WORDS = re.compile(r"\s+|[^\s]+")
SENTENCES = re.compile(r".+?(?:[.!?]+\s+|\n+|\Z)", re.DOTALL)

WORD_PAIRS = 40_000
"""Words (and spaces) of one text times those of the other: a hundred words against as many."""

SENTENCE_PAIRS = 250_000
"""Sentences of one text times those of the other: a book's chapter against another."""

Marked = list[list[str]]
"""[["=", same], ["-", taken out], ["+", put in], …]: all but the first give the old text, all
but the second the new one."""


def word_diff(was: str, is_: str) -> Marked:
    """Return what was taken out of a text and put into it, word by word, in order."""
    old, new = WORDS.findall(was), WORDS.findall(is_)
    if len(old) * len(new) <= WORD_PAIRS:
        return _merged(_compared(old, new))
    by_sentence = SENTENCES.findall(was), SENTENCES.findall(is_)
    if len(by_sentence[0]) * len(by_sentence[1]) > SENTENCE_PAIRS:
        return _merged(_replaced(was, is_))
    return _merged(_finer(*by_sentence))


def _finer(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Compare sentences; where they differ, their words, unless those are too many."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        was, is_ = "".join(old[i:j]), "".join(new[k:m])
        if tag == "equal":
            yield "=", was
            continue
        words = WORDS.findall(was), WORDS.findall(is_)
        within = len(words[0]) * len(words[1]) <= WORD_PAIRS
        yield from _compared(*words) if within else _replaced(was, is_)


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    at, to = 0, 0
    for i, j, size in (*_blocks(old, new), (len(old), len(new), 0)):
        yield from _replaced("".join(old[at:i]), "".join(new[to:j]))
        at, to = i + size, j + size
        yield "=", "".join(old[i:at])


Block = tuple[int, int, int]
"""Where it begins in the old words and in the new ones, and of how many it is."""


def _blocks(old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """Return what two texts have in common, in order: the longest, then what is beside it, …

    The very blocks of ``difflib.SequenceMatcher``, found in a fraction of its time: it follows
    every space of one text to every space of the other.
    """
    places: dict[str, list[int]] = {}
    for j, word in enumerate(new):
        places.setdefault(word, []).append(j)
    found, parts = [], [(0, len(old), 0, len(new), len(old))]
    while parts:
        a, b, c, d, most = parts.pop()
        if a == b or c == d:
            continue
        # A part has no longer block than the one that it was cut from.
        search = _longest if most > 1 else _first
        i, j, size = search(old, new, places, (a, b, c, d))
        if size:
            found.append((i, j, size))
            parts += [(a, i, c, j, size), (i + size, b, j + size, d, size)]
    return sorted(found)


def _longest(
    old: Sequence[str],
    new: Sequence[str],
    places: Mapping[str, Sequence[int]],
    part: tuple[int, int, int, int],
) -> Block:
    """Return the longest block of a part of both texts, of several the first one.

    Words and spaces take turns, so that what is longer than one of them has a word: each block is
    measured once, from its first word.
    """
    a, b, c, d = part
    best: Block = (a, c, 0)
    for i in range(a, b):
        if b - i < best[2]:
            break  # No longer one can begin here, nor with the space before.
        where = places.get(old[i])
        if where is None or old[i].isspace():
            continue
        for j in _between(where, c, d):
            start = int(i > a and j > c and old[i - 1] == new[j - 1])
            if start and i - 1 > a and j - 1 > c and old[i - 2] == new[j - 2]:
                continue
            end = 1
            while i + end < b and j + end < d and old[i + end] == new[j + end]:
                end += 1
            block = (i - start, j - start, start + end)
            if block[2] > best[2] or (block[2] == best[2] and block < best):
                best = block
    return best if best[2] > 1 else _first(old, new, places, part)


def _first(
    old: Sequence[str],
    _new: Sequence[str],
    places: Mapping[str, Sequence[int]],
    part: tuple[int, int, int, int],
) -> Block:
    """Return the first word or space of a part that both texts have."""
    a, b, c, d = part
    for i in range(a, b):
        where = places.get(old[i])
        if where is not None and (found := _between(where, c, d)):
            return i, found[0], 1
    return a, c, 0


def _between(places: Sequence[int], first: int, last: int) -> Sequence[int]:
    if first <= places[0] and places[-1] < last:
        return places
    return places[bisect_left(places, first) : bisect_left(places, last)]


def _replaced(was: str, is_: str) -> Iterator[tuple[str, str]]:
    yield "-", was
    yield "+", is_


def _merged(parts: Iterator[tuple[str, str]]) -> Marked:
    """Return the parts without empty ones, neighbours of one mark as one."""
    found: Marked = []
    for mark, text in parts:
        if text and found and found[-1][0] == mark:
            found[-1][1] += text
        elif text:
            found.append([mark, text])
    return found
