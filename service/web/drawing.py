"""Templates, and the few functions that they share.

Rules for editors: templates say how a thing looks, and decide nothing but that; what a page
shows is made by ``story.py`` and its neighbours. A name that a template does not find is an
error, never an empty space; only a document of the record may lack a field, which reads as None.
Everything is escaped; only ``markdown.prose`` makes markup.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from service.web import words
from service.web.answers import edition
from service.web.markdown import prose
from service.web.moments import Clock

TONES: Mapping[str, str] = {
    "attacking": "alarm",
    "alert": "warn",
    "mobilising": "warn",
    "open": "warn",
    "overdue": "warn",
    "postponed": "warn",
    "expired": "warn",
    "lapsed": "warn",
    "violated": "warn",
    "disputed": "warn",
    "contested": "warn",
    "closed": "warn",
    "carried_out": "alarm",
    "unverified": "warn",
    "claimed": "warn",
    "refuted": "warn",
    "undeterminable": "warn",
}
"""Which colour a word takes: red for violence alone, amber for what is uncertain or open."""


def source_name(source: Mapping[str, Any]) -> str:
    """Return what a source is called: who published it, else what the record has of it."""
    for name in ("publisher", "label", "author", "reported_by", "title"):
        if source.get(name):
            return str(source[name])
    return urlsplit(str(source.get("url", ""))).hostname or "a source"


def web_address(url: Any) -> str | None:
    """Return an address that a page may link to; None for one that is not on the web."""
    text = str(url or "")
    return text if text.lower().startswith(("https://", "http://")) else None


def draw(template: str, **context: Any) -> str:
    """Return a page."""
    return _TEMPLATES.get_template(template).render(context)


class Templates(Environment):
    """Templates that read documents by their fields, whatever Python calls its dict's methods."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a document's field, None where it has none; else what the object has."""
        if isinstance(obj, Mapping):
            return obj.get(attribute)
        return super().getattr(obj, attribute)


def _environment() -> Environment:
    environment = Templates(
        loader=PackageLoader("service.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "label": lambda word, vocabulary: words.label(vocabulary, word),
        "kind": words.kind,
        "plain": words.plain,
        "capital": words.capital,
        "figure": words.figure,
        "times": words.times,
        "prose": prose,
        "source_name": source_name,
        "web_address": web_address,
        "zone_place": lambda zone: Clock(ZoneInfo(zone)).place,
        "tone": lambda word: TONES.get(str(word), "plain"),
    }
    environment.globals |= {"count": words.count, "edition": edition()}
    return environment


_TEMPLATES = _environment()
