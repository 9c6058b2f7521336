"""situation, timeline, history, changes: the lesson cases at a terminal, on the basis of HTTP."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.app import create_app
from service.assembly import assemble
from service.settings import Settings
from tests.builders import House
from tests.cli.conftest import SEEDS, Onrecord

pytestmark = pytest.mark.usefixtures("tripoli")

COUNCIL = "scheduled:unsc-5-april:state"


def said(onrecord: Onrecord, *words: str) -> str:
    done = onrecord(*words)
    assert done.exit_code == 0, done.output
    return str(done.stdout)


def document(onrecord: Onrecord, *words: str) -> Any:
    return json.loads(said(onrecord, *words, "--json"))


def refused(onrecord: Onrecord, *words: str) -> str:
    done = onrecord(*words)
    assert (done.exit_code, done.stdout) == (1, "")
    return str(done.stderr)


# --- the lesson cases ----------------------------------------------------------------------


def test_on_5_april_the_council_had_met_in_hindsight_and_was_to_meet_as_told(
    onrecord: Onrecord,
) -> None:
    slot = ("situation", "tripoli-2019", "--slot", COUNCIL)
    hindsight = said(onrecord, *slot, "--as-of", "2019-04-05").splitlines()
    assert "with all we know now" in hindsight[0]
    assert "  held  " in hindsight[3]
    told = said(onrecord, *slot, "--known-at", "2019-04-05").splitlines()
    assert "as it was known and said then" in told[0]
    assert "  planned  " in told[3]


def test_gharyan_fell_on_the_3rd_and_was_first_heard_of_on_the_5th(onrecord: Onrecord) -> None:
    words = ("timeline", "tripoli-2019", "--place", "gharyan", "--kind", "control.claimed")
    rows = {row["external_id"]: row for row in document(onrecord, *words)["items"]}
    assert rows["gharyan1"]["occurred"] == "2019-04-03"
    assert rows["gharyan1"]["first_recorded_at"].startswith("2019-04-05")
    assert document(onrecord, *words, "--known-at", "2019-04-04")["items"] == []
    assert "gharyan1" in said(onrecord, *words, "--as-of", "2019-04-03")


def test_the_call_of_the_15th_was_disclosed_on_the_19th(onrecord: Onrecord) -> None:
    words = ("timeline", "tripoli-2019", "--actor", "trump")
    assert "disclose" in said(onrecord, *words, "--as-of", "2019-04-15")
    told = onrecord(*words, "--known-at", "2019-04-18")
    assert "There is nothing at this basis." in told.stderr


def test_the_sentence_about_the_alert_before_and_after_its_correction(onrecord: Onrecord) -> None:
    history = said(onrecord, "history", "tripoli-2019", "--act", "DevelopmentCorrected")
    assert "UN troops in Tripoli reported on high alert → Government forces, not" in history
    assert "notice: We reported that UN troops" in history
    situation = ("situation", "tripoli-2019")
    told = document(onrecord, *situation, "--known-at", "2019-04-06")["parties"]
    now = document(onrecord, *situation, "--as-of", "2019-04-06")["parties"]
    assert "un-troops" in {row["actor"] for row in told}
    assert "un-troops" not in {row["actor"] for row in now}


# --- the situation -------------------------------------------------------------------------


def test_the_situation_has_its_basis_on_top_and_its_sections_by_name(onrecord: Onrecord) -> None:
    lines = said(onrecord, "situation", "tripoli-2019").splitlines()
    assert lines[0] == (
        "The situation now: nothing has changed since 20:00 on 19 April 2019 in Tripoli"
    )
    sections = [line for line in lines[1:-1] if line and not line.startswith(" ")]
    assert (
        sections
        == (
            "level parties threats demands scheduled control casualties relations access measures"
            " presence disputed key_events"
        ).split()
    )
    assert lines[-1].startswith("88 developments, 1 corrected, 0 withdrawn; quiet since 2019-04-19")
    text = "\n".join(lines)
    for words in (
        "Libyan National Army                            attacking, fighting",
        "held: Libyan National Army is said to hold it",
        "killed 205, wounded 913, civilians killed 14 until 2019-04-17",
        "posture:lna",
        "Shells fall on the crowded Abu Salim district [disputed]",
    ):
        assert words in text


def test_times_are_those_of_the_storys_zone(onrecord: Onrecord) -> None:
    # 16:25 UTC was 18:25 in Tripoli.
    assert "2019-04-04 18:25  Libyan National Army" in said(onrecord, "situation", "tripoli-2019")


def test_a_story_without_a_scale_has_no_level_and_no_parties(onrecord: Onrecord) -> None:
    file = str(SEEDS / "flood-harlebridge.jsonl")
    words = ("--story", "flood-harlebridge", "--newsroom", "times", "--archive")
    assert onrecord("import", file, *words).exit_code == 0
    found = said(onrecord, "situation", "flood-harlebridge")
    assert "\nlevel\n" not in found
    assert "\nparties\n" not in found
    assert "displaced 260 (250–280)" in found


def test_summary_pins_anomalies_and_an_override_are_shown(
    onrecord: Onrecord, looking: Callable[[], House]
) -> None:
    house = looking()
    house.clock.reads("2026-01-01T00:00:00Z")
    desk = house.desk("times").on("tripoli-2019")
    desk.sums_up("Fighting goes on.", "strike1")
    desk.marks("strike1")
    desk.overrides_level("clashes", "The front has not moved.")
    desk.reports(
        "again",
        kind="scheduled.held",
        occurred="2019-04-20",
        details={"scheduled": {"event": "unsc-5-april"}},
    )
    found = said(onrecord, "situation", "tripoli-2019", "--settled")
    assert "\nsummary\n  - Fighting goes on.\n" in found
    assert "\npinned\n  - Government aircraft hit LNA positions" in found
    assert "  clashes (3 of 5)" in found
    assert "  - An editor set it: The front has not moved.\n" in found


def test_the_readings_are_the_documents_that_http_gives(onrecord: Onrecord, tripoli: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tripoli}")
    house = assemble(settings, init=False)
    client = create_app(settings, house).test_client()
    for name, path in (("situation", "situation"), ("timeline", "developments")):
        for query, words in (
            ("", ()),
            ("?as_of=2019-04-05", ("--as-of", "2019-04-05")),
            ("?known_at=2019-04-05", ("--known-at", "2019-04-05")),
        ):
            answer = client.get(f"/v1/stories/tripoli-2019/{path}{query}").get_json()
            mine = document(onrecord, name, "tripoli-2019", *words)
            answer.pop("next", None)
            mine.pop("next", None)
            assert mine == answer
    house.close()


def test_a_slot_shows_its_course_and_what_is_near_when_there_is_none(onrecord: Onrecord) -> None:
    found = document(onrecord, "situation", "tripoli-2019", "--slot", COUNCIL)
    assert [answer["value"] for answer in found["items"]] == ["held", "planned"]
    near = refused(onrecord, "situation", "tripoli-2019", "--slot", "scheduled:unsc-5-april")
    assert "Nearest: scheduled:unsc-5-april:" in near


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--as-of", "2999"), "as_of: It lies in the future: nobody can say what will be so then."),
        (("--as-of", "2019-04-05T10:00"), "in Africa/Tripoli it is 2019-04-05T10:00+02:00"),
        (("--known-at", "yesterday"), "known_at: "),
        (("--position", "99999"), "position: The record has not come so far yet."),
        (("--known-at", "2019", "--position", "3"), "position: Pins as known_at does"),
    ],
)
def test_moments_are_refused_as_over_http(
    onrecord: Onrecord, words: tuple[str, ...], says: str
) -> None:
    for verb in ("situation", "timeline"):
        assert says in refused(onrecord, verb, "tripoli-2019", *words)


def test_a_story_that_is_not_there_is_refused(onrecord: Onrecord) -> None:
    for verb in ("situation", "timeline", "history", "export"):
        assert refused(onrecord, verb, "nowhere") == "There is no story 'nowhere'.\n"


# --- the timeline --------------------------------------------------------------------------


def test_the_timeline_lists_what_happened_the_latest_first(onrecord: Onrecord) -> None:
    found = said(onrecord, "timeline", "tripoli-2019", "--limit", "3").splitlines()
    assert found[2].split() == ["occurred", "headline", "kind", "status", "name", "recorded"]
    assert len(found) == 6
    assert found[3].startswith("2019-04-18")


def test_a_list_says_when_there_is_more_and_shows_all_when_asked(onrecord: Onrecord) -> None:
    some = onrecord("timeline", "tripoli-2019")
    assert len(some.stdout.splitlines()) == 3 + 50
    assert "There are more developments" in some.stderr
    everything = onrecord("timeline", "tripoli-2019", "--all")
    assert len(everything.stdout.splitlines()) == 3 + 88
    assert everything.stderr == ""


def test_a_kind_that_is_none_suggests_what_was_meant(onrecord: Onrecord) -> None:
    says = refused(onrecord, "timeline", "tripoli-2019", "--kind", "attack_order")
    assert says.startswith("kind: 'attack_order' is no kind.")
    assert "offensive.ordered" in says


def test_a_correction_and_a_tombstone_are_marked(
    onrecord: Onrecord, looking: Callable[[], House]
) -> None:
    looking().desk("times").on("tripoli-2019").withdraws("strike1", at="2026-01-01T00:00:00Z")
    found = said(onrecord, "timeline", "tripoli-2019", "--all")
    assert "reported, corrected" in found
    assert "withdrawn" in found


# --- the audit trail -----------------------------------------------------------------------


def test_history_tells_every_act_in_record_order_and_who_did_it(onrecord: Onrecord) -> None:
    lines = said(onrecord, "history", "tripoli-2019", "--limit", "2").splitlines()
    assert (
        lines[2].split()
        == (
            "1 2019-03-20 20:00 StoryOpened by operator The advance on Tripoli, spring 2019"
        ).split()
    )
    assert lines[3].split()[3] == "ActorIntroduced"
    assert len(document(onrecord, "history", "tripoli-2019", "--all")["items"]) == 173


def test_history_can_be_narrowed(onrecord: Onrecord) -> None:
    words = ("history", "tripoli-2019", "--from", "2019-04-19", "--to", "2019-04-19")
    assert [row["position"] for row in document(onrecord, *words)["items"]] == [172, 173]
    [row] = document(onrecord, *words, "--limit", "1")["items"]
    one = document(onrecord, "history", "tripoli-2019", "--development", row["development"])
    assert {act["development"] for act in one["items"]} == {row["development"]}
    assert document(onrecord, "history", "tripoli-2019", "--by", "tok_x")["items"] == []
    assert "to: " in refused(onrecord, "history", "tripoli-2019", "--to", "soon")
    assert "from: " in refused(onrecord, "history", "tripoli-2019", "--from", "soon")


# --- what changed --------------------------------------------------------------------------


def test_changes_tell_what_was_said_since_and_which_answers_became_others(
    onrecord: Onrecord,
) -> None:
    found = said(onrecord, "changes", "tripoli-2019", "--since", "2019-04-19").splitlines()
    assert len([line for line in found[2:] if not line.startswith("    ")]) == 2
    assert any("uk-draft-resolution:state:russia: rejected." in line for line in found)
    told = document(onrecord, "changes", "tripoli-2019", "--since-position", "171")
    assert [row["position"] for row in told["items"]] == [172, 173]
    assert told["next_since_position"] == 173


def test_changes_up_to_a_moment_and_about_a_moment(onrecord: Onrecord) -> None:
    words = ("changes", "tripoli-2019", "--since", "2019-04-17", "--until", "2019-04-18", "--all")
    times = [row["recorded_at"] for row in document(onrecord, *words)["items"]]
    assert times
    assert all("2019-04-16T22" <= at < "2019-04-18T22" for at in times)
    later = said(onrecord, "changes", "tripoli-2019", "--as-of", "2019-04-05", "--all")
    assert f"{COUNCIL}: held. Before, planned." in later


def test_when_nothing_was_said_since_the_page_is_empty(onrecord: Onrecord) -> None:
    done = onrecord("changes", "tripoli-2019", "--since", "2020")
    assert done.exit_code == 0
    assert "Nothing was said since." in done.stderr
    told = document(onrecord, "changes", "tripoli-2019", "--since-position", "173")
    assert (told["items"], told["next_since_position"]) == ([], 173)
    says = refused(onrecord, "changes", "tripoli-2019", "--since-position", "999")
    assert "The record has not come so far yet." in says
