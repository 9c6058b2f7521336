"""Tables fit the terminal, whatever stands in them."""

from hypothesis import given
from hypothesis import strategies as st

from service.cli.tables import cells, table, wrapped


def lines(*rows: list[str], room: int = 80, heads: tuple[str, ...] = ("a", "b")) -> list[str]:
    return list(table(heads, rows, room))


def test_columns_are_as_wide_as_they_need() -> None:
    assert lines(["one", "two"], ["three", "4"]) == ["a      b", "one    two", "three  4"]


def test_the_widest_column_gives_way_and_goes_on_below() -> None:
    found = lines(["2019-04-05", "The Council met behind closed doors"], room=30)
    assert found == [
        "a           b",
        "2019-04-05  The Council met",
        "            behind closed",
        "            doors",
    ]


def test_characters_of_two_columns_count_as_two() -> None:
    assert cells("利比亚") == 6
    assert cells("Salamé") == 6
    assert lines(["利比亚", "x"]) == ["a       b", "利比亚  x"]


def test_a_word_that_is_too_long_is_broken() -> None:
    assert wrapped("利比亚利比亚利比亚", 10) == ["利比亚利比", "亚利比亚"]
    assert wrapped("a" * 25, 10) == ["a" * 10, "a" * 10, "a" * 5]


def test_what_commands_a_terminal_is_taken_out() -> None:
    assert lines(["\x1b[2Jgone", "a\nb\tc\x07"])[1] == "[2Jgone  a b c"


TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)


@given(rows=st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=4), room=st.integers(36, 120))
def test_every_table_fits_and_loses_no_letter(rows: list[tuple[str, str, str]], room: int) -> None:
    found = list(table(("x", "y", "z"), rows, room))
    assert all(cells(line) <= room for line in found)
    printed = [c for line in found[1:] for c in line if c.isalnum()]
    assert sorted(printed) == sorted(c for row in rows for text in row for c in text if c.isalnum())
