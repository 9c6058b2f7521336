"""Who is asking: the Bearer token (RFC 6750), the reader or writer behind it, and the gate.

Every request passes the gate before its body is read. What a route does stands on its view
(``action``); ``insist_on_policies`` stops the start when a route says nothing, so that nothing is
ever open by forgetting.

Rules for editors: the newsroom comes from the token and from nowhere else. A token that does not
work is refused even where anonymous readers are welcome: its holder expects to be known.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, g, request

from service import tokens
from service.api.policy import Reach, Role, known, reach, roles_for
from service.api.problems import Problem
from service.tokens import TokenRow

FindToken = Callable[[str], TokenRow | None]
"""Looks a token up by its SHA-256 in hex. It may remember for up to 5 seconds, no longer:
a revoked token must stop working within that time on every worker."""

CHALLENGE = 'Bearer realm="onrecord"'
HEADER_CHARACTERS = 200
"""Characters of an Authorization header: a token's 53 and its scheme, with room to be wrong."""

_BEARER = re.compile(r"bearer +(\S+) *", re.IGNORECASE)
_View = TypeVar("_View", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Who asks. Anonymous when there is no role."""

    newsroom: str | None = None
    role: Role | None = None
    by: str | None = None
    house: bool = False
    story: str | None = None

    @property
    def anonymous(self) -> bool:
        """Whether no token was sent."""
        return self.role is None

    def reach(self, action: str) -> Reach | None:
        """Return how far this reader may go with ``action``; None: not at all."""
        return reach(self.role, action)

    def sees_who(self, newsroom: str) -> bool:
        """Tell whether this reader may know who in ``newsroom`` did what."""
        allowed = self.reach("read who did what") is not None
        return allowed and (self.house or self.newsroom == newsroom)


@dataclass(frozen=True, kw_only=True, slots=True)
class Writer:
    """Who writes: a newsroom, the pseudonym that the act will carry, and what it may change.

    ``own_only``: the act may touch only what this very token reported.
    """

    newsroom: str
    by: str
    role: Role
    own_only: bool


ANONYMOUS = Reader()


def allows(action: str) -> Callable[[_View], _View]:
    """Declare what a view does, in the words of the policy table."""
    if not known(action):
        raise ValueError(f"the policy table does not know {action!r}")

    def declare(view: _View) -> _View:
        view.action = action  # type: ignore[attr-defined]  # read back by action_of
        return view

    return declare


def reader() -> Reader:
    """Return who asks in this request."""
    asking: Reader = g.reader
    return asking


def writer() -> Writer:
    """Return who writes in this request; the gate has let it through."""
    asking = reader()
    far = asking.reach(g.action)
    if asking.newsroom is None or asking.by is None or asking.role is None or far is None:
        raise Problem("token", "This act needs a token.", headers={"WWW-Authenticate": CHALLENGE})
    return Writer(
        newsroom=asking.newsroom, by=asking.by, role=asking.role, own_only=far is Reach.OWN
    )


def insist(action: str) -> None:
    """Raise a Problem unless this request's reader may do ``action`` as well."""
    _gate(reader(), action)


def identify(header: str, find_token: FindToken, now: int) -> Reader:
    """Return who sent ``header`` (Authorization), or raise Problem ``token``."""
    found = _BEARER.fullmatch(header) if len(header) <= HEADER_CHARACTERS else None
    if found is None:
        raise _refused("Send Authorization: Bearer and the token.", "invalid_request")
    token = found.group(1)
    if not tokens.well_formed(token):
        raise _refused("The token is mistyped or cut short.", "invalid_token")
    sha256 = tokens.digest(token)
    row = find_token(sha256)
    if row is None or not tokens.same(sha256, row.sha256) or not row.works(now):
        raise _refused("The token is unknown, expired or revoked.", "invalid_token")
    return Reader(
        newsroom=row.newsroom, role=Role(row.role), by=row.id, house=row.house, story=row.story
    )


def _refused(detail: str, error: str) -> Problem:
    return Problem("token", detail, headers={"WWW-Authenticate": f'{CHALLENGE}, error="{error}"'})


def _gate(asking: Reader, action: str) -> None:
    if asking.reach(action) is not None:
        return
    if asking.anonymous:
        raise Problem(
            "token", "This is not for anonymous readers.", headers={"WWW-Authenticate": CHALLENGE}
        )
    raise Problem(
        "forbidden",
        "This token's role does not include this.",
        facts={"required": list(roles_for(action))},
    )


def action_of(endpoint: str, method: str, app: Flask | None = None) -> str | None:
    """Return the declared action of an endpoint's method, or None."""
    view: Any = (app or current_app).view_functions.get(endpoint)
    verb = "GET" if method == "HEAD" else method
    by_class = getattr(view, "view_class", None)
    if by_class is not None:
        view = getattr(by_class, verb.lower(), None)
    return getattr(view, "action", None)


def register(app: Flask, find_token: FindToken) -> None:
    """Put the gate before every request of ``app``."""
    actions: dict[tuple[str, str], str | None] = {}

    def gate() -> None:
        g.reader = ANONYMOUS
        header = request.environ.get("HTTP_AUTHORIZATION")
        if header is not None:
            g.reader = identify(header, find_token, time.time_ns() // 1000)
        if request.url_rule is None or request.method == "OPTIONS":
            return  # Answered by Flask itself: 404, 405, or the list of methods.
        asked = (request.endpoint or "", request.method)
        if asked not in actions:
            actions[asked] = action_of(*asked)
        g.action = actions[asked]
        if g.action is None:
            raise Problem("forbidden", "Nobody may do this.")
        _gate(g.reader, g.action)

    app.before_request(gate)


def insist_on_policies(app: Flask) -> None:
    """Raise RuntimeError when a route of ``app`` does not declare what it does."""
    missing = [
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods or ())
        if method not in ("HEAD", "OPTIONS") and action_of(rule.endpoint, method, app) is None
    ]
    if missing:
        raise RuntimeError("routes without a policy: " + ", ".join(missing))
