"""What the HTTP door costs: readings against a constant Flask route of the same bytes.

Both are called as WSGI applications in this process, in turn: no socket, no server, so that what
is compared is the service's own work.
"""

import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import orjson
from flask import Flask, Response, request

from benchmarks import stores, work
from benchmarks.rows import Row
from schemas.developments import DevelopmentIn
from service.app import create_app
from service.assembly import Onrecord

REPORTS = 1_000
CALLS = 300
RUNS = 5
PATH = f"/v1/stories/{work.STORY}"


def rows(path: Path) -> Iterator[Row]:
    """Yield a row for each reading, and one for the report."""
    clock = work.Clock()
    with stores.sqlite_house(path, clock) as house:
        house.recorder.record_many(work.opening())
        work.tell(house.recorder.record_many, clock, REPORTS)
        app = create_app(house.settings, house)
        for name, address in _readings(house).items():
            yield from _compared(app, name, address)
        yield _report(app, house, clock)


def _readings(house: Onrecord) -> dict[str, str]:
    listed = create_app(house.settings, house).test_client().get(f"{PATH}/developments?limit=1")
    one = listed.get_json()["items"][0]["id"]
    return {
        "present situation": f"{PATH}/situation",
        "timeline page": f"{PATH}/developments",
        "one development": f"{PATH}/developments/{one}",
    }


def _compared(app: Flask, name: str, address: str) -> Iterator[Row]:
    first = app.test_client().get(address)
    constant = _constant(first.get_data())
    ratio, ours, theirs = _ratio(lambda: _call(app, address), lambda: _call(constant, "/constant"))
    note = f"{ours:,.0f}/s; constant {theirs:,.0f}/s"
    yield Row(
        what=f"{name} over HTTP", store="SQLite", result=ratio, floor=0.7, aim=0.9,
        unit="× a constant route", note=note,
    )  # fmt: skip
    known = {"HTTP_IF_NONE_MATCH": first.headers["ETag"]}
    ratio, ours, theirs = _ratio(
        lambda: _call(app, address, None, **known), lambda: _call(constant, "/constant")
    )
    yield Row(
        what=f"{name}, 304", store="SQLite", result=ratio, floor=0.7, aim=0.95,
        unit="× a constant route", note=f"{ours:,.0f}/s",
    )  # fmt: skip


def _report(app: Flask, house: Onrecord, clock: work.Clock) -> Row:
    import random

    token = house.create_token(newsroom=work.DESK.newsroom, role="editor", name="bench")
    chance, numbers = random.Random(5), iter(range(REPORTS, 10**9))
    stored = _validating()

    def post(to: Flask, address: str) -> None:
        clock.at += work.MINUTE
        said = orjson.dumps(work.body(chance, next(numbers), clock.at))
        _call(to, address, body=said, HTTP_AUTHORIZATION=f"Bearer {token}")

    ratio, ours, theirs = _ratio(
        lambda: post(app, f"{PATH}/developments"), lambda: post(stored, "/validated")
    )
    return Row(
        what="report over HTTP, one client", store="SQLite", result=ratio, floor=None, aim=None,
        unit="× the route without a store", note=f"{ours:,.0f}/s; without {theirs:,.0f}/s",
    )  # fmt: skip


def _constant(body: bytes) -> Flask:
    app = Flask("constant")

    @app.get("/constant")
    def constant() -> Response:
        return Response(body, mimetype="application/json")

    return app


def _validating() -> Flask:
    app, shape = Flask("validating"), DevelopmentIn()

    @app.post("/validated")
    def validated() -> Response:
        return Response(orjson.dumps(shape.load(request.get_json())), mimetype="application/json")

    return app


def _ratio(ours: Callable[[], None], theirs: Callable[[], None]) -> tuple[float, float, float]:
    """Return ours as a multiple of theirs, and both a second: medians of interleaved runs."""
    pairs = [(_rate(ours), _rate(theirs)) for _ in range(RUNS)]
    ratio = median(a / b for a, b in pairs)
    return ratio, median(a for a, _ in pairs), median(b for _, b in pairs)


def _rate(call: Callable[[], None]) -> float:
    begins = time.perf_counter()
    for _ in range(CALLS):
        call()
    return CALLS / (time.perf_counter() - begins)


def _call(app: Flask, address: str, body: bytes | None = None, **environ: str) -> None:
    path, _, query = address.partition("?")
    asked: dict[str, Any] = {
        "REQUEST_METHOD": "GET" if body is None else "POST",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body or b""),
        "wsgi.errors": io.StringIO(),
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **environ,
    }
    if body is not None:
        asked |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body))}
    said: list[str] = []

    def start(status: str, headers: Any, error: Any = None) -> Callable[[bytes], object]:
        said.append(status)
        return lambda _: None

    answer = app.wsgi_app(asked, start)
    for _ in answer:
        pass
    close = getattr(answer, "close", None)
    if close:
        close()
    if said[0][0] not in "23":
        raise RuntimeError(f"{address}: {said[0]}")
