"""`make demo` and `make test` make their own environment, or say plainly what is missing."""

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "requirements" / "environment.py"


@pytest.fixture
def environment() -> ModuleType:
    spec = importlib.util.spec_from_file_location("environment", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory in which a file `pip.py` hides pip from every Python that the test starts."""
    directory = tmp_path / "hidden"
    directory.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(directory))
    return directory


def hide(where: Path, *modules: str) -> None:
    for module in modules:
        (where / f"{module}.py").write_text(f"raise ImportError('no {module} here')\n")


def test_an_old_python_can_read_the_script_that_says_it_is_too_old() -> None:
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 4))


def test_an_old_python_alone_is_told_what_to_install(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer.* is Python 3\.9"):
        environment.main([".venv", "requirements/run.txt"])


def test_an_old_python_hands_over_to_a_newer_one_beside_it(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    newer = tmp_path / "python3.12"
    newer.symlink_to(sys.executable)
    handed_over: list[str] = []
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "execv", lambda program, _: handed_over.append(program))
    with pytest.raises(SystemExit):  # execv, faked, comes back
        environment.main([".venv", "requirements/run.txt"])
    assert handed_over == [str(newer)]


def test_a_python_without_venv_and_pip_is_told_what_to_install(hidden: Path) -> None:
    hide(hidden, "ensurepip", "pip")
    done = subprocess.run(
        [sys.executable, SCRIPT, hidden / ".venv", "requirements/run.txt"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "sudo apt install python3-venv" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (hidden / ".venv").exists()


def test_pip_alone_is_enough_where_debian_leaves_ensurepip_out(
    environment: ModuleType, hidden: Path, tmp_path: Path
) -> None:
    hide(hidden, "ensurepip")
    environment.create(str(tmp_path / ".venv"))
    python = str(tmp_path / ".venv" / "bin" / "python")
    assert environment.runs(python)
    listed = subprocess.run(
        [*environment.pip_for(python), "list", "--format=freeze"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert listed.stdout == ""


def test_an_environment_that_no_longer_works_is_made_again(
    environment: ModuleType, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/nowhere/python\n")
    python.chmod(0o755)
    assert not environment.runs(str(python))
