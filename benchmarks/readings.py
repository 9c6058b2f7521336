"""A large house as it lies: ``python -m benchmarks.readings DATABASE``, on what ``load`` wrote.

Prints, as Markdown: bytes a development by table and index; p50 and p95 of every reading at random
bases, of the greatest story and of stories drawn by size; and the memory of a worker that serves
such readings over HTTP.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from statistics import median, quantiles
from typing import Any

from benchmarks import stream
from benchmarks.growth import BOUND
from benchmarks.pace import milliseconds
from benchmarks.questions import Questions
from benchmarks.serving import get, megabytes, rate, serving
from benchmarks.stores import SECRET
from service.assembly import Onrecord, assemble
from service.domain.times import format_instant
from service.settings import Settings

ASKED = 100
"""Questions of each sort; a fifth of it of those whose pages tell much more than one answer."""

STORIES = 20
"""Stories that questions are spread over, each drawn with its size as its chance."""

SQLITE_SIZES = "SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name"
POSTGRES_SIZES = """SELECT relname AS name, pg_relation_size(c.oid)
        + CASE WHEN relkind = 'r' THEN coalesce(pg_relation_size(reltoastrelid), 0) ELSE 0 END
        AS bytes
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE relkind IN ('r', 'i') AND nspname = current_schema()"""


def main() -> None:
    """Read the command line, measure, print."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.readings", description=__doc__)
    asked.add_argument("database", help="as ONRECORD_DATABASE_URL")
    settings = Settings(database_url=asked.parse_args().database, secret_key=SECRET)
    house = assemble(settings)
    try:
        sizes = _stories(house)
        print("\n".join(_disk(house, sum(sizes.values()))))
        print("\n".join(_readings(house, sizes)))
    finally:
        house.close()
    print(f"\nA worker that served them over HTTP: {_worker(settings, sizes):.0f} MB at most.")


def _stories(house: Onrecord) -> dict[str, int]:
    """Return how many developments each story has, the greatest first."""
    rows = house.store.reading().all(
        "SELECT s.id AS id, max(c.developments) AS size FROM chronicle c"
        " JOIN story s ON s.number = c.story GROUP BY s.id ORDER BY size DESC"
    )
    return {row["id"]: row["size"] for row in rows}


def _disk(house: Onrecord, developments: int) -> Iterator[str]:
    statement = SQLITE_SIZES if house.settings.on_sqlite else POSTGRES_SIZES
    rows = house.store.reading().all(statement)
    whole = sum(row["bytes"] for row in rows)
    yield f"{developments:,} developments, {whole / 2**20:,.0f} MiB.\n"
    yield "| table or index | bytes a development |\n|---|---|"
    for row in sorted(rows, key=lambda row: -row["bytes"]):
        if row["bytes"] >= developments:
            yield f"| `{row['name']}` | {row['bytes'] / developments:,.0f} |"
    yield f"| all | {whole / developments:,.0f} |"


def _readings(house: Onrecord, sizes: dict[str, int]) -> Iterator[str]:
    greatest = next(iter(sizes))
    one = Questions(house, greatest)
    chance = random.Random(2)
    drawn = chance.choices(list(sizes), list(sizes.values()), k=STORIES)
    several = [Questions(house, story) for story in dict.fromkeys(drawn)]
    yield f"\n`{greatest}`: {sizes[greatest]:,} developments, {one.slots} slots; beside it"
    yield f"{len(several)} stories drawn by size.\n"
    yield "| reading | greatest story: p50, p95 | stories: p50, p95 |\n|---|---|---|"
    for name in one.all():
        yield f"| {name} | {_told([one], name)} | {_told(several, name)} |"


def _told(among: Sequence[Questions], name: str) -> str:
    asks = [questions.all()[name] for questions in among]
    count = ASKED if name.startswith(BOUND) else ASKED // 5
    taken = [milliseconds(asks[number % len(asks)]) for number in range(count)]
    return f"{median(taken):.2f} ms, {quantiles(taken, n=20)[-1]:.2f} ms"


def _worker(settings: Settings, sizes: dict[str, int]) -> float:
    """Serve readings of many stories at many bases; return the worker's most memory in MB."""
    chance = random.Random(4)
    drawn = chance.choices(list(sizes), list(sizes.values()), k=4 * ASKED)
    requests = [get(_address(chance, story)) for story in drawn]
    environment = {
        "ONRECORD_DATABASE_URL": settings.database_url,
        "ONRECORD_SECRET_KEY": SECRET,
    }
    with serving("service.wsgi:app", environment) as (port, parent):
        rate(port, [requests[place::4] for place in range(4)], 200)
        return megabytes(parent)


def _address(chance: random.Random, story: str) -> str:
    moment = format_instant(chance.randint(stream.BEGINS, stream.BEGINS + stream.SPAN))
    reading: Any = chance.choice(("situation", "developments", "situation", "changes"))
    known = "" if reading == "changes" else f"&known_at={moment}"
    return f"/v1/stories/{story}/{reading}?as_of={moment}{known}"


if __name__ == "__main__":
    main()
