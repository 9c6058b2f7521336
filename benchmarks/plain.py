"""The applications that ours is compared with, by the same server with the same settings.

``app``: the same bytes from a constant route; a report validated by the same shape and answered.
``unstored()``: ours, of which the recorder alone is left out.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from flask import Flask, Response, request

from schemas.developments import DevelopmentIn
from service.api import house
from service.app import create_app
from service.ledger import Decision

BODIES = "BENCH_BODIES"
"""The variable that names the directory of bodies: each file is a route."""

app = Flask("plain")
_shape = DevelopmentIn()


@app.post("/validated")
def validated() -> Response:
    """Take a report as ours does, up to the store: parse it, load it by its shape, answer it."""
    loaded = _shape.load(orjson.loads(request.get_data()))
    return Response(orjson.dumps(loaded), status=201, mimetype="application/json")


def _constant(body: bytes) -> Response:
    return Response(body, mimetype="application/json")


def unstored() -> Flask:
    """Return our application, whose recorder records the first report and no other.

    Every other one is answered as if it were the first: routing, token, shape, decision and
    answer are as ever, and nothing is decided under the lock, written or committed.
    """
    ours = create_app()
    real = house.at(ours)
    made: list[Any] = []

    def record(decide: Decision) -> Any:
        if not made:
            made.append(real.record(decide))
        return made[0]

    house.move_in(ours, replace(real, record=record))
    return ours


for _file in sorted(Path(os.environ.get(BODIES, "/nowhere")).glob("*.json")):
    app.add_url_rule(
        f"/constant/{_file.stem}", _file.stem, _constant, defaults={"body": _file.read_bytes()}
    )
