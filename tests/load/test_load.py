"""The benchmarks' load: the same for a seed, in record order, and taken by the record as it is."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks import lags, load, stream
from benchmarks.peers import story
from service.assembly import Onrecord, assemble
from service.domain import fold
from service.settings import Settings
from service.store import history

SIZE = 600


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Onrecord]:
    """A house that took in a small load."""
    clock = load.Clock()
    house = assemble(Settings(database_url=f"sqlite:///{tmp_path / 'load.db'}"), clock=clock)
    load.write(house, clock, stream.house(SIZE))
    yield house
    house.close()


def test_the_same_seed_gives_the_same_lines_and_another_gives_others() -> None:
    assert list(stream.house(SIZE, 1)) == list(stream.house(SIZE, 1))
    assert list(stream.house(SIZE, 1)) != list(stream.house(SIZE, 2))


def test_lines_come_in_record_order() -> None:
    assert all(before.at <= after.at for before, after in pairwise(stream.house(SIZE)))


def test_there_are_as_many_reports_as_asked_for_and_a_tenth_is_corrected() -> None:
    verbs = Counter(verb for line in stream.house(20_000) for verb in line.says)
    assert verbs["report"] == 20_000
    assert 0.08 < verbs["correct"] / verbs["report"] < 0.12
    assert min(verbs["verify"], verbs["update"], verbs["withdraw"]) > 0


def test_sizes_follow_a_power_law_and_add_up() -> None:
    found = stream.sizes(100_000)
    assert sum(found) == 100_000
    assert found == sorted(found, reverse=True)
    assert found[0] > 100 * found[len(found) // 2]


def test_the_quantiles_rise() -> None:
    for table in (lags.LAG_HOURS, lags.REVISION_HOURS):
        assert list(table) == sorted(table)


def test_the_record_takes_every_line(told: Onrecord) -> None:
    acts = [act for act, _ in history.every(told.store.reading())]
    assert len(acts) == sum(1 for _ in stream.house(SIZE))


def test_what_others_are_given_adds_up_to_what_the_plain_fold_says(told: Onrecord) -> None:
    # given the acts of a story
    every = [act for act, _ in history.every(told.store.reading())]
    acts = [act for act in every if act.story == "story-1"]
    # when each step's moves are taken one after another
    standing: story.State = {}
    for step in story.steps(acts):
        standing = {**standing, **{slot: one for slot, one in step.moves.items() if one}}
        standing = {slot: one for slot, one in standing.items() if step.moves.get(slot, one)}
        # then every fortieth state is the fold's
        if step.number % 40 == 0:
            assert story.digest(standing) == story.expected(acts, step)
    assert fold.standing(acts, as_of=step.at, position=step.position)
