"""Many processes write, and some follow the record as it grows: nothing is missed or doubled.

ONRECORD_TEST_SECONDS sets how long they go on.
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
from tests.houses import STORES, StoreKind

ROOT = Path(__file__).resolve().parents[2]
WRITERS = 8
FOLLOWERS = ("library", "sql") * 2
SECONDS = float(os.environ.get("ONRECORD_TEST_SECONDS", "3"))

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


@pytest.fixture
def store_kind() -> StoreKind:
    """PostgreSQL: many processes are what it is for."""
    return STORES["postgres"]


def started(program: str, settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, settings.database_url, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def told(process: subprocess.Popen[str]) -> Any:
    """What a process found, once it has ended; closing the way in ends a follower."""
    said, _ = process.communicate(timeout=SECONDS + 120)
    assert process.returncode == 0
    return json.loads(said)


def test_writers_and_followers_miss_nothing_and_double_nothing(house: House) -> None:
    house.desk().opens_story("tripoli")
    settings = house.onrecord.settings

    followers = [started(FOLLOW, settings, way) for way in FOLLOWERS]
    writers = [started(WRITE, settings, str(n), str(SECONDS)) for n in range(WRITERS)]
    acknowledged = [name for writer in writers for name in told(writer)]
    seen = [told(follower) for follower in followers]

    head = house.head()
    assert head == len(acknowledged) + 1
    assert [position for position, _ in house.envelopes()] == list(range(1, head + 1))
    assert seen == [list(range(1, head + 1))] * len(FOLLOWERS)
    on_record = [row.get("external_id") for row in (act.document or {} for act in house.acts()[1:])]
    assert sorted(on_record) == sorted(acknowledged)
    assert len(set(on_record)) == len(on_record)
