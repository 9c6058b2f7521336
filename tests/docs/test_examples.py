"""The docs' examples, run: each `$ curl …` and `$ onrecord …` answers as the page says.

`…` in an answer stands for anything. curl's lines are asked of the application itself, so that
the tests need no curl; its few options that the docs use are read here, and others refused.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from service import seeds, storyfile
from service.app import create_app
from service.assembly import assemble
from service.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = ("docs/time.md", "docs/api.md", "docs/howto/report-and-correct.md")
PROBLEM = '{"type":"/problems/'
"""How an answer begins that a page shows as an error."""

STORY = "/v1/stories/tripoli-2019"
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Example:
    page: str
    command: str
    answer: str

    def __str__(self) -> str:
        return self.command[:70]


@dataclass(frozen=True)
class Demo:
    client: FlaskClient
    database: str
    token: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The founding story in a house of its own, as `onrecord demo` serves it."""
    database = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'demo.db'}"
    onrecord = assemble(Settings(database_url=database))
    lines = seeds.path("tripoli-2019").read_text(encoding="utf-8").splitlines()
    job = storyfile.Import(desk=onrecord.desk("onrecord"), archive=True)
    numbered = ((number, json.loads(line)) for number, line in enumerate(lines, start=1))
    onrecord.recorder.record(storyfile.archive(numbered, job, onrecord.clock))
    token = onrecord.create_token(newsroom="onrecord", role="editor", name="docs")
    yield Demo(create_app(onrecord.settings, onrecord).test_client(), database, token)
    onrecord.close()


def examples() -> Iterator[Example]:
    for page in PAGES:
        for block in CONSOLE.findall((ROOT / page).read_text(encoding="utf-8")):
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                yield Example(page, *parted(part))


def parted(part: str) -> tuple[str, str]:
    """Part a command, which goes on while a quote or a line is open, from its answer."""
    lines = part.splitlines()
    for last in range(1, len(lines) + 1):
        command = "\n".join(lines[:last])
        if command.endswith("\\"):
            continue
        try:
            shlex.split(command)
        except ValueError:
            continue
        return command.replace("\\\n", " "), "\n".join(lines[last:]).strip()
    raise AssertionError(f"this command does not end: {part}")


def filled(demo: Demo, command: str) -> str:
    """Put in what a page leaves to its reader: the token, and the ids of developments."""

    def value(found: re.Match[str]) -> str:
        if found[1] == "TOKEN":
            return demo.token
        asked = f"{STORY}/developments?external_id={found[1].lower()}"
        (item,) = demo.client.get(asked).get_json()["items"]
        return str(item["id"])

    return re.sub(r"\$([A-Z_]+)", value, command)


def curl(demo: Demo, words: list[str]) -> tuple[int, str]:
    """Ask what a curl command line asks; return status and body."""
    method, headers, body, address = "", {}, None, ""
    rest = iter(words)
    for word in rest:
        match word:
            case "-X":
                method = next(rest)
            case "-H":
                name, _, value = next(rest).partition(":")
                headers[name.strip()] = value.strip()
            case "-d":
                body = next(rest)
            case "-s":
                pass
            case _ if word.startswith("http://127.0.0.1:8000/"):
                address = word
            case _:
                raise AssertionError(f"the tests do not know curl's {word}")
    parts = urlsplit(address)
    options: dict[str, Any] = {"headers": headers, "data": body}
    method = method or ("GET" if body is None else "POST")
    answer = demo.client.open(f"{parts.path}?{parts.query}", method=method, **options)
    return answer.status_code, answer.get_data(as_text=True)


def onrecord(demo: Demo, words: list[str]) -> tuple[int, str]:
    """Run the command line; return its exit code and what it prints."""
    run = subprocess.run(
        [sys.executable, "-c", "from service.cli import main; main()", *words],
        env={**os.environ, "ONRECORD_DATABASE_URL": demo.database},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout


def pattern(answer: str) -> str:
    parts = (r"\s+".join(map(re.escape, part.split())) for part in answer.split("…"))
    return r"(?s)\s*" + r".*?".join(parts) + (r"\s*\Z" if not answer.endswith("…") else "")


@pytest.mark.parametrize("example", list(examples()), ids=str)
def test_an_example_answers_as_the_page_says(demo: Demo, example: Example) -> None:
    program, *words = shlex.split(filled(demo, example.command))
    if program == "curl":
        status, said = curl(demo, words)
        assert (status >= 400) == example.answer.startswith(PROBLEM), said
    else:
        assert program == "onrecord"
        code, said = onrecord(demo, words)
        assert code == 0, said
    assert re.match(pattern(example.answer), said), said


def test_the_ten_lines_of_the_readme_run_as_printed(demo: Demo) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = [block for block in SHELL.findall(text) if "S=http" in block]
    base, *commands = [line for line in block.splitlines() if line.strip()]
    base = base.removeprefix("S=")
    for line in commands:
        line = line.replace("$S", base).replace("$TOKEN", demo.token)
        program, *words = shlex.split(line, comments=True)
        assert program == "curl"
        status, said = curl(demo, words)
        assert status in (200, 201), (line, said)
    assert '"external_id":"desk-1"' in said
