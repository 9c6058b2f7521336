"""Answers kept for a moment: a crowd is answered once, and nobody is answered with the past."""

from dataclasses import replace
from typing import Any

import pytest

from service.api.environ import STAND
from service.api.recall import OVERHEAD_BYTES, Kept, Recall
from service.asof import situation
from tests.api.served import Caller
from tests.builders import Desk

HERE = "/v1/stories/tripoli"


def said(answer: Any) -> list[tuple[str, str]]:
    """The headers of an answer, but for the one that no two answers share."""
    headers = [*answer.headers]
    (own,) = [header for header in headers if header[0] == "X-Request-ID"]
    headers.remove(own)
    return headers


@pytest.fixture
def composed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The situations that were made while the test ran."""
    made: list[Any] = []
    body = situation.body

    def counting(basis: Any, *args: Any, **options: Any) -> bytes:
        made.append(basis)
        return body(basis, *args, **options)

    monkeypatch.setattr(situation, "body", counting)
    return made


def test_a_crowd_that_asks_the_same_is_answered_once(
    told: Caller, desk: Desk, composed: list[Any]
) -> None:
    desk.reports("order", kind="offensive.ordered", actors="by:lna")
    first = told.ask(f"{HERE}/situation")

    for _ in range(5):
        again = told.ask(f"{HERE}/situation")
        assert again.data == first.data
        assert said(again) == said(first)
    assert len(composed) == 1
    head = told.client.head(f"{HERE}/situation")
    assert head.data == b""
    assert said(head) == said(first)
    assert len(composed) == 1


def test_the_next_act_is_answered_at_once(told: Caller, desk: Desk, composed: list[Any]) -> None:
    told.get(f"{HERE}/situation")
    desk.house.record(desk.reporting("order", kind="offensive.ordered", actors="by:lna"))

    assert told.get(f"{HERE}/situation")["parties"]
    assert len(composed) == 2


def test_another_processs_act_is_answered_at_once(told: Caller, desk: Desk) -> None:
    told.get(f"{HERE}/situation")
    other = told.house.again()

    other.record(desk.reporting("order", kind="offensive.ordered", actors="by:lna"))
    other.close()

    assert told.get(f"{HERE}/situation")["parties"]


def test_what_the_clock_alone_changes_is_answered_within_a_second(told: Caller, desk: Desk) -> None:
    desk.reports(
        "threat", kind="threat.made", actors="by:lna", at="2019-04-05T10:00:00Z",
        details={"threat": {"threat": "march", "deadline": "2019-04-05T11:00:00Z"}},
    )  # fmt: skip

    def state() -> str:
        found: str = told.get(f"{HERE}/situation")["threats"][0]["state"]
        return found

    told.house.clock.reads("2019-04-05T10:59:59Z")
    assert state() == "open"
    told.house.clock.reads("2019-04-05T11:00:00Z")
    assert state() == "expired"


def test_addresses_are_told_apart_to_the_last_character(told: Caller, desk: Desk) -> None:
    for day in ("20", "21"):
        desk.reports(day, kind="meeting", occurred=f"2019-03-{day}")

    def names(query: str) -> list[str]:
        items = told.get(f"{HERE}/developments?{query}")["items"]
        return [item["external_id"] for item in items]

    for _ in range(2):
        assert names("as_of=2019-03-20") == ["20"]
        assert names("as_of=2019-03-21") == ["21", "20"]
        assert names("as_of=2019-03-21&limit=1") == ["21"]
        told.get(f"{HERE}/developments?as_of=2019-03-21&limit=0", status=422)


def test_what_a_token_reads_is_neither_kept_nor_given_what_was_kept(
    told: Caller, desk: Desk, composed: list[Any]
) -> None:
    reporter, auditor = told.holding("reporter"), told.holding("auditor")

    for caller in (told, reporter, auditor, told, reporter):
        caller.get(f"{HERE}/situation")
        private = caller.last.headers["Cache-Control"] == "private, no-store"
        assert private == bool(caller.headers)
    assert len(composed) == 4
    told.get(f"{HERE}/history")
    assert any("by" in item for item in auditor.items(f"{HERE}/history"))
    assert not any("by" in item for item in told.items(f"{HERE}/history"))
    bad = told.ask(f"{HERE}/situation", Authorization="Bearer wrong")
    assert bad.status_code == 401


def test_a_story_that_is_taken_away_from_the_public_is_gone_at_once(
    told: Caller, desk: Desk
) -> None:
    pinned = told.get(f"{HERE}/situation?position=3")["basis"]["url"]
    told.get(pinned)

    desk.amends_story(visibility="house")

    for path in (f"{HERE}/situation?position=3", pinned):
        told.get(path, status=404)


def test_a_304_is_kept_as_well_and_tells_nobody_else_that_nothing_is_new(
    told: Caller, desk: Desk, composed: list[Any]
) -> None:
    first = told.ask(f"{HERE}/situation")
    tag = first.headers["ETag"]
    told.house.clock.passes(5)

    for _ in range(3):
        again = told.ask(f"{HERE}/situation", If_None_Match=tag)
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == tag
        assert "Content-Type" not in again.headers
    assert len(composed) == 1
    whole = told.ask(f"{HERE}/situation", If_None_Match='"older"')
    assert (whole.status_code, whole.data) == (200, first.data)
    assert said(whole) == said(first)
    assert told.ask(f"{HERE}/situation", If_None_Match=tag).status_code == 304
    assert told.ask(f"{HERE}/situation").data == first.data
    assert len(composed) == 2


# --- the keeping itself --------------------------------------------------------------------


def environ(path: str, stand: Any = (7, 1)) -> dict[str, Any]:
    """A request that came through, with what its answer rests on."""
    return {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", STAND: stand}


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    kept = Kept(most_bytes=3 * (OVERHEAD_BYTES + 10))

    for name in ("a", "b", "c", "a", "d"):
        kept.keep(environ(name), name, [], b"0123456789")

    assert kept.find("b?") is None
    assert [kept.find(f"{name}?") is not None for name in "acd"] == [True, True, True]
    for number in range(100):
        kept.keep(environ(f"{number}"), "t", [], b"0123456789")
    assert sum(kept.find(f"{number}?") is not None for number in range(100)) == 3


def test_giants_and_what_rests_on_nothing_are_not_kept() -> None:
    kept = Kept()

    kept.keep(environ("giant"), "t", [], b"x" * (1024 * 1024))
    kept.keep(environ("x" * 3000), "t", [], b"x")
    kept.keep(environ("nothing", None), "t", [], b"x")
    kept.keep({"REQUEST_METHOD": "GET", "PATH_INFO": "direct"}, "t", [], b"x")

    for address in ("giant?", f"{'x' * 3000}?", "nothing?", "direct?"):
        assert kept.find(address) is None


def test_where_the_record_cannot_be_asked_the_application_answers() -> None:
    kept = Kept()
    path = "/v1/stories/a"
    kept.keep(environ(path), "t", [("ETag", '"t"')], b"old")
    asked: list[dict[str, Any]] = []

    def behind(environ: dict[str, Any], _start: Any) -> list[bytes]:
        asked.append(environ)
        return [b"new"]

    recall = Recall(behind, kept=lambda: kept, stand=lambda: None)

    assert list(recall(environ(path), lambda *_: None)) == [b"new"]
    assert asked[0][STAND] is None


def test_what_is_no_reading_is_answered_without_the_record(told: Caller, desk: Desk) -> None:
    def fails() -> tuple[int, int]:
        raise OSError("The record is away.")

    house = told.app.extensions["onrecord"]
    told.app.extensions["onrecord"] = replace(house, head=fails)

    assert told.get("/healthz") == {"status": "alive"}
    assert told.ask("/v1/kinds").status_code == 200
