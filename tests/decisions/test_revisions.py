"""Updates, corrections, clarifications and refiles: what each may change, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from service import decisions
from service.decisions import Base
from service.domain import acts
from service.domain.refusals import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
)
from tests.builders import Clock, Desk, House, Reader

Revising = Callable[..., Any]
REVISIONS = {
    "updates": Desk.updates,
    "corrects": Desk.corrects,
    "clarifies": Desk.clarifies,
    "refiles": Desk.refiles,
}
BUT_CORRECTIONS = {name: act for name, act in REVISIONS.items() if name != "corrects"}

every_revision = pytest.mark.parametrize("revises", REVISIONS.values(), ids=REVISIONS)
every_other_revision = pytest.mark.parametrize(
    "revises", BUT_CORRECTIONS.values(), ids=BUT_CORRECTIONS
)


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A desk that reported a strike with a figure, and where it was."""
    desk.reports(
        "strike",
        kind="airstrike",
        headline="Air strike",
        body="Four dead.",
        occurred="2019-04-03",
        actors="by:gna against:lna",
        places="gharyan",
        details={"casualties": {"counted_by": "gna", "killed": 4, "until": "2019-04-03"}},
    )
    return desk


def refused(act: Revising, desk: Desk, **changes: Any) -> Invalid:
    before = desk.house.counts()
    with pytest.raises(Invalid) as refusal:
        act(desk, "strike", **changes)
    assert desk.house.counts() == before
    return refusal.value


@every_revision
def test_a_revision_makes_a_new_version_and_keeps_the_old(
    told: Desk, reader: Reader, revises: Revising
) -> None:
    written = revises(told, "strike", headline="Two air strikes")
    state = written.development
    assert (state.version, state.fields["headline"]) == (2, "Two air strikes")
    assert state.fields["body"] == "Four dead."
    first, second = reader.versions(state.id)
    assert (first["headline"], second["headline"]) == ("Air strike", "Two air strikes")
    assert (
        second["made_by"]["changes"]
        == [
            {
                "field": "headline",
                "was": "Air strike",
                "is": "Two air strikes",
                "words": [["-", "Air strike"], ["+", "Two air strikes"]],
            }
        ]
        or second["made_by"]["changes"][0]["was"] == "Air strike"
    )


@every_revision
def test_each_field_named_is_replaced_whole(told: Desk, revises: Revising) -> None:
    state = revises(told, "strike", actors="by:gna").development
    assert state.fields["actors"] == [{"actor": "gna", "role": "by"}]


@every_revision
def test_null_removes_a_field(told: Desk, revises: Revising) -> None:
    state = revises(told, "strike", body=None, places=None).development
    assert "body" not in state.fields
    assert state.fields["places"] == []


def test_null_makes_a_kind_an_occurrence_and_a_later_update_rekinds_it(desk: Desk) -> None:
    desk.reports("meeting", kind="meeting", actors="with:gna with:lna")
    plain = desk.updates("meeting", kind=None).development
    assert plain is not None
    assert plain.fields["kind"] == "occurrence"
    again = desk.updates("meeting", kind="statement").development
    assert again is not None
    assert again.fields["kind"] == "statement"


@every_revision
def test_details_merge(told: Desk, revises: Revising) -> None:
    details = {"casualties": {"wounded": 7}}
    state = revises(told, "strike", details=details).development
    assert state.fields["details"] == {
        "casualties": {"counted_by": "gna", "killed": 4, "until": "2019-04-03", "wounded": 7}
    }


@every_revision
def test_null_takes_one_detail_away(told: Desk, revises: Revising) -> None:
    details = {"casualties": {"killed": None, "wounded": 7}}
    state = revises(told, "strike", details=details).development
    assert state.fields["details"]["casualties"] == {
        "counted_by": "gna",
        "until": "2019-04-03",
        "wounded": 7,
    }


@every_revision
def test_a_link_forward_is_added_later(told: Desk, revises: Revising) -> None:
    answer = told.reports("answer").development
    assert answer is not None
    links = [{"development": "answer", "relation": "about"}]
    state = revises(told, "strike", relates_to=links).development
    assert state.fields["relates_to"] == [{"development": answer.id, "relation": "about"}]


@every_revision
def test_a_revision_may_introduce_the_cast_that_it_names(
    house: House, told: Desk, revises: Revising
) -> None:
    named = [{"actor": "misrata", "role": "by", "name": "Misrata forces"}]
    state = revises(told, "strike", actors=named).development
    assert state.fields["actors"] == [{"actor": "misrata", "role": "by"}]
    assert "misrata" in house.reader("tripoli").basis().members["actor"]


# --- what is refused ------------------------------------------------------------------------


@every_revision
def test_a_revision_that_changes_nothing_is_refused(told: Desk, revises: Revising) -> None:
    refusal = refused(revises, told, headline="Air strike")
    assert refusal.errors == {"changes": ["Nothing would change."]}


@every_revision
def test_merging_what_is_there_already_changes_nothing(told: Desk, revises: Revising) -> None:
    refusal = refused(revises, told, details={"casualties": {"killed": 4}})
    assert refusal.errors == {"changes": ["Nothing would change."]}


@every_revision
def test_naming_an_unknown_actor_is_refused_under_its_path(told: Desk, revises: Revising) -> None:
    refusal = refused(revises, told, actors="by:lan")
    assert refusal.errors == {"changes.actors.0.actor": ["'lan' is not in the story's cast."]}
    assert refusal.suggestions == {"changes.actors.0.actor": ["lna"]}


@every_revision
def test_an_unknown_kind_is_refused(told: Desk, revises: Revising) -> None:
    assert list(refused(revises, told, kind="attack_order").errors) == ["changes.kind"]


@every_revision
def test_details_that_the_new_kind_does_not_take_are_refused(told: Desk, revises: Revising) -> None:
    assert "changes.details.casualties" in refused(revises, told, kind="statement").errors


@every_revision
def test_a_link_that_looks_forward_is_refused(told: Desk, revises: Revising) -> None:
    links = [{"development": "later", "relation": "about"}]
    refusal = refused(revises, told, relates_to=links)
    assert list(refusal.errors) == ["changes.relates_to.0.development"]


@every_other_revision
def test_only_a_correction_moves_world_time(told: Desk, revises: Revising) -> None:
    refusal = refused(revises, told, occurred="2019-04-02")
    assert list(refusal.errors) == ["changes.occurred"]
    assert "Only a correction may move the time" in refusal.says


@every_other_revision
@pytest.mark.parametrize("until", ["2019-04-02", None])
def test_only_a_correction_moves_until_when_was_counted(
    told: Desk, revises: Revising, until: str | None
) -> None:
    refusal = refused(revises, told, details={"casualties": {"until": until}})
    assert list(refusal.errors) == ["changes.details.casualties.until"]


def test_a_correction_moves_world_time(told: Desk, reader: Reader) -> None:
    state = told.corrects("strike", occurred="2019-04-02").development
    assert state is not None
    assert reader.development(state.id)["valid_from"] == "2019-04-02T21:59:59.999999Z"
    assert reader.names(as_of="2019-04-02T22:00:00Z") == ["strike"]


def test_a_correction_into_the_future_is_refused(told: Desk) -> None:
    assert list(refused(Desk.corrects, told, occurred="2030").errors) == ["changes.occurred"]


def test_the_external_id_is_given_once(told: Desk) -> None:
    with pytest.raises(Invalid, match="external_id"):
        told.corrects("strike", external_id="other")
    decide = decisions.revise(
        "tripoli",
        "strike",
        acts.DevelopmentCorrected,
        {"external_id": "other"},
        told.acting,
        base=None,
    )
    with pytest.raises(Invalid, match="given once, by the report"):
        told.does(decide)


@every_revision
def test_a_withdrawn_development_is_not_revised(told: Desk, revises: Revising) -> None:
    told.withdraws("strike")
    with pytest.raises(Conflict, match="was withdrawn") as refusal:
        revises(told, "strike", headline="Other")
    assert refusal.value.code == "withdrawn"


@every_revision
def test_what_a_closed_story_holds_is_still_revised(told: Desk, revises: Revising) -> None:
    told.closes_story()
    assert revises(told, "strike", headline="Other").development.version == 2


@every_revision
def test_what_nobody_reported_is_not_revised(desk: Desk, revises: Revising) -> None:
    with pytest.raises(NotFound, match="no development 'strike'"):
        revises(desk, "strike", headline="Other")


@every_revision
def test_a_development_is_revised_in_its_own_story_only(told: Desk, revises: Revising) -> None:
    development = told.id("strike")
    told.opens_story("flood")
    with pytest.raises(NotFound):
        revises(told, development, headline="Other")


@every_revision
def test_another_newsroom_revises_nothing(house: House, told: Desk, revises: Revising) -> None:
    with pytest.raises(Forbidden, match="belongs to another newsroom"):
        revises(house.desk("post", story="tripoli"), told.id("strike"), headline="Other")


def test_a_reporter_revises_only_what_it_reported_itself(house: House, told: Desk) -> None:
    def updating(by: str) -> Any:
        desk = Desk(house, story="tripoli", by=by)
        return desk.does(
            decisions.revise(
                "tripoli",
                "strike",
                acts.DevelopmentUpdated,
                {"headline": f"By {by}"},
                desk.acting,
                base=None,
                own_only=True,
            )
        )

    with pytest.raises(Forbidden, match="what it reported itself"):
        updating("tok_other")
    assert updating("tok_desk").development.version == 2


# --- the version that an act is based on ----------------------------------------------------


def on_base(desk: Desk, base: Base) -> Desk:
    return Desk(desk.house, story=desk.story, base=base)


EVERY_ACT: dict[str, Callable[[Desk], Any]] = {
    "updates": lambda desk: desk.updates("strike", body="More."),
    "corrects": lambda desk: desk.corrects("strike", body="More."),
    "clarifies": lambda desk: desk.clarifies("strike", body="More."),
    "refiles": lambda desk: desk.refiles("strike", body="More."),
    "verifies": lambda desk: desk.verifies("strike", "confirmed"),
    "withdraws": lambda desk: desk.withdraws("strike"),
}
every_act = pytest.mark.parametrize("acts_", EVERY_ACT.values(), ids=EVERY_ACT)


@every_act
def test_an_act_that_names_no_base_is_refused(told: Desk, acts_: Callable[[Desk], Any]) -> None:
    with pytest.raises(PreconditionRequired, match="If-Match") as refusal:
        acts_(on_base(told, Base()))
    assert refusal.value.facts["version"] == 1
    assert refusal.value.facts["etag"] == f'"{told.id("strike")}.1.0"'


@every_act
def test_an_act_on_a_stale_version_is_refused(told: Desk, acts_: Callable[[Desk], Any]) -> None:
    told.updates("strike", headline="Two air strikes")
    before = told.house.counts()
    with pytest.raises(PreconditionFailed, match="the latest version is 2") as refusal:
        acts_(on_base(told, Base(version=1)))
    assert refusal.value.facts["version"] == 2
    assert refusal.value.facts["etag"] == f'"{told.id("strike")}.2.0"'
    assert refusal.value.facts["differs"] == {
        "headline": {"was": "Air strike", "is": "Two air strikes"}
    }
    assert told.house.counts() == before


@every_act
@pytest.mark.parametrize("sort", ["version", "etag", "any"])
def test_an_act_on_the_latest_version_is_taken(
    told: Desk, acts_: Callable[[Desk], Any], sort: str
) -> None:
    told.updates("strike", headline="Two air strikes")
    base = {
        "version": Base(version=2),
        "etag": Base(etag=f"{told.id('strike')}.2.0"),
        "any": Base(etag="*"),
    }[sort]
    assert acts_(on_base(told, base)).development.version == 3


def test_of_an_etag_and_a_version_both_must_be_the_latest(told: Desk) -> None:
    told.updates("strike", headline="Two air strikes")
    stale = on_base(told, Base(etag=f"{told.id('strike')}.1.0", version=2))
    with pytest.raises(PreconditionFailed):
        stale.updates("strike", body="More.")


def test_a_moved_status_is_part_of_what_differs(told: Desk) -> None:
    told.verifies("strike", "disputed")
    with pytest.raises(PreconditionFailed) as refusal:
        on_base(told, Base(version=1)).updates("strike", body="More.")
    assert refusal.value.facts["differs"] == {"verification": {"was": "reported", "is": "disputed"}}


def test_a_version_that_never_was_differs_in_nothing_known(told: Desk) -> None:
    with pytest.raises(PreconditionFailed) as refusal:
        on_base(told, Base(version=9)).updates("strike", body="More.")
    assert refusal.value.facts["differs"] == {}


# --- what a revision does to the status ----------------------------------------------------


@every_other_revision
def test_the_status_stays_with_all_but_a_correction(told: Desk, revises: Revising) -> None:
    told.verifies("strike", "confirmed")
    state = revises(told, "strike", body="More.").development
    assert state.verification == "confirmed"
    assert state.corrected == 0


def test_a_correction_enters_as_reported(told: Desk) -> None:
    told.verifies("strike", "refuted")
    state = told.corrects("strike", body="Nobody died.").development
    assert state is not None
    assert (state.verification, state.corrected) == ("reported", 1)


def test_a_correction_enters_with_the_status_it_names(told: Desk) -> None:
    state = told.corrects("strike", body="Nobody died.", verification="claimed").development
    assert state is not None
    assert state.verification == "claimed"


def test_a_correction_may_change_the_status_alone(told: Desk) -> None:
    state = told.corrects("strike", verification="claimed").development
    assert state is not None
    assert (state.version, state.verification) == (2, "claimed")


@every_other_revision
def test_only_a_correction_names_a_status(told: Desk, revises: Revising) -> None:
    with pytest.raises(Invalid, match="verification"):
        revises(told, "strike", verification="confirmed")


def test_a_wrong_correction_is_itself_corrected(told: Desk, reader: Reader, clock: Clock) -> None:
    told.corrects("strike", headline="Wrong again", at="2019-04-04T10:00:00Z")
    state = told.corrects("strike", headline="Right", at="2019-04-04T10:01:30Z").development
    assert state is not None
    assert (state.version, state.corrected) == (3, 2)
    last = reader.versions(state.id)[-1]["made_by"]
    assert last["target"] == 2
    assert last["exposure"] == {
        "from": "2019-04-04T10:00:00Z",
        "to": "2019-04-04T10:01:30Z",
        "seconds": 90,
    }
    assert reader.situation()["counts"]["corrected"] == 1
