"""GET /v1/kinds: the whole vocabulary, with what each kind takes and writes."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from service.domain.kinds import KINDS
from service.domain.level import RULE
from tests.api.served import Caller

PATH = "/v1/kinds"


@pytest.fixture
def kinds(tripoli: Caller) -> dict[str, Any]:
    """The kinds as they are served, by name."""
    return {kind["kind"]: kind for kind in tripoli.get(PATH)["items"]}


def test_every_kind_is_there_in_the_vocabularys_order(kinds: dict[str, Any]) -> None:
    assert list(kinds) == list(KINDS)
    assert len(kinds) == 45


def test_a_kind_says_what_it_is_takes_and_writes(kinds: dict[str, Any]) -> None:
    strike = kinds["airstrike"]

    assert strike["label"] == "Airstrike"
    assert strike["group"] == "force"
    assert strike["intensity"] == -9.5
    assert strike["codes"] == {
        "plover": "ASSAULT:aerial|drone", "cameo": "195", "acled": "Explosions/Air-drone strike",
    }  # fmt: skip
    assert strike["slots"] == ["engaged:{by}", "threat:{t}:state=carried_out where it names one"]
    assert strike["opens"] is False
    assert kinds["threat.made"]["opens"] is True
    assert "attack order" in kinds["offensive.ordered"]["aliases"]
    assert kinds["background"]["codes"] == {} or "cameo" not in kinds["background"]["codes"]


def test_details_are_json_schema(kinds: dict[str, Any], tripoli: Caller) -> None:
    for kind in kinds.values():
        Draft202012Validator.check_schema(kind["details"])
        assert kind["details"]["additionalProperties"] is False
    for development in tripoli.items("/v1/stories/tripoli-2019/developments"):
        schema = kinds[development["kind"]]["details"]
        Draft202012Validator(schema).validate(development.get("details", {}))
    assert not Draft202012Validator(kinds["airstrike"]["details"]).is_valid({"alert": {}})


def test_the_rule_of_the_level_is_published(tripoli: Caller) -> None:
    assert tripoli.get(PATH)["level"] == RULE


def test_the_vocabulary_is_asked_for_again_and_not_sent_again(tripoli: Caller) -> None:
    tripoli.get(PATH)
    tag = tripoli.last.headers["ETag"]

    assert tripoli.last.headers["Cache-Control"] == "no-cache"
    again = tripoli.ask(PATH, If_None_Match=tag)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert tripoli.ask(PATH, If_None_Match='"other"').status_code == 200


def test_it_takes_no_parameters(tripoli: Caller) -> None:
    assert "group" in tripoli.get(f"{PATH}?group=force", status=422)["errors"]
