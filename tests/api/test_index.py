"""GET /v1: links and templates, each of which leads somewhere."""

import re

import pytest

from service import __version__
from tests.api.served import Caller

FILLED = {
    "story": "tripoli-2019", "slot": "posture:lna", "actor": "lna", "place": "gharyan",
    "version": "1",
}  # fmt: skip

READINGS = (
    "story situation slot assignments level developments development versions version changes"
    " history corrections actors actor places place"
)
"""What has a template."""


def test_it_says_whose_house_it_is(tripoli: Caller) -> None:
    found = tripoli.get("/v1")

    assert found["house"] == "Onrecord"
    assert found["release"] == __version__


def test_every_link_leads_somewhere(tripoli: Caller) -> None:
    for name, path in tripoli.get("/v1")["links"].items():
        assert tripoli.ask(path).status_code == 200, name


def test_every_template_leads_somewhere_once_filled_in(tripoli: Caller) -> None:
    developments = tripoli.get("/v1/stories/tripoli-2019/developments?limit=1")["items"]
    filled = {**FILLED, "development": developments[0]["id"]}
    templates = tripoli.get("/v1")["templates"]

    assert set(READINGS.split()) <= set(templates)
    for name, template in templates.items():
        path = re.sub(r"\{\?[a-z_,]+\}", "", template)
        path = re.sub(r"\{([a-z]+)\}", lambda part: filled[part.group(1)], path)
        path += "?since_position=0" if name == "changes" else ""
        assert tripoli.ask(path).status_code == 200, path


def test_templates_name_the_parameters_as_they_are_sent(tripoli: Caller) -> None:
    templates = tripoli.get("/v1")["templates"]

    assert templates["situation"].endswith("{?min_position,as_of,known_at,position,settled}")
    assert ",from,to," in templates["history"]
    assert "bbox" in templates["developments"]


@pytest.mark.parametrize("path", ["/v1", "/v1/"])
def test_it_is_conditional(tripoli: Caller, path: str) -> None:
    tag = tripoli.ask(path).headers["ETag"]

    assert tripoli.ask(path, If_None_Match=tag).status_code == 304


def test_it_takes_no_parameters(tripoli: Caller) -> None:
    assert "as_of" in tripoli.get("/v1?as_of=2019", status=422)["errors"]


def test_the_house_says_whether_it_lives_and_can_serve(tripoli: Caller) -> None:
    assert tripoli.get("/healthz") == {"status": "alive"}
    head = tripoli.house.head()
    assert tripoli.get("/readyz") == {"status": "ready", "position": head, "followers": {}}
