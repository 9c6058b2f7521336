"""Several processes on one record: starting at once, writing at once, dying in the middle."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from service.assembly import TABLES
from service.settings import Settings
from tests.builders import Desk, House

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 8
WRITERS = 3
REPORTS = 25

INIT = """
import sys
from service.assembly import assemble
from service.settings import Settings
assemble(Settings(database_url=sys.argv[1])).close()
"""

WRITE = """
import sys
from tests.builders import Clock, Desk, House, Settings
house = House.at(Settings(database_url=sys.argv[1]), init=False)
desk = Desk(house, story="tripoli")
for number in range(int(sys.argv[3])):
    desk.reports(f"{sys.argv[2]}-{number}")
house.close()
"""

DIE = """
import os, sys
from tests.builders import Desk, House, Settings
house = House.at(Settings(database_url=sys.argv[1]), init=False)
desk = Desk(house, story="tripoli")
def decide(ledger):
    desk.reporting("first")(ledger)
    desk.reporting("second")(ledger)
    os._exit(9)
house.record(decide)
"""


def started(program: str, settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    """A Python process that runs a program on the record."""
    return subprocess.Popen(
        [sys.executable, "-c", program, settings.database_url, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(processes: Sequence[subprocess.Popen[str]]) -> list[int]:
    """How each ended, once all have."""
    said = [process.communicate(timeout=60)[1] for process in processes]
    assert all("Traceback" not in words for words in said), "\n".join(said)
    return [process.returncode for process in processes]


def test_eight_that_set_up_at_once_make_one_record(settings: Settings) -> None:
    codes = ended([started(INIT, settings) for _ in range(AT_ONCE)])
    assert codes == [0] * AT_ONCE
    house = House.at(settings, init=False)
    desk = house.desk()
    assert desk.opens_story().position == 1
    house.close()


def test_setting_up_again_changes_nothing(house: House, desk: Desk) -> None:
    desk.reports("order")
    before = house.counts(), house.envelopes()
    House.at(house.onrecord.settings, house.clock, init=True).close()
    assert (house.counts(), house.envelopes()) == before


def test_writers_in_several_processes_lose_and_double_nothing(house: House, desk: Desk) -> None:
    head, settings = house.head(), house.onrecord.settings
    codes = ended(
        [started(WRITE, settings, f"w{writer}", str(REPORTS)) for writer in range(WRITERS)]
    )
    assert codes == [0] * WRITERS
    assert house.head() == head + WRITERS * REPORTS
    assert [position for position, _ in house.envelopes()] == list(range(1, house.head() + 1))
    reader = house.reader("tripoli")
    expected = [f"w{writer}-{number}" for writer in range(WRITERS) for number in range(REPORTS)]
    assert sorted(reader.names()) == sorted(expected)
    assert reader.situation()["counts"]["developments"] == WRITERS * REPORTS
    # and this process, which had the story in memory, goes on where they left off
    assert desk.reports("after").position == house.head()


def test_a_process_that_dies_in_the_middle_leaves_nothing(house: House, desk: Desk) -> None:
    before, head = house.counts(), house.head()
    assert ended([started(DIE, house.onrecord.settings)]) == [9]
    assert house.counts() == before
    assert desk.reports("first").position == head + 1


def test_every_table_is_counted(house: House) -> None:
    """Tests compare `counts` to show that nothing was stored: it must know every table."""
    made = {statement.split()[2] for statement in TABLES if statement.startswith("CREATE TABLE")}
    assert made <= set(house.counts())
