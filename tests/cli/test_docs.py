"""docs/cli.md names every verb and option, and its examples print what it says."""

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from service.cli import main
from service.serving import THREADS, WORKERS
from tests.cli.conftest import ROOT, Onrecord
from tests.docs.test_examples import CONSOLE, parted, pattern

PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def sections() -> dict[str, str]:
    """What the page says of each verb, by the verb."""
    parts = re.split(r"^### `onrecord (.+)`$", PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def verbs(group: click.Group, *above: str) -> Iterator[tuple[str, click.Command]]:
    for name, verb in group.commands.items():
        if isinstance(verb, click.Group):
            yield from verbs(verb, *above, name)
        else:
            yield " ".join((*above, name)), verb


VERBS = dict(verbs(main))


def test_every_verb_has_its_section_and_no_other_has() -> None:
    assert sorted(sections()) == sorted(VERBS)


@pytest.mark.parametrize("name", VERBS)
def test_every_option_of_a_verb_is_said_and_no_other(name: str) -> None:
    rows = re.findall(r"^\| (`--.+?) \|", sections()[name], re.MULTILINE)
    said = [option for row in rows for option in re.findall(r"`(--[\w-]+)`", row)]
    options = [one for one in VERBS[name].params if isinstance(one, click.Option)]
    known = {option.opts[0] for option in options}
    if name == "token list":
        assert "`--json`" in sections()[name]
        known.clear()
    assert sorted(said) == sorted(known)


def test_the_defaults_of_serve_are_those_that_the_page_says() -> None:
    said = sections()["serve"]
    assert f"Processes: {WORKERS} unless said otherwise." in said
    assert f"Threads of each process: {THREADS}." in said


def examples() -> list[tuple[str, str]]:
    found = []
    for block in CONSOLE.findall(PAGE):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            found.append(parted(part))
    return found


@pytest.mark.usefixtures("tripoli")
@pytest.mark.parametrize(("command", "answer"), examples(), ids=lambda text: text[:60])
def test_an_example_prints_what_the_page_says(
    onrecord: Onrecord, monkeypatch: pytest.MonkeyPatch, command: str, answer: str
) -> None:
    monkeypatch.chdir(ROOT)
    given, _, typed = command.rpartition(" | ")
    told = shlex.split(given)[1] if given else None
    program, *words = shlex.split(typed)
    assert program == "onrecord"
    done = onrecord(*words, input=told)
    said = done.stdout or (done.stderr if done.exit_code else "")
    assert re.match(pattern(answer), said), said
