"""The only writer: takes decisions, not acts, and runs them inside the append, in order.

Group commit, leader and follower: a request queues its decision and waits for its turn. Who
gets the turn first takes all that is queued, runs each decision under the append lock and
commits once; the others find theirs answered. A refusal costs nobody else, an unexpected error
fails only its own request, and nobody is answered before the act is durable.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar
from uuid import UUID

from service.domain.refusals import Unavailable
from service.ledger import Ledger
from service.store.batch import OthersLost
from service.store.house import Key
from service.store.sql import Question
from service.watch import Watch

BATCH = 256
"""Decisions in one commit: the more, the longer the last one waits."""

QUEUE = 4096
"""Decisions waiting in one process; beyond it a desk is told to try again."""

_log = logging.getLogger(__name__)

GATHERING_SECONDS = 0.001
"""How long a commit may wait for as many as shared the last one.

Whoever comes alone after a burst waits so once; the next commit expects nobody else."""

Answer = TypeVar("Answer")


class WritableStore(Protocol):
    """What the recorder needs of a store; ``failures`` are errors that end a whole batch."""

    failures: tuple[type[Exception], ...]

    def writing(self, questions: Sequence[Question] = ()) -> AbstractContextManager[Any]:
        """Hold the append lock for one transaction; the questions are asked as it is taken."""

    def insert(self, sql: Any, events: Any, first: int) -> None:
        """Insert stored events at positions from ``first`` on."""


def host_clock() -> int:
    """Return the host's time in microseconds since 1970 UTC."""
    return time.time_ns() // 1000


class _Job:
    """A decision that waits; the last one of a request bears the lock its thread sleeps on."""

    __slots__ = (
        "answer",
        "decide",
        "done",
        "error",
        "following",
        "keys",
        "leads",
        "sleeps",
        "streams",
        "woken",
    )

    def __init__(self, decide: Callable[[Ledger], Any]) -> None:
        self.decide = decide
        self.streams: Sequence[UUID] = getattr(decide, "streams", ())
        self.keys: Sequence[Key] = getattr(decide, "keys", ())
        self.done = False
        self.leads = self.woken = False
        self.sleeps: threading.Lock | None = None
        self.following: _Job | None = None
        self.answer: Any = None
        self.error: BaseException | None = None


class Recorder:
    """Runs decisions one after another, many a commit. One instance a process."""

    def __init__(
        self,
        store: WritableStore,
        clock: Callable[[], int] = host_clock,
        queue: int = QUEUE,
        watch: Watch | None = None,
    ) -> None:
        """``queue`` is how many decisions may wait; beyond it a desk is told to try again."""
        self._store = store
        self._watch = watch or Watch()
        self._clock = clock
        self._most = queue
        self._ledger = Ledger(store)
        self._fatal = (*store.failures, Unavailable, OthersLost)
        self._queue: deque[_Job] = deque()
        self._mutex = threading.Lock()
        self._is_led = False
        self._came = 1

    def record(self, decide: Callable[[Ledger], Answer]) -> Answer:
        """Run a decision inside the append; return its answer once its acts are durable.

        Raises the decision's refusal, or ``Unavailable`` when the queue is full or the store
        cannot be written; then nothing of it was stored.
        """
        (job,) = self._done([_Job(decide)])
        if job.error is not None:
            raise job.error
        answer: Answer = job.answer
        return answer

    def record_many(self, decisions: Iterable[Callable[[Ledger], Any]]) -> list[Any]:
        """Run decisions in order, many a commit; return each one's answer, or its exception.

        One that is refused harms no other. Raises ``Unavailable`` when the queue is full.
        """
        jobs = self._done([_Job(decide) for decide in decisions])
        return [job.answer if job.error is None else job.error for job in jobs]

    def _done(self, jobs: list[_Job]) -> list[_Job]:
        """Queue jobs and return when all are done: by who leads, or by leading oneself.

        Who is done wakes the next who is, and the lead goes straight to one that still waits:
        nobody queues for a turn behind a commit that is not theirs.
        """
        if not jobs:
            return jobs
        last = jobs[-1]
        self._enqueue(jobs, last)
        if not last.leads:
            self._sleep(last)
        try:
            while not last.done:
                self._write_batch()
        finally:
            if last.leads:
                self._hand_over()
        return jobs

    def _enqueue(self, jobs: list[_Job], last: _Job) -> None:
        """Queue jobs; their thread leads when nobody else does."""
        with self._mutex:
            if len(self._queue) + len(jobs) > self._most:
                self._watch.turned_away(len(jobs))
                raise Unavailable("Too many reports are waiting to be written.", retry_after=1)
            last.sleeps = threading.Lock()
            last.sleeps.acquire()
            self._queue.extend(jobs)
            self._watch.queued(len(self._queue))
            last.leads, self._is_led = not self._is_led, True

    def _sleep(self, last: _Job) -> None:
        lock = last.sleeps
        assert lock is not None
        try:
            lock.acquire()
            self._wake(last.following)
        except BaseException:
            # Interrupted: nobody sleeps here any more, so neither lead nor word may end here.
            with self._mutex:
                last.sleeps = None
            if last.leads:
                self._hand_over()
            elif last.woken:
                self._wake(last.following)
            raise

    def _settle(self, jobs: list[_Job]) -> None:
        """Mark jobs as done and wake the first who sleeps; each that wakes wakes the next.

        Woken all at once, they would fight for the interpreter, and the work with them.
        """
        following = None
        for job in reversed(jobs):
            if job.sleeps is not None and not job.leads:
                job.following, following = following, job
            job.done = True
        self._wake(following)

    def _wake(self, job: _Job | None) -> None:
        """Wake a job's thread, or the next that sleeps; who was interrupted may do it again."""
        if job is None:
            return
        with self._mutex:
            while job is not None and not job.woken:
                if job.sleeps is not None:
                    if job.sleeps.locked():
                        job.sleeps.release()
                    job.woken = True
                    return
                job = job.following

    def _hand_over(self) -> None:
        with self._mutex:
            for job in self._queue:
                if job.sleeps is not None:
                    job.leads = True
                    job.sleeps.release()
                    return
            self._is_led = False

    def _gather(self) -> None:
        """Wait a moment for as many as came last: who was just answered is on the way again."""
        patience = time.monotonic() + GATHERING_SECONDS
        while len(self._queue) < self._came and time.monotonic() < patience:
            time.sleep(GATHERING_SECONDS / 16)

    def _write_batch(self) -> None:
        self._gather()
        jobs: list[_Job] = []
        begun = time.perf_counter()
        try:
            while self._queue and len(jobs) < BATCH:
                jobs.append(self._queue.popleft())
            self._came = len(jobs)
            self._watch.queued(len(self._queue))
            acts = self._commit(jobs)
        except BaseException as error:
            self._ledger.forget()
            for job in jobs:
                job.error = job.error or error
            self._failed(error)
        else:
            self._watch.committed(len(jobs), acts, time.perf_counter() - begun)
        finally:
            self._settle(jobs)

    def _failed(self, error: BaseException) -> None:
        self._watch.failed(error)
        if isinstance(error, Unavailable):
            # Those who waited are told so; who runs the house learns it here.
            _log.error("Nothing can be written to the record. %s", error)

    def _commit(self, jobs: list[_Job]) -> int:
        """Run jobs and commit what they add; return how many acts that is."""
        asked = self._ledger.questions(stream for job in jobs for stream in job.streams)
        with self._store.writing(asked) as sql:
            self._ledger.begin(sql, self._clock())
            head = self._ledger.head
            self._ledger.sql.foresee(key for job in jobs for key in job.keys)
            for job in jobs:
                self._run(job)
            self._ledger.sql.complete()
        return self._ledger.head - head

    def _run(self, job: _Job) -> None:
        ledger = self._ledger
        head = ledger.head
        ledger.sql.begin_decision()
        try:
            job.answer = job.decide(ledger)
        except Exception as error:
            if isinstance(error, self._fatal):
                raise
            job.error = error
            ledger.sql.undo()
            if ledger.head != head:
                ledger.return_to(head)
            return
        ledger.sql.end_decision()
