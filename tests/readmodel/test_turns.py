"""The moments at which some families of slots turn: the latest of them, however far back."""

import json

import pytest

from service import seeds, storyfile
from service.asof import Asked, Basis
from service.readmodel import assignments, turns
from service.readmodel.stories import Viewer
from tests.builders import House

STORY = "tripoli-2019"


def told(house: House, asked: Asked) -> Basis:
    house.clock.reads("2026-01-01T00:00:00Z")
    lines = seeds.path(STORY).read_text(encoding="utf-8").splitlines()
    job = storyfile.Import(desk=house.onrecord.desk("onrecord"), archive=True)
    numbered = ((number, json.loads(line)) for number, line in enumerate(lines, start=1))
    house.onrecord.recorder.record(storyfile.archive(numbered, job, house.onrecord.clock))
    return house.onrecord.asof.basis(STORY, Viewer(), asked)


@pytest.mark.parametrize(
    "asked", [Asked(), Asked(known_at="2019-04-12"), Asked(as_of="2019-04-09")]
)
@pytest.mark.parametrize("families", [["heat:%", "posture:%", "threat:%"], ["demand:%"]])
@pytest.mark.parametrize("looks", [0, turns.LOOKS])
def test_the_latest_turns_are_the_last_of_all(
    house: House, asked: Asked, families: list[str], looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given the founding story, in which few developments turn a demand
    basis = told(house, asked)

    def latest(limit: int) -> turns.Turns:
        return turns.latest(
            basis.sql, basis.story, families, upto=basis.as_of, clamp=basis.clamp,
            position=basis.position, limit=limit,
        )  # fmt: skip

    every = latest(100_000)
    assert every.points
    monkeypatch.setattr(turns, "LOOKS", looks)
    for limit in (1, 2, 3, 5, 8, 40):
        # when the last few are asked for
        found = latest(limit)
        # then they are the last few, and what stands at each is what is asked for it alone
        assert found.points == every.points[:limit]
        standing = {
            row.slot: row
            for row in assignments.standing(
                basis.sql, basis.story, as_of=found.points[-1], position=basis.position,
                families=families,
            )
        }  # fmt: skip
        for at, begun in found.begun():
            standing |= {row.slot: row for row in begun}
            alone = assignments.standing(
                basis.sql, basis.story, as_of=at, position=basis.position, families=families
            )
            assert standing == {row.slot: row for row in alone}
