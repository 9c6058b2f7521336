"""demo: what it prints can be pasted, and does the job; when it ends, nothing is left."""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from service import tokens
from tests.cli.conftest import Onrecord, Starting
from tests.cli.test_running import DOWN_WITHIN_SECONDS, answered, free_port

REQUEST = re.compile(r"^curl (?:.*\\\n)*.*", re.MULTILINE)


@dataclass
class Demo:
    """A running demo, what it printed, and where it keeps its temporary files."""

    process: subprocess.Popen[str]
    printed: str
    directory: Path

    @property
    def requests(self) -> list[str]:
        return REQUEST.findall(self.printed)

    def stop(self) -> str:
        """End it as Ctrl-C does, with all its processes; what it said on stderr."""
        os.killpg(self.process.pid, signal.SIGINT)
        _, said = self.process.communicate(timeout=DOWN_WITHIN_SECONDS)
        return said


def read_page(process: subprocess.Popen[str]) -> str:
    """Everything up to the last request."""
    assert process.stdout is not None
    printed = ""
    while not printed.endswith("/versions\n"):
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        printed += line
    return printed


@pytest.fixture
def demo(starting: Starting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Demo:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    process = starting("demo", "--port", str(free_port()))
    return Demo(process, read_page(process), temporary)


def pasted(request: str) -> list[Any]:
    """Run a request as it is printed, in a shell; the JSON documents that come."""
    done = subprocess.run(["sh", "-c", request], capture_output=True, text=True, check=True)
    found, decoder, at = [], json.JSONDecoder(), done.stdout.find("{")
    while at >= 0:
        document, end = decoder.raw_decode(done.stdout, at)
        found.append(document)
        at = done.stdout.find("{", end)
    return found


def test_the_page_is_there_and_the_five_requests_run_as_printed(
    demo: Demo, system_program: Callable[[str, str], str]
) -> None:
    system_program("curl", "curl")
    [address] = re.findall(r"The page +(http://127\.0\.0\.1:\d+/)\n", demo.printed)
    [token] = re.findall(r"A token +(onr_\w+)\n", demo.printed)
    assert answered(f"{address}v1/stories")["items"][0]["id"] == "tripoli-2019"
    assert tokens.well_formed(token)
    assert len(demo.requests) == 5
    for version in (1, 2):  # pasted a second time, the report finds what it became
        now, council, report, correction, versions = map(pasted, demo.requests)
        assert now[0]["basis"]["reading"] == "now"
        told, hindsight = council
        assert [told["basis"]["reading"], told["items"][0]["value"]] == ["as_told", "planned"]
        assert hindsight["basis"]["reading"] == "hindsight"
        assert hindsight["items"][0]["value"] == "held"
        assert report[0]["version"] == version
        assert [correction[0]["act"], correction[0]["version"]] == ["DevelopmentCorrected", 2]
        acts = [one["made_by"]["act"] for one in versions[0]["items"]]
        assert acts == ["DevelopmentReported", "DevelopmentCorrected"]
    [after] = pasted(demo.requests[0])
    assert after["counts"] == {"developments": 89, "corrected": 2, "withdrawn": 0}
    [killed] = [row["killed"]["best"] for row in after["casualties"] if row["counted_by"] == "who"]
    assert killed == 264


def test_when_it_ends_nothing_is_left(demo: Demo, environment: Path) -> None:
    assert [path.name[:14] for path in demo.directory.iterdir()] == ["onrecord-demo-"]
    said = demo.stop()
    assert demo.process.returncode == 0
    assert "Traceback" not in said
    assert list(demo.directory.iterdir()) == []
    assert not environment.exists(), "the house of the settings is none of its business"


def test_what_is_kept_is_there_the_next_time(
    onrecord: Onrecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.cli.demo.run", lambda settings, serving, ready: ready())
    kept = ("demo", "--port", str(free_port()), "--keep", str(tmp_path / "kept"))
    first, second = (onrecord(*kept) for _ in range(2))
    assert [first.exit_code, second.exit_code] == [0, 0]
    assert str(tmp_path / "kept" / "onrecord.db") in first.stderr
    tokens_made = {re.findall(r"onr_\w+", done.stdout)[0] for done in (first, second)}
    assert len(tokens_made) == 2
    monkeypatch.setenv("ONRECORD_DATABASE_URL", f"sqlite:///{tmp_path}/kept/onrecord.db")
    assert onrecord("situation", "tripoli-2019").exit_code == 0


def test_a_port_that_is_taken_is_told_before_anything_is_made(
    onrecord: Onrecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = onrecord("demo", "--port", str(server.getsockname()[1]))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "--port" in done.stderr
    assert list(tmp_path.iterdir()) == []
