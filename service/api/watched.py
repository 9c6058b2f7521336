"""Each request gets an id, and is told of when it is answered: to the watch, and as a log line.

It stands around everything, the kept answers too (``recall``). On the way in it only notes the
time; what the application knows of a request it leaves in the request's environment.

======================  ======================================================================
``X-Request-ID``        on every answer; a proxy's own is taken over where proxies are trusted
log line                operation, status, seconds, and for who reports: token id, newsroom,
                        position
======================  ======================================================================

Rules for editors: no raw path, no query, no header's value and nothing of a body goes on from
here. Whatever is added here is paid for by every kept answer.
"""

import itertools
import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.routing import Rule

from service.api.environ import (
    OPERATION,
    POSITION,
    PROBLEM,
    READER,
    RECALLED,
    REQUEST_ID,
    STAND,
    STREAMED,
)
from service.watch import Watch

HEADER = "X-Request-ID"

WELL_FORMED = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{7,99}")
"""A request id that is taken over: printable, without a space, long enough to be one."""

PREFIX_BYTES = 6
"""Random bytes before the number, so that no two processes give one id."""

UNMATCHED = "none"
"""The operation of a request for an address that is none."""

READS = ("GET", "HEAD", "OPTIONS")
"""Methods that write nothing."""

Environ = dict[str, Any]
Start = Callable[..., Any]

_log = logging.getLogger(__name__)
_parts = re.compile(r"<(?:[^<>]*:)?([a-z_]+)>")
_templates: dict[str, str] = {}


def operation(rule: Rule | None) -> str:
    """Return a route's template, as the API description writes it."""
    if rule is None:
        return UNMATCHED
    made = _templates.get(rule.rule)
    if made is None:
        made = _templates[rule.rule] = _parts.sub(r"{\1}", rule.rule)
    return made


def facts(environ: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a log may say of a request, as far as it is known by now."""
    told: dict[str, Any] = {
        "request_id": environ.get(REQUEST_ID),
        "method": environ["REQUEST_METHOD"],
        "operation": environ.get(OPERATION) or UNMATCHED,
    }
    reader = environ.get(READER)
    if reader is not None and not reader.anonymous:
        told |= {"by": reader.by, "newsroom": reader.newsroom}
    for name, key in (("problem", PROBLEM), ("position", POSITION)):
        if key in environ:
            told[name] = environ[key]
    return told


def register(app: Flask) -> None:
    """Make ``app`` leave word of each request; before whatever may refuse it."""

    def begins() -> None:
        request.environ[OPERATION] = operation(request.url_rule)

    def ends(response: Response) -> Response:
        environ = request.environ
        environ[READER] = g.get("reader")
        if response.is_streamed:
            environ[STREAMED] = True
        return response

    app.before_request(begins)
    app.after_request(ends)


class Watched:
    """A WSGI application around another: it gives ids, tells the watch, and writes log lines.

    ``trusting``: a proxy in front may say the id. ``lines`` says which requests have a line in
    the log: ``none``, ``writes`` (and what failed), or ``all``.
    """

    def __init__(
        self,
        behind: Callable[[Environ, Any], Iterable[bytes]],
        watch: Watch,
        *,
        trusting: bool,
        lines: str,
    ) -> None:
        self._behind = behind
        self._watch = watch
        self._trusting = trusting
        self._lines = lines
        self._prefix = secrets.token_hex(PREFIX_BYTES)
        self._numbers = itertools.count(1)

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        begun = time.perf_counter()
        environ[REQUEST_ID] = request_id = self._id(environ)
        said = "500"

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            nonlocal said
            said = status
            headers.append((HEADER, request_id))
            return start_response(status, headers, *more)

        body = self._behind(environ, start)
        if STREAMED in environ:
            return _Streamed(body, lambda: self._tell(environ, said, begun))
        self._tell(environ, said, begun)
        return body

    def _id(self, environ: Environ) -> str:
        if self._trusting:
            given = environ.get("HTTP_X_REQUEST_ID", "")
            if WELL_FORMED.fullmatch(given):
                return str(given)
        return f"{self._prefix}-{next(self._numbers):x}"

    def _tell(self, environ: Environ, status: str, begun: float) -> None:
        seconds = time.perf_counter() - begun
        method = environ["REQUEST_METHOD"]
        kept = "hit" if RECALLED in environ else "miss" if STAND in environ else "none"
        route = environ.get(OPERATION) or UNMATCHED
        self._watch.answered(route, method, status, kept, seconds)
        if PROBLEM in environ:
            self._watch.problem(environ[PROBLEM])
        failed = status[0] == "5"
        if self._lines == "all" or (self._lines == "writes" and (failed or method not in READS)):
            level = logging.WARNING if failed else logging.INFO
            if _log.isEnabledFor(level):
                line = facts(environ) | {"status": int(status[:3]), "seconds": round(seconds, 6)}
                _log.log(level, "request", extra=line)


class _Streamed:
    """A body that is made while it is sent; told of when it has ended, however it ends."""

    def __init__(self, body: Iterable[bytes], ended: Callable[[], None]) -> None:
        self._body = body
        self._ended = ended

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        """End it: PEP 3333 has the server call this, whatever happened."""
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._ended()
