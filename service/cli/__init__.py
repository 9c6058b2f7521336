"""The command line: ``onrecord``, the operator's door.

Rules for editors: one family of verbs a file, named below; a verb reads its arguments, asks the
same code as HTTP, and prints. What it may print where, ``talk`` says. Each verb is in docs/cli.md,
and a test compares.
"""

import logging
from collections.abc import Iterator, Mapping
from importlib import import_module

import click

import service
from service.cli.talk import Verbs, example

FAMILIES = {
    "demo": "demo",
    "running": "init serve follow",
    "tokens": "token",
    "stories": "report export",
    "intake": "import",
    "readings": "situation timeline history changes",
    "upkeep": "check rebuild backup restore",
}
"""The verbs of each file beside this one."""


class Families(Mapping[str, click.Command]):
    """Verbs by name. A family's file is imported when one of its verbs is called: who imports a
    story does not wait for a server's parts."""

    def __init__(self, families: Mapping[str, str]) -> None:
        self._homes = {verb: home for home, verbs in families.items() for verb in verbs.split()}

    def __getitem__(self, name: str) -> click.Command:
        family = import_module(f"{__name__}.{self._homes[name]}")
        found: click.Command = next(verb for verb in family.VERBS if verb.name == name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)


@click.group(
    cls=Verbs,
    commands=Families(FAMILIES),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=example("onrecord demo", "onrecord situation tripoli-2019 --as-of 2019-04-05"),
)
@click.version_option(service.__version__, prog_name="onrecord")
def main() -> None:
    """A newsroom's record of a running story.

    Developments are reported once and never rewritten; the situation can be read as of any date.
    Settings are environment variables (ONRECORD_DATABASE_URL and others).
    """


# A verb tells what it refuses by itself; who serves or follows sets up a log (``service.logs``).
logging.getLogger(service.__name__).addHandler(logging.NullHandler())
