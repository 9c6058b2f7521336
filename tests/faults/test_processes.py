"""Many processes write, and some follow the record as it grows: nothing is missed or doubled.

Each writer has two threads, so that commits are shared as well. A minute of it is run by hand:
`pytest -m long_run -s tests/faults/test_processes.py` prints what was written.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from service.settings import Settings
from tests.builders import House

ROOT = Path(__file__).resolve().parents[2]
LIBRARY, SQL = "library", "sql"
"""How a follower reads: as the library's projections do, or as ours."""

AT_ONCE = {"postgres": (8, [LIBRARY, SQL] * 2), "sqlite": (4, [LIBRARY, SQL])}
"""Writers, and followers, by the store."""

WRITE = """
import json, sys, threading, time
from service.domain.refusals import Unavailable
from tests.builders import Desk, House, Settings
house = House.at(Settings(database_url=sys.argv[1]), init=False)
desk, until, acknowledged = Desk(house, story="tripoli"), time.monotonic() + float(sys.argv[3]), []
def work(thread):
    number = 0
    while time.monotonic() < until:
        name = f"w{sys.argv[2]}-{thread}-{number}"
        try:
            desk.reports(name, occurred="2019-04-04")
        except Unavailable:
            continue
        acknowledged.append(name)
        number += 1
threads = [threading.Thread(target=work, args=(thread,)) for thread in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
house.close()
print(json.dumps(acknowledged))
"""

FOLLOW = """
import json, select, sys
from tests.builders import House, Settings
house = House.at(Settings(database_url=sys.argv[1]), init=False)
store, seen, ended = house.onrecord.store, [], False
def library(above):
    return [one.id for one in store.acts.select_notifications(above, 50, inclusive_of_start=False)]
def sql(above):
    rows = store.reading().all(
        'SELECT "rowid" AS position FROM stored_events WHERE "rowid" > ?'
        ' ORDER BY "rowid" LIMIT 50', (above,))
    return [row["position"] for row in rows]
follow = {"library": library, "sql": sql}[sys.argv[2]]
while True:
    more = follow(seen[-1] if seen else 0)
    seen += more
    if more:
        continue
    if ended:
        break
    # The parent closes the way in when every writer has ended; then one more look.
    ended = bool(select.select([sys.stdin], [], [], 0.001)[0])
house.close()
print(json.dumps(seen))
"""


def started(program: str, settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, settings.database_url, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def told(process: subprocess.Popen[str], seconds: float) -> Any:
    """What a process found, once it has ended; closing the way in ends a follower."""
    said, _ = process.communicate(timeout=seconds + 120)
    assert process.returncode == 0
    return json.loads(said)


@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=pytest.mark.long_run)])
def test_writers_and_followers_miss_nothing_and_double_nothing(
    settings: Settings, seconds: int
) -> None:
    house = House.at(settings)
    house.desk().opens_story("tripoli")
    writers, ways = AT_ONCE["sqlite" if settings.on_sqlite else "postgres"]

    following = [started(FOLLOW, settings, way) for way in ways]
    writing = [started(WRITE, settings, str(n), str(seconds)) for n in range(writers)]
    acknowledged = [name for one in writing for name in told(one, seconds)]
    seen = [told(one, seconds) for one in following]

    head = house.head()
    on_record = [(act.document or {}).get("external_id") for act in house.acts()[1:]]
    every = range(1, head + 1)
    missed = sum(len({*every} - {*one}) for one in seen) + len({*acknowledged} - {*on_record})
    doubled = sum(len(one) - len({*one}) for one in seen) + len(on_record) - len({*on_record})
    print(f"{len(acknowledged)} written by {writers} processes, {missed} missed, {doubled} doubled")
    assert (missed, doubled) == (0, 0)
    assert [position for position, _ in house.envelopes()] == [*every]
    assert seen == [[*every]] * len(ways)
    assert sorted(on_record) == sorted(acknowledged)
    house.close()
