"""Statements sent to a real server together: answered together, whatever fails and however long."""

import signal
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from typing import Any

import psycopg
import pytest

from service.domain.refusals import Unavailable
from service.store import postgres_pipeline
from service.store.postgres_pipeline import Pipeline, numbered
from service.store.postgres_sql import PostgresSql, Readings, connect
from tests import pg

MEGABYTE = 1_000_000


@pytest.fixture
def connection() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(pg.server_url(), autocommit=True) as opened:
        yield opened


def values(pipeline: Pipeline) -> list[object]:
    """The first column of each answer that has rows."""
    answers = pipeline.finish()
    return [pipeline.rows(one, tuple)[0][0] for one in answers if one.ntuples]


def test_each_statement_is_answered_in_order(connection: psycopg.Connection[Any]) -> None:
    pipeline = Pipeline(connection)
    for number in range(3):
        pipeline.execute("SELECT %s::bigint", (number,))
    pipeline.execute("SELECT %s::text || '%%'", ("all",))
    assert values(pipeline) == [0, 1, 2, "all%"]
    assert pipeline.finish() == []


def test_what_is_long_on_both_ways_comes_through(connection: psycopg.Connection[Any]) -> None:
    """Given more than either side has room for, and answers as long: nobody waits for ever."""
    pipeline = Pipeline(connection)
    for number in range(30):
        pipeline.execute("SELECT %s::text || repeat('y', 1000000)", (f"{number}" * MEGABYTE,))
    assert [len(str(one)) for one in values(pipeline)] == [
        len(str(number)) * MEGABYTE + MEGABYTE for number in range(30)
    ]


def test_a_statement_that_fails_is_named_and_those_after_it_are_not_run(
    connection: psycopg.Connection[Any],
) -> None:
    """Given a statement that fails between others, one of them new; then its error comes out, and
    the connection, with what was prepared on it, goes on."""
    pipeline = Pipeline(connection)
    connection.execute("CREATE TEMPORARY TABLE told (number bigint)")
    insert = "INSERT INTO told VALUES (%s)"
    pipeline.execute(insert, (1,))
    pipeline.execute("SELECT 1 / %s::bigint", (0,))
    pipeline.execute(insert, (2,))
    pipeline.execute("SELECT 'new'")
    with pytest.raises(psycopg.errors.DivisionByZero):
        pipeline.finish()
    for words, params in (("SELECT 'new'", ()), (insert, (3,)), ("SELECT 4 / %s::bigint", (2,))):
        pipeline.execute(words, params)
    assert values(pipeline) == ["new", 2]
    # A pipeline without a transaction of its own is one: the first row went with the failure.
    assert connection.execute("SELECT number FROM told").fetchall() == [(3,)]


def test_a_statement_that_cannot_be_prepared_is_prepared_anew(
    connection: psycopg.Connection[Any],
) -> None:
    pipeline = Pipeline(connection)
    for _ in range(2):
        pipeline.execute("SELECT number FROM later")
        with pytest.raises(psycopg.errors.UndefinedTable):
            pipeline.finish()
    connection.execute("CREATE TEMPORARY TABLE later AS SELECT 7 AS number")
    pipeline.execute("SELECT number FROM later")
    assert values(pipeline) == [7]


def test_a_connection_that_is_torn_off_says_so_and_is_closed(
    connection: psycopg.Connection[Any],
) -> None:
    pipeline = Pipeline(connection)
    pipeline.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    pipeline.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="terminat"):
        pipeline.finish()
    assert connection.closed


def test_an_interrupted_exchange_leaves_no_connection(
    connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_self: Pipeline) -> None:
        raise KeyboardInterrupt

    pipeline = Pipeline(connection)
    pipeline.execute("SELECT 1")
    monkeypatch.setattr(Pipeline, "_next", interrupted)
    with pytest.raises(KeyboardInterrupt):
        pipeline.finish()
    assert connection.closed


def test_one_statement_alone_is_answered_and_prepared_when_it_comes_again(
    connection: psycopg.Connection[Any],
) -> None:
    pipeline = Pipeline(connection)
    ours = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'onrecord%%'"
    for prepared in (0, 1, 1):
        answer = pipeline.ask("SELECT %s::bigint + %s::bigint", (3, 4))
        assert pipeline.rows(answer, tuple) == [(7,)]
        assert connection.execute(ours.replace("%%", "%")).fetchall() == [(prepared,)]
    assert pipeline.ask("CREATE TEMPORARY TABLE told (number bigint)").ntuples == 0
    assert pipeline.ask("INSERT INTO told VALUES (%s), (8)", (7,)).command_tuples == 2


def test_a_connection_keeps_so_many_statements_prepared_and_no_more(
    connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_pipeline, "PREPARED", 3)
    pipeline = Pipeline(connection)
    for number in (0, 1, 2, 3, 4, 0):
        for _ in range(3):
            answer = pipeline.ask(f"SELECT {number} + %s::bigint", (1,))
            assert pipeline.rows(answer, tuple) == [(number + 1,)]
    kept = connection.execute("SELECT statement FROM pg_prepared_statements").fetchall()
    assert {words for (words,) in kept} == {f"SELECT {n} + $1::bigint" for n in (3, 4, 0)}


@pytest.mark.parametrize("times", [1, 3])
def test_one_statement_that_fails_says_so_and_the_connection_goes_on(
    connection: psycopg.Connection[Any], times: int
) -> None:
    pipeline = Pipeline(connection)
    for _ in range(times):
        with pytest.raises(psycopg.errors.DivisionByZero):
            pipeline.ask("SELECT 1 / %s::bigint", (0,))
        with pytest.raises(psycopg.errors.UndefinedTable):
            pipeline.ask("SELECT number FROM nowhere")
    assert pipeline.rows(pipeline.ask("SELECT 1 / %s::bigint", (1,)), tuple) == [(1,)]


def test_one_statement_on_a_connection_that_is_gone_says_so(
    connection: psycopg.Connection[Any],
) -> None:
    sql = PostgresSql(connection)
    with pytest.raises(psycopg.OperationalError, match="terminat"):
        sql.all("SELECT pg_terminate_backend(pg_backend_pid())")
    for _ in range(2):
        with pytest.raises(psycopg.OperationalError):
            sql.all("SELECT 1 AS one")
    assert sql.lost


def test_a_statement_that_was_dropped_or_whose_table_changed_is_run_all_the_same(
    connection: psycopg.Connection[Any],
) -> None:
    pipeline = Pipeline(connection)
    connection.execute("CREATE TEMPORARY TABLE told AS SELECT 1 AS one")
    for change in ("SELECT", "DEALLOCATE ALL", "ALTER TABLE told ADD COLUMN two bigint DEFAULT 2"):
        connection.execute(change)
        for _ in range(3):
            answer = pipeline.ask("SELECT * FROM told")
            assert pipeline.rows(answer, tuple)[0][0] == 1
    assert pipeline.rows(answer, tuple) == [(1, 2)]


def test_lots_sent_ahead_are_answered_in_order_and_more_may_follow(
    connection: psycopg.Connection[Any],
) -> None:
    """Given two lots under way; when a third is sent between the taking of theirs; then each is
    answered as it was asked, and the connection is free for one alone."""
    sql = PostgresSql(connection)
    for start in (10, 20):
        first = sql.ahead([("SELECT ? + 0", (start,)), ("SELECT ? + 1", (start,))])
        second = sql.ahead([("SELECT repeat('x', ?)", (MEGABYTE,))])
        assert first() == [[(start,)], [(start + 1,)]]
        third = sql.ahead([("SELECT ? + 3", (start,))])
        assert [len(text) for ((text,),) in second()] == [MEGABYTE]
        assert third() == [[(start + 3,)]]
        assert sql.one("SELECT ? + 4", (start,)) == (start + 4,)
    assert not sql.lost


def test_a_lot_that_fails_costs_the_connection_while_others_are_under_way(
    connection: psycopg.Connection[Any],
) -> None:
    sql = PostgresSql(connection)
    first = sql.ahead([("SELECT 1 / ?", (0,))])
    sql.ahead([("SELECT 2", ())])
    with pytest.raises(psycopg.errors.DivisionByZero):
        first()
    assert sql.lost


def test_answers_are_taken_in_order_and_nothing_else_goes_between(
    connection: psycopg.Connection[Any],
) -> None:
    sql = PostgresSql(connection)
    first = sql.ahead([("SELECT 1", ())])
    second = sql.ahead([("SELECT 2", ())])
    for out_of_turn in (second, lambda: sql.all("SELECT 3")):
        with pytest.raises(RuntimeError):
            out_of_turn()
    assert first() == [[(1,)]]
    assert second() == [[(2,)]]
    sql.ahead([("SELECT 3", ())])
    with pytest.raises(RuntimeError):
        sql.asks([("SELECT 4", ()), ("SELECT 5", ())])
    assert sql.lost
    connection.close()


def test_what_the_server_refuses_amid_lots_is_not_begun_anew_and_costs_one_connection() -> None:
    """Given three idle connections; when the first of two lots takes too long; then it is tried
    once, and the two other connections are still there."""
    session = {"statement_timeout": "300ms"}
    shared = Readings(lambda: PostgresSql(connect(pg.server_url(), session, "any")))
    tries: list[PostgresSql] = []

    def borrow(depth: int, sql: PostgresSql) -> None:
        sql.all("SELECT 1")
        if depth:
            shared.lent(partial(borrow, depth - 1))

    def work(sql: PostgresSql) -> None:
        tries.append(sql)
        first = sql.ahead([("SELECT pg_sleep(5)", ())])
        sql.ahead([("SELECT 2", ())])
        first()

    with closing(shared):
        shared.lent(partial(borrow, 2))
        with pytest.raises(Unavailable, match="too long"):
            shared.lent(work)
        assert len(tries) == 1
        assert len(shared._idle) == 2


def test_what_is_lent_is_begun_anew_when_its_connection_is_lost_on_the_way() -> None:
    """Given readings whose idle connection the server ends while a lot is under way; then the work
    begins anew on another; what breaks off by its own fault leaves no connection amid answers."""
    shared = Readings(lambda: PostgresSql(connect(pg.server_url(), {}, "any")))
    begun: list[int] = []

    def work(sql: PostgresSql) -> list[Any]:
        first = sql.ahead([("SELECT pg_backend_pid()", ())])
        second = sql.ahead([("SELECT 2", ())])
        ((pid,),) = first()[0]
        begun.append(pid)
        if len(begun) == 2:
            with psycopg.connect(pg.server_url(), autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        return [*second()[0], *sql.ahead([("SELECT 3", ())])()[0]]

    def breaks_off(sql: PostgresSql) -> None:
        sql.ahead([("SELECT 4", ())])
        raise LookupError

    with closing(shared):
        assert [shared.lent(work) for _ in range(2)] == [[(2,), (3,)]] * 2
        assert begun[0] == begun[1] != begun[2]
        with pytest.raises(LookupError):
            shared.lent(breaks_off)
        assert shared.one("SELECT 5 AS five") == (5,)


def test_a_value_that_cannot_be_sent_leaves_the_connection_as_it_was(
    connection: psycopg.Connection[Any],
) -> None:
    sql = PostgresSql(connection)
    with pytest.raises(psycopg.DataError):
        sql.asks([("SELECT ?", ("a\0b",)), ("SELECT 2 AS two", ())])
    assert sql.one("SELECT 1 AS one") == (1,)


def test_one_statement_can_be_interrupted_and_its_connection_is_closed(
    connection: psycopg.Connection[Any],
) -> None:
    """Given a statement that takes long; when Ctrl-C comes; then nobody waits for its answer."""

    def interrupt(_sign: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    begins = time.monotonic()
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(KeyboardInterrupt):
            Pipeline(connection).ask("SELECT pg_sleep(20)")
    finally:
        signal.signal(signal.SIGALRM, before)
    assert connection.closed
    assert time.monotonic() - begins < 15


def test_a_mark_is_a_number_and_a_doubled_percent_sign_is_one() -> None:
    assert numbered("SELECT %s, '%%', %s") == b"SELECT $1, '%', $2"


def test_what_waits_when_a_transaction_is_undone_never_goes_out(
    connection: psycopg.Connection[Any],
) -> None:
    """Given a COMMIT that waits to be sent when somebody is interrupted; then it is not."""
    with psycopg.connect(pg.server_url(), autocommit=True) as watching:
        watching.execute("CREATE TABLE undone (number bigint)")
        try:
            sql = PostgresSql(connection)
            sql.begin("BEGIN")
            assert sql.run("INSERT INTO undone VALUES (?)", (1,)) == 1
            sql._pipeline.command("COMMIT")
            with pytest.raises(psycopg.OperationalError):
                sql.rollback()
            assert sql.lost
            assert watching.execute("SELECT number FROM undone").fetchall() == []
        finally:
            watching.execute("DROP TABLE undone")
