"""`onrecord` as an operator types it, in a house of the test's own.

Most tests run the verbs in this process; those of a server, a signal or a pipe start a real one.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli import main
from service.settings import PREFIX, TESTING, Settings
from tests.builders import House

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "seeds"

Onrecord = Callable[..., Result]
Starting = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="session")
def founding_record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record that holds the founding story, of the newsroom `times`; made once."""
    path = tmp_path_factory.mktemp("founding") / "onrecord.db"
    runner = CliRunner(env={f"{PREFIX}DATABASE_URL": f"sqlite:///{path}"})
    assert runner.invoke(main, ["init"]).exit_code == 0
    file = str(SEEDS / "tripoli-2019.jsonl")
    story = ["--story", "tripoli-2019", "--newsroom", "times", "--archive"]
    done = runner.invoke(main, ["import", file, *story])
    assert done.exit_code == 0, done.output
    return path


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No settings but one: the database, which is not there yet. Its path."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        if not name.startswith(TESTING):
            monkeypatch.delenv(name)
    path = tmp_path / "onrecord.db"
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.chdir(tmp_path)
    return path


@pytest.fixture
def onrecord() -> Onrecord:
    """`onrecord("situation", "tripoli-2019")`: type it, and see what comes."""

    def typed(*words: str, input: str | bytes | None = None) -> Result:
        result = CliRunner().invoke(main, list(words), input=input)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return typed


@pytest.fixture
def empty(environment: Path, onrecord: Onrecord) -> Path:
    """A house in which nothing has happened; its database."""
    onrecord("init")
    return environment


@pytest.fixture
def tripoli(environment: Path, founding_record: Path) -> Path:
    """A house with the founding story; its database."""
    shutil.copy(founding_record, environment)
    return environment


@pytest.fixture
def looking(environment: Path) -> Iterator[Callable[[], House]]:
    """`looking()`: the same house at the Python door."""
    opened: list[House] = []

    def look() -> House:
        opened.append(House.at(Settings(database_url=f"sqlite:///{environment}"), init=False))
        return opened[-1]

    yield look
    for house in opened:
        house.close()


def command(*words: str) -> list[str]:
    """The command that starts `onrecord` as an installed one is started."""
    start = "import sys; from service.cli import main; sys.exit(main(prog_name='onrecord'))"
    return [sys.executable, "-c", start, *words]


@pytest.fixture
def starting() -> Iterator[Starting]:
    """`starting("serve")`: start a program; what still runs at the end is stopped."""
    running: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command(*words),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, 9)
        if process.stdout is not None and not process.stdout.closed:
            process.communicate()
