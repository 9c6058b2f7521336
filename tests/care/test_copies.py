"""`backup` and `restore`: a moment of the record in one file, and a record from it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from service.care import Check, backup, restore
from service.settings import SECRET_SUFFIX, Settings, secret_key
from service.store.sqlite import DatabaseProblem
from tests.builders import House


def told(_what: str, _done: int) -> None:
    """Whoever does not look at progress."""


@pytest.fixture
def record(eventful: House) -> Path:
    return eventful.onrecord.settings.database_path


@pytest.fixture
def copy(record: Path, tmp_path: Path) -> Path:
    target = tmp_path / "copies" / "monday.db"
    target.parent.mkdir()
    backup(record, target, force=False, progress=told)
    return target


def opened(path: Path) -> House:
    return House.at(Settings(database_url=f"sqlite:///{path}"), init=False)


def test_a_copy_holds_acts_readings_and_tokens(eventful: House, copy: Path) -> None:
    theirs = opened(copy)
    assert theirs.counts() == eventful.counts()
    assert theirs.envelopes() == eventful.envelopes()
    basis = {"as_of": "2019-04-04T06:00:20Z", "position": 40}
    assert theirs.reader("tripoli").situation(**basis) == eventful.reader("tripoli").situation(
        **basis
    )
    assert list(Check(theirs.sql).faults()) == []
    theirs.close()


def test_a_copy_is_one_file_without_the_secret_key(eventful: House, copy: Path) -> None:
    key = secret_key(eventful.onrecord.settings)
    assert [file.name for file in copy.parent.iterdir()] == ["monday.db"]
    assert not copy.with_name(copy.name + SECRET_SUFFIX).exists()
    assert key.encode() not in copy.read_bytes()


def test_a_copy_can_be_taken_while_a_desk_writes(eventful: House, record: Path) -> None:
    desk = eventful.desk("times").on("tripoli")
    target = record.with_name("copy.db")

    def write(_what: str, _done: int) -> None:
        desk.reports(None, headline="Meanwhile")

    before = eventful.head()
    backup(record, target, force=False, progress=write)
    theirs = opened(target)
    assert theirs.head() == before < eventful.head()
    assert list(Check(theirs.sql).faults()) == []
    theirs.close()


def test_a_copy_overwrites_nothing_unless_told_to(record: Path, copy: Path) -> None:
    copy.write_text("somebody's diary")
    with pytest.raises(DatabaseProblem, match="is there already"):
        backup(record, copy, force=False, progress=told)
    assert copy.read_text() == "somebody's diary"
    assert backup(record, copy, force=True, progress=told) == copy.stat().st_size


def test_a_record_is_never_its_own_copy(record: Path) -> None:
    with pytest.raises(DatabaseProblem, match="is the record itself"):
        backup(record, record, force=True, progress=told)
    with pytest.raises(DatabaseProblem, match="is the record itself"):
        restore(record, record, force=True, progress=told)


@pytest.mark.parametrize("damage", ["missing", "text", "other", "no directory"])
def test_what_cannot_be_copied_leaves_no_file(tmp_path: Path, damage: str) -> None:
    record, target = tmp_path / "record.db", tmp_path / "copies" / "copy.db"
    if damage != "no directory":
        target.parent.mkdir()
    if damage == "text":
        record.write_text("no database at all, but long enough to be looked into" * 20)
    if damage == "other":
        with closing(sqlite3.connect(record)) as other:
            other.execute("CREATE TABLE diary (day TEXT)")
    if damage == "no directory":
        House.at(Settings(database_url=f"sqlite:///{record}")).close()
    with pytest.raises(DatabaseProblem):
        backup(record, target, force=False, progress=told)
    assert not target.parent.exists() or list(target.parent.iterdir()) == []


def test_a_house_is_restored_where_there_was_none(
    eventful: House, copy: Path, tmp_path: Path
) -> None:
    home = tmp_path / "new" / "house.db"
    restore(copy, home, force=False, progress=told)
    house = opened(home)
    assert house.counts() == eventful.counts()
    house.desk("times").on("tripoli").reports("after")
    house.close()


def test_a_house_is_restored_over_one_in_which_nothing_happened(
    eventful: House, copy: Path, tmp_path: Path
) -> None:
    home = tmp_path / "fresh.db"
    House.at(Settings(database_url=f"sqlite:///{home}")).close()
    restore(copy, home, force=False, progress=told)
    house = opened(home)
    assert house.counts() == eventful.counts()
    house.close()


def test_a_house_in_which_something_happened_is_not_overwritten(
    eventful: House, copy: Path, record: Path
) -> None:
    eventful.desk("times").on("tripoli").reports("later")
    head = eventful.head()
    with pytest.raises(DatabaseProblem, match=f"holds {head} acts"):
        restore(copy, record, force=False, progress=told)
    assert eventful.head() == head


def test_a_house_with_nothing_but_a_token_is_not_overwritten(copy: Path, tmp_path: Path) -> None:
    house = House.at(Settings(database_url=f"sqlite:///{tmp_path / 'tokens.db'}"))
    house.onrecord.create_token(newsroom="times", role="editor", name="desk")
    with pytest.raises(DatabaseProblem, match="acts of the house record"):
        restore(copy, house.onrecord.settings.database_path, force=False, progress=told)
    assert len(house.onrecord.all_tokens()) == 1
    house.close()


def test_force_puts_a_house_back_to_where_the_copy_was_taken(
    eventful: House, copy: Path, record: Path
) -> None:
    before = eventful.head()
    eventful.desk("times").on("tripoli").reports("a mistake")
    eventful.close()
    restore(copy, record, force=True, progress=told)
    house = opened(record)
    assert house.head() == before
    assert list(Check(house.sql).faults()) == []
    house.close()


def test_the_database_of_another_program_is_left_alone(copy: Path, tmp_path: Path) -> None:
    diary = tmp_path / "diary.db"
    with closing(sqlite3.connect(diary)) as other:
        other.execute("CREATE TABLE diary (day TEXT)")
    before = diary.read_bytes()
    for force in (False, True):
        with pytest.raises(DatabaseProblem, match="of another program"):
            restore(copy, diary, force=force, progress=told)
    with pytest.raises(DatabaseProblem, match="no copy of a record"):
        restore(diary, tmp_path / "new.db", force=False, progress=told)
    assert diary.read_bytes() == before
    assert not (tmp_path / "new.db").exists()


def test_a_copy_by_a_newer_program_is_refused(copy: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(copy)) as database:
        database.execute("PRAGMA user_version = 999")
    with pytest.raises(DatabaseProblem, match="newer Onrecord"):
        restore(copy, tmp_path / "new.db", force=False, progress=told)


def test_a_damaged_copy_is_refused(copy: Path, tmp_path: Path) -> None:
    content = bytearray(copy.read_bytes())
    content[8192:12288] = b"\xff" * 4096
    copy.write_bytes(content)
    with pytest.raises(DatabaseProblem):
        restore(copy, tmp_path / "new.db", force=False, progress=told)
    assert not (tmp_path / "new.db").exists()


def test_copying_tells_how_far_it_is(record: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, int]] = []
    backup(record, tmp_path / "c.db", force=False, progress=lambda *said: seen.append(said))
    pages = record.stat().st_size // 4096
    assert seen[-1][0] == "pages"
    assert seen[-1][1] >= pages
