"""The database itself refuses to rewrite what is on the record; only content can be deleted."""

import json

import pytest

from service.domain.acts import DevelopmentCorrected, DevelopmentReported
from tests.builders import Desk, House
from tests.houses import StoreKind

REWRITING = {
    "an envelope's bytes": "UPDATE stored_events SET state = 'x' WHERE \"rowid\" = 1",
    "an act's position": 'UPDATE stored_events SET "rowid" = 900 WHERE "rowid" = 1',
    "an act's stream": 'UPDATE stored_events SET originator_version = 9 WHERE "rowid" = 1',
    "an act's topic": "UPDATE stored_events SET topic = 'StoryClosed'",
    "content's words": "UPDATE content SET document = '{}' WHERE position = 1",
    "content's salt": "UPDATE content SET salt = '00' WHERE position = 1",
    "a house act": "UPDATE house_acts SET newsroom = 'other'",
}

DELETING = {
    "an envelope": 'DELETE FROM stored_events WHERE "rowid" = 1',
    "every envelope": "DELETE FROM stored_events",
    "a house act": "DELETE FROM house_acts",
}

_COLUMNS = '(originator_id, originator_version, topic, state, "rowid")'
REPLACING = {
    "an envelope at its position": (
        f"INSERT INTO stored_events {_COLUMNS} SELECT 'fresh', 1, topic, state, 1"
        ' FROM stored_events WHERE "rowid" = 1'
        ' ON CONFLICT ("rowid") DO UPDATE SET topic = excluded.topic'
    ),
    "an envelope in its stream": (
        f"INSERT INTO stored_events {_COLUMNS}"
        " SELECT originator_id, originator_version, 'Forged', state, 900"
        ' FROM stored_events WHERE "rowid" = 1'
        " ON CONFLICT (originator_id, originator_version)"
        " DO UPDATE SET topic = excluded.topic"
    ),
    "content": (
        "INSERT INTO content SELECT position, document, note, audit, '00' FROM content"
        " WHERE position = 1 ON CONFLICT (position) DO UPDATE SET salt = excluded.salt"
    ),
}


def everything(house: House) -> list[tuple[object, ...]]:
    rows = house.sql.all("SELECT * FROM acts")
    return [tuple(row) for row in rows]


@pytest.fixture
def full(house: House, desk: Desk) -> House:
    house.onrecord.create_token(newsroom="times", role="editor", name="desk")
    return house


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(statement, id=f"{verb} {name}")
        for verb, statements in (
            ("updating", REWRITING),
            ("deleting", DELETING),
            ("replacing", REPLACING),
        )
        for name, statement in statements.items()
    ],
)
def test_the_database_refuses(full: House, store_kind: StoreKind, statement: str) -> None:
    before, house_acts = everything(full), full.counts()["house_acts"]
    with pytest.raises(store_kind.refusals), full.onrecord.store.writing() as sql:
        sql.run(statement)
    assert everything(full) == before
    assert full.counts()["house_acts"] == house_acts == 1


def test_the_refusal_says_why(full: House, store_kind: StoreKind) -> None:
    with (
        pytest.raises(store_kind.refusals, match="append-only"),
        full.onrecord.store.writing() as sql,
    ):
        sql.run("DELETE FROM stored_events")


def test_content_can_be_deleted_and_its_envelope_still_loads(house: House, desk: Desk) -> None:
    written = desk.reports("order", headline="The order is given", body="March.")
    envelopes = house.envelopes()

    with house.onrecord.store.writing() as sql:
        sql.run("DELETE FROM content WHERE position = ?", (written.position,))

    act = house.acts()[-1]
    assert isinstance(act, DevelopmentReported)
    assert act.document is None
    assert (act.note, act.audit) == ({}, {})
    assert act.stamp.position == written.position
    assert act.verification == "reported"
    assert house.envelopes() == envelopes
    assert "headline" in json.loads(envelopes[-1][1])["digests"]


def test_deleting_one_acts_content_leaves_the_others(house: House, desk: Desk) -> None:
    first = desk.reports("order", headline="The order is given")
    desk.corrects("order", headline="The order was given", notice="It was given before.")

    with house.onrecord.store.writing() as sql:
        sql.run("DELETE FROM content WHERE position = ?", (first.position,))

    correction = house.acts()[-1]
    assert isinstance(correction, DevelopmentCorrected)
    assert correction.document is not None
    assert correction.document["headline"] == "The order was given"
    assert correction.note["notice"] == "It was given before."


def test_readers_cannot_write(house: House, desk: Desk) -> None:
    before = house.counts()
    with pytest.raises(Exception, match=r"(?i)read.?only"):
        house.sql.run("DELETE FROM content")
    assert house.counts() == before
