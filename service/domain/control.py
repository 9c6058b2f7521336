"""Who holds a place: derived from what each claimant says, what is confirmed and the fighting.

The rule, the first that fits. A confirmation sets aside every claim that is older than it.

    disputed   two parties assert control, or someone denies an assertion or the holder
    contested  there was fighting, newer than the holder and every claim
    held       a confirmed holder that has not released the place since (reason `confirmed`),
               or one party asserted and nobody denies it (reason `claim`)
    unknown    anything else

Each claimant writes only its own slot, so that nobody's word is lost by another's. A party that
releases a place takes older assertions of its control with it, whoever made them. A denial counts
while there is something to deny: an assertion that stands, or the holder.

Rules for editors: readers and rivals check this rule; a change of it is a new version of the
situation's representation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from service.domain.board import Board, with_evidence
from service.domain.layout import Layout, Parts, Slot
from service.domain.slots import Assignment, by_order, by_order_and_slot
from service.domain.times import Instant, format_instant

Claim = tuple[str, str, Assignment, bool]
"""A party, who claims something of its control of a place, the answer that says what, and whether
a confirmation sets it aside. A plain tuple, because a situation has dozens."""


class Verdict(NamedTuple):
    """A derived state of control, the reason for it, and the answers that decide it."""

    state: str
    reason: str
    holder: str | None
    decided_by: Assignment
    says: str


def control(board: Board) -> list[dict[str, Any]]:
    """Return each place of which control is spoken or that was fought for, by slug."""
    return [_entry(board, place) for place in board.layout.once(_places)]


class Place(NamedTuple):
    """A place with its slots, answered or not: those of the claims after party and claimant each.

    `slots` are those that are answered, `speakers` the parties and the claimants.
    """

    slug: str
    holder: Slot
    fought: Slot
    claims: list[tuple[Parts, Slot]]
    slots: list[Slot]
    speakers: frozenset[str]


def _places(layout: Layout) -> list[Place]:
    """Each place of which anything is known, by slug."""
    claims: dict[str, list[tuple[Parts, Slot]]] = {}
    for (place, *rest), slot in layout.family("control"):
        claims.setdefault(place, []).append((tuple(rest), slot))
    known = {place for name in ("holder", "fought") for (place,), _ in layout.family(name)}
    return [_place(layout, slug, claims.get(slug, [])) for slug in sorted(known | claims.keys())]


def _place(layout: Layout, slug: str, claims: list[tuple[Parts, Slot]]) -> Place:
    holder, fought = f"holder:{slug}", f"fought:{slug}"
    slots = [holder, *(slot for _, slot in claims), fought]
    return Place(
        slug=slug,
        holder=holder,
        fought=fought,
        claims=claims,
        slots=[slot for slot in slots if slot in layout],
        speakers=frozenset(speaker for parts, _ in claims for speaker in parts),
    )


def _claims(board: Board, place: Place, holder: Assignment | None) -> list[Claim]:
    by_slot, confirmed = board.by_slot, holder.order if holder is not None else None
    claims = []
    for (party, claimant), slot in place.claims:
        answer = by_slot[slot]
        set_aside = confirmed is not None and by_order(answer) <= confirmed
        claims.append((party, claimant, answer, set_aside))
    return claims


def judge(
    claims: list[Claim],
    holder: Assignment | None,
    fought: Assignment | None,
    actors: Mapping[str, str],
) -> Verdict:
    """Apply the rule to one place. At least one of the first three says something.

    `actors` are the names of those spoken of, by slug.
    """
    live = [claim for claim in claims if not claim[3]]
    released = _released(live)
    asserted = _asserted(live, released)
    held_by = None if holder is None or holder.value in released else holder
    return (
        _disputed(live, asserted, held_by, actors)
        or _contested(claims, holder, fought)
        or _held(asserted, held_by, actors)
        or _unknown(claims, holder, fought)
    )


def _released(live: list[Claim]) -> dict[str, Assignment]:
    """The parties' own words that they left."""
    return {
        party: answer
        for party, claimant, answer, _ in live
        if answer.value == "released" and party == claimant
    }


def _asserted(live: list[Claim], released: Mapping[str, Assignment]) -> dict[str, Assignment]:
    """The first of the assertions that stand, by the party that they are of."""
    found: dict[str, Assignment] = {}
    for party, _, answer, _ in live:
        if answer.value == "asserts":
            left = released.get(party)
            if left is None or left.order < answer.order:
                found[party] = min(found.get(party, answer), answer, key=by_order_and_slot)
    return found


def _disputed(
    live: list[Claim],
    asserted: Mapping[str, Assignment],
    held_by: Assignment | None,
    actors: Mapping[str, str],
) -> Verdict | None:
    """The dispute that came about first; each pair disputes from its later word on."""
    found: list[tuple[Assignment, str, str]] = []
    if len(asserted) > 1:
        # Of all pairs, the two that were asserted first came to differ first.
        earliest = sorted(asserted, key=lambda party: by_order_and_slot(asserted[party]))[:2]
        one, other = sorted(earliest)
        says = f"Control is asserted of {actors[one]} and of {actors[other]}."
        found.append((asserted[earliest[1]], "two_claims", says))
    for party, claimant, denial, _ in live:
        if denial.value == "denies":
            is_held = held_by is not None and held_by.value == party
            denied = held_by if is_held else asserted.get(party)
            if denied is not None:
                later = max(denial, denied, key=by_order_and_slot)
                says = f"{actors[claimant]} denies that {actors[party]} holds it."
                found.append((later, "denied", says))
    if not found:
        return None
    decided_by, reason, says = min(found, key=lambda row: (by_order_and_slot(row[0]), row[2]))
    return Verdict("disputed", reason, None, decided_by, says)


def _contested(
    claims: list[Claim], holder: Assignment | None, fought: Assignment | None
) -> Verdict | None:
    if fought is None:
        return None
    since = fought.order
    if holder is not None and holder.order >= since:
        return None
    if any(answer.order >= since for _, _, answer, _ in claims):
        return None
    says = "There was fighting here since anyone was said to hold it."
    return Verdict("contested", "fought", None, fought, says)


def _held(
    asserted: Mapping[str, Assignment], held_by: Assignment | None, actors: Mapping[str, str]
) -> Verdict | None:
    if held_by is not None:
        says = f"It is confirmed that {actors[held_by.value]} holds it."
        return Verdict("held", "confirmed", held_by.value, held_by, says)
    if len(asserted) != 1:
        return None
    ((party, first),) = asserted.items()
    says = f"{actors[party]} is said to hold it, and nobody denies it."
    return Verdict("held", "claim", party, first, says)


def _unknown(claims: list[Claim], holder: Assignment | None, fought: Assignment | None) -> Verdict:
    answers = [claim[2] for claim in claims] + [*filter(None, (holder, fought))]
    newest = max(answers, key=by_order_and_slot)
    if newest.value == "released":
        return Verdict("unknown", "released", None, newest, "Who held it says that it left.")
    return Verdict("unknown", "unclaimed", None, newest, "Nobody is said to hold it.")


def _entry(board: Board, place: Place) -> dict[str, Any]:
    slug, actors = place.slug, board.actors
    holder, fought = board.by_slot.get(place.holder), board.by_slot.get(place.fought)
    claims = _claims(board, place, holder)
    verdict = judge(claims, holder, fought, actors)
    named = place.speakers if holder is None else place.speakers | {holder.value}
    entry = {
        "place": slug,
        "name": board.cast.place(slug),
        "state": verdict.state,
        "reason": verdict.reason,
        "says": verdict.says,
        "holder": verdict.holder,
        "confirmed": with_evidence({"party": holder.value}, holder) if holder else None,
        "fought": format_instant(fought.valid_from) if fought else None,
        "claims": [_shown(*claim) for claim in sorted(claims, key=_begun, reverse=True)],
        "names": {slug: actors[slug] for slug in sorted(named)},
    }
    return with_evidence(entry, verdict.decided_by, place.slots)


def _begun(claim: Claim) -> Instant:
    return claim[2].valid_from


def _shown(party: str, claimant: str, answer: Assignment, set_aside: bool) -> dict[str, Any]:
    slot, says, valid_from, _, _, development, version, verification, _ = answer
    return {
        "party": party,
        "claimant": claimant,
        "claim": says,
        "set_aside": set_aside,
        "since": format_instant(valid_from),
        "slot": slot,
        "slots": [slot],
        "development": development,
        "version": version,
        "verification": verification,
    }
