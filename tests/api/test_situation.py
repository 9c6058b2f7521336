"""The situation over HTTP: whole, one slot's course, the bitemporal table, the level's steps."""

import pytest

from tests.api.served import Caller, next_address
from tests.builders import Desk

HERE = "/v1/stories/tripoli"
FOUNDING = "/v1/stories/tripoli-2019"


# --- the whole situation -------------------------------------------------------------------


def test_every_entry_says_where_it_comes_from(tripoli: Caller) -> None:
    found = tripoli.get(f"{FOUNDING}/situation?settled=true")

    sections = ("parties", "threats", "demands", "scheduled", "control", "casualties", "access")
    for section in sections:
        assert found[section], section
        for entry in found[section]:
            assert entry["slot"]
            assert entry["since"]
            assert entry["development"]
            assert entry["version"]
            assert entry["verification"]


def test_the_situation_names_its_basis_in_words_and_by_an_address(tripoli: Caller) -> None:
    found = tripoli.get(f"{FOUNDING}/situation?as_of=2019-04-05")

    assert found["basis"]["story"] == "tripoli-2019"
    assert found["basis"]["reading"] == "hindsight"
    assert found["basis"]["as_of"] == "2019-04-05T21:59:59.999999Z"
    assert found["basis"]["says"] == (
        "What had happened by the end of 5 April 2019 in Tripoli, told with all we know now"
    )
    assert found["basis"]["url"] == tripoli.last.headers["Content-Location"]
    again = tripoli.get(found["basis"]["url"])
    assert {**again, "basis": None} == {**found, "basis": None}


@pytest.mark.parametrize(
    ("query", "reading"),
    [
        ("", "now"),
        ("?as_of=2019-04-05", "hindsight"),
        ("?known_at=2019-04-05", "as_told"),
        ("?position=90", "as_told"),
        ("?as_of=2019-04-05&known_at=2019-04-08", "both"),
    ],
)
def test_what_is_asked_decides_the_reading(tripoli: Caller, query: str, reading: str) -> None:
    assert tripoli.get(f"{FOUNDING}/situation{query}")["basis"]["reading"] == reading


def test_what_was_settled_long_ago_is_shown_only_when_asked_for(told: Caller, desk: Desk) -> None:
    desk.reports(
        "threat", kind="threat.made", actors="by:lna against:gna", occurred="2019-03-01",
        details={"threat": {"threat": "march"}},
    )  # fmt: skip
    desk.reports(
        "taken-back", kind="threat.withdrawn", actors="by:lna", occurred="2019-03-02",
        details={"threat": {"threat": "march"}},
    )  # fmt: skip

    assert told.get(f"{HERE}/situation")["threats"] == []
    assert [
        threat["threat"] for threat in told.get(f"{HERE}/situation?settled=true")["threats"]
    ] == ["march"]


def test_before_a_storys_first_act_there_is_nothing_and_no_error(told: Caller, desk: Desk) -> None:
    desk.reports("later", kind="clash", actors="by:lna against:gna")

    for query in ("position=0", "known_at=2019-03-01", "known_at=2019-03-01&as_of=2019-02-01"):
        found = told.get(f"{HERE}/situation?{query}")
        assert found["basis"]["position"] == 0
        assert found["parties"] == []
        assert found["level"] is None
        assert found["quiet_since"] is None
        assert found["counts"] == {"developments": 0, "corrected": 0, "withdrawn": 0}
        for path in ("assignments", "level", "situation/engaged:lna"):
            assert told.get(f"{HERE}/{path}?{query}")["items"] == []


def test_a_summary_is_read_as_it_stood_at_the_basis(told: Caller, desk: Desk) -> None:
    desk.reports("order", kind="offensive.ordered", actors="by:lna")
    before = told.get(f"{HERE}/situation")
    desk.sums_up("The attack goes on.", "order")

    assert before["summary"] == []
    assert told.get(f"{HERE}/situation")["summary"] == [
        {"text": "The attack goes on.", "developments": [desk.id("order")]}
    ]
    assert told.get(before["basis"]["url"])["summary"] == []
    desk.sums_up("")
    assert told.get(f"{HERE}/situation")["summary"] == []


def test_pins_and_key_events_are_named(told: Caller, desk: Desk) -> None:
    desk.reports("order", kind="offensive.ordered", actors="by:lna", key=True)
    desk.marks("order")

    found = told.get(f"{HERE}/situation")

    assert found["pinned"] == [desk.id("order")]
    assert found["key_events"] == [desk.id("order")]


def test_a_level_is_said_of_conflicts_only(told: Caller, desk: Desk) -> None:
    desk.reports("order", kind="offensive.ordered", actors="by:lna")
    desk.opens_story("harlebridge", scale="none", actors="council")
    desk.reports("rain", kind="statement", actors="by:council")

    level = told.get(f"{HERE}/situation")["level"]
    assert level["level"] == "offensive"
    assert [reason["says"] for reason in level["reasons"]] == ["lna is attacking."]
    assert told.get("/v1/stories/harlebridge/situation")["level"] is None
    assert told.get("/v1/stories/harlebridge/level")["items"] == []


# --- one slot ------------------------------------------------------------------------------


def test_a_slots_course_is_its_answers_over_world_time(told: Caller, desk: Desk) -> None:
    desk.reports("a", kind="mobilisation", actors="by:lna", occurred="2019-03-20")
    desk.reports("c", kind="ceasefire", actors="by:lna", occurred="2019-04-02")
    desk.reports("b", kind="offensive.ordered", actors="by:lna", occurred="2019-03-28")

    found = told.get(f"{HERE}/situation/posture:lna")

    assert [row["value"] for row in found["items"]] == ["ceasefire", "attacking", "mobilising"]
    assert found["items"][0]["development"] == desk.id("c")
    assert found["items"][0]["verification"] == "reported"
    then = told.get(f"{HERE}/situation/posture:lna?as_of=2019-03-30")
    assert [row["value"] for row in then["items"]] == ["attacking", "mobilising"]


def test_a_course_comes_in_pages_on_one_basis(told: Caller, desk: Desk) -> None:
    for day in range(1, 8):
        desk.reports(
            f"n{day}", kind="statement", occurred=f"2019-03-0{day}",
            details={"notes": {"level": day}},
        )  # fmt: skip

    path = f"{HERE}/situation/note:level?limit=3"
    first = told.get(path)
    assert next_address(told.last) == f"{HERE}/situation/note:level?cursor={first['next']}"
    desk.reports("n8", kind="statement", occurred="2019-03-08", details={"notes": {"level": 8}})
    rest = told.get(f"{HERE}/situation/note:level?cursor={first['next']}")

    assert [row["value"] for row in first["items"] + rest["items"]] == [7, 6, 5, 4, 3, 2]
    assert rest["basis"]["position"] == first["basis"]["position"]
    assert [row["value"] for row in told.items(path)] == [8, 7, 6, 5, 4, 3, 2, 1]


def test_an_unknown_slot_is_told_the_nearest(told: Caller, desk: Desk) -> None:
    desk.reports("a", kind="offensive.ordered", actors="by:lna")

    found = told.get(f"{HERE}/situation/posture:lan", status=404)

    assert found["type"] == "/problems/not-found"
    assert found["suggestions"] == {"slot": ["posture:lna"]}


def test_a_slot_that_was_not_known_yet_has_an_empty_course(told: Caller, desk: Desk) -> None:
    before = told.house.head()
    desk.reports("a", kind="offensive.ordered", actors="by:lna")

    assert told.get(f"{HERE}/situation/posture:lna?position={before}")["items"] == []


def test_a_slot_that_only_a_hidden_text_had_is_not_suggested(told: Caller, desk: Desk) -> None:
    desk.reports("a", kind="statement", details={"notes": {"secret": "…"}})
    desk.withdraws("a", hide_text=True)

    found = told.get(f"{HERE}/situation/note:secrets", status=404)

    assert "note:secret" not in str(found.get("suggestions"))
    assert told.get(f"{HERE}/situation/note:secret", status=404)["status"] == 404


def test_an_ill_formed_slot_is_nothing_here(told: Caller, desk: Desk) -> None:
    for slot in ("Posture:LNA", "posture::lna", "posture:", "%00", "a" * 301, "note:ü"):
        told.get(f"{HERE}/situation/{slot}", status=404)


# --- the table -----------------------------------------------------------------------------


def test_the_table_keeps_both_clocks(told: Caller, desk: Desk) -> None:
    desk.reports("a", kind="mobilisation", actors="by:lna", occurred="2019-03-20")
    desk.reports("b", kind="offensive.ordered", actors="by:lna", occurred="2019-03-28")
    desk.corrects("b", kind="ceasefire")

    rows = told.items(f"{HERE}/assignments?slot=posture:lna")

    assert [(row["value"], row["version"]) for row in rows] == [
        ("mobilising", 1), ("attacking", 1), ("ceasefire", 2),
    ]  # fmt: skip
    first, wrong, right = rows
    assert first["valid_to"] == right["valid_from"]
    assert first["known_to"] is None
    assert wrong["known_to"] == right["known_from"]
    assert wrong["known_to_position"] == right["known_from_position"]
    assert wrong["valid_from"] == right["valid_from"]
    assert right["valid_to"] is None


def test_the_table_says_what_was_known_then(told: Caller, desk: Desk) -> None:
    desk.reports("a", kind="mobilisation", actors="by:lna", occurred="2019-03-20")
    position = told.house.head()
    desk.reports("b", kind="offensive.ordered", actors="by:lna", occurred="2019-03-28")

    then = told.items(f"{HERE}/assignments?slot=posture:lna&position={position}")
    earlier = told.items(f"{HERE}/assignments?slot=posture:lna&as_of=2019-03-25")

    assert [(row["value"], row["valid_to"]) for row in then] == [("mobilising", None)]
    assert then == earlier


def test_the_table_is_narrowed_and_paged(told: Caller, desk: Desk) -> None:
    for name in ("a", "b", "c"):
        desk.reports(name, kind="clash", actors="by:lna against:gna", places="tripoli")

    everything = told.items(f"{HERE}/assignments?limit=2")
    one = told.items(f"{HERE}/assignments?development={desk.id('b')}")

    assert everything == told.items(f"{HERE}/assignments?limit=200")
    assert one == [row for row in everything if row["development"] == desk.id("b")]
    assert len(one) > 2
    nowhere = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
    problem = told.get(f"{HERE}/assignments?development={nowhere}", status=422)
    assert "development" in problem["errors"]


def test_a_development_of_another_story_narrows_nothing(told: Caller, desk: Desk) -> None:
    desk.reports("a")
    elsewhere = desk.on("elsewhere")
    elsewhere.opens_story("elsewhere")

    told.get(f"/v1/stories/elsewhere/assignments?development={desk.id('a')}", status=422)


# --- the level -----------------------------------------------------------------------------


def test_the_levels_steps_have_their_reasons_newest_first(told: Caller, desk: Desk) -> None:
    desk.reports("order", kind="offensive.ordered", actors="by:lna", occurred="2019-03-20")
    desk.reports(
        "clash", kind="clash", actors="by:lna against:gna", places="tripoli", occurred="2019-03-21"
    )
    desk.reports("gna", kind="offensive.ordered", actors="by:gna", occurred="2019-03-22")

    steps = told.get(f"{HERE}/level")["items"]

    assert [step["level"] for step in steps] == ["major_escalation", "offensive"]
    assert steps[0]["since"] == "2019-03-22T21:59:59.999999Z"
    assert steps[0]["reasons"][0]["development"]
    assert all(step["rule"] == 1 for step in steps)
    assert told.items(f"{HERE}/level?limit=1") == steps


def test_a_threats_deadline_is_a_step_where_it_lowers_the_level(told: Caller, desk: Desk) -> None:
    desk.reports("order", kind="offensive.ordered", actors="by:lna", occurred="2019-03-20")
    desk.reports("clash", kind="clash", actors="by:lna against:gna", occurred="2019-03-21")
    desk.reports(
        "threat", kind="threat.made", actors="by:lna against:gna", occurred="2019-03-22",
        details={"threat": {"threat": "march", "deadline": "2019-03-25"}},
    )  # fmt: skip

    steps = told.get(f"{HERE}/level")["items"]

    assert [step["level"] for step in steps] == ["offensive", "major_escalation", "offensive"]
    assert steps[0]["since"] == "2019-03-25T21:59:59.999999Z"
    assert steps[0]["level"] == told.get(f"{HERE}/situation")["level"]["level"]


def test_every_step_is_found_where_a_page_looks_back_over_few_moments(
    told: Caller, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = ("offensive.ordered", "ceasefire", "mobilisation", "offensive.ordered", "ceasefire")
    for day, kind in enumerate(kinds * 3, 10):
        desk.reports(f"d{day}", kind=kind, actors="by:lna", occurred=f"2019-03-{day}")
    steps = told.items(f"{HERE}/level")
    assert len(steps) > 6

    for window in (1, 2, 3):
        monkeypatch.setattr("service.asof.situation.LEVEL_WINDOW", window)
        assert told.items(f"{HERE}/level") == steps


def test_an_override_is_a_step_and_names_what_the_rule_would_say(told: Caller, desk: Desk) -> None:
    desk.reports("order", kind="offensive.ordered", actors="by:lna", occurred="2019-03-20")
    desk.overrides_level("clashes", "Fewer than it looks.")

    step = told.get(f"{HERE}/level")["items"][0]

    assert step["level"] == "clashes"
    assert step["override"]["reason"] == "Fewer than it looks."
    assert step["override"]["by_rule"]["level"] == "offensive"
