"""Many at once (NDJSON): each line is answered by a line, and a bad one harms no other."""

import json
from typing import Any

from schemas.lines import LineDone
from service.api import batch
from service.storyfile import VERBS
from tests.api.desks import NDJSON, AtDesk, at_desk, statuses
from tests.builders import content

# --- lines that are developments -----------------------------------------------------------


def test_each_line_is_answered_by_a_line(times: AtDesk) -> None:
    head = times.house.head()

    answers = times.posts_lines(*(content(f"d{number}") for number in range(3)))

    assert [answer["line"] for answer in answers] == [1, 2, 3]
    assert statuses(answers) == [201] * 3
    assert [answer["position"] for answer in answers] == [head + 1, head + 2, head + 3]
    for answer in answers:
        assert not LineDone().validate(answer)
        assert times.reads(f"developments/{answer['id']}")["version"] == answer["version"] == 1


def test_a_bad_line_harms_no_other(times: AtDesk) -> None:
    bad: list[Any] = [
        b"{",
        b"[]",
        b'"text"',
        b'{"headline": NaN}',
        b'{"headline": "A", "headline": "B"}',
        b"\xff",
        {"headline": "No source", "occurred": "now"},
        content(kind="attack_order"),
        content(occurred="2019-02-30"),
        content(hedline="A"),
        {"headline": "A", "actor": {"id": "lna"}},
        {"correct": {"external_id": "nothing", "changes": {"body": "A"}, "notice": "B"}},
        {"report": content(), "actor": {"id": "a", "name": "A"}},
        {"actor": {"name": "Without a slug"}},
        {"recorded_at": "2019-04-04"},
    ]
    lines = [line for one in bad for line in (one, content())]

    answers = times.posts_lines(*lines)

    assert statuses(answers)[1::2] == [201] * len(bad)
    refused = answers[0::2]
    assert statuses(refused)[:6] == [400, 422, 422, 400, 400, 400]
    assert set(statuses(refused)[6:]) == {422, 404}
    for answer in refused:
        assert answer["problem"]["status"] == answer["status"]
        assert not LineDone().validate(answer)
    assert times.reads()["counts"]["developments"] == len(bad)


def test_a_refused_line_is_told_what_it_would_be_told_alone(times: AtDesk) -> None:
    body = content(kind="attack_order", actors="by:lnaa")

    (answer,) = times.posts_lines(body)

    assert answer["problem"] == times.refused("developments", body)


def test_an_unknown_field_is_told_the_nearest(times: AtDesk) -> None:
    (answer,) = times.posts_lines(content(hedline="A"))

    assert answer["problem"]["suggestions"] == {"hedline": ["headline", "byline"]}


def test_reports_are_safe_to_repeat(times: AtDesk) -> None:
    lines = [content(f"d{number}", occurred="2019-04-03") for number in range(3)]
    first = times.posts_lines(*lines)
    before = times.house.counts()

    again = times.posts_lines(*lines, content("d3", occurred="2019-04-03"))

    assert statuses(again) == [200, 200, 200, 201]
    assert [answer["id"] for answer in again[:3]] == [answer["id"] for answer in first]
    assert times.house.counts()["content"] == before["content"] + 1


def test_empty_lines_count_and_are_left_out(times: AtDesk) -> None:
    answers = times.posts_lines(b"", content("a"), b"  ", b"\r", content("b"), b"")

    assert [answer["line"] for answer in answers] == [2, 5]


def test_the_last_line_needs_no_end(times: AtDesk) -> None:
    body = json.dumps(content("a")).encode() + b"\r\n" + json.dumps(content("b")).encode()
    headers = {**times.headers, "Content-Type": NDJSON}

    answer = times.client.post(times.at("developments"), data=body, headers=headers)

    assert len(answer.data.splitlines()) == 2


def test_nothing_is_answered_to_nothing(times: AtDesk) -> None:
    assert times.posts_lines() == []


def test_warnings_come_with_the_line(times: AtDesk) -> None:
    (answer,) = times.posts_lines(content(kind="threat.carried_out", actors="by:lna"))

    assert answer["warnings"]


# --- lines of a story file -----------------------------------------------------------------


def test_a_story_file_is_read_line_by_line(times: AtDesk) -> None:
    answers = times.posts_lines(
        {"actor": {"id": "un-envoy", "name": "UN envoy", "type": "person"}},
        {"place": {"id": "mitiga", "name": "Mitiga"}},
        {"report": content("order", kind="offensive.ordered", actors="by:lna")},
        {"report": content("strike", relates_to=[{"development": "order", "relation": "follows"}])},
        {"update": {"external_id": "order", "changes": {"body": "More."}}},
        {"correct": {"external_id": "order", "changes": {"headline": "A"}, "notice": "Not B."}},
        {"clarify": {"external_id": "order", "changes": {"headline": "AA"}}},
        {"refile": {"external_id": "order", "changes": {"headline": "AAA"}}},
        {"verify": {"external_id": "order", "status": "confirmed"}},
        {"pin": {"external_id": "order"}},
        {"key": {"external_id": "order"}},
        {"key": {"external_id": "order", "key": False}},
        {"summary": {"sentences": [{"text": "It began.", "developments": ["order"]}]}},
        {"level": {"level": "clashes", "reason": "So it looks."}},
        {"withdraw": {"external_id": "strike", "notice": "It was another day."}},
        {"close": {"notice": "Quiet."}},
        {"reopen": {}},
        {"story": {"id": "tripoli", "title": "The battle of Tripoli"}},
    )

    assert statuses(answers) == [201] * 9 + [200] * 5 + [201] + [200] * 3
    assert [answer["id"] for answer in answers[:2]] == ["un-envoy", "mitiga"]
    order = times.reads(f"developments/{answers[2]['id']}")
    assert (order["version"], order["headline"], order["verification"]) == (6, "AAA", "confirmed")
    situation = times.reads("situation")
    assert situation["pinned"] == [order["id"]]
    assert situation["key_events"] == []
    assert situation["summary"][0]["text"] == "It began."
    assert times.reads()["title"] == "The battle of Tripoli"


def test_every_act_of_the_story_file_has_its_policy() -> None:
    assert set(batch.ACTIONS) == set(VERBS)


def test_a_file_names_its_own_ids(times: AtDesk) -> None:
    """Another house's export names developments without an external id by that house's ids."""
    there = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

    reported, corrected, linked = times.posts_lines(
        {"report": {"id": there, **content()}},
        {"correct": {"id": there, "changes": {"headline": "Right"}, "notice": "It was wrong."}},
        {"report": content("b", relates_to=[{"development": there, "relation": "follows"}])},
    )

    assert reported["id"] == corrected["id"] != there
    assert corrected["version"] == 2
    found = times.reads(f"developments/{linked['id']}")
    assert found["relates_to"] == [{"development": reported["id"], "relation": "follows"}]


def test_a_story_file_can_be_posted_again(times: AtDesk) -> None:
    lines = [
        {"story": {"id": "tripoli", "title": "The story of tripoli"}},
        {"actor": {"id": "lna", "name": "lna"}},
        {"report": content("a", occurred="2019-04-03")},
    ]
    times.posts_lines(*lines)
    before = times.house.head()

    assert statuses(times.posts_lines(*lines)) == [200, 200, 200]
    assert times.house.head() == before


def test_other_lines_are_safe_to_repeat_by_a_key(times: AtDesk) -> None:
    times.reports("a")
    line = {"verify": {"external_id": "a", "status": "confirmed"}, "key": "file-1-line-9"}

    (first,) = times.posts_lines(line)
    (again,) = times.posts_lines(line)
    (other,) = times.posts_lines({**line, "verify": {"external_id": "a", "status": "refuted"}})

    assert (first["status"], first["version"]) == (201, 2)
    assert again == {**first, "replayed": True}
    assert other["problem"]["type"] == "/problems/idempotency-key-reused"


def test_a_line_is_recorded_now_whatever_it_says(times: AtDesk) -> None:
    line = {"report": content("a", occurred="2019-04-01"), "recorded_at": "2019-04-02T10:00:00Z"}

    (answer,) = times.posts_lines(line)

    made = times.reads(f"developments/{answer['id']}")
    assert made["recorded_at"] == times.house.clock.text()
    assert "imported_at" not in made


def test_a_line_about_another_story_is_refused(times: AtDesk) -> None:
    (answer,) = times.posts_lines({"story": {"id": "flood", "title": "Flood"}})

    assert answer["status"] == 422


# --- who may -------------------------------------------------------------------------------


def test_each_line_is_judged_by_its_act(times: AtDesk, anyone: AtDesk) -> None:
    times.reports("a")
    reporter = at_desk(anyone, "reporter")

    answers = reporter.posts_lines(
        content("mine"),
        {"update": {"external_id": "mine", "changes": {"body": "More."}}},
        {"update": {"external_id": "a", "changes": {"body": "More."}}},
        {"correct": {"external_id": "mine", "changes": {"body": "A"}, "notice": "B"}},
        {"withdraw": {"external_id": "mine", "notice": "B"}},
        {"pin": {"external_id": "mine"}},
        {"close": {}},
        {"story": {"id": "tripoli", "title": "Mine"}},
    )

    assert statuses(answers) == [201, 201, 403, 403, 403, 403, 403, 403]
    assert answers[3]["problem"]["required"] == ["editor", "admin"]


def test_a_token_speaks_for_its_own_newsroom(times: AtDesk) -> None:
    own, others = times.posts_lines(
        {"report": content("a"), "newsroom": "times"},
        {"report": content("b"), "newsroom": "post"},
    )

    assert (own["status"], others["status"]) == (201, 403)


def test_who_may_not_report_sends_no_lines(anyone: AtDesk) -> None:
    for desk, status in ((anyone, 401), (at_desk(anyone, "auditor"), 403)):
        headers = {**desk.headers, "Content-Type": NDJSON}
        answer = desk.client.post(desk.at("developments"), data=b"{}\n", headers=headers)
        assert answer.status_code == status


def test_a_story_that_is_not_there_takes_no_lines(times: AtDesk) -> None:
    headers = {**times.headers, "Content-Type": NDJSON}

    answer = times.client.post("/v1/stories/nowhere/developments", data=b"{}", headers=headers)

    assert answer.status_code == 404


def test_a_token_of_another_story_sends_none(anyone: AtDesk) -> None:
    desk = at_desk(anyone, "editor", story="flood")
    headers = {**desk.headers, "Content-Type": NDJSON}

    answer = desk.client.post(desk.at("developments"), data=b"{}\n", headers=headers)

    assert answer.status_code == 403


def test_another_newsrooms_story_takes_none(post: AtDesk) -> None:
    assert statuses(post.posts_lines(content())) == [403]


def test_a_key_for_the_whole_is_refused(times: AtDesk) -> None:
    headers = {**times.headers, "Content-Type": NDJSON, "Idempotency-Key": "k"}

    answer = times.client.post(times.at("developments"), data=b"{}\n", headers=headers)

    assert answer.status_code == 400
    assert "external_id" in answer.text
