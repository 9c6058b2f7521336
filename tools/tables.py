"""Fill in the tables of docs/ that are made from the code: `python -m tools.tables`.

A page holds a table between two comments, `<!-- made by tools/tables.py: settings -->` and
`<!-- end -->`; what stands between them is made here. A test compares, so that no page says what
the code does not. Rules for editors: the words around a table are the page's own.
"""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from service import settings
from service.api.policy import ANYONE, POLICY, Reach, Role
from service.api.problem_types import TYPES
from service.app import create_app
from service.assembly import assemble
from service.domain.anomalies import CONTRADICTIONS
from service.domain.kinds import KINDS
from service.domain.level import RULE, VALUES
from service.metrics.declared import DECLARED
from tools import kinds_page
from tools.kinds_page import row

DOCS = Path(__file__).resolve().parent.parent / "docs"
BLOCK = re.compile(r"(<!-- made by tools/tables\.py: ([^>]+) -->\n).*?(<!-- end -->)", re.DOTALL)

OTHER = "http-error"
"""The type of problem that stands for every status without a type of its own."""

UNTOLD = {
    "openapi": "Read the description of all this (OpenAPI 3.1).",
    "docs.docs": "Read the description as a page.",
}
"""What is answered by views that say nothing of themselves, by endpoint."""

_PART = re.compile(r"<(?:[^<>]*:)?([a-z_]+)>")


class Operation(NamedTuple):
    """One thing that a house answers: a method at an address."""

    method: str
    path: str
    action: str
    says: str
    parameters: Mapping[str, str]
    """What each query parameter means, by its name."""


def filled(text: str) -> str:
    """Return a page's text with every table in it made anew. Raises KeyError for one that is none.

    A table that has not been made yet, its comments with nothing between them, is made too.
    """
    return BLOCK.sub(lambda found: f"{found[1]}\n{_made(found[2])}\n{found[3]}", text)


def _made(name: str) -> str:
    return "\n".join([*TABLES[name](), ""])


def pages() -> Iterator[Path]:
    """Yield the pages that hold tables."""
    for page in sorted(DOCS.rglob("*.md")):
        if BLOCK.search(page.read_text(encoding="utf-8")):
            yield page


# --- the tables ----------------------------------------------------------------------------


def _settings() -> Iterator[str]:
    yield "| setting | default | what it means |"
    yield "|---|---|---|"
    for name, default, says in settings.table():
        yield row(f"`{name}`", "none" if default is None else f"`{default}`", says)


def _metrics() -> Iterator[str]:
    yield "| metric | sort | labels | what it means |"
    yield "|---|---|---|---|"
    for one in DECLARED:
        labels = ", ".join(f"`{label}`" for label in one.labels)
        yield row(f"`{one.name}`", one.sort, labels, one.says)


REACHES = {None: "", Reach.OWN: "its own", Reach.NEWSROOM: "its newsroom's"}


def _roles() -> Iterator[str]:
    yield row("action", *(role.value for role in Role))
    yield "|---|" + "---|" * len(Role)
    for action, allowed in POLICY.items():
        yield row(action, *(REACHES[allowed.get(role)] for role in Role))


def _problems() -> Iterator[str]:
    yield "| status | type | what it means | how to mend it |"
    yield "|---|---|---|---|"
    for kind in sorted(TYPES.values(), key=lambda kind: (kind.slug == OTHER, kind.status)):
        status = "any other" if kind.slug == OTHER else str(kind.status)
        yield row(status, f"`{kind.address}`", kind.title, kind.mend)


def _level() -> Iterator[str]:
    yield f"Rule {RULE['rule']} looks at the slots of {', '.join(RULE['looks_at'])}. {RULE['age']}"
    yield "The first that fits, from the highest down:"
    yield ""
    yield "| level | value | when |"
    yield "|---|---|---|"
    for name, says in RULE["levels"].items():
        yield row(f"`{name}`", str(VALUES[name]), says)


def _writers() -> Iterator[str]:
    """Which kinds write a slot, by the template that says so."""
    kinds: dict[str, list[str]] = {}
    for kind in KINDS.values():
        for template in kind.assigns:
            kinds.setdefault(template, []).append(f"`{kind.name}`")
    yield "| template | written by |"
    yield "|---|---|"
    for template in sorted(kinds):
        yield row(f"`{template}`", ", ".join(kinds[template]))


def _anomalies() -> Iterator[str]:
    yield "| slot | stood | was then reported |"
    yield "|---|---|---|"
    for form, pairs in CONTRADICTIONS.items():
        for stood, then in sorted(pairs):
            yield row(f"`{form}`", stood, then)


def _operations() -> Iterator[str]:
    yield "| address | what | who may | parameters |"
    yield "|---|---|---|---|"
    for one in operations():
        who = "anyone" if one.action in ANYONE else f"*{one.action}*"
        names = ", ".join(f"`{name}`" for name in one.parameters)
        yield row(f"`{one.method} {one.path}`", one.says, who, names)


def _parameters() -> Iterator[str]:
    """Each parameter once for each meaning: a corrections log's `position` is an end."""
    yield "| parameter | what it means |"
    yield "|---|---|"
    said = {(name, says) for one in operations() for name, says in one.parameters.items()}
    for name, meanings in groupby(sorted(said), key=lambda meaning: meaning[0]):
        yield row(f"`{name}`", "<br>".join(says for _, says in meanings))


TABLES: Mapping[str, Callable[[], Iterable[str]]] = {
    **kinds_page.tables(),
    "settings": _settings,
    "metrics": _metrics,
    "roles": _roles,
    "problems": _problems,
    "level": _level,
    "writers": _writers,
    "anomalies": _anomalies,
    "operations": _operations,
    "parameters": _parameters,
}


# --- what a house answers ------------------------------------------------------------------


@cache
def operations() -> tuple[Operation, ...]:
    """Return everything that a house answers, pages and static files left out, by address."""
    with tempfile.TemporaryDirectory() as directory:
        onrecord = assemble(settings.Settings(database_url=f"sqlite:///{directory}/docs.db"))
        app = create_app(onrecord.settings, onrecord)
        onrecord.close()
    found = [
        Operation(method, _PART.sub(r"{\1}", rule.rule), *_declared(app, rule.endpoint, method))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    shown = [one for one in found if one.action != "read pages"]
    return tuple(sorted(shown, key=lambda one: (one.path, one.method)))


def _declared(app: Any, endpoint: str, method: str) -> tuple[str, str, dict[str, str]]:
    view = app.view_functions[endpoint]
    view = getattr(getattr(view, "view_class", None), method.lower(), view)
    shape = getattr(view, "query", None)
    fields = shape().load_fields.items() if shape else ()
    says = (view.__doc__ or UNTOLD.get(endpoint, "")).strip().partition("\n")[0]
    means = {field.data_key or name: field.metadata["description"] for name, field in fields}
    return view.action, says, means


def main() -> None:
    """Fill in every table of the docs."""
    for page in pages():
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
