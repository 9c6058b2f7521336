"""What becomes of a development over HTTP: each act makes its next version, guarded by the last."""

from typing import Any

import pytest

from tests.api.desks import AtDesk, Body, at_desk

WRONG = "An earlier version said UN troops were on alert; it was the government's."

REVISIONS: dict[str, Body] = {
    "updates": {"changes": {"body": "More."}},
    "corrections": {"changes": {"headline": "Right"}, "notice": WRONG},
    "clarifications": {"changes": {"headline": "Clearer"}},
    "refiles": {"changes": {"headline": "Without the slip"}},
}
ACTS: dict[str, Body] = {
    **REVISIONS,
    "verifications": {"status": "confirmed"},
    "withdrawal": {"notice": "The video is of 2011."},
}
NAMES = {
    "updates": "DevelopmentUpdated",
    "corrections": "DevelopmentCorrected",
    "clarifications": "DevelopmentClarified",
    "refiles": "DevelopmentRefiled",
    "verifications": "DevelopmentVerified",
    "withdrawal": "DevelopmentWithdrawn",
}


@pytest.fixture
def alert(times: AtDesk) -> Body:
    """A development that was reported a moment ago."""
    made = times.reports("alert", kind="alert.raised", actors="by:gna", occurred="2019-04-03")
    times.house.clock.passes(1)
    return made


# --- every act -----------------------------------------------------------------------------


@pytest.mark.parametrize("what", ACTS)
class TestEveryAct:
    def test_it_makes_the_next_version(self, times: AtDesk, alert: Body, what: str) -> None:
        made = times.acts(alert, what, ACTS[what])

        address = f"/v1/stories/tripoli/developments/{alert['id']}/versions/2"
        assert times.last.headers["Location"] == address
        assert times.last.headers["ETag"].startswith(f'"{alert["id"]}.2.')
        assert (made["id"], made["version"], made["act"]) == (alert["id"], 2, NAMES[what])
        assert made["position"] == times.house.head() == alert["position"] + 1
        assert made["recorded_at"] > made["first_recorded_at"] == alert["recorded_at"]

    def test_the_version_before_stays_as_it_was(
        self, times: AtDesk, alert: Body, what: str
    ) -> None:
        times.acts(alert, what, ACTS[what])

        at = f"developments/{alert['id']}?position={alert['position']}"
        then = times.reads(at)

        assert (then["version"], then["headline"]) == (1, alert["headline"])

    def test_if_match_guards_it_too(self, times: AtDesk, alert: Body, what: str) -> None:
        part = f"developments/{alert['id']}/{what}"
        tag = f'"{alert["id"]}.1.0"'

        times.sends("POST", part, ACTS[what], status=201, headers={"If-Match": tag})

    def test_who_names_no_version_is_told_the_latest(
        self, times: AtDesk, alert: Body, what: str
    ) -> None:
        problem = times.acts(alert, what, ACTS[what], based=None, status=428)

        assert problem["type"] == "/problems/precondition-required"
        assert problem["version"] == 1
        assert problem["etag"] == times.last.headers["ETag"] == f'"{alert["id"]}.1.0"'

    def test_who_looked_at_an_older_one_is_told_what_differs(
        self, times: AtDesk, alert: Body, what: str
    ) -> None:
        times.acts(alert, "refiles", {"changes": {"headline": "Mended"}})

        problem = times.acts(alert, what, ACTS[what], based=1, status=412)

        assert problem["type"] == "/problems/precondition-failed"
        assert problem["version"] == 2
        assert problem["etag"] == times.last.headers["ETag"] == f'"{alert["id"]}.2.0"'
        assert problem["differs"] == {"headline": {"was": alert["headline"], "is": "Mended"}}

    def test_a_stale_tag_is_as_stale_as_a_number(
        self, times: AtDesk, alert: Body, what: str
    ) -> None:
        times.acts(alert, "refiles", {"changes": {"headline": "Mended"}})
        stale = {"If-Match": f'"{alert["id"]}.1.0"'}

        part = f"developments/{alert['id']}/{what}"
        times.sends("POST", part, ACTS[what], status=412, headers=stale)
        both = {**ACTS[what], "base_version": 2}
        times.sends("POST", part, both, status=412, headers=stale)

    def test_a_withdrawn_development_stays_withdrawn(
        self, times: AtDesk, alert: Body, what: str
    ) -> None:
        times.acts(alert, "withdrawal", ACTS["withdrawal"])

        problem = times.acts(alert, what, ACTS[what], based=2, status=409)

        assert problem["type"] == "/problems/withdrawn"

    def test_an_unknown_development_is_nothing_here(
        self, times: AtDesk, alert: Body, what: str
    ) -> None:
        for development in ("7c9e6679-7425-40de-944b-e07fc1f90ae7", "alert"):
            body = {**ACTS[what], "base_version": 1}
            times.refused(f"developments/{development}/{what}", body, status=404)

    def test_one_of_another_story_is_not_here(self, times: AtDesk, alert: Body, what: str) -> None:
        times.sends("POST", "/v1/stories", {"id": "flood", "title": "Flood"}, status=201)

        times.on("flood").acts(alert, what, ACTS[what], status=404)

    def test_it_is_nobody_elses_to_change(
        self, anyone: AtDesk, post: AtDesk, alert: Body, what: str
    ) -> None:
        post.acts(alert, what, ACTS[what], status=403)
        at_desk(anyone, "auditor").acts(alert, what, ACTS[what], status=403)
        anyone.acts(alert, what, ACTS[what], status=401)

    def test_unknown_fields_are_refused(self, times: AtDesk, alert: Body, what: str) -> None:
        problem = times.acts(alert, what, {**ACTS[what], "becuase": "A."}, status=422)

        assert "becuase" in problem["errors"]

    def test_a_byline_and_the_reasons_for_auditors_are_kept(
        self, times: AtDesk, alert: Body, what: str
    ) -> None:
        said = {"byline": "B. Editor", "reason_note": "Caller.", "decided_by": "C. Chief"}

        made = times.acts(alert, what, {**ACTS[what], **said})

        assert made["act_byline"] == "B. Editor"
        assert "reason_note" not in made
        assert times.house.acts("tripoli")[-1].audit == {
            "reason_note": "Caller.",
            "decided_by": "C. Chief",
        }


# --- revisions -----------------------------------------------------------------------------


@pytest.mark.parametrize("what", REVISIONS)
class TestRevisions:
    def test_each_named_field_is_replaced_and_null_removes(self, times: AtDesk, what: str) -> None:
        notice = {"notice": WRONG} if what == "corrections" else {}
        made = times.reports("a", body="Old.", places="tripoli gharyan")

        changes = {"body": None, "places": ["gharyan"]}
        changed = times.acts(made, what, {"changes": changes, **notice})

        assert "body" not in changed
        assert changed["places"] == ["gharyan"]
        assert changed["headline"] == made["headline"]

    def test_details_merge(self, times: AtDesk, what: str) -> None:
        notice = {"notice": WRONG} if what == "corrections" else {}
        notes = {"notes": {"level": "3.2 m", "outlook": "rising"}}
        made = times.reports("a", kind="statement", details=notes)

        patch = {"notes": {"outlook": None, "gate": "open"}}
        changed = times.acts(made, what, {"changes": {"details": patch}, **notice})

        assert changed["details"] == {"notes": {"level": "3.2 m", "gate": "open"}}

    @pytest.mark.parametrize("same", [True, False])
    def test_something_changes(self, times: AtDesk, alert: Body, what: str, same: bool) -> None:
        notice = {"notice": WRONG} if what == "corrections" else {}
        changes = {"headline": alert["headline"]} if same else {}

        problem = times.acts(alert, what, {"changes": changes, **notice}, status=422)

        assert "changes" in problem["errors"]

    def test_what_a_development_cannot_be_without_stays(
        self, times: AtDesk, alert: Body, what: str
    ) -> None:
        notice = {"notice": WRONG} if what == "corrections" else {}
        for name in ("headline", "occurred", "sources"):
            body = {"changes": {name: None}, **notice}
            problem = times.acts(alert, what, body, status=422)
            assert f"changes.{name}" in problem["errors"]

    def test_faults_are_named_below_changes(self, times: AtDesk, alert: Body, what: str) -> None:
        notice = {"notice": WRONG} if what == "corrections" else {}
        changes = {"actors": [{"actor": "gnaa", "role": "by"}], "kind": "attack_order"}

        problem = times.acts(alert, what, {"changes": changes, **notice}, status=422)

        assert set(problem["errors"]) == {"changes.actors.0.actor", "changes.kind"}
        assert problem["suggestions"]["changes.actors.0.actor"][0] == "gna"
        assert problem["suggestions"]["changes.kind"][0] == "offensive.ordered"

    def test_newcomers_come_with_it(self, times: AtDesk, alert: Body, what: str) -> None:
        notice = {"notice": WRONG} if what == "corrections" else {}
        actors = [{"actor": "misrata", "role": "by", "name": "Misrata forces"}]

        changed = times.acts(alert, what, {"changes": {"actors": actors}, **notice})

        assert changed["actors"] == [{"actor": "misrata", "role": "by"}]
        assert times.reads("actors/misrata")["name"] == "Misrata forces"

    def test_the_id_given_by_the_newsroom_is_given_once(
        self, times: AtDesk, alert: Body, what: str
    ) -> None:
        notice = {"notice": WRONG} if what == "corrections" else {}
        for changes in ({"external_id": "other"}, {"key": True}):
            times.acts(alert, what, {"changes": changes, **notice}, status=422)


@pytest.mark.parametrize("what", ["updates", "clarifications", "refiles"])
class TestWhatLeavesTheWorldAsItIs:
    def test_the_time_does_not_move(self, times: AtDesk, alert: Body, what: str) -> None:
        body = {"changes": {"occurred": "2019-04-02"}}

        assert "changes.occurred" in times.acts(alert, what, body, status=422)["errors"]

    def test_the_status_stays(self, times: AtDesk, alert: Body, what: str) -> None:
        times.acts(alert, "verifications", {"status": "confirmed"})

        assert times.acts(alert, what, ACTS[what], based=2)["verification"] == "confirmed"

    def test_it_names_no_status(self, times: AtDesk, alert: Body, what: str) -> None:
        body = {"changes": {"verification": "confirmed", "headline": "A"}}

        assert times.acts(alert, what, body, status=422)["errors"]

    def test_reporters_revise_what_they_reported_themselves(
        self, anyone: AtDesk, alert: Body, what: str
    ) -> None:
        reporter, other = (at_desk(anyone, "reporter") for _ in range(2))
        own = reporter.reports("own")

        other.acts(own, what, ACTS[what], status=403)
        reporter.acts(alert, what, ACTS[what], status=403)
        reporter.acts(own, what, ACTS[what])


# --- corrections ---------------------------------------------------------------------------


def test_a_correction_says_what_was_wrong_and_counts(times: AtDesk, alert: Body) -> None:
    body = {**ACTS["corrections"], "reason": "source", "found_by": "a reader"}

    made = times.acts(alert, "corrections", body)

    assert (made["corrected"], made["notice"], made["reason"], made["found_by"]) == (
        1,
        WRONG,
        "source",
        "a reader",
    )
    assert times.reads()["counts"]["corrected"] == 1


def test_a_correction_needs_its_notice(times: AtDesk, alert: Body) -> None:
    problem = times.acts(alert, "corrections", {"changes": {"headline": "Right"}}, status=422)

    assert problem["errors"] == {"notice": ["Required."]}


def test_a_correction_may_move_the_time_and_enters_with_its_own_status(
    times: AtDesk, alert: Body
) -> None:
    times.acts(alert, "verifications", {"status": "confirmed"})
    changes = {"occurred": "2019-04-02", "verification": "claimed"}

    made = times.acts(alert, "corrections", {"changes": changes, "notice": WRONG}, based=2)

    assert (made["occurred"], made["verification"]) == ("2019-04-02", "claimed")


def test_a_correction_that_names_no_status_enters_as_reported(times: AtDesk, alert: Body) -> None:
    times.acts(alert, "verifications", {"status": "confirmed"})

    made = times.acts(alert, "corrections", ACTS["corrections"], based=2)

    assert made["verification"] == "reported"


@pytest.mark.parametrize("what", ["corrections", "verifications", "withdrawal"])
def test_reporters_judge_nothing(anyone: AtDesk, alert: Body, what: str) -> None:
    reporter = at_desk(anyone, "reporter")
    own = reporter.reports("own")

    problem = reporter.acts(own, what, ACTS[what], status=403)

    assert problem["required"] == ["editor", "admin"]


# --- verifications -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "status", ["corroborated", "confirmed", "disputed", "refuted", "undeterminable"]
)
def test_a_verification_moves_the_status_and_no_word(
    times: AtDesk, alert: Body, status: str
) -> None:
    body = {"status": status, "reason": "A reporter saw it.", "sources": [{"label": "our own"}]}

    made = times.acts(alert, "verifications", body)

    assert (made["verification"], made["headline"]) == (status, alert["headline"])
    assert (made["reason"], made["evidence"]) == ("A reporter saw it.", [{"label": "our own"}])


def test_what_is_refuted_assigns_nothing(times: AtDesk, alert: Body) -> None:
    assert times.reads("situation")["parties"][0]["alert"] == "raised"

    times.acts(alert, "verifications", {"status": "refuted"})

    assert times.reads("situation")["parties"] == []


@pytest.mark.parametrize(("status", "version"), [("claimed", 1), ("true", 1), ("confirmed", 2)])
def test_a_verification_is_one_of_five_of_a_version_that_is(
    times: AtDesk, alert: Body, status: str, version: int
) -> None:
    times.acts(alert, "verifications", {"status": status, "version": version}, status=422)


def test_a_judgement_on_an_older_text_says_nothing_of_the_new_one(
    times: AtDesk, alert: Body
) -> None:
    times.acts(alert, "corrections", ACTS["corrections"])

    made = times.acts(alert, "verifications", {"status": "refuted", "version": 1}, based=2)

    assert made["verification"] == "reported"


# --- withdrawal ----------------------------------------------------------------------------


def test_a_withdrawal_leaves_a_tombstone_with_the_notice(times: AtDesk, alert: Body) -> None:
    made = times.acts(alert, "withdrawal", {"notice": "The video is of 2011.", "reason": "source"})

    assert made["status"] == "withdrawn"
    assert (made["notice"], made["reason"]) == ("The video is of 2011.", "source")
    assert made["headline"] == alert["headline"]
    assert "sources" not in made
    then = times.reads(f"developments/{alert['id']}?position={alert['position']}")
    assert then["sources"] == alert["sources"]


def test_its_text_can_be_hidden_at_every_basis(times: AtDesk, alert: Body) -> None:
    body = {"notice": "It named a victim.", "reason": "legal", "hide_text": True}

    made = times.acts(alert, "withdrawal", body)

    assert times.last.headers["ETag"] == f'"{alert["id"]}.2.1"'
    assert "headline" not in made
    then = times.reads(f"developments/{alert['id']}?position={alert['position']}")
    assert "headline" not in then


def test_a_withdrawal_says_why(times: AtDesk, alert: Body) -> None:
    assert "notice" in times.acts(alert, "withdrawal", {}, status=422)["errors"]


# --- two desks at once ---------------------------------------------------------------------


def test_of_two_who_looked_at_one_version_the_second_learns_what_the_first_did(
    times: AtDesk, anyone: AtDesk, alert: Body
) -> None:
    second = at_desk(anyone, "editor")
    first: Any = times.acts(alert, "updates", {"changes": {"body": "From the first."}})

    problem = second.acts(alert, "updates", {"changes": {"body": "From the second."}}, status=412)
    assert problem["differs"] == {"body": {"was": None, "is": "From the first."}}

    both = "From the first. From the second."
    again = second.acts(alert, "updates", {"changes": {"body": both}}, based=problem["version"])
    assert again["version"] == first["version"] + 1
