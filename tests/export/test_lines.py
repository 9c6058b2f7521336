"""What each act says in a story file: names that mean something elsewhere, no more than is said."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service import decisions
from service.domain.acts import ACTS
from service.domain.developments import merge_patch
from service.export import LINES, export_lines, patch
from service.storyfile import VERBS
from tests.builders import Desk, House, Reader
from tests.care.conftest import a_bit_of_everything


def lines(reader: Reader, *, audit: bool = False, **asked: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in export_lines(reader.basis(**asked), audit=audit)]


def last(reader: Reader) -> dict[str, Any]:
    return lines(reader)[-1]


def test_every_act_there_is_can_go_out() -> None:
    assert set(LINES) == set(ACTS.values())


def test_every_line_is_one_act_that_an_import_reads(desk: Desk, reader: Reader) -> None:
    a_bit_of_everything(desk)
    verbs = {next(iter(line)) for line in lines(reader)}
    assert verbs == set(VERBS)
    assert all(set(line) == {next(iter(line)), "recorded_at"} for line in lines(reader))


def test_an_export_at_a_basis_ends_there(desk: Desk, reader: Reader) -> None:
    first = desk.reports("first")
    desk.reports("second")
    assert last(reader)["report"]["external_id"] == "second"
    assert lines(reader, position=first.position)[-1]["report"]["external_id"] == "first"


def test_a_record_time_is_exact(desk: Desk, reader: Reader) -> None:
    desk.reports("order", at="2019-04-04T16:25:00.000001Z")
    assert last(reader)["recorded_at"] == "2019-04-04T16:25:00.000001Z"


def test_a_day_that_an_archive_knew_stays_a_day(house: House) -> None:
    house.clock.reads("2026-01-01T00:00:00Z")
    told = [
        {
            "story": {"id": "old", "title": "Old", "time_zone": "Africa/Tripoli"},
            "recorded_at": "2019-04-04",
        },
        {"actor": {"id": "un", "name": "UN"}, "recorded_at": "2019-04-05T18:00:00Z"},
    ]
    house.imports(told)
    found = lines(house.reader("old"))
    assert [line["recorded_at"] for line in found] == ["2019-04-04", "2019-04-05T18:00:00Z"]


def test_a_development_is_named_by_its_external_id_also_in_links(
    desk: Desk, reader: Reader
) -> None:
    desk.reports("threat")
    desk.reports("strike", relates_to=[{"development": "threat", "relation": "carries_out"}])
    report = last(reader)["report"]
    assert report["external_id"] == "strike"
    assert report["relates_to"] == [{"development": "threat", "relation": "carries_out"}]


def test_a_development_without_an_external_id_is_named_by_its_id(
    desk: Desk, reader: Reader
) -> None:
    development = desk.reports().development
    assert development is not None
    assert last(reader)["report"]["id"] == development.id
    desk.updates(development.id, body="More.")
    assert last(reader)["update"] == {"id": development.id, "changes": {"body": "More."}}
    desk.reports("b", relates_to=[{"development": development.id, "relation": "follows"}])
    assert last(reader)["report"]["relates_to"][0]["development"] == development.id


def test_a_correction_says_what_changed_and_why(desk: Desk, reader: Reader) -> None:
    desk.reports("toll", body="Twelve.", details={"notes": {"view": "grave", "tone": "calm"}})
    desk.corrects("toll", notice="It was ten.", body=None, details={"notes": {"tone": None}})
    assert last(reader)["correct"] == {
        "external_id": "toll",
        "changes": {
            "body": None,
            "details": {"notes": {"tone": None}},
            "verification": "reported",
        },
        "reason": "source",
        "notice": "It was ten.",
    }


def test_what_is_for_auditors_goes_out_only_when_asked_for(desk: Desk, reader: Reader) -> None:
    desk.reports("rumour")
    note, audit = decisions.said({"notice": "Wrong.", "reason_note": "A. was drunk."})
    decide = decisions.withdraw(
        "tripoli", "rumour", desk.acting, base=None, reason="source", note=note, audit=audit
    )
    desk.does(decide)
    public = {"external_id": "rumour", "reason": "source", "notice": "Wrong."}
    assert last(reader)["withdraw"] == public
    told = lines(reader, audit=True)[-1]["withdraw"]
    assert told == {**public, "reason_note": "A. was drunk."}


def test_hidden_text_does_not_go_out_at_any_basis(desk: Desk, reader: Reader) -> None:
    desk.reports("secret", headline="A name", body="An address", occurred="2019-04-03")
    first = reader.basis().position
    desk.corrects("secret", headline="Another name", occurred="2019-04-02")
    desk.withdraws("secret", hide_text=True)
    for asked in ({}, {"position": first}):
        text = json.dumps(lines(reader, **asked))
        assert "name" not in text.replace('"name"', "")
        assert "address" not in text
    report, correction, withdrawal = lines(reader)[-3:]
    assert report["report"]["headline"] == "Hidden text"
    assert correction["correct"]["changes"]["headline"] == "Hidden text, version 2"
    assert correction["correct"]["changes"]["occurred"] == "2019-04-02"
    assert withdrawal["withdraw"]["hide_text"] is True


def test_a_hidden_kind_that_cannot_be_said_without_its_details_is_left_out(
    desk: Desk, reader: Reader
) -> None:
    desk.reports("road", kind="closure", places="gharyan")
    desk.withdraws("road", hide_text=True)
    assert "kind" not in lines(reader)[-2]["report"]


def test_a_thread_named_after_its_development_is_spelled_out_where_others_mean_it(
    desk: Desk, reader: Reader
) -> None:
    development = desk.reports(
        "threat", kind="threat.made", actors="by:lna against:gna"
    ).development
    assert development is not None
    own_name = f"d-{development.id[-12:]}"
    assert "details" not in last(reader)["report"]
    desk.reports(
        "answer", kind="threat.withdrawn", actors="by:lna", details={"threat": {"threat": own_name}}
    )
    assert lines(reader)[-2]["report"]["details"] == {"threat": {"threat": own_name}}


JSON = st.recursive(
    st.integers() | st.text(max_size=3) | st.booleans() | st.lists(st.integers(), max_size=2),
    lambda inner: st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=2), JSON, max_size=4)


@given(was=OBJECTS, is_=OBJECTS)
def test_a_patch_turns_what_was_into_what_is(was: dict[str, Any], is_: dict[str, Any]) -> None:
    assert merge_patch(was, patch(was, is_)) == is_
