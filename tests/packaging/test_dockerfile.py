"""The Dockerfile's steps, executed without Docker in a clean directory that stands for `/`.

See docs/decisions/0005-image-without-an-engine.md. The installation is the real one, by digest from
the package index, so it belongs to `make test-all`.
"""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.packaging.serving import free_port, page

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "Dockerfile"
NOBODY = 10001
HEALTHY_WITHIN_SECONDS = 60


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, arguments), continued lines joined, comments left out."""
    kept = [
        line
        for line in DOCKERFILE.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    joined = re.sub(r"\\\n\s*", "", "\n".join(kept))
    return [(line.split()[0], line.split(None, 1)[1]) for line in joined.splitlines() if line]


def words(instruction: str) -> list[str]:
    return [arguments for name, arguments in instructions() if name == instruction]


def context() -> list[Path]:
    """What .dockerignore lets through to the engine, as paths below the clone."""
    allowed = [
        line[1:]
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    ]
    return [Path(name) for name in allowed]


@dataclass
class Image:
    """What the instructions leave behind, with `root` standing for `/`."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    directory: Path = Path("/")

    def below(self, text: str) -> str:
        """`text` with each of the image's own absolute paths moved below `root`."""
        return re.sub(r"(?<![\w.])/(?=(?:build|data|opt|usr/local)\b)", f"{self.root}/", text)

    def do(self, instruction: str, arguments: str) -> None:
        match instruction:
            case "FROM":
                self.environment = {"PATH": f"{self.root}/usr/local/bin:/usr/bin:/bin"}
                self.directory = self.root
            case "ENV":
                self.environment |= re.findall(r"(\w+)=(\S+)", self.below(arguments))
            case "WORKDIR":
                self.directory = Path(self.below(arguments))
                self.directory.mkdir(parents=True, exist_ok=True)
            case "COPY":
                self.copy(arguments)
            case "RUN":
                self.run(arguments)

    def copy(self, arguments: str) -> None:
        *sources, target = arguments.split()
        if sources[0].startswith("--from="):
            # An environment holds its own address: it only works where it was made.
            assert sources[1:] == [target]
            return
        for source in sources:
            assert Path(source.rstrip("/")) in context(), f"{source} is not sent to the engine"
            origin, to = ROOT / source, self.directory / target
            if source.endswith("/"):
                clean = shutil.ignore_patterns("__pycache__", "*.py[cod]", "*.db*")
                shutil.copytree(origin, to, ignore=clean)
            else:
                shutil.copy(origin, to)

    def run(self, command: str) -> None:
        if os.geteuid() != 0:  # without root, the service's user is whoever runs the tests
            command = re.sub(r" --(owner|group)=\d+", "", command)
        keep = {
            name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL"))
        }
        proxies = {name: value for name, value in os.environ.items() if name.endswith("_proxy")}
        subprocess.run(
            ["sh", "-euc", self.below(command)],
            cwd=self.directory,
            env=keep | proxies | {"HOME": str(self.root)} | self.environment,
            check=True,
        )


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    built = Image(tmp_path_factory.mktemp("image"))
    programs = built.root / "usr/local/bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(python_of_the_base_image())
    for instruction, arguments in instructions():
        built.do(instruction, arguments)
    return built


def python_of_the_base_image() -> str:
    """A Python that nobody may run: the one of the tests may lie in somebody's home."""
    asked = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
    candidates = (str(Path(sys.executable).resolve()), "/usr/local/bin/python3", "/usr/bin/python3")
    for python in filter(os.path.exists, candidates):
        if subprocess.run([*as_nobody(), python, "-c", asked], capture_output=True).returncode == 0:
            return python
    pytest.skip("no Python that everybody may run: sudo apt-get install python3 python3-venv")


def as_nobody() -> list[str]:
    """What goes before a command to make it nobody's; only root can."""
    if os.geteuid() != 0:
        return []
    dropped = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
    # setpriv still starts its own command with root's rights to find it; the shell has none left.
    return [*dropped, "sh", "-c", 'exec "$@"', "sh"]


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def container(image: Image, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The CMD, as a user who can write to the data directory and nowhere else."""
    read_only(image.root / "opt")
    open_the_way_to(image.root)
    command = [image.below(word) for word in json.loads(words("CMD")[-1])]
    program = shutil.which(command[0], path=image.environment["PATH"])
    assert program is not None
    running = subprocess.Popen(
        [*contained(image), program, *command[1:]],
        cwd=image.directory,
        env=image.environment | {"ONRECORD_PORT": str(port)},
        start_new_session=True,
    )
    yield running
    if running.poll() is None:
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()


def contained(image: Image) -> list[str]:
    """What goes before a command to make it nobody's, on a read-only root where we may mount."""
    apart = ["unshare", "--mount", "--propagation", "private"]
    if subprocess.run([*apart, "true"], capture_output=True).returncode != 0:
        return as_nobody()
    mount = 'mount --bind "$0" "$0"; mount -o remount,bind,ro /; exec "$@"'
    return [*apart, "sh", "-euc", mount, str(image.root / "data"), *as_nobody()]


def read_only(directory: Path) -> None:
    for path in [directory, *directory.rglob("*")]:
        if not path.is_symlink():
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)


def open_the_way_to(directory: Path) -> None:
    """pytest's temporary directories are its user's own; the container's user walks through."""
    for path in [directory, *directory.parents]:
        if path.is_relative_to("/tmp") and path != Path("/tmp"):
            path.chmod(path.stat().st_mode | 0o055)


def healthy(image: Image, port: int) -> bool:
    check = json.loads(words("HEALTHCHECK")[-1].split("CMD", 1)[1])
    program = shutil.which(check[0], path=image.environment["PATH"])
    assert program is not None
    asked = subprocess.run(
        [program, *check[1:]],
        env=image.environment | {"ONRECORD_PORT": str(port)},
        stderr=subprocess.DEVNULL,
    )
    return asked.returncode == 0


def test_the_last_stage_is_nobody_and_writes_only_to_data() -> None:
    assert words("USER") == [f"{NOBODY}:{NOBODY}"]
    assert words("VOLUME") == ["/data"]
    assert words("WORKDIR")[-1] == "/data"


def test_the_engine_is_sent_what_is_copied_and_no_more() -> None:
    copied = {
        Path(source.rstrip("/"))
        for arguments in words("COPY")
        if not arguments.startswith("--from")
        for source in arguments.split()[:-1]
    }
    assert copied == set(context())


def test_both_stages_start_from_one_named_python() -> None:
    assert {line.split()[0] for line in words("FROM")} == {"python:3.13-slim"}


@pytest.mark.needs_system
def test_the_installed_service_has_no_tools_to_build_with(image: Image) -> None:
    programs = {program.name for program in (image.root / "opt/onrecord/bin").iterdir()}
    assert "onrecord" in programs
    assert not {name for name in programs if name.startswith(("pip", "hatch", "uv"))}


@pytest.mark.needs_system
def test_the_container_becomes_healthy_serves_and_stops_when_told(
    image: Image, port: int, container: subprocess.Popen[bytes]
) -> None:
    # Given a container that has just been started on an empty volume
    deadline = time.monotonic() + HEALTHY_WITHIN_SECONDS
    while not healthy(image, port):
        assert container.poll() is None, "the service ended by itself"
        assert time.monotonic() < deadline, "the service did not become healthy"
        time.sleep(0.25)
    # When a reader asks
    index = page(f"http://127.0.0.1:{port}/v1", container)
    # Then it answers, its record is on the volume, and SIGTERM ends it cleanly
    assert json.loads(index)
    assert (image.root / "data/onrecord.db").is_file()
    container.terminate()
    assert container.wait(timeout=30) == 0
    assert not healthy(image, port)
