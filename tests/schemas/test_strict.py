"""The quick way through a shape and marshmallow's own say the same."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, post_load
from marshmallow.fields import Field, List, Nested

from schemas.developments import DevelopmentIn
from schemas.fields import Line
from schemas.nesting import Part
from schemas.strict import Strict
from tests.schemas.test_developments import FULL

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.text(max_size=4),
    st.just([]),
    st.just({}),
    st.just("gharyan"),
    st.just(["gharyan", "gharyan"]),
)


def paths(value: Any, so_far: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    found = [so_far] if so_far else []
    for key, inner in inside:
        found += paths(inner, (*so_far, key))
    return found


@st.composite
def nearly_right(draw: st.DrawFn) -> dict[str, Any]:
    sent = copy.deepcopy(FULL)
    for _ in range(draw(st.integers(0, 3))):
        way = draw(st.sampled_from(paths(sent)))
        here: Any = sent
        for key in way[:-1]:
            here = here[key]
        here[way[-1]] = draw(ODD)
    if draw(st.booleans()):
        sent[draw(st.text(max_size=5))] = draw(ODD)
    return sent


def slowly(schema: Schema, sent: Any) -> Any:
    """Load by marshmallow alone: no quick way at any level."""
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Strict, "load", Schema.load)
            patch.setattr(Part, "deserialize", Nested.deserialize)
            return schema.load(sent)
    except ValidationError as refused:
        return refused.messages


def quickly(schema: Schema, sent: Any) -> Any:
    try:
        return schema.load(sent)
    except ValidationError as refused:
        return refused.messages


@given(nearly_right())
def test_both_ways_load_alike_and_refuse_alike(sent: dict[str, Any]) -> None:
    assert quickly(DevelopmentIn(), sent) == slowly(DevelopmentIn(), sent)


@given(st.recursive(ODD, lambda inner: st.dictionaries(st.text(max_size=3), inner)))
def test_whatever_is_sent_is_loaded_or_refused(sent: Any) -> None:
    quickly(DevelopmentIn(), sent)


def test_everything_wrong_is_named_at_once() -> None:
    sent = {**FULL, "headline": "", "sources": [], "colour": "red"}

    assert set(quickly(DevelopmentIn(), sent)) == {"headline", "sources", "colour"}


def test_a_hook_that_the_quick_way_would_skip_is_refused_when_the_shape_is_made() -> None:
    with pytest.raises(TypeError, match="post_load"):

        class Hooked(Strict):
            name = Line("A name.", most=3)

            @post_load
            def add(self, data: Any, **_: Any) -> Any:
                return data


def every_shape(base: type[Schema]) -> list[type[Schema]]:
    return [base, *(shape for sub in base.__subclasses__() for shape in every_shape(sub))]


def every_field(field: Field[Any]) -> list[Field[Any]]:
    return [field, *(every_field(field.inner) if isinstance(field, List) else [])]


@pytest.mark.parametrize(
    "shape",
    [shape for shape in every_shape(Strict) if shape.__module__.startswith("schemas.")],
    ids=lambda shape: shape.__name__,
)
def test_every_field_says_what_it_means(shape: type[Strict]) -> None:
    assert shape.__doc__
    for name, field in shape().fields.items():
        for one in every_field(field):
            assert one.metadata.get("description"), f"{shape.__name__}.{name}"
