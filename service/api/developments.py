"""Reporting developments: one as JSON, many as NDJSON (``batch.py``)."""

from typing import Any

from flask import Response
from flask.views import MethodView

from schemas.developments import EXAMPLE, DevelopmentIn, introductions
from schemas.queries import ReportQuery
from schemas.timeline import DevelopmentWritten
from service import decisions
from service.api import batch, writing
from service.api.nouns import Noun
from service.api.problems import Problem

ARCHIVE_IS_LINES = "An archive is sent as application/x-ndjson, one act a line."

noun = Noun("developments", description="What happened, one reported thing each.")


@noun.route("/v1/stories/<slug:story>/developments")
class Developments(MethodView):
    """A story's developments."""

    @noun.verb(
        "report",
        "reportDevelopment",
        DevelopmentWritten,
        status=201,
        query=ReportQuery,
        body=DevelopmentIn,
        example=EXAMPLE,
        repeatable=True,
        lines=batch.take,
        problems=("story-closed", "external-id-taken"),
        headers=("Location", "ETag"),
        also={200: "It was reported before under this external_id; or what became of each line."},
    )
    def post(self, query: dict[str, Any], body: dict[str, Any], story: str) -> Response:
        """Report a development; or many, one a line, each answered by a line."""
        if query["archive"]:
            raise Problem("invalid", ARCHIVE_IS_LINES, errors={"archive": [ARCHIVE_IS_LINES]})
        by = writing.desk()
        fields, actors, places = introductions(body)
        verification = fields.pop("verification", "reported")
        decide = decisions.report(
            story,
            fields,
            by,
            verification=verification,
            introduces={"actor": actors, "place": places},
        )
        return writing.told_development(writing.record(decide, by))
