"""Given, when, then: a house on real files, desks that act in it, readers who look.

    desk = house.desk("times")
    desk.opens_story("tripoli", scale="conflict", actors="lna gna", places="tripoli")
    desk.reports("order", kind="offensive.ordered", actors="by:lna", occurred="2019-04-04")
    desk.corrects("order", headline="…", notice="…")
    house.reader().situation(as_of="2019-04-05")

Desks act at the Python door, through the shapes that HTTP and the story file use. A desk's act
moves the clock on by a second, or to `at`. The fixtures that make houses are in tests/houses.py.

Rules for editors: what every test would otherwise spell out stands here as a default; a test says
only what it is about. Developments are named by their external id.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from schemas.cast import ActorIn, PlaceIn
from schemas.developments import DevelopmentIn, introductions
from schemas.revisions import CorrectionIn, RevisionIn, VerificationIn, WithdrawalIn
from schemas.stories import LevelOverrideIn, StoryIn, SummaryIn
from service import decisions, shapes
from service.asof import Asked, Basis, situation, timeline, trail
from service.asof.timeline import Filters
from service.assembly import Onrecord, assemble
from service.decisions import Base, Written
from service.domain import acts, times
from service.domain.acts import Act
from service.domain.developments import external_id_stream
from service.domain.kinds import Assignment
from service.ledger import Decision
from service.ledger import Desk as Acting
from service.readmodel import versions
from service.readmodel.chronicle import Span
from service.readmodel.stories import Viewer
from service.settings import Settings
from service.store.envelope import ActMapper
from service.store.sql import FOREVER
from service.storyfile import Import, archive

MORNING = "2019-04-04T06:00:00Z"
"""When a test begins, unless it says so: 8 in the morning in Tripoli."""

SECOND = 1_000_000
"""A second in microseconds."""

Document = dict[str, Any]


class Clock:
    """The host's clock, as a test sets it: microseconds since 1970 UTC."""

    def __init__(self, at: str = MORNING) -> None:
        self.now = times.parse_instant(at)

    def __call__(self) -> int:
        return self.now

    def reads(self, at: str) -> None:
        """Set it to an instant, forwards or backwards."""
        self.now = times.parse_instant(at)

    def passes(self, seconds: float = 1) -> None:
        """Move it on; backwards when `seconds` are negative."""
        self.now += round(seconds * SECOND)

    def text(self) -> str:
        """What it reads, as RFC 3339."""
        return times.format_instant(self.now)


@dataclass
class House:
    """A house of a test's own: an assembled record, and who works in it."""

    onrecord: Onrecord
    clock: Clock
    others: list["House"] = field(default_factory=list)

    @classmethod
    def at(cls, settings: Settings, clock: Clock | None = None, *, init: bool = True) -> "House":
        """Assemble the house that the settings name, with a clock of its own."""
        clock = clock or Clock()
        return cls(assemble(settings, init=init, clock=clock), clock)

    def again(self) -> "House":
        """The same record opened a second time, as by another process: same clock."""
        other = House.at(self.onrecord.settings, self.clock, init=False)
        self.others.append(other)
        return other

    def desk(self, newsroom: str = "times", story: str = "") -> "Desk":
        """A newsroom's desk, at work on a story if it names one."""
        return Desk(self, newsroom=newsroom, story=story)

    def reader(self, story: str = "", newsroom: str | None = None) -> "Reader":
        """Someone who reads: anybody, or a newsroom's own."""
        return Reader(self, story=story, viewer=Viewer(newsroom=newsroom))

    def record(self, decide: Decision) -> Any:
        """Run a decision inside the append."""
        return self.onrecord.recorder.record(decide)

    def head(self) -> int:
        """The record's last position."""
        return self.onrecord.head()[0]

    def acts(self, story: str | None = None) -> list[Act]:
        """Every act on the record, or a story's, in record order, as loaded from the store."""
        mapper = ActMapper()
        rows = self.sql.all(
            'SELECT originator_id, originator_version, topic, state FROM acts ORDER BY "rowid"'
        )
        found: list[Any] = [
            mapper.to_domain_event(
                StoredEvent(
                    UUID(row["originator_id"]),
                    row["originator_version"],
                    row["topic"],
                    bytes(row["state"]),
                )
            )
            for row in rows
        ]
        return [act for act in found if story in (None, act.story)]

    def envelopes(self) -> list[tuple[int, bytes]]:
        """Every act's position and the bytes of its envelope, as they lie in the store."""
        rows = self.sql.all('SELECT "rowid" AS position, state FROM stored_events ORDER BY "rowid"')
        return [(row["position"], bytes(row["state"])) for row in rows]

    @property
    def sql(self) -> Any:
        """This thread's reading connection."""
        return self.onrecord.store.reading()

    def imports(self, lines: Sequence[Any], newsroom: str = "times") -> list[Written]:
        """Take in a story file as an archive, all or nothing."""
        desk = self.onrecord.desk(newsroom)
        job = Import(desk=desk, archive=True)
        written: list[Written] = self.record(archive(enumerate(lines, 1), job, self.clock))
        return written

    def counts(self) -> dict[str, int]:
        """How many rows each table holds: two are equal when nothing was stored between."""
        tables = (
            "stored_events content story chronicle cast_member version slot assignment"
            " turning_point mark house_acts token idempotency bookmark"
        )
        return {
            table: self.sql.one(f"SELECT count(*) AS n FROM {table}")["n"]
            for table in tables.split()
        }

    def close(self) -> None:
        """Close its connections, and those of houses opened again on its record."""
        for other in self.others:
            other.close()
        self.onrecord.close()


def pairs(text: str) -> list[Document]:
    """`by:lna against:gna` as a development's actors."""
    words = (word.split(":") for word in text.split())
    return [{"role": role, "actor": actor} for role, actor in words]


def content(external_id: str | None = None, **said: Any) -> Document:
    """A report's body: what a test says of it, and plain defaults for the rest.

    `actors` may read `by:lna against:gna`, `places` `gharyan tripoli`.
    """
    fields: Document = {
        "headline": f"What is called {external_id}" if external_id else "What happened",
        "occurred": "now",
        "sources": [{"publisher": "Reuters"}],
        **given(said),
    }
    if external_id is not None:
        fields["external_id"] = external_id
    return fields


def given(said: Mapping[str, Any]) -> Document:
    """Fields as a test writes them: actors and places may be words."""
    fields = dict(said)
    if isinstance(fields.get("actors"), str):
        fields["actors"] = pairs(fields["actors"])
    if isinstance(fields.get("places"), str):
        fields["places"] = fields["places"].split()
    return fields


@dataclass
class Desk:
    """A newsroom's desk, at work on one story at a time. Each act returns what was written."""

    house: House
    newsroom: str = "times"
    story: str = ""
    by: str = "tok_desk"
    base: Base | None = field(default=None)

    @property
    def acting(self) -> Acting:
        """Who acts, as decisions take it."""
        return Acting(newsroom=self.newsroom, by=self.by)

    def on(self, story: str) -> "Desk":
        """The same desk at work on another story."""
        return replace(self, story=story)

    def seeing(self, version: int) -> "Desk":
        """The same desk, whose acts are based on a version that it looked at."""
        return replace(self, base=Base(version=version))

    def does(self, decide: Decision, at: str | None = None) -> Any:
        """Run a decision a second later, or `at` an instant."""
        if at is None:
            self.house.clock.passes(1)
        else:
            self.house.clock.reads(at)
        return self.house.record(decide)

    def id(self, name: str) -> str:
        """The id of the development that this newsroom reported under an external id."""
        return str(external_id_stream(self.story, self.newsroom, name))

    # --- stories ---------------------------------------------------------------------------

    def opens_story(
        self,
        story: str = "tripoli",
        *,
        actors: str = "",
        places: str = "",
        at: str | None = None,
        **said: Any,
    ) -> Written:
        """Open a story, with a cast and places named by their slugs, and work on it."""
        fields = {
            "id": story,
            "title": f"The story of {story}",
            "language": "en",
            "time_zone": "Africa/Tripoli",
            **said,
        }
        written: Written = self.does(
            decisions.open_story(shapes.load(StoryIn(), fields), self.acting), at
        )
        self.story = story
        for slug in actors.split():
            self.introduces_actor(slug)
        for slug in places.split():
            self.introduces_place(slug)
        return written

    def introduces_actor(self, slug: str, at: str | None = None, **about: Any) -> Written:
        """Put an actor into the cast, or amend it; named by its slug unless it has a name."""
        return self._puts("actor", slug, shapes.load(ActorIn(), {"name": slug, **about}), at)

    def introduces_place(self, slug: str, at: str | None = None, **about: Any) -> Written:
        """Put a place on the map, or amend it; named by its slug unless it has a name."""
        return self._puts("place", slug, shapes.load(PlaceIn(), {"name": slug, **about}), at)

    def _puts(self, sort: str, slug: str, about: Document, at: str | None) -> Written:
        fields = {"id": slug, **about}
        written: Written = self.does(
            decisions.put_member(self.story, sort, fields, self.acting), at
        )
        return written

    def amends_story(self, at: str | None = None, **changes: Any) -> Written:
        """Change the story's title, language or visibility."""
        written: Written = self.does(decisions.amend_story(self.story, changes, self.acting), at)
        return written

    def closes_story(self, notice: str = "It is over.", at: str | None = None) -> Written:
        """Close the story to developments."""
        written: Written = self.does(
            decisions.close_story(self.story, {"notice": notice}, self.acting), at
        )
        return written

    def reopens_story(self, notice: str = "It goes on.", at: str | None = None) -> Written:
        """Open the story to developments again."""
        written: Written = self.does(
            decisions.reopen_story(self.story, {"notice": notice}, self.acting), at
        )
        return written

    def sums_up(self, text: str, *names: str, at: str | None = None) -> Written:
        """Write a summary of one sentence; none to take it away."""
        sentence = {"text": text, "developments": [self.id(name) for name in names]}
        document = shapes.load(SummaryIn(), {"sentences": [sentence] if text else []})
        written: Written = self.does(decisions.write_summary(self.story, document, self.acting), at)
        return written

    def overrides_level(
        self, level: str | None, reason: str = "The editor knows.", at: str | None = None
    ) -> Written:
        """Set the level by hand; None gives the word back to the rule."""
        document = shapes.load(LevelOverrideIn(), {"level": level, "reason": reason})
        written: Written = self.does(
            decisions.override_level(self.story, document, self.acting), at
        )
        return written

    def marks(
        self, name: str, sort: str = "pin", set_it: bool = True, at: str | None = None
    ) -> Written:
        """Pin a development, or mark it as a key event ("key"); or take the mark away."""
        written: Written = self.does(
            decisions.mark(self.story, name, sort, set_it, self.acting), at
        )
        return written

    # --- developments ----------------------------------------------------------------------

    def reports(self, name: str | None = None, at: str | None = None, **said: Any) -> Written:
        """Report a development under an external id (None: under an id of its own)."""
        written: Written = self.does(self.reporting(name, **said), at)
        return written

    def reporting(self, name: str | None = None, **said: Any) -> Decision:
        """The decision to report a development, not yet run."""
        loaded = shapes.load(DevelopmentIn(), content(name, **said))
        fields, actors, places = introductions(loaded)
        verification = fields.pop("verification", "reported")
        return decisions.report(
            self.story,
            fields,
            self.acting,
            verification=verification,
            introduces={"actor": actors, "place": places},
        )

    def updates(self, name: str, at: str | None = None, **changes: Any) -> Written:
        """Tell the same moment better: more detail, a source, a link."""
        return self._revises(acts.DevelopmentUpdated, name, {"changes": changes}, at)

    def clarifies(self, name: str, at: str | None = None, **changes: Any) -> Written:
        """Say more clearly what was accurate but misleading."""
        return self._revises(acts.DevelopmentClarified, name, {"changes": changes}, at)

    def refiles(self, name: str, at: str | None = None, **changes: Any) -> Written:
        """Mend a slip of the pen."""
        return self._revises(acts.DevelopmentRefiled, name, {"changes": changes}, at)

    def corrects(
        self,
        name: str,
        notice: str = "An earlier version was wrong.",
        at: str | None = None,
        **changes: Any,
    ) -> Written:
        """Put a substantive error right."""
        body = {"changes": changes, "notice": notice, "reason": "source"}
        return self._revises(acts.DevelopmentCorrected, name, body, at)

    def _revises(
        self, act: type[acts.DevelopmentRevised], name: str, body: Document, at: str | None
    ) -> Written:
        schema = CorrectionIn() if act is acts.DevelopmentCorrected else RevisionIn()
        loaded = shapes.load(schema, {**body, "changes": given(body["changes"])})
        changes, actors, places = introductions(loaded.pop("changes"))
        note, audit = decisions.said(loaded)
        decide = decisions.revise(
            self.story,
            name,
            act,
            changes,
            self.acting,
            base=self.base,
            reason=loaded.get("reason", ""),
            note=note,
            audit=audit,
            introduces={"actor": actors, "place": places},
        )
        written: Written = self.does(decide, at)
        return written

    def verifies(
        self,
        name: str,
        status: str,
        version: int | None = None,
        at: str | None = None,
        **said: Any,
    ) -> Written:
        """Judge a version: corroborated, confirmed, disputed, refuted, undeterminable."""
        loaded = shapes.load(VerificationIn(), {"status": status, **said})
        note, audit = decisions.said(loaded, judgement=True)
        decide = decisions.verify(
            self.story,
            name,
            loaded["status"],
            self.acting,
            base=self.base,
            target=version,
            note=note,
            audit=audit,
        )
        written: Written = self.does(decide, at)
        return written

    def withdraws(
        self,
        name: str,
        notice: str = "It was wrong throughout.",
        *,
        hide_text: bool = False,
        at: str | None = None,
    ) -> Written:
        """Withdraw a development: its id stays, as a tombstone with the notice."""
        loaded = shapes.load(WithdrawalIn(), {"notice": notice, "reason": "source"})
        note, audit = decisions.said(loaded)
        decide = decisions.withdraw(
            self.story,
            name,
            self.acting,
            base=self.base,
            reason=loaded["reason"],
            hide_text=hide_text,
            note=note,
            audit=audit,
        )
        written: Written = self.does(decide, at)
        return written


PATH = "/v1/stories/here"
"""The address that readers of a test ask at."""


@dataclass
class Reader:
    """Someone who reads a story at a basis: `as_of`, `known_at`, `position`, as the door has it."""

    house: House
    story: str
    viewer: Viewer

    def basis(self, **asked: Any) -> Basis:
        """Resolve what is asked."""
        return self.house.onrecord.asof.basis(self.story, self.viewer, Asked(**asked))

    def situation(self, *, settled: bool = False, **asked: Any) -> Document:
        """The whole situation, with its basis."""
        found: Document = json.loads(situation.body(self.basis(**asked), PATH, settled=settled))
        return found

    def standing(self, **asked: Any) -> dict[str, Assignment]:
        """Each slot's answer."""
        return {row.slot: row for row in situation.standing(self.basis(**asked))}

    def values(self, **asked: Any) -> Document:
        """Each slot's value."""
        return {slot: row.value for slot, row in self.standing(**asked).items()}

    def course(self, slot: str, **asked: Any) -> list[Assignment]:
        """One slot's answers over world time, newest first."""
        return situation.course(self.basis(**asked), slot, below=None, limit=FOREVER)

    def timeline(
        self, *, order: str = "-occurred", filters: Filters | None = None, **asked: Any
    ) -> list[Document]:
        """The developments that had happened."""
        rows, _ = timeline.page(
            self.basis(**asked), filters or Filters(), order=order, after=None, limit=10_000
        )
        return [json.loads(row) for row in rows]

    def names(self, **asked: Any) -> list[str]:
        """The timeline by external ids; a tombstone, which has none, by its id."""
        return [str(row.get("external_id", row["id"])) for row in self.timeline(**asked)]

    def development(self, development: str, **asked: Any) -> Document:
        """One development, by its id."""
        row = timeline.find(self.basis(**asked), development)
        found: Document = json.loads(versions.served(row))
        return found

    def versions(self, development: str, **asked: Any) -> list[Document]:
        """Every version of a development, by its id, with the act that made it."""
        basis = self.basis(**asked)
        return trail.every_version(basis, timeline.find(basis, development)["development"])

    def history(self, *, auditor: bool = False, **asked: Any) -> list[Document]:
        """The audit trail in record order."""
        basis = self.basis(**asked)
        span = Span(above=0, upto=basis.position)
        return trail.page(basis, span, limit=10_000, sees=lambda newsroom: auditor)

    def changes(self, since: int, as_of: str, **asked: Any) -> list[Document]:
        """What changed after a position about a moment of world time, act by act."""
        basis = self.basis(as_of=as_of, **asked)
        span = Span(above=since, upto=basis.position)
        return trail.page(basis, span, limit=10_000, slots_at=basis.as_of)
