"""Whether the house lives (``/healthz``) and whether it can serve (``/readyz``)."""

from flask import Response
from flask.views import MethodView

from schemas.index import Alive, Ready
from service.api.answers import answer
from service.api.house import house
from service.api.nouns import Noun
from service.domain.refusals import Unavailable

noun = Noun("health", description="Whether the house lives, and whether it can serve.")


@noun.route("/healthz")
class Living(MethodView):
    """Whether the process answers."""

    @noun.verb("read about the house", "getAlive", Alive)
    def get(self) -> Response:
        """Say that the process answers."""
        return answer({"status": "alive"})


@noun.route("/readyz")
class Serving(MethodView):
    """Whether the record can be read."""

    @noun.verb("read about the house", "getReady", Ready)
    def get(self) -> Response:
        """Say that the record can be read, and how far its followers are behind; or 503."""
        wrong = house().ready()
        if wrong is not None:
            raise Unavailable(wrong, retry_after=1)
        lags = house().lags().items()
        behind = {name: {"acts": lag.acts, "seconds": lag.seconds} for name, lag in lags}
        return answer({"status": "ready", "position": house().head()[0], "followers": behind})
