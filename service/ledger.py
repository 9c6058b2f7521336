"""What a decision sees, and may add to, inside the append.

A ledger stands on the store's open transaction: everything it shows is the record as it is at
this very position, earlier acts of the same batch included. ``add`` is the one place where an
act goes into the store and into every table of the read model.

Stories stay in memory between batches; they are dropped as soon as the record's head is not
where this process left it, which is how another process's acts are noticed.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from service.domain import acts, developments, editorial, kinds, stories
from service.domain.acts import Act, Stamp
from service.domain.developments import Development
from service.domain.kinds import Assignment
from service.domain.refusals import NotFound
from service.domain.stories import Story
from service.readmodel import assignments, cast, chronicle, head, marks, slots, versions
from service.readmodel import stories as story_rows
from service.readmodel.stories import StoryRow, Viewer
from service.store import history
from service.store.batch import ActStore, Batch
from service.store.envelope import ActMapper, envelope_hash, split
from service.store.sql import FOREVER, Question, Row, Writing

REMEMBERED_STORIES = 256
"""How many stories a writer keeps in memory between batches."""

REMEMBERED_DEVELOPMENTS = 4096
"""Developments of one commit that are kept in memory; an archive, which is one, may have more."""

PLAIN_ACTS = frozenset(
    acts.TOPICS[act]
    for act in (
        acts.DevelopmentReported,
        acts.DevelopmentUpdated,
        acts.DevelopmentCorrected,
        acts.DevelopmentClarified,
        acts.DevelopmentRefiled,
        acts.DevelopmentVerified,
    )
)
"""Acts that leave a story's cast, its state and its row as they were."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """Who acts: the newsroom, and the pseudonym (token id) behind the byline."""

    newsroom: str
    by: str


@dataclass(kw_only=True, slots=True)
class OpenStory:
    """A story as the append sees it: its state, its moment, the hash of its last envelope."""

    row: StoryRow
    story: Story
    moment: chronicle.Moment | None
    previous: str
    slots: slots.Slots

    @property
    def number(self) -> int:
        """The number under which the story's rows lie."""
        return self.row.number


class Ledger:
    """The record at its head, inside a transaction; used by one thread at a time.

    ``leads``: no act is in the store that it has not come to, so what it reads of a development is
    as it stands.
    """

    leads = True

    def __init__(self, store: ActStore) -> None:
        self._store = store
        self._mapper = ActMapper()
        self._stories: OrderedDict[str, OpenStory] = OrderedDict()
        self._numbers = slots.Numbers()
        self._touched: set[str] = set()
        self._states: OrderedDict[str, list[Development]] = OrderedDict()
        self._asked: list[str] = []
        self._foreseen: dict[str, list[Row]] = {}
        self.assigned: tuple[Assignment, ...] = ()
        self.head = self._began = -1
        self.stored_at = 0
        self._rebuilt = 0
        self.sql: Batch

    def questions(self, streams: Iterable[UUID] = ()) -> list[Question]:
        """Return what is to be asked as the lock is taken; ``begin`` takes the answers.

        ``streams`` are those whose acts decisions to come will ask for.
        """
        self._asked = list(dict.fromkeys(stream.hex for stream in streams))
        known = head.questions(self.head if self.head >= 0 else None, self._numbers.last)
        return [*known, *history.questions(self._asked)]

    def begin(self, sql: Writing, now: int) -> None:
        """Stand on an open transaction; ``now`` is the host's clock in microseconds.

        ``stored_at`` never runs backwards over the whole record, whatever the clock does.
        """
        self.sql = Batch(sql, self._store)
        self._touched.clear()
        self._states.clear()
        found = head.answered(sql.answers[: head.QUESTIONS])
        self._foreseen = history.by_stream(self._asked, sql.answers[head.QUESTIONS :])
        now_at = found.last.position if found.last else 0
        if found.rebuilt != self._rebuilt or now_at < self.head:
            # Other tables stand there now: what memory knows of the old ones may not be so.
            self.forget()
            self._rebuilt = found.rebuilt
        elif now_at > self.head:
            self._learn(found)
        self.head = self._began = now_at
        self.stored_at = max(now, found.last.stored_at if found.last else 0)

    def _learn(self, found: head.Head) -> None:
        """Drop the stories that others acted on; of reports only their place and slots are news."""
        if found.acted is None or found.slots is None:
            self.forget()
            return
        opened = {one.number: one for one in self._stories.values()}
        for number, story, name in found.slots:
            self._numbers.last = number
            if story in opened:
                opened[story].slots.learn(name, number)
        for number, acted in found.acted.items():
            if number in opened and acted.names <= PLAIN_ACTS:
                opened[number].moment, opened[number].previous = acted.moment, acted.previous
            elif number in opened:
                del self._stories[opened[number].row.id]

    def return_to(self, head: int) -> None:
        """Stand at an earlier head of the same transaction: a decision's acts were undone."""
        self.sql.flush()
        self._stories.clear()
        self._states.clear()
        self._numbers.forget()
        self.head = head

    def forget(self) -> None:
        """Drop what memory holds: the transaction, or a part of it, was rolled back."""
        self._stories.clear()
        self._numbers.forget()
        self.head = -1

    # --- reading ---------------------------------------------------------------------------

    def story(self, story_id: str) -> OpenStory:
        """Return a story. Raises ``NotFound``; whether a desk may see it is the door's matter."""
        opened = self.find_story(story_id)
        if opened is None:
            raise NotFound(f"There is no story {story_id!r}.")
        return opened

    def find_story(self, story_id: str) -> OpenStory | None:
        """Return a story, or None."""
        opened = self._stories.get(story_id)
        if opened is None:
            row = story_rows.find(self.sql, story_id, Viewer(everything=True))
            if row is None:
                return None
            opened = self._remember(self._load(row))
        self._stories.move_to_end(story_id)
        return opened

    def _remember(self, opened: OpenStory) -> OpenStory:
        # Which slots others add from here on can then be told.
        self._numbers.know(self.sql)
        self._stories[opened.row.id] = opened
        if len(self._stories) > REMEMBERED_STORIES:
            self._stories.popitem(last=False)
        return opened

    def history(self, development: str, story: str) -> list[Development]:
        """Return a development at each of its versions; empty when the story has none such."""
        states = self._states.get(development)
        if states is None:
            opened = self._stories.get(story)
            # Of a story that this commit opened, nothing is in the store that it did not touch.
            fresh = opened is not None and opened.number > self._began
            if fresh and development not in self._touched:
                # Not remembered: it may be another story's.
                return []
            states = self._read(development)
            if self.leads:
                self._keep(development, states)
        return [*states] if states and states[0].story == story else []

    def _read(self, development: str) -> list[Development]:
        stream = development.replace("-", "")
        found = self._foreseen
        # What waits to be written is flushed only when it may be among it.
        if development in self._touched:
            found = history.streams(self.sql, [stream])
        elif stream not in found:
            found = history.streams(self.sql.direct, [stream])
        return developments.fold(self._act(row) for row in found[stream])

    def _keep(self, development: str, states: list[Development]) -> None:
        """Remember a development until the commit: what is done to it next need not be read."""
        self._states[development] = states
        self._states.move_to_end(development)
        if len(self._states) > REMEMBERED_DEVELOPMENTS:
            self._states.popitem(last=False)

    def stamp(
        self,
        story: str,
        desk: Desk,
        *,
        recorded_at: int | None = None,
        precision: str | None = None,
    ) -> Stamp:
        """Return the stamp of the next act of a story; ``recorded_at`` only for archives."""
        opened = self.find_story(story)
        return Stamp(
            self.head + 1,
            self.stored_at,
            self.stored_at if recorded_at is None else recorded_at,
            opened.previous if opened else "",
            desk.newsroom,
            desk.by,
            None if recorded_at is None else self.stored_at,
            precision,
        )

    # --- writing ---------------------------------------------------------------------------

    def add(self, act: Act, before: Development | None = None) -> Development | None:
        """Store an act and write its rows; ``before`` is the development that it is on.

        Returns the development after the act, when it is on one.
        """
        event = self._mapper.to_stored_event(act)
        if not isinstance(act, acts.DevelopmentAct):
            self.sql.flush()
        self.sql.add(event, act.stamp.position)
        return self.follow(act, split(event.state)[0], before)

    def follow(
        self, act: Act, envelope: bytes, before: Development | None = None
    ) -> Development | None:
        """Write the rows of an act that is in the store, after those of every act before it.

        New acts and ``rebuild`` come through here alike: there is no other way to a row.
        """
        self.head = act.stamp.position
        opened = self.find_story(act.story)
        if opened is None:
            opened = self._open(act)
        opened.previous = envelope_hash(envelope)
        after = self._write(opened, act, before)
        opened.story = stories.evolve(opened.story, act)
        return after

    def _write(self, opened: OpenStory, act: Act, before: Development | None) -> Development | None:
        after: Development | None = None
        on = before
        if isinstance(act, acts.DevelopmentAct):
            after = on = developments.evolve(before, act)
            self._touched.add(after.id)
            known = [] if before is None else self._states.get(after.id)
            if self.leads and known is not None:
                self._keep(after.id, [*known, after])
        opened.moment = chronicle.after(act, opened.moment, before)
        chronicle.write(self.sql, opened.number, act, opened.moment, on)
        if after is not None:
            assert isinstance(act, acts.DevelopmentAct)
            self.assigned = write_development(self.sql, opened, act, before, after)
            if after.redactions > (before.redactions if before else 0):
                story_rows.write(self.sql, opened.number, act)
                self._hide(opened, after)
        else:
            story_rows.write(self.sql, opened.number, act)
            cast.write(self.sql, opened.number, act)
            self._write_editors_slots(opened, act)
        if on is not None:
            marks.write(self.sql, opened.number, act, on.report_position)
        return after

    def _write_editors_slots(self, opened: OpenStory, act: Act) -> None:
        rows = editorial.assignments(act)
        if rows:
            assignments.write(self.sql, opened.number, opened.slots, (), rows, act.stamp.position)

    def _hide(self, opened: OpenStory, after: Development) -> None:
        # Hidden text must be found at no basis: what it put into slots goes with it.
        for state in self.history(after.id, after.story):
            if state.status == "standing":
                rows = kinds.assignments(state.as_version(opened.story))
                assignments.erase(self.sql, opened.number, opened.slots, rows)

    def _open(self, act: Act) -> OpenStory:
        assert isinstance(act, acts.StoryOpened)
        row = story_rows.open_story(self.sql, act)
        story = stories.evolve(None, act)
        return self._remember(
            OpenStory(
                row=row,
                story=story,
                moment=None,
                previous="",
                slots=slots.Slots(self._numbers, whole=True),
            )
        )

    def _load(self, row: StoryRow) -> OpenStory:
        members = cast.at(self.sql, row.number, FOREVER - 1)
        known = slots.Slots(self._numbers)
        known.load(self.sql, row.number)
        moment, previous = self._place(row.number)
        stream = self.sql.one(
            "SELECT max(originator_version) AS version FROM stored_events WHERE originator_id = ?",
            (row.stream,),
        )
        return OpenStory(
            row=row,
            story=Story(
                stream=UUID(row.stream),
                version=stream["version"] if stream else 0,
                newsroom=row.newsroom,
                document=members["story"][row.id],
                is_open=row.is_open,
                actors=members["actor"],
                places=members["place"],
            ),
            moment=moment,
            previous=previous,
            slots=known,
        )

    def _place(self, number: int) -> tuple[chronicle.Moment | None, str]:
        """Return a story's moment now, and the hash of its last envelope."""
        moment = chronicle.last(self.sql, number)
        last = self.sql.one(
            'SELECT state FROM stored_events WHERE "rowid" = ?',
            (moment.position if moment else 0,),
        )
        return moment, envelope_hash(bytes(last["state"])) if last else ""

    def _act(self, row: Any) -> Any:
        return self._mapper.to_domain_event(
            StoredEvent(
                UUID(row["originator_id"]),
                row["originator_version"],
                row["topic"],
                bytes(row["state"]),
            )
        )


def write_development(
    sql: Batch,
    opened: OpenStory,
    act: acts.DevelopmentAct,
    before: Development | None,
    after: Development,
) -> tuple[Assignment, ...]:
    """Write the rows of one act on a development: its version, assignments, turning points.

    Returns the new version's assignments.
    """
    story, number, position = opened.story, opened.number, act.stamp.position
    then = before.said(story) if before else None
    now = after.said(story)
    versions.write(sql, number, act, after, now.version)
    old = then.assignments if then else ()
    assignments.write(sql, number, opened.slots, old, now.assignments, position)
    points = then.turning_points if then else ()
    if points or now.turning_points:
        assignments.write_turning_points(
            sql, number, after.report_position, points, now.turning_points, position
        )
    return now.assignments


Decision = Callable[[Ledger], Any]
"""What the recorder runs inside the append: it reads the ledger, adds acts, returns an answer,
or raises a refusal, which leaves nothing behind. It does no other I/O."""
