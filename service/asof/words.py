"""Was and is, word by word: what a reader is shown of a change in a text.

Comparing two texts word by word costs as much as one is long times the other, and a body may
have 25,000 words. So long texts are compared sentence by sentence first, and words only within
what differs; what is still too long, or has too many sentences, is told as replaced whole.
"""

import re
from collections.abc import Iterator, Sequence
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
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            yield "=", "".join(old[i:j])
        else:
            yield from _replaced("".join(old[i:j]), "".join(new[k:m]))


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
