"""Plain eventsourcing: a story is an aggregate; its state as of a version is replayed.

Application and repository as the library's introduction has them. Appends save an aggregate a
development, so that no two clients meet in one stream.
"""

from typing import Any
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, event

from benchmarks import stock
from benchmarks.peers.story import State, Step
from benchmarks.stores import Place

NAMES = UUID("6f1d8b5e-3d0a-4f6e-9d0e-0b8a3c1f2a44")


class ToldStory(Aggregate):
    """A story that keeps the answers that stand."""

    @event("Opened")
    def __init__(self, name: str) -> None:
        self.name = name
        self.standing: dict[str, Any] = {}

    @staticmethod
    def create_id(name: str) -> UUID:
        """Return the id under which a story of this name lies."""
        return uuid5(NAMES, name)

    @event("Acted")
    def act(self, development: str, said: dict[str, Any], moves: dict[str, Any]) -> None:
        """Take what an act said, and the answers that became others."""
        for slot, answer in moves.items():
            if answer is None:
                self.standing.pop(slot, None)
            else:
                self.standing[slot] = answer


class Eventsourcing:
    """The library with its own recorder on the same store."""

    name = "eventsourcing"

    def __init__(self, place: Place) -> None:
        self._app = stock.application(place)
        self._story: ToldStory | None = None

    def appender(self) -> "Eventsourcing":
        """Return what appends: the application, for every thread."""
        return self

    def __call__(self, content: dict[str, Any], number: int) -> None:
        """Store a new development."""
        self._app.save(stock.Report("story", number, content))

    def take(self, step: Step) -> None:
        """Store a step."""
        if self._story is None:
            self._story = ToldStory(name="story")
        said = {"status": step.status, "verification": step.verification, **step.content}
        self._story.act(step.development, said, dict(step.moves))
        self._app.save(self._story)

    def state(self, step: Step) -> State:
        """Return the state right after a step; the opening is version 1."""
        found: ToldStory = self._app.repository.get(
            ToldStory.create_id("story"), version=step.number + 1
        )
        return dict(found.standing)

    def close(self) -> None:
        """Nothing: what appends shares the application."""

    def leave(self) -> None:
        """Close the application."""
        self._app.close()
