"""Where the record stands, and what others did to it since: asked as the append lock is taken.

Asked: *which act is the last of all; which acts and slots came after those that this process
knows?* The answers come with the lock, so that a commit waits for the database once less for each.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from service.readmodel import chronicle
from service.readmodel.chronicle import Moment
from service.store.envelope import envelope_hash
from service.store.sql import FOREVER, Question, Row

LEARNED_ACTS = 1024
"""Acts of other processes that are looked at; after more, nothing is remembered."""

LEARNED_SLOTS = 4096
"""Slots of other processes that are looked at; after more, nothing is remembered."""

STANDING = (
    "SELECT c.*, (SELECT coalesce(max(number), 0) FROM rebuilt) AS rebuilt"
    " FROM chronicle c ORDER BY c.position DESC LIMIT 1"
)
ACTED = (
    "SELECT c.*, CASE WHEN c.position = (SELECT l.position FROM chronicle l WHERE l.story = c.story"
    " ORDER BY l.recorded_at DESC, l.position DESC LIMIT 1)"
    ' THEN (SELECT e.state FROM stored_events e WHERE e."rowid" = c.position) END AS envelope'
    " FROM chronicle c WHERE c.position > ? ORDER BY c.position LIMIT ?"
)
ADDED = "SELECT number, story, name FROM slot WHERE number > ? ORDER BY number LIMIT ?"


QUESTIONS = 3


@dataclass(kw_only=True, slots=True)
class Acted:
    """What was done to one story: the acts' names, its moment now, its last envelope's hash."""

    names: set[str] = field(default_factory=set)
    moment: Moment | None = None
    previous: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """The record's last act; how often the tables were rebuilt; what came since.

    ``acted`` is by the story's number, ``slots`` are rows of (number, story, name); both are None
    where too much came.
    """

    last: Moment | None
    rebuilt: int
    acted: dict[int, Acted] | None
    slots: list[Row] | None


def questions(above: int | None, slot: int | None) -> list[Question]:
    """Return what to ask; ``above`` is the last act that is known, ``slot`` the last slot's number.

    None where nothing is remembered that could be out of date.
    """
    return [
        (STANDING, ()),
        (ACTED, (FOREVER if above is None else above, LEARNED_ACTS + 1)),
        (ADDED, (FOREVER if slot is None else slot, LEARNED_SLOTS + 1)),
    ]


def answered(rows: Sequence[list[Row]]) -> Head:
    """Return what the answers to the questions say."""
    standing, acted, slots = rows
    return Head(
        last=chronicle.moment(standing[0]) if standing else None,
        rebuilt=standing[0]["rebuilt"] if standing else 0,
        acted=_by_story(acted) if len(acted) <= LEARNED_ACTS else None,
        slots=slots if len(slots) <= LEARNED_SLOTS else None,
    )


def _by_story(rows: list[Row]) -> dict[int, Acted]:
    found: dict[int, Acted] = {}
    for row in rows:
        acted = found.setdefault(row["story"], Acted())
        acted.names.add(row["act"])
        if row["envelope"] is not None:
            acted.moment = chronicle.moment(row)
            acted.previous = envelope_hash(bytes(row["envelope"]))
    return found
