"""The level of a conflict: each line of rule 1, and that silence lowers nothing."""

from typing import Any

import pytest

from service.domain.level import RULE, VALUES, level, steps
from tests.domain.telling import CAST, TRIPOLI, Telling, at


def attacks(story: Telling, party: str, on: str) -> None:
    story.reports("offensive.ordered", on, actors=f"by:{party}")


def fights(story: Telling, on: str) -> None:
    story.reports("clash", on, actors="by:lna against:gna")


def threatens(story: Telling, on: str, deadline: str | None = None) -> None:
    details = {"threat": {"threat": "t1"} | ({"deadline": deadline} if deadline else {})}
    story.reports("threat.made", on, actors="by:lna", details=details)


def talks(story: Telling, on: str) -> None:
    story.reports("meeting", on)


def reading(story: Telling, as_of: str = "2019-12-31") -> dict[str, Any]:
    found = story.situation(as_of)["level"]
    assert found["value"] == VALUES[found["level"]]
    return dict(found)


def named(story: Telling, as_of: str = "2019-12-31") -> str:
    return str(reading(story, as_of)["level"])


def test_a_story_of_another_scale_has_no_level() -> None:
    story = Telling(conflict=False)
    fights(story, "2019-04-05")
    assert story.situation()["level"] is None


def test_a_story_of_conflict_in_which_nothing_happened_is_calm() -> None:
    found = reading(Telling())
    assert (found["level"], found["value"]) == ("calm", 1)
    assert (found["since"], found["reasons"], found["override"]) == (None, [], None)
    assert found["rule"] == 1


def test_talks_alone_are_calm() -> None:
    story = Telling()
    talks(story, "2019-04-05")
    assert named(story) == "calm"


def test_an_open_threat_is_tension_until_it_expires() -> None:
    story = Telling()
    threatens(story, "2019-03-01", deadline="2019-04-20")
    talks(story, "2019-04-10")
    assert named(story, "2019-04-19") == "tension"
    assert named(story, "2019-04-20") == "calm"


@pytest.mark.parametrize("posture", ["alert", "mobilising", "defending"])
def test_a_party_on_its_guard_is_tension_however_long_ago(posture: str) -> None:
    story = Telling()
    story.reports("alert.raised", "2019-01-01", actors="by:gna", details={"posture": posture})
    talks(story, "2019-04-10")
    assert named(story) == "tension"


@pytest.mark.parametrize(
    ("kind", "last_day", "day_after"),
    [
        ("call.made", "2019-04-08", "2019-04-09"),
        ("control.claimed", "2019-05-01", "2019-05-02"),
        ("shelling", "2019-05-01", "2019-05-02"),
    ],
)
def test_friction_is_tension_for_a_week_coercion_and_violence_for_a_month(
    kind: str, last_day: str, day_after: str
) -> None:
    story = Telling()
    story.reports(kind, "2019-04-01", actors="by:lna", places="airport")
    talks(story, last_day)
    assert named(story) == "tension"
    talks(story, day_after)
    assert named(story) == "calm"


def test_fighting_is_clashes_for_a_week() -> None:
    story = Telling()
    fights(story, "2019-04-05")
    assert named(story) == "clashes"
    talks(story, "2019-04-12")
    assert named(story) == "clashes"
    talks(story, "2019-04-13")
    assert named(story) == "tension"


def test_silence_lowers_nothing() -> None:
    story = Telling()
    fights(story, "2019-04-05")
    assert named(story, "2019-04-05") == named(story, "2029-04-05") == "clashes"


def test_a_count_of_the_dead_lowers_nothing_either() -> None:
    story = Telling()
    fights(story, "2019-04-05")
    toll = {"casualties": {"killed": 205}}
    story.reports("casualties.reported", "2019-06-30", actors="by:who", details=toll)
    assert named(story) == "clashes"


def test_a_ceasefire_stills_the_fighting_before_it_but_not_after_it() -> None:
    story = Telling()
    fights(story, "2019-04-05")
    story.reports("ceasefire", "2019-04-06", actors="by:lna with:gna")
    assert named(story) == "tension"
    fights(story, "2019-04-07")
    assert named(story) == "clashes"


def test_an_attack_is_an_offensive_from_the_order_on() -> None:
    story = Telling()
    attacks(story, "lna", "2019-04-04")
    fights(story, "2019-04-06")
    found = reading(story)
    assert (found["level"], found["since"]) == ("offensive", "2019-04-04T21:59:59.999999Z")
    assert [reason["code"] for reason in found["reasons"]] == ["attack"]


def test_an_attack_without_violence_is_over_after_a_month() -> None:
    story = Telling()
    attacks(story, "lna", "2019-04-01")
    talks(story, "2019-05-01")
    assert named(story) == "offensive"
    talks(story, "2019-05-02")
    assert named(story) == "tension"


def test_an_attack_goes_on_while_there_is_violence() -> None:
    story = Telling()
    attacks(story, "lna", "2019-04-01")
    fights(story, "2019-05-20")
    talks(story, "2019-06-10")
    assert named(story) == "offensive"


def test_a_second_attack_in_the_midst_of_fighting_is_a_major_escalation() -> None:
    story = Telling()
    attacks(story, "lna", "2019-04-04")
    fights(story, "2019-04-05")
    attacks(story, "gna", "2019-04-07")
    found = reading(story)
    assert (found["level"], found["since"]) == ("major_escalation", "2019-04-07T21:59:59.999999Z")
    assert [reason["code"] for reason in found["reasons"]] == ["attack", "fighting", "attack"]


def test_a_fresh_threat_in_the_midst_of_an_attack_is_a_major_escalation_until_it_is_settled() -> (
    None
):
    story = Telling()
    attacks(story, "lna", "2019-04-04")
    fights(story, "2019-04-05")
    threatens(story, "2019-04-06")
    assert named(story) == "major_escalation"
    withdrawn = {"threat": {"threat": "t1"}}
    story.reports("threat.withdrawn", "2019-04-07", actors="by:lna", details=withdrawn)
    assert named(story) == "offensive"


def test_two_attacks_without_fighting_are_an_offensive() -> None:
    story = Telling()
    attacks(story, "lna", "2019-04-04")
    attacks(story, "gna", "2019-04-05")
    found = reading(story)
    assert found["level"] == "offensive"
    assert [reason["slot"] for reason in found["reasons"]] == ["posture:lna", "posture:gna"]


def test_every_reason_names_its_slot_development_and_verification_and_reads_as_a_sentence() -> None:
    story = Telling()
    order = story.reports("offensive.ordered", "2019-04-04", "claimed", actors="by:lna")
    (reason,) = reading(story)["reasons"]
    assert reason == {
        "code": "attack",
        "says": "Libyan National Army is attacking.",
        "since": "2019-04-04T21:59:59.999999Z",
        "slot": "posture:lna",
        "slots": ["posture:lna"],
        "development": order,
        "version": 1,
        "verification": "claimed",
    }


def test_an_editors_override_is_the_level_and_says_what_the_rule_would() -> None:
    story = Telling()
    fights(story, "2019-04-05")
    story.sets("level:override", {"level": "tension", "reason": "One shot"}, "2019-04-06")
    found = reading(story)
    assert (found["level"], found["since"]) == ("tension", "2019-04-06T21:59:59.999999Z")
    override = found["override"]
    assert override["reason"] == "One shot"
    assert override["by_rule"] == {"level": "clashes", "value": 3}
    assert override["slot"] == "level:override"


def test_an_override_that_was_lifted_leaves_the_level_to_the_rule() -> None:
    story = Telling()
    fights(story, "2019-04-05")
    story.sets("level:override", {"level": "calm", "reason": "A mistake"}, "2019-04-06")
    story.sets("level:override", {"level": None, "reason": "It was not"}, "2019-04-07")
    found = reading(story)
    assert (found["level"], found["override"]) == ("clashes", None)


def test_an_editors_act_ages_nothing() -> None:
    story = Telling()
    fights(story, "2019-04-05")
    story.sets("summary", [{"text": "They fight.", "developments": []}], "2019-08-01")
    assert named(story) == "clashes"


def test_the_steps_tell_when_each_level_was_reached() -> None:
    story = Telling()
    story.reports("alert.raised", "2019-04-03", actors="by:gna")
    attacks(story, "lna", "2019-04-04")
    fights(story, "2019-04-05")
    fights(story, "2019-04-06")
    days = [f"2019-04-{day:02}" for day in range(1, 9)]
    readings = [(at(day), story.standing(day)[0].values()) for day in days]
    found = list(steps(readings, zone=TRIPOLI, cast=CAST))
    assert [(step["level"], step["since"][:10]) for step in found] == [
        ("calm", "2019-04-01"),
        ("tension", "2019-04-03"),
        ("offensive", "2019-04-04"),
    ]


def test_a_level_may_be_asked_for_alone() -> None:
    story = Telling()
    fights(story, "2019-04-05")
    first, second = story.standing()
    as_of = at("2019-12-31")
    alone = level(first.values(), as_of=as_of, zone=TRIPOLI, cast=CAST, previous=second)
    assert alone == reading(story)


def test_fighting_is_known_since_the_first_of_the_fights_that_follow_within_a_week() -> None:
    story = Telling()
    story.reports("clash", "2019-03-20", actors="by:lna", places="gharyan")
    story.reports("clash", "2019-04-01", actors="by:lna", places="airport")
    story.reports("clash", "2019-04-08", actors="by:gna")
    story.reports("clash", "2019-04-14", actors="by:lna")
    found = reading(story)
    assert (found["level"], found["since"]) == ("clashes", "2019-04-01T21:59:59.999999Z")
    assert found["reasons"][0]["since"] == "2019-04-14T21:59:59.999999Z"


def test_fighting_after_a_ceasefire_is_known_since_the_ceasefire_was_over() -> None:
    story = Telling()
    story.reports("clash", "2019-04-05", actors="by:militia", places="airport")
    story.reports("ceasefire", "2019-04-06", actors="by:lna with:gna")
    fights(story, "2019-04-07")
    assert reading(story)["since"] == "2019-04-07T21:59:59.999999Z"


def test_a_party_that_orders_the_attack_again_has_attacked_since_the_first_order() -> None:
    story = Telling()
    attacks(story, "lna", "2019-04-04")
    attacks(story, "lna", "2019-04-06")
    assert reading(story)["since"] == "2019-04-04T21:59:59.999999Z"


def test_a_party_that_attacks_anew_has_attacked_since_then() -> None:
    story = Telling()
    attacks(story, "lna", "2019-04-04")
    story.reports("ceasefire", "2019-04-05", actors="by:lna")
    attacks(story, "lna", "2019-04-06")
    assert reading(story)["since"] == "2019-04-06T21:59:59.999999Z"


def test_the_published_rule_names_every_level_from_the_highest_down() -> None:
    assert list(RULE["levels"]) == sorted(VALUES, key=lambda name: -VALUES[name])
