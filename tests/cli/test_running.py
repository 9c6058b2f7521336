"""init and serve: a house is made once, served, stopped gracefully, and says where it listens."""

import json
import os
import re
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.workers.gthread import ThreadWorker

from service.serving import Serving, Worker, configuration, ensure_free
from service.settings import SECRET_SUFFIX, Settings
from tests.cli.conftest import Onrecord, Starting

UP_WITHIN_SECONDS = 60
DOWN_WITHIN_SECONDS = 30


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def answered(address: str) -> Any:
    """What an address answers, once somebody does."""
    deadline = time.monotonic() + UP_WITHIN_SECONDS
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return json.loads(answer.read())
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_init_makes_a_house_and_repeating_it_changes_nothing(
    onrecord: Onrecord, environment: Path
) -> None:
    done = onrecord("init")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"The record is ready: {environment}\n"
    key = environment.with_name(environment.name + SECRET_SUFFIX)
    assert key.stat().st_mode & 0o077 == 0
    before = environment.read_bytes(), key.read_bytes()
    assert onrecord("init").exit_code == 0
    assert (environment.read_bytes(), key.read_bytes()) == before


def test_several_inits_at_once_make_one_house(starting: Starting, environment: Path) -> None:
    running = [starting("init") for _ in range(3)]
    for process in running:
        _, said = process.communicate(timeout=UP_WITHIN_SECONDS)
        assert process.returncode == 0, said
    assert environment.exists()


def test_a_house_is_served_and_stops_gracefully(starting: Starting, tripoli: Path) -> None:
    port = free_port()
    serving = starting("serve", "--port", str(port), "--workers", "2", "--threads", "2")
    address = f"http://127.0.0.1:{port}/v1/stories/tripoli-2019/situation"
    assert answered(address)["counts"]["developments"] == 88
    serving.send_signal(signal.SIGTERM)
    out, said = serving.communicate(timeout=DOWN_WITHIN_SECONDS)
    assert (serving.returncode, out) == (0, "")
    assert f"Onrecord serves {tripoli} on http://127.0.0.1:{port}/" in said
    assert "Traceback" not in said


def test_serve_makes_the_house_if_there_is_none(starting: Starting, environment: Path) -> None:
    port = free_port()
    serving = starting("serve", "--port", str(port), "--workers", "1")
    assert answered(f"http://127.0.0.1:{port}/v1/stories")["items"] == []
    assert environment.exists()
    serving.send_signal(signal.SIGINT)
    serving.communicate(timeout=DOWN_WITHIN_SECONDS)
    assert serving.returncode == 0


@pytest.mark.usefixtures("tripoli")
def test_a_reload_puts_new_workers_in_and_loses_no_request(starting: Starting) -> None:
    port = free_port()
    serving = starting("serve", "--port", str(port), "--workers", "1")
    address = f"http://127.0.0.1:{port}/healthz"
    answered(address)
    failures: list[Exception] = []
    enough = threading.Event()

    def ask() -> None:
        while not enough.is_set():
            try:
                with urllib.request.urlopen(address, timeout=10) as answer:
                    answer.read()
            except OSError as error:
                failures.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    serving.send_signal(signal.SIGHUP)
    time.sleep(2)
    enough.set()
    asking.join()
    serving.send_signal(signal.SIGTERM)
    _, said = serving.communicate(timeout=DOWN_WITHIN_SECONDS)
    assert failures == []
    assert len(re.findall("Booting worker", said)) == 2


@pytest.mark.usefixtures("empty")
def test_an_address_that_is_taken_is_one_sentence(onrecord: Onrecord) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = onrecord("serve", "--port", str(port))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        f"Nobody can listen on 127.0.0.1:{port} (Address already in use)."
        " Name another one with --host and --port.\n"
    )


def test_a_socket_that_was_handed_on_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        serving = Serving(host="127.0.0.1", port=server.getsockname()[1])
        monkeypatch.setenv("LISTEN_FDS", "1")
        ensure_free(serving)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("desk.example", "http://desk.example:80"),
    ],
)
def test_the_address_is_one_that_a_browser_here_can_open(host: str, address: str) -> None:
    assert Serving(host=host, port=80).address == address


def test_a_stop_does_not_touch_the_pool_of_threads() -> None:
    # It may come while the pool starts a thread, and would then wait for itself.
    worker = Worker.__new__(Worker)
    woken: list[object] = []
    worker.alive, worker.tpool, worker.method_queue = (
        True,
        None,
        SimpleNamespace(defer=woken.append),
    )
    worker.handle_quit(signal.SIGINT, None)
    assert not worker.alive
    assert len(woken) == 1


def test_the_server_is_set_as_this_program_needs_it() -> None:
    found = configuration(Settings(), Serving(host="::1", port=8000))
    assert found["bind"] == ["[::1]:8000"]
    assert issubclass(found["worker_class"], ThreadWorker)
    assert found["preload_app"] is False
    assert found["control_socket_disable"] is True
    assert os.access(found["worker_tmp_dir"], os.W_OK)
