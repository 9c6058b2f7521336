"""Every row of a story's read model, as the plain fold over its acts means it.

A second opinion, written apart from the code that writes the rows: it knows no UPDATE, no index
and no transaction, only what each act says and until when it stayed so. What both share is the
domain, and the forms in which values lie (JSON, RFC 3339).

A table here is a mapping from a row's key to its other columns. Keys leave out the story, and
name a slot by its name: a slot's number is nobody's business but the database's.

Rules for editors: a table or a column of the read model is added here as well, from its meaning
and not from its statement; nothing here is shared with ``service/readmodel`` but facets.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from service.domain import acts, developments, editorial, kinds, stories
from service.domain.acts import Act, DevelopmentAct
from service.domain.checks import occurred_of
from service.domain.developments import Development
from service.domain.stories import Story
from service.domain.times import format_instant
from service.readmodel.versions import facets
from service.store.envelope import dumps
from service.store.sql import FOREVER

Key = tuple[Any, ...]
Columns = dict[str, Any]
Table = dict[Key, Columns]

KEYS: Mapping[str, tuple[str, ...]] = {
    "story": ("number",),
    "chronicle": ("position",),
    "cast_member": ("sort", "id", "known_from"),
    "version": ("development", "known_from"),
    "slot": ("name",),
    "assignment": ("name", "valid_from", "occurred_latest", "report", "known_from"),
    "turning_point": ("at", "known_from", "development"),
    "mark": ("mark", "development", "known_from"),
}
"""The tables of the read model, and what a row is known by within its story."""

CAST: Mapping[type[Act], str] = {
    acts.StoryOpened: "story",
    acts.StoryAmended: "story",
    acts.ActorIntroduced: "actor",
    acts.ActorAmended: "actor",
    acts.PlaceIntroduced: "place",
    acts.PlaceAmended: "place",
}

MARKS: Mapping[type[Act], tuple[str, bool]] = {
    acts.DevelopmentPinned: ("pin", True),
    acts.DevelopmentUnpinned: ("pin", False),
    acts.KeyEventMarked: ("key", True),
    acts.KeyEventUnmarked: ("key", False),
}


def tables_of(history: Iterable[Act]) -> dict[str, Table]:
    """Return the rows that a story's acts, in record order, come to."""
    fold = _Fold()
    for act in history:
        fold.follow(act)
    return fold.told()


class _Fold:
    """A story's rows up to an act."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {name: {} for name in KEYS}
        self.story: Story | None = None
        self.latest: dict[str, Development] = {}
        self.counts = {"developments": 0, "corrected": 0, "withdrawn": 0}
        self.quiet_since: int | None = None
        self.hidden: dict[int, int] = {}
        self.open: dict[Key, Table] = {}

    def follow(self, act: Act) -> None:
        """Write what one act says."""
        if self.story is None:
            self._open(act)
        self.story = stories.evolve(self.story, act)
        before: Development | None = None
        on: Development | None = None
        if isinstance(act, DevelopmentAct):
            before = self.latest.get(act.development)
            on = self.latest[act.development] = developments.evolve(before, act)
            self._count(act, before)
            self._version(act, on)
            self._answers(act, kinds.assignments(on.as_version(self.story)), on.report_position)
            self._turn(act, on)
            if act.name == "DevelopmentReported" and (act.document or {}).get("key"):
                self._mark(act, "key", True, on.report_position)
        else:
            self._settings(act)
            self._member(act)
            self._answers(act, editorial.assignments(act), None)
            if isinstance(act, acts.DevelopmentPinned):
                on = self.latest[act.development]
                self._mark(act, *MARKS[type(act)], on.report_position)
        self._chronicle(act, on)

    def told(self) -> dict[str, Table]:
        """Return the rows, without what hidden texts had put into slots and timelines."""
        answers = self.tables["assignment"]
        self.tables["assignment"] = {
            k: row for k, row in answers.items() if k[3] not in self.hidden
        }
        for (development, known_from), row in self.tables["version"].items():
            hidden = self.hidden.get(development, 0)
            if known_from < hidden:
                row["text"] = None
                row["facets"] = self.tables["version"][development, hidden]["facets"]
        return self.tables

    # --- the story ------------------------------------------------------------------------

    def _open(self, act: Act) -> None:
        self.tables["story"][(act.stamp.position,)] = self.settings = {
            "id": act.story,
            "stream": act.originator_id.hex,
            "newsroom": act.stamp.newsroom,
            "visibility": (act.document or {}).get("visibility", "public"),
            "is_open": 1,
            "visibility_changes": 0,
            "redactions": 0,
        }

    def _settings(self, act: Act) -> None:
        match act:
            case acts.StoryAmended():
                now = (act.document or {}).get("visibility", "public")
                self.settings["visibility_changes"] += now != self.settings["visibility"]
                self.settings["visibility"] = now
            case acts.StoryClosed():
                self.settings["is_open"] = 0
            case acts.StoryReopened():
                self.settings["is_open"] = 1
            case _:
                pass

    def _member(self, act: Act) -> None:
        sort = CAST.get(type(act))
        if sort is None:
            return
        document = act.document or {}
        member = (sort, document["id"])
        self._end(("cast_member", *member), act)
        row = {"document": dumps(document)}
        self._begin("cast_member", (*member, act.stamp.position), row, ("cast_member", *member))

    def _mark(self, act: Act, mark: str, set_it: bool, development: int) -> None:
        known_as = ("mark", mark, development)
        if set_it:
            self._begin("mark", (mark, development, act.stamp.position), {}, known_as)
        else:
            self._end(known_as, act)

    def _chronicle(self, act: Act, on: Development | None) -> None:
        stamp = act.stamp
        self.tables["chronicle"][(stamp.position,)] = {
            "recorded_at": stamp.recorded_at,
            "stored_at": stamp.stored_at,
            "act": act.name,
            "development": on.report_position if on else None,
            "version": on.version if on else None,
            "newsroom": stamp.newsroom,
            "by": stamp.by,
            **self.counts,
            "quiet_since": self.quiet_since,
        }

    # --- developments ---------------------------------------------------------------------

    def _count(self, act: DevelopmentAct, before: Development | None) -> None:
        self.quiet_since = act.stamp.recorded_at
        match act:
            case acts.DevelopmentReported():
                self.counts["developments"] += 1
            case acts.DevelopmentCorrected() if before is not None and before.corrected == 0:
                self.counts["corrected"] += 1
            case acts.DevelopmentWithdrawn():
                self.counts["withdrawn"] += 1
                if act.hide_text and before is not None:
                    self.hidden[before.report_position] = act.stamp.position
                    self.settings["redactions"] += 1
            case _:
                pass

    def _version(self, act: DevelopmentAct, now: Development) -> None:
        assert self.story is not None
        occurred = occurred_of(now.fields, self.story.zone)
        holds = now.holds_from(self.story)
        listed = now.first_recorded_at if holds is None else holds
        ends = occurred.start_latest if occurred.latest is None else occurred.latest
        row = {
            "version": now.version,
            "valid_from": listed,
            "occurred_latest": listed if ends is None else ends,
            "status": now.status,
            "verification": now.verification,
            "text": now.text_position,
            "facets": facets(now),
            "head": dumps(_head(act, now, occurred.earliest, occurred.latest, holds)),
        }
        self._end(("version", now.report_position), act)
        key = (now.report_position, act.stamp.position)
        self._begin("version", key, row, ("version", now.report_position))

    def _answers(self, act: Act, rows: Iterable[kinds.Assignment], development: int | None) -> None:
        """What a version assigns stands until the next version; an editor's act, for ever."""
        position = act.stamp.position
        self._end(("assignment", development), act)
        for row in rows:
            self.tables["slot"].setdefault((row.slot,), {"known_from": position})
            told = (row.value, row.ends, row.development, row.version, row.verification)
            key = (row.slot, *row.order, position)
            columns = {"body": dumps([*told, *row.order])}
            known_as = ("assignment", development) if development is not None else ()
            self._begin("assignment", key, columns, known_as)

    def _turn(self, act: DevelopmentAct, now: Development) -> None:
        assert self.story is not None
        number = now.report_position
        self._end(("turning_point", number), act)
        for at in set(kinds.turning_points(now.as_version(self.story))):
            key = (at, act.stamp.position, number)
            self._begin("turning_point", key, {}, ("turning_point", number))

    # --- known from, known to -------------------------------------------------------------

    def _begin(self, table: str, key: Key, columns: Columns, known_as: Key) -> None:
        """Write a row that is known from now on; ``known_as`` is what will end it, if any."""
        row = {**columns, "known_to": FOREVER}
        self.tables[table][key] = row
        if known_as:
            self.open.setdefault(known_as, {})[key] = row

    def _end(self, known_as: Key, act: Act) -> None:
        for row in self.open.pop(known_as, {}).values():
            row["known_to"] = act.stamp.position


def _head(
    act: DevelopmentAct,
    now: Development,
    earliest: int | None,
    latest: int | None,
    holds: int | None,
) -> dict[str, Any]:
    """What the record adds to a version's words, as readers get it."""
    stamp = act.stamp
    instants = {"occurred_earliest": earliest, "occurred_latest": latest, "valid_from": holds}
    said: dict[str, Any] = {
        "id": now.id,
        "story": now.story,
        "version": now.version,
        "act": act.name,
        "status": now.status,
        "verification": now.verification,
        **{name: None if at is None else format_instant(at) for name, at in instants.items()},
        "recorded_at": format_instant(stamp.recorded_at),
        "first_recorded_at": format_instant(now.first_recorded_at),
        "position": stamp.position,
        "newsroom": now.newsroom,
        "corrected": now.corrected,
        "redactions": now.redactions,
    }
    if stamp.imported_at is not None:
        said["imported_at"] = format_instant(stamp.imported_at)
    if stamp.recorded_precision is not None:
        said["recorded_precision"] = stamp.recorded_precision
    reason = getattr(act, "reason", "")
    return {**said, "reason": reason} if reason else said
