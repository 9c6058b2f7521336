"""Houses for the tests beside this file; what is counted does not depend on the store."""

import pytest

from tests.houses import STORES, StoreKind, clock, desk, directory, house, settings

__all__ = ["clock", "desk", "directory", "house", "settings"]


@pytest.fixture
def store_kind() -> StoreKind:
    """SQLite."""
    return STORES["sqlite"]
