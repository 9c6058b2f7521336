"""NDJSON on the wire: long bodies, long lines, slow writers, a record that cannot be written."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from service import ndjson
from service.api import streams
from service.api.house import move_in
from service.app import behind
from service.domain.refusals import TooLarge, Unavailable
from tests.api.desks import NDJSON, AtDesk, one_door, statuses
from tests.builders import content

LINE = 1024 * 1024


def chunked(desk: AtDesk, stream: Any) -> Any:
    """The answer to a body of unknown length, as it comes."""
    headers = {**desk.headers, "Content-Type": NDJSON, "Transfer-Encoding": "chunked"}
    environ = {"wsgi.input": stream, "wsgi.input_terminated": True}
    return desk.client.post(
        desk.at("developments"), headers=headers, environ_overrides=environ, buffered=False
    )


# --- bounds --------------------------------------------------------------------------------


def test_a_line_that_is_too_long_harms_no_other(times: AtDesk) -> None:
    long = json.dumps(content("long", body="x" * (2 * LINE))).encode()

    answers = times.posts_lines(content("a"), long, content("b"))

    assert statuses(answers) == [201, 413, 201]
    assert [answer["line"] for answer in answers] == [1, 2, 3]


def test_a_body_that_is_too_long_is_refused_as_a_whole(times: AtDesk) -> None:
    settings = replace(times.house.onrecord.settings, max_import_bytes=1024)
    move_in(one_door(), replace(behind(times.house.onrecord), settings=settings))
    headers = {**times.headers, "Content-Type": NDJSON}
    body = json.dumps(content(body="x" * 2000)).encode()

    answer = times.client.post(times.at("developments"), data=body, headers=headers)

    assert answer.status_code == 413
    assert times.reads()["counts"]["developments"] == 0


def test_a_body_of_unknown_length_is_taken_up_to_its_bound(times: AtDesk) -> None:
    settings = replace(times.house.onrecord.settings, max_import_bytes=1024)
    move_in(one_door(), replace(behind(times.house.onrecord), settings=settings))
    line = json.dumps(content()).encode() + b"\n"

    answer = chunked(times, io.BytesIO(line * 30))

    answers = [json.loads(line) for line in b"".join(answer.response).splitlines()]
    assert statuses(answers)[:-1] == [201] * (1024 // len(line))
    assert answers[-1]["status"] == 413


def test_many_lines_are_recorded_many_a_commit(
    times: AtDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks: list[int] = []
    record_many = times.house.onrecord.recorder.record_many

    def counted(decisions: Any) -> list[Any]:
        chunks.append(len(decisions))
        return record_many(decisions)

    move_in(one_door(), replace(behind(times.house.onrecord), record_many=counted))
    monkeypatch.setattr(ndjson, "CHUNK_SECONDS", 60)

    answers = times.posts_lines(*(content() for _ in range(600)))

    assert statuses(answers) == [201] * 600
    assert chunks == [256, 256, 88]


def test_a_record_that_cannot_be_written_is_told_line_by_line(times: AtDesk) -> None:
    def busy(_: Any) -> list[Any]:
        raise Unavailable("Too many reports are waiting to be written.", retry_after=1)

    move_in(one_door(), replace(behind(times.house.onrecord), record_many=busy))

    answers = times.posts_lines(content(), b"{", content())

    assert statuses(answers) == [503, 400, 503]


def test_a_fault_of_the_house_shows_nothing_of_its_insides(times: AtDesk) -> None:
    def broken(decisions: Any) -> list[Any]:
        return [RuntimeError("secret") for _ in decisions]

    move_in(one_door(), replace(behind(times.house.onrecord), record_many=broken))

    (answer,) = times.posts_lines(content())

    assert answer["status"] == 500
    assert "secret" not in json.dumps(answer)


# --- the way lines come and go -------------------------------------------------------------


def test_who_sends_slowly_is_answered_as_it_sends(
    times: AtDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ndjson, "CHUNK_SECONDS", 0)
    sent: list[int] = []

    class Slow(io.RawIOBase):
        """A client that writes one line whenever the house asks for more."""

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            if len(sent) == 3:
                return 0
            line = json.dumps(content(f"d{len(sent)}")).encode() + b"\n"
            sent.append(len(line))
            buffer[: len(line)] = line
            return len(line)

    answers = iter(chunked(times, Slow()).response)

    assert json.loads(next(answers))["line"] == 1
    assert len(sent) < 3
    assert [json.loads(line)["line"] for line in answers] == [2, 3]


def test_answers_wait_while_a_reader_may_still_be_writing() -> None:
    made: list[int] = []

    def answers() -> Iterator[bytes]:
        for number in range(100):
            made.append(number)
            yield b"%04d" % number + b"." * 1020

    coming = streams.without_waiting(answers())

    at_once = [next(coming) for _ in range(streams.AT_ONCE_BYTES // 1024)]
    assert len(made) == len(at_once) == 32
    # From here on nothing is given out until all is read
    rest = next(coming)
    assert len(made) == 100
    assert b"".join([*at_once, rest, *coming]) == b"".join(
        b"%04d" % number + b"." * 1020 for number in range(100)
    )


def test_lines_are_read_in_bounded_memory() -> None:
    lines = list(ndjson.lines(io.BytesIO(b"ab\n" + b"x" * 10_000_000 + b"\ncd"), 10))

    assert [number for number, _ in lines] == [1, 2, 3]
    assert isinstance(lines[1][1], TooLarge)
    assert (lines[0][1], lines[2][1]) == (b"ab\n", b"cd")
