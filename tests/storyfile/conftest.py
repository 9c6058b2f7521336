"""Houses for the tests beside this file, on SQLite only: a line does the same on every store."""

import pytest

from tests.builders import Clock, House
from tests.houses import STORES, StoreKind, directory, house, settings

__all__ = ["directory", "house", "settings"]

TODAY = "2024-05-01T12:00:00Z"


@pytest.fixture
def store_kind() -> StoreKind:
    """The store that every test here runs on."""
    return STORES["sqlite"]


@pytest.fixture
def clock() -> Clock:
    """It is years after what the archives tell of."""
    return Clock(TODAY)


@pytest.fixture
def nothing(house: House) -> dict[str, int]:
    """How many rows an empty house has."""
    return house.counts()
