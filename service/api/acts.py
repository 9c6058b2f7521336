"""Acts on a development: each makes its next version, and none rewrites the one before.

An act names the version it is based on (``If-Match`` or ``base_version``) and says in public
what changed and why. Updates, clarifications and refiles keep the status; a correction enters
with its own; a verification moves the status alone; a withdrawal leaves a tombstone.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request
from flask.views import MethodView
from marshmallow import Schema

from schemas.developments import introductions
from schemas.revisions import CorrectionIn, RevisionIn, VerificationIn, WithdrawalIn
from schemas.timeline import DevelopmentWritten
from service import decisions
from service.api import auth, writing
from service.api.conditional import based_on
from service.api.nouns import Noun, View
from service.domain import acts as domain

ON = "/v1/stories/<slug:story>/developments/<development:development>"

MORE = {
    "changes": {"body": "Three houses were hit, a resident said by telephone."},
    "reason": "reporting",
    "base_version": 1,
}
RIGHT = {
    "changes": {"headline": "Government forces on alert"},
    "notice": "An earlier version said that UN troops were on alert; it was the government's.",
    "reason": "source",
    "base_version": 1,
}
CLEARER = {
    "changes": {"headline": "Government forces in Tripoli on alert"},
    "notice": "The headline now says whose forces, and where.",
    "base_version": 1,
}
SLIP = {"changes": {"headline": "Government forces on alert"}, "base_version": 1}
JUDGED = {"status": "confirmed", "reason": "A reporter saw it.", "base_version": 1}
VOID = {"notice": "The video is of 2011.", "reason": "source", "base_version": 1}

noun = Noun("acts", description="What becomes of a development after it was reported.")


def _act(
    action: str, operation_id: str, shape: type[Schema], example: Mapping[str, Any]
) -> Callable[[View], View]:
    return noun.verb(
        action,
        operation_id,
        DevelopmentWritten,
        status=201,
        body=shape,
        example=example,
        guarded=True,
        repeatable=True,
        headers=("Location", "ETag"),
    )


@noun.route(f"{ON}/updates")
class Updates(MethodView):
    """The same moment, better known."""

    @_act("update", "updateDevelopment", RevisionIn, MORE)
    def post(self, body: dict[str, Any], story: str, development: str) -> Response:
        """Add what has become known of the same moment: detail, a source, a link."""
        return _revise(domain.DevelopmentUpdated, body, story, development)


@noun.route(f"{ON}/corrections")
class Corrections(MethodView):
    """A substantive error, put right."""

    @_act("correct", "correctDevelopment", CorrectionIn, RIGHT)
    def post(self, body: dict[str, Any], story: str, development: str) -> Response:
        """Correct a substantive error, and say what was wrong and what is right."""
        return _revise(domain.DevelopmentCorrected, body, story, development)


@noun.route(f"{ON}/clarifications")
class Clarifications(MethodView):
    """What was accurate but misleading, said more clearly."""

    @_act("clarify", "clarifyDevelopment", RevisionIn, CLEARER)
    def post(self, body: dict[str, Any], story: str, development: str) -> Response:
        """Say more clearly what was accurate but misleading."""
        return _revise(domain.DevelopmentClarified, body, story, development)


@noun.route(f"{ON}/refiles")
class Refiles(MethodView):
    """A slip of the pen, mended."""

    @_act("refile", "refileDevelopment", RevisionIn, SLIP)
    def post(self, body: dict[str, Any], story: str, development: str) -> Response:
        """Mend a slip of the pen; the meaning is unchanged."""
        return _revise(domain.DevelopmentRefiled, body, story, development)


@noun.route(f"{ON}/verifications")
class Verifications(MethodView):
    """A judgement on one version."""

    @_act("verify", "verifyDevelopment", VerificationIn, JUDGED)
    def post(self, body: dict[str, Any], story: str, development: str) -> Response:
        """Move the status of a named version; its text does not move."""
        by = writing.desk()
        note, audit = decisions.said(body, judgement=True)
        decide = decisions.verify(
            story,
            development,
            body["status"],
            by,
            base=based_on(request, body),
            target=body.get("version"),
            note=note,
            audit=audit,
        )
        return writing.told_development(writing.record(decide, by))


@noun.route(f"{ON}/withdrawal")
class Withdrawal(MethodView):
    """The end of a development that was too flawed to correct."""

    @_act("withdraw", "withdrawDevelopment", WithdrawalIn, VOID)
    def post(self, body: dict[str, Any], story: str, development: str) -> Response:
        """Withdraw a development; its id stays, as a tombstone with the notice."""
        by = writing.desk()
        note, audit = decisions.said(body)
        decide = decisions.withdraw(
            story,
            development,
            by,
            base=based_on(request, body),
            reason=body.get("reason", ""),
            hide_text=body.get("hide_text", False),
            note=note,
            audit=audit,
        )
        return writing.told_development(writing.record(decide, by))


def _revise(
    act: type[domain.DevelopmentRevised], body: dict[str, Any], story: str, development: str
) -> Response:
    by = writing.desk()
    changes, actors, places = introductions(body["changes"])
    note, audit = decisions.said(body)
    decide = decisions.revise(
        story,
        development,
        act,
        changes,
        by,
        base=based_on(request, body),
        reason=body.get("reason", ""),
        note=note,
        audit=audit,
        introduces={"actor": actors, "place": places},
        own_only=auth.writer().own_only,
    )
    return writing.told_development(writing.record(decide, by))
