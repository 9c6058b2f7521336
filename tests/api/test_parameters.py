"""Unknown and repeated parameters, unknown fields: named, with the nearest that exists."""

from typing import Any

import pytest

PATH = "/v1/things/a/developments"


@pytest.mark.parametrize(
    ("query", "near"),
    [
        ("as_off=2019-04-05", {"as_off": ["as_of"]}),
        ("knownat=2019", {"knownat": ["known_at"]}),
        ("limt=3", {"limt": ["limit"]}),
        ("ordr=occurred", {"ordr": ["order"]}),
    ],
)
def test_a_misspelt_parameter_never_answers_with_the_present(
    reader: Any, query: str, near: Any
) -> None:
    answer = reader("GET", f"{PATH}?{query}")

    assert answer.status_code == 422
    (name,) = near
    assert answer.json["errors"] == {name: ["Unknown parameter."]}
    assert answer.json["suggestions"][name][0] == near[name][0]


def test_a_parameter_given_twice_is_refused_even_with_one_value(reader: Any) -> None:
    answer = reader("GET", f"{PATH}?as_of=2019&as_of=2019")

    assert answer.json["errors"] == {"as_of": ["Must be given once."]}


def test_all_that_is_wrong_is_said_at_once(reader: Any) -> None:
    answer = reader("GET", f"{PATH}?limit=0&order=up&x=1")

    assert set(answer.json["errors"]) == {"limit", "order", "x"}


@pytest.mark.parametrize("path", ["/v1/things/a/pins?force=1"])
def test_where_there_are_no_parameters_there_are_none(editor: Any, path: str) -> None:
    assert editor("PUT", path).json["errors"] == {"force": ["Unknown parameter."]}


def test_a_thousand_parameters_are_not_read(reader: Any) -> None:
    query = "&".join(f"p{number}=1" for number in range(1000))

    assert reader("GET", f"{PATH}?{query}").status_code == 422


def test_a_misspelt_field_deep_inside_is_told_its_nearest(editor: Any) -> None:
    sent = {
        "headline": "A strike",
        "occured": "now",
        "sources": [{"publisher": "P", "titel": "T"}],
        "details": {"casualties": {"kiled": 3}},
    }

    answer = editor("POST", PATH, json=sent)

    assert answer.json["suggestions"] == {
        "occured": ["occurred"],
        "sources.0.titel": ["title"],
        "details.casualties.kiled": ["killed"],
    }
    assert answer.json["errors"]["occurred"] == ["Required."]


def test_a_body_full_of_faults_gets_a_short_answer(editor: Any) -> None:
    answer = editor("POST", PATH, json={f"field{number}": 1 for number in range(5000)})

    assert answer.status_code == 422
    assert len(answer.json["errors"]) == 100
    assert len(answer.data) < 20_000
