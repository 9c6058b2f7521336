"""The vocabulary: every kind is data, and every check here runs on every kind."""

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from service.domain.kinds import (
    KINDS,
    assignments,
    check_details,
    details_schema,
    kind_of,
    nearest,
    shortfalls,
)
from service.domain.reading import FILLED_BY
from tests.domain.telling import TRIPOLI, version

HERE = Path(__file__).parent
RELEASED = HERE / "released_kinds.csv"
# The design's own table lies beside the project where the project is designed, and nowhere else.
DESIGNED = HERE.parents[2] / "shared" / "vocabulary" / "kinds.csv"
TABLES = [table for table in (RELEASED, DESIGNED) if table.is_file()]


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


ROWS = {row["kind"]: row for row in _rows(RELEASED)}

NAMES = {
    "by": ["a1"],
    "against": ["b1"],
    "to": ["c1"],
    "by|with": ["a1", "d1"],
    "place": ["p1"],
    "t": ["t1"],
    "d": ["d1"],
    "e": ["e1"],
    "m": ["m1"],
    "scope": ["total"],
    "counted_by": ["who"],
    "figure": ["killed", "missing"],
    "type": ["recognises"],
    "name": ["n1"],
}
"""What stands for each placeholder in the minimal development of a kind."""

PARTIES = {"control.claimed": "a1", "control.denied": "b1", "control.confirmed": "z1"}

SAID: dict[str, Any] = {
    "scheduled": {"event": "e1"},
    "threat": {"threat": "t1"},
    "demand": {"demand": "d1"},
    "measure": {"measure": "m1"},
    "notes": {"n1": 7},
}


def _details(kind: str) -> dict[str, Any]:
    """The least that a kind's details say for every slot of its column to be written."""
    said = {part: SAID[part] for part in KINDS[kind].details if part in SAID}
    if kind == "control.confirmed":
        said["control"] = {"party": "z1"}
    if kind == "casualties.reported":
        said["casualties"] = {"counted_by": "who", "killed": 3, "missing": 1}
    if kind == "displacement":
        said["casualties"] = {"counted_by": "who", "displaced": 3400}
    if kind in ("relation.declared", "relation.broken"):
        said["relation"] = {"type": "recognises"}
    return said


def _minimal(kind: str, **more: Any) -> Any:
    return version(
        kind,
        actors="by:a1 against:b1 to:c1 with:d1",
        places="p1",
        details=_details(kind),
        conflict=False,
        **more,
    )


def _column(kind: str) -> list[str]:
    """The column's templates, one by one, without what is said about them."""
    text = ROWS[kind]["assigns"].replace(" where it names one", "").replace(";", " ")
    return text.split()


def _expected(kind: str) -> dict[str, str]:
    """The slots that the column means for the minimal development, with the values it gives."""
    found = {}
    for template in _column(kind):
        slots = [template]
        for name in re.findall(r"\{([^}]+)\}", template):
            stands_for = [PARTIES[kind]] if name == "party" else NAMES[name]
            slots = [s.replace("{" + name + "}", slug) for s in slots for slug in stands_for]
        found.update(tuple((slot + "=").split("=")[:2]) for slot in slots)
    return {slot: value.split("|")[0] for slot, value in found.items()}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.parent.name)
def test_the_vocabulary_is_what_the_table_of_released_kinds_says(table: Path) -> None:
    assert [row["kind"] for row in _rows(table)] == list(KINDS)
    for row in _rows(table):
        kind = KINDS[row["kind"]]
        for column in ("label", "group", "plover", "cameo", "acled"):
            assert getattr(kind, column) == row[column], (kind.name, column)
        assert kind.intensity == float(row["default_intensity"]), kind.name
        listed = [part.strip() for part in row["assigns"].split(";")]
        templates = [t for part in listed for t in ([part] if " where " in part else part.split())]
        assert list(kind.assigns) == templates, kind.name


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_minimal_development_assigns_what_its_column_says(kind: str) -> None:
    minimal = _minimal(kind)
    assert check_details(kind, minimal.fields, TRIPOLI) == {}
    assigned = {one.slot: one.value for one in assignments(minimal)}
    expected = _expected(kind)
    assert set(assigned) == set(expected)
    for slot, value in expected.items():
        assert assigned[slot] == value if value else assigned[slot] is not None


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_template_is_made_of_placeholders_that_something_fills(kind: str) -> None:
    assert {name for template in KINDS[kind].templates for name in template.names} <= set(FILLED_BY)


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_kind_that_needs_no_control_goes_on_the_record_with_nothing_but_its_name(
    kind: str,
) -> None:
    faults = check_details(kind, version(kind).fields, TRIPOLI)
    assert bool(faults) == bool({"control", "access"} & set(KINDS[kind].details))


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_published_schema_takes_the_minimal_details_and_no_others(kind: str) -> None:
    schema = Draft202012Validator(details_schema(kind))
    Draft202012Validator.check_schema(schema.schema)
    assert schema.is_valid(_details(kind))
    assert not schema.is_valid({**_details(kind), "mood": "tense"})


def test_a_development_without_a_kind_is_an_occurrence() -> None:
    assert kind_of({"headline": "Something happened"}).name == "occurrence"
    assert kind_of({"kind": None}).name == "occurrence"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("attack_order", "offensive.ordered"),
        ("offensive_ordered", "offensive.ordered"),
        ("Offensive.Ordered", "offensive.ordered"),
        ("air-strike", "airstrike"),
        ("retaliation_threat", "threat.made"),
        ("unsc meeting", "meeting"),
        ("death toll", "casualties.reported"),
        ("ceasfire", "ceasefire"),
        ("truce", "ceasefire"),
        ("mobilization", "mobilisation"),
    ],
)
def test_a_name_that_is_no_kind_is_answered_with_the_nearest_first(said: str, meant: str) -> None:
    assert nearest(said)[0] == meant
    assert len(nearest(said)) <= 3


def test_a_name_near_to_nothing_gets_no_suggestion() -> None:
    assert nearest("zzzz") == []


Faulty = tuple[str, dict[str, Any], str]

WRONG: list[Faulty] = [
    ("airstrike", {"mood": "tense"}, "details.mood"),
    ("statement", {"threat": {"threat": "t1"}}, "details.threat"),
    ("threat.made", {"threat": "t1"}, "details.threat"),
    ("threat.made", {"threat": {"threat": "T 1"}}, "details.threat.threat"),
    ("threat.made", {"threat": {"threat": "t--1"}}, "details.threat.threat"),
    ("threat.made", {"threat": {"threat": "t" * 81}}, "details.threat.threat"),
    ("threat.made", {"threat": {"text": ""}}, "details.threat.text"),
    ("threat.made", {"threat": {"when": "soon"}}, "details.threat.when"),
    ("threat.made", {"threat": {"text": "x" * 5_001}}, "details.threat.text"),
    ("threat.made", {"threat": {"deadline": "soon"}}, "details.threat.deadline"),
    ("threat.made", {"threat": {"deadline": ""}}, "details.threat.deadline"),
    ("threat.made", {"threat": {"deadline": "2" * 20_000}}, "details.threat.deadline"),
    ("call.made", {"demand": {"deadline": "2019-02-30"}}, "details.demand.deadline"),
    ("sanction", {"measure": {"until": "2019-04-05T10:00"}}, "details.measure.until"),
    ("sanction", {"measure": {"state": "over"}}, "details.measure.state"),
    ("scheduled.planned", {"scheduled": {"time_zone": "Mars/Base"}}, "details.scheduled.time_zone"),
    ("scheduled.planned", {"scheduled": {"time_zone": "a\x00"}}, "details.scheduled.time_zone"),
    ("scheduled.planned", {"scheduled": {"starts": 2019}}, "details.scheduled.starts"),
    (
        "scheduled.planned",
        {"scheduled": {"starts": "2019-04-16", "ends": "2019-04-14"}},
        "details.scheduled.ends",
    ),
    ("alert.raised", {"alert": {"level": "normal"}}, "details.alert.level"),
    ("clash", {"posture": "angry"}, "details.posture"),
    ("relation.declared", {"relation": {"type": "likes"}}, "details.relation.type"),
    ("statement", {"notes": {"Big Name": 1}}, "details.notes.Big Name"),
    ("statement", {"notes": [1]}, "details.notes"),
    ("statement", {"notes": {}}, "details.notes"),
    ("statement", {"notes": {"a": None}}, "details.notes.a"),
    ("statement", {"notes": {"a": [1]}}, "details.notes.a"),
    ("statement", {"notes": {"a": "x" * 1_001}}, "details.notes.a"),
    ("scheduled.planned", {"scheduled": {"title": "x" * 301}}, "details.scheduled.title"),
    ("statement", {"notes": {f"n{i}": i for i in range(51)}}, "details.notes"),
    ("closure", {"access": {"places": []}}, "details.access.places"),
    ("closure", {"access": {"places": [f"p{i}" for i in range(51)]}}, "details.access.places"),
    ("closure", {"access": {"places": ["p1", "p2", "p1"]}}, "details.access.places.2"),
    ("closure", {"access": {"places": "p1"}}, "details.access.places"),
    ("closure", {"access": {"places": ["p1", "P 2"]}}, "details.access.places.1"),
]


@pytest.mark.parametrize(("kind", "details", "path"), WRONG, ids=lambda value: str(value)[:40])
def test_details_that_cannot_be_are_refused_at_their_field(
    kind: str, details: Mapping[str, Any], path: str
) -> None:
    fields = version(kind, actors="by:a1", places="p1", details=details).fields
    assert list(check_details(kind, fields, TRIPOLI)) == [path]


RIGHT: list[tuple[str, dict[str, Any]]] = [
    ("threat.made", {"threat": {"threat": "t" * 80, "text": "x" * 5_000}}),
    ("statement", {"notes": {f"n{i}": i for i in range(50)}}),
    ("closure", {"access": {"places": ["p1"]}}),
    ("closure", {"access": {"places": [f"p{i}" for i in range(50)]}}),
    ("scheduled.planned", {"scheduled": {"starts": "2019-04-14", "ends": "2019-04-14"}}),
    (
        "scheduled.planned",
        {"scheduled": {"starts": "2019-04-14T10:00Z", "ends": "2019-04-14T10:00Z"}},
    ),
    ("scheduled.planned", {"scheduled": {"ends": "2019-04", "starts": "2019-04-14"}}),
    ("scheduled.planned", {"scheduled": {"ends": "2019", "title": "x" * 300}}),
    ("statement", {"notes": {"a": "x" * 1_000, "b": "", "c": 1.5, "d": False}}),
    ("statement", {"notes": {"a": float("nan"), "b": 10**400}}),
    ("call.made", {"demand": {"deadline": "2019-04-05T10:00 02:00"}}),
]


@pytest.mark.parametrize(("kind", "details"), RIGHT, ids=lambda value: str(value)[:40])
def test_details_at_their_bounds_are_taken(kind: str, details: Mapping[str, Any]) -> None:
    fields = version(kind, actors="by:a1", places="p1", details=details).fields
    assert check_details(kind, fields, TRIPOLI) == {}


def test_a_date_that_is_none_is_answered_with_the_one_that_was_meant() -> None:
    details = {"threat": {"deadline": "2019-04-05T10:00"}, "casualties": {"killed": 1}}
    details["casualties"] |= {"counted_by": "who", "until": "soon"}
    found = check_details("airstrike", version("airstrike", details=details).fields, TRIPOLI)
    assert found["details.threat.deadline"][0].endswith("Write 2019-04-05T10:00+02:00.")
    assert "Write" not in found["details.casualties.until"][0]


def test_details_with_a_thousand_faults_are_answered_with_the_first_fifty() -> None:
    fields = version("statement", details={f"x{i}": i for i in range(1000)}).fields
    assert len(check_details("statement", fields, TRIPOLI)) == 50


def test_an_unknown_part_is_answered_with_the_parts_that_the_kind_takes() -> None:
    said = {"details": {"mood": "tense"}}
    (threat,) = check_details("airstrike", said, TRIPOLI)["details.mood"]
    (nothing,) = check_details("background", said, TRIPOLI)["details.mood"]
    assert threat == "Airstrike (airstrike) takes threat, casualties, posture."
    assert nothing == "Background (background) takes no details."


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["threat", "places", "killed", "low", "until", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(st.data(), st.sampled_from(list(KINDS)))
def test_the_check_refuses_what_the_published_schema_refuses(
    data: st.DataObject, kind: str
) -> None:
    parts = dict.fromkeys(KINDS[kind].details, anything)
    details = data.draw(st.fixed_dictionaries({}, optional={**parts, "x": anything}))
    fields = version(kind, actors="by:a1", places="p1", details=details).fields
    fits = Draft202012Validator(details_schema(kind)).is_valid(details)
    found = check_details(kind, fields, TRIPOLI)
    assert fits or found


FIGURES: list[tuple[Any, str | None]] = [
    (21, None),
    (0, None),
    ({"low": 600}, None),
    ({"low": 4, "high": 6}, None),
    ({"low": 4, "best": None, "high": 6}, None),
    (-1, "details.casualties.killed"),
    (True, "details.casualties.killed"),
    (3.5, "details.casualties.killed"),
    ("many", "details.casualties.killed"),
    (10**9 + 1, "details.casualties.killed"),
    ({}, "details.casualties.killed"),
    ({"low": None}, "details.casualties.killed"),
    ({"low": 6, "high": 4}, "details.casualties.killed"),
    ({"low": 1, "best": 7, "high": 4}, "details.casualties.killed"),
    ({"about": 5}, "details.casualties.killed.about"),
    ({"low": -5}, "details.casualties.killed.low"),
]


@pytest.mark.parametrize(("figure", "path"), FIGURES, ids=str)
def test_a_figure_is_a_whole_number_or_bounds_in_order(figure: Any, path: str | None) -> None:
    details = {"casualties": {"counted_by": "who", "killed": figure}}
    fields = version("casualties.reported", details=details).fields
    assert list(check_details("casualties.reported", fields, TRIPOLI)) == ([path] if path else [])


def test_casualties_without_a_figure_count_nothing() -> None:
    fields = version("casualties.reported", details={"casualties": {"counted_by": "who"}}).fields
    assert "details.casualties" in check_details("casualties.reported", fields, TRIPOLI)


def test_who_strikes_does_not_count_the_dead_so_a_strike_must_name_the_counter() -> None:
    details = {"casualties": {"killed": 4}}
    strike = version("airstrike", actors="by:a1", details=details).fields
    toll = version("casualties.reported", actors="by:a1", details=details).fields
    counted_by = "details.casualties.counted_by"
    assert list(check_details("airstrike", strike, TRIPOLI)) == [counted_by]
    assert check_details("casualties.reported", toll, TRIPOLI) == {}


CONTROL: list[tuple[str, str, str, dict[str, Any], list[str]]] = [
    ("control.claimed", "by:a1", "p1", {}, []),
    ("control.claimed", "by:a1", "", {}, ["details.control.places"]),
    ("control.claimed", "by:a1", "", {"places": ["p1", "p2"]}, []),
    ("control.claimed", "", "p1", {}, ["actors"]),
    ("control.claimed", "by:a1 by:a2", "p1", {}, ["details.control.party"]),
    ("control.claimed", "by:a1 by:a2", "p1", {"party": "a1"}, []),
    ("control.denied", "by:a1 against:b1", "p1", {}, []),
    ("control.denied", "by:a1", "p1", {}, ["details.control.party"]),
    ("control.denied", "by:a1 against:b1 against:b2", "p1", {}, ["details.control.party"]),
    ("control.denied", "against:b1", "p1", {}, ["actors"]),
    ("control.confirmed", "by:a1", "p1", {}, ["details.control.party"]),
    ("control.confirmed", "", "p1", {"party": "z1"}, []),
    ("pullback", "by:a1 by:a2", "p1", {}, []),
    ("pullback", "by:a1 by:a2", "p1", {"party": "a2"}, []),
    ("pullback", "by:a1", "p1", {"party": "z1"}, ["details.control.party"]),
    ("pullback", "", "p1", {}, ["actors"]),
]


@pytest.mark.parametrize(("kind", "actors", "places", "control", "paths"), CONTROL, ids=str)
def test_control_needs_a_place_a_claimant_and_one_party_that_is_meant(
    kind: str, actors: str, places: str, control: dict[str, Any], paths: list[str]
) -> None:
    details = {"control": control} if control else {}
    fields = version(kind, actors=actors, places=places, details=details).fields
    assert list(check_details(kind, fields, TRIPOLI)) == paths


def test_a_closure_takes_its_places_from_the_development() -> None:
    assert check_details("closure", version("closure", places="p1").fields, TRIPOLI) == {}
    missing = check_details("closure", version("closure").fields, TRIPOLI)
    assert list(missing) == ["details.access.places"]


def test_what_the_situation_cannot_show_is_said_as_a_warning() -> None:
    (warning,) = shortfalls(version("threat.carried_out", actors="by:lna").fields)
    assert "threat (details.threat.threat)" in warning
    assert shortfalls(version("clash").fields) == []
    assert shortfalls(version("call.made", actors="by:un").fields) == []
    assert shortfalls(version("meeting").fields) == []


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_development_that_says_all_falls_short_of_nothing(kind: str) -> None:
    assert shortfalls(_minimal(kind).fields) == []
