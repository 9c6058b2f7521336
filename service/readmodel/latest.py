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
from service.store.sql import Question, Row, padded, placeholders

Depths = Sequence[tuple[int, Sequence[str]]]
"""How many answers are wanted of each slot of some families, and the families' names."""


class Answers(NamedTuple):
    """A slot's latest answers: the one that stands, and those below it, the newest first.

    Those below are as they were stored, for few of them are looked at.
    """

    latest: Assignment
    below: Sequence[bytes]

    def at(self, upto: Instant) -> Assignment | None:
        """Return the first below the one that stands that began by a world time."""
        place = bisect_left(self.below, -upto, key=_begun)
        if place == len(self.below):
            return None
        return decoded(self.latest.slot, orjson.loads(self.below[place]))


def _begun(body: bytes) -> int:
    """Return a body's valid-from, turned round: the newest body of a slot comes first."""
    return -int(body.rsplit(b",", 3)[1])


class Previous(Mapping[str, Assignment]):
    """By slot, the answer next below the one that stands; read when it is looked at."""

    def __init__(self, told: Iterable[Answers]) -> None:
        self._bodies = {answers.latest.slot: answers.below[0] for answers in told if answers.below}

    def __getitem__(self, slot: str) -> Assignment:
        return decoded(slot, orjson.loads(self._bodies[slot]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._bodies)

    def __len__(self) -> int:
        return len(self._bodies)


def question(
    story: int, depths: Depths, *, as_of: int, position: int, slots: Sequence[str] = ()
) -> Question:
    """Return the question for the latest answers of every slot at a basis, for ``read``.

    Of each slot as many as ``depths`` says of its family, of any other one. ``slots`` names those
    that are wanted.
    """
    seen, named = (as_of, position, position), padded(slots)
    return (
        _statement(tuple(depths), len(named)),
        (*seen * (len(depths) + 1), story, position, *named),
    )


def read(rows: Iterable[Row]) -> list[Answers]:
    """Return the answers that the rows of ``question`` tell; a slot that had none is left out."""
    told = [
        (name, (bodies.encode() if isinstance(bodies, str) else bodies).split(BETWEEN))
        for name, bodies in rows
        if bodies is not None
    ]
    # One array of all: a situation's hundreds of bodies, read one by one, cost twice as much.
    standing = orjson.loads(b"[%b]" % b",".join([bodies[0] for _, bodies in told]))
    return [
        Answers(decoded(name, body), bodies[1:])
        for (name, bodies), body in zip(told, standing, strict=True)
    ]


BETWEEN = b"\n"
"""Between one body and the next: JSON as it is stored has no line ends."""


@lru_cache(maxsize=64)
def _statement(depths: Depths, slots: int) -> str:
    several = [
        f" WHEN {' OR '.join(map(_within, families))}"
        f" THEN (SELECT group_concat(l.body, '{BETWEEN.decode()}') FROM ({ANSWER} {depth}) l)"
        for depth, families in depths
    ]
    return (
        f"SELECT s.name AS name, CASE{''.join(several)} ELSE ({ANSWER} 1) END AS bodies"
        " FROM slot s WHERE s.story = ? AND s.known_from <= ?"
    ) + (f" AND s.name IN ({placeholders('?' * slots)})" if slots else "")


def _within(family: str) -> str:
    """Return the condition on a name of a family: a semicolon comes after a colon."""
    return f"s.name BETWEEN '{family}:' AND '{family};'"
