"""follow, and serve: what follows after an act is done, and how far behind it is can be seen."""

import json
import signal
from pathlib import Path

import pytest

from tests.builders import content
from tests.cli.conftest import Onrecord, Starting
from tests.cli.test_running import DOWN_WITHIN_SECONDS, answered, free_port
from tests.followers.conftest import Hook, hook

__all__ = ["hook"]

HIDE = {"withdraw": {"external_id": "a", "notice": "Void.", "hide_text": True}}
LINES = ("import", "-", "--story", "tripoli-2019")
KEY = "story-tripoli-2019"


@pytest.fixture
def hooked(hook: Hook, tripoli: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house with the founding story and a purge hook; its database."""
    monkeypatch.setenv("ONRECORD_PURGE_URL", hook.url)
    return tripoli


def hide(onrecord: Onrecord) -> None:
    lines = "".join(json.dumps(line) + "\n" for line in (content("a", occurred="2019-04-05"), HIDE))
    done = onrecord(*LINES, input=lines)
    assert done.exit_code == 0, done.output


@pytest.mark.usefixtures("hooked")
def test_it_comes_to_where_the_record_is_and_ends(onrecord: Onrecord, hook: Hook) -> None:
    hide(onrecord)
    assert hook.heard() == []
    before = json.loads(onrecord("follow", "--status", "--json").stdout)
    assert (before["follower"], before["acts"]) == ("purge", 175)
    assert before["seconds"] > 0
    done = onrecord("follow", "--once")
    assert (done.exit_code, done.stdout) == (0, "purge\t0 acts behind, 0.0 s\n")
    assert hook.heard() == [KEY]
    onrecord("follow", "--once")
    assert hook.heard() == []


@pytest.mark.usefixtures("tripoli")
def test_a_house_with_nothing_to_follow_for_says_so(onrecord: Onrecord) -> None:
    done = onrecord("follow")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == (
        "Nobody follows the record in this house: ONRECORD_PURGE_URL is not set.\n"
    )


def test_a_house_that_is_served_follows(
    onrecord: Onrecord, starting: Starting, hook: Hook, hooked: Path
) -> None:
    port = free_port()
    serving = starting("serve", "--port", str(port), "--workers", "2")
    answered(f"http://127.0.0.1:{port}/healthz")
    hide(onrecord)
    assert hook.told.get(timeout=DOWN_WITHIN_SECONDS) == KEY
    # One worker leads, or led, through a lock on a file of its own.
    assert hooked.with_name("onrecord.db-follow-purge").exists()
    assert set(answered(f"http://127.0.0.1:{port}/readyz")["followers"]["purge"]) == {
        "acts",
        "seconds",
    }
    serving.send_signal(signal.SIGTERM)
    _, said = serving.communicate(timeout=DOWN_WITHIN_SECONDS)
    assert serving.returncode == 0, said
    assert "Traceback" not in said


@pytest.mark.usefixtures("hooked")
def test_a_house_that_is_told_not_to_follow_does_not(
    onrecord: Onrecord, starting: Starting, hook: Hook
) -> None:
    port = free_port()
    starting("serve", "--port", str(port), "--workers", "1", "--no-follow")
    answered(f"http://127.0.0.1:{port}/healthz")
    hide(onrecord)
    assert json.loads(onrecord("follow", "--status", "--json").stdout)["acts"] == 175
    onrecord("follow", "--once")
    assert hook.heard() == [KEY]
