"""A house that is really served: gunicorn with its workers, over a real socket, to be killed.

with running(settings, tmp_path, metrics=True) as serving:
    serving.asks("GET", "/v1/stories")
    os.kill(serving.workers()[0], signal.SIGKILL)
    serving.metrics()["onrecord_acts_total", ""]
"""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from service.settings import PREFIX, TESTING, Settings
from tests.builders import House

ROOT = Path(__file__).resolve().parents[1]
START = "import sys; from service.cli import main; sys.exit(main(prog_name='onrecord'))"
KEY = "k" * 32
"""What cursors are signed with on PostgreSQL."""

UP_SECONDS = 60
DOWN_SECONDS = 40

Sample = tuple[str, str]
"""A metric's name and its labels, as they stand between the braces."""


def free_port() -> int:
    """A port of this machine that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def eventually(holds: Callable[[], Any], seconds: float = 20) -> Any:
    """What `holds` returns once it is true; the test fails when it does not come to be."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, f"it did not come to be within {seconds} s"
        time.sleep(0.05)
    return found


@dataclass
class Serving:
    """A served house."""

    settings: Settings
    port: int
    log: Path
    process: subprocess.Popen[bytes]
    metrics_port: int = 0
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def anyone(self) -> "Serving":
        """The same house, asked without a token."""
        return replace(self, token="")

    def asks(
        self, method: str, path: str, body: Any = None, port: int = 0, **headers: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Ask on a connection of its own; status, headers and body of the answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            named["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            named.setdefault("Content-Type", "application/json")
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=30)
        try:
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def reports(self, name: str, story: str = "tripoli") -> int:
        """Report a development under an external id; the answer's status, 0 where none came."""
        said = {
            "external_id": name,
            "headline": f"Headline of {name}",
            "occurred": "2019-04-04",
            "sources": [{"publisher": "Reuters"}],
        }
        try:
            return self.asks("POST", f"/v1/stories/{story}/developments", said)[0]
        except (OSError, http.client.HTTPException):
            return 0

    def metrics(self) -> dict[Sample, float]:
        """Every sample that `/metrics` tells; it is asked again when its worker was just killed."""
        deadline = time.monotonic() + UP_SECONDS
        while True:
            try:
                status, _, body = self.asks("GET", "/metrics", port=self.metrics_port)
                break
            except (OSError, http.client.HTTPException):
                assert time.monotonic() < deadline
                time.sleep(0.05)
        assert status == 200, body
        found = re.findall(r"^([a-z_]+)(?:\{(.*)\})? (\S+)$", body.decode(), re.MULTILINE)
        return {(name, labels): float(value) for name, labels, value in found}

    def workers(self) -> list[int]:
        """The processes that answer requests."""
        return sorted(children(self.process.pid))

    def lines(self) -> list[dict[str, Any]]:
        """What it logged."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def is_up(self, status: int = 200) -> bool:
        """Whether it answers, with a status."""
        assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
        try:
            return self.anyone().asks("GET", "/readyz")[0] == status
        except (OSError, http.client.HTTPException):
            return False

    def kill(self) -> None:
        """End all of it at once, as a machine that loses its power would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def children(process: int) -> Iterator[int]:
    """The processes that a process has started and that still run."""
    for directory in Path("/proc").iterdir():
        if directory.name.isdigit():
            try:
                words = (directory / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(words[1]) == process and words[0] != "Z":
                yield int(directory.name)


def given(settings: Settings, **more: str) -> dict[str, str]:
    """The environment of a program that works in a house."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(PREFIX) or name.startswith(TESTING)
    }
    house = {f"{PREFIX}DATABASE_URL": settings.database_url, f"{PREFIX}SECRET_KEY": KEY}
    return {**kept, **house, "PYTHONPATH": str(ROOT), **more}


@contextmanager
def running(
    settings: Settings,
    directory: Path,
    *,
    metrics: bool = False,
    workers: int = 2,
    command: list[str] | None = None,
    answers: int = 200,
    **more: str,
) -> Iterator[Serving]:
    """Serve a house with `onrecord serve`, or by a command that takes its port for `{port}`.

    `answers` is what it answers whether it is ready.
    """
    port, log = free_port(), directory / "log"
    if metrics:
        more[f"{PREFIX}METRICS_BIND"] = f"127.0.0.1:{(metrics_port := free_port())}"
    words = command or ["-c", START, "serve", "--port", "{port}", "--workers", str(workers)]
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, *(word.format(port=port) for word in words)],
            cwd=directory,
            env=given(settings, **more),
            stderr=out,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
    serving = Serving(settings, port, log, process, metrics_port if metrics else 0)
    try:
        eventually(lambda: serving.is_up(answers), UP_SECONDS)
        yield serving
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(DOWN_SECONDS) == 0
    except BaseException as problem:
        problem.add_note(f"the log:\n{log.read_text(errors='replace')[-4000:]}")
        raise
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def opened(settings: Settings, story: str = "tripoli") -> str:
    """Make the house, open a story, and return an editor's token."""
    house = House.at(settings)
    try:
        house.desk().opens_story(story)
        return house.onrecord.create_token(newsroom="times", role="editor", name="desk")
    finally:
        house.close()
