"""init, serve, follow: a house is made, opens its door, and does what follows after an act."""

import signal
import threading
from collections.abc import Mapping

import click

from service import followers, logs
from service import settings as settings_module
from service.assembly import Onrecord, open_store
from service.cli.talk import as_json, dump, example, house, say, settings
from service.followers.bookmarks import Lag
from service.followers.running import Running, catch_up
from service.serving import THREADS, WORKERS, Serving, run
from service.settings import Settings

LOOK_SECONDS = 1.0
"""How often who follows looks whether there is something new to tell."""

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
@click.option(
    "--cpu-affinity",
    type=click.Choice(["auto", "none"]),
    default="auto",
    show_default=True,
    help="auto: each worker keeps to one processor, if there are as many; none: to no one.",
)
@click.option("--no-follow", is_flag=True, help="Leave what follows after an act to others.")
def serve(
    host: str | None,
    port: int | None,
    workers: int,
    threads: int,
    cpu_affinity: str,
    no_follow: bool,
) -> None:
    """Serve the record over HTTP, with its pages, and do what follows after an act.

    The database is made or migrated first. SIGTERM lets running requests end, SIGHUP puts new
    workers in the place of the old ones.
    """
    made = settings()
    serving = Serving(
        host=host or made.host,
        port=port or made.port,
        workers=workers,
        threads=threads,
        apart=cpu_affinity == "auto",
        follow=not no_follow,
    )
    prepare(made)
    says = f"Onrecord serves {place(made)} on {serving.address}/"
    run(made, serving, lambda: logs.announce(made, says))


@click.command(epilog=example("onrecord follow", "onrecord follow --once --json"))
@click.option("--once", is_flag=True, help="Come to where the record is now, and end.")
@click.option("--status", is_flag=True, help="Follow nothing: print how far behind each one is.")
@as_json
def follow(once: bool, status: bool, as_json: bool) -> None:
    """Do what follows after an act, in a process of its own: the purge hook is called.

    onrecord serve does it too, and one process of all leads; when it ends, another goes on within
    seconds. Prints how far behind each follower is, until it is told to end.
    """
    made = settings()
    if not followers.names(made):
        say("Nobody follows the record in this house: ONRECORD_PURGE_URL is not set.")
        return
    if once:
        catch_up(made)
    if once or status:
        with house() as opened:
            _print(_lags(opened), as_json)
        return
    logs.set_up(made)
    ending = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: ending.set())
    _follow_until(ending, as_json)


def _follow_until(ending: threading.Event, as_json: bool) -> None:
    shown: Mapping[str, Lag] = {}
    with house() as opened:
        running = Running(opened.settings)
        while not ending.wait(LOOK_SECONDS):
            lags = _lags(opened)
            _print({name: lag for name, lag in lags.items() if lag != shown.get(name)}, as_json)
            shown = lags
        running.stop()


def _lags(opened: Onrecord) -> Mapping[str, Lag]:
    return followers.lags(opened.store.reading(), followers.names(opened.settings))


def _print(lags: Mapping[str, Lag], as_json: bool) -> None:
    for name, (acts, seconds) in lags.items():
        if as_json:
            dump({"follower": name, "acts": acts, "seconds": round(seconds, 3)})
        else:
            click.echo(f"{name}\t{acts:,} acts behind, {seconds:.1f} s")


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


VERBS = (init, serve, follow)
