"""A worker, and a whole house, killed (SIGKILL) while eight desks post."""

import os
import signal
from dataclasses import replace
from pathlib import Path

from service.settings import Settings
from tests.faults.crowd import opened, posting, sound
from tests.running import eventually, running

BETWEEN = 40
"""Reports that are acknowledged between two blows."""


def test_workers_that_are_killed_lose_and_double_nothing(
    settings: Settings, directory: Path
) -> None:
    token = opened(settings)
    with running(settings, directory) as serving:
        serving.token = token
        with posting(serving) as crowd:
            for blow in range(3):
                eventually(lambda: crowd.has_posted(BETWEEN * (blow + 1)), 60)  # noqa: B023
                os.kill(serving.workers()[0], signal.SIGKILL)  # the oldest: it is at work
            eventually(lambda: crowd.has_posted(BETWEEN * 4), 60)
    assert crowd.answers[0] > 0, "nobody noticed"
    sound(settings, crowd)


def test_a_house_that_is_killed_and_started_again_loses_and_doubles_nothing(
    settings: Settings, directory: Path
) -> None:
    token = opened(settings)
    with running(settings, directory) as first:
        first.token = token
        with posting(first) as crowd:
            eventually(lambda: crowd.has_posted(BETWEEN), 60)
            first.kill()
            with running(settings, directory) as second:
                crowd.serving = replace(second, token=token)
                eventually(lambda: crowd.has_posted(BETWEEN * 2), 60)
                crowd.stop()
    assert crowd.answers[0] > 0, "nobody noticed"
    sound(settings, crowd)
