"""Eight desks that post to a served house until they are told to stop, whatever happens to it.

A desk that gets no answer, or a 503, sends the same again: half of what it sends has an
external_id, the other half an Idempotency-Key. So each must be on the record exactly once, if it
was acknowledged, and at most once, if the desk gave up.
"""

import http.client
import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager

from service import care
from service.care.check import ON_POSTGRESQL, ON_SQLITE
from service.settings import Settings
from tests.builders import House
from tests.running import Serving, given, opened

DESKS = 8
PAUSE_SECONDS = 0.05
"""How long a desk waits before it sends again what was not answered."""

__all__ = ["Crowd", "given", "on_record", "opened", "posting", "sound"]


class Crowd:
    """The desks, what was acknowledged to them, and what else they were answered."""

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        self.acknowledged: list[str] = []
        self.answers: Counter[int] = Counter()
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(n,)) for n in range(DESKS)]
        for thread in self._threads:
            thread.start()

    def _work(self, desk: int) -> None:
        for number in itertools.count():
            name = f"d{desk}-{number}"
            while not self._sent(name, by_key=number % 2 == 1):
                if self._stopping.is_set():
                    return
                time.sleep(PAUSE_SECONDS)
            self.acknowledged.append(name)
            if self._stopping.is_set():
                return

    def _sent(self, name: str, by_key: bool) -> bool:
        """Send a report; whether it was acknowledged."""
        said = {
            "headline": name,
            "occurred": "2019-04-04",
            "sources": [{"publisher": "Reuters"}],
            **({} if by_key else {"external_id": name}),
        }
        headers = {"Idempotency-Key": name} if by_key else {}
        path = "/v1/stories/tripoli/developments"
        try:
            status, _, body = self.serving.asks("POST", path, said, **headers)
        except (OSError, http.client.HTTPException):
            self.answers[0] += 1
            return False
        self.answers[status] += 1
        assert status in (200, 201, 503), body
        if status == 503:
            assert json.loads(body)["type"] == "/problems/unavailable"
        return status != 503

    def has_posted(self, more: int) -> bool:
        """Whether so many were acknowledged."""
        return len(self.acknowledged) >= more

    def stop(self) -> None:
        """Let each desk end what it is about."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()


@contextmanager
def posting(serving: Serving) -> Iterator[Crowd]:
    """Eight desks that post as long as the block lasts."""
    crowd = Crowd(serving)
    try:
        yield crowd
    finally:
        crowd.stop()


def on_record(settings: Settings) -> list[str]:
    """The headlines of all developments on the record, in its order."""
    house = House.at(settings, init=False)
    try:
        documents = [act.document or {} for act in house.acts()[1:]]
        assert [position for position, _ in house.envelopes()] == list(range(1, house.head() + 1))
        return [str(document["headline"]) for document in documents]
    finally:
        house.close()


def sound(settings: Settings, crowd: Crowd) -> None:
    """Nothing acknowledged is lost, nothing is there twice, and `check` finds no fault."""
    found = on_record(settings)
    assert sorted(set(found)) == sorted(found), "an act is there twice"
    assert set(crowd.acknowledged) <= set(found), "what was acknowledged is lost"
    assert len(found) - len(crowd.acknowledged) <= DESKS
    house = House.at(settings, init=False)
    try:
        begin = ON_SQLITE if settings.on_sqlite else ON_POSTGRESQL
        with closing(care.Check(house.sql, begin=begin).faults()) as faults:
            assert [*faults] == []
    finally:
        house.close()
