"""A house with its door open: people who ask at addresses, with a token or without.

    told.get("/v1/stories/tripoli/situation?as_of=2019-04-05")          what a 200 says
    told.get(path, status=404)                                          the problem instead
    served(house).holding("editor").get(path)                           the same with a token

Every answer is held against the shape that the API description names for it, so nothing goes
out undocumented.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema

from schemas.problems import Problem
from service import seeds
from service.api.house import move_in
from service.app import behind, create_app
from service.settings import Settings
from tests.builders import Clock, House

NOW = "2026-01-01T00:00:00Z"
"""When the founding story is read."""

KEY = "k" * 32
"""What cursors are signed with; on PostgreSQL there is none unless it is given."""


@dataclass
class Caller:
    """Someone at the door; `last` is the answer that it got last."""

    app: Flask
    house: House
    headers: dict[str, str] = field(default_factory=dict)
    last: Any = None

    @property
    def client(self) -> FlaskClient:
        """A client without a memory."""
        return self.app.test_client(use_cookies=False)

    def holding(self, role: str, newsroom: str = "times", **more: Any) -> "Caller":
        """The same with a token of a role."""
        token = self.house.onrecord.create_token(newsroom=newsroom, role=role, name=role, **more)
        return replace(self, headers={"Authorization": f"Bearer {token}"})

    def ask(self, path: str, **headers: str) -> Any:
        """The answer to a GET, whatever it is."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.last = self.client.get(path, headers={**self.headers, **named})
        return self.last

    def get(self, path: str, *, status: int = 200, **headers: str) -> Any:
        """The JSON of an answer of this status, held against its documented shape."""
        answer = self.ask(path, **headers)
        assert answer.status_code == status, answer.get_data(as_text=True)
        body = json.loads(answer.data)
        shape = Problem if status >= 400 else self._shape(path)
        wrong = shape().validate(body)
        assert not wrong, wrong
        return body

    def pages(self, path: str) -> Iterator[Any]:
        """Every page of a list, by its `next`."""
        page = self.get(path)
        yield page
        while page["next"]:
            page = self.get(f"{path.partition('?')[0]}?cursor={page['next']}")
            yield page

    def items(self, path: str) -> list[Any]:
        """Every item of a list."""
        return [item for page in self.pages(path) for item in page["items"]]

    def _shape(self, path: str) -> type[Schema]:
        """The shape that is declared for an address."""
        with self.app.test_request_context(path) as context:
            assert context.request.endpoint is not None
            view: Any = self.app.view_functions[context.request.endpoint]
            shape: type[Schema] = view.view_class.get.shape
            return shape


def served(house: House) -> Caller:
    """Anybody at the door of a house."""
    return Caller(create_app(house.onrecord.settings, house.onrecord), house)


@pytest.fixture
def told(house: House) -> Caller:
    """Anybody at the door of the test's own house."""
    from tests.api.desks import one_door  # which builds on this file

    door = one_door()
    settings = replace(house.onrecord.settings, secret_key=KEY)
    move_in(door, behind(replace(house.onrecord, settings=settings)))
    return Caller(door, house)


@pytest.fixture(scope="module")
def tripoli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """Anybody at the door of a house that holds the founding story, as imported today."""
    path = tmp_path_factory.mktemp("tripoli") / "house.db"
    house = House.at(Settings(database_url=f"sqlite:///{path}"), Clock(NOW))
    text = seeds.path("tripoli-2019").read_text("utf-8")
    house.imports([json.loads(line) for line in text.splitlines()])
    yield served(house)
    house.close()


def next_address(answer: Any) -> str | None:
    """Where the Link header says that the next page is."""
    found = re.search(r'<([^>]+)>; rel="next"', answer.headers.get("Link", ""))
    return found and found.group(1)
