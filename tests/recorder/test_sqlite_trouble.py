"""When SQLite cannot write: locked by another process, or the disk is full."""

import pytest

from service.domain.refusals import Unavailable
from service.store import sqlite as sqlite_module
from tests.builders import Desk, House
from tests.houses import STORES, StoreKind


@pytest.fixture
def store_kind() -> StoreKind:
    """SQLite only: these are its own troubles."""
    return STORES["sqlite"]


def test_a_record_that_another_process_keeps_locked_is_unavailable(
    house: House, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_module, "LOCK_TIMEOUT_SECONDS", 0.05)
    patient = house.again()
    mine = Desk(patient, story="tripoli")
    with house.onrecord.store.writing():
        with pytest.raises(Unavailable, match="Another process is writing") as refusal:
            mine.reports("order")
        assert refusal.value.retry_after >= 1
        with pytest.raises(Unavailable):
            mine.reports("order")
    assert house.reader("tripoli").names() == []
    # and once it is free, the same report goes through
    assert mine.reports("order").created
    assert house.reader("tripoli").names() == ["order"]
    patient.close()


def test_readers_go_on_while_a_writer_holds_the_lock(house: House, desk: Desk) -> None:
    desk.reports("order")
    reader = house.reader("tripoli")
    with house.onrecord.store.writing() as sql:
        sql.run("DELETE FROM version")
        assert reader.names() == ["order"]


def test_a_disk_that_is_full_stores_nothing_and_says_so(house: House, desk: Desk) -> None:
    before = house.counts()
    with house.onrecord.store.writing() as sql:
        ((pages,),) = sql.all("PRAGMA page_count")
        sql.all(f"PRAGMA max_page_count = {pages}")

    def goes_on() -> None:
        for number in range(50):
            desk.reports(f"r{number}", body="word " * 2000)

    with pytest.raises(Unavailable, match="The disk that holds the record is full"):
        goes_on()
    with house.onrecord.store.writing() as sql:
        sql.all("PRAGMA max_page_count = 1000000")
    stored = house.counts()["stored_events"] - before["stored_events"]
    assert len(house.reader("tripoli").names()) == stored
    assert desk.reports("after").position == house.head() == before["stored_events"] + stored + 1
