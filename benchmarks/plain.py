"""The applications that ours is compared with: the same bytes from a constant route, and the
same report validated by the same shapes, but not stored.

Served as ``benchmarks.plain:app`` by the same server with the same settings.
"""

import os
from pathlib import Path

import orjson
from flask import Flask, Response, request

from schemas.developments import DevelopmentIn

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


for _file in sorted(Path(os.environ.get(BODIES, "/nowhere")).glob("*.json")):
    app.add_url_rule(
        f"/constant/{_file.stem}", _file.stem, _constant, defaults={"body": _file.read_bytes()}
    )
