"""Who holds a place: each line of the rule, told as it is reported."""

from itertools import permutations
from typing import Any

import pytest

from service.domain.situation import compose
from tests.domain.telling import CAST, TRIPOLI, Telling, answer, at


def claims(story: Telling, party: str, on: str, place: str = "airport") -> None:
    story.reports("control.claimed", on, actors=f"by:{party}", places=place)


def denies(story: Telling, claimant: str, party: str, on: str, place: str = "airport") -> None:
    story.reports("control.denied", on, actors=f"by:{claimant} against:{party}", places=place)


def confirms(story: Telling, party: str, on: str, place: str = "airport") -> None:
    story.reports("control.confirmed", on, places=place, details={"control": {"party": party}})


def leaves(story: Telling, party: str, on: str, place: str = "airport") -> None:
    story.reports("pullback", on, actors=f"by:{party}", places=place)


def fights(story: Telling, on: str, place: str = "airport") -> None:
    story.reports("clash", on, actors="by:lna against:gna", places=place)


def verdict(story: Telling) -> tuple[str, str, str | None]:
    place = story.only("control")
    return place["state"], place["reason"], place["holder"]


def test_given_one_claim_that_nobody_denies_the_place_is_held_by_claim() -> None:
    story = Telling()
    claims(story, "lna", "2019-04-05")
    assert verdict(story) == ("held", "claim", "lna")


def test_given_two_parties_that_claim_it_the_place_is_disputed() -> None:
    story = Telling()
    claims(story, "lna", "2019-04-05")
    claims(story, "gna", "2019-04-06")
    assert verdict(story) == ("disputed", "two_claims", None)
    assert story.only("control")["since"] == "2019-04-06T21:59:59.999999Z"


def test_given_a_claim_that_someone_denies_the_place_is_disputed() -> None:
    story = Telling()
    claims(story, "lna", "2019-04-05")
    denies(story, "gna", "lna", "2019-04-06")
    assert verdict(story) == ("disputed", "denied", None)


def test_a_denial_of_before_the_claim_disputes_it_from_the_claim_on() -> None:
    story = Telling()
    denies(story, "gna", "lna", "2019-04-04")
    claims(story, "lna", "2019-04-05")
    assert verdict(story) == ("disputed", "denied", None)
    assert story.only("control")["slot"] == "control:airport:lna:lna"


def test_the_airport_both_sides_claim_it_and_each_denies_the_other() -> None:
    story = Telling()
    claims(story, "lna", "2019-04-05")
    denies(story, "gna", "lna", "2019-04-06")
    claims(story, "gna", "2019-04-07")
    denies(story, "lna", "gna", "2019-04-08")
    place = story.only("control")
    assert (place["state"], place["since"]) == ("disputed", "2019-04-06T21:59:59.999999Z")
    said = {(c["claimant"], c["party"]): c["claim"] for c in place["claims"]}
    assert said == {
        ("lna", "lna"): "asserts",
        ("gna", "lna"): "denies",
        ("gna", "gna"): "asserts",
        ("lna", "gna"): "denies",
    }


def test_who_repeats_its_claim_disputes_nothing() -> None:
    story = Telling()
    claims(story, "lna", "2019-04-05")
    claims(story, "lna", "2019-04-06")
    assert verdict(story) == ("held", "claim", "lna")


def test_who_takes_back_its_denial_by_claiming_ends_that_dispute() -> None:
    story = Telling()
    claims(story, "lna", "2019-04-05")
    denies(story, "lna", "lna", "2019-04-06")
    assert verdict(story) == ("unknown", "unclaimed", None)


def test_a_confirmation_sets_older_claims_and_denials_aside() -> None:
    story = Telling()
    claims(story, "lna", "2019-04-05")
    claims(story, "gna", "2019-04-06")
    confirms(story, "gna", "2019-04-08")
    assert verdict(story) == ("held", "confirmed", "gna")
    assert [claim["set_aside"] for claim in story.only("control")["claims"]] == [True, True]


def test_who_denies_the_confirmed_holder_disputes_it() -> None:
    story = Telling()
    confirms(story, "gna", "2019-04-08")
    denies(story, "lna", "gna", "2019-04-09")
    assert verdict(story) == ("disputed", "denied", None)
    assert story.only("control")["confirmed"]["party"] == "gna"


def test_a_denial_older_than_the_confirmation_denies_nothing() -> None:
    story = Telling()
    denies(story, "lna", "gna", "2019-04-07")
    confirms(story, "gna", "2019-04-08")
    assert verdict(story) == ("held", "confirmed", "gna")


def test_one_newer_claim_alone_does_not_outweigh_a_confirmation() -> None:
    story = Telling()
    confirms(story, "gna", "2019-04-08")
    claims(story, "lna", "2019-04-09")
    assert verdict(story) == ("held", "confirmed", "gna")


def test_two_newer_claims_dispute_what_was_confirmed() -> None:
    story = Telling()
    confirms(story, "gna", "2019-04-08")
    claims(story, "lna", "2019-04-09")
    claims(story, "gna", "2019-04-10")
    assert verdict(story) == ("disputed", "two_claims", None)


def test_fighting_newer_than_holder_and_claims_contests_the_place() -> None:
    story = Telling()
    confirms(story, "gna", "2019-04-08")
    claims(story, "lna", "2019-04-09")
    fights(story, "2019-04-10")
    assert verdict(story) == ("contested", "fought", None)


def test_fighting_older_than_the_last_claim_contests_nothing() -> None:
    story = Telling()
    fights(story, "2019-04-04")
    claims(story, "lna", "2019-04-05")
    assert verdict(story) == ("held", "claim", "lna")


def test_a_dispute_goes_before_newer_fighting() -> None:
    story = Telling()
    claims(story, "lna", "2019-04-05")
    denies(story, "gna", "lna", "2019-04-05")
    fights(story, "2019-04-10")
    assert verdict(story)[0] == "disputed"


def test_a_place_that_was_only_fought_for_is_contested() -> None:
    story = Telling()
    fights(story, "2019-04-05")
    assert verdict(story) == ("contested", "fought", None)


def test_a_holder_that_leaves_holds_it_no_longer() -> None:
    story = Telling()
    confirms(story, "gna", "2019-04-08")
    leaves(story, "gna", "2019-04-09")
    assert verdict(story) == ("unknown", "released", None)


def test_a_holder_that_was_confirmed_again_after_leaving_holds_it() -> None:
    story = Telling()
    leaves(story, "gna", "2019-04-07")
    confirms(story, "gna", "2019-04-08")
    assert verdict(story) == ("held", "confirmed", "gna")


def test_a_claimant_that_leaves_takes_back_its_claim() -> None:
    story = Telling()
    claims(story, "lna", "2019-04-05")
    leaves(story, "lna", "2019-04-06")
    assert verdict(story) == ("unknown", "released", None)


def test_who_leaves_takes_what_others_asserted_of_it_along() -> None:
    story = Telling()
    details = {"control": {"party": "lna"}}
    story.reports(
        "control.claimed", "2019-04-05", actors="by:media", places="airport", details=details
    )
    leaves(story, "lna", "2019-04-06")
    assert verdict(story) == ("unknown", "released", None)


def test_when_the_holder_left_the_next_claim_holds() -> None:
    story = Telling()
    confirms(story, "gna", "2019-04-08")
    leaves(story, "gna", "2019-04-09")
    claims(story, "lna", "2019-04-10")
    assert verdict(story) == ("held", "claim", "lna")


def test_a_denial_of_who_never_claimed_it_leaves_it_unknown() -> None:
    story = Telling()
    denies(story, "gna", "lna", "2019-04-05")
    assert verdict(story) == ("unknown", "unclaimed", None)


def test_every_place_is_shown_with_its_name_by_slug() -> None:
    story = Telling()
    claims(story, "lna", "2019-04-05", "gharyan")
    claims(story, "lna", "2019-04-05", "airport")
    shown = [(place["place"], place["name"]) for place in story.situation()["control"]]
    assert shown == [("airport", "airport"), ("gharyan", "Gharyan")]


def test_an_entry_names_every_slot_that_it_stands_on() -> None:
    story = Telling()
    fights(story, "2019-04-04")
    confirms(story, "gna", "2019-04-05")
    claims(story, "lna", "2019-04-06")
    place = story.only("control")
    slots = ["holder:airport", "control:airport:lna:lna", "fought:airport"]
    assert (place["slot"], place["slots"]) == (slots[0], slots)
    assert place["fought"] == "2019-04-04T21:59:59.999999Z"
    assert place["names"] == {"gna": "Government of Accord", "lna": "Libyan National Army"}


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_order_in_which_answers_come_decides_nothing(order: tuple[int, ...]) -> None:
    answers = [
        answer("control:airport:lna:lna", "asserts", "2019-04-05", number=1),
        answer("control:airport:gna:gna", "asserts", "2019-04-05", number=2),
        answer("control:airport:lna:gna", "denies", "2019-04-05", number=3),
        answer("fought:airport", "clash", "2019-04-05", number=4),
    ]
    assert _composed([answers[i] for i in order]) == _composed(answers)


def _composed(answers: list[Any]) -> Any:
    as_of = at("2019-04-30")
    return compose(answers, as_of=as_of, zone=TRIPOLI, conflict=True, cast=CAST)["control"]
