"""What readings answer is what the shapes say: the seeds, read at many bases, byte for byte."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.situation import Situation, SlotAnswer, TableRow
from schemas.timeline import Development, Entry, Version
from service.asof import situation
from service.settings import Settings
from tests.builders import Clock, House, Reader

SEEDS = sorted((Path(__file__).parents[2] / "seeds").glob("*.jsonl"))


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: seed.stem)
def told(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Reader]:
    """A reader of a seeded story."""
    path = tmp_path_factory.mktemp("house") / "house.db"
    house = House.at(Settings(database_url=f"sqlite:///{path}"), Clock("2026-01-01T00:00:00Z"))
    lines = [json.loads(line) for line in request.param.read_text("utf-8").splitlines()]
    house.imports(lines)
    yield house.reader(lines[0]["story"]["id"])
    house.close()


def positions(reader: Reader) -> Iterator[int]:
    """Positions from the story's first development on, some twenty of them."""
    head = reader.house.head()
    return iter(range(head // 20, head + 1, max(1, head // 20)))


def test_the_situation_is_what_its_shape_says(told: Reader) -> None:
    for position in positions(told):
        for settled in (False, True):
            assert not Situation().validate(told.situation(position=position, settled=settled))


def test_developments_and_their_versions_are(told: Reader) -> None:
    developments = told.timeline()

    assert developments
    for development in developments:
        assert not Development().validate(development)
        for version in told.versions(development["id"]):
            assert not Version().validate(version)


def test_the_audit_trail_is(told: Reader) -> None:
    for auditor in (False, True):
        entries = told.history(auditor=auditor)
        assert entries
        for entry in entries:
            assert not Entry().validate(entry)


def test_changes_are(told: Reader) -> None:
    as_of = told.basis().dump("")["as_of"]

    for entry in told.changes(0, as_of):
        assert not Entry().validate(entry)


def test_the_table_and_the_courses_of_slots_are(told: Reader) -> None:
    basis = told.basis()

    rows = situation.table(basis, after=None, limit=10_000)

    assert rows
    for row in situation.table_rows(basis, rows):
        assert not TableRow().validate(row)
    for slot in told.standing():
        for answer in told.course(slot):
            assert not SlotAnswer().validate(situation.answer(answer))
