"""The vocabulary: every kind of development, what it takes and which slots it writes."""

from functools import cache
from typing import Any

from flask import Response, request
from flask.views import MethodView

from schemas.kinds import Kinds
from service.api.answers import dumps
from service.api.conditional import released
from service.api.jsonbody import JSON
from service.api.nouns import Noun
from service.domain.kinds import KINDS, Kind, details_schema
from service.domain.level import RULE

CODES = ("plover", "cameo", "acled")

noun = Noun("kinds", description="The vocabulary of developments, the same in every house.")


@noun.route("/v1/kinds")
class AllKinds(MethodView):
    """The kinds."""

    @noun.verb("read about the house", "listKinds", Kinds, reading=True)
    def get(self) -> Response:
        """List every kind: its codes elsewhere, the details it takes, the slots it writes."""
        return released(request, vocabulary(), JSON)


@cache
def vocabulary() -> bytes:
    """Return the whole vocabulary as JSON; it changes with a release only."""
    return dumps({"items": [_dump(kind) for kind in KINDS.values()], "next": None, "level": RULE})


def _dump(kind: Kind) -> dict[str, Any]:
    return {
        "kind": kind.name,
        "label": kind.label,
        "group": kind.group,
        "codes": {name: code for name in CODES if (code := getattr(kind, name))},
        "intensity": kind.intensity,
        "opens": kind.opens,
        "slots": list(kind.assigns),
        "details": details_schema(kind.name),
        "aliases": list(kind.aliases),
    }
