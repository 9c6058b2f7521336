"""`rebuild` on PostgreSQL: its lock lost, a COMMIT in doubt, a role's tables and privileges."""

import time
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from typing import Any

import psycopg
import pytest

from service.care import Check, rebuild
from service.care.check import ON_POSTGRESQL
from service.care.shadow import TABLES
from service.care.shadow_postgres import PostgresShadow
from service.care.telling import Retelling
from service.domain.refusals import Unavailable
from service.settings import Settings
from service.store.postgres import PostgresStore
from service.store.sql import DatabaseProblem
from tests import pg
from tests.builders import Desk, House
from tests.care.test_rebuild import made_anew, rows
from tests.care.test_rebuild_serving import left, sound
from tests.houses import STORES, StoreKind

REBUILDING = import_module("service.care.rebuild")


@pytest.fixture
def store_kind() -> StoreKind:
    """PostgreSQL only: these are its own troubles."""
    return STORES["postgres"]


@pytest.fixture
def full(desk: Desk) -> House:
    """A house with a few reports."""
    for number in range(5):
        desk.reports(f"r{number}", kind="airstrike", actors="by:lna", places="gharyan")
    return desk.house


def store_of(house: House) -> PostgresStore:
    store = house.onrecord.store
    assert isinstance(store, PostgresStore)
    return store


def cut_off(shadow: PostgresShadow, url: str) -> None:
    """End the session that holds the lock against other rebuilds."""
    process = shadow._sql.connection.info.backend_pid
    pg.execute(url, f"SELECT pg_terminate_backend({process}, 5000)")


def silent(_what: str, _done: int) -> None:
    """Whoever does not look at progress."""


def test_the_planner_knows_the_new_tables(full: House, settings: Settings) -> None:
    # Given tables that the server has looked at
    url = settings.database_url
    known = (
        "SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = current_schema()"
        f" AND tablename IN ({', '.join(repr(table) for table in TABLES)}) ORDER BY 1"
    )
    pg.execute(url, "ANALYZE")
    before = pg.execute(url, known)
    assert ("version",) in before
    # When they are rebuilt, then it has looked at those that are there now
    made_anew(full)
    assert pg.execute(url, known) == before


def test_a_rebuild_that_fails_while_an_index_is_made_leaves_nothing(
    full: House, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given an index that takes for ever to make
    url, before = settings.database_url, rows(full)
    endless = ("endless", "version", "SELECT pg_sleep(600)")
    monkeypatch.setattr("service.care.shadow_postgres.INDEXES", (endless,))
    gathered: list[int] = []

    def interrupt(what: str, done: int) -> None:
        if what == "rows" and gathered:
            while pg.execute(url, SLEEPS) == [(0,)]:
                time.sleep(0.01)
            raise KeyboardInterrupt
        if what == "rows":
            gathered.append(done)

    # When the rebuild is interrupted meanwhile, then it ends at once, and has left nothing
    with pytest.raises(KeyboardInterrupt):
        rebuild(full.onrecord.store, interrupt)
    assert rows(full) == before
    assert left(settings) == []


SLEEPS = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'"


# --- the lock is lost -----------------------------------------------------------------------


@pytest.mark.parametrize("looks", [True, False])
def test_who_lost_the_lock_does_not_swap_in_what_another_rebuild_has_begun(
    full: House, settings: Settings, monkeypatch: pytest.MonkeyPatch, looks: bool
) -> None:
    # Given a rebuild that has gathered its tables and lost its lock, and another that has begun
    monkeypatch.setattr(REBUILDING, "TRIES", 1)
    before, others = rows(full), []
    caught_up = REBUILDING._caught_up

    def late(store: PostgresStore, shadow: PostgresShadow, *rest: Any) -> int:
        cut_off(shadow, settings.database_url)
        others.append(PostgresShadow(store_of(full.again())))
        if not looks:
            monkeypatch.setattr(PostgresShadow, "_ensure_alone", lambda _self: None)
        return int(caught_up(store, shadow, *rest))

    monkeypatch.setattr(REBUILDING, "_caught_up", late)
    # When the first goes on, then it fails, whether it looks or not, and the rows are there
    with pytest.raises(DatabaseProblem if looks else psycopg.errors.UndefinedTable):
        made_anew(full)
    assert rows(full) == before
    others[0].clear()
    assert left(settings) == []


def test_who_lost_the_lock_tells_no_portion_and_gathers_nothing(
    full: House, settings: Settings
) -> None:
    shadow = PostgresShadow(store_of(full))
    cut_off(shadow, settings.database_url)
    with pytest.raises(DatabaseProblem, match="Nothing has changed"):
        shadow.load({})
    with pytest.raises(DatabaseProblem, match="Nothing has changed"):
        shadow.finish()
    with pytest.raises(DatabaseProblem, match="Nothing has changed"), shadow.portion():
        pytest.fail("this is not reached")
    shadow.clear()
    made_anew(full)
    assert left(settings) == []


def test_a_rebuild_whose_tables_are_gone_does_not_write_the_live_ones(full: House) -> None:
    # Given a rebuild at work, and live tables without a row, which would take any
    shadow = PostgresShadow(store_of(full))
    with full.onrecord.store.writing() as sql:
        for table in TABLES:
            sql.run(f"DELETE FROM {table}")
    # When its schema is dropped
    shadow._drop(shadow._named)
    # Then it fails
    with pytest.raises(psycopg.errors.UndefinedTable), shadow.portion() as sql:
        Retelling().tell(sql, 0, full.head())
    with pytest.raises(psycopg.errors.InvalidSchemaName):
        shadow.load({"mark": [(1, "pin", 1, 1, 1)]})
    shadow.clear()
    assert all(not full.sql.all(f"SELECT 1 FROM {table}") for table in TABLES)
    made_anew(full)
    assert sound(full)


# --- a COMMIT in doubt ----------------------------------------------------------------------


@pytest.mark.parametrize("breaks", ["before", "after"])
def test_a_swap_whose_commit_is_in_doubt_is_done_once(
    full: House, settings: Settings, monkeypatch: pytest.MonkeyPatch, breaks: str
) -> None:
    # Given a way to the server that breaks at the swap's COMMIT
    before, wire = rows(full), pg.Wire(settings.database_url)
    far = House.at(Settings(database_url=wire.url), full.clock, init=False)
    tries: list[str | None] = []
    swap = PostgresShadow.swap

    def breaking(shadow: PostgresShadow) -> Any:
        wire.breaks = None if tries else breaks
        tries.append(wire.breaks)
        return swap(shadow)

    def mended(_seconds: float) -> None:
        wire.breaks = None

    monkeypatch.setattr(PostgresShadow, "swap", breaking)
    monkeypatch.setattr(REBUILDING, "pause", mended)
    # When the house is rebuilt over it
    with closing(wire), closing(far):
        done = rebuild(store_of(far), silent, 1)
    # Then it is done, and begun again only where it was not
    assert done == full.head()
    assert tries == ([breaks, None] if breaks == "before" else [breaks])
    [number] = full.sql.one("SELECT max(number) FROM rebuilt")
    assert number == 1
    assert rows(full) == before
    assert left(settings) == []


# --- whose the tables are, and who may do what ----------------------------------------------


@pytest.fixture
def role(settings: Settings) -> Iterator[str]:
    """A role that may make schemas, and has the right to nothing else."""
    url = settings.database_url
    name = f'{pg.execute(url, "SELECT current_schema()")[0][0]}_"r%?'
    quoted = '"' + name.replace('"', '""') + '"'
    database = pg.execute(url, "SELECT quote_ident(current_database())")[0][0]
    pg.execute(
        url, f"CREATE ROLE {quoted} LOGIN", f"GRANT CREATE ON DATABASE {database} TO {quoted}"
    )
    yield quoted
    pg.execute(url, f"DROP OWNED BY {quoted} CASCADE", f"DROP ROLE {quoted}")


RIGHTS = """SELECT relname, relowner::regrole::text, (SELECT array_agg(one::text ORDER BY one::text)
        FROM unnest(coalesce(relacl, acldefault(
            CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))) AS one),
        (SELECT array_agg(attname || attacl::text ORDER BY attname) FROM pg_attribute
            WHERE attrelid = c.oid AND attacl IS NOT NULL)
    FROM pg_class c WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'S')
    ORDER BY 1"""


def test_owners_and_privileges_are_as_before(full: House, settings: Settings, role: str) -> None:
    # Given tables of another role's, and privileges of every sort
    url = settings.database_url
    [(schema,)] = pg.execute(url, "SELECT current_schema()")
    pg.execute(
        url,
        f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {role}",
        f"ALTER TABLE chronicle OWNER TO {role}",
        f"GRANT SELECT, UPDATE ON story TO {role} WITH GRANT OPTION",
        f"GRANT SELECT (story, name), UPDATE (name) ON slot TO {role}",
        "GRANT SELECT ON version, slot TO PUBLIC",
        "REVOKE TRUNCATE ON version FROM CURRENT_USER",
    )
    before = pg.execute(url, RIGHTS)
    assert len({owner for _, owner, _, _ in before}) == 2
    # When it is rebuilt, by one process and by two, then they are the same
    for processes in (1, 2):
        made_anew(full, processes)
        assert pg.execute(url, RIGHTS) == before
    assert sound(full)


def test_a_new_table_grants_no_more_than_the_live_one(
    full: House, settings: Settings, role: str
) -> None:
    # Given a database whose new tables are for everybody, and live ones that are not
    url = settings.database_url
    before = pg.execute(url, RIGHTS)
    pg.execute(url, f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {role}")
    try:
        made_anew(full)
    finally:
        pg.execute(url, f"ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM {role}")
    assert pg.execute(url, RIGHTS) == before


def as_role(house: House, settings: Settings, role: str) -> House:
    """The same house, reached by another role that may read and write everything."""
    url = settings.database_url
    [(schema,)] = pg.execute(url, "SELECT current_schema()")
    pg.execute(
        url,
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {role}",
    )
    name = role[1:-1].replace('""', '"')
    return House.at(
        Settings(database_url=pg.with_parameters(url, user=name)), house.clock, init=False
    )


def test_a_role_that_does_not_own_the_tables_is_told_before_the_work(
    full: House, settings: Settings, role: str
) -> None:
    before = rows(full)
    with closing(as_role(full, settings, role)) as other:
        with pytest.raises(DatabaseProblem, match=r"belong to the role .* Rebuild as that"):
            made_anew(other)
        [(owner,)] = pg.execute(settings.database_url, "SELECT quote_ident(current_user)")
        pg.execute(settings.database_url, f"GRANT {owner} TO {role}")
        assert made_anew(other) == full.head()
    assert rows(full) == before
    assert left(settings) == []


def test_another_rebuild_is_still_told_that_one_is_running(full: House) -> None:
    with closing(PostgresShadow(store_of(full))._sql), pytest.raises(Unavailable, match="Another"):
        made_anew(full)


# --- a check whose connection breaks ---------------------------------------------------------


@pytest.mark.parametrize("moment", ["acts", "stories"])
def test_a_check_whose_connection_breaks_says_so_and_looks_at_no_other_moment(
    full: House, settings: Settings, moment: str
) -> None:
    # Given two stories, and a check
    full.desk("times").opens_story("other", actors="un")
    told: list[str] = []

    def break_it(what: str, _done: int) -> None:
        if what == moment and not told:
            told.append(what)
            process = sql.all("SELECT pg_backend_pid()")[0][0]
            pg.execute(settings.database_url, f"SELECT pg_terminate_backend({process}, 5000)")

    # When its connection breaks after the first act, or the first story
    with full.onrecord.store.apart() as sql:
        check = Check(sql, progress=break_it, begin=ON_POSTGRESQL)
        # Then it ends with how that broke, and calls nothing a fault that it could not read
        with pytest.raises(Unavailable, match="terminating connection"):
            list(check.faults())
    assert told == [moment]
    assert sound(full)
