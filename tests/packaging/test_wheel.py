"""The wheel, installed in another environment in another directory, runs the founding story.

What it depends on is copied from the test environment, package by package as requirements/run.txt
lists them, so that nothing which only the tests need can be leaned on, and no network is needed.
"""

import importlib.metadata
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import service
from service import seeds
from tests.packaging.serving import free_port, page, serving

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Installation:
    """An environment with Onrecord in it, and an empty directory to work in."""

    programs: Path
    desk: Path

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the clone: no PYTHONPATH, no active environment, no settings."""
        return {"PATH": f"{self.programs}:/usr/bin:/bin", "HOME": str(self.desk), "LANG": "C.UTF-8"}

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.programs / command[0]), *command[1:]],
            cwd=self.desk,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(built), "."),
        ],
        cwd=ROOT,
        check=True,
    )
    [file] = built.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    home = tmp_path_factory.mktemp("elsewhere")
    venv.create(home / "environment", with_pip=False, symlinks=True)
    programs = home / "environment" / "bin"
    [packages] = (home / "environment" / "lib").glob("python*/site-packages")
    copy_what_is_locked(packages, programs)
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", str(programs / "python"), "install"),
            *("--quiet", "--disable-pip-version-check", "--no-index", str(wheel)),
        ],
        check=True,
    )
    desk = home / "desk"
    desk.mkdir()
    return Installation(programs, desk)


def copy_what_is_locked(packages: Path, programs: Path) -> None:
    """Copy each distribution that requirements/run.txt names, and write its commands."""
    lock = (ROOT / "requirements/run.txt").read_text(encoding="utf-8")
    for line in re.findall(r"^[a-z].*?(?= \\)", lock, re.MULTILINE):
        locked = Requirement(line)
        if locked.marker is not None and not locked.marker.evaluate():
            continue
        distribution = importlib.metadata.distribution(locked.name)
        assert locked.specifier.contains(distribution.version), f"{line}: run make test"
        for file in distribution.files or []:
            if file.parts[0] != ".." and file.suffix != ".pyc":
                target = packages / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), target)
        for program in distribution.entry_points.select(group="console_scripts"):
            write_program(programs / program.name, program)


def write_program(at: Path, program: importlib.metadata.EntryPoint) -> None:
    """What pip writes for a package's command."""
    at.write_text(
        f"#!{at.parent / 'python'}\n"
        f"import sys\nfrom {program.module} import {program.attr}\nsys.exit({program.attr}())\n"
    )
    at.chmod(0o755)


def test_the_wheel_holds_the_service_its_data_and_the_seeds_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {
        str(file.relative_to(ROOT))
        for room in ("service", "schemas")
        for file in (ROOT / room).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    expected |= {f"service/_seeds/{file.name}" for file in (ROOT / "seeds").iterdir()}
    assert held == expected


def test_the_wheel_is_the_version_that_the_program_says(wheel: Path) -> None:
    assert wheel.name == f"onrecord-{service.__version__}-py3-none-any.whl"


def test_an_installed_onrecord_has_all_it_imports_from_its_own_lock(
    installation: Installation,
) -> None:
    done = installation.run("onrecord", "--help")
    assert done.returncode == 0, done.stderr
    for verb in ("demo", "init", "serve", "token", "report", "import", "export", "situation"):
        assert re.search(rf"^\s+{verb}\b", done.stdout, re.MULTILINE), verb


def test_an_installed_onrecord_finds_the_stories_that_ship_with_it(
    installation: Installation,
) -> None:
    asked = "from service import seeds; print(seeds.directory(), *seeds.names())"
    done = installation.run("python", "-c", asked)
    directory, *names = done.stdout.split()
    assert directory.endswith("site-packages/service/_seeds")
    assert names == seeds.names()


def test_an_installed_onrecord_serves_the_founding_story(
    installation: Installation, tmp_path: Path
) -> None:
    port = free_port()
    with serving(
        [str(installation.programs / "onrecord"), "demo", "--port", str(port)],
        directory=installation.desk,
        environment=installation.environment,
        log=tmp_path / "log",
    ) as running:
        assert "Tripoli" in page(f"http://127.0.0.1:{port}/", running)
