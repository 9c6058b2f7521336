"""What a desk may send as a development, and each way for it to be wrong."""

import copy
from typing import Any

import pytest
from marshmallow import ValidationError

from schemas.cast import ActorIn, InlinePlaceIn, PlaceIn
from schemas.developments import EXAMPLE, DevelopmentIn, introductions
from schemas.revisions import CorrectionIn, RevisionIn, VerificationIn, WithdrawalIn
from schemas.stories import LevelOverrideIn, StoryIn, StoryPatch, SummaryIn

FULL: dict[str, Any] = {
    **EXAMPLE,
    "media": [{"url": "https://example.org/a.jpg", "alt": "Smoke", "credit": "A. Reporter"}],
    "byline": "A. Reporter",
    "details": {
        "casualties": {"scope": "total", "counted_by": "who", "killed": {"low": 4, "high": 6}},
        "threat": {"threat": "retaliation", "text": "To answer", "deadline": "2019-04-08"},
        "posture": "attacking",
        "notes": {"water-level": 6.2, "gate": "closed", "sure": False},
    },
    "relates_to": [{"development": "desk-4710", "relation": "responds_to"}],
    "key": True,
}
CORRECTION = {"changes": {"headline": "Right"}, "notice": "It was wrong."}


def messages(schema: Any, sent: Any) -> Any:
    with pytest.raises(ValidationError) as refused:
        schema.load(sent)
    return refused.value.messages


def changed(path: str, value: Any, into: dict[str, Any] = FULL) -> dict[str, Any]:
    """Return a copy of a good body with one value at a dotted path set (None: removed)."""
    sent = copy.deepcopy(into)
    *ways, last = path.split(".")
    here: Any = sent
    for way in ways:
        here = here[int(way)] if way.isdigit() else here.setdefault(way, {})
    if value is REMOVED:
        del here[last]
    elif last.isdigit():
        here[int(last)] = value
    else:
        here[last] = value
    return sent


REMOVED = object()


def test_a_full_development_is_loaded_as_it_was_sent() -> None:
    sent = copy.deepcopy(FULL)

    loaded = DevelopmentIn().load(sent)

    assert loaded == FULL
    assert list(loaded) == list(FULL)


def test_three_things_are_enough() -> None:
    least = {"headline": "A meeting", "occurred": "now", "sources": [{"label": "an official"}]}

    assert DevelopmentIn().load(least) == least


@pytest.mark.parametrize("name", ["headline", "occurred", "sources"])
def test_a_development_is_nothing_without(name: str) -> None:
    assert messages(DevelopmentIn(), changed(name, REMOVED)) == {name: ["Required."]}


WRONG: list[tuple[str, Any]] = [
    ("headline", ""),
    ("headline", "   "),
    ("headline", "x" * 301),
    ("headline", "two\nlines"),
    ("headline", "tab\there"),
    ("headline", "bell\x07"),
    ("headline", "half \ud83d"),
    ("headline", 7),
    ("headline", None),
    ("headline", ["a"]),
    ("body", "x" * 50_001),
    ("body", "nul\x00"),
    ("body", "del\x7f"),
    ("body", "c1 \x85 control"),
    ("body", "carriage\r\nreturn"),
    ("kind", "k" * 61),
    ("kind", ["airstrike"]),
    ("language", "english"),
    ("language", "en_GB"),
    ("occurred", "x" * 101),
    ("occurred", 2019),
    ("occurred", {"text": "2019"}),
    ("places", "gharyan"),
    ("places.0", "Gharyan"),
    ("places.0", "-gharyan"),
    ("places.0", "a--b"),
    ("places.0", "a" * 81),
    ("places.0", 3),
    ("places.0", {"place": "gharyan"}),
    ("places.0", {"name": "Gharyan"}),
    ("places.0", {"place": "gharyan", "name": "Gharyan", "colour": "red"}),
    ("places", ["gharyan", "gharyan"]),
    ("places", ["p"] * 51),
    ("actors.0.role", "target"),
    ("actors.0.role", REMOVED),
    ("actors.0.actor", "GNA air force"),
    ("actors.0.type", "airforce"),
    ("actors.0.side", "lna"),
    ("actors.0.colour", "red"),
    ("actors.0", "gna"),
    ("actors", {"actor": "gna"}),
    ("sources", []),
    ("sources", None),
    ("sources", [{"publisher": "P"}] * 51),
    ("sources.0", {}),
    ("sources.0", {"quote": "Someone said so"}),
    ("sources.0.url", "ftp://example.org/x"),
    ("sources.0.url", "javascript:alert(1)"),
    ("sources.0.url", "https://user:password@example.org/"),
    ("sources.0.url", "https://"),
    ("sources.0.url", "https://example.org/a b"),
    ("sources.0.url", "https://example.org/\nSet-Cookie: a=b"),
    ("sources.0.url", "https://example.org:99999/"),
    ("sources.0.url", "https://[::1/"),
    ("sources.0.url", "//example.org/"),
    ("sources.0.url", "https://example.org/" + "x" * 2000),
    ("sources.0.published_at", "2019-02-30"),
    ("sources.0.published_at", "yesterday"),
    ("sources.0.published_at", "2019-04-07T10:00"),
    ("sources.0.published_at", "2019-04-07T25:00Z"),
    ("sources.0.type", "rumour"),
    ("sources.0.archived_sha256", "abc"),
    ("sources.0.archived_sha256", "G" * 64),
    ("media.0.url", REMOVED),
    ("media.0.width", 0),
    ("media.0.width", 1.5),
    ("media.0.width", True),
    ("verification", "confirmed"),
    ("verification", "true"),
    ("external_id", ""),
    ("external_id", "x" * 201),
    ("details", []),
    ("details.casualties.killed", -1),
    ("details.casualties.killed", 1.5),
    ("details.casualties.killed", True),
    ("details.casualties.killed", "many"),
    ("details.casualties.killed", {}),
    ("details.casualties.killed", {"low": 6, "high": 4}),
    ("details.casualties.killed", {"low": None}),
    ("details.casualties.killed", {"about": 4}),
    ("details.casualties.killed", 1_000_000_001),
    ("details.casualties.scope", "Everyone"),
    ("details.casualties.hurt", 3),
    ("details.posture", "angry"),
    ("details.posture", ["calm"]),
    ("details.alert", "raised"),
    ("details.notes", {}),
    ("details.notes", {"Water level": 3}),
    ("details.notes", {"water": {"level": 3}}),
    ("details.notes", {"water": None}),
    ("details.notes", {"water": "x" * 1001}),
    ("details.scheduled", {"time_zone": "Africa/Atlantis"}),
    ("details.scheduled", {"time_zone": "../../etc/passwd"}),
    ("details.unheard", {}),
    ("relates_to.0.relation", "likes"),
    ("relates_to.0.development", ""),
    ("key", "true"),
    ("key", 1),
]


@pytest.mark.parametrize(("path", "value"), WRONG)
def test_what_is_wrong_is_named_by_its_path(path: str, value: Any) -> None:
    found = messages(DevelopmentIn(), changed(path, value))

    for way in path.split("."):
        assert isinstance(found, dict), f"stopped above {way}: {found}"
        key = int(way) if way.isdigit() else way
        if key not in found:  # a fault inside what was set, or of the thing as a whole
            assert set(found) <= {"name", "actor", "type", "_schema"} or way == path, found
            break
        found = found[key]


SERVER_OWNED = [
    "id", "version", "act", "status", "position", "newsroom", "recorded_at", "stored_at",
    "first_recorded_at", "occurred_earliest", "occurred_latest", "valid_from", "corrected",
    "redactions", "story", "warnings", "imported_at",
]  # fmt: skip


@pytest.mark.parametrize("name", SERVER_OWNED)
def test_what_the_house_gives_cannot_be_sent(name: str) -> None:
    assert messages(DevelopmentIn(), {**FULL, name: "x"}) == {name: ["Unknown field."]}


@pytest.mark.parametrize(
    "headline",
    [
        "قوات الجيش تتقدم نحو طرابلس",
        "Ćwiczenia — “cytat” … ½ naïve",
        "👩‍👩‍👧 家族",
        "<script>alert(1)</script>",
        "=cmd|'/c calc'!A1",
    ],
)
def test_text_is_taken_as_it_is_whatever_its_script(headline: str) -> None:
    assert DevelopmentIn().load({**FULL, "headline": headline})["headline"] == headline


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "HTTPS://EXAMPLE.ORG/Path?q=1&p=2#f",
        "https://www.japantimes.co.jp/?post_type=news&p=1865233",
        "https://عربي.مصر/خبر",
        "http://127.0.0.1:8080/x",
        "https://[2001:db8::1]/x",
        "https://example.org/a(b)|c{d}",
        "https://example.org/@someone",
    ],
)
def test_addresses_of_the_real_web_are_taken(url: str) -> None:
    source = {"url": url}

    assert DevelopmentIn().load({**FULL, "sources": [source]})["sources"] == [source]


@pytest.mark.parametrize("day", ["1966", "2019-04", "2019-04-07", "2019-04-07T19:07+02:00"])
def test_a_source_published_on_a_day_or_at_an_instant(day: str) -> None:
    DevelopmentIn().load(changed("sources.0.published_at", day))


@pytest.mark.parametrize(
    "figure", [0, 4, {"low": 4}, {"low": 4, "high": 6}, {"low": 4, "best": 4, "high": 4}]
)
def test_figures_as_they_are_reported(figure: Any) -> None:
    DevelopmentIn().load(changed("details.casualties.killed", figure))


def test_an_introduction_stands_apart_from_what_is_recorded() -> None:
    sent = {
        **FULL,
        "actors": [
            {"actor": "misrata-forces", "role": "by", "name": "Misrata forces", "side": "gna"},
            {"actor": "lna", "role": "against"},
        ],
        "places": ["tripoli", {"place": "gharyan", "name": "Gharyan", "within": "libya"}],
    }

    content, actors, places = introductions(DevelopmentIn().load(sent))

    assert content["actors"] == [
        {"actor": "misrata-forces", "role": "by"},
        {"actor": "lna", "role": "against"},
    ]
    assert content["places"] == ["tripoli", "gharyan"]
    assert actors == {"misrata-forces": {"name": "Misrata forces", "side": "gna"}}
    assert places == {"gharyan": {"name": "Gharyan", "within": "libya"}}


@pytest.mark.parametrize(
    "point",
    [
        {"type": "Point", "coordinates": [181, 0]},
        {"type": "Point", "coordinates": [0, 91]},
        {"type": "Point", "coordinates": [0]},
        {"type": "Point", "coordinates": [0, 0, 0]},
        {"type": "Point", "coordinates": ["13", "32"]},
        {"type": "Point", "coordinates": [True, False]},
        {"type": "Point", "coordinates": [float("nan"), 0]},
        {"type": "Point", "coordinates": [0, float("inf")]},
        {"type": "Polygon", "coordinates": [0, 0]},
        {"type": "Point"},
        {"coordinates": [13, 32]},
        {"type": "Point", "coordinates": [13, 32], "crs": {}},
        [13, 32],
        "13,32",
    ],
)
def test_a_point_must_be_on_the_map(point: Any) -> None:
    assert list(messages(PlaceIn(), {"name": "Gharyan", "point": point})) == ["point"]


def test_a_place_and_an_actor_with_all_they_have() -> None:
    place = {
        "name": "Gharyan",
        "point": {"type": "Point", "coordinates": [13.02, 32.17]},
        "precision": "settlement",
        "within": "libya",
        "aliases": ["غريان"],
        "wikidata": "Q1012",
        "geonames": "2217362",
        "osm": "node/1",
    }
    actor = {
        "name": "Khalifa Haftar",
        "type": "person",
        "side": "lna",
        "leads": "lna",
        "part_of": "lna",
        "wikidata": "Q1362117",
        "aliases": ["Hifter"],
    }

    assert PlaceIn().load(place) == place
    assert InlinePlaceIn().load({**place, "place": "gharyan"})["place"] == "gharyan"
    assert ActorIn().load(actor) == actor


class TestRevisions:
    @pytest.mark.parametrize("removable", ["body", "kind", "media", "places", "details", "byline"])
    def test_null_removes_what_is_not_required(self, removable: str) -> None:
        sent = {"changes": {removable: None}}

        assert RevisionIn().load(sent) == sent

    @pytest.mark.parametrize("needed", ["headline", "occurred", "sources"])
    def test_null_removes_nothing_that_a_development_needs(self, needed: str) -> None:
        found = messages(RevisionIn(), {"changes": {needed: None}})

        assert found == {"changes": {needed: ["Must not be null."]}}

    @pytest.mark.parametrize(
        "details",
        [
            {"casualties": {"killed": None}},
            {"casualties": None},
            {"notes": {"gate": None}},
            {"notes": None, "threat": {"text": "Other words"}},
            {"casualties": {"killed": {"low": None, "high": 7}}},
            {"posture": None},
        ],
    )
    def test_details_merge_so_null_may_stand_anywhere_in_them(self, details: Any) -> None:
        sent = {"changes": {"details": details}}

        assert RevisionIn().load(sent) == sent

    @pytest.mark.parametrize(
        "details",
        [
            {"casualties": {"kiled": None}},
            {"casualtys": None},
            {"posture": "angry"},
            {"notes": {"No slug": None, "a": []}},
            {"threat": {"deadline": 3}},
            "x",
        ],
    )
    def test_what_details_gain_is_checked(self, details: Any) -> None:
        assert "details" in messages(RevisionIn(), {"changes": {"details": details}})["changes"]

    @pytest.mark.parametrize("changes", [{}, {"external_id": "x"}, {"key": True}, {"id": "x"}])
    def test_a_change_changes_content(self, changes: Any) -> None:
        assert "changes" in messages(RevisionIn(), {"changes": changes})

    def test_only_a_correction_enters_with_a_status_of_its_own(self) -> None:
        changes = {"verification": "claimed"}

        assert CorrectionIn().load({**CORRECTION, "changes": changes})["changes"] == changes
        assert messages(RevisionIn(), {"changes": changes}) == {
            "changes": {"verification": ["Unknown field."]}
        }

    def test_a_correction_says_what_was_wrong(self) -> None:
        assert messages(CorrectionIn(), {"changes": {"headline": "Right"}}) == {
            "notice": ["Required."]
        }

    def test_a_withdrawal_leaves_a_notice(self) -> None:
        assert messages(WithdrawalIn(), {"hide_text": True}) == {"notice": ["Required."]}

    @pytest.mark.parametrize("reason", ["oops", "", 3])
    def test_a_reason_is_one_of_the_public_classes(self, reason: Any) -> None:
        assert list(messages(CorrectionIn(), {**CORRECTION, "reason": reason})) == ["reason"]

    @pytest.mark.parametrize("version", [0, -1, 1.0, "1", True, 2**53])
    def test_a_base_version_is_a_version(self, version: Any) -> None:
        found = messages(CorrectionIn(), {**CORRECTION, "base_version": version})

        assert list(found) == ["base_version"]

    @pytest.mark.parametrize("status", ["unverified", "reported", "true", None])
    def test_a_verification_moves_the_status_onward(self, status: Any) -> None:
        assert list(messages(VerificationIn(), {"status": status})) == ["status"]


class TestStories:
    def test_a_slug_and_a_title_are_enough(self) -> None:
        assert StoryIn().load({"id": "flood", "title": "The flood"}) == {
            "id": "flood",
            "title": "The flood",
        }

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("id", "Tripoli 2019"),
            ("id", "a" * 81),
            ("id", "über"),
            ("time_zone", "Mars/Olympus"),
            ("time_zone", "EST5EDT4"),
            ("scale", "war"),
            ("visibility", "secret"),
            ("newsroom", "times"),
        ],
    )
    def test_what_a_story_cannot_be(self, name: str, value: Any) -> None:
        assert list(messages(StoryIn(), {"id": "a", "title": "A", name: value})) == [name]

    @pytest.mark.parametrize("fixed", ["id", "time_zone", "scale"])
    def test_what_the_past_was_read_in_stays(self, fixed: str) -> None:
        assert list(messages(StoryPatch(), {"title": "A", fixed: "x"})) == [fixed]

    def test_a_patch_changes_something(self) -> None:
        assert "_schema" in messages(StoryPatch(), {})

    def test_a_summary_of_no_sentences_takes_it_away(self) -> None:
        assert SummaryIn().load({"sentences": []}) == {"sentences": []}

    def test_a_null_level_lifts_the_override_but_not_without_a_reason(self) -> None:
        assert LevelOverrideIn().load({"level": None, "reason": "The rule again."})
        assert messages(LevelOverrideIn(), {"level": None}) == {"reason": ["Required."]}
