"""Lists in pages say what they say whole, at any basis of a random history."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.asof import Basis, situation, timeline, trail
from service.asof.timeline import Filters
from service.readmodel.chronicle import Span
from service.readmodel.versions import ORDERS
from service.store.sql import FOREVER
from tests.houses import STORES
from tests.properties.histories import STORIES, Move, cases, histories, told

CASES = 15
WHOLE = 1_000

Page = Callable[[Any, int], tuple[list[Any], Any]]
"""A page of at most so many, after a place: what it holds, and the place where it ends."""


def all_pages(page: Page, limit: int) -> list[Any]:
    """Read page after page to the end."""
    found: list[Any] = []
    after: Any = None
    while True:
        rows, after = page(after, limit)
        found += rows
        assert len(found) < WHOLE, "the pages go round in a circle"
        if after is None or not rows:
            return found


def timelines(basis: Basis, order: str) -> Page:
    def page(after: Sequence[int] | None, limit: int) -> tuple[list[Any], Any]:
        return timeline.page(basis, Filters(), order=order, after=after, limit=limit)

    return page


def courses(basis: Basis, slot: str) -> Page:
    def page(below: Sequence[int] | None, limit: int) -> tuple[list[Any], Any]:
        rows = situation.course(basis, slot, below=below, limit=limit)
        return rows, rows[-1].order if len(rows) == limit else None

    return page


def tables(basis: Basis) -> Page:
    def page(after: Sequence[int] | None, limit: int) -> tuple[list[Any], Any]:
        rows = situation.table(basis, after=after, limit=limit)
        found = [tuple(row) for row in rows]
        key = ("slot", "valid_from", "occurred_latest", "report", "known_from")
        return found, [rows[-1][name] for name in key] if len(rows) == limit else None

    return page


def trails(basis: Basis) -> Page:
    def page(after: int | None, limit: int) -> tuple[list[Any], Any]:
        rows = trail.page(basis, Span(above=after or 0, upto=basis.position), limit=limit)
        return rows, rows[-1]["position"] if len(rows) == limit else None

    return page


def lists_of(basis: Basis) -> dict[str, Page]:
    """Every list that a story has at a basis."""
    slots = [row.slot for row in situation.standing(basis)]
    return {
        **{f"timeline by {order}": timelines(basis, order) for order in ORDERS},
        **{f"course of {slot}": courses(basis, slot) for slot in slots[:3]},
        "table": tables(basis),
        "history": trails(basis),
    }


@given(histories(), st.integers(1, 4), st.floats(0, 1))
@cases(CASES)
def test_pages_leave_nothing_out_and_repeat_nothing(
    history: list[Move], limit: int, share: float
) -> None:
    with told(STORES["sqlite"], history) as house:
        for story in STORIES:
            basis = house.reader(story).basis(position=round(house.head() * share))
            for name, page in lists_of(basis).items():
                whole, _ = page(None, WHOLE)
                assert all_pages(page, limit) == whole, name


@pytest.mark.parametrize("window", [1, 2, 5])
def test_the_levels_steps_are_the_same_in_windows_of_any_size(
    window: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(situation, "LEVEL_WINDOW", window)

    def windows(basis: Basis, size: int) -> list[Any]:
        situation.LEVEL_WINDOW = size
        found: list[Any] = []
        before: int | None = FOREVER
        while before is not None:
            upto = None if before == FOREVER else before
            steps, before = situation.level_steps(basis, before=upto)
            found += steps
        return found

    @cases(CASES)
    @given(histories())
    def holds(history: list[Move]) -> None:
        with told(STORES["sqlite"], history) as house:
            basis = house.reader("tripoli").basis()
            assert windows(basis, window) == windows(basis, WHOLE)

    holds()
