"""Was and is, word by word: both texts can be told from it, however long they are."""

import random
from difflib import SequenceMatcher
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.asof.words import WORDS, word_diff


def texts(found: list[list[str]]) -> tuple[str, str]:
    """The two texts that were compared."""
    old = "".join(text for mark, text in found if mark != "+")
    new = "".join(text for mark, text in found if mark != "-")
    return old, new


@pytest.mark.parametrize(
    ("was", "is_", "words"),
    [
        ("", "", []),
        ("", "New", [["+", "New"]]),
        ("Old", "", [["-", "Old"]]),
        ("a b", "a b", [["=", "a b"]]),
        ("a b c", "a x c", [["=", "a "], ["-", "b"], ["+", "x"], ["=", " c"]]),
        ("a\n\nb", "a b", [["=", "a"], ["-", "\n\n"], ["+", " "], ["=", "b"]]),
    ],
)
def test_a_word_diff_says_both_texts(was: str, is_: str, words: list[list[str]]) -> None:
    found = word_diff(was, is_)
    assert found == words
    assert "".join(text for tag, text in found if tag != "+") == was
    assert "".join(text for tag, text in found if tag != "-") == is_


WORDY = st.lists(st.sampled_from("a b c. d! e? \n \n\n f-g".split(" ")), max_size=400).map(" ".join)


@given(WORDY, WORDY)
def test_both_texts_can_be_told_from_it(was: str, is_: str) -> None:
    found = word_diff(was, is_)

    assert texts(found) == (was, is_)
    assert all(text for _, text in found)
    assert all(one[0] != other[0] for one, other in pairwise(found))


def test_in_a_long_text_what_changed_is_still_told_by_the_word() -> None:
    sentences = [f"Sentence {number} says that nothing has changed. " for number in range(400)]
    was = "".join(sentences)
    is_ = was.replace("Sentence 7 says that nothing", "Sentence 7 says that something")

    found = word_diff(was, is_)

    assert texts(found) == (was, is_)
    assert [pair for pair in found if pair[0] != "="] == [["-", "nothing"], ["+", "something"]]


def test_what_is_too_long_to_compare_is_told_as_replaced() -> None:
    chance = random.Random(7)
    was, is_ = (" ".join(chance.choices("abcdefgh", k=25_000)) for _ in range(2))

    assert word_diff(was, is_) == [["-", was], ["+", is_]]
    assert word_diff("a. " * 16_000, "b. " * 16_000) == [
        ["-", "a. " * 16_000],
        ["+", "b. " * 16_000],
    ]


SHORT_TEXTS = st.text("ab the.\n", max_size=60)


@given(SHORT_TEXTS, SHORT_TEXTS)
def test_the_blocks_are_those_of_difflib(was: str, is_: str) -> None:
    old, new = WORDS.findall(was), WORDS.findall(is_)
    meant: list[tuple[str, str]] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            meant.append(("=", "".join(old[i:j])))
        else:
            meant += [("-", "".join(old[i:j])), ("+", "".join(new[k:m]))]
    assert word_diff(was, is_) == [[mark, text] for mark, text in meant if text]
