"""Each worker of a served house keeps to a processor of its own, unless it is told not to."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import processors
from service.settings import Settings
from tests.running import ROOT, START, Serving, eventually, running

USABLE = processors.usable()

two = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(USABLE) < 2,
    reason="it takes a system that keeps processes to processors, and two of them",
)


def kept_to(worker: int) -> list[set[int]]:
    """The processors that each thread of a process may use."""
    threads = Path(f"/proc/{worker}/task").iterdir()
    return [os.sched_getaffinity(int(thread.name)) for thread in threads]


def at_work(serving: Serving) -> list[int]:
    """Its workers, once both are there and have answered something with a thread of their own."""
    for _ in range(20):
        serving.asks("GET", "/v1/stories")
    return eventually(lambda: len(serving.workers()) == 2 and serving.workers())


def everywhere(serving: Serving) -> list[set[int]]:
    """What each worker keeps to; every thread of one to the same."""
    found = []
    for worker in at_work(serving):
        first, *others = kept_to(worker)
        assert all(other == first for other in others)
        found.append(first)
    return found


@two
def test_each_worker_keeps_to_one_processor_and_so_does_who_takes_its_place(
    tmp_path: Path,
) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/onrecord.db")
    with running(settings, tmp_path) as serving:
        first, second = everywhere(serving)
        assert len(first) == len(second) == 1
        assert first != second

        gone, stays = at_work(serving)
        os.kill(gone, signal.SIGKILL)
        eventually(lambda: gone not in serving.workers() and len(serving.workers()) == 2)
        again = everywhere(serving)
        assert sorted(map(min, again)) == sorted(map(min, (first, second)))
        assert kept_to(stays)[0] in (first, second)


@two
@pytest.mark.parametrize(
    "more", [["--workers", "2", "--cpu-affinity", "none"], ["--workers", str(len(USABLE) + 1)]]
)
def test_told_not_to_or_too_many_for_it_they_keep_to_none(tmp_path: Path, more: list[str]) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/onrecord.db")
    command = ["-c", START, "serve", "--port", "{port}", *more]
    with running(settings, tmp_path, command=command) as serving:
        for worker in eventually(serving.workers):
            assert all(kept == set(USABLE) for kept in kept_to(worker))


@given(
    usable=st.sets(st.integers(0, 300), min_size=1).map(sorted),
    workers=st.integers(1, 40),
    first=st.integers(0, 2**22),
)
def test_workers_are_shared_out_evenly(usable: list[int], workers: int, first: int) -> None:
    kept: list[int] = []
    for _ in range(workers):
        kept.append(processors.one_of(usable, kept, first))
    shares = [kept.count(number) for number in usable]
    assert max(shares) - min(shares) <= 1
    assert kept[0] == usable[first % len(usable)]


def arbiter(workers: int) -> Any:
    return SimpleNamespace(num_workers=workers, WORKERS={})


def test_where_a_house_begins_is_chance_and_not_the_number_of_its_process() -> None:
    """Given containers, in each of which the first process is number 1; then they differ."""
    command = [sys.executable, "-c", "from service.processors import FIRST; print(FIRST)"]
    told = [subprocess.run(command, capture_output=True, cwd=ROOT).stdout for _ in range(3)]
    assert len(set(told)) > 1


def test_more_workers_than_processors_are_left_to_the_system() -> None:
    for workers in (len(USABLE), len(USABLE) + 1):
        worker = SimpleNamespace()
        processors.pre_fork(arbiter(workers), worker)
        assert (worker.processor is None) == (workers > len(USABLE))
    processors.post_fork(None, SimpleNamespace(processor=None))
    assert processors.usable() == USABLE


def test_a_system_that_forbids_to_ask_is_asked_for_its_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def forbidden(_process: int) -> set[int]:
        raise PermissionError

    monkeypatch.setattr(os, "sched_getaffinity", forbidden, raising=False)
    assert len(processors.usable()) == os.cpu_count()


def test_a_processor_that_is_not_there_harms_nobody() -> None:
    processors.keep_to(2**15)
    assert processors.usable() == USABLE
