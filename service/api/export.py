"""A story as its story file: every act a line, to be read elsewhere as an archive."""

from typing import Any

from flask import Response, request
from flask.views import MethodView

from schemas.lines import LINES_EXAMPLE, LineIn
from schemas.queries import ExportQuery
from service.api import reading
from service.api.conditional import not_modified, quoted, unchanged
from service.api.jsonbody import NDJSON
from service.api.nouns import Noun
from service.export import export_lines

noun = Noun("export", description="A story on its way out, to be read elsewhere.")


@noun.route("/v1/stories/<slug:story>/export")
class Export(MethodView):
    """The story file."""

    @noun.verb(
        "read",
        "exportStory",
        LineIn,
        query=ExportQuery,
        reading=True,
        media_type=NDJSON,
        answers=LINES_EXAMPLE,
    )
    def get(self, query: dict[str, Any], story: str) -> Response:
        """Take a story away: its acts up to a position, one a line, in record order.

        What was noted for auditors stands in it for auditors of the newsroom alone.
        """
        basis = reading.basis(story, query)
        tag = reading.audited(basis)
        if not_modified(request, tag):
            response = unchanged(tag)
        else:
            audit = reading.sees(story)(basis.row.newsroom)
            response = Response(export_lines(basis, audit=audit), content_type=NDJSON)
            response.headers["ETag"] = quoted(tag)
            response.headers["Content-Disposition"] = f'attachment; filename="{story}.jsonl"'
        response.headers["Content-Location"] = reading.pinned(basis, record=True)
        response.headers.extend(reading.said_to_caches(basis))
        return response
