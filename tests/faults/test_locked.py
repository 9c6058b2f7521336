"""Another process keeps the append lock: desks are told to come again, readers notice nothing."""

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from service.settings import Settings
from service.store.postgres_words import APPEND_LOCK
from tests.faults.crowd import on_record, opened
from tests.running import eventually, running


@contextmanager
def locked(settings: Settings) -> Iterator[None]:
    """Another program that writes to the record, and takes its time."""
    if settings.on_sqlite:
        other = sqlite3.connect(settings.database_path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.close()
        return
    with psycopg.connect(settings.database_url) as connection:
        connection.execute(f"SELECT {APPEND_LOCK}".encode())
        yield
        connection.rollback()


def test_a_record_that_is_locked_is_told_and_stores_nothing(
    settings: Settings, directory: Path
) -> None:
    token = opened(settings)
    with running(settings, directory, workers=1) as serving:
        serving.token = token
        said = {"headline": "A", "occurred": "2019-04-04", "sources": [{"publisher": "R"}]}
        path = "/v1/stories/tripoli/developments"
        with locked(settings):
            status, headers, body = serving.asks("POST", path, said)
            assert (status, json.loads(body)["type"]) == (503, "/problems/unavailable")
            assert "Nothing was stored" in json.loads(body)["detail"]
            assert int(headers["Retry-After"]) >= 1
            # readers go on
            assert serving.asks("GET", "/v1/stories/tripoli/situation")[0] == 200
            # a worker that ends meanwhile has a successor, who need not wait for the lock
            before = serving.workers()
            os.kill(before[0], signal.SIGKILL)
            eventually(lambda: serving.is_up() and serving.workers() != before)
        assert serving.asks("POST", path, said)[0] == 201
    assert on_record(settings) == ["A"]
