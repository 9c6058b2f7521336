"""Newsrooms at the HTTP door of a house on a real record.

    times.reports("order", kind="offensive.ordered", actors="by:lna")      what a 201 says
    times.corrects("order", {"headline": "…"}, based=1)
    times.sends("POST", "developments", body, status=422)                   the problem instead
    times.holding("reporter")("…")                                          a token of another role

`times` is an editor of the newsroom *times*, which has a story of conflict open. Every answer is
held against the shape that is declared for it and against the statuses that the API description
names, and whatever is refused leaves every table as it was.
"""

import json
import re
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from schemas.problems import Problem
from service.api import door
from service.api.house import EXTENSION, move_in
from service.api.house import House as Behind
from service.app import behind
from service.settings import Settings
from tests.api.served import Caller
from tests.builders import Clock, House, content

NDJSON = "application/x-ndjson"
Body = dict[str, Any]


@dataclass
class AtDesk(Caller):
    """Someone at a desk, at work on one story."""

    story: str = "tripoli"

    def at(self, part: str = "") -> str:
        """The address of a part of the story; what begins with a stroke is an address already."""
        if part.startswith("/"):
            return part
        return f"/v1/stories/{self.story}" + (f"/{part}" if part else "")

    def sends(
        self,
        method: str,
        part: str = "",
        body: Any = None,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> Body:
        """The JSON of an answer of this status; a refusal has left everything as it was."""
        before = self.house.counts()
        if body is not None:
            options["json"] = body
        path = self.at(part)
        headers = {**self.headers, **(headers or {})}
        self.last = self.client.open(path, method=method, headers=headers, **options)
        assert self.last.status_code == status, self.last.get_data(as_text=True)
        assert str(status) in self._documented(method, path)
        answer: Body = json.loads(self.last.data)
        if status >= 400:
            assert self.last.mimetype == "application/problem+json"
            assert not Problem().validate(answer)
            assert self.house.counts() == before
        else:
            assert not self._shape_of(method, path)().validate(answer)
        return answer

    def refused(self, part: str, body: Any, *, method: str = "POST", status: int = 422) -> Body:
        """The problem with a request."""
        return self.sends(method, part, body, status=status)

    def reports(self, external_id: str | None = None, *, status: int = 201, **said: Any) -> Body:
        """Report a development; fields as `tests.builders.content` takes them."""
        return self.sends("POST", "developments", content(external_id, **said), status=status)

    def acts(
        self, development: Body, what: str, body: Body, *, based: int | None = 1, status: int = 201
    ) -> Body:
        """Act on a development as reported, at the version that was looked at."""
        if based is not None:
            body = {"base_version": based, **body}
        return self.sends("POST", f"developments/{development['id']}/{what}", body, status=status)

    def posts_lines(self, *lines: Any, query: str = "") -> list[Body]:
        """What is answered to each line; a line may be bytes."""
        body = b"".join(
            (line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n"
            for line in lines
        )
        path = self.at("developments") + query
        headers = {**self.headers, "Content-Type": NDJSON}
        self.last = self.client.post(path, headers=headers, data=body)
        assert self.last.status_code == 200, self.last.get_data(as_text=True)
        assert self.last.mimetype == NDJSON
        return [json.loads(line) for line in self.last.data.splitlines()]

    def reads(self, part: str = "") -> Body:
        """What a reading of the story says."""
        found: Body = self.get(self.at(part))
        return found

    def on(self, story: str) -> "AtDesk":
        """The same, at work on another story."""
        return replace(self, story=story)

    def _documented(self, method: str, path: str) -> Collection[str]:
        """The statuses that the API description names for an address and a method."""
        with self.app.test_request_context(path, method=method) as context:
            rule = context.request.url_rule
        if rule is None:
            return ("404", "405")
        operations = described()[re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)]
        found: Body = operations[method.lower()]["responses"]
        return found

    def _shape_of(self, method: str, path: str) -> Any:
        with self.app.test_request_context(path, method=method) as context:
            view: Any = self.app.view_functions[context.request.endpoint or ""]
            return getattr(view.view_class, method.lower()).shape


@cache
def one_door() -> Flask:
    """A door that is built once, since that takes longest, and moved from house to house."""
    app = Flask("service", static_folder=None)
    with tempfile.TemporaryDirectory() as path:
        house = House.at(Settings(database_url=f"sqlite:///{path}/house.db"))
        first = behind(house.onrecord)
        door.open_door(app, replace(first, find_token=lambda sha256: at(app).find_token(sha256)))
        house.close()
    door.close(app)
    return app


@cache
def described() -> Body:
    """What the API description says, by address."""
    found: Body = one_door().test_client().get("/openapi.json").get_json()["paths"]
    return found


def at(app: Flask) -> Behind:
    """The house that a door stands at."""
    found: Behind = app.extensions[EXTENSION]
    return found


@pytest.fixture
def anyone(directory: Path) -> Iterator[AtDesk]:
    """Anybody at the door of a house in which the *times* have a story of conflict open."""
    house = House.at(Settings(database_url=f"sqlite:///{directory / 'house.db'}"), Clock())
    app = one_door()
    move_in(app, behind(house.onrecord))
    house.desk("times").opens_story(
        "tripoli", scale="conflict", actors="lna gna un", places="tripoli gharyan"
    )
    yield AtDesk(app, house)
    house.close()


@pytest.fixture
def times(anyone: AtDesk) -> AtDesk:
    """An editor of the newsroom whose story it is."""
    return at_desk(anyone, "editor")


@pytest.fixture
def post(anyone: AtDesk) -> AtDesk:
    """An editor of another newsroom of the house."""
    return at_desk(anyone, "editor", "post")


def at_desk(anyone: AtDesk, role: str, newsroom: str = "times", **more: Any) -> AtDesk:
    """Someone with a token of a role."""
    found = anyone.holding(role, newsroom, **more)
    assert isinstance(found, AtDesk)
    return found


def statuses(answers: list[Body]) -> list[int]:
    """What each line was answered."""
    return [answer["status"] for answer in answers]
