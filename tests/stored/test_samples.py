"""Every version of every act that was ever written loads, and means what it meant."""

import hashlib
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from eventsourcing.persistence import StoredEvent

from service.domain import fold
from service.domain.acts import ACTS, Act, DevelopmentReported
from service.store import envelope
from service.store.envelope import ActMapper
from tests.stored.keep import HERE, file_of, means

SAMPLES = sorted(HERE.glob("*.json"))
LAST = 10**18


def sample(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def load(kept: dict[str, Any]) -> Act:
    told = json.loads(kept["state"][0])
    stream, _, version = told["id"].rpartition(".")
    state = "\n".join(kept["state"]).encode()
    act: Any = ActMapper().to_domain_event(
        StoredEvent(UUID(stream), int(version), kept["topic"], state)
    )
    return act  # type: ignore[no-any-return]  # the library knows no act of ours


@pytest.mark.parametrize("name", ACTS)
def test_each_act_has_a_sample_of_the_version_that_is_written_now(name: str) -> None:
    assert file_of(ACTS[name]).exists(), "run: python -m tests.stored.keep"


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_a_kept_act_loads_and_means_what_it_meant(file: Path) -> None:
    kept = sample(file)
    act = load(kept)
    assert type(act) is ACTS[kept["topic"]]
    assert means(act) == kept["means"]


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_a_kept_envelope_is_in_jcs_form_and_its_digests_verify(file: Path) -> None:
    first, *parts, salt = sample(file)["state"]
    told = json.loads(first)
    assert rfc8785.dumps(told) == first.encode()
    named = zip(("", "note.", "audit."), parts, strict=True)
    for prefix, part in named:
        for name, value in json.loads(part or "{}").items():
            stored = envelope.dumps(value)
            assert stored.decode() in part, "the bytes are made again as they were stored"
            digest = envelope.field_digest(bytes.fromhex(salt), prefix + name, stored)
            assert told["digests"].pop(prefix + name) == digest
    assert told["digests"] == {}


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_a_kept_act_is_written_today_as_it_was_then(file: Path) -> None:
    """While its version is written still: the form that was released does not drift."""
    kept = sample(file)
    act = load(kept)
    salt = bytes.fromhex(kept["state"][-1])
    written_now = file == file_of(type(act))
    assert not written_now or envelope.write(act, salt).decode().split("\n") == kept["state"]


def test_a_hash_of_an_envelope_is_what_it_was() -> None:
    first = sample(HERE / "StoryOpened.v1.json")["state"][0]
    kept = sample(HERE / "ActorIntroduced.v1.json")["state"][0]
    assert json.loads(kept)["previous"] == hashlib.sha256(first.encode()).hexdigest()


def test_the_kept_acts_of_one_development_can_be_folded() -> None:
    kept = sorted((load(sample(file)) for file in SAMPLES), key=lambda act: act.stamp.position)
    (report,) = (act for act in kept if isinstance(act, DevelopmentReported))
    of_it = (report.originator_id, kept[0].originator_id)
    history = [act for act in kept if act.originator_id in of_it]
    story = fold.story_at(history, LAST)
    assert story is not None
    assert (story.document["title"], story.is_open) == ("The advance on Tripoli", True)
    (fall,) = fold.timeline(history, as_of=LAST, position=LAST)
    assert (fall.fields["headline"], fall.verification) == ("Gharyan falls, LNA says", "confirmed")
    assert "level:override" in fold.standing(history, as_of=LAST, position=LAST)
