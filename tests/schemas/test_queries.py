"""Parameters as they stand in an address."""

from typing import Any

import pytest
from marshmallow import ValidationError

from schemas.queries import (
    BasisQuery,
    ChangesQuery,
    HistoryQuery,
    PageQuery,
    SituationQuery,
    TimelineQuery,
)


def test_what_is_left_out_is_filled_in() -> None:
    assert TimelineQuery().load({}) == {"limit": 50, "order": "-occurred"}
    assert SituationQuery().load({}) == {"settled": False}


def test_parameters_are_read_into_what_they_mean() -> None:
    sent = {"limit": "7", "position": "12", "key": "true", "bbox": "12.5,32.1,-13.9,33"}

    loaded = TimelineQuery().load(sent)

    assert loaded["limit"] == 7
    assert loaded["position"] == 12
    assert loaded["key"] is True
    assert loaded["bbox"] == (12.5, 32.1, -13.9, 33.0)


def test_from_is_a_parameter_though_not_a_name() -> None:
    assert HistoryQuery().load({"from": "2019-04-04"})["from_"] == "2019-04-04"


WRONG: list[tuple[Any, dict[str, str]]] = [
    (PageQuery, {"limit": "0"}),
    (PageQuery, {"limit": "201"}),
    (PageQuery, {"limit": "-1"}),
    (PageQuery, {"limit": "1.0"}),
    (PageQuery, {"limit": "²"}),
    (PageQuery, {"limit": ""}),
    (PageQuery, {"limit": "9" * 30}),
    (PageQuery, {"cursor": ""}),
    (PageQuery, {"min_position": "x"}),
    (BasisQuery, {"position": "-1"}),
    (BasisQuery, {"as_off": "2019"}),
    (BasisQuery, {"as_of": ""}),
    (BasisQuery, {"as_of": "x" * 101}),
    (SituationQuery, {"settled": "1"}),
    (SituationQuery, {"settled": "True"}),
    (TimelineQuery, {"order": "position; DROP TABLE"}),
    (TimelineQuery, {"status": "gone"}),
    (TimelineQuery, {"verification": "' OR 1=1"}),
    (TimelineQuery, {"group": "war"}),
    (TimelineQuery, {"actor": "LNA"}),
    (TimelineQuery, {"bbox": "1,2,3"}),
    (TimelineQuery, {"bbox": "1,50,2,40"}),
    (TimelineQuery, {"bbox": "181,1,2,3"}),
    (TimelineQuery, {"bbox": "nan,1,2,3"}),
    (HistoryQuery, {"act": "DevelopmentVanished"}),
    (HistoryQuery, {"development": "desk-4711"}),
]


@pytest.mark.parametrize(("shape", "sent"), WRONG)
def test_what_no_parameter_can_be(shape: Any, sent: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        shape().load(sent)

    assert list(refused.value.normalized_messages()) == list(sent)


def test_record_time_is_said_once() -> None:
    with pytest.raises(ValidationError, match="together"):
        BasisQuery().load({"known_at": "2019-04-05", "position": "3"})


def test_changes_are_since_something_and_since_one_thing() -> None:
    for sent in ({}, {"since": "2019-04-05", "since_position": "3"}):
        with pytest.raises(ValidationError):
            ChangesQuery().load(sent)
    for sent in ({"since": "2019-04-05"}, {"since_position": "3"}, {"as_of": "2019-04-05"}):
        ChangesQuery().load(sent)
