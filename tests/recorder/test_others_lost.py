"""Rows that earlier decisions left waiting cannot be written: nobody is told that they were."""

import sqlite3
from typing import Any

import pytest

from service.ledger import Ledger
from service.store.sqlite import SqliteStore
from tests.builders import Desk, House


def test_a_failing_write_of_others_rows_ends_the_whole_commit(
    house: House, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a store whose next insert fails, once
    before = house.counts()
    whole, failed = type(house.onrecord.store).insert, []

    def insert(self: Any, *rest: Any) -> None:
        if not failed:
            failed.append(True)
            raise sqlite3.DatabaseError("the page is torn")
        whole(self, *rest)

    monkeypatch.setattr(type(house.onrecord.store), "insert", insert)

    def reads(ledger: Ledger) -> Any:
        return ledger.sql.one("SELECT count(*) AS n FROM chronicle")

    # when a decision reads, and so has the rows of the one before it written
    first, second, third = house.onrecord.recorder.record_many(
        [desk.reporting("one"), reads, desk.reporting("three")]
    )
    # then none of them is answered as done, and nothing is stored
    assert all(isinstance(answer, Exception) for answer in (first, second, third))
    assert house.counts() == before
    # and the next one finds a sound record
    desk.reports("four")
    assert house.reader("tripoli").names() == ["four"]


def test_a_thread_that_ends_takes_its_connection_with_it(house: House) -> None:
    import threading

    store = house.onrecord.store
    if not isinstance(store, SqliteStore):
        pytest.skip("PostgreSQL's connections are a pool's")
    for _ in range(20):
        thread = threading.Thread(target=lambda: store.reading().one("SELECT 1"))
        thread.start()
        thread.join()
    assert store.open_readers() <= 2
