"""/openapi.json and /docs say all that runs: operations, parameters, answers, every error."""

import html
import json
import re
from typing import Any

import pytest
from openapi_spec_validator import validate

from service.api.problem_types import TYPES
from tests.api.served import Caller

METHODS = {"get", "post", "put", "patch", "delete"}
UNDESCRIBED = {"/openapi.json", "/docs", "/problems", "/problems/<slug:problem>"}
"""Pages about the API; pages for readers are no part of it either."""


@pytest.fixture(scope="module")
def described(tripoli: Caller) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(tripoli.ask("/openapi.json").data)
    return found


def operations(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation: path, method, what is said of it."""
    return [
        (path, method, item[method])
        for path, item in described["paths"].items()
        for method in METHODS & set(item)
    ]


def test_it_is_valid_openapi(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    validate(described)


def test_every_route_is_described(tripoli: Caller, described: dict[str, Any]) -> None:
    there = {(path, method) for path, method, _ in operations(described)}

    for rule in tripoli.app.url_map.iter_rules():
        if rule.rule in UNDESCRIBED or rule.endpoint.startswith("pages."):
            continue
        path = re.sub(r"<(?:[^<>]*:)?([a-z_]+)>", r"{\1}", rule.rule)
        for method in {name.lower() for name in rule.methods or ()} & METHODS:
            assert (path, method) in there, rule


def test_every_operation_has_an_id_a_summary_and_its_errors(described: dict[str, Any]) -> None:
    ids = []
    for path, method, operation in operations(described):
        ids.append(operation["operationId"])
        assert operation["summary"].endswith("."), path
        assert re.fullmatch(r"[a-z]+[A-Za-z]+", operation["operationId"])
        errors = {status for status in operation["responses"] if int(status) >= 400}
        assert {"400", "401", "404", "422", "500", "503"} <= errors, path
        for status in errors:
            response = operation["responses"][status]
            assert response == {"$ref": f"#/components/responses/Problem{status}"}
        if method != "get":
            assert {"403", "413", "415"} <= errors, path
    assert len(ids) == len(set(ids))


def test_every_error_has_an_example_of_each_of_its_types(described: dict[str, Any]) -> None:
    for name, response in described["components"]["responses"].items():
        if name.startswith("Problem"):
            examples = response["content"]["application/problem+json"]["examples"]
            status = int(name.removeprefix("Problem"))
            assert set(examples) == {kind.slug for kind in TYPES.values() if kind.status == status}


def test_every_parameter_and_field_says_what_it_means(described: dict[str, Any]) -> None:
    for path, _, operation in operations(described):
        of_path = described["paths"][path].get("parameters", [])
        for parameter in [*of_path, *operation.get("parameters", [])]:
            if "$ref" not in parameter:
                assert parameter["description"], (path, parameter["name"])
    for name, schema in described["components"]["schemas"].items():
        for field, of in schema.get("properties", {}).items():
            assert of.get("description"), f"{name}.{field}"


def test_every_parameter_and_body_has_an_example(described: dict[str, Any]) -> None:
    for path, item in described["paths"].items():
        of_path = item.get("parameters", [])
        for method in METHODS & set(item):
            for parameter in [*of_path, *item[method].get("parameters", [])]:
                if "$ref" in parameter or parameter["name"] == "cursor":
                    continue
                said = parameter.get("example", parameter["schema"].get("example"))
                assert said is not None, (path, parameter["name"])
            for content in item[method].get("requestBody", {}).get("content", {}).values():
                assert (
                    "example" in content
                    or "properties" in str(content["schema"])
                    or _exampled(described, content["schema"])
                ), path


def _exampled(described: dict[str, Any], schema: dict[str, Any]) -> bool:
    """Whether each required field of a shape has an example, or a shape of its own."""
    shape = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return all(
        "example" in shape["properties"][name] or "$ref" in json.dumps(shape["properties"][name])
        for name in shape.get("required", ())
    )


def test_readings_are_conditional_open_and_pinned(described: dict[str, Any]) -> None:
    for path, method, operation in operations(described):
        if method != "get" or path in ("/healthz", "/readyz"):
            continue
        assert operation["security"] == [{}, {"token": []}], path
        assert "304" in operation["responses"], path
        headers = operation["responses"]["200"]["headers"]
        assert "ETag" in headers
        names = {one.get("name") for one in operation.get("parameters", [])}
        assert ("Content-Location" in headers) == ("position" in names), path
        if "cursor" in names:
            assert "Link" in headers, path


def test_acts_on_developments_name_the_version(described: dict[str, Any]) -> None:
    guarded = [
        operation for path, method, operation in operations(described)
        if "{development}/" in path and method == "post"
    ]  # fmt: skip

    assert len(guarded) >= 6
    for operation in guarded:
        assert {"409", "410", "412", "428"} <= set(operation["responses"])
        assert {"$ref": "#/components/parameters/IfMatch"} in operation["parameters"]


def test_shapes_refuse_what_is_not_in_them(described: dict[str, Any]) -> None:
    shapes = described["components"]["schemas"]

    assert shapes["Situation"]["additionalProperties"] is False
    assert "PaginationMetadata" not in shapes


def test_each_shape_is_used(described: dict[str, Any]) -> None:
    said = json.dumps(described)

    for name in described["components"]["schemas"]:
        assert f'"#/components/schemas/{name}"' in said, name


# --- /docs ---------------------------------------------------------------------------------


def test_the_docs_have_every_operation_and_shape(
    tripoli: Caller, described: dict[str, Any]
) -> None:
    text = tripoli.ask("/docs").get_data(as_text=True)

    for path, method, operation in operations(described):
        assert f'id="{operation["operationId"]}"' in text
        assert f"<code>{html.escape(path)}</code>" in text
        assert f'<span class="method">{method.upper()}</span>' in text
    for name in described["components"]["schemas"]:
        assert f'id="{name}"' in text


def test_every_link_in_the_docs_leads_somewhere(tripoli: Caller) -> None:
    text = tripoli.ask("/docs").get_data(as_text=True)
    there = set(re.findall(r'id="([^"]+)"', text))

    for link in set(re.findall(r'href="([^"]+)"', text)):
        if link.startswith("#"):
            assert link[1:] in there, link
        else:
            assert tripoli.ask(link).status_code == 200, link


def test_the_docs_have_no_id_twice(tripoli: Caller) -> None:
    ids = re.findall(r'id="([^"]+)"', tripoli.ask("/docs").get_data(as_text=True))

    assert len(ids) == len(set(ids))
