"""init, serve: a house is made, and opens its door."""

import click

from service import settings as settings_module
from service.assembly import open_store
from service.cli.talk import example, say, settings
from service.serving import THREADS, WORKERS, Serving, run
from service.settings import Settings

MOST_WORKERS = 256
MOST_THREADS = 1024


@click.command(epilog=example("ONRECORD_DATABASE_URL=sqlite:////data/onrecord.db onrecord init"))
def init() -> None:
    """Create the record's database, or bring it to this version.

    Repeating it changes nothing, and several may start it at once.
    """
    made = settings()
    prepare(made)
    say(f"The record is ready: {place(made)}")


@click.command(epilog=example("onrecord serve --host 0.0.0.0 --port 8000"))
@click.option("--host", help="The address to listen on.  [default: ONRECORD_HOST, else 127.0.0.1]")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="The port to listen on.  [default: ONRECORD_PORT, else 8000]",
)
@click.option(
    "--workers",
    type=click.IntRange(1, MOST_WORKERS),
    default=WORKERS,
    show_default=True,
    help="Processes.",
)
@click.option(
    "--threads",
    type=click.IntRange(1, MOST_THREADS),
    default=THREADS,
    show_default=True,
    help="Threads of each process.",
)
def serve(host: str | None, port: int | None, workers: int, threads: int) -> None:
    """Serve the record over HTTP, with its pages.

    The database is made or migrated first. SIGTERM lets running requests end, SIGHUP puts new
    workers in the place of the old ones.
    """
    made = settings()
    serving = Serving(
        host=host or made.host, port=port or made.port, workers=workers, threads=threads
    )
    prepare(made)
    run(made, serving, lambda: say(f"Onrecord serves {place(made)} on {serving.address}/"))


def prepare(made: Settings) -> None:
    """Make or migrate the database and keep a secret key; nothing stays open."""
    store = open_store(made)
    try:
        store.init()
    finally:
        store.close()
    settings_module.secret_key(made)


def place(made: Settings) -> str:
    """Return where the record lies, without a password."""
    return str(getattr(open_store(made), "name", made.database_path))


VERBS = (init, serve)
