"""Loading a shape: what was sent becomes plain data, or one refusal that names every fault."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, ValidationError

from service.domain.refusals import Invalid


def load(schema: Schema, data: Any) -> dict[str, Any]:
    """Return ``data`` as ``schema`` loads it. Raises ``Invalid`` with every fault by path."""
    try:
        loaded: dict[str, Any] = schema.load(data)
    except ValidationError as error:
        raise Invalid(flat(error.messages)) from None
    return loaded


def flat(messages: Any) -> dict[str, list[str]]:
    """Return marshmallow's nested messages by path: ``{"actors.0.role": ["…"]}``."""
    found: dict[str, list[str]] = {}
    for path, message in _walk(messages, ()):
        found.setdefault(".".join(path) or "_", []).append(message)
    return found


def _walk(messages: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            # marshmallow puts an object's own faults under _schema.
            yield from _walk(inner, path if name == "_schema" else (*path, str(name)))
    elif isinstance(messages, list | tuple):
        for inner in messages:
            yield from _walk(inner, path)
    else:
        yield path, str(messages)
