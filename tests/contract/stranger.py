"""A stranger who knows the API description and nothing else, and calls every operation with it.

    found = Stranger(app, token=…).calls("examples", "fuzzing", most=5)
    found.faults                                    what an answer did that is not described
    found.answers["POST /v1/stories"]               status → how often

schemathesis makes the requests and judges the answers. Of what the description cannot say (which
kinds, dates, slugs there are; that a version moves on) a request that is meant to be right is told
here, by `put_right`; one that is meant to be wrong goes out as it was made.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.transport.wsgi import WSGITransport

from service.domain.kinds import KINDS

NDJSON = "application/x-ndjson"
ONCE_IN = 4
"""One request in so many keeps the Idempotency-Key of the description's example."""

STATUSES = {
    # 503 is the promised answer to a `min_position` that the record has not reached.
    "not_a_server_error": ["2xx", "3xx", "4xx", "503"],
    # A stale request may be wrong in two ways; either is told first.
    "negative_data_rejection": ["4xx", "503"],
    "missing_required_header": ["4xx"],
    # What only the record can tell: cast, kinds, versions, what is closed or withdrawn.
    "positive_data_acceptance": [
        "2xx", "3xx", "401", "403", "404", "409", "410", "412", "422", "428", "503",
    ],
}  # fmt: skip

OCCURRED = ("now", "2019-04-05", "2019-04", "2019-04-04/2019-04-06", "2019-04-05T10:00:00Z")
MOMENTS = {"as_of", "known_at", "since", "until", "from", "to", "occurred_from", "occurred_to"}
HEAD = 75
"""A position that the founding story has reached."""

ENTITY_TAG = re.compile(r'\*|(W/)?"[!#-~]*"')

_SOCKET_OPTIONS = ("max_redirects", "verify", "cert", "proxies")
_send = WSGITransport.send


def in_process(self: WSGITransport, case: Any, *, session: Any = None, **options: Any) -> Any:
    """Send without the options of a socket, which schemathesis 4.32 hands to the application."""
    kept = {name: value for name, value in options.items() if name not in _SOCKET_OPTIONS}
    return _send(self, case, session=session, **kept)


@schemathesis.serializer(NDJSON)
def a_line(_: Any, value: Any) -> bytes:
    """Many lines are described by one."""
    return value if isinstance(value, bytes) else json.dumps(value).encode() + b"\n"


@schemathesis.deserializer(NDJSON)
def the_first_line(_: Any, response: Any) -> Any:
    """What is answered to it; {} where no line is: an export of before the story's first act."""
    return json.loads((response.content.splitlines() or [b"{}"])[0])


@dataclass
class Found:
    """What became of the calls."""

    faults: dict[tuple[str, str, str], str] = field(default_factory=dict)
    answers: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def takes(self, event: Any) -> None:
        """Note what an event of the engine tells."""
        if isinstance(event, events.NonFatalError | events.FatalError):
            error = getattr(event, "value", None) or getattr(event, "exception", None)
            self.faults[getattr(event, "label", ""), "error", type(error).__name__] = str(error)
        if not isinstance(event, events.ScenarioFinished):
            return
        for case, check in self._failed(event.recorder):
            failure = check.failure_info.failure
            key = (case.operation.label, check.name, failure.title)
            self.faults.setdefault(key, f"{failure.message}\n{check.failure_info.code_sample}")
        for name, made in event.recorder.interactions.items():
            if made.response is not None:
                label = event.recorder.cases[name].value.operation.label
                self.answers[label][made.response.status_code] += 1

    @staticmethod
    def _failed(recorder: Any) -> Iterator[tuple[Any, Any]]:
        for name, checks in recorder.checks.items():
            for check in checks:
                if check.failure_info:
                    yield recorder.cases[name].value, check

    def told(self) -> str:
        """The faults, to be read."""
        return "\n\n".join(f"{' / '.join(key)}\n{says}" for key, says in self.faults.items())


@dataclass
class Stranger:
    """Someone with a token, or without, and the description; `known` are ids on the record."""

    app: Flask
    headers: dict[str, str]
    known: Sequence[str]
    seed: int = 1

    def calls(self, *phases: str, most: int, only: str = ".*", never: str = "^$") -> Found:
        """Call every operation whose id fits `only` and not `never`."""
        schema = schemathesis.openapi.from_wsgi(
            "/openapi.json", self.app, config=self._config(phases, most)
        )
        schema.hook("map_case")(lambda _, case: self.put_right(case))
        schema.hook("filter_failure")(lambda _, failure, case, response: _counts(failure, case))
        chosen = schema.include(operation_id_regex=only).exclude(operation_id_regex=never)
        found = Found()
        for event in from_schema(chosen).execute():
            found.takes(event)
        return found

    def _config(self, phases: Sequence[str], most: int) -> SchemathesisConfig:
        generation = {
            "max-examples": most, "deterministic": True, "no-shrink": True, "database": "none",
        }  # fmt: skip
        return SchemathesisConfig.from_dict(
            {
                "seed": self.seed,
                "cache": {"enabled": False},
                "headers": self.headers,
                "continue-on-failure": True,
                "generation": generation,
                "checks": {name: {"expected-statuses": ok} for name, ok in STATUSES.items()},
                "phases": {"enabled": False, **{name: {"enabled": True} for name in phases}},
            }
        )

    def put_right(self, case: Any) -> Any:
        """Say in a request that is meant to be right what the description cannot know."""
        if case.meta is None or case.meta.generation.mode.is_negative:
            return case
        if case.headers and not _now_and_then(case.body):
            case.headers.pop("Idempotency-Key", None)
        _name_the_known(case.path_parameters or {}, self.known)
        _ask_for_the_known(case.query or {})
        if isinstance(case.body, dict) and case.media_type != NDJSON:
            _say_the_known(case.body)
        return case


def _counts(failure: Any, case: Any) -> bool:
    """Whether a fault is one. A bad line among many harms no other, so the answer to them all is
    200, and each line that is to be repeated has a key of its own, so the header's is refused.
    And schemathesis 4.32 takes 0 for an entity tag, whatever pattern is described."""
    if case.media_type == NDJSON:
        return not failure.title.startswith("Schema-v")
    tag = (case.headers or {}).get("If-Match", "*")
    return "Schema-valid" not in failure.title or ENTITY_TAG.fullmatch(tag) is not None


def _now_and_then(value: Any) -> bool:
    return crc32(repr(value).encode()) % ONCE_IN == 0


def _one_of(known: Sequence[str], said: Any) -> str:
    return known[crc32(repr(said).encode()) % len(known)]


def _name_the_known(path: dict[str, Any], known: Sequence[str]) -> None:
    if "story" in path and not _now_and_then(path["story"]):
        path["story"] = "tripoli-2019"
    if "development" in path and not _now_and_then(path["development"]):
        path["development"] = _one_of(known, path["development"])
    if "slot" in path:
        path["slot"] = "posture:lna"
    if "version" in path:
        path["version"] = 1


def _ask_for_the_known(query: dict[str, Any]) -> None:
    for name in MOMENTS & set(query):
        query[name] = "2019-04-05"
    for name in {"position", "min_position", "since_position"} & set(query):
        query[name] = int(query[name]) % HEAD
    told = {"kind": _one_of(list(KINDS), query.get("kind")), "actor": "lna", "place": "gharyan",
            "bbox": "12.5,32.1,13.9,33.1"}  # fmt: skip
    query.update({name: value for name, value in told.items() if name in query})
    for name in ("cursor", "development"):
        query.pop(name, None)
    for one, other in (("position", "known_at"), ("position", "until"), ("position", "to"),
                       ("since_position", "since")):  # fmt: skip
        if other in query:
            query.pop(one, None)


def _say_the_known(body: dict[str, Any]) -> None:
    if "time_zone" in body:
        body["time_zone"] = "Africa/Tripoli"
    for sentence in body.get("sentences", ()):
        sentence.pop("developments", None)
    for said in (body, body.get("changes")):
        if isinstance(said, dict):
            _report_the_known(said)


def _report_the_known(said: dict[str, Any]) -> None:
    for name in ("actors", "places", "relates_to", "details", "media"):
        if name in said:
            said.pop(name)
    if isinstance(said.get("kind"), str):
        said["kind"] = _one_of(("statement", "meeting", "background"), said["kind"])
    if isinstance(said.get("occurred"), str):
        said["occurred"] = _one_of(OCCURRED, said["occurred"])
    for source in said.get("sources") or ():
        source.pop("published_at", None)
