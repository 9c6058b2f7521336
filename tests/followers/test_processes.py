"""Followers in several processes: one leads; when it is killed, another goes on in seconds."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.followers import lags
from service.followers.running import Running, catch_up
from service.settings import PREFIX, Settings
from tests.builders import Desk, House
from tests.followers.conftest import Hook

ROOT = Path(__file__).resolve().parents[2]
START = "import sys; from service.cli import main; sys.exit(main(prog_name='onrecord'))"
WITHIN_SECONDS = 30

Starting = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def hooked(settings: Settings, hook: Hook) -> Settings:
    """The house's settings, the hook among them."""
    return replace(settings, purge_url=hook.url)


@pytest.fixture
def starting(hooked: Settings) -> Iterator[Starting]:
    """`starting()`: another process that follows."""
    running: list[subprocess.Popen[str]] = []
    environment = {
        **os.environ,
        f"{PREFIX}DATABASE_URL": hooked.database_url,
        f"{PREFIX}PURGE_URL": str(hooked.purge_url),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", START, "follow"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + WITHIN_SECONDS
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def behind(house: House) -> int:
    return lags(house.sql, ["purge"])["purge"].acts


def at_home(desk: Desk, number: int) -> str:
    """Take a story behind the door, as of this very moment; its key."""
    story = f"story-{number}"
    desk.house.clock.now = time.time_ns() // 1000
    desk.opens_story(story)
    desk.amends_story(visibility="house")
    return f"story-{story}"


def test_a_leader_that_is_killed_is_replaced_and_no_call_is_lost(
    house: House, hook: Hook, starting: Starting
) -> None:
    desk = house.desk("times")
    processes = [starting(), starting()]
    told: list[str | None] = []
    keys = []
    for number in range(3):
        keys.append(at_home(desk, number))
        if number == 1:
            processes[0].send_signal(signal.SIGKILL)
        if number == 2:
            processes.append(starting())
            processes[1].send_signal(signal.SIGKILL)
        eventually(lambda: behind(house) == 0)
        told += hook.heard()
    assert list(dict.fromkeys(told)) == keys
    processes[2].send_signal(signal.SIGTERM)
    _, said = processes[2].communicate(timeout=WITHIN_SECONDS)
    assert (processes[2].returncode, said) == (0, "")


def test_two_that_follow_call_once(house: House, hook: Hook, hooked: Settings) -> None:
    running = [Running(hooked), Running(hooked)]
    keys = [at_home(house.desk("times"), number) for number in range(5)]
    eventually(lambda: behind(house) == 0)
    for one in running:
        one.stop()
    assert hook.heard() == keys


def test_to_catch_up_is_to_come_to_where_the_record_is(
    house: House, hook: Hook, hooked: Settings
) -> None:
    key = at_home(house.desk("times"), 1)
    catch_up(hooked)
    assert (hook.heard(), behind(house)) == ([key], 0)
