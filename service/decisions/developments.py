"""What a newsroom can do with developments: report, revise, verify, withdraw."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from service import ids
from service.decisions.parts import (
    NOW,
    Base,
    Foreseen,
    When,
    Written,
    ensure_base,
    find_history,
    history_of,
    own,
    stamp_of,
    streams_of,
)
from service.domain import acts, anomalies, developments, stories
from service.domain.acts import Document, Stamp
from service.domain.developments import Development, external_id_stream
from service.domain.kinds import shortfalls
from service.domain.refusals import Conflict, Forbidden, Invalid
from service.domain.times import format_instant
from service.ledger import Decision, Desk, Ledger, OpenStory
from service.readmodel import assignments, versions
from service.store.sql import Sql

Introduces = Mapping[str, Mapping[str, Document]]
"""The cast that a report brings along: "actor" and "place" → slug → what it was introduced with."""

STATUS_BY_VERIFYING = "Only a correction enters with a status; else use verifications."

DUPLICATES_SHOWN = 3
"""Possible duplicates that one warning list names."""


def report(
    story: str,
    fields: Document,
    desk: Desk,
    *,
    verification: str = "reported",
    introduces: Introduces | None = None,
    when: When = NOW,
) -> Foreseen:
    """Report a development, with the actors and places it introduces, all or nothing.

    The same ``external_id`` with the content as first reported finds the existing one; with
    other content it is refused, and the refusal says what differs.
    """
    content = developments.normal(fields)
    external_id = content.get("external_id")
    known = external_id_stream(story, desk.newsroom, external_id) if external_id else None

    def decide(ledger: Ledger) -> Written:
        opened = own(ledger, story, desk)
        stream = known or ids.development(ledger.stored_at)
        if known:
            states = ledger.history(str(stream), story)
            if states:
                links = _links(ledger, opened, content, desk)
                return _repeated(states, content, verification, links)
        stories.ensure_open(opened.story)
        _introduce(ledger, opened, introduces or {}, desk, when)
        stamp = stamp_of(ledger, story, desk, when)
        act = developments.report(
            opened.story,
            _resolved(ledger, opened, content, stamp, desk),
            verification=verification,
            stream=stream,
            stamp=stamp,
        )
        return _done(ledger, opened, act, None)

    return Foreseen(decide, [known] if known else [])


def revise(
    story: str,
    development: str,
    act: type[acts.DevelopmentRevised],
    changes: Document,
    desk: Desk,
    *,
    base: Base | None,
    reason: str = "",
    note: Document | None = None,
    audit: Document | None = None,
    introduces: Introduces | None = None,
    own_only: bool = False,
    when: When = NOW,
) -> Decision:
    """Update, correct, clarify or refile a development of the newsroom's own.

    ``changes["verification"]`` is the status a correction enters with. ``base`` None (an
    archive's line) means the latest version. ``own_only`` refuses what another token reported.
    """

    def decide(ledger: Ledger) -> Written:
        opened = own(ledger, story, desk)
        states = history_of(ledger, opened, development, desk)
        if own_only and states[-1].reported_by != desk.by:
            raise Forbidden("A reporter revises what it reported itself; an editor may do this.")
        ensure_base(states, base)
        _introduce(ledger, opened, introduces or {}, desk, when)
        stamp = stamp_of(ledger, story, desk, when)
        named = dict(changes)
        verification = named.pop("verification", None)
        if verification is not None and act is not acts.DevelopmentCorrected:
            raise Invalid({"changes.verification": [STATUS_BY_VERIFYING]})
        if "relates_to" in named or "occurred" in named:
            named = {**_resolved(ledger, opened, named, stamp, desk, prefix="changes.")}
        revised = developments.revise(
            act,
            states[-1],
            opened.story,
            named,
            stamp=stamp,
            reason=reason,
            note=note,
            audit=audit,
            verification=verification,
        )
        return _done(ledger, opened, revised, states[-1])

    return Foreseen(decide, streams_of(story, desk.newsroom, development))


def verify(
    story: str,
    development: str,
    verification: str,
    desk: Desk,
    *,
    base: Base | None,
    target: int | None = None,
    note: Document | None = None,
    audit: Document | None = None,
    when: When = NOW,
) -> Decision:
    """Move the status of a named version of a development."""

    def decide(ledger: Ledger) -> Written:
        opened = own(ledger, story, desk)
        states = history_of(ledger, opened, development, desk)
        ensure_base(states, base)
        stamp = stamp_of(ledger, story, desk, when)
        act = developments.verify(
            states[-1], verification, stamp=stamp, target=target, note=note, audit=audit
        )
        return _done(ledger, opened, act, states[-1])

    return Foreseen(decide, streams_of(story, desk.newsroom, development))


def withdraw(
    story: str,
    development: str,
    desk: Desk,
    *,
    base: Base | None,
    reason: str = "",
    hide_text: bool = False,
    note: Document | None = None,
    audit: Document | None = None,
    when: When = NOW,
) -> Decision:
    """Withdraw a development of one's own; its id stays, as a tombstone with the notice."""

    def decide(ledger: Ledger) -> Written:
        opened = own(ledger, story, desk)
        states = history_of(ledger, opened, development, desk)
        ensure_base(states, base)
        stamp = stamp_of(ledger, story, desk, when)
        act = developments.withdraw(
            states[-1], stamp=stamp, reason=reason, hide_text=hide_text, note=note, audit=audit
        )
        return _done(ledger, opened, act, states[-1])

    return Foreseen(decide, streams_of(story, desk.newsroom, development))


def _repeated(
    states: list[Development], fields: Document, verification: str, links: list[dict[str, Any]]
) -> Written:
    """Answer a report under an external id that is known: the same, or refused."""
    first = states[0]
    said = {**fields, "verification": verification}
    known = {**first.fields, "verification": first.verification}
    if said["occurred"] == "now":
        said["occurred"] = known["occurred"]
    if links:
        said["relates_to"] = links
    names = [name for name in {**known, **said} if known.get(name) != said.get(name)]
    if not names:
        return Written(
            position=states[-1].position, story=first.story, development=states[-1], created=False
        )
    raise Conflict(
        "external-id-taken",
        f"{fields['external_id']!r} was reported before, with other content. "
        "What became known later is an update; what was wrong is a correction.",
        development=first.id,
        # A hidden text comes back by no repeated request.
        differs={}
        if states[-1].redactions
        else {name: {"was": known.get(name), "is": said.get(name)} for name in names},
        updates=f"/v1/stories/{first.story}/developments/{first.id}/updates",
    )


def _introduce(
    ledger: Ledger, opened: OpenStory, introduces: Introduces, desk: Desk, when: When
) -> None:
    """Add the actors and places that the report brings along; those known stay as they are."""
    for sort, members in introduces.items():
        for slug, about in members.items():
            if slug not in opened.story.cast(sort):
                stamp = stamp_of(ledger, opened.row.id, desk, when)
                named = {"id": slug, **about}
                act = stories.put(opened.story, sort, named, stamp, prefix=f"{sort}s.{slug}.")
                assert act is not None
                ledger.add(act)


def _resolved(
    ledger: Ledger,
    opened: OpenStory,
    fields: Document,
    stamp: Stamp,
    desk: Desk,
    prefix: str = "",
) -> Document:
    """Return fields with "now" read as the moment of recording, and links as ids."""
    resolved = fields
    if fields.get("occurred") == "now":
        resolved = {**fields, "occurred": format_instant(stamp.recorded_at)}
    for number, link in enumerate(links := _links(ledger, opened, fields, desk)):
        if link["development"] is None:
            says = (
                f"The story has no development {fields['relates_to'][number]['development']!r}. "
                "Links look back; add a link forward later, by an update."
            )
            raise Invalid({f"{prefix}relates_to.{number}.development": [says]})
    return {**resolved, "relates_to": links} if links else resolved


def _links(ledger: Ledger, opened: OpenStory, fields: Document, desk: Desk) -> list[dict[str, Any]]:
    """Return a development's links with ids; None for a name that the story does not know."""
    links = []
    for link in fields.get("relates_to") or ():
        states = find_history(ledger, opened, link["development"], desk)
        links.append({**link, "development": states[0].id if states else None})
    return links


def _done(
    ledger: Ledger, opened: OpenStory, act: acts.DevelopmentAct, before: Development | None
) -> Written:
    after = ledger.add(act, before)
    assert after is not None
    return Written(
        position=act.stamp.position,
        story=act.story,
        development=after,
        warnings=_shows_nowhere(after),
        number=opened.number,
        moves=tuple(filter(anomalies.may_contradict, ledger.assigned)),
    )


def _shows_nowhere(state: Development) -> list[dict[str, Any]]:
    """Warn of what the situation cannot show; what was withdrawn or refuted is not meant to be."""
    if state.status != "standing" or state.verification == "refuted":
        return []
    return [{"code": "shows-nowhere", "says": says} for says in shortfalls(state.fields)]


def warned(sql: Sql, written: Written) -> Written:
    """Return what was written with a warning of each move against what stood at its position.

    What was known at a position stays so: it is asked after the commit, outside the lock.
    """
    found = list(written.warnings)
    for row in written.moves:
        slot = anomalies.measured_by(row.slot)
        assert slot is not None
        below = assignments.before(sql, written.number, slot, row.order, position=written.position)
        if below:
            found += [
                {"code": "contradicts", **entry}
                for entry in anomalies.contradictions([row], {slot: below})
            ]
    return replace(written, warnings=found, moves=()) if written.moves else written


def alike(sql: Sql, written: Written) -> list[dict[str, Any]]:
    """Warn of developments of the same kind and time: perhaps this one was reported before.

    Asked after the commit, by whoever shows warnings to a person: it costs the append nothing.
    """
    state = written.development
    if state is None or not written.created or state.version > 1:
        return []
    return [
        {
            "code": "possible-duplicate",
            "says": f"{development} is of the same kind, the same time and the same cast.",
            "development": development,
        }
        for development in versions.alike(sql, state, DUPLICATES_SHOWN)
    ]
