"""The few pages of the API itself: one shell, one small style, no script, nothing from elsewhere.

Rules for editors: text reaches a page through ``Markup.format``, which escapes it; there is no
other way in. The policy below lets a browser do nothing but show the page.
"""

import hashlib
from base64 import b64encode

from flask import Response, request
from markupsafe import Markup

from service.api.conditional import released
from service.api.house import house

STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.55 Georgia, "Noto Serif", serif; margin: 0 auto; max-width: 48rem;
  padding: 2rem 1.25rem 4rem; }
h1, h2, h3, th, nav { font-family: system-ui, "Noto Sans", sans-serif; line-height: 1.25; }
h2 { margin-top: 2.5rem; } h3 { margin-top: 2rem; }
code, pre { font: 0.875rem/1.5 ui-monospace, "Noto Sans Mono", monospace; }
pre { border: 1px solid; border-radius: 0.25rem; overflow-x: auto; padding: 0.75rem; }
table { border-collapse: collapse; font-size: 0.9375rem; margin: 0 0 1.25rem; width: 100%; }
.wide { overflow-x: auto; }
h3 code { overflow-wrap: anywhere; }
td, th { border-bottom: 1px solid; padding: 0.35rem 0.75rem 0.35rem 0; text-align: start;
  vertical-align: top; }
td code { overflow-wrap: anywhere; }
.method { border: 1px solid; border-radius: 0.25rem; padding: 0.05rem 0.4rem; }
"""

_STYLE_HASH = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{_STYLE_HASH}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

_SHELL = Markup(
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    "<title>{title} – {house}</title>\n<style>{style}</style>\n</head>\n<body>\n"
    '<nav aria-label="This house"><a href="/">{house}</a> · <a href="/docs">API</a>'
    ' · <a href="/problems">Problems</a></nav>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n'
    "</body>\n</html>\n"
)


def page(title: str, body: Markup) -> Response:
    """Return a page that changes with a release only."""
    html = _SHELL.format(title=title, house=house().settings.house, style=Markup(STYLE), body=body)
    response = released(request, html.encode(), "text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def here() -> str:
    """Return the address of this house, as its readers know it."""
    return house().settings.public_url or request.host_url.rstrip("/")


def rows(head: tuple[str, ...], lines: list[tuple[Markup | str, ...]]) -> Markup:
    """Return a table; nothing when it has no lines."""
    if not lines:
        return Markup("")
    cells = Markup("").join(Markup('<th scope="col">{}</th>').format(name) for name in head)
    body = Markup("\n").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(Markup("<td>{}</td>").format(cell) for cell in line)
        )
        for line in lines
    )
    return Markup(
        '<div class="wide"><table>\n<thead><tr>{}</tr></thead>\n'
        "<tbody>\n{}\n</tbody>\n</table></div>"
    ).format(cells, body)
