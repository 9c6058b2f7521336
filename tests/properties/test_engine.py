"""The engine equals the plain fold: every reading, at every sort of basis, on random histories."""

import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.asof import situation, trail
from service.domain import fold, times
from service.domain.developments import Development
from service.domain.kinds import Assignment
from service.domain.refusals import NotFound
from service.readmodel import assignments
from service.readmodel.chronicle import Span
from service.store.sql import FOREVER
from tests.builders import House, Reader
from tests.houses import STORES
from tests.properties.histories import OCCURRED, STORIES, Move, cases, histories, told
from tests.properties.oracle import Oracle

DAY = 86_400_000_000
CASES = {"sqlite": 30, "postgres": 4}

moments = st.one_of(
    st.integers(times.parse_instant("2019-03-30T00:00Z"), times.parse_instant("2019-04-14T00:00Z")),
    st.sampled_from([text for text in OCCURRED if re.fullmatch("[0-9-]{10}", text)]),
)
bases = st.lists(st.tuples(moments, st.floats(0, 1)), min_size=3, max_size=6)

on_every_store = pytest.mark.parametrize("store", STORES)


def oracle_of(house: House, story: str) -> tuple[Oracle, Reader]:
    return Oracle(house.acts(story)), house.reader(story)


def instant(moment: int | str, oracle: Oracle) -> int:
    """A moment drawn, never after the last act: what lies after it is the future."""
    last = oracle.recorded_at(FOREVER)
    if isinstance(moment, str):
        moment = times.end_of(moment, oracle.story(FOREVER).zone)
    return min(moment, last)


def places(house: House, drawn: Sequence[tuple[int | str, float]]) -> Any:
    """Yield (oracle, reader, as_of, position) for both stories at the bases drawn."""
    for story in STORIES:
        oracle, reader = oracle_of(house, story)
        for moment, share in drawn:
            index = round(share * (len(oracle.positions) - 1))
            yield oracle, reader, instant(moment, oracle), oracle.positions[index]


def asked(as_of: int, position: int) -> dict[str, Any]:
    return {"as_of": times.format_instant(as_of), "position": position}


def every_example(test: Any) -> Any:
    """Run a test of `(house, drawn)` on random histories, on every store."""

    @on_every_store
    def run(store: str) -> None:
        @cases(CASES[store])
        @given(histories(), bases)
        def holds(history: list[Move], drawn: list[tuple[int | str, float]]) -> None:
            with told(STORES[store], history) as house:
                test(house, drawn)

        holds()

    run.__name__ = test.__name__
    run.__doc__ = test.__doc__
    return run


@every_example
def test_the_situation_is_what_the_fold_says(house: House, drawn: Any) -> None:
    for oracle, reader, as_of, position in places(house, drawn):
        at = asked(as_of, position)
        assert reader.standing(**at) == oracle.standing(as_of, position)
        for settled in (False, True):
            found = reader.situation(settled=settled, **at)
            meant = json.loads(json.dumps(oracle.situation(as_of, position, settled=settled)))
            del found["basis"]
            if meant["level"]:
                # Since when is looked for in the steps before: tests/asof/test_level_since.py.
                del found["level"]["since"], meant["level"]["since"]
            assert found == meant


@every_example
def test_the_timeline_and_each_development_are_what_the_fold_says(house: House, drawn: Any) -> None:
    for oracle, reader, as_of, position in places(house, drawn):
        at, hidden = asked(as_of, position), oracle.hidden()
        meant = oracle.timeline(as_of, position)
        assert [shown(row) for row in reader.timeline(**at)] == [
            expected(state, state.id in hidden and state.status == "standing") for state in meant
        ]
        listed = {state.id: state for state in meant}
        for state in fold.developments_at(oracle.history, FOREVER).values():
            if state.id in listed:
                same = listed[state.id]
                gone = same.id in hidden and same.status == "standing"
                assert shown(reader.development(state.id, **at)) == expected(same, gone)
            else:
                with pytest.raises(NotFound):
                    reader.development(state.id, **at)


ADDED = (
    "id", "version", "status", "verification", "recorded_at", "first_recorded_at", "position",
    "newsroom", "corrected", "act",
)  # fmt: skip
SAID = ("kind", "headline", "occurred", "places", "actors", "details", "body", "relates_to")


def shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in (*ADDED, *SAID) if name in row}


def expected(state: Development, hidden: bool) -> dict[str, Any]:
    """A version as the fold has it; of one whose text was hidden there are no words."""
    found = {name: getattr(state, name) for name in ADDED}
    for name in ("recorded_at", "first_recorded_at"):
        found[name] = times.format_instant(found[name])
    words = {} if hidden else {n: state.fields[n] for n in SAID if n in state.fields}
    return {**found, **words}


@every_example
def test_the_course_of_every_slot_is_what_the_fold_says(house: House, drawn: Any) -> None:
    for oracle, reader, as_of, position in places(house, drawn):
        for slot in oracle.standing(FOREVER, FOREVER):
            found = reader.course(slot, **asked(as_of, position))
            assert found == oracle.course(slot, as_of, position)


@every_example
def test_the_four_readings_stand_where_they_say(house: House, drawn: Any) -> None:
    for oracle, reader, as_of, position in places(house, drawn):
        head, last = oracle.positions[-1], oracle.recorded_at(FOREVER)
        text = times.format_instant(as_of)

        now = reader.basis()
        turned = oracle.last_turning_point(house.clock.now, head)
        assert (now.reading, now.position, now.as_of) == ("now", head, max(last, turned))

        hindsight = reader.basis(as_of=text)
        assert (hindsight.reading, hindsight.position) == ("hindsight", head)
        assert hindsight.as_of == as_of

        both = reader.basis(as_of=text, position=position)
        assert (both.reading, both.as_of, both.position) == ("both", as_of, position)

        if as_of < max(house.clock.now, last):
            told_then = reader.basis(known_at=text)
            assert told_then.reading == "as_told"
            assert (told_then.as_of, told_then.position) == (as_of, oracle.position_at(as_of))
            if told_then.position:
                assert reader.standing(known_at=text) == oracle.standing(as_of, told_then.position)
            else:
                assert reader.standing(known_at=text) == {}


@every_example
def test_the_table_holds_what_was_assigned_at_every_position(house: House, drawn: Any) -> None:
    for story in STORIES:
        oracle, reader = oracle_of(house, story)
        basis = reader.basis()
        table = situation.table(basis, after=None, limit=FOREVER)
        for position in oracle.positions:
            known = [
                assignments.assignment(row)
                for row in table
                if row["known_from"] <= position < row["known_to"]
            ]
            meant = fold.assigned(oracle.history, position)
            assert sorted(known, key=by_slot) == sorted(meant, key=by_slot)


def by_slot(row: Assignment) -> Any:
    return (row.slot, row.order, row.version)


@every_example
def test_changes_tell_every_slot_that_an_act_changed(house: House, drawn: Any) -> None:
    for story in STORIES:
        oracle, reader = oracle_of(house, story)
        as_of = instant(drawn[0][0], oracle)
        basis = reader.basis(as_of=times.format_instant(as_of))
        entries = trail.page(
            basis, Span(above=0, upto=basis.position), limit=10_000, slots_at=as_of
        )
        assert [entry["position"] for entry in entries] == oracle.positions
        before: dict[str, Any] = {}
        for entry in entries:
            after = oracle.standing(as_of, entry["position"])
            changed = {
                slot
                for slot in before.keys() | after.keys()
                if compared(before.get(slot)) != compared(after.get(slot))
            }
            assert {row["slot"] for row in entry["slots"]} == changed
            for row in entry["slots"]:
                assert row["old"] == answer(before.get(row["slot"]))
                assert row["new"] == answer(after.get(row["slot"]))
            before = after


def compared(row: Assignment | None) -> Any:
    """An answer but for its version: a new one that says the same is no change."""
    return row and (row.value, row.valid_from, row.development, row.verification)


def answer(row: Assignment | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "value": row.value,
        "valid_from": times.format_instant(row.valid_from),
        "development": row.development or None,
        "version": row.version or None,
        "verification": row.verification or None,
    }


@every_example
def test_the_clamp_changes_no_answer(house: House, drawn: Any) -> None:
    """Known early, world late: the search is cut at the last act known, and misses nothing."""
    for _, reader, as_of, position in places(house, drawn):
        basis = reader.basis(**asked(as_of, position))
        sql, story = basis.sql, basis.story
        for late in (basis.as_of, basis.as_of + 400 * DAY, FOREVER - 1):
            clamped = min(late, basis.moment.recorded_at)
            assert assignments.standing(
                sql, story, as_of=late, position=position
            ) == assignments.standing(sql, story, as_of=clamped, position=position)
