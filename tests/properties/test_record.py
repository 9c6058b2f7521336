"""What the record promises of itself, on random histories."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.domain import times
from service.domain.kinds import Assignment
from service.export import export_lines
from service.storyfile import Import
from tests.builders import Clock, House, Reader
from tests.houses import STORES, fresh_house
from tests.properties.histories import START, STORIES, Move, Told, cases, contents, histories, told
from tests.properties.oracle import Oracle

CASES = {"sqlite": 20, "postgres": 3}

on_every_store = pytest.mark.parametrize("store", STORES)

moments = st.sampled_from(
    ["2019-03-31", "2019-04-05", "2019-04-08T21:30Z", "2019-04-10T12:00:30Z", "2019-04-10T13:00Z",
     "2019-04-11T12:00Z", "2019-04-15", "2019-07-01"]
)  # fmt: skip


def everything(reader: Reader, **asked: Any) -> dict[str, Any]:
    """All that a reader can read at a basis, but for how it was asked."""
    situation = reader.situation(settled=True, **asked)
    basis = situation.pop("basis")
    return {
        "situation": situation,
        "basis": {name: basis[name] for name in ("story", "as_of", "position", "url")},
        "timeline": reader.timeline(**asked),
        "recorded": reader.timeline(order="-recorded", **asked),
        "history": reader.history(**asked),
        "courses": {
            slot: reader.course(slot, **asked) for slot in sorted(reader.standing(**asked))
        },
    }


def pinned(reader: Reader, **asked: Any) -> dict[str, Any]:
    """The basis of a reading as its pinned address names it."""
    basis = reader.basis(**asked)
    return {"as_of": times.format_instant(basis.as_of), "position": basis.position}


@on_every_store
def test_a_fixed_basis_never_changes_its_answer(store: str) -> None:
    """Given readings of each sort, taken while a story is told; when it goes on; then each says
    the same at its pinned address, and its entity tag is the same."""

    @cases(CASES[store])
    @given(histories(hiding=False, most=20), st.sampled_from(["2019-04-06", "2019-04-09T10:00Z"]))
    def holds(history: list[Move], moment: str) -> None:
        with fresh_house(STORES[store], Clock(START)) as house:
            taken = []
            for move in Told(house).tell(history):
                reader = house.reader(move.story)
                for asked in ({}, {"as_of": moment}, {"position": house.head()}):
                    at = pinned(reader, **asked)
                    taken.append((reader, at, everything(reader, **at), reader.basis(**at).etag))
            for reader, at, said, etag in taken:
                assert everything(reader, **at) == said
                assert reader.basis(**at).etag == etag

    holds()


@on_every_store
def test_once_the_record_has_gone_on_a_moment_known_answers_the_same_for_ever(store: str) -> None:
    @cases(CASES[store])
    @given(histories(hiding=False, most=20))
    def holds(history: list[Move]) -> None:
        with fresh_house(STORES[store], Clock(START)) as house:
            taken = []
            for move in Told(house).tell(history):
                reader = house.reader(move.story)
                # A moment is over once a later one is on the record.
                over = times.format_instant(house.onrecord.head()[1] - 1)
                taken.append((reader, over, everything(reader, known_at=over)))
            for reader, over, said in taken:
                assert everything(reader, known_at=over) == said

    holds()


@on_every_store
def test_the_present_keeps_its_entity_tag_until_something_changes(store: str) -> None:
    @cases(CASES[store])
    @given(histories(most=20), st.integers(1, 60 * 86400))
    def holds(history: list[Move], seconds: int) -> None:
        with fresh_house(STORES[store], Clock(START)) as house:
            for _ in Told(house).tell(history):
                pass
            for story in STORIES:
                reader = house.reader(story)
                before, said = reader.basis(), reader.situation()
                house.clock.passes(seconds)
                after = reader.basis()
                if after.etag == before.etag:
                    assert reader.situation() == said
                else:
                    # It changed by itself: a deadline passed, or the end of a plan or measure.
                    oracle = Oracle(house.acts(story))
                    turned = oracle.last_turning_point(house.clock.now, after.position)
                    assert before.as_of < after.as_of == turned <= house.clock.now

    holds()


# --- the order of storing -------------------------------------------------------------------


def told_in(house: House, story: str, reports: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """Tell reports to a new story in the order given, long after all that they tell of."""
    desk = house.desk()
    desk.opens_story(story, scale="conflict", actors="lna gna un", places="tripoli gharyan")
    for number, said in reports:
        desk.reports(f"r{number}", **said)


def meaning(house: House, story: str, as_of: str) -> tuple[Any, Any]:
    """Each slot's answer and the timeline, by what the desk called the developments."""
    reader = house.reader(story)
    names = {row["id"]: row["external_id"] for row in reader.timeline()}

    def told(row: Assignment) -> Any:
        # A thread that a desk did not name is named after its development.
        return (row.value, row.valid_from, row.occurred_latest, names[row.development])

    slots = {slot: told(row) for slot, row in reader.standing(as_of=as_of).items()}
    return slots, reader.names(as_of=as_of)


LATE = "2020-01-01T00:00:00Z"
"""Long after all that is told of: no valid-from depends on when it was stored."""


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[list[Any], list[Any]]:
    """Reports, numbered, and the same in another order."""
    said = draw(st.lists(contents(), min_size=2, max_size=8, unique_by=lambda one: one["occurred"]))
    known = [one for one in said if not one["occurred"].startswith(("..", "/", "now"))]
    reports = list(enumerate(known))
    return reports, draw(st.permutations(reports))


@on_every_store
def test_the_order_of_storing_does_not_matter_where_world_times_do_not_tie(store: str) -> None:
    """A late report falls into its place: stored in another order, reports say the same."""

    @cases(CASES[store])
    @given(shuffled(), st.sampled_from(["2019-04-06", "2019-04-08T22:00Z", "2019-12-31"]))
    def holds(orders: tuple[list[Any], list[Any]], as_of: str) -> None:
        with fresh_house(STORES[store], Clock(LATE)) as house:
            for story, order in zip(("first", "second"), orders, strict=True):
                told_in(house, story, order)
            rows = house.reader("first").timeline()
            # What goes on is placed by when it had begun.
            ends = [row["occurred_latest"] or row["valid_from"] for row in rows]
            keys = [(row["valid_from"], end) for row, end in zip(rows, ends, strict=True)]
            assume(len(set(keys)) == len(keys))
            assert meaning(house, "first", as_of) == meaning(house, "second", as_of)

    holds()


@on_every_store
def test_where_world_times_tie_what_was_stored_last_stands(store: str) -> None:
    @cases(CASES[store])
    @given(
        st.lists(contents(), min_size=2, max_size=6),
        st.sampled_from(["2019-04-05", "2019-04", "2019-04-05T10:00:00Z"]),
    )
    def holds(said: list[dict[str, Any]], occurred: str) -> None:
        tied = [(number, {**one, "occurred": occurred}) for number, one in enumerate(said)]
        with fresh_house(STORES[store], Clock(LATE)) as house:
            told_in(house, "first", tied)
            reader = house.reader("first")
            assert reader.names(order="recorded") == [f"r{number}" for number, _ in tied]
            for slot, row in reader.standing().items():
                course = reader.course(slot)
                same = [one for one in course if one.order[:2] == row.order[:2]]
                assert row.report_position == max(one.report_position for one in same)

    holds()


# --- archives -------------------------------------------------------------------------------


def plain(said: Any) -> Any:
    """What was read, without what tells an import: when it came in, and into which house."""
    if isinstance(said, dict):
        kept = {name: value for name, value in said.items() if name not in IMPORTED}
        return {name: plain(value) for name, value in kept.items()}
    return [plain(one) for one in said] if isinstance(said, list) else said


IMPORTED = ("stored_at", "imported_at")


@on_every_store
def test_a_story_told_live_and_the_same_as_an_archive_say_the_same(store: str) -> None:
    """Given a story's lines; told line by line, each at its own time, and taken in at once years
    later; then both houses say the same at every basis, but for when the archive came in."""

    @cases(CASES[store])
    @given(histories(hiding=False, most=20), st.lists(st.tuples(moments, moments), min_size=3))
    def holds(history: list[Move], bases: list[tuple[str, str]]) -> None:
        with told(STORES[store], history) as house:
            lines = [json.loads(line) for line in export_lines(house.reader("tripoli").basis())]
        with fresh_house(STORES[store]) as live, fresh_house(STORES[store]) as archived:
            job = Import(desk=live.onrecord.desk("times"))
            for line in lines:
                live.clock.reads(line["recorded_at"])
                live.record(job.decision(line))
            live.clock.reads(LATE)
            archived.clock.reads(LATE)
            archived.imports(lines)
            one, other = live.reader("tripoli"), archived.reader("tripoli")
            for as_of, known_at in bases:
                for asked in (
                    {"as_of": as_of},
                    {"known_at": known_at},
                    {"as_of": as_of, "known_at": known_at},
                ):
                    assert plain(everything(one, **asked)) == plain(everything(other, **asked))

    holds()
