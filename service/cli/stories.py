"""report, export: a development in, a story out, by the same code as HTTP."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click
import orjson

from schemas.developments import DevelopmentIn, introductions
from service import decisions, shapes
from service.asof import Asked
from service.assembly import Onrecord
from service.cli.talk import EVERYTHING, Progress, Refused, as_json, example, house, say
from service.decisions import Written
from service.domain.refusals import NotFound
from service.export import export_lines
from service.readmodel import versions
from service.strictjson import parse

SOURCE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
NEWSROOM = "The newsroom that it is recorded for.  [default: the story's own]"


@contextmanager
def read(file: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading; ``-`` is standard input."""
    if str(file) == "-":
        yield sys.stdin.buffer
        return
    with file.open("rb") as stream:
        yield stream


def newsroom_of(opened: Onrecord, story: str | None, named: str | None) -> str:
    """Return for whom something is recorded: who was named, else whose the story is."""
    if named is not None:
        return named
    try:
        return opened.asof.story(story or "", EVERYTHING).newsroom
    except NotFound:
        raise click.UsageError(
            "The story is new here: name the newsroom whose it is (--newsroom)."
        ) from None


@click.command(epilog=example("onrecord report airstrike.json --story tripoli-2019"))
@click.argument("file", type=SOURCE)
@click.option("--story", required=True, help="The story (its id).")
@click.option("--newsroom", help=NEWSROOM)
@as_json
def report(file: Path, story: str, newsroom: str | None, as_json: bool) -> None:
    """Report one development: FILE (or - for standard input) holds it as JSON, as HTTP takes it.

    With an external_id it may be repeated: the development is not doubled.
    """
    with house() as opened:
        with read(file) as stream:
            body = stream.read(opened.settings.max_body_bytes + 1)
        if len(body) > opened.settings.max_body_bytes:
            raise Refused(f"{file} has more than {opened.settings.max_body_bytes:,} bytes.")
        opened.asof.story(story, EVERYTHING)
        loaded = shapes.load(DevelopmentIn(), parse(body))
        fields, actors, places = introductions(loaded)
        verification = fields.pop("verification", "reported")
        written: Written = opened.recorder.record(
            decisions.report(
                story,
                fields,
                opened.desk(newsroom_of(opened, story, newsroom)),
                verification=verification,
                introduces={"actor": actors, "place": places},
            )
        )
        _told(opened, written, as_json)


def _told(opened: Onrecord, written: Written, as_json: bool) -> None:
    sql = opened.store.reading()
    made = decisions.receipt(written, sql)
    assert made.number is not None
    if as_json:
        row = versions.at(sql, made.number, made.position)
        assert row is not None
        warnings = orjson.dumps({"warnings": list(made.warnings)})
        click.echo(versions.joined(versions.served(row), warnings))
        return
    done = "Reported" if made.created else "Was reported before:"
    click.echo(f"{done} {made.id} version {made.version} at position {made.position}")
    for warning in made.warnings:
        say(f"Warning: {warning['says']}")


@click.command(epilog=example("onrecord export tripoli-2019 > tripoli.jsonl"))
@click.argument("story")
@click.option("--known-at", help="Only what was said by then. A date means its end.")
@click.option("--audit", is_flag=True, help="Also what was noted for auditors only.")
def export(story: str, known_at: str | None, audit: bool) -> None:
    """Print a STORY as a story file: one act a line, in record order.

    Imported elsewhere with --archive, it gives the same situation at every basis.
    """
    with house() as opened, Progress("Exporting") as progress:
        basis = opened.asof.basis(story, EVERYTHING, Asked(known_at=known_at))
        out = sys.stdout.buffer
        for number, line in enumerate(export_lines(basis, audit=audit), 1):
            out.write(line)
            progress("acts", number)
        out.flush()


VERBS = (report, export)
