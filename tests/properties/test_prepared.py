"""What the reading process prepares of a report: deciding with it comes to the same, byte for byte.

Two houses get the same lines, one as another process would hand them over, the other as they are.
Chance is the same in both (salts, ids), so every byte of every table can be compared.
"""

import json
import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import care, seeds, storyfile
from service.domain.prepared import Prepared
from service.domain.refusals import Refusal
from service.storyfile import Import, Said
from tests.builders import Clock, House, content
from tests.care.test_rebuild import rows
from tests.houses import STORES, fresh_house
from tests.properties.histories import START, STORIES, cases, contents

Line = dict[str, Any]

MINE = [{"development": "mine", "relation": "responds_to"}]

SPOILT: Sequence[Line] = (
    {},
    {"kind": "attack_order"},
    {"occurred": "2031-01-01"},
    {"occurred": "2011-12-30"},
    {"occurred": "2019-02-30"},
    {"actors": [{"actor": "nobody", "role": "by"}]},
    {"places": ["nowhere"]},
    {"places": [{"place": "new", "name": "New"}]},
    {"details": {"control": {"party": "nobody"}}},
    {"details": {"casualties": {"killed": {"low": 4, "high": 1}}}},
    {"details": {"casualties": {"scope": "total"}}},
    {"details": {"measure": {"measure": "truce", "until": "2011-12-30"}}},
    {"details": {"measure": {"measure": "truce", "until": "soon"}}},
    {"details": {"scheduled": {"starts": "2020-02-02", "ends": "2020-02-01"}}},
    {"details": {"notes": {"No slug": 1}}},
    {"relates_to": [{"development": "r0", "relation": "responds_to"}]},
    {"relates_to": MINE},
    {"relates_to": [{"development": "r99", "relation": "responds_to"}]},
    {"key": True},
    {"id": "mine"},
    {"verification": "claimed"},
    {"headline": " "},
)
"""What may be said otherwise, right or wrong: for its shape, for its kind, for the story."""

told_lines = st.lists(st.tuples(contents(), st.sampled_from(SPOILT)), min_size=1, max_size=8)


def by_another_process(line: Line) -> Said | Line:
    """A line as it comes through the pipe; one that cannot be read comes as it is."""
    try:
        said = storyfile.said_of(storyfile.line_of(json.dumps(line).encode()))
        read = storyfile.prepared(said._replace(content=None, loaded=storyfile.shaped(said)))
    except Refusal:
        return line
    found: Said = pickle.loads(pickle.dumps(read))
    return found


@contextmanager
def chance_is_fixed() -> Iterator[None]:
    drawn = iter(range(1, 100_000))
    with (
        patch("service.store.envelope.secrets.token_bytes", lambda size: b"s" * size),
        patch("service.ids.secrets.randbits", lambda _: next(drawn)),
    ):
        yield


def told(lines: Sequence[Line], read: Callable[[Line], Any]) -> tuple[list[Any], Any]:
    """What becomes of each line, and every row of every table afterwards."""
    with chance_is_fixed(), fresh_house(STORES["sqlite"], Clock(START)) as house:
        desk = house.desk("times")
        desk.opens_story(
            STORIES[0], scale="conflict", actors="lna gna un", places="tripoli gharyan",
            time_zone="Pacific/Apia",
        )  # fmt: skip
        job = Import(desk=house.onrecord.desk("times"), story=STORIES[0])
        outcomes = [outcome(house, job, line, read) for line in lines]
        assert not list(care.Check(house.sql).faults())
        return outcomes, rows(house)


def outcome(house: House, job: Import, line: Line, read: Callable[[Line], Any]) -> Any:
    try:
        written = house.record(job.decision(read(line)))
    except Refusal as refusal:
        return type(refusal), str(refusal), refusal.facts
    return written.position, written.development, written.warnings, written.moves


@cases(60)
@given(told_lines)
def test_a_line_that_was_prepared_is_decided_as_one_that_was_not(
    reports: list[tuple[Line, Line]],
) -> None:
    lines = [
        {"report": {**content(f"r{number}", **said), **spoilt}}
        for number, (said, spoilt) in enumerate(reports)
    ]
    lines.append({"update": {"external_id": "r0", "changes": {"body": "More of it."}}})
    assert told(lines, by_another_process) == told(lines, lambda line: line)


@pytest.mark.parametrize("name", seeds.names())
def test_a_shipped_story_that_was_prepared_is_the_same_story(name: str) -> None:
    lines = [json.loads(line) for line in seeds.path(name).read_text().splitlines()]

    def imported(read: Callable[[Line], Any]) -> Any:
        with (
            chance_is_fixed(),
            fresh_house(STORES["sqlite"], Clock("2024-05-01T12:00:00Z")) as house,
        ):
            house.imports([read(line) for line in lines])
            return rows(house)

    assert imported(by_another_process) == imported(lambda line: line)
    assert any(is_prepared(by_another_process(line)) for line in lines)


def is_prepared(said: Said | Line) -> bool:
    return isinstance(said, Said) and isinstance(getattr(said.loaded, "fields", None), Prepared)


def test_what_was_prepared_for_other_fields_is_not_used() -> None:
    """Given a report that names another by the file's own id; when the lines above say what it is
    here; then what is stored, and its digests, are of the fields with that id."""
    lines = [
        {"report": {**content("r0"), "id": "mine"}},
        {"report": content("r1", relates_to=MINE)},
    ]
    assert is_prepared(by_another_process(lines[1]))
    outcomes, _ = told(lines, by_another_process)
    (_, first, *_), (_, second, *_) = outcomes
    assert second.fields["relates_to"] == [{**MINE[0], "development": first.id}]
    assert not isinstance(second.fields, Prepared)


def test_a_copy_of_prepared_fields_is_plain() -> None:
    said = by_another_process({"report": content("a", occurred="2019-04-05")})
    assert isinstance(said, Said)
    fields = said.loaded.fields
    for copied in (dict(fields), {**fields}, fields | {"body": "x"}, fields.copy()):
        assert type(copied) is dict
