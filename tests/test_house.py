"""The house rules of CONTRIBUTING.md, as far as a program can hold them."""

import ast
import os
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import BeyondLoopback

ROOT = Path(__file__).resolve().parent.parent
ROOMS = [ROOT / "service", ROOT / "schemas"]
FILES = sorted(file for room in ROOMS for file in room.rglob("*.py"))
MOST_LINES_IN_A_FILE = 400
MOST_LINES_IN_A_FUNCTION = 50

_MADE = {"__pycache__", "build", "data", "dist", "node_modules"}
_NOT_TEXT = {".db", ".ico", ".log", ".png", ".pyc", ".woff2"}

Named = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _names(file: Path) -> str:
    return str(file.relative_to(ROOT))


def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def _public(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, Named]]:
    """Each public class and function of a module, and of its public classes."""
    for node in body:
        if isinstance(node, Named) and not node.name.startswith("_"):
            yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body, f"{prefix}{node.name}.")


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and name != ".ci"


def _ours() -> Iterator[Path]:
    """Every text file of the project, whether this is a clone or an unpacked archive."""
    for directory, below, names in os.walk(ROOT):
        below[:] = [name for name in below if name not in _MADE and not _is_hidden(name)]
        for name in names:
            file = Path(directory, name)
            if file.suffix not in _NOT_TEXT:
                yield file


@pytest.mark.parametrize("file", FILES, ids=_names)
def test_a_file_stays_short_enough_to_be_read_whole(file: Path) -> None:
    lines = len(file.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES_IN_A_FILE, "ask whose job the second half is"


@pytest.mark.parametrize("file", FILES, ids=_names)
def test_a_function_fits_a_screen(file: Path) -> None:
    too_long = {
        node.name: (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > MOST_LINES_IN_A_FUNCTION
    }
    assert too_long == {}


@pytest.mark.parametrize("file", FILES, ids=_names)
def test_what_is_public_says_what_it_means(file: Path) -> None:
    tree = _tree(file)
    silent = [name for name, node in _public(tree.body) if not ast.get_docstring(node)]
    if tree.body and not ast.get_docstring(tree):
        silent.insert(0, "the module itself")
    assert silent == []


@pytest.mark.parametrize(
    "file", [file for file in FILES if ROOT / "service/domain" in file.parents], ids=_names
)
def test_the_domain_is_standard_library_only(file: Path) -> None:
    beyond = {
        name
        for name in _imported(_tree(file))
        if name.split(".")[0] not in sys.stdlib_module_names
        and not f"{name}.".startswith("service.domain.")
    }
    assert beyond == set()


def test_nothing_is_left_to_be_done() -> None:
    # Spelled in halves, so that this file does not find itself.
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X:")
    code = [file for file in _ours() if file.suffix in {".py", ".html", ".css", ".js"}]
    left = [
        f"{_names(file)}: {mark}"
        for file in code
        for mark in marks
        if mark in file.read_text(encoding="utf-8")
    ]
    assert left == []


def test_no_file_names_the_machine_it_was_written_on() -> None:
    # At the start of a word or of a file's address: the path of a web address is none of it.
    path = re.compile(r"(?:^|[\s\"'`=(]|file:/" + r"/)(/(?:root|home|work|Users)/\w)", re.MULTILINE)
    told = [
        f"{_names(file)}: {found.group(1)}"
        for file in _ours()
        if (found := path.search(file.read_text(encoding="utf-8", errors="replace")))
    ]
    assert told == []


def test_each_decision_is_listed() -> None:
    pages = sorted(page.name for page in (ROOT / "docs/decisions").glob("0*.md"))
    contents = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((0.+?\.md)\)", contents) == pages


def test_a_test_that_reaches_beyond_this_machine_is_stopped() -> None:
    with socket.socket() as client, pytest.raises(BeyondLoopback):
        client.connect(("192.0.2.1", 80))
    with pytest.raises(BeyondLoopback):
        socket.create_connection(("example.org", 80))


def test_a_test_may_talk_to_itself() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()
