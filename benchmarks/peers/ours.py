"""Onrecord itself: the same stream through its recorder, its state from the read model."""

from typing import Any

from benchmarks import load, stream
from benchmarks.peers.story import STORY, State, Step
from benchmarks.stores import Place
from service.asof import Asked, situation
from service.domain.acts import Act
from service.readmodel.stories import Viewer
from service.store import history
from service.storyfile import Import


class Onrecord:
    """Validated, decided, appended with envelope and read model; reads in two clocks."""

    name = "Onrecord"

    def __init__(self, place: Place) -> None:
        self._clock = load.Clock()
        self._open = place.house(self._clock)
        self._house = self._open.__enter__()

    def tell(self, developments: int) -> list[Act]:
        """Take in the stream that the others are given; return its acts."""
        load.write(self._house, self._clock, stream.story(STORY, developments))
        return [act for act, _ in history.every(self._house.store.reading())]

    def appender(self) -> "Onrecord":
        """Return what appends: the recorder, for every thread."""
        return self

    def __call__(self, content: dict[str, Any], number: int) -> None:
        """Store a new development."""
        job = Import(desk=load.DESK, story=STORY)
        self._house.recorder.record(job.decision({"report": content}))

    def take(self, step: Step) -> None:
        """Nothing: the stream is there, by ``tell``."""

    def state(self, step: Step) -> State:
        """Return the story's state right after a step."""
        basis = self._house.asof.basis(STORY, Viewer(), Asked(position=step.position))
        return {row.slot: [row.value, row.development] for row in situation.standing(basis)}

    def close(self) -> None:
        """Close the house; what appends shares it."""

    def leave(self) -> None:
        """Close the house."""
        self._open.__exit__(None, None, None)
