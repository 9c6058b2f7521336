"""check, rebuild, backup, restore: proving a record, mending its read model, copying it."""

from contextlib import closing
from itertools import chain
from pathlib import Path

import click

from service import care
from service.assembly import open_store
from service.care.check import ON_POSTGRESQL, ON_SQLITE
from service.cli.talk import Progress, Refused, as_json, dump, example, house, say, settings
from service.settings import Settings

MOST_PROCESSES = 64

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(epilog=example("onrecord check", "onrecord check --story tripoli-2019"))
@click.option("--story", "stories", multiple=True, help="Only this story; may be repeated.")
@as_json
def check(stories: tuple[str, ...], as_json: bool) -> None:
    """Prove the record: every row is derived anew from the acts and compared.

    Also each envelope's place in its chain, and each content's digests. A fault is told with its
    story, table and row, and the exit code is 1. The house may be serving meanwhile.
    """
    faults = 0
    with house() as opened, Progress("Checking") as progress, opened.store.apart() as sql:
        begin = ON_SQLITE if opened.settings.on_sqlite else ON_POSTGRESQL
        looking = care.Check(sql, stories or None, progress, begin=begin)
        with closing(looking.faults()) as found:
            for fault in chain(found, () if stories else care.left(opened.store)):
                faults += 1
                progress.clear()
                if as_json:
                    dump(fault.document())
                else:
                    click.echo(str(fault))
    looked = f"{looking.acts:,} acts, {looking.stories:,} stories, {looking.rows:,} rows"
    if faults:
        raise Refused(
            f"Looked at {looked}: {faults:,} faults. Where the acts are sound, onrecord rebuild"
            " makes the rows anew."
        )
    say(f"Looked at {looked}: all is as the acts say.")


@click.command(epilog=example("onrecord rebuild"))
@click.option(
    "--processes",
    type=click.IntRange(1, MOST_PROCESSES),
    help="How many tell developments side by side.  [default: one a processor]",
)
@as_json
def rebuild(processes: int | None, as_json: bool) -> None:
    """Make the read model anew from the acts, while the house is serving.

    It is made beside the live tables, and takes their place in one short transaction. On a sound
    record nothing changes; one that is interrupted changes nothing either.
    """
    with house() as opened, Progress("Rebuilding") as progress:
        done = care.rebuild(opened.store, progress, processes)
    _done(f"Made the read model anew from {done:,} acts.", as_json, acts=done)


@click.command(epilog=example("onrecord backup /var/backups/monday.db"))
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@as_json
def backup(file: Path, force: bool, as_json: bool) -> None:
    """Copy the record to FILE, while the house is serving.

    It holds one moment of the whole record, tokens included (as hashes). The secret key beside
    the database is not in it: copy that by itself if readers' half-read lists must go on.
    """
    with house() as opened:
        made = _on_sqlite(opened.settings)
        with Progress("Copying") as progress:
            size = care.backup(made.database_path, file, force=force, progress=progress)
    says = f"Copied the record to {file} ({size:,} bytes), without the secret key."
    _done(says, as_json, file=str(file), bytes=size)


@click.command(epilog=example("onrecord restore /var/backups/monday.db"))
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Also over a record that holds something.")
@as_json
def restore(file: Path, force: bool, as_json: bool) -> None:
    """Put a copy (FILE) in the place of the record. Stop the house first.

    A record in which something has happened is not overwritten, unless told to with --force.
    """
    made = _on_sqlite(settings())
    with Progress("Copying") as progress:
        care.restore(file, made.database_path, force=force, progress=progress)
    store = open_store(made)
    try:
        store.init()
    finally:
        store.close()
    says = f"Restored {made.database_path} from {file}. Prove it: onrecord check"
    _done(says, as_json, file=str(file), database=str(made.database_path))


def _done(says: str, as_json: bool, **figures: int | str) -> None:
    """Tell a person what was done, or a program its figures."""
    if as_json:
        dump(figures)
    else:
        say(says)


def _on_sqlite(made: Settings) -> Settings:
    if not made.on_sqlite:
        raise Refused(
            "The record is on PostgreSQL: copy it with pg_dump, and back with pg_restore."
        )
    return made


VERBS = (check, rebuild, backup, restore)
