"""What a desk may do to a development after it was reported: revise, verify, withdraw."""

from typing import Any, ClassVar

from marshmallow import ValidationError
from marshmallow.fields import Field

from schemas import bounds, words
from schemas.details import DetailsPatch
from schemas.developments import DevelopmentIn
from schemas.fields import Line, Text, Truth, Whole, Word
from schemas.nesting import Items, Part
from schemas.sources import SourceIn
from schemas.strict import Strict

NEVER_REMOVED = ("headline", "occurred", "sources", "verification")


class ChangesIn(DevelopmentIn):
    """Fields to change: each one named is replaced whole, ``null`` removes it.

    ``details`` alone merges (RFC 7396). What a development cannot be without is replaced
    only. ``external_id`` and the key mark are no content, and stay.
    """

    class Meta(Strict.Meta):
        """marshmallow's options."""

        exclude: ClassVar[tuple[str, ...]] = ("external_id", "key", "verification")

    details = DetailsPatch(  # type: ignore[assignment]  # merges, so another field
        "A merge patch: null removes, objects merge.", example={"notes": None}
    )

    def on_bind_field(self, field_name: str, field_obj: Field[Any]) -> None:
        """Nothing is required, and what is not required can be removed."""
        field_obj.required = False
        field_obj.allow_none = field_name not in NEVER_REMOVED

    def check(self, loaded: dict[str, Any]) -> None:
        """A change changes something."""
        if not loaded:
            raise ValidationError("Must name at least one field to change.")


class CorrectingChangesIn(ChangesIn):
    """Fields to correct; the corrected version may enter with a verification of its own."""

    class Meta(Strict.Meta):
        """marshmallow's options."""

        exclude: ClassVar[tuple[str, ...]] = ("external_id", "key")


class BasedIn(Strict):
    """What every act on a development may say."""

    base_version = Whole(
        "The version that the desk looked at; or send If-Match.", least=1, example=1
    )
    reason_note = Text("More about the reason, for auditors only.", most=bounds.NOTE)
    found_by = Line("Who found it.", most=bounds.NAME, example="a reader")
    decided_by = Line("Who decided it.", most=bounds.NAME, example="A. Editor")
    approved_by = Line("Who approved it.", most=bounds.NAME, example="B. Editor")
    byline = Line("Who stands behind the act.", most=bounds.NAME, example="A. Reporter")


def _reason() -> Word:
    return Word("The public class of reason.", words.REASONS, example="source")


def _notice(says: str, *, required: bool) -> Text:
    return Text(
        says,
        most=bounds.NOTE,
        required=required,
        example="An earlier version said UN troops were on alert; it was the government's.",
    )


class RevisionIn(BasedIn):
    """An update, a clarification or a refile."""

    changes = Part(
        ChangesIn,
        "What changes.",
        required=True,
        metadata={"example": {"headline": "Government forces on alert"}},
    )
    notice = _notice("What the public is told of the change.", required=False)
    reason = _reason()


class CorrectionIn(BasedIn):
    """A correction: says what was wrong and what is right."""

    changes = Part(
        CorrectingChangesIn,
        "What changes.",
        required=True,
        metadata={"example": {"headline": "Government forces on alert"}},
    )
    notice = _notice("What was wrong and what is right, for the public.", required=True)
    reason = _reason()


class VerificationIn(BasedIn):
    """A judgement on one version: its status moves, its text does not."""

    status = Word("The status it moves to.", words.VERIFIED_AS, required=True, example="confirmed")
    version = Whole("The version that was checked.", least=1, example=1)
    reason = Text(
        "On what ground, in words for the public.",
        most=bounds.NOTE,
        example="A reporter saw it.",
    )
    notice = _notice("What the public is told.", required=False)
    sources = Items(Part(SourceIn, "A source."), "The evidence.", most=bounds.SOURCES)


class WithdrawalIn(BasedIn):
    """A withdrawal: the id stays, as a tombstone with the notice."""

    notice = _notice("What was wrong, for the public.", required=True)
    reason = _reason()
    hide_text = Truth(
        "Whether readings of before hide the text as well; left out, they keep it.",
        example=False,
    )
