"""How every verb speaks: results on stdout, everything else on stderr, refusals in sentences.

Exit codes: 0 done, 1 refused or failed, 2 used wrongly (click's own).

Rules for editors: a verb prints results with ``click.echo`` and all else with ``say``; it raises
refusals and lets ``Verbs`` tell them. A traceback is for our mistakes, never for a user's.
"""

import json
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any, TypeVar

import click

from service import settings as settings_module
from service.assembly import Onrecord, assemble
from service.domain.refusals import Invalid, Refusal
from service.readmodel.stories import Viewer
from service.settings import Settings, SettingsError
from service.store.sql import DatabaseProblem

EVERYTHING = Viewer(everything=True)
"""Who runs the machine reads all of its record."""

LOOK_SECONDS = 0.1
"""How often a person is told how far long work is."""

WIDEST = 10_000
"""Columns where nobody looks: a program's line is not broken."""

Verb = TypeVar("Verb", bound=Callable[..., Any])


class Refused(click.ClickException):
    """Why something was not done, in sentences."""

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentences on stderr."""
        click.echo(self.message, err=True)


class Verbs(click.Group):
    """Commands whose refusals are told in sentences."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what it refuses ends with exit code 1."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            raise Refused("\n".join(sentences(refusal))) from None
        except (DatabaseProblem, SettingsError) as problem:
            raise Refused(str(problem)) from None
        except sqlite3.DatabaseError as error:
            raise Refused(f"The record cannot be read: {error}.") from None


def sentences(refusal: Refusal) -> Iterator[str]:
    """Yield a refusal's sentences: one a fault, with the field and the nearest that would do."""
    line = refusal.facts.get("line")
    where = "" if line is None else f"Line {line}: "
    differs = refusal.facts.get("differs")
    errors = refusal.errors if isinstance(refusal, Invalid) else {}
    near = refusal.suggestions if isinstance(refusal, Invalid) else {}
    if not errors:
        yield where + refusal.says
    for field, messages in errors.items():
        for message in messages:
            path = "" if field == "_" else f"{field}: "
            yield f"{where}{path}{message}{_nearest(message, near.get(field, []))}"
    if isinstance(differs, Mapping):
        for field, change in differs.items():
            yield f"  {field}: was {_shown(change['was'])}, is {_shown(change['is'])}"


def _nearest(message: str, near: Sequence[str]) -> str:
    if not near or any(word in message for word in near):
        return ""
    return f" Nearest: {', '.join(near)}."


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def say(text: str = "") -> None:
    """Tell a person something that is no result."""
    click.echo(text, err=True)


def example(*lines: str) -> str:
    """Return the end of a verb's help: an example, unbroken."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def as_json(verb: Verb) -> Verb:
    """Give a verb the option --json."""
    option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for a program.")
    return option(verb)


def dump(document: Any) -> None:
    """Print a JSON document as one line."""
    click.echo(json.dumps(document, ensure_ascii=False, separators=(",", ":")))


def width() -> int:
    """Return the columns of the terminal; where nobody looks, as many as a line needs."""
    if not sys.stdout.isatty():
        return WIDEST
    return shutil.get_terminal_size().columns


def settings() -> Settings:
    """Return the settings of the environment."""
    return settings_module.from_environment()


@contextmanager
def house() -> Iterator[Onrecord]:
    """Open the house that the settings name; it must be there (``onrecord init``)."""
    opened = assemble(settings(), init=False)
    try:
        yield opened
    finally:
        opened.close()


class Progress:
    """Tells a person at a terminal how far long work is; says nothing to anybody else."""

    def __init__(self, doing: str, watched: bool = True) -> None:
        self._doing = doing
        self._looked = 0.0
        self._shown = 0
        self._watched = watched and sys.stderr.isatty()

    def __call__(self, what: str, done: int) -> None:
        """Show how many of what are done, not more often than a person can read."""
        if self._watched and time.monotonic() - self._looked >= LOOK_SECONDS:
            self._looked = time.monotonic()
            self._show(f"{self._doing}: {done:,} {what}")

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def clear(self) -> None:
        """Leave the line empty, for something else to be printed there."""
        self._show("")

    def _show(self, text: str) -> None:
        if self._shown or text:
            sys.stderr.write(f"\r{text:<{self._shown}}" + ("" if text else "\r"))
            sys.stderr.flush()
            self._shown = len(text)
