"""The pages in a real browser: they fit, ask no other host, work by keyboard and without scripts.

Needs Debian's Chromium; the check of accessibility also needs axe-core from npm.
"""

import base64
import hashlib
import subprocess
import tarfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from tests.web.conftest import Site
from tools import pictures

pytestmark = pytest.mark.needs_system

AXE = "axe-core@4.14.1"
AXE_SHA512 = (
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATHS = (
    "/",
    "/stories/tripoli-2019",
    "/stories/tripoli-2019?known_at=2019-04-07",
    "/stories/flood-harlebridge",
    "/stories/flood-harlebridge/corrections",
)


@pytest.fixture(scope="session")
def base(site: Site) -> Iterator[str]:
    """The address of the pages, served on this machine."""
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def browser(system_program: Callable[[str, str], str]) -> Iterator[Browser]:
    with sync_playwright() as player:
        opened = player.chromium.launch(
            executable_path=system_program("chromium", "chromium"), args=list(pictures.ARGUMENTS)
        )
        yield opened
        opened.close()


@dataclass
class Watch:
    """What a page did besides showing itself."""

    base: str
    complaints: list[str] = field(default_factory=list)

    def over(self, page: Page) -> Page:
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))
        return page

    def _asked(self, url: str) -> None:
        if not url.startswith(f"{self.base}/"):
            self.complaints.append(f"asked {url}")


def opened(browser: Browser, watch: Watch, path: str, **options: Any) -> Page:
    page = watch.over(browser.new_page(**options))
    page.goto(watch.base + path)
    return page


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_a_page_fits_its_window_and_asks_no_other_host(
    browser: Browser, base: str, address: Callable[[str], str], width: int
) -> None:
    watch = Watch(base)
    for path in (*PATHS, address("alert")):
        page = opened(browser, watch, path, viewport={"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, path
        page.close()
    assert watch.complaints == []


def test_a_reader_types_a_day_and_the_enter_key_shows_what_was_told(
    browser: Browser, base: str
) -> None:
    page = opened(browser, Watch(base), "/stories/tripoli-2019")
    page.get_by_label("Situation as of").fill("2019-04-05")
    page.keyboard.press("Enter")
    page.wait_for_url("**/stories/tripoli-2019?known_at=2019-04-05")
    assert page.locator(".band [aria-current]").inner_text() == "As told then"


def test_both_readings_are_a_click_apart_without_a_script(browser: Browser, base: str) -> None:
    page = opened(browser, Watch(base), "/stories/tripoli-2019", java_script_enabled=False)
    page.get_by_label("Situation as of").fill("2019-04-05")
    page.get_by_role("button", name="With hindsight").click()
    scheduled = page.get_by_role("region", name="Scheduled")
    assert "Held" in scheduled.inner_text()
    page.get_by_role("link", name="As told then").click()
    assert "Planned" in scheduled.inner_text()
    page.get_by_role("link", name="Return to now").click()
    assert page.url == f"{base}/stories/tripoli-2019"


def test_a_correction_opens_where_it_stands(browser: Browser, base: str) -> None:
    page = opened(browser, Watch(base), "/stories/tripoli-2019?known_at=2019-04-07")
    notice = page.get_by_text("We reported that UN troops")
    assert not notice.is_visible()
    page.get_by_text("Corrected once").click()
    assert notice.is_visible()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, from npm."""
    where = tmp_path_factory.mktemp("axe")
    try:
        subprocess.run(
            ["npm", "pack", "--silent", AXE],
            cwd=where,
            check=True,
            capture_output=True,
            timeout=120,
        )
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"{AXE} cannot be had from npm: {error}")
    (packed,) = where.glob("*.tgz")
    found = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
    assert found == AXE_SHA512, f"{AXE} is not what it was"
    with tarfile.open(packed) as files:
        source = files.extractfile("package/axe.min.js")
        assert source is not None
        return source.read().decode()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_those_who_hear_or_enlarge_the_page(
    browser: Browser, base: str, address: Callable[[str], str], axe: str, scheme: str
) -> None:
    faults = []
    paths = (*PATHS, address("alert"), "/stories/tripoli-2019?as_of=x", "/stories/nowhere")
    for path in paths:
        page = opened(browser, Watch(base), path, color_scheme=scheme)
        page.evaluate(axe)
        found = page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS
        )
        faults += [f"{path} {one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]]
        page.close()
    assert faults == []


def test_the_picture_of_the_readme_can_be_taken(browser: Browser, tmp_path: Path) -> None:
    made = pictures.take(browser, tmp_path)
    assert [file.name for file in made] == [f"{name}.png" for name in pictures.PICTURES]
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in made)
