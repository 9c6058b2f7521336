"""Cursors: they go on where a page ended, on the same basis, and cannot be forged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.api.paging import Cursors, link_next, next_address
from service.api.problems import Problem

CURSORS = Cursors("k" * 32)
BASIS = {"as_of": "2019-04-05T21:59:59.999999Z", "position": 75}
QUERY = {"limit": 50, "order": "-occurred", "kind": "airstrike", "bbox": (1.0, 2.0, 3.0, 4.0)}
CURSOR = CURSORS.seal("timeline", {**QUERY, "as_of": "2019-04-05"}, BASIS, [3, 2, 1])


def refused(cursor: str, **more: object) -> list[str]:
    with pytest.raises(Problem) as problem:
        CURSORS.open("timeline", {"limit": 50, **more, "cursor": cursor}, {"cursor", *more})
    assert problem.value.status == 422
    return list(problem.value.errors)


def test_the_first_page_has_no_cursor() -> None:
    page = CURSORS.open("timeline", QUERY, {"kind"})

    assert page.query == QUERY
    assert page.basis is None
    assert page.after is None


def test_a_cursor_alone_goes_on_with_the_same_basis_and_filters() -> None:
    sent = {"limit": 50, "order": "-occurred", "cursor": CURSOR}

    page = CURSORS.open("timeline", sent, {"cursor"})

    assert page.basis == BASIS
    assert page.after == [3, 2, 1]
    assert page.query["kind"] == "airstrike"
    assert page.query["bbox"] == [1.0, 2.0, 3.0, 4.0]


def test_the_same_filters_may_be_said_again_and_a_limit_anew() -> None:
    sent = {**QUERY, "limit": 7, "as_of": "2019-04-05", "cursor": CURSOR}

    page = CURSORS.open("timeline", sent, set(sent))

    assert page.query["limit"] == 7
    assert page.basis == BASIS


def test_other_filters_beside_a_cursor_are_refused() -> None:
    assert refused(CURSOR, kind="clash") == ["kind"]
    assert refused(CURSOR, actor="lna") == ["actor"]


def test_a_cursor_of_another_list_is_refused() -> None:
    assert refused(CURSORS.seal("history", QUERY, BASIS, 3)) == ["cursor"]


def test_a_cursor_of_another_house_is_refused() -> None:
    assert refused(Cursors("x" * 32).seal("timeline", QUERY, BASIS, 3)) == ["cursor"]


@pytest.mark.parametrize("place", range(len(CURSOR)))
def test_a_cursor_changed_in_any_character_is_refused(place: int) -> None:
    for other in {"A", "b", "-", ".", chr(ord(CURSOR[place]) ^ 1)}:
        if other != CURSOR[place]:
            assert refused(CURSOR[:place] + other + CURSOR[place + 1 :]) == ["cursor"]


@given(st.text(max_size=60))
def test_any_other_text_is_refused(text: str) -> None:
    assert refused(text) == ["cursor"]


def test_the_next_page_has_an_address() -> None:
    address = next_address("/v1/stories", "a.b-c_d")

    assert link_next(address) == '</v1/stories?cursor=a.b-c_d>; rel="next"'
