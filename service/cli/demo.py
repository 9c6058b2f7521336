"""demo: the founding story in a database of its own, served, with five requests to try."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

import click
import orjson

from service import seeds, storyfile
from service.assembly import Onrecord, assemble
from service.cli.talk import EVERYTHING, example, say
from service.domain.developments import external_id_stream
from service.domain.refusals import NotFound
from service.serving import Serving, ensure_free, run
from service.settings import Settings
from service.storyfile import Import

STORY = "tripoli-2019"
NEWSROOM = "onrecord"
THREADS = 8
GRACE_SECONDS = 3

REPORT = {
    "external_id": "demo-who-23-april",
    "kind": "casualties.reported",
    "headline": "WHO: 246 dead, 1,266 wounded",
    "occurred": "2019-04-23",
    "places": ["tripoli"],
    "actors": [{"actor": "who", "role": "by"}],
    "sources": [{"publisher": "World Health Organization", "published_at": "2019-04-23"}],
    "details": {"casualties": {"scope": "total", "killed": 246, "wounded": 1266}},
}
"""What a newcomer reports: a figure with two digits in the wrong order."""

CORRECTION = {
    "base_version": 1,
    "changes": {
        "headline": "WHO: 264 dead, 1,266 wounded",
        "details": {"casualties": {"killed": 264}},
    },
    "notice": "An earlier version said 246 dead; WHO counted 264.",
    "reason": "editing",
}

PAGE = """\
Onrecord serves a running story as a newsroom told it: {title}.

  The page   {address}/
  A token    {token}
             (an editor of the newsroom {newsroom}, in this demo only)

Five requests to try. Each runs as it is printed, and may be repeated.
"""

REQUESTS = (
    (
        "1. The situation now: parties, threats, plans, who holds what, casualties by counter.",
        "curl {story}/situation",
    ),
    (
        "2. Had the Security Council met by 5 April? As it was told that day, then in hindsight.",
        "curl -w '\\n' \\\n"
        "  '{story}/situation/scheduled:unsc-5-april:state?{{known_at,as_of}}=2019-04-05'",
    ),
    (
        "3. Report a development. Repeated, it is not doubled: it has an external_id.",
        "curl {story}/developments \\\n"
        "  -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' \\\n"
        "  -d {report}",
    ),
    (
        "4. Two digits were in the wrong order: correct it, and say so.",
        "curl {story}/developments/{development}/corrections \\\n"
        "  -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' \\\n"
        "  -H 'Idempotency-Key: demo-correction' \\\n"
        "  -d {correction}",
    ),
    (
        "5. How it came about: every version with what was, what is, why, and how long it stood.",
        "curl {story}/developments/{development}/versions",
    ),
)


@click.command(epilog=example("onrecord demo --port 8080"))
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    help="The port to listen on.",
)
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the database in this directory; without it, it is gone when the demo ends.",
)
def demo(host: str, port: int, keep: Path | None) -> None:
    """Serve the founding story, in a database of its own.

    Prints the page's address, a token, and five requests to try. Ctrl-C ends it.
    """
    serving = Serving(
        host=host,
        port=port,
        workers=1,
        threads=THREADS,
        log_level="warning",
        grace_seconds=GRACE_SECONDS,
    )
    ensure_free(serving)
    with _directory(keep) as directory:
        database = directory / "onrecord.db"
        settings = Settings(database_url=f"sqlite:///{database}", log_level="warning")
        title, token = _told(settings)

        def ready() -> None:
            click.echo(page(serving.address, title, token))
            say(f"The database is kept in {database}." if keep else "Ctrl-C ends the demo.")

        run(settings, serving, ready)


@contextmanager
def _directory(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield keep.resolve()
        return
    made = Path(tempfile.mkdtemp(prefix="onrecord-demo-"))
    owner = os.getpid()
    try:
        yield made
    finally:
        # Workers leave by this way too; the database is not theirs to take away.
        if os.getpid() == owner:
            shutil.rmtree(made, ignore_errors=True)


def _told(settings: Settings) -> tuple[str, str]:
    """Make the database and tell the story; return the story's title and a token."""
    house = assemble(settings)
    try:
        basis_story = _story(house)
        token = house.create_token(newsroom=NEWSROOM, role="editor", name="demo")
    finally:
        house.close()
    return basis_story, token


def _story(house: Onrecord) -> str:
    """Return the story's title; it is imported if it is not there."""
    lines = [orjson.loads(line) for line in seeds.path(STORY).read_bytes().splitlines()]
    try:
        house.asof.story(STORY, EVERYTHING)
    except NotFound:
        job = Import(desk=house.desk(NEWSROOM), archive=True)
        house.recorder.record(storyfile.archive(enumerate(lines, 1), job, house.clock))
    title: str = lines[0]["story"]["title"]
    return title


def page(address: str, title: str, token: str) -> str:
    """Return what is printed once the demo can be reached."""
    words = {
        "address": address,
        "story": f"{address}/v1/stories/{STORY}",
        "title": title,
        "token": token,
        "newsroom": NEWSROOM,
        "development": external_id_stream(STORY, NEWSROOM, str(REPORT["external_id"])),
        "report": quote(orjson.dumps(REPORT).decode()),
        "correction": quote(orjson.dumps(CORRECTION).decode()),
    }
    parts = [PAGE.format(**words)]
    parts += [f"{says}\n\n{request.format(**words)}\n" for says, request in REQUESTS]
    return "\n".join(parts)


VERBS = (demo,)
