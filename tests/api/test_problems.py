"""One shape for every error; each refusal of the domain told once, as its own problem."""

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from schemas.problems import Problem as Shape
from service.api import problems
from service.api.problem_types import OF_STATUS, TYPES
from service.api.problems import Problem
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

PATH = "/v1/things/a/developments"


def all_refusals(root: type[Refusal] = Refusal) -> set[type[Refusal]]:
    return {one for sub in root.__subclasses__() for one in {sub, *all_refusals(sub)}}


REFUSALS: list[tuple[Refusal, int, str]] = [
    (Malformed("Not JSON."), 400, "malformed"),
    (TooLarge("Too long."), 413, "too-large"),
    (Invalid({"kind": ["No kind."]}, {"kind": ["meeting"]}), 422, "invalid"),
    (NotFound("There is no story."), 404, "not-found"),
    (Forbidden("Not yours."), 403, "forbidden"),
    (Conflict("story-closed", "Closed."), 409, "story-closed"),
    (Conflict("withdrawn", "Withdrawn."), 409, "withdrawn"),
    (Conflict("slug-taken", "Taken."), 409, "slug-taken"),
    (Conflict("external-id-taken", "Taken."), 409, "external-id-taken"),
    (Conflict("something-new", "Other."), 409, "conflict"),
    (PreconditionRequired("Which?", etag='"a.1.0"', version=1), 428, "precondition-required"),
    (
        PreconditionFailed("Stale.", etag='"a.2.0"', version=2, differs={"body": {}}),
        412,
        "precondition-failed",
    ),
    (Erased("Erased."), 410, "erased"),
    (Unavailable("Busy.", retry_after=3), 503, "unavailable"),
]  # fmt: skip


def test_every_refusal_is_in_the_table() -> None:
    assert {type(refusal) for refusal, _, _ in REFUSALS} == all_refusals()


@pytest.mark.parametrize(
    ("refusal", "status", "slug"), REFUSALS, ids=[slug for _, _, slug in REFUSALS]
)
def test_a_refusal_is_told_as_its_problem(
    reader: Any, raises: list[Exception], refusal: Refusal, status: int, slug: str
) -> None:
    raises.append(refusal)

    answer = reader("GET", PATH)

    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    body = json.loads(answer.data)
    assert not Shape().validate(body)
    assert body["type"] == f"/problems/{slug}"
    assert body["status"] == status
    assert body["title"] == TYPES[slug].title
    assert body["detail"] == refusal.says
    assert body["instance"] == PATH
    for name, fact in refusal.facts.items():
        assert body[name] == fact


def test_errors_and_suggestions_go_along(reader: Any, raises: list[Exception]) -> None:
    raises.append(Invalid({"kind": ["No kind."]}, {"kind": ["meeting"]}))

    body = reader("GET", PATH).json

    assert body["errors"] == {"kind": ["No kind."]}
    assert body["suggestions"] == {"kind": ["meeting"]}


def test_a_stale_act_is_told_the_current_tag(reader: Any, raises: list[Exception]) -> None:
    raises.append(PreconditionFailed("Stale.", etag='"a.2.0"', version=2))

    assert reader("GET", PATH).headers["ETag"] == '"a.2.0"'


def test_who_must_wait_is_told_how_long(reader: Any, raises: list[Exception]) -> None:
    raises.append(Unavailable("Busy.", retry_after=3))

    assert reader("GET", PATH).headers["Retry-After"] == "3"


def test_facts_never_overwrite_what_the_standard_means() -> None:
    refusal = Conflict("slug-taken", "Taken.", type="x", status="y", slug="gharyan")

    document = problems.of_refusal(refusal).document()

    assert document["type"] == "/problems/slug-taken"
    assert document["status"] == 409
    assert document["slug"] == "gharyan"


def test_what_breaks_shows_no_insides(
    reader: Any, raises: list[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    raises.append(RuntimeError("password=hunter2 at /srv/secret.py"))

    answer = reader("GET", PATH)

    assert answer.status_code == 500
    assert answer.json["type"] == "/problems/internal"
    for inside in ("hunter2", "secret.py", "RuntimeError", "Traceback"):
        assert inside not in answer.text
    assert "hunter2" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1/things/Not-A-Slug/pins", 404),
        ("GET", "/v1/things/" + "a" * 81 + "/pins", 404),
        ("GET", "/v1/things/a%2Fb/pins", 404),
        ("GET", "/%00", 404),
        ("GET", "/v1/things/a/developments/not-an-id/corrections", 404),
        ("DELETE", PATH, 405),
        ("PROPFIND", PATH, 405),
    ],
)
def test_what_flask_refuses_has_the_same_shape(
    reader: Any, method: str, path: str, status: int
) -> None:
    answer = reader(method, path)

    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert not Shape().validate(answer.json)
    if status == 405:
        assert "GET" in answer.headers["Allow"]


def bare_app(raised: Exception) -> Flask:
    bare = Flask("bare")
    problems.register(bare)

    def view() -> str:
        raise raised

    bare.add_url_rule("/", "bare", view)
    return bare


@pytest.mark.parametrize("status", [402, 406, 418, 429, 431, 501, 507])
def test_a_bare_status_keeps_its_number(status: int) -> None:
    error = HTTPException("Not this way.")
    error.code = status

    answer = bare_app(error).test_client().get("/")

    assert answer.status_code == answer.json["status"] == status
    assert answer.json["type"].startswith("/problems/")


def test_a_redirect_is_no_error() -> None:
    bare = bare_app(RequestRedirect("/elsewhere"))

    assert bare.test_client().get("/").headers["Location"] == "/elsewhere"


def test_every_type_is_told_in_full() -> None:
    for kind in TYPES.values():
        assert kind.address == f"/problems/{kind.slug}"
        assert kind.title[0].isupper()
        assert not kind.title.endswith(".")
        for sentence in (kind.why, kind.mend):
            assert sentence[0].isupper() or sentence.split()[0].isidentifier(), kind.slug
            assert sentence.endswith("."), kind.slug
        assert kind.curl.startswith("curl ")


def test_every_status_has_the_type_of_its_status() -> None:
    for status, kind in OF_STATUS.items():
        assert kind.status == status


def test_a_problem_outside_a_request_is_a_line_of_ndjson() -> None:
    document = Problem("invalid", "No.", errors={"kind": ["x"]}).document()

    assert "instance" not in document
    assert not Shape().validate(document)
