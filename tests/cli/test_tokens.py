"""token: made once and shown once, listed without its secret, revoked."""

import json
from pathlib import Path

import pytest

from service import tokens
from tests.cli.conftest import Onrecord

pytestmark = pytest.mark.usefixtures("empty")

CREATE = ("token", "create", "--newsroom", "times", "--role", "editor", "--name", "night desk")


def listed(onrecord: Onrecord) -> list[dict[str, object]]:
    return [json.loads(line) for line in onrecord("token", "list", "--json").stdout.splitlines()]


def test_a_token_is_printed_once_alone_on_stdout(onrecord: Onrecord, empty: Path) -> None:
    done = onrecord(*CREATE)
    token = done.stdout.removesuffix("\n")
    assert tokens.well_formed(token)
    assert "not shown again" in done.stderr
    assert token.encode() not in empty.read_bytes()
    assert token not in onrecord("token", "list", "--json").stdout


def test_tokens_are_listed_the_oldest_first(onrecord: Onrecord) -> None:
    onrecord(*CREATE)
    onrecord(*CREATE[:-1], "day desk", "--story", "tripoli-2019")
    assert [(row["name"], row["state"], row["story"]) for row in listed(onrecord)] == [
        ("night desk", "works", None),
        ("day desk", "works", "tripoli-2019"),
    ]
    heads, first, second = onrecord("token", "list").stdout.splitlines()
    assert heads.split() == ["id", "newsroom", "role", "state", "created_at", "name"]
    assert first.endswith("night desk")
    assert second.endswith("day desk")


def test_a_revoked_token_stays_listed_as_revoked(onrecord: Onrecord) -> None:
    onrecord(*CREATE)
    [row] = listed(onrecord)
    assert onrecord("token", "revoke", str(row["id"])).exit_code == 0
    [row] = listed(onrecord)
    assert row["state"] == "revoked"
    assert row["revoked_at"]
    again = onrecord("token", "revoke", str(row["id"]))
    assert (again.exit_code, again.stderr) == (1, f"No token stands under '{row['id']}'.\n")


def test_a_token_can_be_made_to_expire(onrecord: Onrecord) -> None:
    assert onrecord(*CREATE, "--expires", "2999-12-31").exit_code == 0
    assert listed(onrecord)[0]["expires_at"] == "2999-12-31T23:59:59.999999Z"


def test_only_an_auditor_reads_the_whole_house(onrecord: Onrecord) -> None:
    assert onrecord(*CREATE, "--house").exit_code == 2
    words = ("token", "create", "--newsroom", "times", "--role", "auditor", "--name", "ombud")
    assert onrecord(*words, "--house").exit_code == 0
    assert listed(onrecord)[0]["house"] is True


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--newsroom", "The Times"), "newsroom: 'The Times' is no slug"),
        (("--expires", "2019"), "expires: It lies in the past"),
        (("--expires", "tomorrow"), "expires: "),
        (("--expires", "2999-01-01T10:00"), "in UTC it is 2999-01-01T10:00+00:00"),
    ],
)
def test_a_token_that_cannot_be_is_refused(
    onrecord: Onrecord, words: tuple[str, str], says: str
) -> None:
    done = onrecord(*CREATE, *words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert says in done.stderr
    assert listed(onrecord) == []


def test_with_no_tokens_the_list_says_how_to_make_one(onrecord: Onrecord) -> None:
    done = onrecord("token", "list")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "onrecord token create" in done.stderr
