"""As of: resolve a basis once, then answer from the read model.

Every reading stands on a basis: a story, a moment of world time (``as_of``) and a position of
the record. Whatever is asked later at the same basis gets the same answer.

========================  ================================================================
asked                     reading
========================  ================================================================
nothing                   now: the head of the record, at its last turning point
``as_of``                 hindsight: what had happened by then, told with all we know now
``known_at``, `position`  as_told: what had happened by then, as it was known then
both                      both: what had happened by ``as_of``, as known at ``known_at``
========================  ================================================================
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from service.domain import times
from service.domain.refusals import Invalid, NotFound
from service.domain.situation import Cast
from service.domain.times import TimeError
from service.readmodel import assignments, cast, chronicle, stories
from service.readmodel.chronicle import Head, Moment
from service.readmodel.stories import StoryRow, Viewer
from service.store.sql import FOREVER, Reading, Row, Sql

REPRESENTATION = 1
"""Raised when the same content is shown otherwise; part of every ETag."""

_records = count(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """The moments a client asked for, as text; None for what it left out."""

    as_of: str | None = None
    known_at: str | None = None
    position: int | None = None


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What a reading stands on. Instants are microseconds since 1970 UTC.

    ``record`` tells one record from another in this process, for what is kept in memory.
    ``clamp`` is the world time up to which rows can exist at this position: a valid-from is
    never later than its report's record time, so nothing lies between ``clamp`` and ``as_of``.
    ``floating``: the date asked for is not over, so that tomorrow the address says more.
    """

    sql: Reading
    record: int
    row: StoryRow
    zone: ZoneInfo
    reading: str
    as_of: int
    known_at: int
    moment: Moment
    floating: bool = False

    def is_settled(self, head_stored_at: int) -> bool:
        """Whether the address that was asked will answer the same for good.

        It names record time, a later act is committed, and no date in it is still going on.
        """
        names_record_time = self.reading in ("as_told", "both")
        return names_record_time and not self.floating and head_stored_at > self.known_at

    @property
    def position(self) -> int:
        """The story's last position at the basis; 0 before its first act."""
        return self.moment.position

    @property
    def story(self) -> int:
        """The number under which the story's rows lie."""
        return self.row.number

    @property
    def clamp(self) -> int:
        """The upper bound of every search over valid-from; changes no answer."""
        return min(self.as_of, self.moment.recorded_at)

    @cached_property
    def members(self) -> Mapping[str, Mapping[str, Any]]:
        """The story's own document, its actors and its places, as known at the basis."""
        return cast.at(self.sql, self.story, self.position)

    def learn(self, members: Iterable[Row]) -> None:
        """Take in the rows of ``cast.question``, which somebody asked with other questions."""
        vars(self)["members"] = cast.read(members)

    @property
    def document(self) -> Mapping[str, Any]:
        """The story's title and settings as known at the basis; empty before its first act."""
        document: Mapping[str, Any] = self.members["story"].get(self.row.id, {})
        return document

    @property
    def is_of_conflict(self) -> bool:
        """Whether the story is of the scale that has a level."""
        return bool(self.document.get("scale") == "conflict")

    @property
    def people(self) -> Cast:
        """Who and where, for names."""
        return Cast(actors=self.members["actor"], places=self.members["place"])

    @cached_property
    def says(self) -> str:
        """The basis in one sentence."""
        place = self.zone.key.rpartition("/")[2].replace("_", " ")
        then = f"{times.describe(self.as_of, self.zone)} in {place}"
        match self.reading:
            case "now":
                return f"The situation now: nothing has changed since {then}"
            case "hindsight":
                return f"What had happened by {then}, told with all we know now"
            case "as_told":
                return f"What had happened by {then}, as it was known and said then"
            case _:
                known = times.describe(self.known_at, self.zone)
                return f"What had happened by {then}, as it was known at {known}"

    @property
    def etag(self) -> str:
        """What the answer is a function of, without its quotes: never a hash of content."""
        row = self.row
        marks = f"{row.redactions}.{row.visibility_changes}.{REPRESENTATION}"
        return f"{self.position}-{self.as_of}-{marks}"

    def dump(self, path: str, **parameters: Any) -> dict[str, Any]:
        """Return the basis as it stands in every answer.

        ``path`` is the reading's address, ``parameters`` what else was asked there.
        """
        return {
            "story": self.row.id,
            "reading": self.reading,
            "as_of": times.format_instant(self.as_of),
            "known_at": times.format_instant(self.known_at),
            "position": self.position,
            "redactions": self.row.redactions,
            "visibility_changes": self.row.visibility_changes,
            "representation": REPRESENTATION,
            "says": self.says,
            "url": self.pinned(path, **parameters),
        }

    def pinned(self, path: str, **parameters: Any) -> str:
        """Return the address that names this basis for ever."""
        moments = f"as_of={times.format_instant(self.as_of)}&position={self.position}"
        said = {name: value for name, value in parameters.items() if value is not None}
        before = f"{urlencode(said, safe=':')}&" if said else ""
        return f"{quote(path, safe='/:')}?{before}{moments}"


NO_STORY = "There is no story {!r}."
REMEMBERED_STORIES = 10_000
"""Stories whose zone and turning points one process remembers."""

_Remembered = TypeVar("_Remembered")


def _remember(memory: dict[str, _Remembered], stream: str, value: _Remembered) -> _Remembered:
    if len(memory) >= REMEMBERED_STORIES:
        memory.clear()
    memory[stream] = value
    return value


class Turning(NamedTuple):
    """A story's last turning point, as looked up at a moment; it stands until the next one."""

    position: int
    last: int | None
    since: int
    until: int

    def holds(self, now: int) -> bool:
        """Tell whether it is still the last one."""
        return self.since <= now < self.until


class AsOf:
    """Resolves bases. ``clock`` gives the host's time in microseconds."""

    def __init__(self, reading: Callable[[], Reading], clock: Callable[[], int]) -> None:
        self._reading = reading
        self._record = next(_records)
        self._zones: dict[str, ZoneInfo] = {}
        self._turnings: dict[str, Turning] = {}
        self.clock = clock

    @property
    def sql(self) -> Reading:
        """This thread's connection for reading."""
        return self._reading()

    def story(self, story: str, viewer: Viewer) -> StoryRow:
        """Return a readable story. Raises ``NotFound`` for unknown and unreadable alike."""
        row = stories.find(self.sql, story, viewer)
        if row is None:
            raise NotFound(NO_STORY.format(story))
        return row

    def basis(self, story: str, viewer: Viewer, asked: Asked) -> Basis:
        """Resolve what was asked, once. Raises ``NotFound``, or ``Invalid`` for bad moments."""
        sql = self.sql
        row, head, record, there = self._find(sql, story, viewer, asked.position)
        now = max(self.clock(), head.stored_at)
        if asked.as_of is not None or asked.known_at is not None:
            # The record's clock is the latest of all hosts': this host's own may be behind it.
            now = max(now, record.stored_at)
        zone = self._zone(row, head.position)
        if asked.known_at is not None and asked.position is not None:
            raise Invalid({"position": ["Pins as known_at does: name one of the two."]})
        as_of = _upper("as_of", asked.as_of, zone, now)
        if as_of is not None and as_of > now:
            raise Invalid(
                {"as_of": ["It lies in the future: nobody can say what will be so then."]}
            )
        known_at = _upper("known_at", asked.known_at, zone, now)
        if known_at is not None and known_at >= now:
            known_at = None
        if asked.position is not None and asked.position > record.position:
            raise Invalid({"position": ["The record has not come so far yet."]})
        if known_at is not None:
            there = chronicle.at_recorded(sql, row.number, known_at)
        elif asked.position is None:
            there = head
        moment = there or Moment(position=0, recorded_at=known_at or 0, stored_at=0)
        return self._stand(row, zone, asked, as_of=as_of, known_at=known_at, moment=moment, now=now)

    def _find(
        self, sql: Sql, story: str, viewer: Viewer, position: int | None
    ) -> tuple[StoryRow, Moment, Head, Moment | None]:
        """Return a story, its moment now, the record's head and its moment at a position."""
        if position is None:
            found = chronicle.story_now(sql, story, viewer)
            there = None
        else:
            # No act lies beyond: one that is asked for there is refused when the head is known.
            at = chronicle.story_at(sql, story, viewer, min(position, FOREVER))
            found, there = at or (None, None)
        if found is None:
            raise NotFound(NO_STORY.format(story))
        return *found, there

    def _zone(self, row: StoryRow, position: int) -> ZoneInfo:
        """Return a story's time zone, which it keeps for ever."""
        zone = self._zones.get(row.stream)
        if zone is None:
            document = cast.at_one(self.sql, row.number, "story", row.id, position)
            zone = _remember(self._zones, row.stream, ZoneInfo(document["time_zone"]))
        return zone

    def _turned(self, row: StoryRow, now: int, position: int) -> int | None:
        """Return the last turning point not after now; asked again when the next one comes."""
        turning = self._turnings.get(row.stream)
        if turning is None or turning.position != position or not turning.holds(now):
            last, following = assignments.turning_points_around(self.sql, row.number, now, position)
            turning = Turning(position, last, now, FOREVER if following is None else following)
            _remember(self._turnings, row.stream, turning)
        return turning.last

    def _stand(
        self, row: StoryRow, zone: ZoneInfo, asked: Asked, *,
        as_of: int | None, known_at: int | None, moment: Moment, now: int,
    ) -> Basis:  # fmt: skip
        pinned = known_at is not None or asked.position is not None
        known = known_at if known_at is not None else moment.recorded_at
        if as_of is not None:
            reading = "both" if pinned else "hindsight"
            then = as_of
        elif pinned:
            reading, then = "as_told", known
        else:
            reading = "now"
            turned = self._turned(row, now, moment.position)
            then = max(moment.recorded_at, turned or moment.recorded_at)
        return Basis(
            sql=self.sql, record=self._record, row=row, zone=zone, reading=reading, as_of=then,
            known_at=known, moment=moment, floating=asked.as_of is not None and as_of is None,
        )  # fmt: skip


def _upper(name: str, text: str | None, zone: ZoneInfo, now: int) -> int | None:
    """Read an upper bound; a date that is not over is read as if it were left out."""
    if text is None:
        return None
    try:
        bound = times.upper_bound(text, zone)
        if bound > now and times.is_date(text) and times.lower_bound(text, zone) <= now:
            return None
    except TimeError as error:
        near = {name: [error.suggestion]} if error.suggestion else {}
        raise Invalid({name: [str(error)]}, near) from error
    return bound
