"""Houses for the tests beside this file, on SQLite only: what a decision decides is the same on
every store, and tests/recorder, tests/readmodel and tests/properties run on each."""

import pytest

from tests.houses import STORES, StoreKind, clock, desk, directory, house, reader, settings

__all__ = ["clock", "desk", "directory", "house", "reader", "settings"]


@pytest.fixture
def store_kind() -> StoreKind:
    """The store that every test here runs on."""
    return STORES["sqlite"]
