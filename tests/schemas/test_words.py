"""The words that clients choose from are the words that the domain knows."""

from schemas import words
from schemas.details import DetailsIn
from schemas.nesting import Part
from service.asof import changed
from service.domain import details, level
from service.domain.kinds import KINDS


def test_details_have_the_domains_parts_and_fields() -> None:
    shapes = DetailsIn().fields

    assert set(shapes) == set(details.PARTS)
    for name, shape in shapes.items():
        if isinstance(shape, Part):
            assert set(shape.schema.fields) == set(details.PARTS[name]["properties"]), name


def test_words_are_the_domains() -> None:
    parts = details.PARTS

    assert list(words.POSTURES) == parts["posture"]["enum"]
    assert list(words.ALERTS) == parts["alert"]["properties"]["level"]["enum"]
    assert list(words.RELATION_TYPES) == parts["relation"]["properties"]["type"]["enum"]
    assert list(words.MEASURE_STATES) == parts["measure"]["properties"]["state"]["enum"]


def test_groups_are_those_of_the_kinds() -> None:
    assert set(words.GROUPS) == {kind.group for kind in KINDS.values()}


def test_levels_are_those_of_the_rule() -> None:
    assert list(words.LEVELS) == list(level.VALUES)


def test_what_becomes_of_a_slot_is_told_in_these_words() -> None:
    assert words.SLOT_CHANGES == changed.SORTS
