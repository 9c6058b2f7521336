"""The stream that all are given: steps of one story, and what its state is by the plain fold."""

import hashlib
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from benchmarks.stores import Place
from service.domain import acts, fold, kinds, stories
from service.domain.acts import Act
from service.domain.developments import Development, evolve
from service.domain.kinds import Assignment
from service.domain.stories import Story

STORY = "growing"

State = dict[str, list[Any]]
"""Slot → [value, id of the development that says so]: the answers that stand."""

Moves = dict[str, list[Any] | None]
"""The slots that a step changes, with their new answers; None where nothing stands any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What one act leaves: a development's version, and the answers that became others by it.

    ``number`` counts the steps from 1; ``at`` is record time in microseconds.
    """

    number: int
    position: int
    at: int
    development: str
    version: int
    status: str
    verification: str
    content: Mapping[str, Any]
    moves: Moves


class Peer(Protocol):
    """One of those who are compared; the name is what tables show."""

    name: str

    def __init__(self, place: Place) -> None:
        """Make its tables in a fresh place."""

    def appender(self) -> "Appender":
        """Return what a thread of its own appends reports with."""

    def take(self, step: Step) -> None:
        """Store a step of the story, durably, with the state that it leaves."""

    def state(self, step: Step) -> State:
        """Return the story's state as it was right after a step."""

    def close(self) -> None:
        """Close what is open."""


class Appender(Protocol):
    """A thread's way to append."""

    def __call__(self, content: dict[str, Any], number: int) -> None:
        """Store a new development, durably; numbers differ."""

    def close(self) -> None:
        """Close what is open."""


def digest(state: State) -> str:
    """Return the digest of a state: SHA-256 of its JSON with sorted keys."""
    return hashlib.sha256(orjson.dumps(state, option=orjson.OPT_SORT_KEYS)).hexdigest()


def expected(history: list[Act], step: Step) -> str:
    """Return the digest of the state after a step, by the plain fold over the acts."""
    found = fold.standing(history, as_of=step.at, position=step.position)
    return digest({slot: [row.value, row.development] for slot, row in found.items()})


def sample(steps: list[Step], count: int, seed: int = 5) -> list[Step]:
    """Return steps drawn from all of them."""
    return random.Random(seed).choices(steps, k=count)


def steps(history: list[Act]) -> Iterator[Step]:
    """Yield a story's steps from its acts."""
    standing = _Standing()
    told: dict[str, Development] = {}
    story: Story | None = None
    for act in history:
        story = stories.evolve(story, act)
        if not isinstance(act, acts.DevelopmentAct):
            continue
        before = told.get(act.development)
        after = told[act.development] = evolve(before, act)
        old = kinds.assignments(before.as_version(story)) if before else ()
        moves = standing.moved(old, kinds.assignments(after.as_version(story)))
        standing.number += 1
        yield Step(
            number=standing.number, position=act.stamp.position, at=act.stamp.recorded_at,
            development=after.id, version=after.version, status=after.status,
            verification=after.verification, content=after.fields, moves=moves,
        )  # fmt: skip


@dataclass
class _Standing:
    """The answers that stand, kept as acts come: an entry a slot and development."""

    number: int = 0
    rows: dict[str, dict[tuple[int, ...], Assignment]] = field(default_factory=dict)
    best: dict[str, Assignment] = field(default_factory=dict)

    def moved(self, old: tuple[Assignment, ...], new: tuple[Assignment, ...]) -> Moves:
        """Take a version's assignments for those of the one before; return what changed."""
        touched = {row.slot for row in (*old, *new)}
        before = {slot: self._answer(slot) for slot in touched}
        for row in old:
            self.rows[row.slot].pop(row.order)
            if self.best.get(row.slot) == row:
                del self.best[row.slot]
        for row in new:
            self.rows.setdefault(row.slot, {})[row.order] = row
        for slot in touched:
            self._choose(slot, [row for row in new if row.slot == slot])
        after = {slot: self._answer(slot) for slot in touched}
        return {slot: after[slot] for slot in touched if after[slot] != before[slot]}

    def _choose(self, slot: str, new: list[Assignment]) -> None:
        best = self.best.get(slot)
        among = [best, *new] if best is not None else list(self.rows[slot].values())
        if among:
            self.best[slot] = max(among, key=lambda row: row.order)

    def _answer(self, slot: str) -> list[Any] | None:
        row = self.best.get(slot)
        return None if row is None else [row.value, row.development]
