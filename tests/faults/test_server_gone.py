"""The PostgreSQL server crashes and comes back, while a house is served and eight desks post."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.settings import Settings
from tests import pg
from tests.faults.crowd import opened, posting, sound
from tests.running import eventually, running


@pytest.fixture
def server() -> Iterator[pg.Server]:
    """A server of this test's own."""
    server = pg.Server()
    yield server
    server.end()


@pytest.fixture
def settings(server: pg.Server) -> Settings:
    """A house on that server."""
    return Settings(database_url=pg.fresh_schema(server.url))


def test_a_server_that_crashes_and_comes_back_loses_and_doubles_nothing(
    server: pg.Server, settings: Settings, tmp_path: Path
) -> None:
    token = opened(settings)
    with running(settings, tmp_path) as serving:
        serving.token = token
        with posting(serving) as crowd:
            eventually(lambda: crowd.has_posted(40), 60)
            os.kill(server.process, signal.SIGQUIT)  # it stops at once, and writes nothing more
            eventually(lambda: crowd.answers[503] > 20, 60)
            assert serving.anyone().asks("GET", "/readyz")[0] == 503
            assert serving.anyone().asks("GET", "/healthz")[0] == 200
            eventually(lambda: not (server.directory / "postmaster.pid").exists(), 30)
            # a worker that ends meanwhile has a successor, who waits for the server as well
            before = serving.workers()
            os.kill(before[0], signal.SIGKILL)
            eventually(lambda: len({*serving.workers()} - {*before}) == 1, 30)
            eventually(lambda: "The record cannot be served" in serving.log.read_text(), 30)
            assert serving.anyone().asks("GET", "/readyz")[0] == 503
            stood = len(crowd.acknowledged)
            server.start()
            eventually(lambda: crowd.has_posted(stood + 40), 60)
        eventually(lambda: {serving.asks("GET", "/readyz")[0] for _ in range(9)} == {200})
    sound(settings, crowd)
