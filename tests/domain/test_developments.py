"""A development, folded from its acts: what each act means, and what may be decided on it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from service.domain import acts, developments
from service.domain.acts import Stamp
from service.domain.developments import Development, merge_patch, merged, normal
from service.domain.refusals import Conflict, Invalid
from service.domain.stories import Story
from tests.domain.telling import at

STREAM = UUID(int=7)

STORY = Story(
    stream=UUID(int=1),
    version=1,
    newsroom="times",
    document={"id": "tripoli", "time_zone": "Africa/Tripoli", "scale": "conflict"},
    actors={"lna": {"id": "lna", "name": "Libyan National Army"}},
    places={"gharyan": {"id": "gharyan", "name": "Gharyan"}},
)

FIELDS = normal(
    {
        "kind": "control.claimed",
        "headline": "Gharyan falls",
        "body": "To the LNA.",
        "occurred": "2019-04-03",
        "places": ["gharyan"],
        "actors": [{"actor": "lna", "role": "by"}],
        "sources": [{"publisher": "Reuters"}],
        "external_id": "fall",
    }
)


def stamp(position: int, recorded: str = "2019-04-05T10:00:00Z") -> Stamp:
    return Stamp(
        position=position,
        stored_at=at(recorded),
        recorded_at=at(recorded),
        previous="",
        newsroom="times",
        by=f"tok_{position}",
    )


def reported(**said: Any) -> Development:
    """A development as it stands after its report at position 3."""
    act = developments.report(
        STORY, normal({**FIELDS, **said}), verification="reported", stream=STREAM, stamp=stamp(3)
    )
    return developments.evolve(None, act)


def revised(
    state: Development, act: type[acts.DevelopmentRevised], position: int, **changes: Any
) -> Development:
    verification = changes.pop("verification", None)
    made = developments.revise(
        act, state, STORY, changes, stamp=stamp(position), verification=verification
    )
    return developments.evolve(state, made)


def judged(state: Development, status: str, target: int | None = None) -> Development:
    act = developments.verify(state, status, stamp=stamp(state.position + 1), target=target)
    return developments.evolve(state, act)


CORRECTED, UPDATED = acts.DevelopmentCorrected, acts.DevelopmentUpdated


# --- what each act means --------------------------------------------------------------------


def test_a_report_begins_a_development() -> None:
    state = reported()
    assert (state.id, state.story, state.newsroom) == (str(STREAM), "tripoli", "times")
    assert (state.version, state.status, state.verification) == (1, "standing", "reported")
    assert (state.position, state.report_position, state.text_position) == (3, 3, 3)
    assert (state.reported_by, state.corrected, state.redactions) == ("tok_3", 0, 0)
    assert state.fields == FIELDS
    assert state.etag == f"{STREAM}.1.0"


@pytest.mark.parametrize(
    "act", [UPDATED, CORRECTED, acts.DevelopmentClarified, acts.DevelopmentRefiled]
)
def test_a_revision_shows_its_own_text_and_keeps_where_the_development_began(act: Any) -> None:
    state = revised(reported(), act, 9, body="More.")
    assert (state.version, state.position, state.text_position) == (2, 9, 9)
    assert (state.report_position, state.reported_by) == (3, "tok_3")
    assert state.first_recorded_at == reported().first_recorded_at
    assert state.fields == {**FIELDS, "body": "More."}
    assert state.corrected == (1 if act is CORRECTED else 0)


def test_a_judgement_shows_the_text_that_it_judged() -> None:
    state = judged(reported(), "confirmed")
    assert (state.version, state.position, state.text_position) == (2, 4, 3)
    assert (state.verification, state.fields) == ("confirmed", FIELDS)


def test_a_correction_begins_a_text_that_no_earlier_judgement_speaks_of() -> None:
    state = revised(judged(reported(), "confirmed"), CORRECTED, 9, body="Other.")
    assert (state.version, state.verification, state.judged_from) == (3, "reported", 3)
    assert judged(state, "refuted", target=2).verification == "reported"
    assert judged(state, "refuted", target=3).verification == "refuted"
    assert judged(state, "refuted").verification == "refuted"


def test_an_update_does_not_begin_a_text_of_its_own() -> None:
    state = revised(reported(), UPDATED, 9, body="More.")
    assert judged(state, "confirmed", target=1).verification == "confirmed"


def test_a_withdrawal_leaves_kind_headline_and_time() -> None:
    act = developments.withdraw(reported(), stamp=stamp(9))
    state = developments.evolve(reported(), act)
    assert (state.status, state.redactions, state.text_position) == ("withdrawn", 0, 9)
    assert state.fields == {name: FIELDS[name] for name in ("kind", "headline", "occurred")}


def test_a_withdrawal_that_hides_leaves_no_headline() -> None:
    act = developments.withdraw(reported(), stamp=stamp(9), hide_text=True)
    state = developments.evolve(reported(), act)
    assert (state.status, state.redactions) == ("withdrawn", 1)
    assert state.fields == {name: FIELDS[name] for name in ("kind", "occurred")}
    assert state.etag == f"{STREAM}.2.1"


def test_folding_gives_the_development_at_each_of_its_versions() -> None:
    first = developments.report(
        STORY, FIELDS, verification="claimed", stream=STREAM, stamp=stamp(3)
    )
    second = developments.verify(developments.evolve(None, first), "confirmed", stamp=stamp(5))
    states = developments.fold([first, second])
    assert [state.version for state in states] == [1, 2]
    assert [state.verification for state in states] == ["claimed", "confirmed"]
    assert developments.fold([]) == []


def test_content_that_was_deleted_can_still_be_folded() -> None:
    act = developments.report(STORY, FIELDS, verification="reported", stream=STREAM, stamp=stamp(3))
    state = developments.evolve(None, replace(act, document=None))
    assert (state.version, state.fields) == (1, {})


# --- what is decided ------------------------------------------------------------------------


def test_a_revision_names_the_fields_that_it_changes() -> None:
    act = developments.revise(
        UPDATED, reported(), STORY, {"body": None, "headline": "Gharyan holds"}, stamp=stamp(9)
    )
    assert set(act.changed.split()) == {"body", "headline"}
    assert act.document == {
        name: said
        for name, said in {**FIELDS, "headline": "Gharyan holds"}.items()
        if name != "body"
    }


def test_a_correction_names_its_target() -> None:
    act = developments.revise(
        CORRECTED, reported(), STORY, {"body": "Other."}, stamp=stamp(9), verification="claimed"
    )
    assert isinstance(act, CORRECTED)
    assert (act.target, act.verification, act.version) == (1, "claimed", 2)


def test_naming_the_status_that_it_has_changes_nothing() -> None:
    with pytest.raises(Invalid, match="Nothing would change"):
        developments.revise(
            CORRECTED, reported(), STORY, {}, stamp=stamp(9), verification="reported"
        )


def test_deciding_leaves_the_state_and_the_changes_as_they_were() -> None:
    state, changes = reported(), {"details": {"control": {"party": "lna"}}}
    before = (replace(state), {"details": {"control": {"party": "lna"}}})
    developments.revise(UPDATED, state, STORY, changes, stamp=stamp(9))
    assert (state, changes) == before


@pytest.mark.parametrize(
    "decide",
    [
        lambda state: developments.revise(UPDATED, state, STORY, {"body": "x"}, stamp=stamp(9)),
        lambda state: developments.verify(state, "confirmed", stamp=stamp(9)),
        lambda state: developments.withdraw(state, stamp=stamp(9)),
    ],
    ids=["revise", "verify", "withdraw"],
)
def test_a_tombstone_takes_no_more_acts(decide: Any) -> None:
    withdrawn = developments.evolve(reported(), developments.withdraw(reported(), stamp=stamp(5)))
    with pytest.raises(Conflict) as refusal:
        decide(withdrawn)
    assert refusal.value.code == "withdrawn"


# --- valid from -----------------------------------------------------------------------------


def test_it_holds_from_the_end_of_what_occurred() -> None:
    assert reported().holds_from(STORY) == at("2019-04-03")


def test_it_holds_from_its_report_when_that_came_first() -> None:
    assert reported(occurred="2019-04").holds_from(STORY) == at("2019-04-05T10:00:00Z")


def test_of_an_unknown_start_nothing_is_known_to_hold() -> None:
    assert reported(occurred="../2019-04-04").holds_from(STORY) is None


def test_a_later_correction_holds_from_where_the_first_report_would_have() -> None:
    act = developments.revise(
        CORRECTED, reported(), STORY, {"occurred": "2019-04"}, stamp=stamp(9, "2019-05-09")
    )
    state = developments.evolve(reported(), act)
    assert state.holds_from(STORY) == at("2019-04-05T10:00:00Z")


# --- fields ---------------------------------------------------------------------------------


def test_fields_are_stored_in_one_order_with_what_is_empty_made_plain() -> None:
    fields = normal({"details": {}, "sources": [{"label": "A."}], "body": "", "headline": "H",
                     "occurred": "2019", "key": False, "media": []})  # fmt: skip
    assert list(fields.items()) == [
        ("kind", "occurrence"),
        ("headline", "H"),
        ("occurred", "2019"),
        ("places", []),
        ("actors", []),
        ("sources", [{"label": "A."}]),
        ("details", {}),
    ]


def test_what_is_no_field_is_not_stored() -> None:
    assert "colour" not in normal({"colour": "red"})


# The cases of RFC 7396, appendix A, that have objects as targets and patches, and a few that
# have not.
RFC_7396: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "result"), RFC_7396)
def test_details_merge_as_rfc_7396_says(target: Any, patch: Any, result: Any) -> None:
    assert merge_patch(target, patch) == result


def test_only_details_merge() -> None:
    fields = normal({**FIELDS, "details": {"control": {"party": "lna"}}})
    changed = merged(fields, {"details": {"control": {"places": ["gharyan"]}}, "actors": []})
    assert changed["details"] == {"control": {"party": "lna", "places": ["gharyan"]}}
    assert changed["actors"] == []


def test_details_taken_away_are_empty() -> None:
    fields = normal({**FIELDS, "details": {"control": {"party": "lna"}}})
    assert merged(fields, {"details": None})["details"] == {}
    assert merged(fields, {"details": {"control": None}})["details"] == {}


def test_an_external_id_names_one_development_of_one_newsroom_in_one_story() -> None:
    def stream(*words: str) -> UUID:
        return developments.external_id_stream(*words)

    assert stream("tripoli", "times", "a") == stream("tripoli", "times", "a")
    others = {
        stream("tripoli", "times", "a"),
        stream("tripoli", "times", "b"),
        stream("tripoli", "post", "a"),
        stream("flood", "times", "a"),
        stream("tripoli", "times", "a/b"),
    }
    assert len(others) == 5
