"""The stories that ship with Onrecord keep the rules of the story file.

They are read as plain JSON, line by line; nothing is stored. What they add up to is tested
where stories are imported.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.cast import NamedActorIn, NamedPlaceIn
from schemas.developments import DevelopmentIn
from schemas.revisions import CorrectionIn, RevisionIn, VerificationIn, WithdrawalIn
from schemas.stories import StoryIn
from service import seeds
from service.domain import times
from service.domain.kinds import KINDS, check_details

Line = dict[str, Any]

SHAPES = {
    "story": StoryIn(),
    "actor": NamedActorIn(),
    "place": NamedPlaceIn(),
    "report": DevelopmentIn(),
    "update": RevisionIn(),
    "clarify": RevisionIn(),
    "refile": RevisionIn(),
    "correct": CorrectionIn(),
    "verify": VerificationIn(),
    "withdraw": WithdrawalIn(),
}
REVISING = ("update", "clarify", "refile", "correct")
ON_DEVELOPMENTS = (*REVISING, "verify", "withdraw")
LONGEST_HEADLINE = 140


def lines(name: str) -> list[Line]:
    text = seeds.path(name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def act(line: Line) -> str:
    (verb,) = line.keys() & SHAPES.keys()
    return str(verb)


def zone(name: str) -> ZoneInfo:
    return ZoneInfo(lines(name)[0]["story"]["time_zone"])


def reports(name: str) -> dict[str, Line]:
    """Each development as first reported, by its external id."""
    return {
        line["report"]["external_id"]: {**line["report"], "recorded_at": line["recorded_at"]}
        for line in lines(name)
        if "report" in line
    }


def acts_on(name: str, external_id: str) -> list[tuple[str, Line]]:
    """What was done to a development after its report: the verb and the whole line, in order."""
    return [
        (act(line), line)
        for line in lines(name)
        if act(line) in ON_DEVELOPMENTS and line[act(line)]["external_id"] == external_id
    ]


def content(line: Line) -> Line:
    """What a line says of a development: the report, the changes, or the judgement."""
    said: Line = line[act(line)]
    changes: Line = said.get("changes", said)
    return changes


def instant(recorded_at: str, place: ZoneInfo) -> times.Instant:
    """Return when a line was recorded; a date stands for 20:00 in the story's zone."""
    if times.is_date(recorded_at):
        twenty_hours = 20 * 3600 * 1_000_000
        return times.lower_bound(recorded_at, place) + twenty_hours
    return times.parse_instant(recorded_at)


def states(name: str) -> Iterator[tuple[str, Line]]:
    """Each content that a development ever has, under its external id, in record order."""
    known: dict[str, Line] = {}
    for line in lines(name):
        verb = act(line)
        if verb == "report":
            known[line[verb]["external_id"]] = line[verb]
        elif verb in REVISING:
            external_id = line[verb]["external_id"]
            known[external_id] = patched(known[external_id], line[verb]["changes"])
        else:
            continue
        yield line[verb]["external_id"], known[line[verb]["external_id"]]


def patched(fields: Line, changes: Mapping[str, Any]) -> Line:
    """Fields with changes: each replaced whole, `details` merged (RFC 7396)."""
    details = merge(fields.get("details", {}), changes.get("details", {}))
    return {**fields, **changes, "details": details}


def merge(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        result.pop(name, None)
        if value is not None:
            result[name] = merge(target.get(name) if isinstance(target, dict) else None, value)
    return result


every_story = pytest.mark.parametrize("name", seeds.names())


# -- what holds for every story --------------------------------------------------------------


def test_the_founding_story_and_one_of_another_sort_ship() -> None:
    assert seeds.names() == ["flood-harlebridge", "tripoli-2019"]


@every_story
def test_each_line_is_one_known_act_and_the_first_opens_the_story(name: str) -> None:
    told = lines(name)
    verbs = [act(line) for line in told]
    assert verbs[0] == "story"
    assert told[0]["story"]["id"] == name
    assert verbs.count("story") == 1
    assert all(line.keys() <= {verb, "recorded_at"} for line, verb in zip(told, verbs, strict=True))


@every_story
def test_each_line_has_the_shape_that_the_door_takes(name: str) -> None:
    for line in lines(name):
        verb = act(line)
        body = dict(line[verb])
        if verb in ON_DEVELOPMENTS:
            body.pop("external_id")
        assert SHAPES[verb].load(body) == body


@every_story
def test_record_time_never_runs_backwards(name: str) -> None:
    recorded = [
        instant(line["recorded_at"], zone(name)) for line in lines(name) if "recorded_at" in line
    ]
    assert recorded == sorted(recorded)
    assert all("recorded_at" in line for line in lines(name) if act(line) not in ("actor", "place"))


@every_story
def test_every_development_is_named_once_and_acted_on_only_afterwards(name: str) -> None:
    known: set[str] = set()
    for line in lines(name):
        verb = act(line)
        if verb == "report":
            assert line[verb]["external_id"] not in known
            known.add(line[verb]["external_id"])
        elif verb in ON_DEVELOPMENTS:
            assert line[verb]["external_id"] in known


@every_story
def test_links_only_look_back(name: str) -> None:
    known: set[str] = set()
    for line in lines(name):
        linked = {link["development"] for link in content(line).get("relates_to", ())}
        assert linked <= known, linked - known
        if "report" in line:
            known.add(line["report"]["external_id"])


@every_story
def test_whoever_and_wherever_is_named_was_introduced_before(name: str) -> None:
    actors: set[str] = set()
    places: set[str] = set()
    for line in lines(name):
        verb = act(line)
        if verb == "actor":
            assert {line[verb][k] for k in ("leads", "part_of") if k in line[verb]} <= actors
            actors.add(line[verb]["id"])
        elif verb == "place":
            assert {line[verb].get("within")} - {None} <= places
            places.add(line[verb]["id"])
        else:
            fields = content(line)
            details = fields.get("details", {})
            control, access = details.get("control", {}), details.get("access", {})
            assert {row["actor"] for row in fields.get("actors", ())} <= actors
            assert {control.get("party")} - {None} <= actors
            assert set(fields.get("places", ())) <= places
            assert {*control.get("places", ()), *access.get("places", ())} <= places


@every_story
def test_nobody_is_introduced_who_plays_no_part(name: str) -> None:
    cast = {line["actor"]["id"]: line["actor"] for line in lines(name) if "actor" in line}
    acting = {row["actor"] for _, fields in states(name) for row in fields.get("actors", ())}
    tied = {actor.get(tie) for actor in cast.values() for tie in ("leads", "part_of")}
    assert cast.keys() - acting - tied == set()


@every_story
def test_every_kind_is_in_the_vocabulary_and_takes_the_details_given(name: str) -> None:
    for external_id, fields in states(name):
        assert fields["kind"] in KINDS, external_id
        assert check_details(fields["kind"], fields, zone(name)) == {}, external_id


@every_story
def test_every_development_has_a_short_headline_and_a_source_that_says_what_it_is(
    name: str,
) -> None:
    for external_id, fields in states(name):
        assert 0 < len(fields["headline"]) <= LONGEST_HEADLINE, external_id
        assert fields["headline"] == fields["headline"].strip()
        assert fields["body"], external_id
        assert fields["sources"], external_id
        assert all(source["publisher"] for source in fields["sources"]), external_id


@every_story
def test_nothing_is_recorded_before_it_happened(name: str) -> None:
    place = zone(name)
    for line in lines(name):
        fields = content(line)
        if "occurred" in fields:
            earliest = times.parse_occurred(fields["occurred"], place).earliest
            assert earliest is not None
            assert earliest <= instant(line["recorded_at"], place), fields["headline"]


@every_story
def test_a_source_is_not_younger_than_the_day_of_the_act_that_names_it(name: str) -> None:
    place = zone(name)
    for line in lines(name):
        for source in content(line).get("sources", ()):
            if "published_at" in source:
                published = times.lower_bound(source["published_at"], place)
                assert published <= instant(line["recorded_at"], place), source


@every_story
def test_only_a_correction_moves_the_time_of_what_happened(name: str) -> None:
    for line in lines(name):
        for verb in ("update", "clarify", "refile"):
            assert "occurred" not in line.get(verb, {}).get("changes", {})


@every_story
def test_the_story_is_left_open(name: str) -> None:
    assert not any("close" in line for line in lines(name))


# -- the founding story ----------------------------------------------------------------------

TRIPOLI = "tripoli-2019"


def test_the_council_was_planned_on_the_4th_and_word_that_it_met_came_after_midnight() -> None:
    planned, held = (reports(TRIPOLI)[external_id] for external_id in ("unsc1", "unsc_held"))
    assert planned["details"]["scheduled"]["event"] == held["details"]["scheduled"]["event"]
    assert (planned["kind"], planned["occurred"]) == ("scheduled.planned", "2019-04-04")
    assert planned["details"]["scheduled"]["starts"] == "2019-04-05"
    assert (held["kind"], held["occurred"]) == ("scheduled.held", "2019-04-05")
    end_of_the_5th = times.upper_bound("2019-04-05", zone(TRIPOLI))
    assert instant(planned["recorded_at"], zone(TRIPOLI)) < end_of_the_5th
    assert instant(held["recorded_at"], zone(TRIPOLI)) > end_of_the_5th


@pytest.mark.parametrize(
    ("external_id", "occurred", "recorded_at"),
    [("gharyan1", "2019-04-03", "2019-04-05"), ("call_trump", "2019-04-15", "2019-04-19")],
)
def test_some_things_were_learned_late(external_id: str, occurred: str, recorded_at: str) -> None:
    report = reports(TRIPOLI)[external_id]
    assert (report["occurred"], report["recorded_at"]) == (occurred, recorded_at)


def test_the_alert_is_reported_as_the_article_has_it_and_then_corrected() -> None:
    report = reports(TRIPOLI)["alert"]
    ((verb, line),) = acts_on(TRIPOLI, "alert")
    assert report["actors"] == [{"actor": "un-troops", "role": "by"}]
    assert verb == "correct"
    assert line["recorded_at"] > report["recorded_at"]
    assert line["correct"]["reason"] == "source"
    assert line["correct"]["notice"]
    changes = line["correct"]["changes"]
    assert changes["occurred"] == "2019-04-03"
    assert {"actor": "gna", "role": "by"} in changes["actors"]


def test_the_threat_rests_on_the_article_alone_and_links_to_no_address() -> None:
    sources = reports(TRIPOLI)["threat1"]["sources"]
    assert len(sources) == 1
    assert "article" in sources[0]["publisher"]
    assert "url" not in sources[0]


def test_that_mitiga_carried_out_the_threat_is_a_judgement_of_its_own() -> None:
    told = reports(TRIPOLI)
    threat = told["threat1"]["details"]["threat"]["threat"]
    judgement = told["threat_carried_out"]
    assert "threat" not in told["mitiga"].get("details", {})
    assert "threat" not in told["strike2"].get("details", {})
    assert judgement["kind"] == "threat.carried_out"
    assert judgement["details"]["threat"]["threat"] == threat
    assert judgement["verification"] == "claimed"
    assert judgement["sources"] != told["threat1"]["sources"]


def test_the_conference_is_planned_then_reaffirmed_then_postponed_without_a_date() -> None:
    told = reports(TRIPOLI)
    of_the_conference = [
        (report["kind"], report["details"]["scheduled"].get("starts"))
        for report in told.values()
        if report.get("details", {}).get("scheduled", {}).get("event") == "national-conference"
    ]
    assert of_the_conference == [
        ("scheduled.planned", "2019-04-14"),
        ("scheduled.reaffirmed", None),
        ("scheduled.postponed", None),
    ]


def test_no_counter_speaks_for_another() -> None:
    counts = [
        (casualties["counted_by"], casualties["scope"], report)
        for report in reports(TRIPOLI).values()
        if (casualties := report.get("details", {}).get("casualties"))
    ]
    counters = {counted_by for counted_by, _, _ in counts}
    assert {"gna-health-ministry", "who", "ocha", "iom", "un", "lna"} <= counters
    assert {scope for _, scope, _ in counts} == {"total", "lna-fighters", "wadi-al-hira"}
    for counted_by, _, report in counts:
        assert "until" in report["details"]["casualties"]
        makers = {row["actor"] for row in report.get("actors", ()) if row["role"] == "by"}
        assert report["kind"] == "airstrike" or makers <= {counted_by}


def test_what_is_disputed_or_confirmed_entered_as_claimed_or_reported() -> None:
    moved = {line["verify"]["external_id"] for line in lines(TRIPOLI) if "verify" in line}
    for external_id in moved:
        assert reports(TRIPOLI)[external_id]["verification"] in ("claimed", "reported")
    of_mitiga = [
        line["verify"]["status"] for verb, line in acts_on(TRIPOLI, "mitiga") if verb == "verify"
    ]
    assert of_mitiga == ["confirmed", "disputed"]


def test_between_six_and_ten_events_are_key() -> None:
    assert 6 <= sum(report.get("key", False) for report in reports(TRIPOLI).values()) <= 10


# -- the story of another sort ---------------------------------------------------------------

FLOOD = "flood-harlebridge"
WORDS_OF_WAR = re.compile(
    r"\b(war\w*|attack\w*|assault\w*|offensive|troops?|soldiers?|arm(y|ies)|forces?|military|"
    r"militia\w*|fight\w*|battle\w*|combat\w*|bomb\w*|missiles?|weapons?|shell(s|ing)|shoot\w*|"
    r"shots?|strikes?|airstrikes?|enem(y|ies)|defen[cs]e\w*|casualt\w*|kill\w*|wound\w*|truce|"
    r"ceasefire|invad\w*|invasion|threat\w*)\b",
    re.IGNORECASE,
)


def told_words(name: str) -> Iterator[str]:
    """All that a reader reads: names, headlines, bodies, notices, reasons, notes."""
    shown = ("name", "title", "headline", "body", "notice", "text", "reason", "quote", "publisher")

    def walk(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key in shown and isinstance(inner, str):
                    yield inner
                yield from walk(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner)

    for line in lines(name):
        yield from walk(line)


def test_the_flood_has_no_scale_and_not_one_word_of_war() -> None:
    assert "scale" not in lines(FLOOD)[0]["story"]
    assert [text for text in told_words(FLOOD) if WORDS_OF_WAR.search(text)] == []
    assert "force" not in {KINDS[report["kind"]].group for report in reports(FLOOD).values()}


def test_the_flood_is_plainly_an_exercise() -> None:
    assert lines(FLOOD)[0]["story"]["title"].startswith("Exercise: ")
    for _, fields in states(FLOOD):
        for source in fields["sources"]:
            assert source["publisher"] == "Exercise"
            assert source["url"].startswith("https://example.org/")


def test_the_flood_shows_a_correction_a_verification_and_a_withdrawal() -> None:
    assert {"correct", "verify", "withdraw"} <= {act(line) for line in lines(FLOOD)}
    assert 15 <= len(reports(FLOOD)) <= 25
