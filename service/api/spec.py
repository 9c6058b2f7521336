"""The API description: OpenAPI 3.1, made from what runs, and served from memory.

flask-smorest gathers it from the nouns; here it is told what its own version does not know: our
fields' JSON Schema, problems as ``application/problem+json``, the token, the address converters.

Rules for editors: nothing is written by hand that could be read from a shape or a declaration.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, Response, request
from flask_smorest import Api
from werkzeug.routing import BaseConverter

from schemas.bounds import IDEMPOTENCY_KEY, SLUG, TITLE
from schemas.fields import SLUG_PATTERN, UUID_PATTERN, Leaf
from schemas.nesting import Items
from schemas.problems import Problem
from service import __version__
from service.api import links
from service.api.answers import dumps
from service.api.auth import allows
from service.api.conditional import released
from service.api.jsonbody import JSON
from service.api.problem_types import OF_STATUS, TYPES
from service.api.problems import MEDIA_TYPE

OPENAPI = "3.1.0"
SLOT_PATTERN = "[a-z0-9-]+(?::[a-z0-9-]+)*"
CONTRACT = "1"

DESCRIPTION = """A newsroom's record of a running story: developments are reported once and
never rewritten; the situation is read as of any date, as told then or in hindsight.

Every answer names the basis it stands on. Errors are problems (RFC 9457), and each type of
problem is a page that says how to mend it."""


class Formed(BaseConverter):
    """A part of an address that has a form; anything else is nothing here."""

    form: ClassVar[Mapping[str, Any]]
    """What JSON Schema says of it."""


class SlugConverter(Formed):
    """A slug."""

    form: ClassVar = {"pattern": f"^{SLUG_PATTERN}$", "minLength": 1, "maxLength": SLUG}

    # werkzeug counts capturing groups as its own.
    regex = f"(?!.{{{SLUG + 1}}})" + SLUG_PATTERN.replace("(", "(?:")


class DevelopmentConverter(Formed):
    """A development's id."""

    form: ClassVar = {"pattern": f"^{UUID_PATTERN}$", "format": "uuid"}
    regex = UUID_PATTERN


class SlotConverter(Formed):
    """A slot: parts of small letters, digits and hyphens, joined by colons."""

    form: ClassVar = {"pattern": f"^{SLOT_PATTERN}$", "minLength": 1, "maxLength": TITLE}
    regex = f"(?!.{{{TITLE + 1}}})" + SLOT_PATTERN


CONVERTERS: Mapping[str, type[Formed]] = {
    "slug": SlugConverter,
    "development": DevelopmentConverter,
    "slot": SlotConverter,
}
"""The names of these parts in a route: ``<slug:story>``."""


class Shapes(MarshmallowPlugin):
    """apispec's reader of shapes, which knows this project's fields from the first shape on."""

    def init_spec(self, spec: APISpec) -> None:
        """Prepare for one description."""
        super().init_spec(spec)
        assert self.converter is not None
        self.converter.add_attribute_function(leaf2properties)  # type: ignore[no-untyped-call]


class Description(Api):  # type: ignore[misc]  # flask-smorest has no types
    """flask-smorest's API, with this house's errors, fields and description."""

    ERROR_SCHEMA = Problem
    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask, *, public_url: str | None) -> None:
        app.config["API_TITLE"] = "Onrecord"
        app.config["API_VERSION"] = CONTRACT
        app.config["OPENAPI_VERSION"] = OPENAPI
        app.config["API_SPEC_OPTIONS"] = {
            "info": {
                "description": DESCRIPTION,
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
                "x-release": __version__,
            },
            "servers": [{"url": public_url or "/"}],
        }
        self._description: bytes | None = None
        super().__init__(app, spec_kwargs={"marshmallow_plugin": Shapes()})
        for converter in CONVERTERS.values():
            self.register_converter(converter, _form)
        self._add_components()
        app.add_url_rule("/openapi.json", "openapi", allows("read")(lambda: self._serve()))

    def _register_error_handlers(self) -> None:
        """Leave errors to problems.py."""

    def _register_doc_blueprint(self) -> None:
        """Serve the description from memory instead of making it anew for each request."""

    def _add_components(self) -> None:
        components = self.spec.components
        components.security_scheme("token", {"type": "http", "scheme": "bearer"})
        for status in sorted({kind.status for kind in TYPES.values()}):
            components.response(f"Problem{status}", _problem_response(status), lazy=True)
        components.response("NotModified", {"description": "The client has it already."}, lazy=True)
        for name, parameter in _PARAMETERS.items():
            components.parameter(name, "header", parameter, lazy=True)

    def describe(self) -> bytes:
        """Return the description as JSON."""
        if self._description is None:
            described = self.spec.to_dict()
            # flask-smorest's own paging, which no operation here uses.
            described["components"]["schemas"].pop("PaginationMetadata", None)
            for path in described["paths"].values():
                for parameter in path.get("parameters", ()):
                    parameter |= _PARTS.get(parameter["name"], {})
            links.add(described)
            self._description = dumps(described)
        return self._description

    def _serve(self) -> Response:
        return released(request, self.describe(), JSON)


_PARTS: Mapping[str, Mapping[str, Any]] = {
    "story": {"description": "The story's slug.", "example": "tripoli-2019"},
    "development": {
        "description": "The development's id.",
        "example": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    },
    "version": {"description": "The version's number.", "example": 1},
    "slot": {"description": "The slot.", "example": "posture:lna"},
    "actor": {"description": "The actor's slug.", "example": "lna"},
    "place": {"description": "The place's slug.", "example": "gharyan"},
}
"""What the parts of addresses mean."""


def _form(converter: Formed) -> dict[str, Any]:
    return {"type": "string", **converter.form}


_PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "IfMatch": {
        "name": "If-Match",
        "description": "The development's ETag as the desk saw it; or send base_version.",
        "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[!#-~]*")$'},
        "example": '"0190a6a4-3c5e-7b1c-9d2a-5f1f6f0f2b11.1.0"',
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "description": "An ETag that the client has; answered 304 where it still holds.",
        "schema": {"type": "string"},
        "example": '"75-1554501599999999-0.0.1"',
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "description": "Makes the request safe to repeat for 7 days.",
        "schema": {
            "type": "string",
            "pattern": "^[!-~]([ -~]*[!-~])?$",
            "minLength": 1,
            "maxLength": IDEMPOTENCY_KEY,
        },
        "example": "4f7c1a52-0c0e-4a54-9f0c-2d1f0f3b9a77",
    },
}


def _problem_response(status: int) -> dict[str, Any]:
    kinds = [kind for kind in TYPES.values() if kind.status == status]
    examples = {
        kind.slug: {
            "summary": kind.title,
            "value": {
                "type": kind.address,
                "title": kind.title,
                "status": status,
                "detail": kind.why,
            },
        }
        for kind in kinds
    }
    response: dict[str, Any] = {
        "description": "; ".join(kind.title for kind in kinds) + ".",
        "content": {MEDIA_TYPE: {"schema": Problem, "examples": examples}},
    }
    if OF_STATUS.get(status) is TYPES["unavailable"]:
        response["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        }
    return response


def leaf2properties(self: Any, field: Any, **_: Any) -> dict[str, Any]:
    """Return the JSON Schema of this project's fields; bound to apispec's converter."""
    if hasattr(field, "convert"):
        schema = field.convert(self)
    elif isinstance(field, Leaf | Items):
        schema = field.json_schema()
    else:
        return {}
    return _nullable(schema) if field.allow_none else schema


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if "oneOf" in schema or "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    if "enum" in schema:
        schema = {**schema, "enum": [*schema["enum"], None]}
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return {**schema, "type": [*kinds, "null"]}
