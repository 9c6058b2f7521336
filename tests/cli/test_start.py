"""A verb starts with what it needs, and no more."""

import subprocess
import sys

import pytest

from service.cli import FAMILIES, main
from tests.cli.conftest import ROOT

SERVER = {"flask", "flask_smorest", "gunicorn", "prometheus_client", "structlog", "werkzeug"}


@pytest.mark.parametrize("verb", ["import", "export", "check"])
def test_a_verb_that_serves_nobody_brings_no_server(verb: str) -> None:
    asks = (
        "import sys; from service.cli import main; main.commands[sys.argv[1]]; print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", asks, verb], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "service.cli.talk" in loaded
    assert SERVER & loaded == set()


def test_every_verb_is_where_the_families_say() -> None:
    assert [main.commands[name].name for name in main.commands] == list(main.commands)
    assert {*main.commands} == {*" ".join(FAMILIES.values()).split()}
