"""How deep a situation looks in a slot: as deep as those need it who look."""

from service.domain import level, situation
from service.readmodel import latest, slots


def test_a_situation_has_what_its_sections_see_below_the_answer() -> None:
    assert {name for name in situation.LOOKS_BELOW if slots.depth(f"{name}:x") < 2} == set()


def test_the_slots_that_the_level_looks_at_are_told_by_their_depth() -> None:
    of_level = {name for name, depth in slots.DEPTHS.items() if depth >= slots.LEVEL_DEPTH}
    assert of_level > {*level.FAMILIES, *level.FIGHTS, "level"}
    assert slots.depth("note:x") == slots.depth("heated:x") == 1


def test_the_lots_in_which_slots_are_asked_for_are_all_of_them_each_once() -> None:
    families = [name for lot in latest.LOTS for name in lot.families]
    assert sorted(families) == sorted(slots.DEPTHS)
    assert sorted(depth for lot in latest.LOTS for depth in lot.depths) == sorted(
        {1, *slots.DEPTHS.values()}
    )
