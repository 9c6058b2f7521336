"""`check` finds whatever is not as the acts say, and names it; of a sound record it finds nothing.

Given a house where a bit of everything has happened; when one row was tampered with behind the
program's back; then the check names the story, the table and the row.
"""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from service import seeds
from service.care import Check, Fault, plain, rebuild
from service.care.check import ON_POSTGRESQL, ON_SQLITE
from service.care.rebuild import TABLES
from service.domain.acts import ACTS
from service.domain.refusals import NotFound
from tests.builders import House

FOREVER = 9223372036854775807


def faults(house: House, *stories: str) -> list[Fault]:
    begin = ON_SQLITE if house.onrecord.settings.on_sqlite else ON_POSTGRESQL
    with house.onrecord.store.apart() as sql:
        return list(Check(sql, stories or None, begin=begin).faults())


def tamper(house: House, *statements: str) -> None:
    """Change a database as somebody would who can write the file: triggers do not stop them."""
    with closing(sqlite3.connect(house.onrecord.settings.database_path)) as database:
        names = [
            row[0]
            for row in database.execute("SELECT name FROM sqlite_master WHERE type='trigger'")
        ]
        for name in names:
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            changed = database.execute(statement).rowcount
            assert changed, f"no row was touched by {statement}"
        database.commit()


def test_the_house_has_seen_every_act_that_there_is(eventful: House) -> None:
    assert {act.name for act in eventful.acts()} == set(ACTS)


def test_a_sound_record_has_no_fault(eventful: House) -> None:
    check = Check(eventful.sql)
    assert list(check.faults()) == []
    assert (check.acts, check.stories) == (eventful.head(), 2)
    tables = eventful.counts()
    assert check.rows == sum(tables[table] for table in TABLES)


@pytest.mark.parametrize("name", seeds.names())
def test_the_stories_that_ship_with_onrecord_have_no_fault(house: House, name: str) -> None:
    house.clock.reads("2026-01-01T00:00:00Z")
    house.imports([json.loads(line) for line in seeds.path(name).read_text().splitlines()])
    assert faults(house) == []


def test_an_empty_record_has_no_fault(house: House) -> None:
    assert faults(house) == []


def test_the_tables_that_are_checked_are_all_there_are() -> None:
    assert set(plain.KEYS) == set(TABLES)


# --- ten ways, on each table ---------------------------------------------------------------

ANY = "rowid = (SELECT max(rowid) FROM {table})"
ROW = {
    "assignment": "(slot, valid_from, occurred_latest, report, known_from) ="
    " (SELECT slot, valid_from, occurred_latest, report, known_from FROM assignment LIMIT 1)",
}

COLUMNS = {
    "story": "number id stream newsroom visibility is_open visibility_changes redactions",
    "chronicle": "position story recorded_at stored_at act development version newsroom by"
    " developments corrected withdrawn quiet_since",
    "cast_member": "story sort id known_from known_to document",
    "version": "development known_from known_to story version valid_from occurred_latest status"
    " verification text facets head",
    "slot": "number story name known_from depth",
    "assignment": "slot valid_from occurred_latest report known_from known_to body",
    "turning_point": "story at known_from known_to development",
    "mark": "story mark development known_from known_to",
}

BENT = {
    "a number": "{column} = -1 - {column}",
    "text": "{column} = {column} || 'x'",
    "bytes": "{column} = CAST({column} || ' ' AS BLOB)",
}

WORDS = (
    *("id", "stream", "newsroom", "visibility", "act", "by", "sort", "status", "verification"),
    *("facets", "name", "mark"),
)
BYTES = ("document", "head", "body")


def bends() -> list[tuple[str, str]]:
    """Every column of every table, each bent by as little as can be."""
    found = []
    for table, columns in COLUMNS.items():
        for column in columns.split():
            way = "bytes" if column in BYTES else "text" if column in WORDS else "a number"
            where = ROW.get(table, ANY).format(table=table)
            bent = BENT[way].format(column=column)
            found.append(
                (table, f"UPDATE {table} SET {bent} WHERE {where} AND {column} IS NOT NULL")
            )
    return found


@pytest.mark.parametrize(("table", "statement"), bends(), ids=lambda said: said[:60])
def test_one_column_of_one_row_bent_is_found(eventful: House, table: str, statement: str) -> None:
    tamper(eventful, statement.replace(ANY.format(table=table), _touchable(table, statement)))
    found = faults(eventful)
    # With its number a slot loses its answers: that is where it shows.
    shows_in = "assignment" if statement.startswith("UPDATE slot SET number") else table
    assert shows_in in {fault.table for fault in found}
    assert all(fault.key and fault.says for fault in found)


def _touchable(table: str, statement: str) -> str:
    """The newest row in which the column says something, so that bending it changes it."""
    column = statement.partition(" SET ")[2].partition(" ")[0]
    return f"rowid = (SELECT max(rowid) FROM {table} WHERE {column} IS NOT NULL)"


def test_every_column_of_every_table_is_bent(eventful: House) -> None:
    for table, columns in COLUMNS.items():
        names = [row["name"] for row in eventful.sql.all(f"PRAGMA table_info({table})")]
        assert names == columns.split()


@pytest.mark.parametrize("table", TABLES)
def test_a_row_taken_away_is_found(eventful: House, table: str) -> None:
    where = ROW.get(table, ANY).format(table=table)
    tamper(eventful, f"DELETE FROM {table} WHERE {where}")
    assert says(eventful, table) == {"The row is missing."}


@pytest.mark.parametrize("table", TABLES)
def test_all_rows_taken_away_is_found(eventful: House, table: str) -> None:
    tamper(eventful, f"DELETE FROM {table}")
    assert {"The row is missing."} <= {f.says for f in faults(eventful) if f.table == table}


@pytest.mark.parametrize("table", TABLES)
def test_a_row_put_in_is_found(eventful: House, table: str) -> None:
    columns = COLUMNS[table].split()
    picked = []
    for column in columns:
        if table == "story" and column == "id":
            picked.append("id || 'x'")
        elif table == "slot" and column == "name":
            picked.append("name || 'x'")
        elif column in ("number", "position") or (column == "known_from" and table != "slot"):
            picked.append(f"{column} + 1000")
        else:
            picked.append(column)
    where = ROW.get(table, ANY).format(table=table)
    tamper(
        eventful,
        f"INSERT INTO {table} ({', '.join(columns)})"
        f" SELECT {', '.join(picked)} FROM {table} WHERE {where}",
    )
    [fault] = [f for f in faults(eventful) if f.table == table]
    assert fault.says in ("The row should not be there.", "The row belongs to no story.")


@pytest.mark.parametrize("table", ["cast_member", "version", "assignment", "turning_point", "mark"])
def test_what_was_ended_made_to_stand_again_is_found(eventful: House, table: str) -> None:
    tamper(eventful, f"UPDATE {table} SET known_to = {FOREVER} WHERE known_to < {FOREVER}")
    found = [fault for fault in faults(eventful) if fault.table == table]
    assert found
    assert all(f"known_to is {FOREVER}" in fault.says for fault in found)


@pytest.mark.parametrize("table", ["cast_member", "version", "assignment", "mark"])
def test_what_stands_made_to_end_is_found(eventful: House, table: str) -> None:
    tamper(eventful, f"UPDATE {table} SET known_to = 1 WHERE known_to = {FOREVER}")
    assert [fault for fault in faults(eventful) if fault.table == table]


@pytest.mark.parametrize("table", ["cast_member", "version", "slot", "turning_point", "mark"])
def test_a_row_given_to_another_story_is_found(eventful: House, table: str) -> None:
    other = eventful.sql.one("SELECT number FROM story WHERE id = 'flood'")["number"]
    where = f"rowid = (SELECT min(rowid) FROM {table})"
    tamper(eventful, f"UPDATE {table} SET story = {other} WHERE {where}")
    found = [fault for fault in faults(eventful) if fault.table == table]
    assert {fault.story for fault in found} == {"tripoli", "flood"}


def test_hidden_text_that_was_put_back_is_found(eventful: House) -> None:
    tamper(eventful, "UPDATE version SET text = known_from WHERE text IS NULL")
    found = faults(eventful)
    assert {fault.table for fault in found} == {"version"}
    assert all(fault.says.endswith("should be None.") for fault in found)


def test_a_number_stored_as_text_is_found(eventful: House) -> None:
    tamper(eventful, "UPDATE version SET facets = CAST(facets AS BLOB)")
    assert {fault.table for fault in faults(eventful)} == {"version"}


# --- the record itself ---------------------------------------------------------------------


def says(house: House, table: str) -> set[str]:
    return {fault.says for fault in faults(house) if fault.table == table}


def test_an_envelope_that_was_rewritten_breaks_the_chain(eventful: House) -> None:
    tamper(
        eventful,
        'UPDATE stored_events SET state = CAST(replace(state, \'"by":"tok_desk"\','
        ' \'"by":"tok_else"\') AS BLOB) WHERE "rowid" = 5',
    )
    assert "It does not follow the story's act before it: the chain is broken here." in says(
        eventful, "stored_events"
    )


def test_an_envelope_with_a_space_in_it_is_found(eventful: House) -> None:
    tamper(
        eventful,
        "UPDATE stored_events SET state = CAST(replace(state, ':', ': ') AS BLOB)"
        ' WHERE "rowid" = (SELECT max("rowid") FROM stored_events)',
    )
    assert "The envelope is not in its canonical form." in says(eventful, "stored_events")


def test_an_act_taken_out_of_the_middle_is_found(eventful: House) -> None:
    tamper(eventful, 'DELETE FROM stored_events WHERE "rowid" = 9')
    found = says(eventful, "stored_events")
    assert "The act before it is number 8: one is missing between them." in found


def test_the_newest_act_taken_away_is_found(eventful: House) -> None:
    tamper(
        eventful,
        'DELETE FROM stored_events WHERE "rowid" = (SELECT max("rowid") FROM stored_events)',
    )
    assert "The row should not be there." in says(eventful, "version")


def test_an_act_moved_to_another_stream_is_found(eventful: House) -> None:
    tamper(
        eventful,
        f"UPDATE stored_events SET originator_id = '{'ab' * 16}'"
        ' WHERE "rowid" = (SELECT max("rowid") FROM stored_events)',
    )
    assert any("another stream" in said for said in says(eventful, "stored_events"))


def test_an_act_under_another_name_is_found(eventful: House) -> None:
    tamper(eventful, "UPDATE stored_events SET topic = 'StoryClosed' WHERE topic = 'StoryReopened'")
    assert any("lies as 'StoryClosed'" in said for said in says(eventful, "stored_events"))


def test_an_envelope_that_is_no_json_is_found_and_stops_nothing(eventful: House) -> None:
    tamper(eventful, "UPDATE stored_events SET state = x'ff00' WHERE \"rowid\" = 7")
    assert "The envelope cannot be read." in says(eventful, "stored_events")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE content SET document = CAST(replace(document, 'Two', 'Ten') AS BLOB)"
            " WHERE CAST(document AS TEXT) LIKE '%Two aircraft%'",
            "The content's body is not what was recorded.",
        ),
        (
            "UPDATE content SET note = CAST('{}' AS BLOB)"
            " WHERE CAST(note AS TEXT) LIKE '%wrong throughout%'",
            "The content's note.notice is not what was recorded.",
        ),
        (
            'UPDATE content SET audit = CAST(\'{"reason_note":"forged"}\' AS BLOB)'
            " WHERE position = 12",
            "The content's audit.reason_note is not what was recorded.",
        ),
        (
            "UPDATE content SET salt = 'ff' WHERE position = 12",
            "The content's headline is not what was recorded.",
        ),
        ("UPDATE content SET salt = 'no hex' WHERE position = 12", "The content cannot be read."),
        (
            "UPDATE content SET document = CAST('[1]' AS BLOB) WHERE position = 12",
            "The content cannot be read.",
        ),
        ("DELETE FROM content WHERE position = 12", "The content is gone."),
    ],
)
def test_content_that_is_not_what_was_recorded_is_found(
    eventful: House, statement: str, said: str
) -> None:
    tamper(eventful, statement)
    assert said in says(eventful, "content")


# --- some stories --------------------------------------------------------------------------


def test_one_story_can_be_checked_by_itself(eventful: House) -> None:
    tamper(eventful, "UPDATE version SET status = 'erased' WHERE development = 8")
    check = Check(eventful.sql, ["flood"])
    assert list(check.faults()) == []
    assert check.stories == 1
    assert {fault.story for fault in faults(eventful, "tripoli")} == {"tripoli"}


def test_a_story_that_is_not_there_is_refused(eventful: House) -> None:
    with pytest.raises(NotFound):
        faults(eventful, "nowhere")


def test_a_check_tells_how_far_it_is(eventful: House) -> None:
    seen: list[tuple[str, int]] = []
    list(Check(eventful.sql, progress=lambda what, done: seen.append((what, done))).faults())
    assert seen[0] == ("acts", 1)
    assert seen[-1] == ("stories", 2)


def test_a_check_looks_at_one_moment_while_others_write(eventful: House) -> None:
    looking = Check(eventful.sql).faults()
    tick: Callable[[], Fault | None] = lambda: next(looking, None)  # noqa: E731
    writer = eventful.again()
    desk = writer.desk("times").on("tripoli")
    desk.reports("meanwhile")
    assert tick() is None
    writer.close()


# --- and what helps ------------------------------------------------------------------------


def test_a_rebuild_mends_what_a_check_found(eventful: House) -> None:
    tamper(eventful, "DELETE FROM assignment", "UPDATE version SET head = x'7b7d'")
    assert faults(eventful)
    rebuild(eventful.onrecord.store, lambda what, done: None)
    assert faults(eventful) == []
