"""Which version an act is based on, and what a client has already."""

from typing import Any

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from service.api import conditional
from service.api.problems import Problem

ID = "0190a6a4-3c5e-7b1c-9d2a-5f1f6f0f2b11"
TAG = f"{ID}.3.0"
PATH = f"/v1/things/a/developments/{ID}/corrections"
GOOD = {"changes": {"headline": "Right"}, "notice": "It was wrong."}


def asked(**headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(EnvironBuilder(headers=named).get_environ())


@pytest.mark.parametrize(
    "header",
    [
        f'"{TAG}"',
        f' "{TAG}" ',
        f'W/"{TAG}"',
        f'"{TAG}:br"',
        f'"{TAG}:gzip"',
        f'W/"{TAG}-gzip"',
        f'"{TAG};zstd"',
        f'"{TAG}--gzip"',
    ],
)
def test_what_compression_made_of_a_tag_names_the_same_version(header: str) -> None:
    assert conditional.based_on(asked(If_Match=header), {}).etag == TAG


def test_a_star_is_whatever_there_is() -> None:
    assert conditional.based_on(asked(If_Match="*"), {}).etag == "*"


def test_the_body_may_say_it_as_well_or_instead() -> None:
    assert conditional.based_on(asked(), {"base_version": 3}).version == 3
    both = conditional.based_on(asked(If_Match=f'"{TAG}"'), {"base_version": 3})
    assert (both.etag, both.version) == (TAG, 3)


def test_who_says_nothing_is_based_on_nothing() -> None:
    base = conditional.based_on(asked(), {})

    assert (base.etag, base.version) == (None, None)


@pytest.mark.parametrize(
    "header", [TAG, "", '"', f'"{TAG}', '"a", "b"', '"a" "b"', "W/x", '"a",, x', '"a"b']
)
def test_a_tag_that_cannot_be_read_is_refused(header: str) -> None:
    with pytest.raises(Problem) as refused:
        conditional.based_on(asked(If_Match=header), {})

    assert refused.value.status == 400


@pytest.mark.parametrize(
    "header", ['"r1"', 'W/"r1"', '"x", "r1"', '"r1:br"', "*", '"x","r1-gzip"', 'W/"x", W/"r1"']
)
def test_who_has_it_is_not_sent_it_again(header: str) -> None:
    assert conditional.not_modified(asked(If_None_Match=header), "r1")


@pytest.mark.parametrize("header", ['"r2"', "r1", '"r1', "", '"r11"', "W/r1"])
def test_who_does_not_is(header: str) -> None:
    assert not conditional.not_modified(asked(If_None_Match=header), "r1")


def test_a_304_names_the_tag_and_has_no_body() -> None:
    answer = conditional.unchanged("r1")

    assert answer.status_code == 304
    assert answer.headers["ETag"] == '"r1"'
    assert answer.data == b""


def test_an_act_hands_the_base_to_its_decision(editor: Any) -> None:
    answer = editor("POST", PATH, json={**GOOD, "base_version": 3}, headers={"If-Match": '"x"'})

    assert answer.json == {"etag": "x", "version": 3, "id": ID}
