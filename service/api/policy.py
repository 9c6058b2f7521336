"""Who may do what: one table, deny by default.

The roles are not a chain: an auditor reads what nobody else reads and writes nothing. An action
that is not in the table is nobody's; a route that names no action stops the start.

Rules for editors: an action is a verb and its noun; a row lists each role that may, and how far
it reaches. ``Reach.OWN`` is what this very token reported, ``Reach.NEWSROOM`` what its
newsroom did. Ownership itself is the domain's to judge; the table says which judgement it makes.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Role(Enum):
    """What a token is for."""

    REPORTER = "reporter"
    EDITOR = "editor"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Reach(Enum):
    """How far a role's permission goes."""

    OWN = "own"
    NEWSROOM = "newsroom"


_DESK: Mapping[Role, Reach] = MappingProxyType(
    {Role.REPORTER: Reach.NEWSROOM, Role.EDITOR: Reach.NEWSROOM, Role.ADMIN: Reach.NEWSROOM}
)
_AUTHORS: Mapping[Role, Reach] = MappingProxyType(
    {Role.REPORTER: Reach.OWN, Role.EDITOR: Reach.NEWSROOM, Role.ADMIN: Reach.NEWSROOM}
)
_EDITORS: Mapping[Role, Reach] = MappingProxyType(
    {Role.EDITOR: Reach.NEWSROOM, Role.ADMIN: Reach.NEWSROOM}
)
_ADMINS: Mapping[Role, Reach] = MappingProxyType({Role.ADMIN: Reach.NEWSROOM})
_AUDITORS: Mapping[Role, Reach] = MappingProxyType(
    {Role.AUDITOR: Reach.NEWSROOM, Role.ADMIN: Reach.NEWSROOM}
)

ANYONE: frozenset[str] = frozenset({"read", "read pages", "read about the house"})
"""Actions open to anonymous readers. What they see is narrowed by each story's visibility."""

POLICY: Mapping[str, Mapping[Role, Reach]] = MappingProxyType(
    {
        "report": _DESK,
        "introduce cast": _DESK,
        "introduce places": _DESK,
        "update": _AUTHORS,
        "clarify": _AUTHORS,
        "refile": _AUTHORS,
        "correct": _EDITORS,
        "verify": _EDITORS,
        "withdraw": _EDITORS,
        "pin": _EDITORS,
        "mark key events": _EDITORS,
        "write summary": _EDITORS,
        "override level": _EDITORS,
        "open stories": _EDITORS,
        "amend stories": _EDITORS,
        "close stories": _EDITORS,
        "import archives": _ADMINS,
        "manage tokens": _ADMINS,
        "read who did what": _AUDITORS,
    }
)
"""Action → the roles that may, and how far. What is not here is nobody's."""


def reach(role: Role | None, action: str) -> Reach | None:
    """Return how far ``role`` (None: anonymous) may go with ``action``; None: not at all."""
    if action in ANYONE:
        return Reach.NEWSROOM
    return POLICY.get(action, {}).get(role) if role is not None else None


def roles_for(action: str) -> tuple[str, ...]:
    """Return the names of the roles that may do ``action``, for who is refused."""
    return tuple(role.value for role in POLICY.get(action, {}))


def known(action: str) -> bool:
    """Tell whether the table knows ``action``."""
    return action in ANYONE or action in POLICY
