"""A house with both seeds on its record, and a reader who looks at its pages."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from service import seeds
from service.app import create_app
from service.settings import Settings
from tests.builders import Clock, Desk, House
from tests.web.tree import Node, parse

LONG_AFTER = "2026-01-01T00:00:00Z"
"""When the seeds are read in: long after both stories."""


@dataclass
class Page:
    """A page that a reader got."""

    response: TestResponse

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def tree(self) -> Node:
        return parse(self.response.text)

    @property
    def main(self) -> Node:
        return self.tree.one("main")

    @property
    def text(self) -> str:
        return self.main.text

    def section(self, name: str) -> str:
        """The words of a section of the situation; empty when it is not there."""
        found = self.main.all("section", **{"aria-labelledby": f"part-{name}"})
        return found[0].text if found else ""

    def entry(self, headline: str) -> Node:
        """The development on the timeline whose headline holds these words."""
        (found,) = [
            node for node in self.main.all("li", class_="entry") if headline in node.one("h4").text
        ]
        return found


@dataclass
class Site:
    """The pages of a house, as somebody with a browser gets them."""

    house: House

    def __post_init__(self) -> None:
        self.app = create_app(self.house.onrecord.settings, self.house.onrecord)
        self.app.config["PROPAGATE_EXCEPTIONS"] = False
        self.client = self.app.test_client()

    def get(self, path: str, **options: Any) -> Page:
        return Page(self.client.get(path, **options))


def seed(name: str) -> list[Any]:
    lines = seeds.path(name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def stand_up(path: Path, clock: Clock | None = None) -> House:
    settings = Settings(database_url=f"sqlite:///{path / 'pages.db'}")
    return House.at(settings, clock or Clock(LONG_AFTER))


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with both seeds on its record. Nobody writes to it."""
    house = stand_up(tmp_path_factory.mktemp("told"))
    for name in seeds.names():
        house.imports(seed(name))
    yield house
    house.close()


@pytest.fixture(scope="session")
def site(told: House) -> Site:
    """The pages about both seeds."""
    return Site(told)


@pytest.fixture(scope="session")
def address(told: House) -> Callable[[str], str]:
    """`address("alert")`: the address of a development of the founding story."""
    return lambda name: _address(told.desk("times", "tripoli-2019"), name)


def _address(desk: Desk, name: str) -> str:
    return f"/stories/{desk.story}/developments/{desk.id(name)}"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house of a test's own, with nothing on its record."""
    opened = stand_up(tmp_path, Clock())
    yield opened
    opened.close()


@pytest.fixture
def desk(house: House) -> Desk:
    """A desk with a story open."""
    desk = house.desk("times")
    desk.opens_story("tripoli", scale="conflict", actors="lna gna", places="tripoli gharyan")
    return desk


@pytest.fixture
def own(house: House) -> Site:
    """The pages of the test's own house."""
    return Site(house)


def at(desk: Desk, name: str) -> str:
    """The address of a development that a desk reported."""
    return _address(desk, name)
