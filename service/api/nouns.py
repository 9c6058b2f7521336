"""How a resource says what it does: ``Noun`` and its one decorator, ``verb``.

    stories = Noun("stories", description="Running situations, each under one address.")

    @stories.route("/v1/stories/<slug:story>")
    class Story(MethodView):
        @stories.verb("read", "getStory", StoryAnswer, query=BasisQuery, reading=True)
        def get(self, query, story):
            return answer(...)

What is declared is what runs and what the API description says: the action of the policy table,
the operation's id, the shapes of parameters and body, the answer, and every error. The quick way
through a request is one wrapper; flask-smorest's decorators serve the description.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Any, TypedDict, Unpack

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema

from schemas.lines import DONE_EXAMPLE, LINES_EXAMPLE, LineDone, LineIn
from service.api import jsonbody, parameters
from service.api.auth import allows
from service.api.policy import ANYONE
from service.api.problem_types import TYPES

View = Callable[..., Response]

ANY_PROBLEMS = frozenset(
    {
        "bad-request",
        "token",
        "not-found",
        "address-too-long",
        "invalid",
        "internal",
        "unavailable",
    }
)
WRITING_PROBLEMS = frozenset({"forbidden", "malformed", "too-large", "unsupported-media-type"})
BODY_PROBLEMS = frozenset({"malformed", "too-large", "unsupported-media-type"})
GUARDED_PROBLEMS = frozenset(
    {"withdrawn", "erased", "precondition-failed", "precondition-required"}
)


class Options(TypedDict, total=False):
    """What ``verb`` may be told besides what it must."""

    status: int
    """The usual success, 200 if not said."""
    query: type[Schema]
    """The shape of the parameters; without one there are none."""
    body: type[Schema]
    """The shape of the JSON body; without one there is none."""
    body_optional: bool
    """Whether no body says the same as {}."""
    example: Any
    """An example of the body."""
    reading: bool
    """It is conditional, and may answer 304."""
    guarded: bool
    """It is an act on a development, and must name the version it is based on."""
    repeatable: bool
    """It takes an Idempotency-Key."""
    media_type: str
    """What its success is, if not JSON."""
    answers: Any
    """An example of its success."""
    lines: Callable[..., Response]
    """The view for a body of many lines (NDJSON), which it reads itself; it is no method."""
    problems: Sequence[str]
    """Types of problem that it may answer beside the usual."""
    headers: Sequence[str]
    """Headers of its success."""
    also: Mapping[int, str]
    """Other successes, which answer the same shape: status → description."""


class Noun(Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """A blueprint for one noun of the contract."""

    def __init__(self, name: str, *, description: str) -> None:
        super().__init__(name, f"service.api.{name}", description=description)

    def verb(
        self, action: str, operation_id: str, shape: Any, **options: Unpack[Options]
    ) -> Callable[[View], View]:
        """Declare a view: what it does, takes and answers.

        ``action`` stands in the policy table; ``shape`` is the answer's. The view is called
        with the loaded ``query`` and ``body`` (where it declares one) and the path's parts, by
        name, and returns a Response.
        """
        loads_query = options["query"]() if "query" in options else None
        loads_body = options["body"]() if "body" in options else None
        optional = options.get("body_optional", False)
        take_lines = options.get("lines")

        def declare(view: View) -> View:
            @wraps(view)
            def run(*args: Any, **path: Any) -> Response:
                if loads_query is not None:
                    path["query"] = parameters.query(request, loads_query)
                elif request.args:
                    parameters.given(request, None)
                if take_lines is not None and request.mimetype == jsonbody.NDJSON:
                    return take_lines(**path)
                if loads_body is not None:
                    path["body"] = parameters.body(request, loads_body, optional=optional)
                elif request.method in jsonbody.WRITES:
                    jsonbody.refuse_body(request)
                return view(*args, **path)

            run._apidoc = self._describe(  # type: ignore[attr-defined]  # flask-smorest's name
                run, action, operation_id, shape, options
            )
            run.shape = shape  # type: ignore[attr-defined]  # what tests hold answers against
            run.query = options.get("query")  # type: ignore[attr-defined]  # what the index names
            return allows(action)(run)

        return declare

    def _describe(
        self, run: View, action: str, operation_id: str, shape: Any, options: Options
    ) -> dict[str, Any]:
        """Return what flask-smorest's decorators say of an operation, with our errors."""
        status = options.get("status", 200)
        described: Any = run
        if "body" in options:
            described = self.arguments(
                options["body"],
                location="json",
                required=not options.get("body_optional", False),
                example=options.get("example"),
            )(described)
        if "query" in options:
            described = self.arguments(options["query"], location="query")(described)
        names = dict.fromkeys([*options.get("headers", ()), *_usual_headers(options)])
        described = self.response(
            status,
            shape,
            content_type=options.get("media_type"),
            example=options.get("answers"),
            description=HTTPStatus(status).phrase,
            headers={name: HEADERS[name] for name in names} or None,
        )(described)
        apidoc: dict[str, Any] = described._apidoc
        apidoc.setdefault("arguments", {}).pop("responses", None)
        responses = apidoc["response"]["responses"]
        for code, description in options.get("also", {}).items():
            responses[code] = [{**responses[status][0], "description": description}]
        for problem in _problems(action, options):
            responses[problem] = [f"Problem{problem}"]
        _describe_headers(apidoc, options)
        apidoc["manual_doc"] = {
            "operationId": operation_id,
            "security": [{}, {"token": []}] if action in ANYONE else [{"token": []}],
            **(LINES if "lines" in options else {}),
        }
        return apidoc


def _problems(action: str, options: Options) -> list[int]:
    """Return the statuses of every problem that an operation can answer."""
    slugs = {*ANY_PROBLEMS, *options.get("problems", ())}
    if action not in ANYONE:
        slugs |= WRITING_PROBLEMS
    if "body" in options:
        slugs |= BODY_PROBLEMS
    if options.get("guarded"):
        slugs |= GUARDED_PROBLEMS
    return sorted({TYPES[slug].status for slug in slugs})


def _usual_headers(options: Options) -> Iterator[str]:
    """Yield the headers that a success has by what was declared."""
    if options.get("repeatable"):
        yield "Idempotency-Replayed"
    if options.get("reading"):
        asked = options["query"]().fields if "query" in options else ()
        yield "ETag"
        if "position" in asked:
            yield "Content-Location"
        if "cursor" in asked:
            yield "Link"


def _describe_headers(apidoc: dict[str, Any], options: Options) -> None:
    named = apidoc["arguments"].setdefault("parameters", [])
    if options.get("reading"):
        named.append("IfNoneMatch")
        apidoc["response"]["responses"][304] = ["NotModified"]
    if options.get("guarded"):
        named.append("IfMatch")
    if options.get("repeatable"):
        named.append("IdempotencyKey")


def _header(description: str, example: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}, "example": example}


LINES: Mapping[str, Any] = {
    "requestBody": {"content": {jsonbody.NDJSON: {"schema": LineIn, "example": LINES_EXAMPLE}}},
    "responses": {
        200: {"content": {jsonbody.NDJSON: {"schema": LineDone, "example": DONE_EXAMPLE}}}
    },
}
"""What the description says of a body of many lines: one schema a line."""

HEADERS: Mapping[str, Any] = {
    "ETag": _header("The version, for If-Match and If-None-Match.", '"75-1554501599999999-0.0.1"'),
    "Location": _header("The address of what was made.", "/v1/stories/tripoli-2019"),
    "Content-Location": _header(
        "The pinned address of this very answer.",
        "/v1/stories/tripoli-2019/situation?as_of=2019-04-05T21:59:59.999999Z&position=75",
    ),
    "Link": _header("The next page, or other versions.", '</v1/stories?cursor=…>; rel="next"'),
    "Idempotency-Replayed": _header("true when the answer was given before.", "true"),
}
