"""Who may do what: the token, the table, and that nothing is open by forgetting."""

import string
from typing import Any

import pytest
from flask import Flask
from flask.views import MethodView

from service import tokens
from service.api import auth, policy
from service.api.policy import ANYONE, POLICY, Reach, Role
from tests.api.conftest import EXPIRED, REVOKED, TOKENS

PATH = "/v1/things/a/developments"
PINS = "/v1/things/a/pins"
GOOD = {"headline": "A meeting", "occurred": "now", "sources": [{"publisher": "P"}]}


def test_what_is_public_needs_no_token(reader: Any) -> None:
    assert reader("GET", PATH).status_code == 200


@pytest.mark.parametrize("role", ["reporter", "editor", "admin"])
def test_a_desk_writes_as_its_tokens_newsroom(acting: Any, role: str) -> None:
    answer = acting(role)("POST", PATH, json=GOOD)

    assert answer.status_code == 201
    assert answer.json["newsroom"] == "times"
    assert answer.json["by"] == f"t-{role}"


def test_an_auditor_reads_and_writes_nothing(acting: Any) -> None:
    auditor = acting("auditor")

    assert auditor("GET", PINS).status_code == 200
    assert auditor("POST", PATH, json=GOOD).status_code == 403
    assert auditor("PUT", PINS).status_code == 403


def test_who_may_not_is_told_who_may(acting: Any) -> None:
    answer = acting("reporter")("PUT", PINS)

    assert answer.status_code == 403
    assert answer.json["required"] == ["editor", "admin"]


def test_the_gate_is_before_the_body(reader: Any, acting: Any) -> None:
    for who, status in ((reader, 401), (acting("auditor"), 403)):
        answer = who("POST", PATH, data=b"{", headers={"Content-Type": "application/json"})
        assert answer.status_code == status


BAD_HEADERS = {
    "no scheme": TOKENS["editor"],
    "another scheme": f"Basic {TOKENS['editor']}",
    "no token": "Bearer",
    "an empty token": "Bearer ",
    "two tokens": f"Bearer {TOKENS['editor']} {TOKENS['editor']}",
    "a weak token": "Bearer secret",
    "a house's token cut short": f"Bearer {TOKENS['editor'][:-1]}",
    "one character changed": f"Bearer {TOKENS['editor'][:-1]}"
    + ("a" if TOKENS["editor"][-1] != "a" else "b"),
    "another prefix": f"Bearer ghp_{TOKENS['editor'][4:]}",
    "an unknown token": f"Bearer {tokens.make()}",
    "an expired token": f"Bearer {EXPIRED}",
    "a revoked token": f"Bearer {REVOKED}",
    "a very long one": "Bearer " + "x" * 5000,
    "not ASCII": "Bearer ünr_",
}


@pytest.mark.parametrize("header", BAD_HEADERS.values(), ids=BAD_HEADERS.keys())
def test_a_token_that_does_not_work_is_refused_even_where_none_is_needed(
    reader: Any, header: str
) -> None:
    answer = reader("GET", PATH, headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert answer.json["type"] == "/problems/token"
    for said in header.split():
        assert len(said) < 10 or said not in answer.text


def test_the_schemes_name_is_of_any_case(reader: Any) -> None:
    header = {"Authorization": f"bearer {TOKENS['editor']}"}

    assert reader("PUT", PINS, headers=header).status_code == 200


def test_who_cannot_be_read_is_asked_for_a_token(reader: Any) -> None:
    answer = reader("PUT", PINS)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="onrecord"'


def test_a_route_without_a_policy_stops_the_start(app: Flask) -> None:
    bare = Flask("bare", static_folder=None)
    bare.add_url_rule("/open", "open", lambda: "open")

    with pytest.raises(RuntimeError, match="GET /open"):
        auth.insist_on_policies(bare)


def test_one_verb_without_a_policy_stops_the_start_too() -> None:
    class Half(MethodView):
        @auth.allows("read")
        def get(self) -> str:
            return "public"

        def delete(self) -> str:
            return "forgotten"

    bare = Flask("bare", static_folder=None)
    bare.add_url_rule("/half", view_func=Half.as_view("half"))

    with pytest.raises(RuntimeError, match="DELETE /half"):
        auth.insist_on_policies(bare)


def test_a_route_without_a_policy_is_nobodys_even_if_it_got_in(app: Flask) -> None:
    app.add_url_rule("/late", "late", lambda: "late")

    assert app.test_client().get("/late").status_code == 403


def test_an_action_that_the_table_does_not_know_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="erase everything"):
        auth.allows("erase everything")


class TestTheTable:
    def test_anonymous_readers_may_read_only(self) -> None:
        assert all(policy.reach(None, action) is None for action in POLICY)
        assert all(policy.reach(None, action) for action in ANYONE)

    def test_an_unknown_action_is_nobodys(self) -> None:
        assert all(policy.reach(role, "anything else") is None for role in Role)

    def test_a_reporter_changes_what_is_its_own(self) -> None:
        for action in ("update", "clarify", "refile"):
            assert policy.reach(Role.REPORTER, action) is Reach.OWN
            assert policy.reach(Role.EDITOR, action) is Reach.NEWSROOM

    @pytest.mark.parametrize(
        "action", ["correct", "verify", "withdraw", "pin", "write summary", "override level"]
    )
    def test_an_editor_does_what_a_reporter_may_not(self, action: str) -> None:
        assert policy.reach(Role.REPORTER, action) is None
        assert policy.reach(Role.EDITOR, action)
        assert policy.reach(Role.ADMIN, action)

    def test_an_auditor_writes_nothing(self) -> None:
        reads = {action for action in POLICY if policy.reach(Role.AUDITOR, action)}

        assert reads == {"read who did what"}

    def test_an_archive_is_an_admins(self) -> None:
        assert policy.roles_for("import archives") == ("admin",)


class TestReaders:
    def test_a_newsrooms_auditor_sees_who_in_its_own(self) -> None:
        one = auth.Reader(newsroom="times", role=Role.AUDITOR, by="t")

        assert one.sees_who("times")
        assert not one.sees_who("post")

    def test_a_house_auditor_sees_who_everywhere(self) -> None:
        one = auth.Reader(newsroom="times", role=Role.AUDITOR, by="t", house=True)

        assert one.sees_who("post")

    @pytest.mark.parametrize("role", [None, Role.REPORTER, Role.EDITOR])
    def test_others_do_not(self, role: Role | None) -> None:
        assert not auth.Reader(newsroom="times", role=role, by="t").sees_who("times")


class TestTokens:
    def test_a_token_carries_256_bits_and_its_checksum(self) -> None:
        token = tokens.make()

        assert token.startswith("onr_")
        assert len(token) == 53
        assert set(token[4:]) <= set(string.ascii_letters + string.digits)
        assert tokens.well_formed(token)
        assert 62**tokens.SECRET_CHARACTERS >= 2**256 > 62 ** (tokens.SECRET_CHARACTERS - 1)

    def test_no_two_are_alike(self) -> None:
        assert len({tokens.make() for _ in range(1000)}) == 1000

    def test_every_slip_of_one_character_is_noticed(self) -> None:
        token = tokens.make()

        for place in range(len(token)):
            for other in "aB3_":
                slip = token[:place] + other + token[place + 1 :]
                assert slip == token or not tokens.well_formed(slip)

    @pytest.mark.parametrize("text", ["", "onr_", "x" * 53, "onr_" + "é" * 49, "onr_" + " " * 49])
    def test_what_is_no_token(self, text: str) -> None:
        assert not tokens.well_formed(text)

    def test_at_rest_there_is_only_a_digest(self) -> None:
        token = tokens.make()
        row = tokens.TokenRow(id="t", newsroom="n", role="editor", sha256=tokens.digest(token))

        assert tokens.same(tokens.digest(token), row.sha256)
        assert not tokens.same(tokens.digest(tokens.make()), row.sha256)
        assert token not in repr(row)
        assert row.sha256 not in repr(row)

    def test_a_token_works_until_it_expires_or_is_revoked(self) -> None:
        row = tokens.TokenRow(id="t", newsroom="n", role="editor", expires_at=10)
        gone = tokens.TokenRow(id="t", newsroom="n", role="editor", revoked_at=5)

        assert row.works(9)
        assert not row.works(10)
        assert gone.works(4)
        assert not gone.works(5)
