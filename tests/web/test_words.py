"""Labels, figures, was and is; and that colours can be read."""

import re
from itertools import pairwise
from typing import Any

import pytest

from schemas import words as model
from service.domain.kinds import KINDS
from service.web import answers, changes, words

WAR = re.compile(r"attack|clash|shell|airstrike|force|threat|casualt|militar|alert", re.IGNORECASE)


@pytest.mark.parametrize(
    ("vocabulary", "all_words"),
    [
        ("posture", model.POSTURES),
        ("alert", model.ALERTS),
        ("verification", model.VERIFICATIONS),
        ("reason", model.REASONS),
        ("role", model.ROLES),
        ("tie", model.RELATIONS),
        ("source", model.SOURCE_TYPES),
        ("relation", model.RELATION_TYPES),
        ("figure", model.FIGURES),
    ],
)
def test_every_word_of_the_model_has_its_label(vocabulary: str, all_words: tuple[str, ...]) -> None:
    assert set(words.LABELS[vocabulary]) == set(all_words)


@pytest.mark.parametrize(
    ("word", "label"),
    [
        ("carried_out", "Carried out"),
        ("in_force", "In force"),
        ("lapsed", "Lapsed"),
        ("brand-new_word", "Brand new word"),
    ],
)
def test_a_word_without_a_label_is_shown_as_it_is(word: str, label: str) -> None:
    assert words.label("state", word) == label


def test_a_kind_has_its_label_and_one_that_is_unknown_its_name() -> None:
    assert words.kind("offensive.ordered") == "Attack order"
    assert words.kind(None) == "Occurrence"
    assert words.kind("volcano_awakes") == "Volcano awakes"


CIVIL = (
    *("statement", "meeting", "scheduled.", "call.", "casualties.reported", "displacement"),
    *("evacuation", "closure", "reopening", "agreement", "background", "occurrence"),
    *("alert.", "pullback", "veto"),
)
"""Kinds that a story of a flood or an election is told with; a dot stands for all that follow."""


@pytest.mark.parametrize("kind", [name for name in KINDS if name.startswith(CIVIL)])
def test_a_story_of_another_sort_calls_no_kind_by_a_word_of_war(kind: str) -> None:
    assert not WAR.search(words.kind(kind, conflict=False))


@pytest.mark.parametrize(
    ("bounds", "written"),
    [
        ((21, 21, 21), "21"),
        ((4, None, 6), "4 to 6"),
        ((600, None, None), "at least 600"),
        ((None, None, 6), "at most 6"),
        ((250, 260, 280), "260 (250 to 280)"),
        ((None, 25000, None), "about 25,000"),
        ((5, 5, None), "at least 5"),
        ((None, 5, 5), "at most 5"),
        ((4, 5, None), "5 (at least 4)"),
        ((7, None, 7), "7"),
        ((0, 0, 0), "0"),
        ((None, None, None), "unknown"),
    ],
)
def test_a_figure_is_written_with_what_is_known_of_it(
    bounds: tuple[int | None, ...], written: str
) -> None:
    figure: dict[str, Any] = dict(zip(("low", "best", "high"), bounds, strict=True))
    assert words.figure(figure) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (59, "less than a minute"),
        (60, "1 minute"),
        (3_660, "1 hour 1 minute"),
        (86_400, "1 day"),
        (2 * 86_400 + 5 * 3_600 + 60, "2 days 5 hours"),
    ],
)
def test_a_length_of_time_is_said_in_its_two_largest_units(seconds: int, written: str) -> None:
    assert words.length(seconds) == written


def test_counts_agree_with_their_noun() -> None:
    assert words.count(1, "development") == "1 development"
    assert words.count(1200, "development") == "1,200 developments"
    assert [words.times(n) for n in (1, 2, 3)] == ["once", "twice", "3 times"]


def marked(text: str) -> list[tuple[str, str]]:
    """`= same - gone + come` as marked words."""
    parts = re.split(r"([=+-])\[([^\]]*)\]", text)
    return [(op, words_) for op, words_ in zip(parts[1::3], parts[2::3], strict=True)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # What was mended here and there stays marked here and there.
        ("=[peaks at ]-[4.8]+[4.3]=[ metres today]", "=[peaks at ]-[4.8]+[4.3]=[ metres today]"),
        ("=[one two three four ]-[a]+[b]=[ ]-[c]+[d]", "=[one two three four ]-[a c]+[b d]"),
        # What was written anew is drawn together.
        ("-[A]+[The]=[ alert ]-[b c]+[d e]", "-[A alert b c]+[The alert d e]"),
        ("+[all new]", "+[all new]"),
    ],
)
def test_marked_words_are_drawn_together_where_that_reads_better(before: str, after: str) -> None:
    assert changes.readable(marked(before)) == marked(after)


# --- colours -------------------------------------------------------------------------------

CSS = (answers.ROOM / "static" / "style.css").read_text(encoding="utf-8")
TEXT_ON_GROUND = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3", "accent", "alarm", "warn", "corr")
      for ground in ("paper", "card")),
    ("warn", "warn-ground"), ("warn-ground", "warn"), ("corr", "corr-ground"),
    ("ink", "corr-ground"), ("ink-2", "corr-ground"), ("paper", "accent"),
]  # fmt: skip


def schemes() -> list[dict[str, str]]:
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    return [dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6})", block)) for block in blocks]


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(a + b, 16) / 255 for a, b in list(pairwise(digits))[::2]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_there_is_a_light_and_a_dark_scheme_of_the_same_tokens() -> None:
    light, dark = schemes()
    assert set(light) == set(dark)


@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_can_be_read_on_its_ground(scheme: int, text: str, ground: str) -> None:
    colours = schemes()[scheme]
    assert contrast(colours[text], colours[ground]) >= 4.5


def test_colours_are_named_once_and_used_by_their_names() -> None:
    rules = re.sub(r":root \{.*?\}", "", CSS, flags=re.DOTALL)
    screen = rules.partition("@media print")[0]
    assert re.findall(r"#[0-9a-f]{3,6}\b", screen) == []
