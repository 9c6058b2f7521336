"""The layout of a story's slots: made once for the same names, mixed up for no others."""

import random
from collections.abc import Iterator

import pytest

from service.domain import layout
from service.domain.board import Cast
from service.domain.layout import LARGEST_REMEMBERED, REMEMBERED_LAYOUTS, Layout, layout_of
from service.domain.situation import compose
from service.domain.slots import Assignment
from tests.domain.telling import TRIPOLI, answer, at

CLAIMS = ("asserts", "denies", "released")
TERMS = {"text": "Leave", "by": ["lna"], "against": [], "to": ["gna"], "with": []}
FIGURE = {"low": 1, "best": 2, "high": 3, "until": "2019-03-04"}


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> Iterator[None]:
    layout._remembered.cache_clear()
    yield
    layout._remembered.cache_clear()


def some_answers(chance: random.Random) -> list[Assignment]:
    """Answers in the slots of a story that has some of three parties, places and threads."""
    value_of = {
        **{f"posture:{party}": "attacking" for party in "abc"},
        **{f"engaged:{party}": "clash" for party in "abc"},
        **{f"fought:{place}": "clash" for place in "xyz"},
        **{f"holder:{place}": "a" for place in "xyz"},
        **{f"casualties:{place}:{by}:killed": FIGURE for place in "xy" for by in "ab"},
        **{f"demand:d{number}:terms": TERMS for number in range(3)},
        **{f"demand:d{number}:state:{who}": "met" for number in range(3) for who in "ab"},
        **{f"threat:t{number}:state": "open" for number in range(3)},
        **{f"threat:t{number}:terms": TERMS for number in range(3)},
        **{f"scheduled:e{number}:state": "cancelled" for number in range(3)},
        **{f"scheduled:e{number}:reaffirmed": {"by": ["a"]} for number in range(3)},
    }
    for place in "xyz":
        value_of |= {
            f"control:{place}:{of}:{by}": chance.choice(CLAIMS) for of in "ab" for by in "ab"
        }
    slots = chance.sample(sorted(value_of), chance.randint(5, len(value_of)))
    return [
        answer(slot, value_of[slot], f"2019-03-0{chance.randint(1, 9)}", number=number)
        for number, slot in enumerate(slots)
    ]


def situation(answers: list[Assignment]) -> dict[str, object]:
    return compose(answers, as_of=at("2019-03-28"), zone=TRIPOLI, conflict=True, cast=Cast())


def test_stories_that_are_read_in_turn_get_the_situations_that_each_would_get_alone() -> None:
    chance = random.Random(11)
    stories = [some_answers(chance) for _ in range(20)]
    # The same slots hold other answers, and come in another order.
    stories += [chance.sample(answers, len(answers)) for answers in stories]
    stories += [
        [one._replace(valid_from=one.valid_from - 1, development="other") for one in answers]
        for answers in stories[:20]
    ]
    alone = []
    for answers in stories:
        layout._remembered.cache_clear()
        alone.append(situation(answers))
    for _ in range(2):
        assert [situation(answers) for answers in stories] == alone


def test_a_layout_is_made_once_for_the_same_names_in_the_same_order() -> None:
    one = layout_of(("posture:a", "threat:t:terms"))
    assert layout_of(("posture:a", "threat:t:terms")) is one
    assert layout_of(("threat:t:terms", "posture:a")) is not one
    assert layout_of(("posture:b", "threat:t:terms")) is not one


def test_what_is_made_of_a_layout_is_made_once_and_not_for_another() -> None:
    made: list[Layout] = []

    def names(of: Layout) -> list[str]:
        made.append(of)
        return [slot for _, slot in of.family("posture")]

    one, other = layout_of(("posture:b", "posture:a")), layout_of(("posture:c",))
    assert [one.once(names), other.once(names), one.once(names)] == [
        ["posture:a", "posture:b"],
        ["posture:c"],
        ["posture:a", "posture:b"],
    ]
    assert made == [one, other]


def test_no_more_layouts_are_remembered_than_are_allowed() -> None:
    first = layout_of(("posture:first",))
    for number in range(REMEMBERED_LAYOUTS):
        layout_of((f"posture:{number}",))
    assert layout._remembered.cache_info().currsize == REMEMBERED_LAYOUTS
    assert layout_of(("posture:first",)) is not first


def test_the_layout_of_a_story_with_very_many_slots_is_not_remembered() -> None:
    slots = tuple(f"note:{number}" for number in range(LARGEST_REMEMBERED + 1))
    assert layout_of(slots) is not layout_of(slots)
    assert layout_of(slots[1:]) is layout_of(slots[1:])
    assert len(layout_of(slots).family("note")) == len(slots)
