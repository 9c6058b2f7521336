"""The purge hook over HTTP: called when what may be read of a story's past has changed."""

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from service.api import purging
from service.api.house import move_in
from service.app import behind
from tests.api.desks import AtDesk, one_door
from tests.builders import content

VOID = {"notice": "It named a victim."}


@dataclass
class Hook:
    """What a cache was told, and how it answers."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    told: "queue.Queue[tuple[str, str | None]]" = field(default_factory=queue.Queue)

    def hears(self) -> tuple[str, str | None]:
        return self.told.get(timeout=10)


@pytest.fixture
def hook(times: AtDesk) -> Iterator[Hook]:
    """A cache on this machine, which the house knows."""
    found = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(found.answers.pop(0) if found.answers else 200)
            self.end_headers()
            found.told.put((self.path, self.headers["Surrogate-Key"]))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/purge"
    settings = replace(times.house.onrecord.settings, purge_url=found.url)
    move_in(one_door(), replace(behind(times.house.onrecord), settings=settings))
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def test_hidden_text_is_purged(times: AtDesk, hook: Hook) -> None:
    one = times.reports("one")

    times.acts(one, "withdrawal", {**VOID, "hide_text": True})

    assert hook.hears() == ("/purge", "story-tripoli")


def test_so_is_a_story_that_is_shown_to_others_than_before(times: AtDesk, hook: Hook) -> None:
    times.sends("PATCH", "", {"visibility": "house"})

    assert hook.hears() == ("/purge", "story-tripoli")


def test_so_is_what_a_line_hides(times: AtDesk, hook: Hook) -> None:
    times.posts_lines(content("a"), {"withdraw": {"external_id": "a", **VOID, "hide_text": True}})

    assert hook.hears() == ("/purge", "story-tripoli")


def test_what_leaves_the_past_as_it_was_is_not(times: AtDesk, hook: Hook) -> None:
    one = times.reports("one")
    times.acts(one, "corrections", {"changes": {"headline": "Right"}, "notice": "Not so."})
    times.acts(one, "withdrawal", VOID, based=2)
    times.sends("PATCH", "", {"title": "Another", "visibility": "public"})

    assert hook.told.empty()


def test_a_hook_that_fails_is_called_again(
    times: AtDesk, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "PAUSES_SECONDS", (0, 0))
    hook.answers = [503, 500]

    times.sends("PATCH", "", {"visibility": "house"})

    assert [hook.hears() for _ in range(3)] == [("/purge", "story-tripoli")] * 3


def test_a_hook_that_is_gone_is_logged_and_harms_nobody(
    times: AtDesk, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: queue.Queue[str] = queue.Queue()
    monkeypatch.setattr(purging, "PAUSES_SECONDS", ())
    monkeypatch.setattr(purging._log, "error", lambda says, *about: failed.put(says % about))
    hook.answers = [404]

    times.sends("PATCH", "", {"visibility": "house"})

    assert "story-tripoli" in failed.get(timeout=10)
