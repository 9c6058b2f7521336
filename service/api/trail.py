"""How a story came about: what changed since, the audit trail, the corrections logs.

These read record time, so their moments (``since``, ``until``, ``from``, ``to``) are of that
clock. Who acted, and what was noted for auditors, is shown to auditors alone.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response
from flask.views import MethodView

from schemas.queries import ChangesQuery, CorrectionsQuery, HistoryQuery, LogQuery
from schemas.timeline import Changes, Corrections, History, HouseCorrections
from service.api import auth, moments, reading
from service.api.auth import reader
from service.api.house import house
from service.api.nouns import Noun
from service.api.paging import Page, cut
from service.api.problems import Problem
from service.asof import Basis, timeline, trail
from service.domain.refusals import Invalid
from service.readmodel import chronicle
from service.readmodel.chronicle import Span
from service.store.sql import Sql

AUDIT = "read who did what"
SAYS = "The corrections of the house, with all that we know now"

noun = Noun("trail", description="How it came about: every act, what it changed, what was wrong.")


@noun.route("/v1/stories/<slug:story>/changes")
class ChangesSince(MethodView):
    """What happened on the record since."""

    @noun.verb("read", "listChanges", Changes, query=ChangesQuery, reading=True)
    def get(self, query: dict[str, Any], story: str) -> Response:
        """Catch up: acts in record order, and the slots that each changed.

        With `as_of`, only what was learned later about that moment, and what had been wrong.
        """
        basis, page = _page("changes", story, query, until="until")
        start = page.after or _since(basis, query)
        ends_at = [max(basis.position, start["above"])]

        def fetch() -> tuple[list[Any], Any]:
            about = basis.as_of if start["about"] else None
            span = Span(above=start["above"], upto=basis.position, about=about)
            limit = page.query["limit"]
            rows = trail.page(
                basis, span, limit=limit + 1, sees=reading.sees(story), slots_at=basis.as_of
            )
            shown, last = cut(rows, limit)
            if last is None:
                return shown, None
            ends_at[0] = last["position"]
            return shown, {**start, "above": last["position"]}

        return reading.listed(
            "changes", basis, page, fetch, tag=reading.audited(basis), record=not start["about"],
            besides=lambda: {"next_since_position": ends_at[0]},
        )  # fmt: skip


@noun.route("/v1/stories/<slug:story>/history")
class AuditTrail(MethodView):
    """Who did what, when, and why."""

    @noun.verb(
        "read", "listHistory", History, query=HistoryQuery, reading=True, problems=("forbidden",)
    )
    def get(self, query: dict[str, Any], story: str) -> Response:
        """List a story's acts in record order: was and is, notice and reason."""
        basis, page = _page("history", story, query, until="to")
        asked = page.query
        named, by = asked.get("development"), asked.get("by")
        if by is not None:
            _insist_on_auditor(story)
        span = Span(
            above=page.after or _before(basis, asked.get("from_")),
            upto=basis.position,
            act=asked.get("act"),
            development=None if named is None else timeline.number_in(basis, named),
            by=by,
            newsroom=None if by is None or reader().house else reader().newsroom,
        )

        def fetch() -> tuple[list[Any], Any]:
            rows = trail.page(basis, span, limit=asked["limit"] + 1, sees=reading.sees(story))
            shown, last = cut(rows, asked["limit"])
            return shown, last and last["position"]

        return reading.listed(
            "history", basis, page, fetch, tag=reading.audited(basis), record=True
        )


@noun.route("/v1/stories/<slug:story>/corrections")
class StoryCorrections(MethodView):
    """A story's corrections log."""

    @noun.verb("read", "listCorrections", Corrections, query=CorrectionsQuery, reading=True)
    def get(self, query: dict[str, Any], story: str) -> Response:
        """List corrections, clarifications and withdrawals, the latest first."""
        basis, page = _page("corrections", story, query, until="to")
        above = _before(basis, page.query.get("from_"))
        fetch = _log(
            basis.sql, page, above=above, upto=basis.position, story=basis.story,
            sees=reading.sees(story),
        )  # fmt: skip
        return reading.listed(
            "corrections", basis, page, fetch, tag=reading.audited(basis), record=True
        )


@noun.route("/v1/corrections")
class CorrectionsOfTheHouse(MethodView):
    """The house's corrections log."""

    @noun.verb("read", "listHouseCorrections", HouseCorrections, query=LogQuery, reading=True)
    def get(self, query: dict[str, Any]) -> Response:
        """List the corrections of every story that you may read, the latest first."""
        fixed, page = reading.house_page("corrections", query)
        zone, sql = ZoneInfo(house().settings.time_zone), house().asof.sql
        first = moments.lower("from", page.query.get("from_"), zone)
        last = moments.upper("to", page.query.get("to"), zone)
        upto = fixed["position"] if last is None else chronicle.stored_by(sql, last)
        fetch = _log(
            sql, page, viewer=reading.viewer(), sees=reading.sees(),
            above=0 if first is None else chronicle.stored_by(sql, first - 1),
            upto=min(upto, fixed["position"]),
        )  # fmt: skip
        return reading.house_listed("corrections", fixed, page, fetch, says=SAYS)


def _log(sql: Sql, page: Page, *, upto: int, **of: Any) -> reading.Fetch:
    def fetch() -> tuple[list[Any], Any]:
        limit = page.query["limit"]
        rows = trail.corrections(sql, below=page.after or upto + 1, limit=limit + 1, **of)
        shown, last = cut(rows, limit)
        return shown, last and last["position"]

    return fetch


def _insist_on_auditor(story: str) -> None:
    auth.insist(AUDIT)
    if reader().story not in (None, story):
        raise Problem("forbidden", f"This token is for the story {reader().story} alone.")


def _page(
    list_name: str, story: str, query: Mapping[str, Any], *, until: str
) -> tuple[Basis, Page]:
    """Resolve a page of a list that ends at a record time, the parameter ``until``."""
    asked = dict(query)
    if asked.get(until) is not None:
        asked["known_at"] = asked[until]
    with _called(known_at=until):
        return reading.page(list_name, story, asked)


@contextmanager
def _called(**names: str) -> Iterator[None]:
    """Tell refusals about parameters under the names that the client knows them by."""
    try:
        yield
    except Invalid as refusal:
        raise Invalid(
            {names.get(name, name): says for name, says in refusal.errors.items()},
            {names.get(name, name): near for name, near in refusal.suggestions.items()},
        ) from None


def _since(basis: Basis, query: Mapping[str, Any]) -> dict[str, Any]:
    """Return from where a first page of changes goes on, and whether it is about a moment."""
    about = query.get("as_of") is not None
    position = query.get("since_position")
    if position is None:
        since = moments.lower("since", query.get("since"), basis.zone)
        at = chronicle.at_recorded(basis.sql, basis.story, basis.as_of if since is None else since)
        position = at.position if at else 0
    elif position > house().head()[0]:
        raise Invalid({"since_position": ["The record has not come so far yet."]})
    return {"above": position, "about": about}


def _before(basis: Basis, text: str | None) -> int:
    """Return the story's last position before a lower bound of record time; 0 without one."""
    first = moments.lower("from", text, basis.zone)
    moment = None if first is None else chronicle.at_recorded(basis.sql, basis.story, first - 1)
    return moment.position if moment else 0
