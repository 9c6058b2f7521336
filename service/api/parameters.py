"""How bodies and parameters reach the shapes: strict on every side.

A parameter that no reading has is refused with the nearest that one has: ``?as_off=`` must
never answer with the present. So is one that is given twice, because clients and proxies do
not agree on which one counts.
"""

import difflib
from typing import Any

from flask import Request
from marshmallow import Schema, ValidationError
from marshmallow.fields import List, Nested

from service.api import jsonbody
from service.api.problems import Problem
from service.shapes import flat

PARAMETERS_MOST = 50
"""Parameters of one request: the reading that has the most has 16."""

NEAREST = 3
"""Suggestions for one misspelt name."""

UNKNOWN = "Unknown field."
UNKNOWN_PARAMETER = "Unknown parameter."


def query(req: Request, schema: Schema) -> Any:
    """Return a request's parameters as ``schema`` loads them, or raise Problem ``invalid``."""
    try:
        return schema.load(given(req, schema))
    except ValidationError as error:
        raise invalid(error.messages, schema, parameter=True) from None


def body(req: Request, schema: Schema, *, optional: bool = False) -> Any:
    """Return a request's JSON body as ``schema`` loads it, or raise a Problem.

    ``optional``: no body says the same as {}.
    """
    said = {} if optional and not req.get_data(cache=True) else jsonbody.read(req)
    try:
        return schema.load(said)
    except ValidationError as error:
        raise invalid(error.messages, schema) from None


def given(req: Request, schema: Schema | None) -> dict[str, str]:
    """Return a request's parameters, or raise Problem ``invalid``.

    With a ``schema`` unknown names are left to it; without one every parameter is unknown.
    """
    if not req.environ.get("QUERY_STRING"):
        return {}
    sent = req.args
    if len(sent) > PARAMETERS_MOST:
        raise Problem("invalid", f"At most {PARAMETERS_MOST} parameters are read.")
    repeated = [name for name, values in sent.lists() if len(values) > 1]
    if repeated:
        raise _refused({name: ["Must be given once."] for name in repeated}, {}, "parameter")
    if schema is None and sent:
        raise _refused({name: [UNKNOWN_PARAMETER] for name in sent}, {}, "parameter")
    return sent.to_dict()


def invalid(messages: Any, schema: Schema, *, parameter: bool = False) -> Problem:
    """Return the problem for marshmallow's ``messages`` about ``schema``; "_" is the whole body."""
    errors = flat(messages)
    suggestions = {}
    for path, says in errors.items():
        if UNKNOWN in says:
            near = _nearest(path.split("."), schema)
            if near:
                suggestions[path] = near
            if parameter:
                errors[path] = [UNKNOWN_PARAMETER]
    return _refused(errors, suggestions, "parameter" if parameter else "field")


def _refused(errors: dict[str, list[str]], suggestions: dict[str, list[str]], what: str) -> Problem:
    count = "One" if len(errors) == 1 else str(len(errors))
    plural = "" if len(errors) == 1 else "s"
    verb = "is" if len(errors) == 1 else "are"
    names = ", ".join(list(errors)[:NEAREST]) + (", …" if len(errors) > NEAREST else "")
    detail = f"{count} {what}{plural} {verb} not right: {names}."
    return Problem("invalid", detail, errors=errors, suggestions=suggestions)


def _nearest(path: list[str], schema: Schema | None) -> list[str]:
    """Return known names near the last part of ``path``, walking ``schema`` along it."""
    for part in path[:-1]:
        if schema is None:
            return []
        if not part.isdigit():
            schema = _inner(schema.load_fields.get(part))
    if schema is None:
        return []
    known = [field.data_key or name for name, field in schema.load_fields.items()]
    return difflib.get_close_matches(path[-1], known, n=NEAREST, cutoff=0.6)


def _inner(field: Any) -> Schema | None:
    if isinstance(field, List):
        field = field.inner
    if isinstance(field, Nested):
        return field.schema
    return None
