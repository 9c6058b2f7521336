"""The acts: names that are stored for ever, and what may stand in an envelope."""

import dataclasses
import json
from pathlib import Path
from typing import Any, get_type_hints
from uuid import UUID

import pytest

from service.domain import acts
from service.domain.acts import ACTS, TOPICS, Act, Stamp

STORED = Path(__file__).resolve().parents[1] / "stored"


def subclasses(of: type[Act]) -> set[type[Act]]:
    return {of} | {one for sub in of.__subclasses__() for one in subclasses(sub)}


ABSTRACT = {acts.Act, acts.StoryAct, acts.DevelopmentAct, acts.DevelopmentRevised}


def test_every_act_has_its_one_name() -> None:
    assert set(ACTS.values()) == subclasses(Act) - ABSTRACT
    assert {ACTS[name] for name in TOPICS.values()} == set(ACTS.values())


@pytest.mark.parametrize("name", ACTS)
def test_an_act_is_a_frozen_sentence(name: str) -> None:
    sort = ACTS[name]
    assert dataclasses.is_dataclass(sort)
    assert (sort.__doc__ or "").strip().endswith(".")
    with pytest.raises(dataclasses.FrozenInstanceError):
        made(sort).story = "other"


@pytest.mark.parametrize("name", ACTS)
def test_an_act_is_told_by_keyword_only(name: str) -> None:
    assert all(field.kw_only for field in dataclasses.fields(ACTS[name]))


@pytest.mark.parametrize("name", ACTS)
def test_an_envelope_takes_every_field_but_content_as_text_or_a_whole_number(name: str) -> None:
    sort = ACTS[name]
    common = {field.name for field in dataclasses.fields(Act)}
    own = {field.name for field in dataclasses.fields(sort)} - common
    assert own == set(sort.references)
    hints = get_type_hints(sort)
    assert {hints[field] for field in own} <= {str, int}


def made(sort: type[Act]) -> Any:
    """An act of a sort, with something in each of its fields."""
    hints = get_type_hints(sort)
    own: Any = {name: (1 if hints[name] is int else "text") for name in sort.references}
    return sort(
        originator_id=UUID(int=1),
        originator_version=1,
        story="tripoli",
        stamp=Stamp(
            position=1, stored_at=0, recorded_at=0, previous="", newsroom="times", by="tok"
        ),
        **own,
    )


@pytest.mark.parametrize("name", ACTS)
def test_a_name_that_was_ever_written_is_still_listed(name: str) -> None:
    """The kept samples are the list of what was written: see tests/stored."""
    samples = [json.loads(file.read_text()) for file in STORED.glob("*.json")]
    written = {sample["topic"] for sample in samples}
    assert written <= set(ACTS)
    assert name in written
