"""When PostgreSQL cannot write or read: locked, stopped, killed, too slow, or cut off at COMMIT."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from service.assembly import TABLES
from service.domain.refusals import Unavailable
from service.ledger import Ledger
from service.settings import Settings
from service.store import postgres, postgres_sql
from service.store.postgres import PostgresStore
from service.store.sql import DatabaseProblem
from tests import pg
from tests.builders import Desk, House
from tests.houses import STORES, StoreKind


@pytest.fixture
def store_kind() -> StoreKind:
    """PostgreSQL only: these are its own troubles."""
    return STORES["postgres"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers wait for the lock a moment only."""
    monkeypatch.setattr(postgres, "LOCK_TIMEOUT_SECONDS", 0.2)


@pytest.fixture(scope="module")
def server() -> Iterator[pg.Server]:
    """A server of these tests' own, to be stopped and started."""
    server = pg.Server()
    yield server
    server.end()


@pytest.fixture
def served(server: pg.Server) -> Iterator[House]:
    """A house on that server, with a story and a report."""
    house = House.at(Settings(database_url=pg.fresh_schema(server.url)))
    desk = house.desk()
    desk.opens_story()
    desk.reports("before")
    yield house
    house.close()


def names(house: House) -> list[str]:
    return sorted(house.reader("tripoli").names())


# --- the append lock ------------------------------------------------------------------------


def test_a_record_that_another_process_keeps_locked_is_unavailable(
    house: House, desk: Desk, impatient: None
) -> None:
    patient = house.again()
    mine = Desk(patient, story="tripoli")
    with house.onrecord.store.writing():
        for _ in range(2):
            with pytest.raises(Unavailable, match=r"Another process .* Nothing was stored") as said:
                mine.reports("order")
            assert said.value.retry_after >= 1
    assert names(house) == []
    # and once it is free, the same report goes through
    assert mine.reports("order").created
    assert names(house) == ["order"]
    patient.close()


def test_readers_go_on_while_a_writer_holds_the_lock(house: House, desk: Desk) -> None:
    desk.reports("order")
    with house.onrecord.store.writing() as sql:
        sql.run("DELETE FROM version")
        assert names(house) == ["order"]


def test_two_houses_in_one_database_do_not_wait_for_each_other(
    house: House, desk: Desk, impatient: None
) -> None:
    other = House.at(Settings(database_url=pg.fresh_schema()))
    with house.onrecord.store.writing():
        assert other.desk().opens_story().position == 1
    other.close()


def test_vacuum_and_an_append_do_not_wait_for_each_other(
    house: House, desk: Desk, impatient: None
) -> None:
    with house.onrecord.store.writing():
        vacuum = ["SET statement_timeout = '5s'", "VACUUM stored_events"]
        pg.execute(house.onrecord.settings.database_url, *vacuum)
    assert desk.reports("order").created


def test_a_statement_that_failed_and_was_passed_over_is_not_taken_for_stored(
    house: House, desk: Desk
) -> None:
    before = house.counts()
    with pytest.raises(RuntimeError, match="nothing was stored"), writing_badly(house):
        pass
    assert house.counts() == before
    assert desk.reports("after").created


@contextmanager
def writing_badly(house: House) -> Iterator[None]:
    with house.onrecord.store.writing() as sql:
        sql.run("DELETE FROM version")
        with pytest.raises(psycopg.IntegrityError):
            sql.run("DELETE FROM stored_events")
        yield


def test_a_reading_that_is_ended_to_undo_a_deadlock_is_repeated(house: House, desk: Desk) -> None:
    # Given somebody who has locked the second of two tables, and will lock the first
    desk.reports("order")
    found: list[int] = []

    def read() -> None:
        joined = "SELECT count(*) FROM version, chronicle WHERE position = known_from"
        found.append(house.sql.all(joined)[0][0])

    reading = threading.Thread(target=read)
    with psycopg.connect(house.onrecord.settings.database_url) as other:
        other.execute("LOCK TABLE chronicle")
        # When a reading of both waits for the second, and the other for the first
        reading.start()
        wait_for_lock(house)
        other.execute("LOCK TABLE version")
    reading.join()
    # Then the server ended the reading, and nobody noticed
    assert found == [1]


def wait_for_lock(house: House) -> None:
    waiting = "SELECT 1 FROM pg_locks WHERE relation = 'chronicle'::regclass AND NOT granted"
    while not pg.execute(house.onrecord.settings.database_url, waiting):
        time.sleep(0.01)


def test_a_deadlock_is_told_in_words_of_its_own() -> None:
    says = postgres_sql.explain(psycopg.errors.DeadlockDetected("deadlock detected"))
    assert says == "Others at work on the same tables were let go first."


# --- the server stops, dies, comes back -----------------------------------------------------


def test_after_a_restart_writing_and_reading_go_on(server: pg.Server, served: House) -> None:
    desk = served.desk(story="tripoli")
    server.stop()
    server.start()
    assert desk.reports("after").created
    assert names(served) == ["after", "before"]

    server.stop()
    server.start()
    assert names(served) == ["after", "before"]
    assert [one.id for one in postgres_of(served).acts.select_notifications(None, 9)] == [1, 2, 3]


def test_while_the_server_is_away_desks_and_readers_are_told(
    server: pg.Server, served: House
) -> None:
    desk = served.desk(story="tripoli")
    server.stop()
    try:
        for _ in range(2):
            with pytest.raises(Unavailable, match=r"cannot be reached.*Nothing was stored"):
                desk.reports("meanwhile")
            with pytest.raises(Unavailable, match="cannot be reached"):
                names(served)
        with pytest.raises(DatabaseProblem, match="cannot be reached"):
            served.again()
    finally:
        server.start()
    assert names(served) == ["before"]
    assert desk.reports("meanwhile").created
    assert names(served) == ["before", "meanwhile"]


def test_what_was_acknowledged_survives_a_crash(server: pg.Server, served: House) -> None:
    desk = served.desk(story="tripoli")
    for number in range(20):
        desk.reports(f"r{number}")
    os.kill(server.process, signal.SIGQUIT)  # it stops at once, and writes nothing more
    deadline = time.monotonic() + 30
    while (server.directory / "postmaster.pid").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    server.start()
    assert len(names(served)) == 21
    assert desk.reports("after").position == served.head() == 23


def test_a_connection_that_is_cut_in_a_batch_leaves_nothing(house: House, desk: Desk) -> None:
    before = house.counts()
    with pytest.raises(Unavailable, match="Nothing was stored"):
        house.record(lambda ledger: cut_off(desk, ledger))
    assert house.counts() == before
    assert desk.reports("order").position == house.head()


def cut_off(desk: Desk, ledger: Ledger) -> None:
    desk.reporting("order")(ledger)
    ledger.sql.one("SELECT pg_terminate_backend(pg_backend_pid())")


def test_a_disk_that_is_full_stores_nothing_and_says_so(house: House, desk: Desk) -> None:
    url = house.onrecord.settings.database_url
    # Given a server that says so, as it does from its code 53100 on
    pg.execute(
        url,
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$",
        "CREATE TRIGGER full_disk BEFORE INSERT ON version EXECUTE FUNCTION full_disk()",
    )
    before = house.counts()
    with pytest.raises(Unavailable, match=r"disk .* is full. Nothing was stored"):
        desk.reports("order")
    assert house.counts() == before
    pg.execute(url, "DROP TRIGGER full_disk ON version")
    assert desk.reports("order").created


def test_a_writer_that_stalls_loses_the_lock(
    house: House, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres.WRITING_SESSION, "idle_in_transaction_session_timeout", "200ms")
    stalled = house.again()
    before = house.counts()

    def stalls() -> None:
        with stalled.onrecord.store.writing() as sql:
            sql.run("DELETE FROM version")
            time.sleep(0.6)
            # Then the others go on, and what it began is undone
            assert desk.reports("order").created
            sql.run("DELETE FROM version")

    with pytest.raises(Unavailable):
        stalls()
    assert house.counts()["version"] == before["version"] + 1
    assert Desk(stalled, story="tripoli").reports("later").created
    stalled.close()


# --- the acknowledgement is lost ------------------------------------------------------------


@pytest.fixture
def wire(house: House, desk: Desk) -> Iterator[pg.Wire]:
    """The way to the house's database, which can break at COMMIT."""
    wire = pg.Wire(house.onrecord.settings.database_url)
    yield wire
    wire.close()


@pytest.fixture
def afar(wire: pg.Wire, house: House) -> Iterator[House]:
    """The same house, reached by that way."""
    house.clock.passes(60)
    far = House.at(Settings(database_url=wire.url), house.clock, init=False)
    yield far
    far.close()


@pytest.mark.parametrize(("breaks", "stored"), [("before", []), ("after", ["order"])])
def test_a_desk_whose_acknowledgement_is_lost_repeats_and_is_stored_once(
    house: House, afar: House, wire: pg.Wire, breaks: str, stored: list[str]
) -> None:
    desk = Desk(afar, story="tripoli")
    desk_reports = desk.reporting("order", occurred="2019-04-04")

    # Given a connection that breaks at COMMIT
    wire.breaks = breaks
    with pytest.raises(Unavailable, match=r"before it said whether this was stored.*external_id"):
        desk.does(desk_reports)
    settled(house, stored)

    # When the desk sends the same again, then it is on the record once
    wire.breaks = None
    written = desk.does(desk_reports)
    assert written.created == (not stored)
    assert names(house) == ["order"]
    assert house.head() == written.position


def settled(house: House, expected: list[str]) -> None:
    """Wait until the server has done with the connection that broke."""
    deadline = time.monotonic() + 10
    while names(house) != expected and time.monotonic() < deadline:
        time.sleep(0.02)
    assert names(house) == expected


def test_nothing_is_repeated_on_the_desks_behalf(house: House, afar: House, wire: pg.Wire) -> None:
    desk = Desk(afar, story="tripoli")
    head = house.head()
    wire.breaks = "after"
    with pytest.raises(Unavailable):
        desk.reports(None)
    deadline = time.monotonic() + 10
    while house.head() == head and time.monotonic() < deadline:
        time.sleep(0.02)
    assert house.head() == head + 1


# --- slow, busy, several hosts --------------------------------------------------------------


def test_a_statement_that_takes_too_long_is_cut_off(
    house: House, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for session in (postgres.READING_SESSION, postgres.WRITING_SESSION):
        monkeypatch.setitem(session, "statement_timeout", "100ms")
    hasty = house.again()
    with pytest.raises(Unavailable, match="took too long"):
        hasty.sql.one("SELECT pg_sleep(5)")
    with pytest.raises(Unavailable, match="took too long"):
        hasty.record(lambda ledger: ledger.sql.one("SELECT pg_sleep(5)"))
    assert names(hasty) == []
    assert Desk(hasty, story="tripoli").reports("order").created
    hasty.close()


def test_more_readers_than_connections_take_turns(
    house: House, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = postgres_of(house)
    shared = postgres_sql.Readings(lambda: postgres_sql.PostgresSql(store._connect_reader()), 2)
    answers: list[int] = []

    def reads() -> None:
        for number in range(20):
            answers.append(shared.one("SELECT ?::bigint AS n, pg_sleep(0.001)", (number,))["n"])

    threads = [threading.Thread(target=reads) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == sorted([*range(20)] * 8)

    # and who waits too long is told
    monkeypatch.setattr(postgres_sql, "READER_WAIT_SECONDS", 0.05)
    busy = [threading.Thread(target=shared.one, args=("SELECT pg_sleep(1)",)) for _ in range(2)]
    for thread in busy:
        thread.start()
    time.sleep(0.3)
    with pytest.raises(Unavailable, match="Too many readings"):
        shared.one("SELECT 1")
    for thread in busy:
        thread.join()
    shared.close()


def test_a_bad_statement_costs_no_connection(house: House) -> None:
    before = house.sql.one("SELECT pg_backend_pid() AS process")["process"]
    with pytest.raises(psycopg.ProgrammingError):
        house.sql.one("SELECT nothing FROM nowhere")
    with pytest.raises(OverflowError):
        house.sql.one("SELECT ?", (2**63,))
    assert house.sql.one("SELECT pg_backend_pid() AS process")["process"] == before


def test_of_several_hosts_the_one_that_takes_writes_is_found(house: House, desk: Desk) -> None:
    url = house.onrecord.settings.database_url
    host = str(psycopg.conninfo.conninfo_to_dict(url)["host"])
    several = pg.with_parameters(url, host=f"/nonexistent,{host}")
    found = House.at(Settings(database_url=several), house.clock)
    assert Desk(found, story="tripoli").reports("order").created
    assert names(found) == ["order"]
    found.close()


def test_a_host_that_turned_read_only_is_left(house: House, desk: Desk) -> None:
    """After a failover the old host may still answer; the next write looks for the new one."""
    with pytest.raises(Unavailable, match="read-only"):
        house.record(lambda ledger: turned_read_only(desk, ledger))
    assert desk.reports("order").created


def turned_read_only(desk: Desk, ledger: Ledger) -> None:
    ledger.sql.direct.run("SET TRANSACTION READ ONLY")
    desk.reporting("order")(ledger)
    ledger.sql.flush()


def test_an_acknowledged_act_is_on_disk_whatever_the_house_is_set_to(server: pg.Server) -> None:
    for given, expected in (("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")):
        url = pg.fresh_schema(server.url)
        options = f"{url.partition('options=')[2]}".replace("%20", " ").replace("%3D", "=")
        store = PostgresStore(
            pg.with_parameters(url, options=f"{options} -c synchronous_commit={given}"), TABLES
        )
        store.init()
        with store.writing() as sql:
            assert sql.one("SHOW synchronous_commit")[0] == expected
        store.close()


def postgres_of(house: House) -> PostgresStore:
    store = house.onrecord.store
    assert isinstance(store, PostgresStore)
    return store


def test_a_store_leaves_no_connection_behind(server: pg.Server, tmp_path: Path) -> None:
    url = pg.with_parameters(pg.fresh_schema(server.url), application_name="leaves")
    house = House.at(Settings(database_url=url))
    house.desk().opens_story()
    house.reader("tripoli").situation()
    postgres_of(house).acts.max_notification_id()
    house.close()
    open_still = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'leaves'"
    deadline = time.monotonic() + 5
    while pg.execute(server.url, open_still) != [(0,)] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert pg.execute(server.url, open_still) == [(0,)]


def test_more_words_than_the_way_holds_are_all_heard(house: House) -> None:
    """Given a commit whose statements fill every buffer on the way; when it waits for them to be
    done in its middle; then they are: nobody waits for the other to speak."""
    with house.onrecord.store.writing() as sql:
        for size in (1_000, 100_000, 3_000_000):
            for _ in range(20):
                sql.later("SELECT length(?)", ("x" * size,))
            sql.settle()
    assert house.head() == 0
