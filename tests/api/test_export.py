"""GET …/export: the story file, which tells the same story in another house."""

import json
from pathlib import Path
from typing import Any

import pytest

from service import seeds
from service.settings import Settings
from tests.api.served import Caller, served
from tests.builders import Desk, House

HERE = "/v1/stories/tripoli"
FOUNDING = "/v1/stories/tripoli-2019"


def lines(caller: Caller, path: str) -> list[dict[str, Any]]:
    """The lines of an export."""
    answer = caller.ask(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.mimetype == "application/x-ndjson"
    assert answer.data.endswith(b"\n")
    return [json.loads(line) for line in answer.data.splitlines()]


def test_an_export_read_elsewhere_tells_the_same_story(tripoli: Caller, tmp_path: Path) -> None:
    elsewhere = House.at(
        Settings(database_url=f"sqlite:///{tmp_path}/other.db"), tripoli.house.clock
    )
    elsewhere.imports(lines(tripoli, f"{FOUNDING}/export"))
    there = served(elsewhere)

    for query in ("", "?as_of=2019-04-05", "?known_at=2019-04-05", "?known_at=2019-04-06"):
        ours = tripoli.get(f"{FOUNDING}/situation{query}")
        theirs = there.get(f"{FOUNDING}/situation{query}")
        assert {**ours, "basis": None} == {**theirs, "basis": None}
    elsewhere.close()


def test_it_has_a_line_for_every_act_of_the_seed(tripoli: Caller) -> None:
    seed = seeds.path("tripoli-2019").read_text("utf-8").splitlines()

    assert len(lines(tripoli, f"{FOUNDING}/export")) == len(seed)
    disposition = tripoli.last.headers["Content-Disposition"]
    assert disposition == 'attachment; filename="tripoli-2019.jsonl"'


def test_it_ends_where_it_is_told_to(told: Caller, desk: Desk) -> None:
    desk.reports("a", at="2019-04-05T10:00:00Z")
    position = told.house.head()
    desk.reports("b", at="2019-04-06T10:00:00Z")

    assert len(lines(told, f"{HERE}/export?position={position}")) == position
    assert len(lines(told, f"{HERE}/export?known_at=2019-04-05")) == position
    assert told.last.headers["Content-Location"] == f"{HERE}/export?position={position}"
    assert told.last.headers["Cache-Control"].startswith("public")
    told.get(f"{HERE}/export?known_at=2019-04-05&position=1", status=422)
    told.get(f"{HERE}/export?as_of=2019-04-05", status=422)
    assert told.ask(f"{HERE}/export?position=0").data == b""


def test_it_is_conditional(told: Caller, desk: Desk) -> None:
    tag = told.ask(f"{HERE}/export").headers["ETag"]

    again = told.ask(f"{HERE}/export", If_None_Match=tag)
    assert (again.status_code, again.data) == (304, b"")
    desk.reports("a")
    assert told.ask(f"{HERE}/export", If_None_Match=tag).status_code == 200


def test_notes_for_auditors_go_out_with_auditors_only(told: Caller, desk: Desk) -> None:
    desk.reports("a")
    noted = {"changes": {"headline": "Better"}, "notice": "It was wrong.", "reason": "source",
             "reason_note": "A call from the desk."}  # fmt: skip
    editor = told.holding("editor")
    answer = editor.client.post(
        f"{HERE}/developments/{desk.id('a')}/corrections",
        headers={**editor.headers, "If-Match": f'"{desk.id("a")}.1.0"'}, json=noted,
    )  # fmt: skip
    assert answer.status_code == 201

    def note(caller: Caller) -> str | None:
        found: str | None = lines(caller, f"{HERE}/export")[-1]["correct"].get("reason_note")
        return found

    assert note(told) is None
    assert note(editor) is None
    assert note(told.holding("auditor")) == "A call from the desk."
    assert note(told.holding("auditor", "herald")) is None


def test_hidden_text_does_not_go_out(told: Caller, desk: Desk) -> None:
    desk.reports("a", headline="Unspeakable")
    desk.withdraws("a", hide_text=True)

    assert b"Unspeakable" not in told.ask(f"{HERE}/export").data


@pytest.mark.parametrize("story", ["elsewhere", "Tripoli"])
def test_what_is_not_there_cannot_be_taken(told: Caller, desk: Desk, story: str) -> None:
    told.get(f"/v1/stories/{story}/export", status=404)


def test_a_private_story_goes_out_to_its_newsroom_only(told: Caller, desk: Desk) -> None:
    desk.amends_story(visibility="house")

    told.get(f"{HERE}/export", status=404)
    assert lines(told.holding("reporter"), f"{HERE}/export")
    assert told.holding("reporter").ask(f"{HERE}/export").headers["Cache-Control"] == (
        "private, no-store"
    )


def test_a_large_story_streams(told: Caller, desk: Desk) -> None:
    for number in range(30):
        desk.reports(f"d{number}")

    with told.client.get(f"{HERE}/export", buffered=False) as answer:
        assert answer.is_streamed
        assert "Content-Length" not in answer.headers
        assert next(iter(answer.response)).endswith(b"\n")
