"""Where to go on from an answer (OpenAPI's links): what its parts are called at the next address.

A client that reads links finds from a story to its developments, and from a version of one to the
acts on it, with the ETag that they must name.

Rules for editors: a link names operations that exist and parameters that they take; the tests walk
them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

METHODS = frozenset({"get", "post", "put", "patch", "delete"})

OF_STORY = {"story": "$response.body#/id"}
OF_DEVELOPMENT = {"story": "$response.body#/story", "development": "$response.body#/id"}
ACTED_ON = {**OF_DEVELOPMENT, "header.If-Match": "$response.header.ETag"}
MARKED = {"story": "$request.path.story", "development": "$response.body#/development"}
OF_MEMBER = {"story": "$request.path.story"}
GOING_ON = {"story": "$request.path.story", "query.cursor": "$response.body#/next"}

STORY: Mapping[str, Mapping[str, str]] = {
    "getStory": OF_STORY,
    "getSituation": OF_STORY,
    "listDevelopments": OF_STORY,
    "reportDevelopment": OF_STORY,
    "closeStory": OF_STORY,
    "reopenStory": OF_STORY,
}
DEVELOPMENT: Mapping[str, Mapping[str, str]] = {
    "getDevelopment": OF_DEVELOPMENT,
    "listVersions": OF_DEVELOPMENT,
    "getVersion": {**OF_DEVELOPMENT, "version": "$response.body#/version"},
    "updateDevelopment": ACTED_ON,
    "correctDevelopment": ACTED_ON,
    "clarifyDevelopment": ACTED_ON,
    "refileDevelopment": ACTED_ON,
    "verifyDevelopment": ACTED_ON,
    "withdrawDevelopment": ACTED_ON,
    "pinDevelopment": OF_DEVELOPMENT,
    "markKeyEvent": OF_DEVELOPMENT,
}

LINKS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "openStory": STORY,
    "getStory": STORY,
    "reportDevelopment": DEVELOPMENT,
    "updateDevelopment": DEVELOPMENT,
    "correctDevelopment": DEVELOPMENT,
    "clarifyDevelopment": DEVELOPMENT,
    "refileDevelopment": DEVELOPMENT,
    "verifyDevelopment": DEVELOPMENT,
    "withdrawDevelopment": {
        name: DEVELOPMENT[name] for name in ("getDevelopment", "listVersions", "getVersion")
    },
    "getDevelopment": DEVELOPMENT,
    "pinDevelopment": {"getDevelopment": MARKED, "unpinDevelopment": MARKED},
    "markKeyEvent": {"getDevelopment": MARKED, "unmarkKeyEvent": MARKED},
    "putActor": {"getActor": {**OF_MEMBER, "actor": "$response.body#/id"}},
    "putPlace": {"getPlace": {**OF_MEMBER, "place": "$response.body#/id"}},
    "listDevelopments": {"listDevelopments": GOING_ON},
    "listHistory": {"listHistory": GOING_ON},
}
"""Operation → the operations that its successes lead to → their parameters."""


def add(described: dict[str, Any]) -> None:
    """Write the links into an API description, in place."""
    operations = dict(_operations(described))
    for name, operation in operations.items():
        found = {
            target: {"operationId": target, "parameters": dict(parameters)}
            for target, parameters in LINKS.get(name, {}).items()
            if target in operations
        }
        for status, response in operation["responses"].items():
            if found and status in ("200", "201"):
                response["links"] = found


def _operations(described: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in described["paths"].values():
        for method in METHODS & set(path):
            yield path[method]["operationId"], path[method]
