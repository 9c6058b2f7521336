"""Problems: the one shape of every error (RFC 9457), made in one place.

``Problem`` is what the door raises of its own; ``of_refusal`` maps what comes from below, and
``of_http`` what comes from Flask and werkzeug. Nothing else in the service makes an error
answer.

Rules for editors: ``detail`` is one or two plain sentences about *this* request; it repeats no
token and nothing of the house's insides. More facts are members beside it, named in snake case.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, has_request_context, request
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed
from werkzeug.wrappers import Response as AnyResponse

from service.api.environ import PROBLEM
from service.api.problem_types import OF_STATUS, TYPES, ProblemType
from service.domain.refusals import (
    Conflict,
    Erased,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    Refusal,
    TooLarge,
    Unavailable,
)

MEDIA_TYPE = "application/problem+json"

ERRORS_MOST = 100
"""Faulty fields named in one problem: a body full of faults gets no answer as long as itself."""

STANDARD = frozenset({"type", "title", "status", "detail", "instance", "errors", "suggestions"})
"""Members that facts may not overwrite."""

Errors = Mapping[str, Sequence[str]]

_OF_REFUSAL: Mapping[type[Refusal], str] = {
    Malformed: "malformed",
    TooLarge: "too-large",
    Invalid: "invalid",
    Forbidden: "forbidden",
    NotFound: "not-found",
    Conflict: "conflict",
    PreconditionRequired: "precondition-required",
    PreconditionFailed: "precondition-failed",
    Erased: "erased",
    Unavailable: "unavailable",
}


class Problem(Exception):
    """A request that is answered with an error.

    ``slug`` names the type, ``detail`` tells about this request. ``errors`` and
    ``suggestions`` are by field path; ``headers`` go on the answer; ``facts`` into its body.
    """

    def __init__(
        self,
        slug: str,
        detail: str,
        *,
        errors: Errors | None = None,
        suggestions: Errors | None = None,
        headers: Mapping[str, str] | None = None,
        status: int | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.type: ProblemType = TYPES[slug]
        self.status = status or self.type.status
        self.detail = detail
        self.errors = dict(errors or {})
        self.suggestions = dict(suggestions or {})
        self.headers = dict(headers or {})
        self.facts = dict(facts or {})

    def document(self) -> dict[str, Any]:
        """Return the problem as its JSON body says it; also one line of an NDJSON answer."""
        document: dict[str, Any] = {
            "type": self.type.address,
            "title": self.type.title,
            "status": self.status,
            "detail": self.detail,
        }
        if has_request_context():
            document["instance"] = quote(request.path, safe="/:")
        if self.errors:
            document["errors"] = dict(list(self.errors.items())[:ERRORS_MOST])
        if self.suggestions:
            document["suggestions"] = self.suggestions
        document |= {name: fact for name, fact in self.facts.items() if name not in STANDARD}
        return document

    def response(self) -> Response:
        """Return the answer."""
        if has_request_context():
            request.environ[PROBLEM] = self.type.slug
        body = json.dumps(self.document(), ensure_ascii=False, separators=(",", ":"))
        answer = Response(body.encode("utf-8", "replace"), status=self.status, mimetype=MEDIA_TYPE)
        answer.headers.extend(self.headers)
        answer.headers["Cache-Control"] = "no-store"
        return answer


def of_refusal(refusal: Refusal) -> Problem:
    """Return the problem that tells a refusal. The only place where refusals meet HTTP."""
    slug = _OF_REFUSAL.get(type(refusal), "conflict")
    headers = {}
    errors = suggestions = None
    if isinstance(refusal, Conflict) and refusal.code in TYPES:
        slug = refusal.code
    if isinstance(refusal, Invalid):
        errors, suggestions = refusal.errors, refusal.suggestions
    if isinstance(refusal, Unavailable):
        headers["Retry-After"] = str(refusal.retry_after)
    if "etag" in refusal.facts:
        headers["ETag"] = str(refusal.facts["etag"])
    return Problem(
        slug,
        refusal.says,
        errors=errors,
        suggestions=suggestions,
        headers=headers,
        facts=refusal.facts,
    )


def of_http(error: HTTPException) -> Problem:
    """Return the problem that tells an error of Flask or werkzeug."""
    status = error.code or 500
    kind = OF_STATUS.get(status, TYPES["http-error"])
    headers = {
        name: value
        for name, value in error.get_headers()
        if name.lower() not in ("content-type", "content-length")
    }
    return Problem(kind.slug, _detail(error, kind), headers=headers, status=status)


def _detail(error: HTTPException, kind: ProblemType) -> str:
    if isinstance(error, InternalServerError):
        return kind.why
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return f"This address answers to: {allowed}."
    if kind.slug == "not-found":
        return "There is nothing at this address, or nothing that you may read."
    return error.description or kind.why


def _answer_http(error: HTTPException) -> AnyResponse:
    if error.code is None or error.code < 400:
        return error.get_response()
    return of_http(error).response()


def register(app: Flask) -> None:
    """Make ``app`` answer every error as a problem."""
    app.register_error_handler(Problem, Problem.response)
    app.register_error_handler(Refusal, lambda refusal: of_refusal(refusal).response())
    app.register_error_handler(HTTPException, _answer_http)
