"""Real revisions of real figures: what was known then is exactly what the file says was known.

15,338 revisions of daily casualty figures (`valid_date` in world time, `recorded_at` in record
time) go in as an archive: one development for each date and field, in the free slot
`note:{field}`; revised is a correction, removed a withdrawal, added again a new development.
The data is not part of the project: where it is absent, these tests are skipped.
"""

import json
import os
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from service import storyfile
from service.app import create_app
from service.domain.times import format_instant, parse_instant, start_of
from tests.builders import Clock, House
from tests.houses import STORES

SIBLING = Path(__file__).parents[2].parent / "shared/data/revisions"
FILE = Path(os.environ.get("ONRECORD_TEST_REVISIONS", SIBLING / "west_bank_daily.revisions.jsonl"))
PAIRS = 500
STORY = "west-bank"
AFTERWARDS = "2027-01-01T00:00:00Z"

pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason="the revisions are not part of the project (ONRECORD_TEST_REVISIONS)"
)


def slot_of(name: str) -> str:
    return "note:" + re.sub(r"[^a-z0-9-]", "-", name)


def everything() -> list[dict[str, Any]]:
    """The file in record order."""
    rows = [json.loads(line) for line in FILE.read_text().splitlines()]
    return sorted(rows, key=lambda row: parse_instant(row["recorded_at"]))


def is_foretold(row: Mapping[str, Any]) -> bool:
    """Whether a figure is dated after its own record time."""
    return starts(row["valid_date"]) > parse_instant(row["recorded_at"])


def revisions() -> list[dict[str, Any]]:
    """The file in record order, without what is dated after its own record time."""
    return [row for row in everything() if not is_foretold(row)]


def starts(date: str) -> int:
    return start_of(date, ZoneInfo("UTC"))


@dataclass
class Telling:
    """Turns revisions into the lines of a story file."""

    story: str = STORY
    standing: dict[tuple[str, str], str] = field(default_factory=dict)
    told: dict[tuple[str, str], int] = field(default_factory=dict)

    def lines(self, rows: list[dict[str, Any]]) -> Iterator[Mapping[str, Any]]:
        story = {"id": self.story, "title": "Figures", "language": "en", "time_zone": "UTC"}
        yield {"story": story, "recorded_at": rows[0]["recorded_at"]}
        for row in rows:
            yield {**self.line(row), "recorded_at": row["recorded_at"]}

    def line(self, row: Mapping[str, Any]) -> dict[str, Any]:
        about = (row["valid_date"], row["field"])
        named = self.standing.get(about)
        name = slot_of(row["field"]).removeprefix("note:")
        if row["new"] is None:
            if named is None:
                raise AssertionError(f"{about} was removed before it was there")
            del self.standing[about]
            return {"withdraw": {"external_id": named, "notice": "Removed at the source."}}
        details = {"notes": {name: row["new"]}}
        if named is not None:
            changes = {"details": details}
            return {"correct": {"external_id": named, "changes": changes, "notice": "Revised."}}
        self.told[about] = self.told.get(about, 0) + 1
        named = self.standing[about] = f"{row['valid_date']}/{name}/{self.told[about]}"
        return {
            "report": {
                "external_id": named,
                "kind": "occurrence",
                "headline": f"{row['field']} of {row['valid_date']}",
                "occurred": row["valid_date"],
                "sources": [{"publisher": "palestine-datasets"}],
                "details": details,
            }
        }


@pytest.fixture(scope="module", params=list(STORES))
def figures(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A house that holds the whole archive."""
    settings = STORES[request.param].settings(tmp_path_factory.mktemp("figures"))
    house = House.at(replace(settings, secret_key="k" * 32), Clock(AFTERWARDS))
    try:
        onrecord = house.onrecord
        job = storyfile.Import(desk=onrecord.desk("times"), archive=True)
        lines = enumerate(Telling().lines(revisions()), start=1)
        onrecord.recorder.record(storyfile.archive(lines, job, onrecord.clock))
        yield house
    finally:
        house.close()


@pytest.fixture(scope="module")
def client(figures: House) -> FlaskClient:
    """Anybody at its door."""
    return create_app(figures.onrecord.settings, figures.onrecord).test_client()


def known(rows: list[dict[str, Any]], date: str, name: str, at: int) -> Any:
    """What the file says was known at a moment; None when nothing was."""
    value = None
    for row in rows:
        same = row["valid_date"] == date and row["field"] == name
        if same and parse_instant(row["recorded_at"]) <= at:
            value = row["new"]
    return value


def shown(client: FlaskClient, date: str, name: str, at: int) -> Any:
    """What the slot's course says of a date, as told at a moment; None when it says nothing."""
    path = f"/v1/stories/{STORY}/situation/{slot_of(name)}"
    answer = client.get(
        path, query_string={"as_of": date, "known_at": format_instant(at), "limit": 200}
    )
    assert answer.status_code == 200, answer.json
    entries = [item for item in answer.json["items"] if item["valid_from"][:10] == date]
    assert len(entries) <= 1, entries
    return entries[0]["value"] if entries else None


def test_what_was_known_at_random_moments_is_what_the_file_says(client: FlaskClient) -> None:
    rows = revisions()
    moments = sorted({parse_instant(row["recorded_at"]) for row in rows})
    chance = random.Random(20190404)
    values = []
    for _ in range(PAIRS):
        row, at = chance.choice(rows), chance.choice(moments) + chance.choice((-1, 0, 1))
        said = known(rows, row["valid_date"], row["field"], at)
        assert shown(client, row["valid_date"], row["field"], at) == said, (row, at)
        values.append(said)
    assert len([value for value in values if value is None]) > PAIRS // 20
    assert len([value for value in values if value is not None]) > PAIRS // 5


def test_a_figure_dated_after_its_own_record_time_is_refused(
    figures: House, client: FlaskClient
) -> None:
    token = figures.onrecord.create_token(newsroom="times", role="admin", name="archive")
    foretold = next(row for row in everything() if is_foretold(row))
    body = b"\n".join(json.dumps(line).encode() for line in Telling("foretold").lines([foretold]))
    answer = client.post(
        "/v1/stories/foretold/developments?archive=true",
        data=body,
        content_type="application/x-ndjson",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["occurred"]
    assert answer.json["line"] == 2
    assert client.get("/v1/stories/foretold").status_code == 404
