"""The command line: ``onrecord``, the operator's door.

Rules for editors: one family of verbs a file; a verb reads its arguments, asks the same code as
HTTP, and prints. What it may print where, ``talk`` says. Each verb is in docs/cli.md, and a test
compares.
"""

import logging

import click

import service
from service.cli import demo, intake, readings, running, stories, tokens, upkeep
from service.cli.talk import Verbs, example

FAMILIES = (demo, running, tokens, stories, intake, readings, upkeep)


@click.group(
    cls=Verbs,
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

for family in FAMILIES:
    for verb in family.VERBS:
        main.add_command(verb)
