"""The timeline's rows: order, pages, and what it can be narrowed to."""

from typing import Any

import pytest

from service.asof import timeline
from service.asof.timeline import Filters
from service.domain import times
from service.domain.refusals import Invalid
from tests.builders import Desk, House, Reader


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A desk that told five developments, not in the order in which they happened."""
    desk.introduces_place("qasr", name="Qasr", within="gharyan")
    desk.introduces_place("cell", name="A house", within="qasr")
    reports: dict[str, dict[str, Any]] = {
        "strike": {"kind": "airstrike", "occurred": "2019-04-03", "actors": "by:gna against:lna"},
        "fall": {
            "kind": "control.claimed",
            "occurred": "2019-04-02",
            "actors": "by:lna",
            "places": "gharyan",
        },
        "month": {"occurred": "2019-03", "places": "cell", "key": True},
        "meeting": {"kind": "meeting", "occurred": "2019-04-03T10:00Z", "actors": "with:gna"},
        "council": {"kind": "statement", "occurred": "2019-04-04", "actors": "by:un"},
    }
    for name, said in reports.items():
        desk.reports(name, **said)
    return desk


def narrowed(reader: Reader, **filters: Any) -> list[str]:
    rows = reader.timeline(filters=Filters(**filters))
    return [row["external_id"] for row in rows]


def test_the_latest_comes_first_unless_asked_otherwise(told: Desk, reader: Reader) -> None:
    happened = ["council", "strike", "meeting", "fall", "month"]
    recorded = ["council", "meeting", "month", "fall", "strike"]
    assert reader.names() == reader.names(order="-occurred") == happened
    assert reader.names(order="occurred") == happened[::-1]
    assert reader.names(order="-recorded") == recorded
    assert reader.names(order="recorded") == recorded[::-1]


def test_by_record_time_a_revision_moves_a_development_up(told: Desk, reader: Reader) -> None:
    told.updates("fall", body="More.")
    assert reader.names(order="-recorded")[0] == "fall"
    assert reader.names()[3] == "fall"


@pytest.mark.parametrize("order", ["-occurred", "occurred", "-recorded", "recorded"])
@pytest.mark.parametrize("limit", [1, 2, 4, 5])
def test_pages_leave_nothing_out_and_repeat_nothing(
    told: Desk, reader: Reader, order: str, limit: int
) -> None:
    told.reports("tied", occurred="2019-04-03")
    told.reports("tied-too", occurred="2019-04-03")
    basis, found = reader.basis(), []
    after: list[int] | None = None
    while True:
        rows, after = timeline.page(basis, Filters(), order=order, after=after, limit=limit)
        assert len(rows) <= limit
        found += rows
        if after is None:
            break
    whole, rest = timeline.page(basis, Filters(), order=order, after=None, limit=100)
    assert (found, rest) == (whole, None)
    assert len(whole) == 7


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"kind": "airstrike"}, ["strike"]),
        ({"kind": "occurrence"}, ["month"]),
        ({"group": "diplomacy"}, ["meeting"]),
        ({"actor": "lna"}, ["strike", "fall"]),
        ({"actor": "un"}, ["council"]),
        ({"place": "gharyan"}, ["fall", "month"]),
        ({"place": "qasr"}, ["month"]),
        ({"place": "tripoli"}, []),
        ({"key": True}, ["month"]),
        ({"key": False}, ["council", "strike", "meeting", "fall"]),
        ({"external_id": "fall"}, ["fall"]),
        ({"external_id": "nothing"}, []),
        ({"verification": "confirmed"}, []),
        ({"verification": "reported", "actor": "gna"}, ["strike", "meeting"]),
        ({"kind": "airstrike", "actor": "un"}, []),
        ({"occurred_from": times.parse_instant("2019-04-03T10:00Z")},
         ["council", "strike", "meeting"]),
        ({"occurred_to": times.parse_instant("2019-04-03T10:00Z")}, ["meeting", "fall", "month"]),
    ],
    ids=str,
)  # fmt: skip
def test_a_timeline_is_narrowed(
    told: Desk, reader: Reader, filters: dict[str, Any], names: list[str]
) -> None:
    assert narrowed(reader, **filters) == names


@pytest.mark.parametrize(
    "filters", [{"kind": "airstrikes"}, {"group": "nonsense"}, {"actor": "l_a"}]
)
def test_what_nobody_knows_is_refused(told: Desk, reader: Reader, filters: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        narrowed(reader, **filters)
    assert list(refusal.value.errors) == list(filters)
    assert refusal.value.suggestions[next(iter(filters))]


def test_a_mark_narrows_at_the_basis(told: Desk, reader: Reader) -> None:
    before = reader.basis().position
    told.marks("fall", "key")
    told.marks("month", "key", set_it=False)
    assert narrowed(reader, key=True) == ["fall"]
    rows = reader.timeline(filters=Filters(key=True), position=before)
    assert [row["external_id"] for row in rows] == ["month"]


def test_tombstones_are_listed_unless_hidden(told: Desk, reader: Reader) -> None:
    told.withdraws("fall")
    assert [row["status"] for row in reader.timeline()].count("withdrawn") == 1
    assert narrowed(reader, status="standing") == ["council", "strike", "meeting", "month"]
    (row,) = reader.timeline(filters=Filters(status="withdrawn"))
    assert row["id"] == told.id("fall")


@pytest.mark.parametrize(
    ("box", "names"),
    [
        ((12.0, 31.0, 14.0, 33.0), ["fall"]),
        ((13.02, 32.17, 13.02, 32.17), ["fall"]),
        ((0.0, 31.0, 12.0, 33.0), []),
        ((12.0, 0.0, 14.0, 32.0), []),
        ((179.0, -20.0, -179.0, -10.0), ["meeting"]),
        ((-179.0, -20.0, 179.0, -10.0), []),
    ],
)
def test_a_timeline_is_narrowed_to_a_box_even_over_the_antimeridian(
    told: Desk, reader: Reader, box: tuple[float, ...], names: list[str]
) -> None:
    point = {"type": "Point", "coordinates": [13.02, 32.17]}
    told.introduces_place("gharyan", name="Gharyan", point=point)
    fiji = {"type": "Point", "coordinates": [179.9, -16.5]}
    told.introduces_place("taveuni", name="Taveuni", point=fiji)
    told.updates("meeting", places="taveuni")
    assert narrowed(reader, bbox=box) == names


def test_a_row_is_its_stored_bytes_joined(house: House, told: Desk, reader: Reader) -> None:
    """Words lie once, in the store's content; every version that shows a text shows those."""
    told.verifies("fall", "confirmed", reason="Seen.")
    state = reader.development(told.id("fall"))
    assert state["headline"] == "What is called fall"
    (kept,) = house.sql.all(
        "SELECT v.text FROM version v JOIN chronicle c ON c.position = v.known_from"
        " WHERE c.act = 'DevelopmentVerified'"
    )
    report = next(
        a for a in house.acts("tripoli") if (a.document or {}).get("external_id") == "fall"
    )
    assert kept["text"] == report.stamp.position
