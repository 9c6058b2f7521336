"""What is stored and cannot be read back just now was stored all the same: nobody sends it again.

Given a record that can be written but not read right after a commit; when a desk reports; then the
answer says that it was stored, where, and under which version.
"""

import json
from dataclasses import replace
from typing import Any

import pytest

from service.api.house import move_in
from service.app import behind
from service.asof import AsOf
from service.domain.refusals import Unavailable
from tests.api.desks import NDJSON, AtDesk, one_door
from tests.builders import content


@pytest.fixture
def unread(times: AtDesk) -> AtDesk:
    """The desk, where after each commit no connection is left to read with."""
    onrecord = times.house.onrecord
    door = behind(onrecord)
    committed = False

    def reading() -> Any:
        if committed:
            raise Unavailable("Too many readings are waiting for the database.", retry_after=1)
        return onrecord.store.reading()

    def recording(record: Any) -> Any:
        def recorded(*asked: Any) -> Any:
            nonlocal committed
            done = record(*asked)
            committed = True
            return done

        return recorded

    move_in(
        one_door(),
        replace(
            door,
            asof=AsOf(reading, onrecord.clock),
            record=recording(door.record),
            record_many=recording(door.record_many),
        ),
    )
    return times


def test_a_report_is_told_as_stored(unread: AtDesk) -> None:
    head = unread.house.head()

    answer = unread.client.post(unread.at("developments"), headers=unread.headers, json=content())

    assert answer.status_code == 201
    assert unread.house.head() == head + 1
    assert answer.json["position"] == head + 1
    assert answer.json["version"] == 1
    assert answer.headers["Location"].endswith(f"/developments/{answer.json['id']}")
    assert answer.headers["ETag"] == f'"{answer.json["id"]}.1.0"'


def test_every_line_of_many_is_told_as_stored(unread: AtDesk) -> None:
    head = unread.house.head()
    plan = {"kind": "scheduled.held", "details": {"scheduled": {"event": "talks"}}}
    body = b"\n".join(json.dumps(content(f"r{n}", **plan)).encode() for n in range(3))
    headers = {**unread.headers, "Content-Type": NDJSON}

    answer = unread.client.post(unread.at("developments"), headers=headers, data=body)

    lines = [json.loads(line) for line in answer.data.splitlines()]
    assert [line["status"] for line in lines] == [201] * 3
    assert [line["position"] for line in lines] == [head + 1, head + 2, head + 3]
    assert unread.house.head() == head + 3
