"""Two doors: one with toy nouns behind it, so that the concerns are tested without a record
(`app`, `acting`, `reader`, `editor`), and one of a house on real files (`told`, `tripoli` for
readers; `times`, `post`, `anyone` for newsrooms).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from flask.views import MethodView

from schemas.developments import DevelopmentIn
from schemas.queries import TimelineQuery
from schemas.revisions import CorrectionIn
from service import tokens
from service.api import auth, conditional, door
from service.api.answers import answer
from service.api.house import House
from service.api.nouns import Noun
from service.api.paging import Cursors
from service.asof import AsOf
from service.settings import Settings
from service.tokens import TokenRow
from tests.api.desks import anyone, post, times
from tests.api.served import told, tripoli
from tests.conftest import TEST_ALL
from tests.houses import STORES, StoreKind, clock, desk, directory, house, settings

__all__ = [
    "anyone",
    "clock",
    "desk",
    "directory",
    "house",
    "post",
    "settings",
    "times",
    "told",
    "tripoli",
]


@pytest.fixture(params=list(STORES) if TEST_ALL else ["sqlite"])
def store_kind(request: pytest.FixtureRequest) -> StoreKind:
    """The store behind the door: what it answers is the store's own tests' matter, not the door's,
    so that every store has its turn under `make test-all` only.
    """
    return STORES[request.param]


TOKENS = {role: tokens.make() for role in ("reporter", "editor", "auditor", "admin")}
EXPIRED = tokens.make()
REVOKED = tokens.make()


@dataclass
class Desk:
    """A client that sends one role's token, or none."""

    client: FlaskClient
    role: str | None = None

    def __call__(self, method: str, path: str, **options: Any) -> Any:
        headers = dict(options.pop("headers", {}))
        if self.role:
            headers.setdefault("Authorization", f"Bearer {TOKENS[self.role]}")
        return self.client.open(path, method=method, headers=headers, **options)


def rows() -> dict[str, TokenRow]:
    found = {}
    for role, token in TOKENS.items():
        sha256 = tokens.digest(token)
        found[sha256] = TokenRow(id=f"t-{role}", newsroom="times", role=role, sha256=sha256)
    for token, moment in ((EXPIRED, {"expires_at": 1}), (REVOKED, {"revoked_at": 1})):
        sha256 = tokens.digest(token)
        found[sha256] = TokenRow(
            id="t-old", newsroom="times", role="admin", sha256=sha256, **moment
        )
    return found


def toys(raises: list[Exception]) -> Noun:
    things = Noun("things", description="Toys.")

    @things.route("/v1/things/<slug:thing>/developments")
    class Developments(MethodView):
        @things.verb("read", "listThings", {"type": "object"}, query=TimelineQuery, reading=True)
        def get(self, query: dict[str, Any], thing: str) -> Any:
            if raises:
                raise raises[0]
            return answer({"thing": thing, "query": query})

        @things.verb("report", "reportThing", {"type": "object"}, status=201, body=DevelopmentIn)
        def post(self, body: dict[str, Any], thing: str) -> Any:
            return answer(
                {"body": body, "newsroom": auth.writer().newsroom, "by": auth.writer().by}, 201
            )

    @things.route("/v1/things/<slug:thing>/developments/<development:id>/corrections")
    class Corrections(MethodView):
        @things.verb("correct", "correctThing", {"type": "object"}, body=CorrectionIn, guarded=True)
        def post(self, body: dict[str, Any], thing: str, id: str) -> Any:
            base = conditional.based_on(request, body)
            return answer({"etag": base.etag, "version": base.version, "id": id})

    @things.route("/v1/things/<slug:thing>/pins")
    class Pins(MethodView):
        @things.verb("pin", "pinThing", {"type": "object"})
        def put(self, thing: str) -> Any:
            return answer({"pinned": thing})

        @things.verb("read who did what", "auditThing", {"type": "object"})
        def get(self, thing: str) -> Any:
            return answer({"who": thing})

    return things


@pytest.fixture
def raises() -> list[Exception]:
    """What the toy reading raises, if anything."""
    return []


@pytest.fixture
def app(raises: list[Exception]) -> Flask:
    app = Flask("toys", static_folder=None)
    known = rows()
    house = House(
        settings=Settings(),
        record=lambda decision: None,
        record_many=lambda decisions: [],
        asof=cast(AsOf, None),
        cursors=Cursors("k" * 32),
        find_token=known.get,
        head=lambda: (75, 0),
        ready=lambda: None,
    )
    app.extensions["description"] = door.open_door(app, house, [toys(raises)])
    door.close(app)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture
def acting(app: Flask) -> Callable[[str | None], Desk]:
    """`acting("editor")("POST", path, json=…)`: ask as someone."""
    return lambda role=None: Desk(app.test_client(), role)


@pytest.fixture
def reader(acting: Callable[..., Desk]) -> Desk:
    return acting(None)


@pytest.fixture
def editor(acting: Callable[..., Desk]) -> Desk:
    return acting("editor")
