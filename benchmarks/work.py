"""Work shaped like the real thing: what desks report, how late, and how often they correct it.

The lags of late reports are quantiles of 5,607 real ones (the daily figures of
palestine-datasets that were added after their day). A tenth of the reports is corrected.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any

from schemas.developments import DevelopmentIn, introductions
from service import decisions
from service.domain import acts
from service.domain.times import format_instant, parse_instant
from service.ledger import Decision, Desk

STORY = "running-story"
DESK = Desk(newsroom="bench", by="bench")
BEGINS = parse_instant("2019-04-01T00:00:00Z")
MINUTE = 60_000_000
HOUR = 60 * MINUTE
CORRECTED = 0.1
LATE = 0.35
LAG_HOURS = (17, 615, 1023, 1625, 2153, 2893, 4001, 6761, 11249, 15713, 20201, 24689)
PARTIES = tuple(f"party-{number}" for number in range(6))
PLACES = tuple(f"place-{number}" for number in range(8))
KINDS = (
    "clash", "mobilisation", "alert.raised", "control.claimed", "threat.made",
    "casualties.reported", "scheduled.planned", "call.made",
)  # fmt: skip

_SHAPE = DevelopmentIn()


class Clock:
    """The host's clock of a benchmark: it goes on a minute with each report."""

    def __init__(self) -> None:
        self.at = BEGINS

    def __call__(self) -> int:
        """Return the time in microseconds since 1970 UTC."""
        return self.at


def opening(story: str = STORY) -> Iterator[Decision]:
    """Yield the decisions that open a story with its cast."""
    fields = {"id": story, "title": "A story", "language": "en", "time_zone": "UTC"}
    yield decisions.open_story({**fields, "scale": "conflict"}, DESK)
    for slug in PARTIES:
        yield decisions.put_member(story, "actor", {"id": slug, "name": slug.title()}, DESK)
    for slug in PLACES:
        yield decisions.put_member(story, "place", {"id": slug, "name": slug.title()}, DESK)


def body(chance: random.Random, number: int, now: int) -> dict[str, Any]:
    """Return a report as a desk sends it: some 700 bytes."""
    kind = chance.choice(KINDS)
    one, other = chance.sample(PARTIES, 2)
    late = chance.choice(LAG_HOURS) * HOUR if chance.random() < LATE else chance.randint(0, HOUR)
    said: dict[str, Any] = {
        "kind": kind,
        "headline": f"Report {number}: {kind} by {one}",
        "body": "Two sentences of what happened. They say who said so, and how sure the desk is.",
        "occurred": format_instant(max(BEGINS, now - late)),
        "places": [chance.choice(PLACES)],
        "actors": [{"actor": one, "role": "by"}, {"actor": other, "role": "against"}],
        "sources": [
            {
                "publisher": "A wire service",
                "url": f"https://example.org/reports/{number}",
                "published_at": "2019-04-07",
                "type": "media",
            }
        ],
        "external_id": f"bench-{number}",
    }
    details = {
        "threat.made": {"threat": {"threat": f"threat-{number % 16}", "text": "A threat."}},
        "scheduled.planned": {"scheduled": {"event": f"event-{number % 16}", "title": "A plan"}},
        "call.made": {"demand": {"demand": f"demand-{number % 6}", "text": "A call."}},
        "casualties.reported": {"casualties": {"scope": "total", "killed": number % 500}},
    }
    if kind in details:
        said["details"] = details[kind]
    return said


def decision(said: dict[str, Any], story: str = STORY) -> Decision:
    """Return the decision of a report, its body validated as the door does it."""
    fields, actors, places = introductions(_SHAPE.load(said))
    verification = fields.pop("verification", "reported")
    return decisions.report(
        story,
        fields,
        DESK,
        verification=verification,
        introduces={"actor": actors, "place": places},
    )


def correction(development: str, number: int, story: str = STORY) -> Decision:
    """Return the decision of a correction."""
    changes = {"headline": f"Corrected {number}"}
    note = {"notice": "The number was wrong."}
    return decisions.revise(
        story, development, acts.DevelopmentCorrected, changes, DESK, base=None, note=note
    )


def tell(
    record_many: Callable[[list[Decision]], list[Any]],
    clock: Clock,
    reports: int,
    first: int = 0,
    story: str = STORY,
) -> None:
    """Record reports, a tenth of them corrected, in batches of 256."""
    chance = random.Random(first + 1)
    for start in range(first, first + reports, 256):
        batch = []
        for number in range(start, min(start + 256, first + reports)):
            clock.at += MINUTE
            batch.append(decision(body(chance, number, clock.at), story))
        done = record_many(batch)
        wrong = [answer for answer in done if isinstance(answer, Exception)]
        if wrong:
            raise wrong[0]
        corrected = [w.development.id for w in done if chance.random() < CORRECTED]
        record_many([correction(id_, start, story) for id_ in corrected])
