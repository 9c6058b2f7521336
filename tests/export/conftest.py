"""Houses for the tests beside this file."""

from tests.houses import clock, desk, house, reader, settings, store_kind

__all__ = ["clock", "desk", "house", "reader", "settings", "store_kind"]
