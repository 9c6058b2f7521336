"""The houses of these tests."""

from tests.houses import directory

__all__ = ["directory"]
