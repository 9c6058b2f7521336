"""The locks hold every dependency to one version and its digests, and name no machine."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN = PROJECT["project"]["dependencies"]
POSTGRES = PROJECT["project"]["optional-dependencies"]["postgres"]
GROUPS = PROJECT["dependency-groups"]
EVERYTHING = [*RUN, *POSTGRES, *GROUPS["build"], *GROUPS["lint"], *GROUPS["test"]]

ASKED_FOR = {
    "run.txt": RUN,
    "postgres.txt": [*RUN, *POSTGRES],
    "build.txt": GROUPS["build"],
    "peers.txt": [*RUN, *POSTGRES, *GROUPS["peers"]],
    "test.txt": EVERYTHING,
}


def _read(lock: str) -> str:
    return (ROOT / "requirements" / lock).read_text(encoding="utf-8")


def _entries(lock: str) -> list[str]:
    """Each package of a lock with its digests, as one line."""
    return [
        line
        for line in _read(lock).replace("\\\n", " ").splitlines()
        if line and not line.startswith("#")
    ]


def _pins(lock: str) -> dict[str, set[Version]]:
    pins: dict[str, set[Version]] = {}
    for entry in _entries(lock):
        pin = Requirement(entry.split("--hash")[0])
        [only] = pin.specifier
        assert only.operator == "==", entry
        pins.setdefault(canonicalize_name(pin.name), set()).add(Version(only.version))
    return pins


def test_every_lock_is_listed_here() -> None:
    assert {file.name for file in (ROOT / "requirements").glob("*.txt")} == set(ASKED_FOR)


@pytest.mark.parametrize("lock", ASKED_FOR)
def test_a_lock_answers_what_the_project_asks_for(lock: str) -> None:
    pins = _pins(lock)
    for asked in map(Requirement, ASKED_FOR[lock]):
        found = pins.get(canonicalize_name(asked.name), set())
        assert found, f"{asked.name} is not locked: make lock"
        assert all(asked.specifier.contains(version) for version in found), asked


@pytest.mark.parametrize("lock", ASKED_FOR)
def test_every_package_of_a_lock_has_its_digests(lock: str) -> None:
    bare = [
        entry.split()[0]
        for entry in _entries(lock)
        if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)
    ]
    assert bare == []


@pytest.mark.parametrize("lock", ASKED_FOR)
def test_a_lock_names_no_index_and_no_path(lock: str) -> None:
    assert not re.search(r"://|--index|--extra|--find|^-", _read(lock), re.MULTILINE)
    paths = [line for line in _read(lock).splitlines() if "/" in line and "--hash" not in line]
    assert paths == []


@pytest.mark.parametrize("lock", [lock for lock in ASKED_FOR if lock != "test.txt"])
def test_what_is_run_is_what_is_tested(lock: str) -> None:
    tested, pins = _pins("test.txt"), _pins(lock)
    if lock == "peers.txt":
        # What we are compared with is run beside us; what is ours there is what is tested.
        pins = {name: versions for name, versions in pins.items() if name in tested}
    assert {name: tested.get(name) for name in pins} == pins


def test_each_dependency_has_its_reason_on_record() -> None:
    page = (ROOT / "docs/decisions/0003-dependencies.md").read_text(encoding="utf-8")
    on_record = set(re.findall(r"^\| `([^`]+)`", page, re.MULTILINE))
    asked = {Requirement(text).name for text in [*EVERYTHING, *GROUPS["peers"]]}
    assert on_record == asked
