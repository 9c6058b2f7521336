"""check, rebuild, backup, restore as an operator types them."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Onrecord


def tamper(database: Path, statement: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute(statement).rowcount
        connection.commit()


@pytest.mark.usefixtures("tripoli")
def test_a_sound_record_is_told_to_be_so(onrecord: Onrecord) -> None:
    done = onrecord("check")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.startswith("Looked at 173 acts, 1 stories, ")
    assert done.stderr.endswith("all is as the acts say.\n")


def test_a_fault_is_told_with_its_story_table_and_row(onrecord: Onrecord, tripoli: Path) -> None:
    tamper(tripoli, "UPDATE version SET status = 'erased' WHERE known_from = 100")
    done = onrecord("check")
    assert done.exit_code == 1
    assert done.stdout == (
        "tripoli-2019: version (development 100, known_from 100): "
        "status is 'erased' and should be 'standing'.\n"
    )
    assert "1 faults" in done.stderr
    [fault] = [json.loads(line) for line in onrecord("check", "--json").stdout.splitlines()]
    assert (fault["story"], fault["table"]) == ("tripoli-2019", "version")
    assert onrecord("check", "--story", "tripoli-2019").exit_code == 1
    assert onrecord("check", "--story", "nowhere").stderr == "There is no story 'nowhere'.\n"


def test_what_a_killed_rebuild_left_is_a_fault_until_the_next(
    onrecord: Onrecord, tripoli: Path
) -> None:
    with closing(sqlite3.connect(tripoli)) as connection:
        connection.execute("CREATE TABLE replaced_version (number INTEGER PRIMARY KEY)")
    done = onrecord("check")
    assert (done.exit_code, done.stdout) == (
        1,
        "the record: replaced_version (all of it): A rebuild that was killed left it, with words"
        " that may have been hidden since. The next rebuild takes it away.\n",
    )
    assert onrecord("check", "--story", "tripoli-2019").exit_code == 0
    assert onrecord("rebuild").exit_code == 0
    assert onrecord("check").exit_code == 0


def test_rebuild_makes_sound_what_check_found(onrecord: Onrecord, tripoli: Path) -> None:
    tamper(tripoli, "DELETE FROM assignment")
    assert onrecord("check").exit_code == 1
    done = onrecord("rebuild")
    assert (done.exit_code, done.stderr) == (0, "Made the read model anew from 173 acts.\n")
    assert onrecord("check").exit_code == 0


def test_a_copy_is_made_and_put_back(onrecord: Onrecord, tripoli: Path) -> None:
    before = onrecord("situation", "tripoli-2019").stdout
    done = onrecord("backup", "copy.db")
    assert done.exit_code == 0
    assert "without the secret key" in done.stderr
    assert onrecord("backup", "copy.db").exit_code == 1
    assert onrecord("backup", "copy.db", "--force").exit_code == 0
    tripoli.unlink()
    assert onrecord("restore", "copy.db").exit_code == 0
    assert onrecord("situation", "tripoli-2019").stdout == before
    again = onrecord("restore", "copy.db")
    assert again.exit_code == 1
    assert "holds 173 acts, which a restore would lose" in again.stderr
    assert onrecord("restore", "copy.db", "--force").exit_code == 0


def test_a_program_is_told_the_figures(onrecord: Onrecord, tripoli: Path) -> None:
    told = {}
    for words in (["rebuild"], ["backup", "copy.db"], ["restore", "copy.db", "--force"]):
        done = onrecord(*words, "--json")
        assert (done.exit_code, done.stderr) == (0, "")
        told[words[0]] = json.loads(done.stdout)
    assert told == {
        "rebuild": {"acts": 173},
        "backup": {"file": "copy.db", "bytes": Path("copy.db").stat().st_size},
        "restore": {"file": "copy.db", "database": str(tripoli)},
    }


def test_what_is_no_copy_is_not_restored(onrecord: Onrecord, environment: Path) -> None:
    Path("diary.txt").write_text("Dear diary, " * 100)
    for file in ("diary.txt", "missing.db"):
        done = onrecord("restore", file)
        assert done.exit_code == 1
        assert file in done.stderr
    assert not environment.exists()


def test_a_record_on_postgresql_is_copied_by_its_own_tools(
    onrecord: Onrecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONRECORD_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    done = onrecord("restore", "copy.db")
    assert done.exit_code == 1
    assert "pg_dump" in done.stderr
