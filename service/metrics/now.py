"""What is looked at when metrics are asked for: the record, the followers, the processes.

Rules for editors: who asks waits for it, so it reads a few rows and no more. What cannot be read
is left out; that the record cannot be is told by a metric of its own.
"""

import os
import platform
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from prometheus_client import ProcessCollector
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from service import __version__
from service.domain.refusals import Unavailable
from service.metrics import DIRECTORY, declared
from service.metrics.declared import Declared

Lags = Mapping[str, tuple[int, float]]
"""How far each follower is behind: acts, and seconds."""


class Now(Collector):
    """The house at the moment that it is asked."""

    def __init__(
        self, *, store: str, head: Callable[[], tuple[int, int]], lags: Callable[[], Lags]
    ) -> None:
        """``store`` is the sort of store; ``head`` returns the record's last position first."""
        self._store = store
        self._head = head
        self._lags = lags

    def describe(self) -> Iterable[Metric]:
        """Return nothing: registering must not ask the house."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield every metric that can be read."""
        build = _gauge(declared.BUILD)
        build.add_metric([__version__, platform.python_version(), self._store], 1)
        yield build
        yield from self._record()
        yield from _processes(workers(), os.getppid() if DIRECTORY in os.environ else None)

    def _record(self) -> Iterator[Metric]:
        try:
            position, lags = self._head()[0], self._lags()
        except (sqlite3.Error, Unavailable):
            yield _gauge(declared.READABLE, 0)
            return
        yield _gauge(declared.READABLE, 1)
        yield _gauge(declared.POSITION, position)
        acts, seconds = _gauge(declared.LAG_ACTS), _gauge(declared.LAG_SECONDS)
        for follower, lag in lags.items():
            acts.add_metric([follower], lag[0])
            seconds.add_metric([follower], lag[1])
        yield from (acts, seconds)


def workers() -> list[int]:
    """Return the processes that serve now; where there is no common directory, this one."""
    directory = os.environ.get(DIRECTORY)
    if directory is None:
        return [os.getpid()]
    # Its file goes when the process ends (``mark_process_dead``).
    files = Path(directory).glob("gauge_livesum_*.db")
    return [int(file.stem.rpartition("_")[2]) for file in files]


def _gauge(of: Declared, value: float | None = None) -> GaugeMetricFamily:
    return GaugeMetricFamily(of.name, of.says, value=value, labels=of.labels or None)


def _processes(serving: Sequence[int], parent: int | None) -> Iterator[Metric]:
    """Yield what processes use, together; nothing of it where there is no ``/proc``."""
    yield _gauge(declared.WORKERS, len(serving))
    found: dict[str, list[float]] = {}
    for process in [*serving, *([] if parent is None else [parent])]:
        for family in ProcessCollector(pid=partial(int, process), registry=None).collect():
            for sample in family.samples:
                found.setdefault(sample.name, []).append(sample.value)
    if not found:
        return
    ended = 0 if parent is None else _ended_seconds(parent)
    cpu = CounterMetricFamily(declared.CPU.name, declared.CPU.says)
    cpu.add_metric([], sum(found[declared.CPU.name]) + ended)
    yield cpu
    for of, together in (
        (declared.MEMORY, sum),
        (declared.FILES, max),
        (declared.MOST_FILES, min),
        (declared.BEGUN, min),
    ):
        if of.name in found:
            yield _gauge(of, together(found[of.name]))


def _ended_seconds(parent: int) -> float:
    """Return the processor time of a process's children that ended (proc(5), cutime, cstime)."""
    try:
        words = Path(f"/proc/{parent}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return 0
    return (int(words[13]) + int(words[14])) / os.sysconf("SC_CLK_TCK")
