"""No, bad, foreign, old and weak tokens over HTTP: refused before anything is read."""

import json
from typing import Any

import pytest

from service import tokens
from tests.api.desks import AtDesk, at_desk
from tests.api.test_bad_input import GOOD, raw
from tests.builders import content


def test_no_token(anyone: AtDesk) -> None:
    problem = anyone.refused("developments", content(), status=401)

    assert problem["type"] == "/problems/token"
    assert anyone.last.headers["WWW-Authenticate"] == 'Bearer realm="onrecord"'


@pytest.mark.parametrize(
    "sent",
    [
        "Bearer nonsense",
        "Bearer onr_" + "A" * 49,
        "Basic dGltZXM6c2VjcmV0",
        "onr_token",
        "Bearer " + "x" * 5000,
    ],
)
def test_a_bad_token(anyone: AtDesk, sent: str) -> None:
    problem = raw(anyone, GOOD, status=401, Authorization=sent)

    assert "error=" in anyone.last.headers["WWW-Authenticate"]
    assert sent.split()[-1] not in json.dumps(problem)


def test_a_token_of_another_house(anyone: AtDesk) -> None:
    raw(anyone, GOOD, status=401, Authorization=f"Bearer {tokens.make()}")


def test_a_token_past_its_time(anyone: AtDesk) -> None:
    at_desk(anyone, "editor", expires_at=1).refused("developments", content(), status=401)


def test_a_token_taken_back(times: AtDesk) -> None:
    (token,) = times.house.onrecord.all_tokens()
    times.house.onrecord.revoke_token(token.id)

    times.refused("developments", content(), status=401)


@pytest.mark.parametrize(
    ("method", "part", "body", "required"),
    [
        ("POST", "/v1/stories", {"id": "flood", "title": "Flood"}, ["editor", "admin"]),
        ("PATCH", "", {"title": "Mine"}, ["editor", "admin"]),
        ("POST", "closing", {}, ["editor", "admin"]),
        ("PUT", "summary", {"sentences": []}, ["editor", "admin"]),
        ("POST", "level-overrides", {"level": None, "reason": "A."}, ["editor", "admin"]),
    ],
)
def test_a_weak_token(
    anyone: AtDesk, method: str, part: str, body: Any, required: list[str]
) -> None:
    problem = at_desk(anyone, "reporter").refused(part, body, method=method, status=403)

    assert problem["type"] == "/problems/forbidden"
    assert problem["required"] == required


def test_an_auditor_writes_nothing(anyone: AtDesk) -> None:
    auditor = at_desk(anyone, "auditor")

    for method, part in (("POST", "developments"), ("PUT", "actors/a"), ("PUT", "places/a")):
        auditor.refused(part, {"name": "A"}, method=method, status=403)


def test_a_weak_token_is_refused_before_its_body_is_read(anyone: AtDesk) -> None:
    raw(at_desk(anyone, "auditor"), "{", status=403)
