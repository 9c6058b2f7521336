"""Take the pictures in docs/pictures from the service itself: `python -m tools.pictures`.

Needs Debian's Chromium (`apt install chromium`) and the test environment. A house is set up in a
temporary directory with the stories that ship, at a fixed time, and served on this machine; so
the pictures change only when the pages do. Rule for editors: no picture is ever drawn by hand.
"""

import json
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from service import seeds
from service.app import create_app
from service.assembly import assemble
from service.domain import times
from service.settings import Settings
from service.storyfile import Import, archive

INTO = Path(__file__).resolve().parent.parent / "docs" / "pictures"
NEWSROOM = "onrecord-seeds"
TAKEN_AT = times.parse_instant("2026-01-01T12:00:00Z")
"""What the house's clock reads: long after both stories."""

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Picture(NamedTuple):
    """What is on a picture: a page's address, and the window in pixels."""

    path: str
    width: int
    height: int


PICTURES: Mapping[str, Picture] = {
    "story": Picture("/stories/tripoli-2019?known_at=2019-04-05", 1280, 1000),
    "story-phone": Picture("/stories/tripoli-2019?as_of=2019-04-05", 390, 844),
}


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of requests that go well."""


def take(browser: Browser, into: Path) -> list[Path]:
    """Take every picture into a directory; return the files."""
    made = []
    with tempfile.TemporaryDirectory() as directory, _served(Path(directory)) as base:
        for name, picture in PICTURES.items():
            page = browser.new_page(
                viewport={"width": picture.width, "height": picture.height}, color_scheme="light"
            )
            page.goto(base + picture.path)
            made.append(into / f"{name}.png")
            page.screenshot(path=made[-1])
            page.close()
    return made


@contextmanager
def _served(directory: Path) -> Iterator[str]:
    """Serve a house with the stories that ship; give its address."""
    settings = Settings(database_url=f"sqlite:///{directory / 'pictures.db'}")
    onrecord = assemble(settings, clock=lambda: TAKEN_AT)
    for name in seeds.names():
        text = seeds.path(name).read_text(encoding="utf-8")
        lines = [json.loads(line) for line in text.splitlines() if line.strip()]
        job = Import(desk=onrecord.desk(NEWSROOM), archive=True)
        onrecord.recorder.record(archive(enumerate(lines, 1), job, onrecord.clock))
    app = create_app(settings, onrecord)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        onrecord.close()


def main() -> None:
    """Take the pictures of the docs."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is absent: sudo apt-get install chromium")
    INTO.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        for file in take(browser, INTO):
            print(f"{file.name}: {file.stat().st_size // 1024} kB")
        browser.close()


if __name__ == "__main__":
    main()
