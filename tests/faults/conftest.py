"""Houses for the tests beside this file, on each store."""

from tests.houses import directory, settings, store_kind

__all__ = ["directory", "settings", "store_kind"]
