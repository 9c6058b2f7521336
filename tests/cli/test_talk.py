"""What every verb has in common: where it prints, what it refuses with, how far it is."""

import io
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from service.cli.talk import Progress, Refused, Verbs, sentences
from service.domain.refusals import Conflict, Invalid, Malformed, NotFound, Refusal
from tests.cli.conftest import ROOT, Onrecord, command

NARROW = 80


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (NotFound("There is no story 'x'."), ["There is no story 'x'."]),
        (
            Invalid({"kind": ["No kind."], "actors.0": ["New.", "Twice."]}, {"kind": ["a", "b"]}),
            ["kind: No kind. Nearest: a, b.", "actors.0: New.", "actors.0: Twice."],
        ),
        (
            Invalid({"kind": ["No kind. Did you mean 'a'?"]}, {"kind": ["a"]}),
            ["kind: No kind. Did you mean 'a'?"],
        ),
        (Invalid({"_": ["Nothing would change."]}, line=7), ["Line 7: Nothing would change."]),
        (
            Conflict("external-id-taken", "Taken.", differs={"body": {"was": None, "is": "x"}}),
            ["Taken.", '  body: was null, is "x"'],
        ),
        (Malformed("The body is empty."), ["The body is empty."]),
    ],
    ids=["not found", "invalid", "near", "line", "differs", "malformed"],
)
def test_a_refusal_is_a_sentence_a_fault(refusal: Refusal, told: list[str]) -> None:
    assert list(sentences(refusal)) == told


def test_a_refusal_is_shown_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    Refused("No.").show()
    assert capsys.readouterr() == ("", "No.\n")


def test_a_mistake_of_ours_is_not_hidden() -> None:
    @click.group(cls=Verbs)
    def group() -> None: ...

    @group.command()
    def breaks() -> None:
        raise ZeroDivisionError

    assert isinstance(CliRunner().invoke(group, ["breaks"]).exception, ZeroDivisionError)


def test_progress_is_shown_to_a_person_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with Progress("Checking") as progress:
        progress("acts", 1000)
        progress("acts", 1001)
    assert terminal.getvalue() == "\rChecking: 1,000 acts\r" + " " * 20 + "\r"


def test_progress_is_shown_to_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr("sys.stderr", pipe)
    with Progress("Checking") as progress:
        progress("acts", 1)
    assert pipe.getvalue() == ""


@pytest.mark.usefixtures("tripoli")
@pytest.mark.parametrize("verb", ["situation", "timeline"])
def test_a_table_is_as_wide_as_the_terminal(
    monkeypatch: pytest.MonkeyPatch, onrecord: Onrecord, verb: str
) -> None:
    monkeypatch.setattr("service.cli.readings.width", lambda: NARROW)
    lines = onrecord(verb, "tripoli-2019").stdout.splitlines()
    # Sentences (the basis, headlines in a list) are the terminal's to wrap; columns are not.
    columns = [line for line in lines if "  " in line.strip()]
    assert len(columns) > 20
    assert max(map(len, columns)) <= NARROW


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("PORTT", "1", "ONRECORD_PORTT is no setting. Did you mean ONRECORD_PORT?"),
        ("PORT", "many", "ONRECORD_PORT must be a whole number from 1 to 65535."),
        ("DATABASE_URL", "mysql://x", "ONRECORD_DATABASE_URL must be sqlite:///"),
    ],
)
def test_a_setting_that_cannot_be_is_one_sentence(
    onrecord: Onrecord, monkeypatch: pytest.MonkeyPatch, name: str, text: str, says: str
) -> None:
    monkeypatch.setenv(f"ONRECORD_{name}", text)
    for words in (["init"], ["token", "list"], ["situation", "x"]):
        done = onrecord(*words)
        assert (done.exit_code, done.stdout) == (1, "")
        assert done.stderr.startswith(says)
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("damage", ["text", "other", "newer"])
def test_a_database_that_cannot_be_used_is_one_sentence(
    onrecord: Onrecord, environment: Path, damage: str
) -> None:
    if damage == "text":
        environment.write_text("Dear diary, " * 100)
    else:
        if damage == "newer":
            onrecord("init")
        with closing(sqlite3.connect(environment)) as database:
            database.execute("CREATE TABLE diary (day TEXT)")
            database.execute("PRAGMA user_version = 999")
    before = environment.read_bytes()
    for words in (["init"], ["situation", "x"], ["token", "list"]):
        done = onrecord(*words)
        assert (done.exit_code, done.stdout) == (1, "")
        assert len(done.stderr.splitlines()) == 1
        assert environment.name in done.stderr
    assert environment.read_bytes() == before


@pytest.mark.usefixtures("tripoli")
@pytest.mark.parametrize(
    "words",
    [
        ("history", "tripoli-2019", "--all"),
        ("export", "tripoli-2019"),
        ("situation", "tripoli-2019", "--json"),
    ],
    ids=" ".join,
)
def test_a_reader_who_has_seen_enough_gets_no_traceback(words: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        command(*words),
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    os.close(write)
    assert done.stderr == ""
    assert done.returncode == 1
