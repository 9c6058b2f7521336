"""report and export: a development in by the rules of HTTP, a story out as a story file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.builders import House, content
from tests.cli.conftest import Onrecord

TO = ("--story", "tripoli")


@pytest.fixture
def story(empty: Path, looking: Callable[[], House]) -> House:
    """A house with a story of the newsroom `times`, open for reports."""
    house = looking()
    house.clock.reads("2024-01-01T00:00:00Z")
    house.desk("times").opens_story("tripoli", scale="conflict", actors="lna gna", places="gharyan")
    return house


def test_a_report_is_recorded_for_the_storys_newsroom(onrecord: Onrecord, story: House) -> None:
    body = content("order", kind="offensive.ordered", actors="by:lna")
    done = onrecord("report", "-", *TO, input=json.dumps(body))
    assert done.exit_code == 0
    assert done.stdout.startswith("Reported ")
    assert done.stdout.endswith(" version 1 at position 5\n")
    [row] = story.reader("tripoli").timeline()
    assert (row["external_id"], row["newsroom"]) == ("order", "times")


def test_a_report_from_a_file_answers_as_http_does(onrecord: Onrecord, story: House) -> None:
    Path("order.json").write_text(json.dumps(content("order", actors="by:lna")))
    done = onrecord("report", "order.json", *TO, "--json")
    told = json.loads(done.stdout)
    assert (told["version"], told["position"], told["warnings"]) == (1, 5, [])
    again = onrecord("report", "order.json", *TO)
    assert again.stdout.startswith(f"Was reported before: {told['id']} version 1")
    assert story.head() == 5


def test_what_does_not_fit_is_recorded_with_a_warning(onrecord: Onrecord, story: House) -> None:
    body = json.dumps(content("answer", kind="call.accepted"))
    done = onrecord("report", "-", *TO, input=body)
    assert done.exit_code == 0
    assert "Warning: The situation does not show it" in done.stderr
    assert story.head() == 5


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (content("x", kind="attack_order"), "offensive.ordered"),
        (content("x", actors="by:haftar"), "actors.0.actor: 'haftar' is not in the story's cast."),
        ({"headline": "x"}, "occurred: Required.\nsources: Required.\n"),
        ({**content("x"), "headlin": "y"}, "headlin: "),
        (content("x", occurred="2019-02-30"), "occurred: "),
        (content("x", occurred="2019-04-05T10:00"), "Africa/Tripoli"),
    ],
    ids=["kind", "actor", "required", "unknown", "date", "offset"],
)
def test_what_cannot_be_is_refused_with_a_sentence_a_fault(
    onrecord: Onrecord, story: House, body: dict[str, Any], says: str
) -> None:
    head = story.head()
    done = onrecord("report", "-", *TO, input=json.dumps(body))
    assert (done.exit_code, done.stdout) == (1, "")
    assert says in done.stderr
    assert story.head() == head


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("", "The body is empty."),
        ('{"headline": "x",', "Expecting"),
        ('{"headline": "x", "headline": "y"}', "A key is given twice in one object."),
        ('{"headline": NaN}', "NaN is not JSON."),
        ('{"headline": "\\ud800"}', "A \\u escape is half of a surrogate pair."),
        ("[" * 40 + "]" * 40, "nested deeper than 32"),
        (b'{"headline": "\xff"}', "is not UTF-8."),
        (json.dumps({"headline": "x" * 2_000_000}), "has more than 1,048,576 bytes."),
        ("[]", "Must be an object."),
    ],
    ids=["empty", "cut", "twice", "nan", "surrogate", "deep", "bytes", "long", "list"],
)
def test_json_that_has_not_one_meaning_is_refused(
    onrecord: Onrecord, body: str | bytes, says: str
) -> None:
    done = onrecord("report", "-", *TO, input=body)
    assert (done.exit_code, done.stdout) == (1, "")
    assert says in done.stderr


def test_a_report_under_a_name_that_is_taken_says_what_differs(
    onrecord: Onrecord, story: House
) -> None:
    story.desk("times").on("tripoli").reports("order", headline="One", occurred="2019-04-04")
    body = json.dumps(content("order", headline="Two", occurred="2019-04-04"))
    done = onrecord("report", "-", *TO, input=body)
    assert done.exit_code == 1
    assert '  headline: was "One", is "Two"' in done.stderr


@pytest.mark.usefixtures("story")
def test_another_newsroom_cannot_report(onrecord: Onrecord) -> None:
    words = ("report", "-", *TO, "--newsroom", "observer")
    done = onrecord(*words, input=json.dumps(content("x")))
    assert (done.exit_code, done.stderr) == (1, "The story tripoli belongs to another newsroom.\n")


@pytest.mark.usefixtures("tripoli")
def test_an_export_imported_elsewhere_is_the_same_story(
    onrecord: Onrecord, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out = onrecord("export", "tripoli-2019")
    assert out.exit_code == 0
    asked = ("situation", "tripoli-2019", "--as-of", "2019-04-05")
    here = onrecord(*asked).stdout
    monkeypatch.setenv("ONRECORD_DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    onrecord("init")
    words = ("import", "-", "--story", "tripoli-2019", "--newsroom", "observer", "--archive")
    assert onrecord(*words, input=out.stdout).exit_code == 0
    assert onrecord(*asked).stdout == here
    assert onrecord("export", "tripoli-2019").stdout == out.stdout


@pytest.mark.usefixtures("tripoli")
def test_an_export_as_it_was_known_ends_there(onrecord: Onrecord) -> None:
    lines = onrecord("export", "tripoli-2019", "--known-at", "2019-04-05").stdout.splitlines()
    assert len(lines) == 87
    assert json.loads(lines[-1])["recorded_at"] <= "2019-04-05T22:00"
