"""The situation of a story: whole, one slot's course, the table behind it, the level's steps.

Rules for editors: what holds is decided in ``service.asof`` and the domain; here it is asked for
at a basis, and answered page by page.
"""

from typing import Any

from flask import Response, request
from flask.views import MethodView

from schemas.queries import AssignmentsQuery, BasisPageQuery, SituationQuery
from schemas.situation import AssignmentTable, LevelSteps, Situation, SlotCourse
from service.api import reading
from service.api.nouns import Noun
from service.api.paging import cut
from service.api.problems import Problem
from service.asof import Basis, situation, timeline
from service.domain.times import parse_instant
from service.readmodel.assignments import TABLE_KEY

noun = Noun("situation", description="What holds in a story at any moment, and how it came to.")


@noun.route("/v1/stories/<slug:story>/situation")
class WholeSituation(MethodView):
    """All slots' answers at one basis, composed into a document."""

    @noun.verb("read", "getSituation", Situation, query=SituationQuery, reading=True)
    def get(self, query: dict[str, Any], story: str) -> Response:
        """Read the situation as of any date."""
        basis = reading.basis(story, query)
        settled = query["settled"]
        return reading.at(basis, lambda: situation.body(basis, request.path, settled=settled))


@noun.route("/v1/stories/<slug:story>/situation/<slot:slot>")
class OneSlot(MethodView):
    """One slot's answers over world time."""

    @noun.verb("read", "getSlotCourse", SlotCourse, query=BasisPageQuery, reading=True)
    def get(self, query: dict[str, Any], story: str, slot: str) -> Response:
        """Read one slot's course, the newest answer first."""
        basis, page = reading.page(f"slot {slot}", story, query)
        _ensure_slot(basis, slot)

        def fetch() -> tuple[list[Any], Any]:
            limit = page.query["limit"]
            rows = situation.course(basis, slot, below=page.after, limit=limit + 1)
            shown, last = cut(rows, limit)
            return [situation.answer(row) for row in shown], last and last.order

        return reading.listed(f"slot {slot}", basis, page, fetch)


@noun.route("/v1/stories/<slug:story>/assignments")
class Assignments(MethodView):
    """The bitemporal table: every assignment, from when to when it held, and was known."""

    @noun.verb("read", "listAssignments", AssignmentTable, query=AssignmentsQuery, reading=True)
    def get(self, query: dict[str, Any], story: str) -> Response:
        """List what was ever put into slots, in both clocks, slot by slot."""
        basis, page = reading.page("assignments", story, query)
        slot, named = page.query.get("slot"), page.query.get("development")
        report = None if named is None else timeline.number_in(basis, named)

        def fetch() -> tuple[list[Any], Any]:
            limit = page.query["limit"]
            rows = situation.table(
                basis, after=page.after, limit=limit + 1, slot=slot, report=report
            )
            shown, last = cut(rows, limit)
            key = last and [last[column] for column in TABLE_KEY]
            return situation.table_rows(basis, shown), key

        return reading.listed("assignments", basis, page, fetch)


@noun.route("/v1/stories/<slug:story>/level")
class LevelCourse(MethodView):
    """How the level rose and fell."""

    @noun.verb("read", "listLevelSteps", LevelSteps, query=BasisPageQuery, reading=True)
    def get(self, query: dict[str, Any], story: str) -> Response:
        """List the level's steps with their reasons, the newest first.

        A page may have fewer steps than its limit, or none, and still have a next one.
        """
        basis, page = reading.page("level", story, query)

        def fetch() -> tuple[list[Any], Any]:
            steps, older = situation.level_steps(basis, before=page.after)
            shown, last = cut(steps, page.query["limit"])
            return shown, parse_instant(last["since"]) if last else older

        return reading.listed("level", basis, page, fetch)


def _ensure_slot(basis: Basis, slot: str) -> None:
    near = situation.slots_like(basis, slot)
    if near != [slot]:
        detail = f"Nothing was ever put into a slot {slot!r} of this story."
        raise Problem("not-found", detail, suggestions={"slot": near} if near else None)
