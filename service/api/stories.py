"""Stories: open, read, amend, close and reopen; the summary and the level set by hand."""

from typing import Any

from flask import Response, request
from flask.views import MethodView

from schemas.queries import BasisQuery, PageQuery
from schemas.stories import (
    EXAMPLE,
    ClosingIn,
    LevelOverrideIn,
    LevelWritten,
    Stories,
    Story,
    StoryIn,
    StoryPatch,
    StoryReading,
    SummaryIn,
    SummaryWritten,
)
from service import decisions
from service.api import reading, writing
from service.api.house import house
from service.api.nouns import Noun
from service.asof import stories as read
from service.decisions import Receipt

SAYS = "The stories of the house, with all that we know now"

READINGS = (
    "situation", "developments", "actors", "places", "level", "history", "corrections", "changes",
)  # fmt: skip
"""What is read of a story besides itself."""

noun = Noun("stories", description="Running situations, each under one address.")


@noun.route("/v1/stories")
class AllStories(MethodView):
    """The house's stories."""

    @noun.verb(
        "read", "listStories", Stories, query=PageQuery, reading=True, headers=("ETag", "Link")
    )
    def get(self, query: dict[str, Any]) -> Response:
        """List the stories, the one opened last first."""
        fixed, page = reading.house_page("stories", query)

        def fetch() -> tuple[list[Any], Any]:
            items, after = read.page(
                house().asof.sql, reading.viewer(),
                position=fixed["position"], after=page.after, limit=page.query["limit"],
            )  # fmt: skip
            return [linked(item) for item in items], after

        return reading.house_listed("stories", fixed, page, fetch, says=SAYS)

    @noun.verb(
        "open stories",
        "openStory",
        Story,
        status=201,
        body=StoryIn,
        example=EXAMPLE,
        repeatable=True,
        problems=("slug-taken",),
        headers=("Location",),
    )
    def post(self, body: dict[str, Any]) -> Response:
        """Open a story under a slug, which it keeps for ever."""
        by = writing.desk()
        fields = {"language": "en", "time_zone": house().settings.time_zone, **body}
        return told(writing.record(decisions.open_story(fields, by), by))


@noun.route("/v1/stories/<slug:story>")
class OneStory(MethodView):
    """A story."""

    @noun.verb(
        "read",
        "getStory",
        StoryReading,
        query=BasisQuery,
        reading=True,
        headers=("ETag", "Content-Location"),
    )
    def get(self, query: dict[str, Any], story: str) -> Response:
        """Read a story: its settings, its newsroom, how much it holds, and where to go on."""
        basis = reading.basis(story, query)
        return reading.at(
            basis,
            lambda: {
                "basis": basis.dump(request.path),
                **linked(read.document(basis.sql, basis.row, basis.position)),
            },
        )

    @noun.verb(
        "amend stories",
        "amendStory",
        Story,
        body=StoryPatch,
        example={"title": "The battle of Tripoli"},
        repeatable=True,
    )
    def patch(self, body: dict[str, Any], story: str) -> Response:
        """Change a story's title, language or visibility."""
        by = writing.desk()
        return told(writing.record(decisions.amend_story(story, body, by), by))


@noun.route("/v1/stories/<slug:story>/closing")
class Closing(MethodView):
    """The end of a story."""

    @noun.verb(
        "close stories",
        "closeStory",
        Story,
        body=ClosingIn,
        body_optional=True,
        example={"notice": "The truce holds."},
        repeatable=True,
        problems=("story-closed",),
    )
    def post(self, body: dict[str, Any], story: str) -> Response:
        """Close a story: it takes no more developments."""
        by = writing.desk()
        note, audit = decisions.said(body)
        return told(writing.record(decisions.close_story(story, note, by, audit=audit), by))


@noun.route("/v1/stories/<slug:story>/reopening")
class Reopening(MethodView):
    """A story that goes on."""

    @noun.verb(
        "close stories",
        "reopenStory",
        Story,
        body=ClosingIn,
        body_optional=True,
        example={"notice": "The truce was broken."},
        repeatable=True,
        problems=("story-closed",),
    )
    def post(self, body: dict[str, Any], story: str) -> Response:
        """Open a closed story again."""
        by = writing.desk()
        note, audit = decisions.said(body)
        return told(writing.record(decisions.reopen_story(story, note, by, audit=audit), by))


@noun.route("/v1/stories/<slug:story>/summary")
class Summary(MethodView):
    """The situation in an editor's sentences; it is read in the situation."""

    @noun.verb(
        "write summary",
        "writeSummary",
        SummaryWritten,
        body=SummaryIn,
        example={"sentences": [{"text": "Fighting goes on south of the capital."}]},
        repeatable=True,
    )
    def put(self, body: dict[str, Any], story: str) -> Response:
        """Sum up the situation; an empty list takes the summary away."""
        by = writing.desk()
        made = writing.record(decisions.write_summary(story, body, by), by)
        return writing.told(made, body, at=request.path)


@noun.route("/v1/stories/<slug:story>/level-overrides")
class LevelOverrides(MethodView):
    """The level by hand; it is read in the situation and in the level's steps."""

    @noun.verb(
        "override level",
        "overrideLevel",
        LevelWritten,
        body=LevelOverrideIn,
        example={"level": "clashes", "reason": "The truce holds in the centre."},
        repeatable=True,
    )
    def post(self, body: dict[str, Any], story: str) -> Response:
        """Set the level with a reason; ``null`` gives the word back to the rule."""
        by = writing.desk()
        made = writing.record(decisions.override_level(story, body, by), by)
        return writing.told(made, body, at=request.path)


def told(made: Receipt) -> Response:
    """Answer with the story right after an act on it."""
    row = house().asof.story(made.story, reading.viewer())
    document = read.document(house().asof.sql, row, made.position)
    return writing.told(made, linked(document), at=writing.address(made.story))


def linked(document: dict[str, Any]) -> dict[str, Any]:
    """Return a story's document with the addresses of all that can be read of it."""
    story = document["id"]
    links = {name: writing.address(story, name) for name in READINGS}
    return {**document, "links": {"self": writing.address(story), **links}}
