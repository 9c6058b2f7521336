"""An archive over HTTP: a story that was told elsewhere comes in whole, or not at all."""

import json
from typing import Any

import pytest

from service import seeds
from tests.api.desks import NDJSON, AtDesk, at_desk, statuses
from tests.builders import content

LINE = 1024 * 1024
STORY = {"story": {"id": "flood", "title": "Flood"}, "recorded_at": "2019-04-01"}
ARCHIVE: list[Any] = [
    STORY,
    {"actor": {"id": "mayor", "name": "Mayor"}},
    {"report": content("a", occurred="2019-03-31"), "recorded_at": "2019-04-02T08:00:00Z"},
    {"correct": {"external_id": "a", "changes": {"headline": "Right"}, "notice": "Not A."}},
    content("b", occurred="2019-03-31"),
]


@pytest.fixture
def admin(anyone: AtDesk) -> AtDesk:
    """An admin of the newsroom, at work on a story that does not exist yet."""
    return at_desk(anyone, "admin").on("flood")


def imports(desk: AtDesk, *lines: Any) -> Any:
    """What is answered to an archive."""
    body = b"\n".join(
        line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines
    )
    headers = {**desk.headers, "Content-Type": NDJSON}
    return desk.client.post(desk.at("developments") + "?archive=true", headers=headers, data=body)


def test_an_archive_brings_in_a_story_with_its_own_record_times(admin: AtDesk) -> None:
    answer = imports(admin, *ARCHIVE)

    assert answer.status_code == 200
    done = [json.loads(line) for line in answer.data.splitlines()]
    assert statuses(done) == [201] * 5
    assert [line["line"] for line in done] == [1, 2, 3, 4, 5]
    made = admin.reads(f"developments/{done[2]['id']}")
    assert made["headline"] == "Right"
    assert made["first_recorded_at"] == "2019-04-02T08:00:00Z"
    assert made["imported_at"] == admin.house.clock.text()
    then = admin.reads(f"developments/{done[2]['id']}?position={done[2]['position']}")
    assert then["headline"] == "What is called a"


def test_the_founding_story_comes_in_through_the_door(anyone: AtDesk) -> None:
    anyone.house.clock.reads("2026-01-01T00:00:00Z")
    text = seeds.path("tripoli-2019").read_bytes()

    desk = at_desk(anyone, "admin").on("tripoli-2019")
    answer = imports(desk, *text.splitlines())

    assert answer.status_code == 200
    assert len(answer.data.splitlines()) == len(text.splitlines())
    assert desk.reads("situation?as_of=2019-04-05")["parties"]


FAULTS: list[tuple[str, list[Any], int, int]] = [
    ("a line that is no JSON", [*ARCHIVE, b"{"], 400, 6),
    ("a refused act", [*ARCHIVE, content(kind="attack_order")], 422, 6),
    ("a time before the line above", [*ARCHIVE, {**STORY, "recorded_at": "2019-03-01"}], 422, 6),
    ("a time to come", [*ARCHIVE, {"close": {}, "recorded_at": "2029-01-01"}], 422, 6),
    ("a line without its story", ARCHIVE[1:], 422, 1),
    ("no time to begin with", [{"story": STORY["story"]}], 422, 1),
    ("another story", [{**STORY, "story": {"id": "storm", "title": "Storm"}}], 422, 1),
    ("another newsroom", [*ARCHIVE, {"close": {}, "newsroom": "post"}], 403, 6),
    ("a line that is too long", [*ARCHIVE, b"x" * (LINE + 2)], 413, 6),
]


@pytest.mark.parametrize(
    ("lines", "status", "line"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_a_bad_line_leaves_nothing_of_an_archive(
    admin: AtDesk, lines: list[Any], status: int, line: int
) -> None:
    before = admin.house.counts()

    answer = imports(admin, *lines)

    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json["line"] == line
    assert admin.house.counts() == before
    admin.get(admin.at(), status=404)


def test_a_story_that_exists_takes_no_archive(admin: AtDesk) -> None:
    lines = [{**STORY, "story": {"id": "tripoli", "title": "Again"}}]

    answer = imports(admin.on("tripoli"), *lines)

    assert answer.status_code == 409
    assert answer.json["type"] == "/problems/slug-taken"


def test_an_archive_of_nothing_is_nothing(admin: AtDesk) -> None:
    answer = imports(admin)

    assert (answer.status_code, answer.data) == (200, b"")


@pytest.mark.parametrize("role", ["reporter", "editor"])
def test_admins_import_archives(anyone: AtDesk, role: str) -> None:
    answer = imports(at_desk(anyone, role).on("flood"), *ARCHIVE)

    assert answer.status_code == 403
    assert answer.json["required"] == ["admin"]


def test_archive_is_true_or_false(admin: AtDesk) -> None:
    headers = {**admin.headers, "Content-Type": NDJSON}

    answer = admin.client.post(admin.at("developments?archive=yes"), data=b"", headers=headers)

    assert answer.status_code == 422
