"""What the API description allows is taken, what it does not is refused, and all is answered in
the ways it says: schemathesis calls every operation, in every role, on the founding story."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service import seeds
from service.api import reading
from service.settings import Settings
from tests.api.served import NOW, served
from tests.builders import Clock, House
from tests.contract import stranger
from tests.contract.stranger import Found, Stranger

ROLES = ("reporter", "editor", "auditor", "admin")
WRITES = "^(?!get|list)"
SMALL = "^(openStory|putActor|putPlace|overrideLevel)$"
"""Operations whose every bound can be tried in seconds."""
PARTS = ("^(get|list)", "^(report|update)", "^(correct|clarify|refile)",
         "^(?!get|list|report|update|correct|clarify|refile)")  # fmt: skip
"""All operations, in parts that each take about as long."""
MANY = 50
"""Requests to each operation where minutes are there for it."""

Holding = Callable[[str | None], Stranger]


@pytest.fixture
def holding(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Holding]:
    """`holding("editor")`: a stranger with a token of that role; None: without one."""
    house = House.at(Settings(database_url=f"sqlite:///{directory / 'house.db'}"), Clock(NOW))
    text = seeds.path("tripoli-2019").read_text("utf-8")
    written = house.imports([json.loads(line) for line in text.splitlines()])
    known = [one.development.id for one in written if one.development]
    anyone = served(house)
    monkeypatch.setattr(reading, "WAIT_SECONDS", 0.0)
    monkeypatch.setattr(stranger.WSGITransport, "send", stranger.in_process)

    def hold(role: str | None) -> Stranger:
        headers = {} if role is None else anyone.holding(role).headers
        return Stranger(anyone.app, headers, known)

    yield hold
    house.close()


def calls_rightly(found: Found) -> None:
    assert found.answers
    assert not found.faults, found.told()


@pytest.mark.parametrize("role", [None, "reporter"])
def test_in_each_role_every_answer_is_one_that_was_described(
    holding: Holding, role: str | None
) -> None:
    found = holding(role).calls("examples", "fuzzing", most=1, only=WRITES)

    calls_rightly(found)
    refused = 401 if role is None else 403
    assert any(refused in answers for answers in found.answers.values())


def test_what_an_admin_asks_is_answered_as_described(holding: Holding) -> None:
    found = holding("admin").calls("examples", "fuzzing", most=4)

    calls_rightly(found)
    assert len(found.answers) > 35
    assert {200, 201, 304, 404, 409, 412, 422, 428} <= set().union(*found.answers.values())


def test_the_bounds_of_every_field_are_the_ones_described(holding: Holding) -> None:
    calls_rightly(holding("admin").calls("coverage", most=1, only=SMALL))


def test_the_links_of_an_answer_lead_on(holding: Holding) -> None:
    calls_rightly(holding("editor").calls("stateful", most=10))


@pytest.mark.long_run
@pytest.mark.parametrize("role", ROLES)
def test_in_each_role_many_requests_are_answered_as_described(holding: Holding, role: str) -> None:
    calls_rightly(holding(role).calls("examples", "fuzzing", most=MANY))


@pytest.mark.long_run
def test_many_links_lead_on(holding: Holding) -> None:
    calls_rightly(holding("editor").calls("stateful", most=MANY))


@pytest.mark.long_run
@pytest.mark.parametrize("part", PARTS)
def test_all_bounds_are_the_ones_described(holding: Holding, part: str) -> None:
    calls_rightly(holding("admin").calls("coverage", most=1, only=part))
