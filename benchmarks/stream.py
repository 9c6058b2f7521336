"""A house's years as a stream of story-file lines in record order: deterministic, in flat memory.

Story sizes follow a power law (Zipf): of 1,000,000 developments the greatest story has some
110,000 and the median one a hundred. A story begins somewhere in five years, is thickest after
its beginning and thins out. A tenth of the developments is corrected, as late as real figures are
revised; some are updated, verified, withdrawn.

Nothing is kept of what was told but the acts that are still to follow.
"""

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks import lags
from benchmarks.shape import DAY, HOUR, Body, World, occurred, report, words, world_of
from service.domain.times import format_instant, parse_instant

BEGINS = parse_instant("2019-04-01T00:00:00Z")
SPAN = 5 * 365 * DAY
MEAN_STORY = 250
"""Developments a story, on average."""

THINS_OUT = 30.0
"""How much thicker a story's reports come at its beginning than at its end."""

FOLLOWED = {
    "nothing": 0.62, "correct": 0.10, "update": 0.15, "verify": 0.12, "withdraw": lags.REMOVED,
}  # fmt: skip
"""What follows a report, with its share: an act a report at most."""


Told = Callable[[random.Random, World, int, int], Body]
"""Makes a report: by chance, in a world, its number in the story, at a record time."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a story file: when it is recorded, of which story, and what it says."""

    at: int
    story: str
    number: int
    says: dict[str, Any]

    def archived(self) -> dict[str, Any]:
        """Return the line as an archive has it, with its record time."""
        return {**self.says, "recorded_at": format_instant(self.at)}


def house(developments: int, seed: int = 1) -> Iterator[Line]:
    """Yield the lines of a whole house's stories in record order."""
    stories = [
        story(f"story-{rank}", size, seed=seed, conflict=rank % 3 > 0, share=size / developments)
        for rank, size in enumerate(sizes(developments), 1)
    ]
    # Lines of one moment are told apart by story and number, never by what they say.
    return heapq.merge(*stories, key=lambda line: (line.at, line.story, line.number))


def sizes(developments: int) -> list[int]:
    """Return the sizes of the stories, the greatest first: the rank-th is one rank-th of it."""
    stories = max(1, developments // MEAN_STORY)
    whole = sum(1 / rank for rank in range(1, stories + 1))
    found = [max(1, int(developments / whole / rank)) for rank in range(1, stories + 1)]
    found[0] += developments - sum(found)
    return found


def story(
    slug: str, size: int, *, seed: int = 1, conflict: bool = True, share: float = 1.0,
    world: World | None = None, told: Told = report,
) -> Iterator[Line]:  # fmt: skip
    """Yield the lines of one story in record order: its cast, then ``size`` reports and more.

    ``share`` is the story's part of its house: a great story begins early and runs long.
    ``told`` makes a report's body.
    """
    chance = random.Random(f"{seed} {slug}")
    world = world or world_of(size, conflict=conflict)
    begins = BEGINS + int(SPAN * chance.random() * (1 - min(1.0, 4 * share)) * 0.9)
    length = (BEGINS + SPAN - begins) * min(1.0, 0.02 + share**0.3)
    number = 0
    for number, says in enumerate(_cast(slug, world)):
        yield Line(begins, slug, number, says)
    waiting: list[tuple[int, int, dict[str, Any]]] = []
    for count, at in enumerate(_moments(chance, size, begins, length), 1):
        while waiting and waiting[0][0] <= at:
            due, _, says = heapq.heappop(waiting)
            number += 1
            yield Line(due, slug, number, says)
        number += 1
        yield Line(at, slug, number, {"report": told(chance, world, count, at)})
        follows = _following(chance, count, at)
        if follows is not None:
            heapq.heappush(waiting, (follows[0], count, follows[1]))
    for due, _, says in sorted(waiting, key=lambda one: one[:2]):
        number += 1
        yield Line(due, slug, number, says)


def _moments(chance: random.Random, size: int, begins: int, length: float) -> Iterator[int]:
    """Yield the record times of the reports, one after another, without sorting them.

    The next of n ordered uniform draws is known from the one before (order statistics).
    """
    drawn = 0.0
    for left in range(size, 0, -1):
        drawn = 1 - (1 - drawn) * (1 - chance.random()) ** (1 / left)
        yield begins + 1 + int(length * ((1 + THINS_OUT) ** drawn - 1) / THINS_OUT)


def _cast(slug: str, world: World) -> Iterator[dict[str, Any]]:
    about = {"id": slug, "title": f"The story {slug}", "language": "en", "time_zone": "UTC"}
    yield {"story": {**about, **({"scale": "conflict"} if world.conflict else {})}}
    for number in range(world.parties):
        actor = {"id": f"party-{number}", "name": f"Party {number}", "type": "organisation"}
        yield {"actor": actor}
    for number in range(world.places):
        point = {"type": "Point", "coordinates": [10 + number / 10, 30 + number / 10]}
        yield {"place": {"id": f"place-{number}", "name": f"Place {number}", "point": point}}


def _following(chance: random.Random, told: int, at: int) -> tuple[int, dict[str, Any]] | None:
    """Return when an act follows a report, and its line; None for most, which stand."""
    (verb,) = chance.choices(list(FOLLOWED), list(FOLLOWED.values()))
    if verb == "nothing":
        return None
    due = at + 1 + int(lags.drawn(chance, lags.REVISION_HOURS) * HOUR)
    if due >= BEGINS + SPAN:
        return None
    content: dict[str, Any] = {"external_id": f"desk-{told}"}
    match verb:
        case "correct":
            content["changes"] = _correction(chance, at)
            content |= {"notice": words(chance, 12), "reason": "source"}
        case "update":
            content["changes"] = {"body": words(chance, 40)}
        case "verify":
            content["status"] = chance.choice(("confirmed", "confirmed", "disputed", "refuted"))
            content["reason"] = words(chance, 8)
        case _:
            content["notice"] = words(chance, 12)
    return due, {verb: content}


def _correction(chance: random.Random, at: int) -> dict[str, Any]:
    """Return what a correction changes: the words, or when it happened."""
    changes: dict[str, Any] = {"headline": words(chance, 10)}
    if chance.random() < 0.3:
        changes["occurred"] = occurred(chance, at)
    return changes
