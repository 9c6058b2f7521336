"""From a clone, the servers that people know serve `service.wsgi:app` with nothing installed."""

import os
import sys
from pathlib import Path

import pytest

from tests.packaging.serving import free_port, page, serving

ROOT = Path(__file__).resolve().parents[2]

SERVERS = {
    "gunicorn": ("gunicorn", "service.wsgi:app", "--no-control-socket", "--bind", "127.0.0.1:{}"),
    "flask": ("flask", "--app", "service.wsgi", "run", "--port", "{}"),
}


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_serves_the_clone_as_it_lies(server: str, tmp_path: Path) -> None:
    port = free_port()
    program, *arguments = (word.format(port) for word in SERVERS[server])
    database = {"ONRECORD_DATABASE_URL": f"sqlite:///{tmp_path / 'onrecord.db'}"}
    with serving(
        [str(Path(sys.executable).parent / program), *arguments],
        directory=ROOT,
        environment=os.environ | database,
        log=tmp_path / "log",
    ) as running:
        page(f"http://127.0.0.1:{port}/healthz", running)
    assert (tmp_path / "onrecord.db").is_file()
