"""A typed client, made from /openapi.json by somebody else's program, tells the founding story
live and reads it in both clocks. Its functions have the names of the operations."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from service import seeds
from service.domain import times
from service.settings import Settings
from tests.api.served import served
from tests.builders import Clock, House

ZONE = ZoneInfo("Africa/Tripoli")
EVENING = 20 * 3600 * 1_000_000
"""A line's date stands for 20:00 in the story's zone."""

PACKAGE = "onrecord_client"
CONFIG = {"post_hooks": [], "package_name_override": PACKAGE}
ACTS = {"update": ("update", "RevisionIn"), "correct": ("correct", "CorrectionIn"),
        "verify": ("verify", "VerificationIn")}  # fmt: skip


def made(description: bytes, directory: Path) -> None:
    """Make the client's package below a directory."""
    (directory / "openapi.json").write_bytes(description)
    (directory / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    command = [
        sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none",
        "--path", str(directory / "openapi.json"), "--config", str(directory / "config.json"),
        "--output-path", str(directory / PACKAGE),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    # Bodies of many lines are what no generated client knows; it must be all that it leaves out.
    warned = [line for line in done.stdout.splitlines() if line.startswith(("WARNING", "Unsupp"))]
    assert set(warned) <= {"Unsupported content type application/x-ndjson"}, done.stdout


@dataclass
class Newsroom:
    """A newsroom whose one tool is the made client."""

    house: House
    client: Any
    ids: dict[str, tuple[str, int]] = field(default_factory=dict)

    def model(self, name: str) -> Any:
        """A model of the client's."""
        return getattr(importlib.import_module(f"{PACKAGE}.models"), name)

    def calls(self, function: str, *args: Any, body: Any = None, **named: Any) -> Any:
        """What a function of the client's returns, which is no problem."""
        answer = self.asks(function, *args, body=body, **named)
        assert not isinstance(answer, self.model("Problem")), answer
        return answer

    def asks(self, function: str, *args: Any, body: Any = None, **named: Any) -> Any:
        """What it returns, whatever that is."""
        noun = FUNCTIONS[function]
        module: ModuleType = importlib.import_module(f"{PACKAGE}.api.{noun}.{function}")
        if body is not None:
            named["body"] = self.model(body[0]).from_dict(body[1])
        return module.sync(*args, client=self.client, **named)

    def tells(self, line: dict[str, Any]) -> None:
        """Take a line of the founding story to the door, on the day on which it was told."""
        if "recorded_at" in line:
            at = line.pop("recorded_at")
            start = times.start_of(at, ZONE)
            self.house.clock.now = start + EVENING if times.is_date(at) else start
        [(act, said)] = line.items()
        match act:
            case "story":
                self.calls("open_story", body=("StoryIn", said))
            case "actor" | "place":
                slug, shape = said.pop("id"), act.title()
                self.calls(f"put_{act}", "tripoli-2019", slug, body=(f"{shape}In", said))
            case "report":
                told = self.calls(
                    "report_development", "tripoli-2019", body=("DevelopmentIn", said)
                )
                assert told.headline == said["headline"]
                self.ids[said["external_id"]] = (told.id, told.version)
            case _:
                self.acts(act, said)

    def acts(self, act: str, said: dict[str, Any]) -> None:
        name = said.pop("external_id")
        development, version = self.ids[name]
        verb, shape = ACTS[act]
        told = self.calls(
            f"{verb}_development", "tripoli-2019", development,
            body=(shape, {**said, "base_version": version}),
        )  # fmt: skip
        assert told.version == version + 1
        self.ids[name] = (development, told.version)


FUNCTIONS = {
    "open_story": "stories",
    "put_actor": "cast",
    "put_place": "cast",
    "report_development": "developments",
    "update_development": "acts",
    "correct_development": "acts",
    "verify_development": "acts",
    "get_situation": "situation",
    "get_development": "timeline",
    "list_developments": "timeline",
    "list_changes": "trail",
    "list_corrections": "trail",
    "list_kinds": "kinds",
}
"""The functions that a newsroom needs, by the modules in which one looks for them."""


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A newsroom that has told the founding story to its end through the made client."""
    directory = tmp_path_factory.mktemp("client")
    house = House.at(Settings(database_url=f"sqlite:///{directory / 'house.db'}"), Clock())
    anyone = served(house)
    made(anyone.ask("/openapi.json").data, directory)
    token = anyone.holding("editor").headers["Authorization"].removeprefix("Bearer ")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(directory))
        client = importlib.import_module(PACKAGE).AuthenticatedClient(
            base_url="http://house", token=token,
            httpx_args={"transport": httpx.WSGITransport(app=anyone.app)},
        )  # fmt: skip
        desk = Newsroom(house, client)
        text = seeds.path("tripoli-2019").read_text("utf-8")
        for line in text.splitlines():
            desk.tells(json.loads(line))
        house.clock.reads("2026-01-01T00:00:00Z")
        yield desk
    house.close()
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def situation(newsroom: Newsroom, **basis: str) -> Any:
    return newsroom.calls("get_situation", "tripoli-2019", **basis)


def test_it_has_a_function_for_each_operation(newsroom: Newsroom) -> None:
    for function, noun in FUNCTIONS.items():
        assert importlib.import_module(f"{PACKAGE}.api.{noun}.{function}").sync


def test_the_council_was_planned_as_told_and_held_in_hindsight(newsroom: Newsroom) -> None:
    def council(**basis: str) -> Any:
        [event] = [one for one in situation(newsroom, **basis).scheduled if "unsc" in one.event]
        return event.state.value

    assert council(known_at="2019-04-05") == "planned"
    assert council(as_of="2019-04-05") == "held"


def test_gharyan_had_fallen_before_anyone_said_so(newsroom: Newsroom) -> None:
    def told(**basis: str) -> set[str]:
        return {one.place for one in situation(newsroom, **basis).control}

    assert "gharyan" in told(as_of="2019-04-03")
    assert "gharyan" not in told(known_at="2019-04-03")


def test_the_alert_reads_as_told_then_and_as_corrected_now(newsroom: Newsroom) -> None:
    alert, _ = newsroom.ids["alert"]
    then = newsroom.calls("get_development", "tripoli-2019", alert, known_at="2019-04-06")
    now = newsroom.calls("get_development", "tripoli-2019", alert)

    assert (then.version, now.version) == (1, 2)
    assert "not UN troops" in now.headline
    assert "not UN troops" not in then.headline
    [entry] = newsroom.calls("list_corrections", "tripoli-2019").items
    assert entry.development == alert


def test_an_answer_is_typed_down_to_its_basis(newsroom: Newsroom) -> None:
    found = situation(newsroom, as_of="2019-04-05")

    assert found.basis.reading.value == "hindsight"
    assert found.basis.as_of.isoformat() == "2019-04-05T21:59:59.999999+00:00"
    assert found.counts.developments == len(newsroom.ids)
    assert {party.actor for party in found.parties} >= {"lna", "gna"}
    assert type(found).from_dict(found.to_dict()) == found


def test_a_refusal_is_a_typed_problem(newsroom: Newsroom) -> None:
    problem = newsroom.asks("get_situation", "tripoli-2019", as_of="2030-01-01")

    assert isinstance(problem, newsroom.model("Problem"))
    assert (problem.status, problem.type_) == (422, "/problems/invalid")
    assert problem.errors["as_of"]
