"""Since when the level is what it is: the situation says what the level's steps say."""

import json
import random

from service import seeds, storyfile
from service.asof import Asked, Basis, situation
from service.domain import level
from service.domain.times import format_instant, parse_instant
from service.readmodel import assignments
from service.readmodel.stories import Viewer
from tests.builders import House

STORY = "tripoli-2019"
FIRST, LAST = parse_instant("2019-04-01T00:00:00Z"), parse_instant("2019-04-20T00:00:00Z")


def told(house: House) -> None:
    house.clock.reads("2026-01-01T00:00:00Z")
    lines = seeds.path(STORY).read_text(encoding="utf-8").splitlines()
    job = storyfile.Import(desk=house.onrecord.desk("onrecord"), archive=True)
    numbered = ((number, json.loads(line)) for number, line in enumerate(lines, start=1))
    house.onrecord.recorder.record(storyfile.archive(numbered, job, house.onrecord.clock))


def test_the_situation_and_the_steps_agree_since_when_the_level_holds(house: House) -> None:
    # given the founding story
    told(house)
    chance = random.Random(4)
    found = set()
    for _ in range(40):
        # when the situation is read at any basis
        moment = format_instant(chance.randint(FIRST, LAST))
        asked = Asked(as_of=moment) if chance.random() < 0.5 else Asked(known_at=moment)
        basis: Basis = house.onrecord.asof.basis(STORY, Viewer(), asked)
        level = situation.compose(basis)["level"]
        # then its level began with the last step; calm rests on nothing, and has no since
        step = situation.level_steps(basis, before=None)[0][0]
        since = None if step["level"] == "calm" else step["since"]
        assert (level["level"], level["since"]) == (step["level"], since), asked
        found.add(level["level"])
    assert len(found) >= 3


def test_the_steps_look_at_the_answers_that_stand_at_each_turn(house: House) -> None:
    # given the founding story
    told(house)
    chance = random.Random(7)
    for _ in range(20):
        moment = format_instant(chance.randint(FIRST, LAST))
        asked = Asked(as_of=moment) if chance.random() < 0.5 else Asked(known_at=moment)
        basis: Basis = house.onrecord.asof.basis(STORY, Viewer(), asked)
        # when the level's steps are read at any basis, with what they rest on
        steps, _ = situation.level_steps(basis, before=None)
        # then each is what the answers add up to that are asked for that moment alone
        for step in steps:
            at = parse_instant(step["since"])
            rows = assignments.standing(
                basis.sql, basis.story, as_of=at, position=basis.position,
                families=situation.LEVEL_FAMILIES,
            )  # fmt: skip
            alone = level.level(rows, as_of=at, zone=basis.zone, cast=basis.people)
            assert step == {**alone, "since": step["since"]}


def test_it_is_not_looked_for_behind_an_override_that_was_lifted(house: House) -> None:
    """Given a level that an editor set and lifted, with a reason for the same level before and
    after; then it is not said to have been so all the while."""
    house.clock.reads("2019-04-01T06:00:00Z")
    desk = house.desk(story="tripoli")
    desk.opens_story("tripoli", scale="conflict", actors="lna gna un", places="tripoli gharyan")
    attack = {"kind": "offensive.ordered"}
    desk.reports("a", at="2019-04-01T12:00:00Z", actors="by:lna", occurred="2019-04-01", **attack)
    desk.overrides_level("calm", at="2019-04-02T12:00:00Z")
    began = "2019-04-03T10:00:00Z"
    desk.reports("b", at="2019-04-03T10:30:00Z", actors="by:gna", occurred=began, **attack)
    desk.reports(
        "c", at="2019-04-03T12:00:00Z", kind="ceasefire", actors="by:lna with:un",
        occurred="2019-04-03T11:00:00Z",
    )  # fmt: skip
    desk.overrides_level(None, at="2019-04-04T12:00:00Z")
    found = house.reader("tripoli").situation()["level"]
    assert (found["level"], found["since"]) == ("offensive", began)
