"""The watch that counts: what happens, as it happens, in the process where it does."""

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

from service.metrics import declared
from service.metrics.declared import Declared
from service.watch import Watch

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Methods that are told apart; a client may send any word."""

OTHER = "other"
"""Every other method."""

REQUEST_SECONDS = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
)  # fmt: skip
"""Bounds of the histogram of requests: from a kept answer to the longest that is waited for."""

COMMIT_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Bounds of the histogram of commits: from a fast disk's to the wait for another's lock."""

BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Bounds of the histogram of decisions in a commit, up to the recorder's most."""


class Counting(Watch):
    """Counts what it is told. Safe between threads; made in the process that serves."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # it has none
        self.registry = CollectorRegistry()
        self._requests = self._counter(declared.REQUESTS)
        self._seconds = self._histogram(declared.SECONDS, REQUEST_SECONDS)
        self._problems = self._counter(declared.PROBLEMS)
        self._acts = self._counter(declared.ACTS)
        self._batch = self._histogram(declared.BATCH, BATCH_SIZES)
        self._commit = self._histogram(declared.COMMIT, COMMIT_SECONDS)
        self._failed = self._counter(declared.FAILED)
        self._full = self._counter(declared.FULL)
        # Of the processes that live: what waited in one that ended waits no more.
        name, _, _, says = declared.QUEUED
        self._queued = Gauge(name, says, registry=self.registry, multiprocess_mode="livesum")
        self._known: dict[
            tuple[str, str, str, str], tuple[Callable[[], None], Callable[[float], None]]
        ] = {}

    def _counter(self, of: Declared) -> Counter:
        return Counter(of.name, of.says, of.labels, registry=self.registry)

    def _histogram(self, of: Declared, bounds: tuple[float, ...]) -> Histogram:
        return Histogram(of.name, of.says, of.labels, registry=self.registry, buckets=bounds)

    def answered(self, operation: str, method: str, status: str, kept: str, seconds: float) -> None:
        """Count a request, and how long it took."""
        key = operation, method if method in METHODS else OTHER, status[0], kept
        known = self._known.get(key)
        if known is None:
            # Looking a label up costs more than counting; there are few.
            _, method, kind, _ = key
            counter = self._requests.labels(operation, method, f"{kind}xx", kept)
            timer = self._seconds.labels(operation, method)
            known = self._known[key] = counter.inc, timer.observe
        count, time = known
        count()
        time(seconds)

    def problem(self, slug: str) -> None:
        """Count a problem."""
        self._problems.labels(slug).inc()

    def queued(self, waiting: int) -> None:
        """Note how many decisions wait."""
        self._queued.set(waiting)

    def turned_away(self, decisions: int) -> None:
        """Count decisions that found the queue full."""
        self._full.inc(decisions)

    def committed(self, decisions: int, acts: int, seconds: float) -> None:
        """Count a commit and what it stored."""
        self._acts.inc(acts)
        self._batch.observe(decisions)
        self._commit.observe(seconds)

    def failed(self, error: BaseException) -> None:
        """Count a commit that failed."""
        self._failed.labels(type(error).__name__).inc()
