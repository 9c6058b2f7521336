"""The pages of problem types: why, how to mend it, and a request that goes through as printed."""

import html
import re
import shlex
from dataclasses import dataclass
from typing import Any

import pytest

from service.api.problem_types import TYPES
from tests.api.served import Caller

HOST = "http://localhost"


@dataclass
class Printed:
    """A request as a page prints it: what `curl` would send."""

    method: str
    path: str
    headers: dict[str, str]
    body: str | None


def printed(page: str, token: str) -> Printed:
    """The `curl` of a page, read as a shell reads it."""
    line = html.unescape(re.search(r"<pre><code>(.*?)</code></pre>", page, re.DOTALL).group(1))  # type: ignore[union-attr]
    words = iter(shlex.split(line.replace("$TOKEN", token)))
    assert next(words) == "curl"
    assert "'$" not in line, "a shell puts nothing into single quotes"
    found = Printed("", "", {}, None)
    for word in words:
        match word:
            case "-i":
                pass
            case "-X":
                found.method = next(words)
            case "-H":
                name, _, value = next(words).partition(": ")
                found.headers[name] = value
            case "-d":
                found.body = next(words)
            case _:
                assert word.startswith(HOST), word
                found.path = word.removeprefix(HOST)
    found.method = found.method or ("GET" if found.body is None else "POST")
    return found


@pytest.fixture(scope="module")
def editor(tripoli: Caller) -> str:
    """The token of an editor of the founding story."""
    return tripoli.holding("editor").headers["Authorization"].removeprefix("Bearer ")


@pytest.mark.parametrize("slug", list(TYPES))
def test_each_type_is_a_page_that_says_why_and_how_to_mend_it(tripoli: Caller, slug: str) -> None:
    kind = TYPES[slug]

    answer = tripoli.ask(f"/problems/{slug}")

    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    text = html.unescape(answer.get_data(as_text=True))
    for said in (kind.title, kind.why, kind.mend, str(kind.status), kind.address):
        assert said in text


@pytest.mark.parametrize("slug", list(TYPES))
def test_its_curl_works_as_printed(tripoli: Caller, editor: str, slug: str) -> None:
    asked = printed(tripoli.ask(f"/problems/{slug}").get_data(as_text=True), editor)

    answer = tripoli.client.open(
        asked.path, method=asked.method, headers=asked.headers, data=asked.body
    )

    assert 200 <= answer.status_code < 300, answer.get_data(as_text=True)


def test_the_index_links_every_type(tripoli: Caller) -> None:
    text = tripoli.ask("/problems").get_data(as_text=True)

    assert set(re.findall(r'href="/problems/([a-z-]+)"', text)) == set(TYPES)


def test_an_unknown_type_is_a_problem_itself(tripoli: Caller) -> None:
    assert tripoli.get("/problems/too-tired", status=404)["type"] == "/problems/not-found"


PAGES = ("/docs", "/problems", "/problems/token")
"""Pages of the API itself."""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_nothing_and_loads_nothing(tripoli: Caller, path: str) -> None:
    answer = tripoli.ask(path)
    text = answer.get_data(as_text=True)

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for word in ("<script", "src=", "style=", "@import", "url(", "onload"):
        assert word not in text
    assert not re.findall(r'href="(?!/|#)', text)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_conditional(tripoli: Caller, path: str) -> None:
    tag = tripoli.ask(path).headers["ETag"]

    assert tripoli.ask(path, If_None_Match=tag).status_code == 304


def test_a_page_names_the_host_that_readers_know(tripoli: Caller) -> None:
    asked: Any = tripoli.client.get("/problems/not-found", headers={"Host": "record.example.org"})

    assert 'curl "http://record.example.org/v1/stories"' in html.unescape(
        asked.get_data(as_text=True)
    )
    evil: Any = tripoli.client.get("/problems/not-found", headers={"Host": '"><script>'})
    assert "<script>" not in evil.get_data(as_text=True)
