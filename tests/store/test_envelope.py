"""Envelopes: JCS bytes that carry no words, digests that prove words, a chain that proves order."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from service.domain import acts
from service.domain.acts import Stamp
from service.store import envelope
from service.store.envelope import ActMapper
from tests.builders import Desk, House

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = st.text("abcdefghijklmnopqrstuvwxyz_.", min_size=1, max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
contents = st.dictionaries(names, values, max_size=5)
instants = st.integers(-(10**15), 4 * 10**15)

stamps = st.builds(
    Stamp,
    position=st.integers(1, 2**53 - 1),
    stored_at=instants,
    recorded_at=instants,
    previous=st.sampled_from(["", "ab" * 32]),
    newsroom=words,
    by=words,
    imported_at=st.none() | instants,
    recorded_precision=st.none() | st.just("day"),
)


@st.composite
def any_act(draw: st.DrawFn) -> acts.Act:
    """An act of any sort, with any content: more than the doors would let in."""
    sort = draw(st.sampled_from(list(acts.ACTS.values())))
    references: dict[str, Any] = {}
    for name in sort.references:
        whole = name in ("target", "hide_text")
        references[name] = draw(st.integers(0, 2**53 - 1) if whole else words)
    return sort(
        originator_id=draw(st.uuids()),
        originator_version=draw(st.integers(1, 2**53 - 1)),
        story=draw(words),
        stamp=draw(stamps),
        document=draw(st.none() | contents),
        note=draw(contents),
        audit=draw(contents),
        **references,
    )


@given(any_act())
def test_an_envelope_is_in_jcs_form(act: acts.Act) -> None:
    first = envelope.split(envelope.write(act))[0]
    assert first == rfc8785.dumps(json.loads(first))


@given(any_act())
def test_an_act_is_loaded_as_it_was_stored(act: acts.Act) -> None:
    mapper = ActMapper()
    assert mapper.to_domain_event(mapper.to_stored_event(act)) == act


@given(any_act())
def test_an_envelope_holds_strings_integers_and_one_object_of_strings(act: acts.Act) -> None:
    told = json.loads(envelope.split(envelope.write(act))[0])
    digests = told.pop("digests")
    assert {type(value) for value in told.values()} <= {str, int}
    assert {type(value) for value in digests.values()} <= {str}
    assert all(name.isascii() for name in [*told, *digests])


@given(any_act())
def test_the_salt_makes_the_same_words_look_different(act: acts.Act) -> None:
    first, second = (json.loads(envelope.split(envelope.write(act))[0]) for _ in range(2))
    assert first["digests"].keys() == second["digests"].keys()
    assert not set(first["digests"].values()) & set(second["digests"].values())


def digest(salt: str, name: str, value: bytes) -> str:
    """The recipe, written a second time from its documentation."""
    own = hashlib.blake2s(name.encode(), digest_size=16, key=bytes.fromhex(salt)).digest()
    said = hashlib.sha256(own + name.encode() + b"\x00" + value).digest()
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def stored_fields(part: bytes | None) -> Mapping[str, bytes]:
    """Each field's own bytes, cut out of the stored object without making them again."""
    text = (part or b"{}").decode()
    decoder, fields, at = json.JSONDecoder(), {}, 1
    while text[at] != "}":
        name, at = decoder.raw_decode(text, at)
        assert text[at] == ":"
        _, end = decoder.raw_decode(text, at + 1)
        fields[name] = text[at + 1 : end].encode()
        at = end + (text[end] == ",")
    return fields


def full_of_acts(desk: Desk) -> None:
    desk.reports("order", headline="“Vorwärts” \U0001f6a9", body="line\nline “\u2028” end")
    desk.corrects("order", headline="Halt", notice="Wrong \\ “word”.")
    desk.verifies("order", "confirmed", reason="Seen.", reason_note="By the editor.")
    desk.sums_up("It goes on.", "order")
    desk.overrides_level("clashes")
    desk.marks("order")
    desk.withdraws("order")
    desk.closes_story()


def test_the_digests_in_the_store_verify_from_the_stored_bytes(house: House, desk: Desk) -> None:
    full_of_acts(desk)
    rows = house.sql.all("SELECT * FROM acts")
    assert len(rows) == house.head()
    for row in rows:
        first, document, note, audit, salt = envelope.split(bytes(row["state"]))
        expected = {
            prefix + name: digest(salt, prefix + name, value)
            for prefix, part in (("", document), ("note.", note), ("audit.", audit))
            for name, value in stored_fields(part).items()
        }
        assert json.loads(first)["digests"] == expected


def test_one_changed_word_breaks_its_digest_and_no_other(house: House, desk: Desk) -> None:
    desk.reports("order", headline="The order", body="March.")
    (row,) = house.sql.all('SELECT * FROM acts ORDER BY "rowid" DESC LIMIT 1')
    first, document, _, _, salt = envelope.split(bytes(row["state"]))
    assert document is not None
    forged = stored_fields(document.replace(b"March.", b"Halt. "))
    told = json.loads(first)["digests"]
    broken = [name for name, value in forged.items() if digest(salt, name, value) != told[name]]
    assert broken == ["body"]


def test_every_field_has_a_salt_of_its_own() -> None:
    salt = bytes(16)
    salts = {envelope.field_salt(salt, name) for name in ("headline", "body", "note.notice")}
    assert len(salts) == 3
    assert {len(one) for one in salts} == {16}


def test_the_salt_of_every_act_differs(house: House, desk: Desk) -> None:
    full_of_acts(desk)
    salts = [row["salt"] for row in house.sql.all("SELECT salt FROM content")]
    assert len(set(salts)) == len(salts) == house.head()
    assert {len(salt) for salt in salts} == {32}


def chain(house: House, story: str) -> list[bool]:
    """For each envelope of a story, in order: does it carry the hash of the one before it?"""
    previous, held = "", []
    for _, bytes_ in house.envelopes():
        told = json.loads(bytes_)
        if told["story"] == story:
            held.append(told["previous"] == previous)
            previous = hashlib.sha256(bytes_).hexdigest()
    return held


def test_the_chain_of_a_story_verifies(house: House, desk: Desk) -> None:
    # Given two stories that are told in turns, one of them by a second process
    other = house.again().desk("post")
    other.opens_story("flood", at="2019-04-04T06:01:00Z")
    full_of_acts(desk)
    other.reports("rain")
    desk.reopens_story()
    other.reports("dam")
    desk.reports("again")
    # Then each has a chain of its own, without a break
    assert chain(house, "tripoli") == [True] * len(house.acts("tripoli"))
    assert chain(house, "flood") == [True] * 3


def test_a_refused_act_leaves_no_mark_in_the_chain(house: House, desk: Desk) -> None:
    desk.reports("order")
    with pytest.raises(Exception, match="is no kind"):
        desk.reports(
            "other",
            kind="nonsense",
            actors=[{"actor": "newcomer", "role": "by", "name": "Newcomer"}],
        )
    desk.reports("after")
    assert all(chain(house, "tripoli"))


def test_the_envelope_says_who_when_and_where_and_no_word_more(house: House, desk: Desk) -> None:
    written = desk.reports("order", headline="Secret words", at="2019-04-04T16:00:00Z")
    assert written.development is not None
    bytes_ = house.envelopes()[-1][1]
    told = json.loads(bytes_)
    told.pop("digests")
    told.pop("previous")
    assert told == {
        "act": "DevelopmentReported",
        "act_version": 1,
        "by": "tok_desk",
        "id": f"{UUID(written.development.id)}.1",
        "newsroom": "times",
        "position": written.position,
        "recorded_at": "2019-04-04T16:00:00Z",
        "stored_at": "2019-04-04T16:00:00Z",
        "story": "tripoli",
        "verification": "reported",
    }
    assert b"Secret" not in bytes_
    assert b"Reuters" not in bytes_


def test_an_envelope_without_its_digests_says_all_else() -> None:
    """Given words that look like where the digests begin; when they are left out; then no other
    key is."""
    said = {"by": 'x "digests":{ "}, ', "digests": {"headline": "abc", "note.x": "de"}, "id": "7"}
    told = orjson.dumps({**said, "act": "A", "story": "s"}, option=orjson.OPT_SORT_KEYS)
    del said["digests"]
    assert orjson.loads(envelope.undigested(told)) == {**said, "act": "A", "story": "s"}


def test_an_envelope_of_an_act_without_content_has_digests_to_leave_out() -> None:
    told = orjson.dumps({"act": "A", "digests": {}, "id": "7"}, option=orjson.OPT_SORT_KEYS)
    assert orjson.loads(envelope.undigested(told)) == {"act": "A", "id": "7"}
