"""What the server cannot read as a request is told as every other error is, over a real socket."""

import json
import socket
from typing import Any

import pytest
from gunicorn.http import errors

from schemas.problems import Problem
from service.api import unread
from service.api.unread import ADDRESS_BYTES
from tests.cli.conftest import Starting
from tests.cli.test_running import answered, free_port

LIST = "/v1/stories?cursor="


@pytest.fixture
def port(starting: Starting) -> int:
    """A house that is served, and where."""
    port = free_port()
    starting("serve", "--port", str(port), "--workers", "1")
    answered(f"http://127.0.0.1:{port}/healthz")
    return port


def sends(port: int, request: bytes) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Status, headers and body of what is answered to bytes as they are."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(request)
        with line.makefile("rb") as answer:
            status = int(answer.readline().split()[1])
            headers = {}
            while (header := answer.readline()) not in (b"\r\n", b""):
                name, _, value = header.decode().partition(":")
                headers[name.lower()] = value.strip()
            body = answer.read(int(headers["content-length"]))
    return status, headers, json.loads(body)


def asks(address: str, *headers: str) -> bytes:
    lines = (f"GET {address} HTTP/1.1", "Host: localhost", "Connection: close", *headers, "", "")
    return "\r\n".join(lines).encode()


def test_what_cannot_be_read_as_a_request_is_a_problem(port: int) -> None:
    longest = ADDRESS_BYTES - len("GET  HTTP/1.1") - len(LIST) - len("\r\n")
    tried = {
        # As long as an address may be: read, and refused for what it says.
        "the longest address": (asks(LIST + "x" * longest), 422, "invalid"),
        "a longer one": (asks(LIST + "x" * (longest + 10)), 414, "address-too-long"),
        "a far longer one": (asks(LIST + "x" * 60_000), 414, "address-too-long"),
        "too many headers": (
            asks("/v1", *(f"X-{number}: y" for number in range(200))), 431, "http-error",
        ),
        "no request at all": (b"how are you?\r\n\r\n", 400, "bad-request"),
    }  # fmt: skip
    for what, (request, wanted, slug) in tried.items():
        status, headers, told = sends(port, request)
        assert (status, told["status"], told["type"]) == (wanted, wanted, f"/problems/{slug}"), what
        assert headers["content-type"] == "application/problem+json", what
        assert headers["cache-control"] == "no-store", what
        assert not Problem().validate(told), what
        assert "x" * 50 not in json.dumps(told), what
    assert answered(f"http://127.0.0.1:{port}/healthz")


def test_a_fault_of_the_house_is_not_laid_at_the_askers_door() -> None:
    assert unread.answer(errors.InvalidResponseHeader("x")) is None
    assert unread.answer(ValueError("x")) is None
