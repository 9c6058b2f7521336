"""Lines read ahead by another process: answered as one process answers, whoever is ended amid it.

Standard input that is a pipe may be long, so it has another process; a short file has none.
"""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from schemas.fields import UUID_PATTERN
from service import processors
from service.cli import ahead
from tests.builders import House, content
from tests.cli.conftest import ROOT, command
from tests.cli.test_intake import FLOOD, FLOOD_FILE, acts, lines
from tests.running import children, eventually

IMPORT = ("import", "-", "--story", "tripoli")
MANY = 1_000
"""Lines of several chunks."""

two_processors = pytest.mark.skipif(
    len(os.sched_getaffinity(0)) < 2, reason="with one processor nothing is read ahead"
)

MIXED = (
    lines(
        content("a"),
        {"report": {**content("b"), "kind": "attack_order"}},
        {"report": {"id": "mine", **content(headline="Named")}},
        {"update": {"id": "mine", "changes": {"body": "x"}}},
        {"update": {"changes": {"body": "x"}}},
        {"correct": {"external_id": "a", "changes": {"headline": "A"}, "notice": "It was a."}},
        {"verify": {"external_id": "zz", "status": "confirmed"}},
        {"verify": {"external_id": "a", "status": "sure"}},
        {"pin": {"id": "mine", "pinned": "yes"}},
        {"summary": {"sentences": [{"text": "Both.", "developments": ["mine", "a"]}]}},
        {"summary": {"sentences": [{"text": "None.", "developments": ["zz"]}]}},
        {"actor": {"name": "UN"}},
        {"story": {"id": "other", "title": "Other"}},
        {"close": {"notice": "Over."}, "key": 7},
        {"report": {}, "update": {}},
        ["no object"],
    )
    + '\nnot json\n{"a": 1, "a": 2}\n'
    + f'{{"headline": "{"x" * 2_000_000}"}}\n'
    + lines({"withdraw": {"external_id": "a", "reason": "editing", "notice": "Not so."}})
)


@pytest.fixture
def story(empty: Path, looking: Callable[[], House]) -> House:
    """A house with a story of the newsroom `times`, open for reports."""
    house = looking()
    house.clock.reads("2024-01-01T00:00:00Z")
    house.desk("times").opens_story("tripoli", scale="conflict", actors="lna gna")
    return house


def imported(
    *words: str, input: str | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words),
        input=input,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
        check=False,
    )


@contextmanager
def importing(*words: str, **channels: Any) -> Iterator[subprocess.Popen[str]]:
    """An import that waits for more lines, with its other process."""
    with subprocess.Popen(
        command(*words),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
        **{"stdout": subprocess.PIPE, **channels},
    ) as running:
        try:
            yield running
        finally:
            if running.poll() is None:
                running.kill()


def helper(running: subprocess.Popen[str]) -> int:
    """The process that reads ahead, once it is there."""
    [other] = eventually(lambda: list(children(running.pid)))
    return int(other)


def is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


# --- the same answers ----------------------------------------------------------------------


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("options", [(), ("--json",)], ids=["for people", "for programs"])
def test_every_line_is_answered_alike_by_one_process_and_by_two(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    file = tmp_path / "mixed.jsonl"
    file.write_text(MIXED)
    copy = tmp_path / "copy.db"
    imported("backup", str(copy))
    one = imported("import", str(file), "--story", "tripoli", *options)
    two = imported(*IMPORT, *options, input=MIXED, ONRECORD_DATABASE_URL=f"sqlite:///{copy}")
    assert one.returncode == two.returncode == 1
    assert [forms(line) for line in one.stdout.splitlines()] == [
        forms(line) for line in two.stdout.splitlines()
    ]
    assert one.stderr == two.stderr
    assert len(one.stdout.splitlines()) == 20


def forms(line: str) -> str:
    """An answer without what is new each time: the ids that the house gives."""
    return re.sub(UUID_PATTERN, "ID", line)


@pytest.mark.parametrize(
    "fault",
    [
        {"report": {"headline": "no source"}},
        {"update": {"external_id": "nobody", "changes": {"body": "x"}}},
        {"report": content("z"), "recorded_at": "yesterday"},
        {"report": {"headline": "no source"}, "recorded_at": "1999"},
        "text",
    ],
    ids=["shape", "decision", "no time", "two faults", "text"],
)
def test_an_archive_is_refused_alike_by_one_process_and_by_two(
    empty: Path, tmp_path: Path, fault: Any
) -> None:
    told = FLOOD_FILE.read_text() + lines(fault)
    file = tmp_path / "flood.jsonl"
    file.write_text(told)
    words = (*FLOOD, "--newsroom", "times", "--archive")
    one = imported("import", str(file), *words)
    two = imported("import", "-", *words, input=told)
    assert (one.returncode, one.stdout) == (1, "")
    assert one.stderr.startswith("Line 48: ")
    assert (one.returncode, one.stdout, one.stderr) == (two.returncode, two.stdout, two.stderr)
    assert acts(empty) == 0


def test_an_archive_through_a_pipe_comes_in_whole(empty: Path) -> None:
    words = (*FLOOD, "--newsroom", "times", "--archive")
    done = imported("import", "-", *words, input=FLOOD_FILE.read_text())
    assert (done.returncode, done.stderr) == (0, "47 lines: 47 done, 0 known, 0 refused\n")
    assert len(done.stdout.splitlines()) == 47


# --- whoever is ended amid it --------------------------------------------------------------


@two_processors
def test_a_reader_that_was_killed_is_told_and_the_import_goes_on_when_repeated(
    story: House,
) -> None:
    told = [content(headline=f"Number {number}") for number in range(MANY)]
    with importing(*IMPORT) as running:
        assert running.stdin is not None
        running.stdin.write(lines(*told[: MANY // 2]))
        running.stdin.flush()
        os.kill(helper(running), signal.SIGKILL)
        answers, says = running.communicate(lines(*told[MANY // 2 :]))
    assert running.returncode == 1
    assert says.startswith("The process that reads the lines ahead was ended by signal 9.")
    assert "Traceback" not in says
    answered = len(answers.splitlines())
    assert answered < MANY
    assert story.reader("tripoli").situation()["counts"]["developments"] == answered
    again = imported(*IMPORT, input=lines(*told))
    assert (
        again.stderr == f"{MANY:,} lines: {MANY - answered:,} done, {answered:,} known, 0 refused\n"
    )
    assert story.reader("tripoli").situation()["counts"]["developments"] == MANY


@two_processors
def test_an_archive_whose_reader_was_killed_leaves_nothing(empty: Path) -> None:
    with importing("import", "-", *FLOOD, "--newsroom", "times", "--archive") as running:
        os.kill(helper(running), signal.SIGKILL)
        answers, says = running.communicate(FLOOD_FILE.read_text())
    assert (running.returncode, answers) == (1, "")
    assert says.startswith("The process that reads the lines ahead was ended by signal 9.")
    assert acts(empty) == 0


@two_processors
@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=str)
def test_no_process_outlives_the_import(sign: signal.Signals) -> None:
    with importing(*IMPORT) as running:
        other = helper(running)
        # Ctrl-C goes to all processes of the terminal; who kills, kills one.
        if sign == signal.SIGINT:
            os.killpg(running.pid, sign)
        else:
            os.kill(running.pid, sign)
        running.wait()
        eventually(lambda: is_gone(other))
        assert running.stderr is not None
        assert "Traceback" not in running.stderr.read()


@two_processors
@pytest.mark.usefixtures("story")
def test_who_reads_no_more_answers_ends_both() -> None:
    read, write = os.pipe()
    os.close(read)
    with importing(*IMPORT, stdout=write) as running:
        os.close(write)
        other = helper(running)
        _, says = running.communicate(lines(*(content() for _ in range(MANY))))
        eventually(lambda: is_gone(other))
    assert (running.returncode, says) == (1, "")


# --- when it pays --------------------------------------------------------------------------


def test_another_process_is_for_long_files_and_two_processors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short, long = tmp_path / "short", tmp_path / "long"
    short.write_bytes(b"x" * (ahead.LONG_BYTES - 1))
    long.write_bytes(b"x" * ahead.LONG_BYTES)
    monkeypatch.setattr(processors, "usable", lambda: [0, 1])
    assert (ahead.pays(short), ahead.pays(long)) == (False, True)
    monkeypatch.setattr(processors, "usable", lambda: [0])
    assert not ahead.pays(long)
