"""The pages that problems point to: what a type of problem means, why, and how to mend it."""

from flask import Blueprint, Response
from markupsafe import Markup

from service.api.auth import allows
from service.api.html import here, page, rows
from service.api.problem_types import PAGES, TYPES, ProblemType
from service.api.problems import Problem

blueprint = Blueprint("problems", __name__)

_LEDE = Markup(
    "<p>When a request is refused, the answer is <code>application/problem+json</code> (RFC 9457),"
    " and its <code>type</code> is the address of one of these pages.</p>"
)
_PAGE = Markup(
    "<p>Status <code>{status}</code>, type <code>{address}</code></p>\n"
    "<h2>Why</h2>\n<p>{why}</p>\n<h2>How to mend it</h2>\n<p>{mend}</p>\n"
    "<h2>A request that goes through</h2>\n<pre><code>{curl}</code></pre>\n{token}"
)
_TOKEN = Markup(
    "<p>It needs a token of your newsroom: <code>TOKEN=onr_…</code> in the same terminal, and a"
    " story of yours in place of <code>tripoli-2019</code>.</p>"
)


@blueprint.get("/problems")
@allows("read about the house")
def index() -> Response:
    """List every type of problem."""
    lines: list[tuple[Markup | str, ...]] = [
        (
            Markup('<a href="{}"><code>{}</code></a>').format(kind.address, kind.slug),
            str(kind.status),
            kind.title,
        )
        for kind in TYPES.values()
    ]
    return page("Problems", _LEDE + rows(("Type", "Status", "What it means"), lines))


@blueprint.get(f"{PAGES}<slug:problem>")
@allows("read about the house")
def one(problem: str) -> Response:
    """Explain one type of problem."""
    kind = TYPES.get(problem)
    if kind is None:
        raise Problem("not-found", "There is no such type of problem. GET /problems lists them.")
    return page(kind.title, _explained(kind))


def _explained(kind: ProblemType) -> Markup:
    return _PAGE.format(
        status=kind.status,
        address=kind.address,
        why=kind.why,
        mend=kind.mend,
        curl=kind.curl.replace("$HOST", here()),
        token=_TOKEN if "$TOKEN" in kind.curl else "",
    )
