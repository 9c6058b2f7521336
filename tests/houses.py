"""The houses that tests live in: a fresh record on real files for each test, on each store.

A package of tests that needs them imports the fixtures in its conftest.py. `store_kind` runs
every test once on each store in `STORES`; to add a store, add its line.
"""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from service.settings import Settings
from tests import pg
from tests.builders import Clock, Desk, House, Reader

MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory."""


@dataclass(frozen=True)
class StoreKind:
    """A store that the same tests run on.

    `settings` names a fresh database below a directory; `refusals` are what the database itself
    raises when it refuses a statement.
    """

    settings: Callable[[Path], Settings]
    refusals: tuple[type[Exception], ...]


STORES: Mapping[str, StoreKind] = {
    "sqlite": StoreKind(
        lambda path: Settings(database_url=f"sqlite:///{path / 'house.db'}"),
        refusals=(sqlite3.IntegrityError,),
    ),
    "postgres": StoreKind(
        lambda _: Settings(database_url=pg.fresh_schema()),
        refusals=(psycopg.IntegrityError,),
    ),
}


@contextmanager
def fresh_house(kind: StoreKind, clock: Clock | None = None) -> Iterator[House]:
    """A house of its own, for a test that needs a new one for every random case."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as path:
        house = House.at(kind.settings(Path(path)), clock)
        try:
            yield house
        finally:
            house.close()


@pytest.fixture(params=list(STORES))
def store_kind(request: pytest.FixtureRequest) -> StoreKind:
    """The store that this test runs on."""
    return STORES[request.param]


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory of this test's own, in memory where there is some: no test cuts the power."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as path:
        yield Path(path)


@pytest.fixture
def settings(store_kind: StoreKind, directory: Path) -> Settings:
    """Settings that name a database which does not exist yet."""
    return store_kind.settings(directory)


@pytest.fixture
def clock() -> Clock:
    """The house's clock."""
    return Clock()


@pytest.fixture
def house(settings: Settings, clock: Clock) -> Iterator[House]:
    """A house that was just set up: nothing is on its record."""
    opened = House.at(settings, clock)
    yield opened
    opened.close()


@pytest.fixture
def desk(house: House) -> Desk:
    """A desk with a story of conflict open: parties `lna` and `gna`, two towns."""
    desk = house.desk("times")
    desk.opens_story("tripoli", scale="conflict", actors="lna gna un", places="tripoli gharyan")
    return desk


@pytest.fixture
def reader(house: House, desk: Desk) -> Reader:
    """Anybody who reads the desk's story."""
    return house.reader(desk.story)
