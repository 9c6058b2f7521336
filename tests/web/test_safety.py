"""Nothing that a newsroom writes becomes anything but text; a page runs and loads nothing."""

import re
from collections.abc import Iterator

import pytest

from service.web import answers
from service.web.markdown import prose
from tests.builders import House
from tests.web.conftest import Page, Site, at
from tests.web.tree import Node, parse

PATHS = (
    "/",
    "/stories/tripoli-2019",
    "/stories/tripoli-2019?known_at=2019-04-07",
    "/stories/flood-harlebridge?as_of=2023-10-28",
    "/stories/flood-harlebridge/corrections",
    "/stories/tripoli-2019?as_of=x",
    "/stories/nowhere",
    "/stories/tripoli-2019/nowhere/at/all",
)

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}} &lt;b&gt; \u202eabc"
"""A text that would be markup, an attribute, a template or a turn of direction."""

SCRIPTED = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:x)",
    "<javascript:alert(1)>",
    "![x](https://elsewhere.example/pixel.gif)",
    "<svg onload=alert(1)>",
    "<style>body{display:none}</style>",
    "[x](https://ok.example 'a\" onmouseover=\"alert(1)')",
    "`<script>`",
    "```html\n<script>alert(1)</script>\n```",
    "# Heading\n\nand\n=====",
)


def faults(tree: Node) -> Iterator[str]:
    """What would run, load, or style something from within the page."""
    for node in tree.walk():
        if node.tag in ("script", "style", "img", "iframe", "object", "embed", "svg", "base"):
            yield f"<{node.tag}>"
        for name, value in node.attributes.items():
            if name.startswith("on") or name in ("style", "srcdoc"):
                yield f"{name}={value!r}"
            if name in ("href", "src", "action"):
                if not re.match(r"(https?://|mailto:|/(?!/)|#)", value):
                    yield f"{name}={value!r}"
                if node.tag in ("link", "form") and not value.startswith("/"):
                    yield f"<{node.tag}> goes to {value!r}"


@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_no_script_no_inline_style_and_loads_nothing_from_elsewhere(
    site: Site, path: str
) -> None:
    assert list(faults(site.get(path).tree)) == []


@pytest.mark.parametrize("path", [*PATHS, "/static/style.css", "/static/icon.svg"])
def test_every_answer_forbids_the_browser_to_run_or_load_anything_else(
    site: Site, path: str
) -> None:
    headers = site.get(path).response.headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "script" not in policy
    assert "*" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers


def test_the_style_sheet_loads_nothing_from_elsewhere(site: Site) -> None:
    assert not re.search(r"url\(|@import|https?:", site.get("/static/style.css").response.text)


def hostile_pages(house: House, site: Site) -> list[Page]:
    desk = house.desk(HOSTILE)
    desk.opens_story("tripoli", title=HOSTILE, scale="conflict")
    desk.introduces_actor("lna", name=HOSTILE)
    desk.introduces_place("town", name=HOSTILE)
    desk.reports(
        "it",
        kind="threat.made",
        headline=HOSTILE,
        body=HOSTILE,
        actors="by:lna",
        places="town",
        byline=HOSTILE,
        sources=[
            {
                "publisher": HOSTILE,
                "url": "https://example.org/%22%3E?a='&b=1",
                "quote": HOSTILE,
                "title": HOSTILE,
            }
        ],
        media=[{"url": "https://example.org/x", "caption": HOSTILE, "credit": HOSTILE}],
        details={"threat": {"text": HOSTILE}},
    )
    desk.reports("note", details={"notes": {"a": HOSTILE}}, headline="A note")
    desk.corrects("note", notice=HOSTILE, headline=HOSTILE)
    desk.sums_up(HOSTILE, "it")
    desk.overrides_level("calm", reason=HOSTILE)
    return [
        site.get(path)
        for path in (
            "/",
            "/stories/tripoli",
            at(desk, "it"),
            at(desk, "note"),
            "/stories/tripoli/corrections",
            "/stories/tripoli?as_of=x",
        )
    ]


def test_hostile_words_stay_words_wherever_they_stand(house: House, own: Site) -> None:
    pages = hostile_pages(house, own)
    assert [page.status for page in pages] == [200] * 5 + [422]
    for page in pages:
        assert list(faults(page.tree)) == []
        assert "{{7*7}}" in page.tree.text or page.status == 422
        assert "<script>alert(1)</script>" in page.tree.text
        assert "49" not in page.main.one("h1").text


def test_a_hostile_headline_reads_as_it_was_written(house: House, own: Site) -> None:
    story = hostile_pages(house, own)[1]
    assert story.main.one("h1").text == HOSTILE
    assert HOSTILE in {node.text for node in story.main.all("h4")}


@pytest.mark.parametrize("typed", [HOSTILE, '" autofocus onfocus=alert(1) x="', "</title>"])
def test_what_a_reader_types_comes_back_as_text_only(site: Site, typed: str) -> None:
    page = site.get(
        "/stories/tripoli-2019", query_string={"at": typed, "reading": "hindsight", "x": typed}
    )
    assert page.main.one("input", id="at")["value"] == typed
    assert list(faults(page.tree)) == []


@pytest.mark.parametrize("text", SCRIPTED)
def test_markdown_makes_nothing_that_runs_or_loads(text: str) -> None:
    assert list(faults(parse(str(prose(text))))) == []


@pytest.mark.parametrize("text", SCRIPTED)
def test_markdown_keeps_the_outline_of_the_page(text: str) -> None:
    assert not re.search("<h[1-6]", prose(text))


def test_markdown_is_drawn_and_its_links_are_not_vouched_for() -> None:
    assert prose("A **word** and [a link](https://example.org/?a=1&b=2).") == (
        '<p>A <strong>word</strong> and <a href="https://example.org/?a=1&amp;b=2"'
        ' rel="nofollow noopener">a link</a>.</p>\n'
    )


def test_an_address_in_a_redirect_cannot_break_out(site: Site) -> None:
    for at_ in ("2019-04-05\r\nSet-Cookie: a=b", "//elsewhere.example", "2019-04-05#x"):
        response = site.client.get(
            "/stories/tripoli-2019", query_string={"at": at_, "reading": "as_told"}
        )
        assert response.status_code == 422
        assert "Set-Cookie" not in response.headers


def test_a_fault_of_the_house_shows_no_internals(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret of /etc")

    monkeypatch.setattr(answers, "reading", broken)
    page = site.get("/stories/tripoli-2019")
    assert page.status == 500
    assert "Something went wrong here" in page.text
    assert "secret" not in page.response.text
