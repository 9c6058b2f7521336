"""Programs that serve, started as a person would and asked over a real socket."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

UP_WITHIN_SECONDS = 60
DOWN_WITHIN_SECONDS = 30


def free_port() -> int:
    """A port of this machine that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextlib.contextmanager
def serving(
    command: Sequence[str], *, directory: Path, environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` for as long as the block lasts, then interrupt it as a person would.

    What it says goes to `log`. A program that ends by itself, or does not end when interrupted,
    fails the test.
    """
    with log.open("wb") as out:
        running = subprocess.Popen(
            command,
            cwd=directory,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield running
        assert running.poll() is None, "it ended by itself"
        running.send_signal(signal.SIGINT)
        running.wait(timeout=DOWN_WITHIN_SECONDS)
    except Exception as problem:
        problem.add_note(f"{command[0]} said:\n{log.read_text(errors='replace')}")
        raise
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


def page(address: str, running: subprocess.Popen[bytes]) -> str:
    """What stands at `address`, once `running` answers there."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + UP_WITHIN_SECONDS
    while True:
        try:
            with direct.open(address, timeout=10) as answer:
                return str(answer.read().decode("utf-8"))
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            if running.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
