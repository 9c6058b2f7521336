"""The API description as a page: every operation, its parameters, bodies, answers and errors.

Made from ``/openapi.json`` once, and served from memory: what the page says is what runs.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response
from markupsafe import Markup

from service.api.auth import allows
from service.api.html import here, page, rows
from service.api.nouns import BODY_PROBLEMS
from service.api.problem_types import TYPES
from service.api.spec import Description

Json = Mapping[str, Any]

_LEDE = Markup(
    '<p>{about}</p>\n<p>The same for machines: <a href="/openapi.json">/openapi.json</a>, OpenAPI'
    " {version}. A first reading:</p>\n<pre><code>curl {host}/v1</code></pre>\n"
)
_OPERATION = Markup(
    '<section id="{id}">\n<h3><span class="method">{method}</span> <code>{path}</code></h3>\n'
    "<p>{summary}</p>\n{rest}\n{token}{parameters}\n{body}{answers}\n</section>\n"
)


def blueprint(api: Description) -> Blueprint:
    """Return the page of an API's description."""
    made = Blueprint("docs", __name__)
    drawn: list[Markup] = []

    @made.get("/docs")
    @allows("read about the house")
    def docs() -> Response:
        described = json.loads(api.describe())
        if not drawn:
            drawn.append(_contents(described) + _operations(described) + _shapes(described))
        lede = _LEDE.format(
            about=described["info"]["description"], version=described["openapi"], host=here()
        )
        return page("The API", lede + drawn[0])

    return made


def _contents(described: Json) -> Markup:
    """What is on the page: every operation under its noun, and the shapes."""
    line, link = Markup("<li>{}: {}</li>"), Markup('<a href="#{}"><code>{}</code></a>')
    nouns = [
        line.format(
            tag["name"].capitalize(),
            Markup(", ").join(
                link.format(operation["operationId"], operation["operationId"])
                for _, _, operation in _of(described, tag["name"])
            ),
        )
        for tag in described["tags"]
    ]
    shapes = Markup('<li><a href="#shapes">Shapes</a></li>')
    return Markup("<ul>\n{}\n</ul>\n").format(Markup("\n").join([*nouns, shapes]))


def _of(described: Json, tag: str) -> Iterator[tuple[str, str, Json]]:
    """Yield the operations of a noun: path, method, what is said of it."""
    for path, item in described["paths"].items():
        for method, operation in item.items():
            if method != "parameters" and tag in operation["tags"]:
                yield path, method, operation


def _operations(described: Json) -> Markup:
    """Every operation, under the noun that it is about."""
    found = Markup("")
    for tag in described["tags"]:
        sections = [
            _operation(described, method, path, operation)
            for path, method, operation in _of(described, tag["name"])
        ]
        head = Markup('<h2 id="{}">{}</h2>\n<p>{}</p>\n')
        found += head.format(tag["name"], tag["name"].capitalize(), tag["description"])
        found += Markup("").join(sections)
    return found


def _operation(described: Json, method: str, path: str, operation: Json) -> Markup:
    of_path = described["paths"][path].get("parameters", [])
    named = [_resolved(described, one) for one in [*of_path, *operation.get("parameters", [])]]
    only_token = {} not in operation["security"]
    return _OPERATION.format(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        rest=_paragraphs(operation.get("description", "")),
        token=Markup("<p>Needs a token.</p>\n") if only_token else "",
        parameters=rows(("Parameter", "In", "Value", "Meaning"), [_parameter(p) for p in named]),
        body=_body(operation.get("requestBody")),
        answers=rows(
            ("Answer", "Shape", "Meaning"),
            [_answer(described, operation, status) for status in sorted(operation["responses"])],
        ),
    )


def _paragraphs(text: str) -> Markup:
    parts = [part for part in text.split("\n\n") if part]
    return Markup("\n").join(Markup("<p>{}</p>").format(part) for part in parts)


def _parameter(one: Json) -> tuple[Markup | str, ...]:
    return _code(one["name"]), one["in"], _value(one["schema"]), one.get("description", "")


def _body(body: Json | None) -> Markup:
    found = Markup("")
    for media_type, content in (body or {}).get("content", {}).items():
        found += Markup("<p>Body, {}: {}</p>\n").format(
            _code(media_type), _value(content["schema"])
        )
        example = content.get("example")
        if example is not None:
            text = example if isinstance(example, str) else _pretty(example)
            found += Markup("<pre><code>{}</code></pre>\n").format(text)
    return found


def _answer(described: Json, operation: Json, status: str) -> tuple[Markup | str, ...]:
    if int(status) >= 400:
        return status, _value({"$ref": "/Problem"}), _problems(operation, int(status))
    response = _resolved(described, operation["responses"][status])
    shapes = [_value(content["schema"]) for content in response.get("content", {}).values()]
    return status, Markup(" or ").join(shapes), response["description"]


def _problems(operation: Json, status: int) -> Markup:
    """The types of problem that an operation can answer with a status, each a link."""
    link = Markup('<a href="{}">{}</a>')
    never = set() if "requestBody" in operation else set(BODY_PROBLEMS)
    if {"$ref": "#/components/parameters/IdempotencyKey"} not in operation.get("parameters", ()):
        never.add("idempotency-key-reused")
    kinds = [kind for kind in TYPES.values() if kind.status == status and kind.slug not in never]
    return Markup(", ").join(link.format(kind.address, kind.title) for kind in kinds)


def _shapes(described: Json) -> Markup:
    found = Markup('<h2 id="shapes">Shapes</h2>\n')
    for name, schema in sorted(described["components"]["schemas"].items()):
        required = schema.get("required", ())
        lines: list[tuple[Markup | str, ...]] = [
            (
                _code(field),
                _value(of),
                ("Required. " if field in required else "") + of.get("description", ""),
            )
            for field, of in schema.get("properties", {}).items()
        ]
        found += Markup('<section id="{}">\n<h3>{}</h3>\n<p>{}</p>\n{}</section>\n').format(
            name, name, schema.get("description", ""), rows(("Field", "Value", "Meaning"), lines)
        )
    return found


def _value(schema: Json) -> Markup:
    """What a value may be, in a few words; a shape is a link to it."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#{}">{}</a>').format(name, name)
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return Markup(" or ").join(_value(one) for one in schema[several])
    if "items" in schema:
        return Markup("list of {}").format(_value(schema["items"]))
    if "enum" in schema:
        return Markup(", ").join(_code(json.dumps(one).strip('"')) for one in schema["enum"])
    kinds = schema.get("type", "any value")
    words = " or ".join([kinds] if isinstance(kinds, str) else kinds)
    return Markup("{}").format(", ".join([words, *_limits(schema)]))


def _limits(schema: Json) -> Iterator[str]:
    if "format" in schema:
        yield schema["format"]
    if "maxLength" in schema:
        yield f"{schema.get('minLength', 0)} to {schema['maxLength']} characters"
    if "maximum" in schema:
        yield f"{schema.get('minimum', '…')} to {schema['maximum']}"
    if "default" in schema:
        yield f"default {json.dumps(schema['default'])}"


def _resolved(described: Json, one: Json) -> Json:
    if "$ref" not in one:
        return one
    _, _, section, name = one["$ref"].split("/")
    found: Json = described["components"][section][name]
    return found


def _code(text: str) -> Markup:
    return Markup("<code>{}</code>").format(text)


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
