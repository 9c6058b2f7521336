"""Every verb explains itself, and what is used wrongly is told so."""

from collections.abc import Iterator

import click
import pytest

import service
from service.cli import main
from tests.cli.conftest import Onrecord

VERBS = (
    "demo init serve follow token report import export situation timeline history changes"
    " check rebuild backup restore"
)


def verbs(group: click.Group, *above: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, verb in group.commands.items():
        if isinstance(verb, click.Group):
            yield from verbs(verb, *above, name)
        yield (*above, name), verb


ALL = dict(verbs(main))


def test_the_verbs_are_those_of_the_contract() -> None:
    assert set(main.commands) == set(VERBS.split())


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_verb_has_help_with_an_example(onrecord: Onrecord, words: tuple[str, ...]) -> None:
    done = onrecord(*words, "--help")
    assert done.exit_code == 0
    explanation, _, example = done.stdout.partition("Example:")
    assert len(explanation.split()) > 10
    assert f"onrecord {words[0]}" in example


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_option_says_what_it_does(words: tuple[str, ...]) -> None:
    options = [one for one in ALL[words].params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []


def test_help_and_version_need_no_house(onrecord: Onrecord) -> None:
    assert onrecord("--version").stdout == f"onrecord, version {service.__version__}\n"
    assert onrecord().exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["sitation", "tripoli-2019"],
        ["situation"],
        ["situation", "tripoli-2019", "--as-off", "2019"],
        ["changes", "tripoli-2019"],
        ["changes", "tripoli-2019", "--since", "2019", "--since-position", "3"],
        ["timeline", "tripoli-2019", "--limit", "0"],
        ["serve", "--port", "70000"],
        ["import", "nowhere.jsonl", "--story", "x"],
        ["token", "create", "--newsroom", "times", "--name", "desk"],
    ],
    ids=" ".join,
)
def test_what_is_used_wrongly_ends_with_2(onrecord: Onrecord, words: list[str]) -> None:
    done = onrecord(*words)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "Usage: " in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["situation", "x"],
        ["timeline", "x"],
        ["history", "x"],
        ["changes", "x", "--since", "2019"],
        ["export", "x"],
        ["token", "list"],
        ["check"],
        ["rebuild"],
        ["backup", "copy.db"],
    ],
    ids=" ".join,
)
def test_without_a_house_every_verb_says_how_to_make_one(
    onrecord: Onrecord, words: list[str]
) -> None:
    done = onrecord(*words)
    assert done.exit_code == 1
    assert done.stderr.rstrip().endswith("does not exist. Run: onrecord init")
