"""Repeating a request under its Idempotency-Key: done once, answered alike, by newsroom."""

import json
import threading
from dataclasses import replace
from typing import Any

import pytest

from service.api.house import move_in
from service.app import behind
from tests.api.desks import AtDesk, Body, at_desk, one_door
from tests.builders import content

KEY = {"Idempotency-Key": "4f7c1a52"}
DAY = 86_400

ANSWERED = ("Location", "ETag", "Content-Type")


def keyed(desk: AtDesk, method: str, part: str, body: Any, status: int) -> tuple[Body, Any]:
    answer = desk.sends(method, part, body, status=status, headers=KEY)
    return answer, desk.last


# --- every write ---------------------------------------------------------------------------

WRITES: list[tuple[str, str, Any, int]] = [
    ("POST", "/v1/stories", {"id": "flood", "title": "Flood"}, 201),
    ("PATCH", "", {"title": "Another title"}, 200),
    ("POST", "closing", {"notice": "Quiet."}, 200),
    ("PUT", "summary", {"sentences": [{"text": "Quiet."}]}, 200),
    ("POST", "level-overrides", {"level": "calm", "reason": "Quiet."}, 200),
    ("PUT", "actors/newcomer", {"name": "Newcomer"}, 201),
    ("PUT", "places/newcomer", {"name": "Newcomer"}, 201),
    ("POST", "developments", content(), 201),
    ("POST", "developments/{}/updates", {"changes": {"body": "More."}, "base_version": 1}, 201),
    (
        "POST",
        "developments/{}/corrections",
        {"changes": {"body": "More."}, "notice": "It was less.", "base_version": 1},
        201,
    ),
    ("POST", "developments/{}/verifications", {"status": "confirmed", "base_version": 1}, 201),
    ("POST", "developments/{}/withdrawal", {"notice": "No.", "base_version": 1}, 201),
    ("PUT", "pins/{}", None, 200),
    ("PUT", "key-events/{}", None, 200),
]


@pytest.mark.parametrize(
    ("method", "part", "body", "status"), WRITES, ids=[f"{row[0]} {row[1]}" for row in WRITES]
)
def test_a_repeated_write_is_done_once_and_answered_alike(
    times: AtDesk, method: str, part: str, body: Any, status: int
) -> None:
    part = part.format(times.reports("one")["id"])
    first, made = keyed(times, method, part, body, status)
    assert "Idempotency-Replayed" not in made.headers
    # Something else happens meanwhile
    times.sends("PUT", "actors/meanwhile", {"name": "Meanwhile"}, status=201)
    before = times.house.counts()

    again, repeated = keyed(times, method, part, body, status)

    assert again == first
    assert repeated.headers["Idempotency-Replayed"] == "true"
    for name in ANSWERED:
        assert repeated.headers.get(name) == made.headers.get(name)
    assert times.house.counts() == before


# --- what counts as the same ---------------------------------------------------------------


def test_the_same_key_with_another_body_is_refused(times: AtDesk) -> None:
    keyed(times, "POST", "developments", content(headline="One"), 201)

    problem, _ = keyed(times, "POST", "developments", content(headline="Two"), 422)

    assert problem["type"] == "/problems/idempotency-key-reused"


def test_so_is_another_address_or_method(times: AtDesk) -> None:
    keyed(times, "PUT", "actors/a", {"name": "A"}, 201)

    for method, part in (("PUT", "actors/b"), ("PUT", "places/a")):
        assert keyed(times, method, part, {"name": "A"}, 422)[0]["type"].endswith("key-reused")


def test_a_key_is_its_newsrooms(times: AtDesk, post: AtDesk, anyone: AtDesk) -> None:
    story = {"id": "flood", "title": "Flood"}
    keyed(times, "POST", "/v1/stories", story, 201)

    other, _ = keyed(post, "POST", "/v1/stories", {**story, "id": "storm"}, 201)
    assert other["newsroom"] == "post"
    # Another desk of the same newsroom repeats for its colleague
    same, answer = keyed(at_desk(anyone, "admin"), "POST", "/v1/stories", story, 201)
    assert same["id"] == "flood"
    assert answer.headers["Idempotency-Replayed"] == "true"


def test_who_may_not_do_it_is_not_told_what_was_done(times: AtDesk, anyone: AtDesk) -> None:
    keyed(times, "POST", "closing", {}, 200)

    keyed(at_desk(anyone, "reporter"), "POST", "closing", {}, 403)
    keyed(anyone, "POST", "closing", {}, 401)


def test_a_refusal_is_not_kept(times: AtDesk) -> None:
    newcomer = content(actors="by:newcomer")
    keyed(times, "POST", "developments", newcomer, 422)
    times.sends("PUT", "actors/newcomer", {"name": "Newcomer"}, status=201)

    _, answer = keyed(times, "POST", "developments", newcomer, 201)

    assert "Idempotency-Replayed" not in answer.headers


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "tab\there"])
def test_a_key_that_cannot_be_read_is_refused(times: AtDesk, key: str) -> None:
    headers = {"Idempotency-Key": key}

    problem = times.sends("POST", "developments", content(), status=400, headers=headers)

    assert problem["type"] == "/problems/bad-request"


# --- how long, and where -------------------------------------------------------------------


def test_it_is_kept_for_seven_days(times: AtDesk) -> None:
    first, _ = keyed(times, "POST", "developments", content(), 201)

    times.house.clock.passes(7 * DAY)
    assert keyed(times, "POST", "developments", content(), 201)[0]["id"] == first["id"]
    times.house.clock.passes(1)
    assert keyed(times, "POST", "developments", content(), 201)[0]["id"] != first["id"]


def test_what_is_past_its_time_is_cleared_away(times: AtDesk) -> None:
    for number in range(5):
        headers = {"Idempotency-Key": f"old-{number}"}
        times.sends("POST", "developments", content(), status=201, headers=headers)
    times.house.clock.passes(8 * DAY)

    for number in range(5):
        headers = {"Idempotency-Key": f"new-{number}"}
        times.sends("POST", "developments", content(), status=201, headers=headers)

    assert times.house.counts()["idempotency"] == 5


def test_a_restart_and_another_process_keep_it(times: AtDesk) -> None:
    first, _ = keyed(times, "POST", "developments", content(), 201)
    other = times.house.again()
    move_in(one_door(), behind(other.onrecord))

    again, answer = keyed(replace(times, house=other), "POST", "developments", content(), 201)

    assert again == first
    assert answer.headers["Idempotency-Replayed"] == "true"
    other.close()


def test_of_many_at_once_one_is_done(times: AtDesk) -> None:
    answers: list[Any] = []

    def send() -> None:
        headers = {**times.headers, **KEY}
        path = times.at("developments")
        answers.append(times.client.post(path, json=content(), headers=headers))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {answer.status_code for answer in answers} == {201}
    assert len({json.loads(answer.data)["id"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 7
    assert times.reads()["counts"]["developments"] == 1


# --- what is told again --------------------------------------------------------------------


def test_the_version_then_made_is_told_whatever_came_after(times: AtDesk) -> None:
    first, _ = keyed(times, "POST", "developments", content(), 201)
    times.acts(first, "updates", {"changes": {"headline": "Updated"}})

    again, answer = keyed(times, "POST", "developments", content(), 201)

    assert again == first
    assert answer.headers["ETag"] == f'"{first["id"]}.1.0"'


def test_what_was_hidden_since_is_not_told_again(times: AtDesk) -> None:
    body = content(headline="A name that must go")
    first, _ = keyed(times, "POST", "developments", body, 201)
    times.acts(first, "withdrawal", {"notice": "It named a victim.", "hide_text": True})

    again, answer = keyed(times, "POST", "developments", body, 201)

    assert again["id"] == first["id"]
    assert b"A name that must go" not in answer.data


def test_warnings_are_told_again(times: AtDesk) -> None:
    times.reports("a", occurred="2019-04-03")
    body = content("b", occurred="2019-04-03")

    first, _ = keyed(times, "POST", "developments", body, 201)
    again, _ = keyed(times, "POST", "developments", body, 201)

    assert first["warnings"]
    assert again["warnings"] == first["warnings"]
