"""Every row of a story's read model, as the plain fold over its acts means it.

A second opinion, written apart from the code that writes the rows: it knows no UPDATE, no index
and no transaction, only what each act says and until when it stayed so. What both share is the
domain, and the forms in which values lie (JSON, RFC 3339).

A table here is a mapping from a row's key to the rest of the row. Keys leave out the story, and
name a slot by its name: a slot's number is nobody's business but the database's. A story may have
a million rows, so of what a row says only a digest stays in memory; ``whole`` names the rows of
which all is wanted, to tell what is wrong with them.

Rules for editors: a table or a column of the read model is added here as well, from its meaning
and not from its statement; nothing here is shared with ``service/readmodel`` but facets and
depths.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from service.domain import acts, developments, editorial, kinds, stories
from service.domain.acts import Act, DevelopmentAct
from service.domain.checks import occurred_of
from service.domain.developments import Development
from service.domain.stories import Story
from service.domain.times import format_instant
from service.readmodel.slots import depth
from service.readmodel.versions import facets
from service.store.envelope import dumps
from service.store.sql import FOREVER

Key = tuple[Any, ...]
Columns = dict[str, Any]


class Row:
    """A row beside its key: what it says (columns, or their digest), and until when it was known.

    ``known_to`` is None in tables whose rows do not end.
    """

    __slots__ = ("known_to", "said")

    def __init__(self, said: Columns | bytes, known_to: int | None) -> None:
        self.said = said
        self.known_to = known_to


Table = dict[Key, Row]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ahead:
    """What the envelopes tell of a story before its acts are folded, streams in hex.

    ``last`` is the last version of each development that has several, ``hidden`` the position at
    which a development's text was hidden.
    """

    last: dict[str, int] = field(default_factory=dict)
    hidden: dict[str, int] = field(default_factory=dict)


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


def digest(columns: Mapping[str, Any]) -> bytes:
    """Return what stands for a row's columns: 128 bits over their names, types and values."""
    said = repr(sorted(columns.items())).encode("utf-8", "surrogatepass")
    return blake2b(said, digest_size=16).digest()


def tables_of(
    history: Iterable[Act], ahead: Ahead, whole: Collection[tuple[str, Key]] = ()
) -> dict[str, Table]:
    """Return the rows that a story's acts, in record order, come to.

    Of the rows in ``whole``, named by table and key, all columns; of the others a digest.
    """
    fold = _Fold(ahead, whole)
    for act in history:
        fold.follow(act)
    return fold.told()


class _Fold:
    """A story's rows up to an act."""

    def __init__(self, ahead: Ahead, whole: Collection[tuple[str, Key]]) -> None:
        self.ahead = ahead
        self.whole = whole
        self.tables: dict[str, Table] = {name: {} for name in KEYS}
        self.story: Story | None = None
        self.latest: dict[str, Development] = {}
        self.numbers: dict[str, tuple[int, int]] = {}
        self.counts = {"developments": 0, "corrected": 0, "withdrawn": 0}
        self.quiet_since: int | None = None
        self.open: dict[Key, list[Row]] = {}
        self.waiting: dict[str, list[tuple[Key, Row]]] = {}

    def follow(self, act: Act) -> None:
        """Write what one act says."""
        if self.story is None:
            self._open(act)
        self.story = stories.evolve(self.story, act)
        on = self._develop(act) if isinstance(act, DevelopmentAct) else self._tell(act)
        self._chronicle(act, on)

    def told(self) -> dict[str, Table]:
        """Return the rows."""
        number = next(iter(self.tables["chronicle"]))
        self.tables["story"][number] = self._row("story", number, self.settings, None)
        return self.tables

    def _row(self, table: str, key: Key, columns: Columns, known_to: int | None) -> Row:
        kept = (table, key) in self.whole
        return Row(columns if kept else digest(columns), known_to)

    def _develop(self, act: DevelopmentAct) -> tuple[int, int]:
        """Follow an act on a development; return its number and version."""
        assert self.story is not None
        before = self.latest.pop(act.development, None)
        now = developments.evolve(before, act)
        number = now.report_position
        self._count(act, before)
        self._version(act, now)
        self._answers(act, kinds.assignments(now.as_version(self.story)), number)
        self._turn(act, now)
        if act.name == "DevelopmentReported" and (act.document or {}).get("key"):
            self._mark(act, "key", True, number)
        if act.version < self.ahead.last.get(act.originator_id.hex, 1):
            self.latest[act.development] = now
        self.numbers[act.development] = number, now.version
        return self.numbers[act.development]

    def _tell(self, act: Act) -> tuple[int, int] | None:
        """Follow an act of the story; return the development that it marks, if it does."""
        self._settings(act)
        self._member(act)
        self._answers(act, editorial.assignments(act), None)
        if not isinstance(act, acts.DevelopmentPinned):
            return None
        on = self.numbers[act.development]
        self._mark(act, *MARKS[type(act)], on[0])
        return on

    # --- the story ------------------------------------------------------------------------

    def _open(self, act: Act) -> None:
        self.settings: Columns = {
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

    def _chronicle(self, act: Act, on: tuple[int, int] | None) -> None:
        stamp = act.stamp
        key = (stamp.position,)
        columns = {
            "recorded_at": stamp.recorded_at,
            "stored_at": stamp.stored_at,
            "act": act.name,
            "development": on[0] if on else None,
            "version": on[1] if on else None,
            "newsroom": stamp.newsroom,
            "by": stamp.by,
            **self.counts,
            "quiet_since": self.quiet_since,
        }
        self.tables["chronicle"][key] = self._row("chronicle", key, columns, None)

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
                self.settings["redactions"] += act.hide_text
            case _:
                pass

    def _version(self, act: DevelopmentAct, now: Development) -> None:
        assert self.story is not None
        occurred = occurred_of(now.fields, self.story.zone)
        holds = now.holds_from(self.story)
        listed = now.first_recorded_at if holds is None else holds
        ends = occurred.start_latest if occurred.latest is None else occurred.latest
        columns = {
            "version": now.version,
            "valid_from": listed,
            "occurred_latest": listed if ends is None else ends,
            "status": now.status,
            "verification": now.verification,
            "text": now.text_position,
            "facets": facets(now),
            "head": dumps(_head(act, now, occurred.earliest, occurred.latest, holds)),
        }
        key, known_as = (now.report_position, act.stamp.position), ("version", now.report_position)
        self._end(known_as, act)
        row = self._begin("version", key, columns, known_as)
        self._hide(act, key, row, columns)

    def _hide(self, act: DevelopmentAct, key: Key, row: Row, columns: Columns) -> None:
        """Versions whose text is hidden later keep nothing of it, nor what it was filtered by."""
        stream = act.originator_id.hex
        hidden = self.ahead.hidden.get(stream)
        if hidden is None:
            return
        if act.stamp.position < hidden:
            row.said = columns
            self.waiting.setdefault(stream, []).append((key, row))
            return
        for before, earlier in self.waiting.pop(stream, []):
            assert isinstance(earlier.said, dict)
            shown = {**earlier.said, "text": None, "facets": columns["facets"]}
            earlier.said = self._row("version", before, shown, None).said

    def _answers(self, act: Act, rows: Iterable[kinds.Assignment], development: int | None) -> None:
        """What a version assigns stands until the next version; an editor's act, for ever."""
        position = act.stamp.position
        self._end(("assignment", development), act)
        hidden = act.originator_id.hex in self.ahead.hidden
        for row in rows:
            name = (row.slot,)
            if name not in self.tables["slot"]:
                known = {"known_from": position, "depth": depth(row.slot)}
                self.tables["slot"][name] = self._row("slot", name, known, None)
            if not hidden:
                told = (row.value, row.ends, row.development, row.version, row.verification)
                key = (row.slot, *row.order, position)
                known_as = ("assignment", development) if development is not None else ()
                self._begin("assignment", key, {"body": dumps([*told, *row.order])}, known_as)

    def _turn(self, act: DevelopmentAct, now: Development) -> None:
        assert self.story is not None
        number = now.report_position
        self._end(("turning_point", number), act)
        for at in set(kinds.turning_points(now.as_version(self.story))):
            key = (at, act.stamp.position, number)
            self._begin("turning_point", key, {}, ("turning_point", number))

    # --- known from, known to -------------------------------------------------------------

    def _begin(self, table: str, key: Key, columns: Columns, known_as: Key) -> Row:
        """Write a row that is known from now on; ``known_as`` is what will end it, if any."""
        row = self.tables[table][key] = self._row(table, key, columns, FOREVER)
        if known_as:
            self.open.setdefault(known_as, []).append(row)
        return row

    def _end(self, known_as: Key, act: Act) -> None:
        for row in self.open.pop(known_as, []):
            row.known_to = act.stamp.position


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
