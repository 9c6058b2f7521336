"""A house with a story, at its door; what is logged does not depend on the store."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from service.app import create_app
from tests.api.served import Caller
from tests.builders import Desk, House
from tests.houses import STORES, StoreKind, clock, desk, directory, house, settings

__all__ = ["clock", "desk", "directory", "house", "settings"]


@pytest.fixture
def store_kind() -> StoreKind:
    """SQLite."""
    return STORES["sqlite"]


@pytest.fixture
def at_door(house: House, desk: Desk) -> Callable[..., Caller]:
    """`at_door(log_requests="all")`: anybody at the door of the house, with these settings."""

    def stand(**more: Any) -> Caller:
        onrecord = replace(house.onrecord, settings=replace(house.onrecord.settings, **more))
        return Caller(create_app(onrecord.settings, onrecord), house)

    return stand


@pytest.fixture
def told(at_door: Callable[..., Caller]) -> Caller:
    """Anybody at the door of the house."""
    return at_door()
