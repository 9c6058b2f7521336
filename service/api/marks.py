"""Marks on developments: pins, which put one on top of the story, and key events."""

from flask import Response
from flask.views import MethodView

from schemas.stories import Marked
from service import decisions
from service.api import writing
from service.api.nouns import Noun
from service.readmodel.marks import KEY, PIN

noun = Noun("marks", description="Pins and key events: acts of the story, not of a development.")


@noun.route("/v1/stories/<slug:story>/pins/<development:development>")
class Pin(MethodView):
    """A pin."""

    @noun.verb("pin", "pinDevelopment", Marked, repeatable=True)
    def put(self, story: str, development: str) -> Response:
        """Put a development on top of its story; repeating changes nothing."""
        return _mark(PIN, True, story, development)

    @noun.verb("pin", "unpinDevelopment", Marked, repeatable=True)
    def delete(self, story: str, development: str) -> Response:
        """Take a development from the top of its story; repeating changes nothing."""
        return _mark(PIN, False, story, development)


@noun.route("/v1/stories/<slug:story>/key-events/<development:development>")
class KeyEvent(MethodView):
    """The mark of a key event."""

    @noun.verb("mark key events", "markKeyEvent", Marked, repeatable=True)
    def put(self, story: str, development: str) -> Response:
        """Mark a development as a key event; repeating changes nothing."""
        return _mark(KEY, True, story, development)

    @noun.verb("mark key events", "unmarkKeyEvent", Marked, repeatable=True)
    def delete(self, story: str, development: str) -> Response:
        """Take the mark of a key event away; repeating changes nothing."""
        return _mark(KEY, False, story, development)


def _mark(sort: str, set_it: bool, story: str, development: str) -> Response:
    by = writing.desk()
    made = writing.record(decisions.mark(story, development, sort, set_it, by), by)
    at = writing.address(story, "developments", development)
    return writing.told(made, {"development": development, "marked": set_it}, at=at)
