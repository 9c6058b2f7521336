"""The log of a really served house: every line is one, gunicorn's too, and no secret is in it."""

import json
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from service.settings import Settings
from tests.running import KEY, Serving, opened, running

SECRET = b"nobody-may-see-it"
TO = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
JSON = b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"

UNREADABLE = {
    "a method that is none": b"get%b /v1" + TO + b"\r\n",
    "an address with a space": b"GET /v1/stories?q= %b" + TO + b"\r\n",
    "no version": b"GET /v1/stories?q=%b\r\n\r\n",
    "a header without a colon": b"GET /v1" + TO + b"Cookie %b\r\n\r\n",
    "a header's name that is none": b"GET /v1" + TO + b"X-(%b): x\r\n\r\n",
    "a coding that nobody knows": b"POST /v1" + TO + b"Transfer-Encoding: %b\r\n\r\n",
    "what nobody can expect": b"POST /v1" + TO + b"Expect: %b\r\n\r\n",
    "a chunk without a size": b"POST {path}" + TO + JSON + b"\r\n%b\r\n",
    "a chunk that is too long": b"POST {path}" + TO + JSON + b"\r\n1\r\n%b\r\n",
    "a body that is cut short": b"POST {path}" + TO + JSON + b"\r\nff\r\n%b",
    "the end of a request": b"GET /v1/stories?q=%b",
}
"""What gunicorn refuses to read, or cannot read to its end."""

ELSEWHERE = [
    *("-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--no-control-socket"),
    *("--worker-class", "gthread", "--logger-class", "service.logs.GunicornLog"),
    "service.wsgi:app",
]
"""The house under a gunicorn of the operator's, as docs/operations.md has it."""


def test_every_line_on_stderr_is_a_document(settings: Settings, directory: Path) -> None:
    token = opened(settings)
    with running(
        settings, directory, workers=1, ONRECORD_PUBLIC_URL="https://x.example"
    ) as serving:
        serving.token = token
        assert serving.reports("order") == 201
        _, headers, _ = serving.asks("POST", f"/v1/stories/tripoli/developments?token={token}", {})

    lines = serving.lines()
    events = [line["event"] for line in lines]
    assert f"Onrecord serves {settings.database_path} on" in "\n".join(events)
    assert any(event.startswith("Booting worker") for event in events)
    assert any(event.startswith("Shutting down") for event in events)
    written, refused = (line for line in lines if line["event"] == "request")
    assert (written["status"], written["position"], written["newsroom"]) == (201, 2, "times")
    assert (refused["status"], refused["request_id"]) == (422, headers["X-Request-ID"])
    log = serving.log.read_text(encoding="utf-8")
    assert not [secret for secret in (token, KEY, "Headline of") if secret in log]


def test_what_is_not_asked_for_is_not_logged(settings: Settings, directory: Path) -> None:
    token = opened(settings)
    with running(settings, directory, workers=1, ONRECORD_LOG_LEVEL="warning") as serving:
        serving.token = token
        assert serving.reports("order") == 201
    assert serving.log.read_text(encoding="utf-8") == ""


def test_a_person_is_told_in_text(settings: Settings, directory: Path) -> None:
    token = opened(settings)
    with running(settings, directory, workers=1, ONRECORD_LOG_FORMAT="text") as serving:
        serving.token = token
        assert serving.reports("order") == 201
    log = serving.log.read_text(encoding="utf-8")
    assert f"Onrecord serves {settings.database_path} on" in log
    assert "operation=/v1/stories/{story}/developments" in log
    assert '{"' not in log


@pytest.mark.parametrize("command", [None, ELSEWHERE], ids=["onrecord serve", "gunicorn"])
def test_what_cannot_be_read_is_not_quoted(
    settings: Settings, directory: Path, command: list[str] | None
) -> None:
    # given a house that is really served, by us or by somebody's own gunicorn
    token = opened(settings)
    with running(settings, directory, workers=1, command=command) as serving:
        # when bytes come that are no request, with a secret in each part that there is
        for request in UNREADABLE.values():
            _sends(serving, request.replace(b"%b", SECRET), token)
        assert serving.is_up()

    # then the log tells which faults they were, and nothing of what was sent nor of who sent it
    log = serving.log.read_text(encoding="utf-8")
    events = [line["event"] for line in serving.lines()]
    unread = {event for event in events if event.startswith("A request cannot be read: ")}
    assert {event.rpartition(" ")[2] for event in unread} >= {
        "InvalidRequestMethod",
        "InvalidHeader",
        "InvalidHeaderName",
    }
    assert SECRET.decode() not in log
    assert "ip=" not in log


def _sends(serving: Serving, request: bytes, token: str) -> bytes:
    """Send bytes and no more; return what the server answers until it is done with them."""
    answer = b""
    path = b"/v1/stories/tripoli/developments"
    request = request.replace(b"{path}", path)
    request = request.replace(TO, TO + f"Authorization: Bearer {token}\r\n".encode())
    # A server that closes on bytes it did not read resets the connection.
    with (
        suppress(ConnectionError),
        socket.create_connection(("127.0.0.1", serving.port), timeout=20) as line,
    ):
        line.sendall(request)
        with suppress(OSError):
            line.shutdown(socket.SHUT_WR)
        while got := line.recv(4096):
            answer += got
    return answer


def test_what_fails_in_somebodys_gunicorn_has_no_address(
    settings: Settings, directory: Path
) -> None:
    # given an application that fails where no handler of ours can see it
    opened(settings)
    (directory / "failing.py").write_text(
        "from service.wsgi import app as ours\n\n\n"
        "def app(environ, start_response):\n"
        "    if 'q=' in environ['QUERY_STRING']:\n"
        "        raise ValueError(environ['QUERY_STRING'])\n"
        "    return ours(environ, start_response)\n"
    )
    command = [*ELSEWHERE[:-1], "--chdir", str(directory), "failing:app"]
    with running(settings, directory, command=command) as serving:
        assert serving.asks("GET", f"/v1?q={SECRET.decode()}")[0] == 500

    failed = [line for line in serving.lines() if line["event"] == "A request failed"]
    assert [line["exception"].strip().splitlines()[-1] for line in failed] == ["ValueError"]
    assert SECRET.decode() not in serving.log.read_text(encoding="utf-8")


@pytest.mark.parametrize("fault", [name for name, sent in UNREADABLE.items() if b"{path}" in sent])
def test_a_body_that_cannot_be_read_is_the_senders_fault(
    settings: Settings, directory: Path, fault: str
) -> None:
    token = opened(settings)
    with running(settings, directory, workers=1) as serving:
        answer = _sends(serving, UNREADABLE[fault].replace(b"%b", SECRET), token)
        assert serving.is_up()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in head
    # What breaks off is the connection's fault as like as the sender's.
    assert json.loads(body)["type"].endswith(("/malformed", "/bad-request"))


def test_a_chunk_that_is_none_among_lines_is_told_as_the_last_line(
    settings: Settings, directory: Path
) -> None:
    token = opened(settings)
    ndjson = JSON.replace(b"json", b"x-ndjson", 1)
    request = b"POST {path}" + TO + ndjson + b"\r\n3\r\n{}\n\r\nnone\r\n"
    with running(settings, directory, workers=1) as serving:
        answer = _sends(serving, request, token)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    told = [json.loads(line) for line in body.splitlines() if line.startswith(b"{")]
    assert told[-1]["status"] == 400
    assert told[-1]["problem"]["type"].endswith("/malformed")
