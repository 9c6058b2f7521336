"""Answers: bytes out. What is stored as bytes goes out as it is; the rest is written compactly."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Response

from service.api.jsonbody import JSON

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def dumps(document: Any) -> bytes:
    """Return a document as compact JSON in UTF-8."""
    return _ENCODER.encode(document).encode()


def answer(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON answer; ``document`` may be bytes that are JSON already."""
    body = document if isinstance(document, bytes) else dumps(document)
    response = Response(body, status=status, content_type=JSON)
    if headers:
        response.headers.extend(headers)
    return response


def empty(status: int = 204, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer without a body."""
    response = Response(status=status, headers=headers)
    response.headers.pop("Content-Type", None)
    return response
