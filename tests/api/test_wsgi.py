"""The application is built when it is first needed, once a process, and never on import."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from flask import Flask
from flask.cli import locate_app
from werkzeug.test import Client

from service import wsgi
from service.settings import Settings
from service.store.sql import DatabaseProblem


def test_importing_opens_nothing(tmp_path: Path) -> None:
    code = "import service.wsgi, os; assert os.listdir('.') == [], os.listdir('.')"
    root = str(Path(wsgi.__file__).parents[1])

    subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": root},
        check=True,
    )


def test_who_comes_first_builds_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[Flask] = []

    def build(_settings: Settings) -> Flask:
        built.append(Flask("one"))
        return built[-1]

    monkeypatch.setattr(wsgi, "create_app", build)
    later = wsgi.Later()
    threads = [threading.Thread(target=later.ready) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(built) == 1
    assert later.ready() is built[0]


def test_flask_finds_it_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ONRECORD_DATABASE_URL", f"sqlite:///{tmp_path}/onrecord.db")

    found = locate_app("service.wsgi", None)

    assert isinstance(found, Flask)
    assert found.test_client().get("/readyz").json == {
        "status": "ready",
        "position": 0,
        "followers": {},
    }


def test_it_follows_when_it_is_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started: list[Settings] = []

    class Following:
        def __init__(self, settings: Settings) -> None:
            started.append(settings)

        def stop(self) -> None:
            """End nothing."""

    monkeypatch.setenv("ONRECORD_DATABASE_URL", f"sqlite:///{tmp_path}/onrecord.db")
    monkeypatch.setenv("ONRECORD_PURGE_URL", "http://127.0.0.1:9/")
    monkeypatch.setattr(wsgi, "Running", Following)
    later = wsgi.Later()
    later.ready()
    later.ready()
    assert [settings.purge_url for settings in started] == ["http://127.0.0.1:9/"]


def test_while_its_database_cannot_be_used_it_answers_503_and_tries_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[bool] = []

    def build() -> Flask:
        tried.append(True)
        if len(tried) < 3:
            raise DatabaseProblem("host db.example does not answer")
        return Flask("one")

    later = wsgi.Later(build)
    client = Client(later)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.content_type == "application/problem+json"
    assert "db.example" not in answer.text
    # who asks at the same moment is answered from that try
    assert client.get("/healthz").status_code == 503
    assert len(tried) == 1

    monkeypatch.setattr(wsgi, "AGAIN_SECONDS", 0)
    with pytest.raises(DatabaseProblem):
        later.ready()
    assert client.get("/healthz").status_code == 404
    assert len(tried) == 3
