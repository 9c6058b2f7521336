"""How late real reports come, and how long a wrong figure stands: two small tables of quantiles.

Both are read off the 15,338 revisions of daily figures in *palestine-datasets* (Tech For
Palestine, ``west_bank_daily``, the Unlicense), October 2023 to August 2026:

- 12,656 figures were given for a day; 5,607 of them (44 %) were added later than the record
  began. The lag is from the end of that day to the record of the figure.
- 2,394 times a figure was revised. The delay is from the record that was wrong to its revision.
- 168 figures (1.3 %) were removed again.

``python -m benchmarks.lags FILE`` derives the tables anew from the revisions' NDJSON file. The
file itself is no part of the project.
"""

import json
import random
import sys
from bisect import insort
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

LATE = 0.44
"""The share of figures that came late."""

REMOVED = 0.013
"""The share of figures that were taken back."""

LAG_HOURS = (
    0, 590, 998, 1334, 1601, 1862, 2129, 2462, 2869, 3422, 3977,
    4793, 6737, 8969, 11225, 13457, 15689, 17945, 20177, 22433, 24665,
)  # fmt: skip
"""Hours from the end of a day to the figure that came late: every twentieth quantile."""

REVISION_HOURS = (
    0, 17, 24, 39, 48, 51, 60, 69, 73, 75, 91,
    97, 108, 121, 131, 167, 193, 265, 553, 1840, 20664,
)  # fmt: skip
"""Hours that a figure stood until it was revised: every twentieth quantile."""


def drawn(chance: random.Random, quantiles: Sequence[int]) -> float:
    """Return a value (in hours) of the distribution that has these quantiles, evenly spaced."""
    place = chance.random() * (len(quantiles) - 1)
    below = int(place)
    return quantiles[below] + (place - below) * (quantiles[below + 1] - quantiles[below])


def derived(file: Path) -> dict[str, list[int]]:
    """Return the two tables as read off a file of revisions."""
    lags: list[float] = []
    delays: list[float] = []
    last: dict[tuple[str, str], datetime] = {}
    lines = file.read_text(encoding="utf-8").splitlines()
    for row in sorted(map(json.loads, lines), key=lambda row: str(row["recorded_at"])):
        recorded = datetime.fromisoformat(row["recorded_at"])
        day = datetime.fromisoformat(row["valid_date"]).replace(tzinfo=UTC)
        figure = (row["valid_date"], row["field"])
        if row["kind"] == "added":
            insort(lags, _hours(recorded - day) - 24)
        elif row["kind"] == "revised":
            insort(delays, _hours(recorded - last[figure]))
        last[figure] = recorded
    return {"LAG_HOURS": _quantiles(lags), "REVISION_HOURS": _quantiles(delays)}


def _hours(lag: timedelta) -> float:
    return lag.total_seconds() / 3600


def _quantiles(ordered: Sequence[float]) -> list[int]:
    last = len(ordered) - 1
    return [max(0, round(ordered[last * part // 20])) for part in range(21)]


if __name__ == "__main__":
    for name, table in derived(Path(sys.argv[1])).items():
        print(name, "=", tuple(table))
