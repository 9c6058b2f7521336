"""The API description says what runs: every operation, parameter, error, in valid OpenAPI 3.1."""

import json
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import validate

from service.api.spec import _PARAMETERS


@pytest.fixture
def described(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(app.test_client().get("/openapi.json").data)
    return found


def test_it_is_valid(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    validate(described)


def test_every_operation_has_an_id_of_its_own(described: dict[str, Any]) -> None:
    ids = [
        operation["operationId"]
        for path in described["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    ]

    assert sorted(ids) == ["auditThing", "correctThing", "listThings", "pinThing", "reportThing"]


def test_errors_are_problems(described: dict[str, Any]) -> None:
    for name, response in described["components"]["responses"].items():
        if name.startswith("Problem"):
            content = response["content"]
            assert list(content) == ["application/problem+json"]
            schema = content["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}


def operation(described: dict[str, Any], name: str) -> dict[str, Any]:
    for path in described["paths"].values():
        for method, found in path.items():
            if method != "parameters" and found["operationId"] == name:
                return {**found, "of_path": path.get("parameters", [])}
    raise AssertionError(name)


def test_a_reading_says_that_it_is_conditional_and_how_it_fails(described: dict[str, Any]) -> None:
    reading = operation(described, "listThings")

    assert set(reading["responses"]) == {
        "200",
        "304",
        "400",
        "401",
        "404",
        "414",
        "422",
        "500",
        "503",
    }
    assert {"$ref": "#/components/parameters/IfNoneMatch"} in reading["parameters"]
    assert reading["security"] == [{}, {"token": []}]


def test_an_act_says_that_it_is_guarded_and_needs_a_token(described: dict[str, Any]) -> None:
    act = operation(described, "correctThing")

    assert {"403", "409", "410", "412", "413", "415", "422", "428"} <= set(act["responses"])
    assert {"$ref": "#/components/parameters/IfMatch"} in act["parameters"]
    assert act["security"] == [{"token": []}]
    assert act["requestBody"]["required"] is True


def test_parameters_of_the_path_say_their_form(described: dict[str, Any]) -> None:
    named = {one["name"]: one for one in operation(described, "correctThing")["of_path"]}

    assert named["thing"]["schema"]["pattern"].startswith("^[a-z0-9]")
    assert named["id"]["schema"]["format"] == "uuid"


def test_bounds_and_examples_of_fields_are_told(described: dict[str, Any]) -> None:
    shapes = described["components"]["schemas"]
    headline = shapes["DevelopmentIn"]["properties"]["headline"]

    assert headline["maxLength"] == 300
    assert headline["example"]
    assert shapes["DevelopmentIn"]["additionalProperties"] is False
    assert shapes["DevelopmentIn"]["properties"]["sources"]["minItems"] == 1
    assert shapes["CorrectingChangesIn"]["properties"]["body"]["type"] == ["string", "null"]
    assert set(shapes["DevelopmentIn"]["required"]) == {"headline", "occurred", "sources"}


def test_headers_are_parameters_of_their_own() -> None:
    assert {one["name"] for one in _PARAMETERS.values()} == {
        "If-Match",
        "If-None-Match",
        "Idempotency-Key",
    }


def test_it_is_conditional_itself(app: Flask) -> None:
    client = app.test_client()
    tag = client.get("/openapi.json").headers["ETag"]

    assert client.get("/openapi.json", headers={"If-None-Match": tag}).status_code == 304
