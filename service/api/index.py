"""Where everything is: ``GET /v1``, an index of links made from the routes that there are."""

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask, Response, current_app, request
from flask.views import MethodView

from schemas.index import Index
from service import __version__
from service.api.answers import dumps
from service.api.conditional import released
from service.api.house import house
from service.api.jsonbody import JSON
from service.api.nouns import Noun

noun = Noun("index", description="Where everything is.")

LINKS = {
    "self": "/v1",
    "stories": "/v1/stories",
    "kinds": "/v1/kinds",
    "corrections": "/v1/corrections",
    "openapi": "/openapi.json",
    "docs": "/docs",
    "problems": "/problems",
    "alive": "/healthz",
    "ready": "/readyz",
}
"""What has one address."""

TEMPLATES = "onrecord.templates"
_PART = re.compile(r"<(?:[^<>]*:)?([a-z_]+)>")


@noun.route("/v1")
class Start(MethodView):
    """The index."""

    @noun.verb("read about the house", "getIndex", Index, reading=True)
    def get(self) -> Response:
        """Find every address: links, and templates (RFC 6570) where a part is yours to fill in."""
        document = {
            "house": house().settings.house,
            "release": __version__,
            "links": LINKS,
            "templates": current_app.extensions.get(TEMPLATES) or _remembered(),
        }
        return released(request, dumps(document), JSON)


def _remembered() -> dict[str, str]:
    found = current_app.extensions[TEMPLATES] = dict(_templates(current_app))
    return found


def _templates(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield the template of each reading whose address has parts, under what it reads."""
    for rule in app.url_map.iter_rules():
        view: Any = app.view_functions[rule.endpoint]
        read = getattr(getattr(view, "view_class", None), "get", None)
        if read is None or not rule.arguments:
            continue
        path = _PART.sub(r"{\1}", rule.rule)
        asked = read.query().load_fields.items() if read.query else ()
        names = ",".join(field.data_key or name for name, field in asked)
        last = path.rpartition("/")[2].strip("{}")
        yield last, f"{path}{{?{names}}}" if names else path
