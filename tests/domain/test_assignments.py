"""When what a version assigns holds, how hot it is, and what is true of every assignment."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.kinds import (
    KINDS,
    assignments,
    check_details,
    shortfalls,
    turning_points,
    valid_from,
)
from service.domain.slots import Version
from service.domain.templates import BANDS, band_of
from tests.domain.telling import TRIPOLI, at, version


def values(reported: Version) -> dict[str, Any]:
    return {one.slot: one.value for one in assignments(reported)}


def told(kind: str, **said: Any) -> dict[str, Any]:
    return values(version(kind, conflict=False, **said))


# -- heat ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "band"),
    [
        ("clash", "violence"),
        ("offensive.ordered", "coercion"),
        ("threat.made", "friction"),
        ("meeting", "talks"),
        ("pullback", "cooperation"),
    ],
)
def test_a_story_of_conflict_keeps_the_last_development_of_each_band(kind: str, band: str) -> None:
    hot = values(version(kind, actors="by:lna", places="gharyan"))
    assert hot[f"heat:{band}"] == {"kind": kind, "intensity": KINDS[kind].intensity}
    calm = values(version(kind, actors="by:lna", places="gharyan", conflict=False))
    assert not any(slot.startswith("heat:") for slot in calm)


def test_what_is_neither_conflict_nor_cooperation_has_no_heat() -> None:
    assert values(version("evacuation", actors="by:us")) == {"presence:us": "reduced"}
    assert band_of(0.0) is None


@pytest.mark.parametrize(
    ("intensity", "band"),
    [
        (-8.0, "violence"),
        (-7.9, "coercion"),
        (-4.5, "coercion"),
        (-4.4, "friction"),
        (-0.1, "friction"),
        (0.1, "talks"),
        (5.9, "talks"),
        (6.0, "cooperation"),
    ],
)
def test_a_band_ends_where_it_says(intensity: float, band: str) -> None:
    assert band_of(intensity) == band


@given(st.floats(-10, 10).filter(bool))
def test_every_intensity_but_none_falls_into_one_of_five_bands(intensity: float) -> None:
    assert band_of(intensity) in BANDS


# -- when it holds ------------------------------------------------------------------------------


def test_a_development_holds_from_the_end_of_what_it_may_mean() -> None:
    (one,) = assignments(version("evacuation", actors="by:us", recorded="2019-05-01"))
    assert (one.valid_from, one.occurred_latest) == (at("2019-04-05"), at("2019-04-05"))


def test_no_report_precedes_what_it_reports() -> None:
    noon = "2019-04-05T12:00:00Z"
    (one,) = assignments(version("evacuation", actors="by:us", recorded=noon))
    assert (one.valid_from, one.occurred_latest) == (at(noon), at("2019-04-05"))


def test_what_lasts_holds_from_the_end_of_its_first_day_and_casualties_from_the_last() -> None:
    details = {"casualties": {"counted_by": "who", "killed": 4}}
    fight = version(
        "clash",
        occurred="2019-04-04/2019-04-07",
        recorded="2019-05-01",
        actors="by:lna",
        details=details,
        conflict=False,
    )
    froms = {one.slot: one.valid_from for one in assignments(fight)}
    assert froms == {
        "engaged:lna": at("2019-04-04"),
        "casualties:total:who:killed": at("2019-04-07"),
    }
    assert valid_from(fight) == at("2019-04-04")


def test_casualties_hold_from_the_moment_until_which_they_were_counted() -> None:
    details = {"casualties": {"killed": 4, "until": "2019-04-06"}}
    toll = version(
        "casualties.reported",
        occurred="2019-04-04/2019-04-08",
        recorded="2019-05-01",
        actors="by:who",
        details=details,
    )
    assert [one.valid_from for one in assignments(toll)] == [at("2019-04-06")]
    assert valid_from(toll) == at("2019-04-06")


def test_what_began_nobody_knows_when_assigns_nothing() -> None:
    unknown = version("evacuation", occurred="/2019-04-05", actors="by:us")
    assert assignments(unknown) == ()
    assert valid_from(unknown) is None
    assert turning_points(unknown) == ()


@pytest.mark.parametrize("occurred", ["../2019-04-05", "/2019-04-05"])
def test_that_nobody_knows_when_it_began_is_said_as_a_warning(occurred: str) -> None:
    fields = version("clash", actors="by:lna", places="gharyan").fields
    assert shortfalls(fields) == []
    (warning,) = shortfalls({**fields, "occurred": occurred})
    assert "nobody knows when it began" in warning
    assert shortfalls({**version("background").fields, "occurred": occurred}) == []


def test_what_has_not_ended_is_ordered_by_its_beginning() -> None:
    lasting = version("evacuation", occurred="2019-04-05/..", recorded="2019-05-01", actors="by:us")
    assert [one.occurred_latest for one in assignments(lasting)] == [at("2019-04-05")]


@pytest.mark.parametrize(
    "gone", [{"status": "withdrawn"}, {"status": "erased"}, {"verification": "refuted"}], ids=str
)
def test_what_was_withdrawn_erased_or_refuted_assigns_nothing(gone: dict[str, str]) -> None:
    taken_back = version("clash", actors="by:lna")._replace(**gone)  # type: ignore[arg-type]
    assert assignments(taken_back) == ()
    assert turning_points(taken_back) == ()


def test_what_is_disputed_still_stands_and_says_so() -> None:
    disputed = version("evacuation", actors="by:us")._replace(verification="disputed")
    assert [one.verification for one in assignments(disputed)] == ["disputed"]


# -- names of threads ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind in KINDS if KINDS[kind].opens])
def test_what_begins_a_thread_and_names_none_is_named_after_its_development(kind: str) -> None:
    said = told(kind, number=0xABCDEF)
    assert said
    assert all(slot.split(":")[1] == "d-000000abcdef" for slot in said)


def test_what_follows_on_a_thread_that_it_does_not_name_assigns_nothing() -> None:
    assert told("threat.withdrawn", actors="by:lna") == {}
    assert told("scheduled.held") == {}


# -- turning points -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("threat.made", {"threat": {"deadline": "2019-04-10"}}),
        ("call.made", {"demand": {"deadline": "2019-04-10"}}),
        ("sanction", {"measure": {"until": "2019-04-10"}}),
        ("scheduled.planned", {"scheduled": {"starts": "2019-04-10"}}),
        ("scheduled.planned", {"scheduled": {"starts": "2019-04-08", "ends": "2019-04-10"}}),
    ],
    ids=str,
)
def test_a_state_turns_when_its_date_is_over(kind: str, details: dict[str, Any]) -> None:
    assert turning_points(version(kind, details=details)) == (at("2019-04-10"),)


def test_a_plan_is_over_in_its_own_time_zone() -> None:
    plan = {"starts": "2019-04-10", "time_zone": "America/New_York"}
    (over,) = turning_points(version("scheduled.planned", details={"scheduled": plan}))
    assert over == at("2019-04-11T03:59:59.999999Z")


def test_a_deadline_that_passes_as_the_threat_is_made_turns_nothing_later() -> None:
    now = version("threat.made", details={"threat": {"deadline": "2019-04-05"}})
    assert turning_points(now) == ()


def test_a_date_that_was_over_when_it_was_told_turns_nothing() -> None:
    late = version("threat.made", details={"threat": {"deadline": "2019-04-01"}})
    assert turning_points(late) == ()


# -- what holds of any development --------------------------------------------------------------

SLUG = "[a-z0-9](-?[a-z0-9])*"
GRAMMAR = [
    "(posture|engaged|fought|alert|holder|access|presence|note):S",
    "control:S:S:S",
    "(threat|demand|measure):S:terms",
    "(threat|measure|scheduled):S:state",
    "demand:S:state:S",
    "scheduled:S:(plan|reaffirmed)",
    "casualties:S:S:(killed|wounded|civilians_killed|civilian_casualties|missing|displaced)",
    "relation:S:S:(supports|arms|recognises|opposes|fights)",
    "heat:(violence|coercion|friction|talks|cooperation)",
]
A_SLOT = re.compile("|".join(f"({row.replace('S', SLUG)})" for row in GRAMMAR))

slugs = st.sampled_from(["a", "b1", "c-d", "total"])
dates = st.sampled_from(["2019", "2019-04", "2019-04-10", "2019-04-10T10:00Z", "soon", ""])
figures = st.one_of(
    st.integers(-1, 9),
    st.fixed_dictionaries({}, optional={n: st.integers(0, 9) for n in ("low", "best", "high")}),
)
PARTS = {
    "scheduled": {"event": slugs, "starts": dates, "ends": dates, "title": st.just("T")},
    "threat": {"threat": slugs, "text": st.just("x"), "deadline": dates},
    "demand": {"demand": slugs, "deadline": dates},
    "control": {"places": st.lists(slugs, max_size=2), "party": slugs},
    "casualties": {"scope": slugs, "counted_by": slugs, "killed": figures, "until": dates},
    "alert": {"level": st.sampled_from(["raised", "maximum", "lowered", "normal", "odd"])},
    "relation": {"type": st.sampled_from(["supports", "fights", "likes"])},
    "measure": {"measure": slugs, "until": dates, "state": st.sampled_from(["ended", "violated"])},
    "access": {"places": st.lists(slugs, max_size=2)},
    "notes": {"n1": st.none() | st.integers() | st.text(max_size=3)},
}
details_of = {
    part: st.fixed_dictionaries({}, optional=fields) for part, fields in PARTS.items()
} | {"posture": st.sampled_from(["calm", "attacking", "angry"])}


@st.composite
def developments(draw: st.DrawFn) -> Version:
    kind = draw(st.sampled_from(list(KINDS)))
    parts = {part: details_of[part] for part in KINDS[kind].details}
    roles = st.sampled_from(["by", "against", "to", "with", "about"])
    actors = draw(st.lists(st.tuples(roles, slugs), max_size=4))
    return version(
        kind,
        occurred=draw(st.sampled_from(["2019-04-05", "2019-04", "2019-04-01/..", "/2019-04-05"])),
        recorded="2019-04-06",
        actors=" ".join(":".join(pair) for pair in actors),
        places=" ".join(draw(st.lists(slugs, max_size=2))),
        details=draw(st.fixed_dictionaries({}, optional=parts)),
    )


@given(developments())
def test_what_the_check_lets_pass_is_assigned_to_slots_of_the_grammar(reported: Version) -> None:
    kind = reported.fields["kind"]
    if check_details(kind, reported.fields, TRIPOLI):
        return
    assigned = assignments(reported)
    assert len({one.slot for one in assigned}) == len(assigned)
    for one in assigned:
        assert A_SLOT.fullmatch(one.slot), one.slot
        assert one.valid_from <= reported.first_recorded_at
    for instant in turning_points(reported):
        assert instant > (valid_from(reported) or 0)
