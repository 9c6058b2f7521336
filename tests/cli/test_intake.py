"""import: line by line, resumed by repeating it; or a whole story, all or nothing."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.builders import House, content
from tests.cli.conftest import SEEDS, Onrecord

FLOOD_FILE = SEEDS / "flood-harlebridge.jsonl"
FLOOD = ("--story", "flood-harlebridge")
LINES = ("import", "-", "--story", "tripoli")


def lines(*said: Any) -> str:
    return "".join(f"{json.dumps(line)}\n" for line in said)


def acts(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        found: tuple[int] = connection.execute("SELECT count(*) FROM stored_events").fetchone()
    return found[0]


@pytest.fixture
def story(empty: Path, looking: Callable[[], House]) -> House:
    """A house with a story of the newsroom `times`, open for reports."""
    house = looking()
    house.clock.reads("2024-01-01T00:00:00Z")
    house.desk("times").opens_story("tripoli", scale="conflict", actors="lna gna")
    return house


# --- line by line --------------------------------------------------------------------------


@pytest.mark.usefixtures("story")
def test_each_line_is_answered_and_a_bad_one_harms_no_other(onrecord: Onrecord) -> None:
    body = lines(
        content("a"),
        {"report": {**content("b"), "kind": "attack_order"}},
        {"actor": {"id": "un", "name": "UN"}},
        {"correct": {"external_id": "a", "changes": {"headline": "A"}, "notice": "It was a."}},
        {"verify": {"external_id": "zz", "status": "confirmed"}},
    )
    done = onrecord(*LINES, input=body + "\nnot json\n")
    assert done.exit_code == 1
    answers = [line.split("\t") for line in done.stdout.splitlines()]
    assert [(number, what) for number, what, _ in answers] == [
        ("1", "done"),
        ("2", "refused"),
        ("3", "done"),
        ("4", "done"),
        ("5", "refused"),
        ("7", "refused"),
    ]
    assert answers[3][2].endswith("version 2")
    assert "offensive.ordered" in answers[1][2]
    assert done.stderr == "6 lines: 3 done, 0 known, 3 refused\n"


@pytest.mark.usefixtures("story")
def test_the_answers_for_a_program_are_those_of_http(onrecord: Onrecord) -> None:
    done = onrecord(*LINES, "--json", input=lines(content("a"), {"report": {"headline": "b"}}))
    first, second = [json.loads(line) for line in done.stdout.splitlines()]
    assert (first["line"], first["status"], first["version"]) == (1, 201, 1)
    assert (second["line"], second["status"]) == (2, 422)
    assert second["problem"]["errors"]["sources"] == ["Required."]


def test_an_import_that_is_repeated_does_nothing_twice(onrecord: Onrecord, empty: Path) -> None:
    words = ("import", str(FLOOD_FILE), *FLOOD, "--newsroom", "times")
    first = onrecord(*words)
    assert first.exit_code == 0
    assert first.stderr == "47 lines: 47 done, 0 known, 0 refused\n"
    before = acts(empty)
    again = onrecord(*words)
    assert (again.exit_code, again.stderr) == (0, "47 lines: 0 done, 47 known, 0 refused\n")
    assert acts(empty) == before


def test_an_import_that_broke_off_goes_on_where_it_was(onrecord: Onrecord, story: House) -> None:
    # Acts that say the same twice would each be done twice, were it not for the line's own key.
    told = [
        {"report": {"id": "mine", **content(headline="One")}},
        {"update": {"id": "mine", "changes": {"body": "x"}}},
        {"correct": {"id": "mine", "changes": {"body": "y"}, "notice": "Not x."}},
        {"update": {"id": "mine", "changes": {"body": "x"}}},
    ]
    assert onrecord(*LINES, input=lines(*told[:2])).exit_code == 0
    rest = onrecord(*LINES, input=lines(*told))
    assert rest.stderr == "4 lines: 2 done, 2 known, 0 refused\n"
    [row] = story.reader("tripoli").timeline()
    assert (row["version"], row["body"]) == (4, "x")


def test_a_long_import_of_reports_without_names_is_resumed(
    onrecord: Onrecord, story: House
) -> None:
    told = [content(headline=f"Number {number}") for number in range(600)]
    onrecord(*LINES, input=lines(*told[:300]))
    done = onrecord(*LINES, input=lines(*told))
    assert done.stderr == "600 lines: 300 done, 300 known, 0 refused\n"
    assert story.reader("tripoli").situation()["counts"]["developments"] == 600


@pytest.mark.usefixtures("story")
def test_a_key_of_the_line_counts_in_every_file(onrecord: Onrecord) -> None:
    line = {"close": {"notice": "It is over."}, "key": "close-1"}
    assert onrecord(*LINES, input=lines(line)).exit_code == 0
    known = onrecord(*LINES, input=lines({"actor": {"id": "un", "name": "UN"}}, line))
    assert "2\tknown" in known.stdout
    other = onrecord(*LINES, input=lines({"reopen": {}, "key": "close-1"}))
    assert "another request under this Idempotency-Key" in other.stdout


@pytest.mark.usefixtures("story")
def test_a_line_may_name_what_a_line_just_above_brought(onrecord: Onrecord) -> None:
    told = [
        {"report": {"id": "1", **content()}},
        {"report": content("2", relates_to=[{"development": "1", "relation": "follows"}])},
        {"pin": {"id": "1"}},
        {"summary": {"sentences": [{"text": "Both.", "developments": ["1", "2"]}]}},
    ]
    done = onrecord(*LINES, input=lines(*told))
    assert done.exit_code == 0, done.stdout


@pytest.mark.usefixtures("story")
def test_a_line_that_is_too_long_is_refused_and_harms_no_other(onrecord: Onrecord) -> None:
    body = lines(content("a"), {"report": {"headline": "x" * 2_000_000}}, content("b"))
    done = onrecord(*LINES, input=body)
    assert [line.split("\t")[1] for line in done.stdout.splitlines()] == ["done", "refused", "done"]


def test_a_new_story_needs_the_newsroom_whose_it_is(onrecord: Onrecord, empty: Path) -> None:
    done = onrecord("import", str(FLOOD_FILE), *FLOOD)
    assert done.exit_code == 2
    assert "--newsroom" in done.stderr
    assert acts(empty) == 0


# --- an archive ----------------------------------------------------------------------------

ARCHIVE = ("import", "-", *FLOOD, "--newsroom", "times", "--archive")


def test_an_archive_comes_in_with_its_own_times_all_or_nothing(
    onrecord: Onrecord, empty: Path
) -> None:
    told = [json.loads(line) for line in FLOOD_FILE.read_text().splitlines()]
    broken = onrecord(*ARCHIVE, input=lines(*told, {"report": {"headline": "no source"}}))
    assert (broken.exit_code, broken.stdout) == (1, "")
    assert broken.stderr == "Line 48: occurred: Required.\nLine 48: sources: Required.\n"
    assert acts(empty) == 0
    done = onrecord(*ARCHIVE, input=lines(*told))
    assert done.exit_code == 0
    assert done.stderr == "47 lines: 47 done, 0 known, 0 refused\n"
    history = json.loads(onrecord("history", "flood-harlebridge", "--limit", "1", "--json").stdout)
    assert history["items"][0]["recorded_at"].startswith("2023-10-")
    again = onrecord(*ARCHIVE, input=lines(*told))
    assert again.stderr == "Line 1: There is a story under 'flood-harlebridge' already.\n"


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (content("a"), "Line 1: story: An archive begins with its story."),
        ({"story": {"id": "other", "title": "O"}, "recorded_at": "2019"}, "Line 1: story.id: "),
        ({"story": {"id": "flood-harlebridge", "title": "F"}}, "Line 1: recorded_at: "),
        ("text", "Line 1: A line is a JSON object."),
    ],
    ids=["no story", "another story", "no time", "text"],
)
def test_an_archive_that_is_none_is_refused_with_its_line(
    onrecord: Onrecord, empty: Path, told: Any, says: str
) -> None:
    done = onrecord(*ARCHIVE, input=lines(told))
    assert done.exit_code == 1
    assert done.stderr.startswith(says)
    assert acts(empty) == 0
