"""Whether the house lives (``/healthz``) and whether it can serve (``/readyz``)."""

from flask import Blueprint, Response

from service.api.answers import answer
from service.api.auth import allows
from service.api.house import house
from service.domain.refusals import Unavailable

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@allows("read")
def alive() -> Response:
    """Say that the process answers."""
    return answer({"status": "alive"})


@blueprint.get("/readyz")
@allows("read")
def ready() -> Response:
    """Say that the record can be read, or 503."""
    wrong = house().ready()
    if wrong is not None:
        raise Unavailable(wrong, retry_after=1)
    return answer({"status": "ready", "position": house().head()[0]})
