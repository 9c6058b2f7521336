"""A worker, and a whole house, killed (SIGKILL) while eight desks post."""

import contextlib
import http.client
import json
import os
import signal
import threading
from dataclasses import replace
from pathlib import Path

from service.settings import Settings
from tests.faults.crowd import on_record, opened, posting, sound
from tests.running import eventually, running

BETWEEN = 40
"""Reports that are acknowledged between two blows."""

LINES = 4000
"""Of a body that takes longer than the blow."""


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


def test_a_body_of_many_lines_whose_worker_was_killed_is_resumed_by_repeating_it(
    settings: Settings, directory: Path
) -> None:
    token = opened(settings)
    names = [f"line {number}" for number in range(LINES)]
    said = {"occurred": "2019-04-04", "sources": [{"publisher": "Reuters"}]}
    body = b"".join(
        json.dumps({"external_id": name, "headline": name, **said}).encode() + b"\n"
        for name in names
    )
    with running(settings, directory, workers=1) as serving:
        serving.token = token

        def post() -> list[int]:
            path, kind = "/v1/stories/tripoli/developments", "application/x-ndjson"
            _, _, answer = serving.asks("POST", path, body, Content_Type=kind)
            return [json.loads(line)["status"] for line in answer.splitlines()]

        def post_in_vain() -> None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                post()

        def position() -> int:
            return int(json.loads(serving.anyone().asks("GET", "/readyz")[2])["position"])

        first = threading.Thread(target=post_in_vain)
        first.start()
        eventually(lambda: position() > 1)
        os.kill(serving.workers()[0], signal.SIGKILL)
        first.join()
        eventually(serving.is_up)
        assert 1 < position() <= LINES, "the blow came too late"

        statuses = post()
        assert len(statuses) == LINES
        assert {*statuses} == {200, 201}
    assert on_record(settings) == names
