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
from dataclasses import dataclass
from typing import Any, NamedTuple

from service.domain.board import Board, Cast, evidence
from service.domain.slots import Assignment
from service.domain.times import format_instant


class Claim(NamedTuple):
    """What one claimant says of one party's control of a place."""

    party: str
    claimant: str
    says: str
    answer: Assignment


@dataclass(frozen=True, slots=True)
class Verdict:
    """A derived state of control, the reason for it, and the answers that decide it."""

    state: str
    reason: str
    holder: str | None
    decided_by: Assignment
    says: str


def control(board: Board) -> list[dict[str, Any]]:
    """Return each place of which control is spoken or that was fought for, by slug."""
    claims: dict[str, list[Claim]] = {}
    for (place, party, claimant), answer in board.family("control"):
        claims.setdefault(place, []).append(Claim(party, claimant, answer.value, answer))
    holders = {place: answer for (place,), answer in board.family("holder")}
    fights = {place: answer for (place,), answer in board.family("fought")}
    return [
        _entry(board.cast, place, claims.get(place, []), holders.get(place), fights.get(place))
        for place in sorted({*claims, *holders, *fights})
    ]


def judge(
    claims: list[Claim], holder: Assignment | None, fought: Assignment | None, cast: Cast
) -> Verdict:
    """Apply the rule to one place. At least one of the arguments says something."""
    live = claims
    if holder is not None:
        live = [claim for claim in claims if not _is_set_aside(claim, holder)]
    released = _released(live)
    asserted = _asserted(live, released)
    held_by = None if holder is None or holder.value in released else holder
    return (
        _disputed(live, asserted, held_by, cast)
        or _contested(claims, holder, fought)
        or _held(asserted, held_by, cast)
        or _unknown(claims, holder, fought)
    )


def _is_set_aside(claim: Claim, holder: Assignment | None) -> bool:
    return holder is not None and claim.answer.order <= holder.order


def _released(live: list[Claim]) -> dict[str, Assignment]:
    """The parties' own words that they left."""
    return {
        party: answer
        for party, claimant, says, answer in live
        if says == "released" and party == claimant
    }


def _asserted(live: list[Claim], released: Mapping[str, Assignment]) -> dict[str, list[Assignment]]:
    """The assertions that stand, by the party that they are of."""
    found: dict[str, list[Assignment]] = {}
    for party, _, says, answer in live:
        if says == "asserts":
            left = released.get(party)
            if left is None or left.order < answer.order:
                found.setdefault(party, []).append(answer)
    return found


def _disputed(
    live: list[Claim],
    asserted: dict[str, list[Assignment]],
    held_by: Assignment | None,
    cast: Cast,
) -> Verdict | None:
    """The dispute that came about first; each pair disputes from its later word on."""
    found: list[tuple[Assignment, str, str]] = []
    if len(asserted) > 1:
        # Of all pairs, the two that were asserted first came to differ first.
        earliest = sorted(asserted, key=lambda party: _order(_first(asserted[party])))[:2]
        later = _first(asserted[earliest[1]])
        one, other = sorted(earliest)
        says = f"Control is asserted of {cast.actor(one)} and of {cast.actor(other)}."
        found.append((later, "two_claims", says))
    for denial in (claim for claim in live if claim.says == "denies"):
        denied = asserted.get(denial.party, [])
        if held_by is not None and held_by.value == denial.party:
            denied = [held_by]
        if denied:
            later = max(denial.answer, _first(denied), key=_order)
            says = f"{cast.actor(denial.claimant)} denies that {cast.actor(denial.party)} holds it."
            found.append((later, "denied", says))
    if not found:
        return None
    decided_by, reason, says = min(found, key=lambda row: (row[0].order, row[0].slot, row[2]))
    return Verdict("disputed", reason, None, decided_by, says)


def _contested(
    claims: list[Claim], holder: Assignment | None, fought: Assignment | None
) -> Verdict | None:
    if fought is None:
        return None
    older = [claim.answer for claim in claims] + ([holder] if holder else [])
    if any(answer.order >= fought.order for answer in older):
        return None
    says = "There was fighting here since anyone was said to hold it."
    return Verdict("contested", "fought", None, fought, says)


def _held(
    asserted: dict[str, list[Assignment]], held_by: Assignment | None, cast: Cast
) -> Verdict | None:
    if held_by is not None:
        says = f"It is confirmed that {cast.actor(held_by.value)} holds it."
        return Verdict("held", "confirmed", held_by.value, held_by, says)
    if len(asserted) != 1:
        return None
    ((party, answers),) = asserted.items()
    says = f"{cast.actor(party)} is said to hold it, and nobody denies it."
    return Verdict("held", "claim", party, _first(answers), says)


def _unknown(claims: list[Claim], holder: Assignment | None, fought: Assignment | None) -> Verdict:
    answers = [*(claim.answer for claim in claims), *filter(None, (holder, fought))]
    newest = max(answers, key=_order)
    if newest.value == "released":
        return Verdict("unknown", "released", None, newest, "Who held it says that it left.")
    return Verdict("unknown", "unclaimed", None, newest, "Nobody is said to hold it.")


def _first(answers: list[Assignment]) -> Assignment:
    return min(answers, key=_order)


def _order(answer: Assignment) -> tuple[Any, ...]:
    return (answer.order, answer.slot)


def _entry(
    cast: Cast,
    place: str,
    claims: list[Claim],
    holder: Assignment | None,
    fought: Assignment | None,
) -> dict[str, Any]:
    verdict = judge(claims, holder, fought, cast)
    named = [verdict.holder, holder.value if holder else None]
    named += [slug for claim in claims for slug in (claim.party, claim.claimant)]
    answers = [claim.answer for claim in claims]
    return {
        "place": place,
        "name": cast.place(place),
        "state": verdict.state,
        "reason": verdict.reason,
        "says": verdict.says,
        "holder": verdict.holder,
        "confirmed": None if holder is None else {"party": holder.value, **evidence(holder)},
        "fought": format_instant(fought.valid_from) if fought else None,
        "claims": [_shown(claim, holder) for claim in _newest_first(claims)],
        "names": cast.actors_named(*sorted({slug for slug in named if slug})),
        **evidence(verdict.decided_by, holder, *answers, fought),
    }


def _newest_first(claims: list[Claim]) -> list[Claim]:
    return sorted(claims, key=lambda claim: (-claim.answer.valid_from, claim.answer.slot))


def _shown(claim: Claim, holder: Assignment | None) -> dict[str, Any]:
    return {
        "party": claim.party,
        "claimant": claim.claimant,
        "claim": claim.says,
        "set_aside": _is_set_aside(claim, holder),
        **evidence(claim.answer),
    }
