"""Bodies in Markdown, made safe twice: no HTML is read, and only a short list of tags comes out.

Rules for editors: no images (a page asks no other host for anything), no headings (a body stands
inside a page that has its own), every link marked as one that this house does not vouch for.
"""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

REMEMBERED = 2048
"""Bodies kept as they were drawn: a page of the timeline has 50."""

TAGS = {"p", "em", "strong", "a", "ul", "ol", "li", "blockquote", "code", "pre", "br", "hr"}
SCHEMES = {"http", "https", "mailto"}

_PROSE = MarkdownIt("commonmark", {"html": False}).disable(["image", "heading", "lheading"])


@lru_cache(maxsize=REMEMBERED)
def prose(text: str) -> Markup:
    """Return Markdown as safe HTML."""
    return Markup(
        nh3.clean(
            _PROSE.render(text),
            tags=TAGS,
            attributes={"a": {"href", "title"}},
            url_schemes=SCHEMES,
            link_rel="nofollow noopener",
        )
    )
