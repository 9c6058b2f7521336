"""The pages for people: their routes, and which answer each gives.

    app.register_blueprint(pages.blueprint(onrecord))

Pages are read by anybody and without a token, so they show what is public. Rules for editors: a
route is read the address → resolve the basis → answer; it takes no other input. Every view bears
an ``action``, which the gate of the HTTP door asks for; an error on these addresses is a page too.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import NotFound as NoPage
from werkzeug.wrappers import Response as AnyResponse

from service.asof import Asked, Basis
from service.assembly import Onrecord
from service.domain.refusals import Conflict, Erased, Invalid, NotFound, Refusal, Unavailable
from service.readmodel import stories as story_rows
from service.readmodel.stories import Viewer
from service.store.sql import FOREVER
from service.web import address, answers, corrections, story
from service.web.development import report
from service.web.drawing import draw
from service.web.story import Told

ACTION = "read pages"
"""What every view here does, in the words of the policy table (``service/api/policy``)."""

READERS = Viewer()
"""Pages are read by nobody in particular."""

STORIES = 50
"""Stories on one page of the list."""

STATIC = {"style.css": "text/css", "icon.svg": "image/svg+xml"}
"""The files that pages load, and what they are; there are no others."""

STATUS: dict[type[Refusal], int] = {NotFound: 404, Invalid: 422, Erased: 410, Unavailable: 503}
TITLES = {
    404: "There is no such page",
    405: "This address is only for reading",
    410: "This was erased",
    422: "This cannot be read",
    500: "Something went wrong here",
    503: "Not just now",
}

View = Callable[..., Response]


def blueprint(onrecord: Onrecord) -> Blueprint:
    """Return the pages of a house, ready to be registered at its root."""
    pages = Pages(onrecord)
    made = Blueprint("pages", __name__)
    routes: Sequence[tuple[str, str, View]] = (
        ("/", "stories", pages.stories),
        ("/stories/<slug>", "story", pages.story),
        ("/stories/<slug>/corrections", "corrections", pages.corrections),
        ("/stories/<slug>/developments/<development>", "development", pages.development),
        ("/static/<name>", "static_file", pages.static_file),
        ("/stories/<path:rest>", "nothing", pages.nothing),
    )
    for rule, name, view in routes:
        made.add_url_rule(rule, name, _declared(view), strict_slashes=False)
    made.register_error_handler(Refusal, pages.refused)
    made.register_error_handler(HTTPException, pages.failed)
    made.after_request(_protected)
    return made


def _declared(view: View) -> View:
    """Return a view that says what it does, as the gate wants it."""

    @wraps(view)
    def run(**path: Any) -> Response:
        return view(**path)

    run.action = ACTION  # type: ignore[attr-defined]  # read back by service.api.auth.action_of
    return run


def _protected(response: Response) -> Response:
    response.headers.update(answers.HEADERS)
    return response


class Pages:
    """The views of one house."""

    def __init__(self, onrecord: Onrecord) -> None:
        self._onrecord = onrecord
        self._asof = onrecord.asof

    def stories(self) -> Response:
        """List the stories, the newest first."""
        before = _going_on(address.before_of)
        rows = story_rows.page(self._asof.sql, READERS, after=before or FOREVER, limit=STORIES + 1)
        older = f"/?before={rows[STORIES - 1].number}" if len(rows) > STORIES else None

        def html() -> str:
            listed = [Told(self._basis(row.id, Asked()), Asked()) for row in rows[:STORIES]]
            return self._draw("stories.html", listed=listed, older=older, later=before is not None)

        return answers.listing(self._onrecord, html)

    def story(self, slug: str) -> Response:
        """Show a story: its situation, and a page of its timeline."""
        sent = address.chosen(request.args, lambda: self._basis(slug, Asked()).zone)
        if sent is not None:
            return _elsewhere(address.Address(slug, sent).story)
        told = self._told(slug)
        after = _going_on(address.after_of)

        def html() -> str:
            above, beside = story.sections(told) if after is None else ([], [])
            return self._draw(
                "story.html", told=told, above=above, beside=beside,
                timeline=story.page(told, after), continued=after is not None,
            )  # fmt: skip

        return self._reading(told, html)

    def development(self, slug: str, development: str) -> Response:
        """Show a development with all the versions known at the basis."""
        told = self._told(slug)
        found = report(told, development)
        return self._reading(told, lambda: self._draw("development.html", told=told, report=found))

    def corrections(self, slug: str) -> Response:
        """Show a story's corrections log."""
        told = self._told(slug)
        before = _going_on(address.before_of)

        def html() -> str:
            lines, older = corrections.page(told, before)
            return self._draw("corrections.html", told=told, lines=lines, older=older)

        return self._reading(told, html)

    def static_file(self, name: str) -> Response:
        """Serve one of the few files that pages load."""
        if name not in STATIC:
            raise NoPage
        answer = Response((answers.ROOM / "static" / name).read_bytes(), mimetype=STATIC[name])
        named = request.args.get("v") == answers.edition()
        answer.headers["Cache-Control"] = answers.FOREVER if named else answers.PRESENT
        answer.set_etag(answers.edition())
        answer.make_conditional(request)
        return answer

    def nothing(self, rest: str) -> Response:
        """Answer every other address below a story's."""
        raise NoPage

    def refused(self, refusal: Refusal) -> Response:
        """Return the page for what is refused."""
        slug = (request.view_args or {}).get("slug")
        if isinstance(refusal, Invalid) and slug is not None:
            return self._ask_again(slug, refusal)
        status = STATUS.get(type(refusal), 409 if isinstance(refusal, Conflict) else 403)
        answer = self._refusal(status, refusal.says)
        if isinstance(refusal, Unavailable):
            answer.headers["Retry-After"] = str(refusal.retry_after)
        return answer

    def failed(self, error: HTTPException) -> AnyResponse:
        """Return the page for an error of the web server; no internals are shown."""
        status = error.code or 500
        if status < 400:
            return error.get_response()
        says = "Nothing is to be found at this address, or nothing that everyone may read."
        if status != 404:
            says = "The house could not answer. What is on record is not touched by this."
        return self._refusal(status, says)

    def _told(self, slug: str) -> Told:
        self._asof.story(slug, READERS)  # An unknown story is that, whatever moment is named.
        wanted = address.asked(request.args)
        return Told(self._basis(slug, wanted), wanted)

    def _basis(self, slug: str, wanted: Asked) -> Basis:
        return self._asof.basis(slug, READERS, wanted)

    def _reading(self, told: Told, html: Callable[[], str]) -> Response:
        going_on = {name: request.args.get(name) for name in ("after", "before")}
        pinned = told.basis.pinned(request.path, **going_on)
        return answers.reading(self._onrecord, told.basis, html, pinned=pinned)

    def _ask_again(self, slug: str, refusal: Invalid) -> Response:
        """Return the as-of form again, with what was wrong and what may have been meant."""
        told = Told(self._basis(slug, Asked()), Asked())
        field, messages = next(iter(refusal.errors.items()))
        again = told.address.hindsight if field == "as_of" else told.address.as_told
        html = self._draw(
            "moment.html", told=told, wrong=" ".join(messages), typed=request.args.get(field, ""),
            near=[(text, again(text)) for text in refusal.suggestions.get(field, ())],
        )  # fmt: skip
        return answers.refusal(html, 422)

    def _refusal(self, status: int, says: str) -> Response:
        title = TITLES.get(status, "This was refused")
        return answers.refusal(self._draw("refusal.html", title=title, says=says), status)

    def _draw(self, template: str, **context: Any) -> str:
        return draw(template, house=self._onrecord.settings.house, **context)


def _elsewhere(target: str) -> Response:
    answer = redirect(target, 303, Response)
    answer.headers["Cache-Control"] = "no-store"
    assert isinstance(answer, Response)
    return answer


def _going_on(read: Callable[[Any], Any]) -> Any:
    """Return where a later page begins; an address that no page links to is no page."""
    try:
        return read(request.args)
    except ValueError:
        raise NoPage from None
