"""Houses for the tests beside this file."""

from tests.houses import clock, desk, directory, house, reader, settings, store_kind

__all__ = ["clock", "desk", "directory", "house", "reader", "settings", "store_kind"]
