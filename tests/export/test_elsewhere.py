"""A story exported and imported elsewhere gives the same situation at every basis.

Given a story in one house; when its export is read as an archive into an empty house, under
another newsroom; then at any ``as_of`` and ``known_at`` both say the same, once each house's own
ids of developments are read as the developments they stand for, and positions are left out.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service import seeds
from service.domain import times
from service.domain.acts import DevelopmentReported
from service.export import export_lines
from service.settings import Settings
from tests.builders import Clock, House, Reader
from tests.care.conftest import a_bit_of_everything

TODAY, TOMORROW = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
DAY = 86_400_000_000
BASES = 200


@dataclass
class Told:
    """A story in one house; `developments` are its ids in the order of their reports."""

    reader: Reader
    developments: list[str]
    recorded: list[int]

    @classmethod
    def by(cls, reader: Reader) -> "Told":
        acts = reader.house.acts(reader.story)
        reports = [act for act in acts if isinstance(act, DevelopmentReported)]
        return cls(
            reader,
            developments=[report.development for report in reports],
            recorded=[act.stamp.recorded_at for act in acts],
        )

    def at(self, **asked: str | None) -> Any:
        """Situation and timeline at a basis, without what is the house's own."""
        situation = self.reader.situation(settled=True, **asked)
        for name in ("position", "url"):
            del situation["basis"][name]
        timeline = [
            {name: said for name, said in row.items() if name not in OWN}
            for row in self.reader.timeline(**asked)
        ]
        return json.loads(self.plain(json.dumps([situation, timeline])))

    def exported(self) -> list[bytes]:
        return list(export_lines(self.reader.basis()))

    def plain(self, text: str) -> str:
        """Text in which each of the house's own ids is the development it stands for."""
        known = {name: str(number) for number, name in enumerate(self.developments)}
        known |= {f"d-{name[-12:]}": f"d-{number}" for name, number in known.items()}
        return NAMES.sub(lambda found: known.get(found[0], found[0]), text)


NAMES = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\bd-[0-9a-f]{12}\b")
"""A development's id, and what is named after a development."""

OWN = ("position", "newsroom", "imported_at", "recorded_precision")
"""What another house says otherwise of the same development."""


@dataclass
class Twins:
    """A story, and the same story exported and imported elsewhere."""

    here: Told
    there: Told

    @property
    def moments(self) -> st.SearchStrategy[str | None]:
        """Moments around all that happened and was said, and none."""
        low, high = min(self.here.recorded) - 40 * DAY, max(self.here.recorded) + DAY
        around = st.sampled_from(self.here.recorded).flatmap(lambda at: st.integers(at - 2, at + 2))
        return st.none() | (st.integers(low, high) | around).map(times.format_instant)


def elsewhere(story: Told, directory: Path) -> Told:
    """Export a story and import it into an empty house of another newsroom."""
    house = House.at(Settings(database_url=f"sqlite:///{directory / 'there.db'}"), Clock(TOMORROW))
    house.imports([json.loads(line) for line in story.exported()], newsroom="elsewhere")
    return Told.by(house.reader(story.reader.story, newsroom="elsewhere"))


@pytest.fixture(scope="module", params=[*seeds.names(), "everything"])
def twins(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Twins]:
    directory = tmp_path_factory.mktemp("twins")
    house = House.at(Settings(database_url=f"sqlite:///{directory / 'here.db'}"), Clock())
    if request.param == "everything":
        desk = house.desk("times")
        desk.opens_story("tripoli", scale="conflict", actors="lna gna un", places="tripoli gharyan")
        a_bit_of_everything(desk)
        name = "tripoli"
    else:
        name = request.param
        house.clock.reads(TODAY)
        house.imports([json.loads(line) for line in seeds.path(name).read_text().splitlines()])
    house.clock.reads(TODAY)
    here = Told.by(house.reader(name))
    there = elsewhere(here, directory)
    yield Twins(here, there)
    house.close()
    there.reader.house.close()


def test_the_situation_elsewhere_is_the_same_at_every_basis(twins: Twins) -> None:
    @settings(max_examples=BASES)
    @given(as_of=twins.moments, known_at=twins.moments)
    @example(as_of=None, known_at=None)
    def same(as_of: str | None, known_at: str | None) -> None:
        asked = {"as_of": as_of, "known_at": known_at}
        assert twins.here.at(**asked) == twins.there.at(**asked)

    same()


def test_what_is_exported_elsewhere_is_the_same_file(twins: Twins) -> None:
    here, there = (
        [json.loads(story.plain(line.decode())) for line in story.exported()]
        for story in (twins.here, twins.there)
    )
    assert here == there
