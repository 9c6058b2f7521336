"""A page of a long story costs a page: PostgreSQL says how it goes about it, once it has looked."""

import re
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import pytest

from benchmarks import load, stream
from service.assembly import Onrecord, assemble
from service.readmodel import assignments, versions
from service.settings import Settings
from service.store.postgres import READ_FROM, READING_SESSION
from service.store.postgres_sql import connect
from tests import pg

STORY = "long"

EAGER_TO_SHARE = (
    "parallel_setup_cost",
    "parallel_tuple_cost",
    "min_parallel_table_scan_size",
    "min_parallel_index_scan_size",
)


@pytest.fixture(scope="module")
def house() -> Iterator[Onrecord]:
    """A house of one long story, whose tables the server has looked through."""
    clock = load.Clock()
    found = assemble(Settings(database_url=pg.fresh_schema()), clock=clock)
    load.write(found, clock, stream.story(STORY, 2_000))
    pg.execute(found.settings.database_url, "ANALYZE")
    yield found
    found.close()


class _Heard:
    """Hears a statement, and runs none."""

    def all(self, statement: str, params: Sequence[Any] = ()) -> list[Any]:
        self.statement, self.params = statement, params
        return []


def _plan(house: Onrecord, heard: _Heard) -> list[str]:
    """How the server goes about it, were it to share work out as it does in large tables."""
    numbers = count(1)
    words = re.sub(r"\?", lambda _: f"${next(numbers)}", heard.statement)
    with connect(house.settings.database_url, READING_SESSION, READ_FROM) as connection:
        for setting in EAGER_TO_SHARE:
            connection.execute(f"SET {setting} = 0".encode())
        connection.execute(f"PREPARE page AS {words}".encode())
        values = ", ".join(f"'{value}'" for value in heard.params)
        return [row[0] for row in connection.execute(f"EXPLAIN EXECUTE page({values})".encode())]


def test_a_slot_s_course_is_searched_and_never_sorted(house: Onrecord) -> None:
    # Given the statement of a slot's course, as it is prepared for readings
    heard = _Heard()
    sql: Any = heard  # It only listens.
    assignments.course(
        sql, 1, "heat:violence", as_of=load.Clock().at * 2, position=10**6, below=None, limit=1
    )
    # Then what the slot held is gone through from the basis down
    assert not [step for step in _plan(house, heard) if "Sort" in step]


@pytest.mark.parametrize("order", sorted(versions.ORDERS))
def test_a_timeline_page_is_found_by_searching_alone(house: Onrecord, order: str) -> None:
    # Given the statement of a page, prepared as it is for readings: for any values, any limit
    heard = _Heard()
    wanted = versions.Wanted(as_of=load.Clock().at * 2, position=10**6, order=order)
    versions.timeline(heard, 1, wanted, 50)  # type: ignore[arg-type]  # it only listens
    plan = _plan(house, heard)
    # Then its words are looked up row by row by this session, and nothing is read from end to end
    dear = ("Hash", "Merge Join", "Gather")
    assert not [step for step in plan if any(word in step for word in dear)], plan
    if order.endswith("occurred"):
        assert any("version_on_timeline" in step for step in plan), plan
