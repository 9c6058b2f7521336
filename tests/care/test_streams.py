"""The tables in memory that take the append's statements, and tellers that end too soon."""

from typing import Any

import pytest

from service.care.rebuild import rebuild
from service.care.streams import Rows
from tests.builders import House
from tests.care.test_rebuild import rows

INSERT = "INSERT INTO turning_point VALUES (?,?,?,?,?)"
END = "UPDATE turning_point SET known_to = ? WHERE story = ? AND at = ? AND known_from < ?"


def told(*statements: tuple[str, tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    table = Rows()
    for statement, params in statements:
        table.later(statement, params)
    return [tuple(row) for row in table.tables["turning_point"]]


def test_an_update_changes_the_rows_that_it_names_and_no_others() -> None:
    made = [(INSERT, (1, at, known, 99, 7)) for at, known in ((5, 3), (6, 3), (5, 4))]
    assert told(*made, (END, (4, 1, 5, 4))) == [
        (1, 5, 3, 4, 7),
        (1, 6, 3, 99, 7),
        (1, 5, 4, 99, 7),
    ]


def test_a_delete_takes_every_row_that_it_names() -> None:
    made = [(INSERT, (1, at, known, 99, 7)) for at, known in ((5, 3), (6, 3), (5, 4))]
    left = told(*made, ("DELETE FROM turning_point WHERE story = ? AND at = ?", (1, 5)))
    assert left == [(1, 6, 3, 99, 7)]


def test_a_stream_changes_no_row_of_another() -> None:
    table = Rows()
    table.later(INSERT, (1, 5, 3, 99, 7))
    table.begin()
    table.later(END, (4, 1, 5, 9))
    assert table.tables["turning_point"] == [(1, 5, 3, 99, 7)]


def test_statements_on_what_streams_share_are_kept_with_their_positions() -> None:
    table = Rows()
    table.at = 12
    statement = "UPDATE story SET is_open = ? WHERE number = ?"
    table.run(statement, (0, 1))
    assert table.log == [(12, statement, (0, 1))]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE version SET known_to = known_to + 1 WHERE development = ?",
        "DELETE FROM version WHERE development IN (?)",
        "SELECT 1 FROM version",
    ],
)
def test_what_is_not_understood_is_refused(statement: str) -> None:
    with pytest.raises(ValueError, match="does not understand"):
        Rows().later(statement, (1,))


def test_a_teller_that_ends_too_soon_ends_the_rebuild_and_changes_nothing(
    eventful: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.care.tellers.PORTION", 5)
    monkeypatch.setattr("service.care.tellers.PROGRAM", "import sys; sys.stdin.read(); sys.exit(3)")
    before = rows(eventful)
    with pytest.raises(RuntimeError, match="ended with 3"):
        rebuild(eventful.onrecord.store, lambda what, done: None, 2)
    assert rows(eventful) == before
