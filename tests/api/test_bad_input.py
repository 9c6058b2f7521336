"""Bad input over HTTP: each a clear problem, and nothing half done.

`sends` compares every table before and after whatever is refused.
"""

import json
from typing import Any

import pytest

from tests.api.desks import AtDesk, Body
from tests.builders import content

GOOD = json.dumps(content())


def raw(desk: AtDesk, body: bytes | str, *, status: int, **headers: str) -> Body:
    """The problem with a report whose body is sent as it is."""
    headers = {"Content-Type": "application/json", **headers}
    return desk.sends("POST", "developments", data=body, status=status, headers=headers)


# --- what the story does not know ----------------------------------------------------------


def test_an_unknown_field(times: AtDesk) -> None:
    problem = times.refused("developments", content(hedline="A"))

    assert problem["errors"] == {"hedline": ["Unknown field."]}
    assert problem["suggestions"]["hedline"][0] == "headline"


def test_an_unknown_field_deep_inside(times: AtDesk) -> None:
    sources = [{"publisher": "Reuters", "pubished_at": "2019-04-07"}]

    problem = times.refused("developments", content(sources=sources))

    assert problem["errors"] == {"sources.0.pubished_at": ["Unknown field."]}
    assert problem["suggestions"]["sources.0.pubished_at"][0] == "published_at"


def test_an_unknown_parameter_of_a_report(times: AtDesk) -> None:
    problem = times.refused("developments?archve=true", content())

    assert problem["errors"] == {"archve": ["Unknown parameter."]}
    assert problem["suggestions"] == {"archve": ["archive"]}


@pytest.mark.parametrize(
    ("method", "part"),
    [("PUT", "actors/lna"), ("PATCH", ""), ("POST", "closing"), ("POST", "/v1/stories")],
)
def test_an_unknown_parameter_of_a_write_that_takes_none(
    times: AtDesk, method: str, part: str
) -> None:
    problem = times.refused(f"{part}?dry_run=true", {"name": "A"}, method=method)

    assert problem["errors"] == {"dry_run": ["Unknown parameter."]}


@pytest.mark.parametrize("part", ["", "actors", "actors/lna", "places", "places/tripoli"])
def test_an_unknown_parameter_never_reads_the_present(times: AtDesk, part: str) -> None:
    problem = times.refused(f"{part}?as_off=2019-04-01", None, method="GET")

    assert problem["errors"] == {"as_off": ["Unknown parameter."]}
    assert problem["suggestions"] == {"as_off": ["as_of"]}


def test_an_unknown_kind(times: AtDesk) -> None:
    problem = times.refused("developments", content(kind="attack_order"))

    assert list(problem["errors"]) == ["kind"]
    assert problem["suggestions"]["kind"][0] == "offensive.ordered"
    assert "offensive.ordered" in problem["detail"]


def test_an_unknown_actor(times: AtDesk) -> None:
    times.sends("PUT", "actors/gna-air-force", {"name": "GNA air force"}, status=201)

    problem = times.refused("developments", content(actors="by:gna-airforce against:lna"))

    assert list(problem["errors"]) == ["actors.0.actor"]
    assert problem["suggestions"]["actors.0.actor"][0] == "gna-air-force"


def test_an_unknown_place(times: AtDesk) -> None:
    problem = times.refused("developments", content(places="tripoli garyan"))

    assert list(problem["errors"]) == ["places.1"]
    assert problem["suggestions"]["places.1"] == ["gharyan"]


def test_an_unknown_party_in_the_details(times: AtDesk) -> None:
    details = {"control": {"places": ["gharian"], "party": "lnaa"}}

    body = content(kind="control.claimed", actors="by:lna", details=details)
    problem = times.refused("developments", body)

    assert {"details.control.party", "details.control.places.0"} <= set(problem["errors"])


def test_every_fault_is_named_at_once(times: AtDesk) -> None:
    body = content(kind="strike!", actors="by:nobody", places="nowhere", occurred="yesterday")

    problem = times.refused("developments", body)

    assert set(problem["errors"]) == {"kind", "actors.0.actor", "places.0", "occurred"}


# --- times ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "occurred",
    [
        "2019-02-30",
        "2019-13-01",
        "2019-04-31",
        "2019-04-04T25:00:00Z",
        "2019-04-04T10:61Z",
        "2019-04-05/2019-04-04",
        "04.04.2019",
        "yesterday",
        "",
        "/",
        "10000-01-01",
    ],
)
def test_a_date_that_cannot_be(times: AtDesk, occurred: str) -> None:
    assert list(times.refused("developments", content(occurred=occurred))["errors"]) == ["occurred"]


def test_an_instant_without_an_offset_is_told_the_storys_own(times: AtDesk) -> None:
    problem = times.refused("developments", content(occurred="2019-04-03T10:00:00"))

    assert problem["suggestions"] == {"occurred": ["2019-04-03T10:00:00+02:00"]}


def test_what_has_not_happened_yet(times: AtDesk) -> None:
    problem = times.refused("developments", content(occurred="2019-04-09"))

    assert "planned" in problem["errors"]["occurred"][0]


@pytest.mark.parametrize("part", ["", "actors", "places/tripoli"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("as_of=2319-04-05", "as_of"),
        ("as_of=2019-02-30", "as_of"),
        ("known_at=soon", "known_at"),
        ("position=-1", "position"),
        ("position=99999", "position"),
        ("position=1&known_at=2019-04-04", "position"),
        ("as_of=2019-04-01&as_of=2019-04-02", "as_of"),
    ],
)
def test_a_basis_that_cannot_be(times: AtDesk, part: str, query: str, field: str) -> None:
    problem = times.refused(f"{part}?{query}", None, method="GET")

    assert list(problem["errors"]) == [field]


def test_a_moment_without_an_offset_is_told_the_storys_own(times: AtDesk) -> None:
    problem = times.refused("?as_of=2019-04-04T10:00", None, method="GET")

    assert problem["suggestions"] == {"as_of": ["2019-04-04T10:00+02:00"]}


# --- what a report cannot be without -------------------------------------------------------


@pytest.mark.parametrize("sources", [[], None, "Reuters", [{}], [{"quote": "It was."}]])
def test_no_source(times: AtDesk, sources: Any) -> None:
    problem = times.refused("developments", content(sources=sources))

    assert all(path.startswith("sources") for path in problem["errors"])


@pytest.mark.parametrize("name", ["headline", "occurred", "sources"])
def test_what_is_required_is_named(times: AtDesk, name: str) -> None:
    body = {field: value for field, value in content().items() if field != name}

    assert times.refused("developments", body)["errors"] == {name: ["Required."]}


# --- bodies --------------------------------------------------------------------------------


def test_a_body_of_two_mebibytes(times: AtDesk) -> None:
    body = json.dumps(content(body="x" * 2 * 1024 * 1024))

    assert raw(times, body, status=413)["type"] == "/problems/too-large"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "   ",
        "{",
        "not json",
        GOOD + GOOD,
        GOOD[:-1] + ',"details":{"notes":{"a":NaN}}}',
        GOOD[:-1] + ',"details":{"notes":{"a":Infinity}}}',
        GOOD[:-1] + ',"details":{"notes":{"a":1e999}}}',
        GOOD[:-1] + ',"details":{"notes":{"a":9007199254740992}}}',
        GOOD[:-1] + ',"headline":"Another"}',
        GOOD[:-1] + ',"details":{"notes":{"a":1,"a":2}}}',
        GOOD[:-1] + ',"body":' + "[" * 40 + "]" * 40 + "}",
        GOOD[:-1] + ',"body":' + "[" * 100_000 + "]" * 100_000 + "}",
        GOOD[:-1] + ',"body":"\\ud800"}',
        GOOD[:-1] + ',"body":"\\udc00\\ud800"}',
        b'{"headline": "\xff"}',
        b"\xef\xbb\xbf" + GOOD.encode(),
    ],
    ids=[
        "empty", "blank", "cut", "words", "two", "NaN", "Infinity", "1e999", "2^53", "key twice",
        "key twice deep", "deep", "abyss", "lone surrogate", "swapped pair", "latin-1", "BOM",
    ],
)  # fmt: skip
def test_a_body_that_has_no_one_meaning(times: AtDesk, body: bytes | str) -> None:
    assert raw(times, body, status=400)["type"] == "/problems/malformed"


@pytest.mark.parametrize("body", ["[]", "null", "3", '"text"', "true"])
def test_a_body_that_is_no_object(times: AtDesk, body: str) -> None:
    assert raw(times, body, status=422)["errors"] == {"_": ["Must be an object."]}


def test_a_pair_of_surrogates_is_a_character(times: AtDesk) -> None:
    headers = {"Content-Type": "application/json"}
    body = GOOD[:-1] + ',"body":"\\ud83d\\udd25"}'

    made = times.sends("POST", "developments", data=body, status=201, headers=headers)

    assert made["body"] == "\U0001f525"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("headline", "x" * 301),
        ("headline", "Two\nlines"),
        ("headline", "A\x00B"),
        ("headline", "   "),
        ("headline", 7),
        ("headline", None),
        ("body", "x" * 50_001),
        ("body", "A\r\nB"),
        ("language", "English"),
        ("places", {"tripoli": True}),
        ("places", ["tripoli", "tripoli"]),
        ("actors", [{"actor": "lna"}]),
        ("actors", [{"actor": "lna", "role": "victim"}]),
        ("actors", [{"actor": "LNA", "role": "by"}]),
        ("sources", [{"url": "javascript:alert(1)"}]),
        ("sources", [{"url": "https://user:password@example.org/"}]),
        ("sources", [{"publisher": "A"}] * 51),
        ("media", [{"url": "file:/etc/passwd"}]),
        ("verification", "confirmed"),
        ("details", {"casualties": {"killed": -1}}),
        ("details", {"casualties": {"killed": {"low": 6, "high": 4}}}),
        ("details", {"casualties": {"killed": 2.5}}),
        ("details", {"weather": "fine"}),
        ("key", "yes"),
        ("status", "withdrawn"),
        ("id", "7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        ("recorded_at", "2019-04-01T00:00:00Z"),
    ],
)
def test_a_field_that_cannot_be(times: AtDesk, field: str, value: Any) -> None:
    problem = times.refused("developments", content(**{field: value}))

    assert all(path.split(".")[0] == field for path in problem["errors"])


# --- content types -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mimetype",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/xml",
        "application/json; charset=latin-1",
        "",
    ],
)
def test_a_content_type_that_is_not_taken(times: AtDesk, mimetype: str) -> None:
    problem = raw(times, GOOD, status=415, **{"Content-Type": mimetype})

    assert problem["type"] == "/problems/unsupported-media-type"


def test_a_compressed_body(times: AtDesk) -> None:
    raw(times, GOOD, status=415, **{"Content-Encoding": "gzip"})


def test_lines_where_one_thing_is_taken(times: AtDesk) -> None:
    headers = {"Content-Type": "application/x-ndjson"}

    times.sends("PUT", "actors/a", data=b'{"name": "A"}\n', status=415, headers=headers)


# --- addresses and methods -----------------------------------------------------------------


@pytest.mark.parametrize(
    "part", ["developments/order/updates", "actors/LNA", "/v1/stories/Tripoli", "/v1/story"]
)
def test_an_address_that_is_none(times: AtDesk, part: str) -> None:
    for method in ("GET", "POST"):
        assert times.refused(part, {}, method=method, status=404)["type"] == "/problems/not-found"


@pytest.mark.parametrize(
    ("method", "part", "allowed"),
    [
        ("DELETE", "", {"GET", "PATCH"}),
        ("PUT", "developments", {"GET", "POST"}),
        ("GET", "closing", {"POST"}),
        ("POST", "actors/lna", {"GET", "PUT"}),
        ("GET", "pins/7c9e6679-7425-40de-944b-e07fc1f90ae7", {"PUT", "DELETE"}),
    ],
)
def test_a_method_that_is_not_answered(
    times: AtDesk, method: str, part: str, allowed: set[str]
) -> None:
    times.refused(part, None, method=method, status=405)

    assert allowed <= set(times.last.headers["Allow"].split(", "))


@pytest.mark.parametrize("tag", ["1", '"1', "W/", '"a", "b"', '"a"x'])
def test_an_if_match_that_cannot_be_read(times: AtDesk, tag: str) -> None:
    one = times.reports("one")
    part, body = f"developments/{one['id']}/updates", {"changes": {"body": "A."}}

    problem = times.sends("POST", part, body, status=400, headers={"If-Match": tag})

    assert problem["type"] == "/problems/bad-request"


@pytest.mark.parametrize("version", [0, -1, 1.5, "1", None, True])
def test_a_base_version_that_cannot_be(times: AtDesk, version: Any) -> None:
    one = times.reports("one")
    body = {"changes": {"body": "A."}, "base_version": version}

    problem = times.refused(f"developments/{one['id']}/updates", body)

    assert list(problem["errors"]) == ["base_version"]


@pytest.mark.parametrize("cursor", ["x", "", "abc.def", "a" * 2001])
def test_a_cursor_that_nobody_gave(times: AtDesk, cursor: str) -> None:
    for part in ("/v1/stories", "actors"):
        times.refused(f"{part}?cursor={cursor}", None, method="GET")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "many", "1.5"])
def test_a_limit_that_is_none(times: AtDesk, limit: str) -> None:
    for part in ("/v1/stories", "places"):
        assert "limit" in times.refused(f"{part}?limit={limit}", None, method="GET")["errors"]
