"""What is counted, and that nothing of a newsroom and no client's word becomes a label."""

import re
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from service.app import behind, create_app
from service.metrics import declared
from service.metrics.counting import Counting
from service.metrics.now import Now
from service.metrics.page import application
from service.settings import Settings
from tests.api.served import Caller
from tests.builders import Clock, House

PAGE = (Path(__file__).parents[2] / "docs/operations.md").read_text(encoding="utf-8")
HERE = "/v1/stories/tripoli"
SITUATION = "/v1/stories/{story}/situation"


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def told(settings: Settings, clock: Clock, counting: Counting) -> Any:
    """Anybody at the door of a house that counts, with a story."""
    from service.assembly import assemble

    onrecord = assemble(settings, clock=clock, watch=counting)
    house = House(onrecord, clock)
    house.desk().opens_story("tripoli", actors="lna gna", places="tripoli")
    yield Caller(create_app(settings, onrecord), house)
    house.close()


def sample(counting: Counting, name: str, **labels: str) -> float:
    """A number as `/metrics` tells it; 0 where there is none yet."""
    return counting.registry.get_sample_value(name, labels) or 0.0


def requests(counting: Counting, operation: str, method: str, status: str, kept: str) -> float:
    return sample(
        counting, "onrecord_http_requests_total",
        operation=operation, method=method, status=status, kept=kept,
    )  # fmt: skip


REPORT = {"headline": "Secret headline", "occurred": "2019-04-03", "sources": [{"publisher": "R"}]}


def test_requests_are_counted_by_template_and_kept_answers_as_such(
    told: Caller, counting: Counting
) -> None:
    for _ in range(3):
        told.get(f"{HERE}/situation")
    told.ask(f"{HERE}/situation", If_None_Match=told.last.headers["ETag"])
    told.ask(f"{HERE}/developments/7c9e6679-7425-40de-944b-e07fc1f90ae7")
    told.ask("/no/such/address?q=words")

    assert requests(counting, SITUATION, "GET", "2xx", "miss") == 1
    assert requests(counting, SITUATION, "GET", "2xx", "hit") == 2
    assert requests(counting, SITUATION, "GET", "3xx", "hit") == 1
    one = "/v1/stories/{story}/developments/{development}"
    assert requests(counting, one, "GET", "4xx", "miss") == 1
    assert requests(counting, "none", "GET", "4xx", "none") == 1
    seconds = "onrecord_http_request_seconds_count"
    assert sample(counting, seconds, operation=SITUATION, method="GET") == 4


def test_acts_commits_and_problems_are_counted(told: Caller, counting: Counting) -> None:
    stored = sample(counting, "onrecord_acts_total")
    desk = told.holding("reporter")
    path = f"{HERE}/developments"
    for said in (REPORT, {**REPORT, "headline": ""}, {**REPORT, "actors": [{"actor": "nobody"}]}):
        desk.client.post(path, json=said, headers=desk.headers)
    told.client.post(path, json=REPORT)

    assert sample(counting, "onrecord_acts_total") == stored + 1
    assert sample(counting, "onrecord_problems_total", type="invalid") == 2
    assert sample(counting, "onrecord_problems_total", type="token") == 1
    assert sample(counting, "onrecord_commit_seconds_count") > 1
    assert sample(counting, "onrecord_queue_length") == 0


def test_lines_are_counted_each(told: Caller, counting: Counting) -> None:
    stored = sample(counting, "onrecord_acts_total")
    desk = told.holding("reporter")
    lines = b'{"headline": "A", "occurred": "2019-04-03", "sources": [{"publisher": "R"}]}\n{}\n'
    answer = desk.client.post(
        f"{HERE}/developments",
        data=lines,
        headers={**desk.headers, "Content-Type": "application/x-ndjson"},
    )
    assert answer.get_data().count(b"\n") == 2
    answer.close()

    assert sample(counting, "onrecord_acts_total") == stored + 1
    assert sample(counting, "onrecord_problems_total", type="invalid") == 1
    path = "/v1/stories/{story}/developments"
    assert requests(counting, path, "POST", "2xx", "none") == 1


def test_a_full_queue_and_a_store_that_fails_are_counted(
    settings: Settings, clock: Clock, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    from service.assembly import assemble
    from service.domain.refusals import Unavailable

    few = Settings(database_url=settings.database_url, queue_length=1)
    onrecord = assemble(few, clock=clock, watch=counting)
    with pytest.raises(Unavailable):
        onrecord.recorder.record_many([lambda ledger: None] * 2)
    assert sample(counting, "onrecord_queue_full_total") == 2

    def fails(*_: Any) -> None:
        raise sqlite3.OperationalError("the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr(type(onrecord.store), "writing", fails)
        with pytest.raises(sqlite3.OperationalError):
            onrecord.recorder.record(lambda ledger: None)
    assert sample(counting, "onrecord_store_errors_total", error="OperationalError") == 1
    onrecord.close()


def test_a_client_can_make_no_series(told: Caller, counting: Counting) -> None:
    def series() -> int:
        text = generate_latest(counting.registry).decode()
        return sum(not line.startswith("#") for line in text.splitlines())

    for method in ("BREW", "GET"):
        told.client.open("/first", method=method)
    before = series()
    for number in range(20):
        told.client.open(f"/{number}", method=f"M{number}")
        told.ask(f"/nowhere/{number}?q={number}")
    assert series() == before


def test_nothing_of_a_story_is_told(told: Caller, counting: Counting) -> None:
    desk = told.holding("editor")
    report = {**REPORT, "external_id": "desk-4711"}
    answer = desk.client.post(f"{HERE}/developments", json=report, headers=desk.headers)
    assert answer.status_code == 201
    told.get(f"{HERE}/developments/{answer.json['id']}")

    text = generate_latest(counting.registry).decode()
    for word in ("tripoli", "times", "Secret", "4711", answer.json["id"], "tok_", "onr_"):
        assert word not in text


def test_each_metric_that_is_told_is_declared_and_each_declared_is_told(
    told: Caller, counting: Counting
) -> None:
    told.get(f"{HERE}/situation")
    told.ask("/nowhere")
    counting.failed(ValueError())
    house = told.house.onrecord
    now = Now(store="sqlite", head=house.head, lags=lambda: {"purge": (3, 1.5)})
    counting.registry.register(now)

    text = generate_latest(counting.registry).decode()
    found = {
        (family.name + ("_total" if family.type == "counter" else ""), family.type):
        {label for one in family.samples for label in one.labels} - {"le"}
        for family in text_string_to_metric_families(text)
    }  # fmt: skip
    assert found == {(one.name, one.sort): {*one.labels} for one in declared.DECLARED}


def test_the_page_names_no_metric_that_is_not_there() -> None:
    names = {one.name for one in declared.DECLARED}
    of_histograms = {
        f"{one.name}_{part}"
        for one in declared.DECLARED
        if one.sort == "histogram"
        for part in ("bucket", "sum", "count")
    }
    for name in re.findall(r"\b(?:onrecord|process)_[a-z_]+", PAGE):
        assert name in names | of_histograms


def test_a_record_that_cannot_be_read_is_told(counting: Counting) -> None:
    def gone() -> tuple[int, int]:
        raise sqlite3.OperationalError("unable to open database file")

    counting.registry.register(Now(store="sqlite", head=gone, lags=dict))
    assert sample(counting, "onrecord_record_readable") == 0
    assert counting.registry.get_sample_value("onrecord_record_readable") == 0
    assert counting.registry.get_sample_value("onrecord_record_position") is None


def test_what_cannot_be_told_is_logged_and_not_shown(
    counting: Counting, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> tuple[int, int]:
        raise ValueError("a headline")

    counting.registry.register(Now(store="sqlite", head=broken, lags=dict))
    said: list[str] = []
    body = application(counting.registry)(
        {"PATH_INFO": "/metrics", "REQUEST_METHOD": "GET", "QUERY_STRING": ""},
        lambda status, headers: said.append(status),
    )
    assert said == ["500 Internal Server Error"]
    assert b"headline" not in b"".join(body)
    assert "could not be told" in caplog.text


def test_how_far_followers_are_behind_is_told(settings: Settings, counting: Counting) -> None:
    hooked = replace(settings, purge_url="http://127.0.0.1:9/")
    house = House.at(hooked)
    house.desk().opens_story("tripoli")
    house.clock.passes(90)
    door = behind(house.onrecord)
    counting.registry.register(Now(store="sqlite", head=door.head, lags=door.lags))

    assert sample(counting, "onrecord_follower_lag_acts", follower="purge") == 1
    assert sample(counting, "onrecord_follower_lag_seconds", follower="purge") == 90
    house.close()


def test_without_a_bind_nobody_counts(settings: Settings, house: House) -> None:
    door = behind(house.onrecord)
    assert type(door.watch).__name__ == "Watch"
