"""What caches are told of readings: tags, 304s, pinned answers, keys, private ones, CORS."""

from typing import Any

import pytest

from tests.api.served import Caller
from tests.builders import Desk

HERE = "/v1/stories/tripoli"
KEPT = "public, max-age=300, s-maxage=86400"
LISTS = ("situation", "developments", "assignments", "level", "situation/posture:lna",
         "history", "corrections", "changes?since_position=0")  # fmt: skip
"""Readings of a story, each at its own address."""


def at(path: str, query: str) -> str:
    """An address with one more parameter."""
    return f"{HERE}/{path}{'&' if '?' in path else '?'}{query}"


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A desk that has reported twice and corrected once."""
    desk.reports("order", kind="offensive.ordered", actors="by:lna", occurred="2019-03-20")
    desk.reports("clash", kind="clash", actors="by:lna against:gna", occurred="2019-03-21")
    desk.corrects("clash", headline="Worse")
    return desk


@pytest.mark.parametrize("path", LISTS)
def test_the_present_is_asked_for_again_and_answered_304_until_it_changes(
    told: Caller, busy: Desk, path: str
) -> None:
    told.house.clock.passes(3600)
    told.get(f"{HERE}/{path}")
    first = told.last

    assert first.headers["Cache-Control"] == "no-cache"
    told.house.clock.passes(24 * 3600)
    again = told.ask(f"{HERE}/{path}", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    for name in ("ETag", "Cache-Control", "Content-Location", "Vary", "Surrogate-Key"):
        assert again.headers[name] == first.headers[name]
    busy.introduces_actor("nato")
    assert told.ask(f"{HERE}/{path}", If_None_Match=first.headers["ETag"]).status_code == 200


def test_a_turning_point_changes_the_present(told: Caller, desk: Desk) -> None:
    desk.reports(
        "threat", kind="threat.made", actors="by:lna", at="2019-04-05T10:00:00Z",
        details={"threat": {"threat": "march", "deadline": "2019-04-06"}},
    )  # fmt: skip
    told.get(f"{HERE}/situation")
    tag = told.last.headers["ETag"]

    told.house.clock.reads("2019-04-06T21:59:59Z")
    assert told.ask(f"{HERE}/situation", If_None_Match=tag).status_code == 304
    told.house.clock.reads("2019-04-06T22:00:00Z")
    assert told.ask(f"{HERE}/situation", If_None_Match=tag).status_code == 200
    assert told.get(f"{HERE}/situation")["threats"][0]["state"] == "expired"


@pytest.mark.parametrize("path", LISTS)
def test_a_pinned_reading_is_kept_once_a_later_act_is_stored(
    told: Caller, busy: Desk, path: str
) -> None:
    pinned = told.ask(f"{HERE}/{path}").headers["Content-Location"]
    body = told.get(pinned)
    assert told.last.headers["Cache-Control"] == "no-cache"

    busy.reports("later")

    assert told.get(pinned) == body
    assert told.last.headers["Cache-Control"] == KEPT
    assert told.last.headers["Surrogate-Key"] == "story-tripoli"
    assert told.last.headers["Content-Location"] == pinned


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("known_at=2019-04-01", True),
        ("known_at=2019-04-01&as_of=2019-03-20", True),
        ("position=3", True),
        ("as_of=2019-03-20", False),
        ("", False),
    ],
)
def test_only_what_names_record_time_is_kept(
    told: Caller, busy: Desk, query: str, kept: bool
) -> None:
    for path in ("situation", "developments", "level"):
        told.get(at(path, query))
        assert told.last.headers["Cache-Control"] == (KEPT if kept else "no-cache")


def test_a_known_at_that_is_not_over_is_the_present(told: Caller, busy: Desk) -> None:
    today = told.house.clock.text()[:10]
    for query in (f"known_at={today}", f"as_of={today}", "known_at=2319-01-01"):
        assert told.get(at("situation", query))["basis"]["reading"] == "now"
        assert told.last.headers["Cache-Control"] == "no-cache"


def test_record_time_is_named_once(told: Caller, busy: Desk) -> None:
    problem = told.get(at("situation", "known_at=2019-04-04&position=3"), status=422)
    assert "position" in problem["errors"]


def test_what_a_token_reads_is_kept_by_nobody(told: Caller, busy: Desk) -> None:
    reporter = told.holding("reporter")
    for path in (*LISTS, "developments?position=3", f"developments/{busy.id('clash')}"):
        answer = reporter.ask(f"{HERE}/{path}")
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Vary"] == "Authorization"
        assert "Surrogate-Key" not in answer.headers
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_any_page_may_read_what_anyone_may(told: Caller, busy: Desk) -> None:
    answer = told.ask(f"{HERE}/situation", Origin="https://elsewhere.example")

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert exposed == ["ETag", "Link", "Content-Location", "Retry-After"]


def tags(told: Caller, path: str = "situation") -> Any:
    """The tag of a reading at a position long past."""
    return told.ask(at(path, "position=8")).headers["ETag"]


def test_hiding_a_text_gives_every_reading_another_tag(told: Caller, busy: Desk) -> None:
    before = tags(told)
    busy.withdraws("clash")
    assert tags(told) == before

    busy.reports("other")
    busy.withdraws("other", hide_text=True)

    assert tags(told) != before
    assert told.ask(at("situation", "position=8"), If_None_Match=before).status_code == 200


def test_a_change_of_visibility_gives_every_reading_another_tag(told: Caller, busy: Desk) -> None:
    before = tags(told)
    busy.amends_story(title="Another title")
    assert tags(told) == before

    busy.amends_story(visibility="house")
    told.get(at("situation", "position=8"), status=404)
    busy.amends_story(visibility="public")

    assert tags(told) != before


def test_tags_are_of_the_basis_never_of_the_content(told: Caller, busy: Desk) -> None:
    for path in ("situation", "developments", "level"):
        first = told.ask(at(path, "as_of=2019-03-25")).headers["ETag"]
        same = told.ask(at(path, "as_of=2019-03-26")).headers["ETag"]
        assert first != same
    assert (
        told.ask(at("situation", "as_of=2019-03-25")).headers["ETag"]
        == told.ask(at("developments", "as_of=2019-03-25")).headers["ETag"]
    )


@pytest.mark.parametrize("changed", ['W/"{}"', '"{}-gzip"', '"{}:br"', '"other", "{}"', "*"])
def test_a_tag_that_a_proxy_changed_is_known_again(told: Caller, busy: Desk, changed: str) -> None:
    tag = told.ask(f"{HERE}/situation").headers["ETag"].strip('"')

    answer = told.ask(f"{HERE}/situation", If_None_Match=changed.format(tag))

    assert answer.status_code == 304
    assert answer.headers["ETag"] == f'"{tag}"'


def test_heads_are_answered_like_gets_without_a_body(told: Caller, busy: Desk) -> None:
    for path in LISTS:
        got = told.ask(f"{HERE}/{path}")
        head = told.client.head(f"{HERE}/{path}")
        assert head.status_code == 200
        assert head.data == b""
        for name in ("ETag", "Content-Location", "Cache-Control", "Content-Length"):
            assert head.headers[name] == got.headers[name]


def test_a_reading_waits_for_the_position_that_a_write_answered(
    told: Caller, busy: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.api.reading.WAIT_SECONDS", 0.05)
    head = told.house.head()

    for path in (*LISTS, f"developments/{busy.id('clash')}"):
        told.get(at(path, f"min_position={head}"))
        assert "min_position" not in told.last.headers["Content-Location"]
        told.get(at(path, f"min_position={head + 1}"), status=503)
        assert told.last.headers["Retry-After"] == "1"
    told.get(f"/v1/corrections?min_position={head + 1}", status=503)


def test_a_private_storys_readings_are_not_found_by_others(told: Caller, busy: Desk) -> None:
    busy.amends_story(visibility="house")

    for path in LISTS:
        told.get(f"{HERE}/{path}", status=404)
        told.holding("editor", "herald").get(f"{HERE}/{path}", status=404)
        assert told.holding("reporter").ask(f"{HERE}/{path}").status_code == 200
