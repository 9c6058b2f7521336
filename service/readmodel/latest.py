"""The latest answers of a story's slots at a basis, several of each: what stands, and below it.

Asked: *what stands in every slot of a story, and what stood there before?* The rows are those of
``assignments``; a slot costs one search, whatever its depth.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import orjson

from service.domain.kinds import Assignment
from service.domain.times import Instant
from service.readmodel.assignments import ANSWER, decoded
from service.readmodel.slots import DEPTHS, LEVEL_DEPTH
from service.store.sql import Question, Row, padded, placeholders

BETWEEN = b"\n"
"""Between one body and the next: JSON as it is stored has no line ends."""

FURTHER_DEPTH = 40
"""How many answers of a slot are had at once when what a situation had is not enough."""


class Answers:
    """Slots' latest answers: those that stand, and by slot those below, the newest first.

    Those below are as they were stored, for few of them are looked at (``split``).
    """

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.standing: list[Assignment] = []
        self.below: dict[str, bytes] = {}
        self.take(rows)

    def take(self, rows: Iterable[Row]) -> list[Assignment]:
        """Take in and return what rows of a question tell; a slot without answer is left out."""
        slots, bodies = [], []
        for slot, found in rows:
            if found is None:
                continue
            body, _, rest = (found.encode() if isinstance(found, str) else found).partition(BETWEEN)
            slots.append(slot)
            bodies.append(body)
            if rest:
                self.below[slot] = rest
        # One array of all: a situation's hundreds of bodies, read one by one, cost twice as much.
        read = orjson.loads(b"[%b]" % b",".join(bodies))
        standing = [decoded(*told) for told in zip(slots, read, strict=True)]
        self.standing += standing
        return standing


def split(below: bytes) -> list[bytes]:
    """Return the bodies below an answer, each as it was stored, the newest first."""
    return below.split(BETWEEN) if below else []


def begun_by(bodies: Sequence[bytes], upto: Instant) -> bytes | None:
    """Return the first of a slot's bodies, the newest first, that began by a world time."""
    place = bisect_left(bodies, -upto, key=_begun)
    return bodies[place] if place < len(bodies) else None


def _begun(body: bytes) -> int:
    """Return a body's valid-from, turned round: the newest body of a slot comes first."""
    return -int(body.rsplit(b",", 3)[1])


class Previous(Mapping[str, Assignment]):
    """By slot, the answer next below the one that stands; read when it is looked at."""

    def __init__(self, below: Mapping[str, bytes]) -> None:
        self._below = below

    def __getitem__(self, slot: str) -> Assignment:
        return answer(slot, self._below[slot].partition(BETWEEN)[0])

    def __iter__(self) -> Iterator[str]:
        return iter(self._below)

    def __len__(self) -> int:
        return len(self._below)


def answer(slot: str, body: bytes) -> Assignment:
    """Return a slot's answer from its body as it was stored."""
    return decoded(slot, orjson.loads(body))


class Lot(NamedTuple):
    """Slots that are asked for together, by their depths."""

    depths: Sequence[int]

    @property
    def families(self) -> list[str]:
        """The families of slots that are all in it."""
        return [name for name, depth in DEPTHS.items() if depth in self.depths]

    def question(self, story: int, *, as_of: int, position: int) -> Question:
        """Return the question for the answers of these slots, for ``Answers``."""
        seen = (as_of, position, position) * len(self.depths)
        return _statement(self.depths), (*seen, story, position, *self.depths)


_DEPTHS = sorted({1, *DEPTHS.values()})

LOTS = (
    Lot(tuple([depth for depth in _DEPTHS if depth >= LEVEL_DEPTH])),
    Lot(tuple([depth for depth in _DEPTHS if 1 < depth < LEVEL_DEPTH])),
    Lot((1,)),
)
"""All slots of a story: those that the level looks at, others that are looked into, the rest."""


@lru_cache
def _statement(depths: Sequence[int]) -> str:
    *several, last = depths
    cases = "".join(f" WHEN {depth} THEN {_bodies(depth)}" for depth in several)
    found = f"CASE s.depth{cases} ELSE {_bodies(last)} END" if several else _bodies(last)
    return (
        f"SELECT s.name AS name, {found} AS bodies FROM slot s"
        f" WHERE s.story = ? AND s.known_from <= ? AND s.depth IN ({placeholders(depths)})"
    )


def further(story: int, slots: Sequence[str], *, as_of: int, position: int) -> Question:
    """Return the question for ``FURTHER_DEPTH`` answers of each of some slots, for ``Answers``."""
    named = padded(slots)
    return (
        f"SELECT s.name AS name, {_bodies(FURTHER_DEPTH)} AS bodies FROM slot s"
        f" WHERE s.story = ? AND s.name IN ({placeholders(named)})",
        (as_of, position, position, story, *named),
    )


def _bodies(depth: int) -> str:
    """Return what finds a slot's latest bodies, so many of them, in one value."""
    if depth == 1:
        return f"({ANSWER} 1)"
    return f"(SELECT group_concat(l.body, '{BETWEEN.decode()}') FROM ({ANSWER} {depth}) l)"
