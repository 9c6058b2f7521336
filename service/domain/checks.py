"""What a development's fields must hold true before they go on the record.

The schemas check shapes; here is what needs the story: its cast, its zone, its clock. Every
fault is collected, so that a desk sees them all at once.
"""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from service.domain.acts import Document
from service.domain.kinds import DEFAULT, KINDS, check_details, nearest, sound_details
from service.domain.refusals import Invalid
from service.domain.stories import Story, near
from service.domain.times import Instant, Occurred, TimeError, parse_occurred

NEEDED = ("headline", "occurred", "sources")
"""What no development is without."""


def sound(fields: Document) -> bool:
    """Tell whether fields have no fault but what only a story knows: its zone, cast and clock."""
    kind = fields.get("kind", DEFAULT)
    return kind in KINDS and all(map(fields.get, NEEDED)) and sound_details(kind, fields)


def occurred_of(fields: Document, zone: ZoneInfo) -> Occurred:
    """Return when the development occurred. Raises ``TimeError`` for text that is no time."""
    return parse_occurred(fields["occurred"], zone)


def check_fields(story: Story, fields: Document, *, recorded_at: Instant, prefix: str = "") -> None:
    """Raise ``Invalid`` with every fault of the fields, each under ``prefix`` + its path."""
    errors: dict[str, list[str]] = {}
    suggestions: dict[str, list[str]] = {}
    for path, message, nearest_ones in _faults(story, fields, recorded_at):
        errors.setdefault(prefix + path, []).append(message)
        if nearest_ones:
            suggestions[prefix + path] = nearest_ones
    if errors:
        raise Invalid(errors, suggestions)


Fault = tuple[str, str, list[str]]
"""A field's path, a sentence, and the nearest values that would do."""


def _faults(story: Story, fields: Document, recorded_at: Instant) -> Iterator[Fault]:
    for name in NEEDED:
        if not fields.get(name):
            yield name, "A development needs it.", []
    yield from _time_faults(story, fields, recorded_at)
    yield from _cast_faults(story, fields)
    kind = fields.get("kind", DEFAULT)
    if kind not in KINDS:
        kinds = nearest(kind)
        guess = f" Did you mean {kinds[0]!r}?" if kinds else ""
        yield "kind", f"{kind!r} is no kind.{guess}", kinds
    else:
        for path, messages in check_details(kind, fields, story.zone).items():
            for message in messages:
                yield path, message, []


def _time_faults(story: Story, fields: Document, recorded_at: Instant) -> Iterator[Fault]:
    if not fields.get("occurred"):
        return
    try:
        occurred = occurred_of(fields, story.zone)
    except TimeError as error:
        yield "occurred", str(error), [error.suggestion] if error.suggestion else []
        return
    if occurred.earliest is not None and occurred.earliest > recorded_at:
        yield (
            "occurred",
            "It lies after the moment of recording. What is planned occurred when it was "
            "announced; its date belongs in details.",
            [],
        )


def _cast_faults(story: Story, fields: Document) -> Iterator[Fault]:
    details = fields.get("details") or {}
    control, access = details.get("control") or {}, details.get("access") or {}
    party = control.get("party")
    actors = [row["actor"] for row in fields.get("actors", ())]
    places = fields.get("places", ())
    held, opened = control.get("places") or (), access.get("places") or ()
    knows = story.actors.keys() >= {*actors, *((party,) if party else ())}
    if knows and story.places.keys() >= {*places, *held, *opened}:
        return
    yield from _strangers("actor", actors, story, "actors.{}.actor")
    yield from _strangers("actor", [party] if party else (), story, "details.control.party")
    yield from _strangers("place", places, story, "places.{}")
    yield from _strangers("place", held, story, "details.control.places.{}")
    yield from _strangers("place", opened, story, "details.access.places.{}")


def _strangers(sort: str, named: Sequence[str], story: Story, path: str) -> Iterator[Fault]:
    """Yield a fault for each slug that the cast does not know; ``path`` takes its number."""
    known = story.cast(sort)
    for number, slug in enumerate(named):
        if slug not in known:
            where = "in the story's cast" if sort == "actor" else "among the story's places"
            yield path.format(number), f"{slug!r} is not {where}.", near(slug, known)
