"""A story on its way out: its acts as a story file, one a line, in record order.

Read elsewhere as an archive (``service/storyfile``), it gives the same situation at every
``as_of`` and ``known_at``; only ids and positions are the other house's own. What follows from
that:

- a line has the act's own content, its exact record time, and nothing that a house adds;
- a development is named by its ``external_id``, or by its ``id`` where it has none;
- what a revision changed is told as a desk would send it: each field whole, details as a patch;
- a threat, demand, event or measure that the record named after its development keeps that name
  in words, where later reports mean it: elsewhere the development has another id;
- hidden text does not go out. In its place stands a report that says so, withdrawn and hidden on
  the other side as well.

A line has no ``newsroom``: who takes a story in says whose it is then.

Rules for editors: one function an act; what it writes, ``storyfile.VERBS`` must read.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from service.asof import Basis
from service.domain import acts, kinds
from service.domain.acts import Act, Document
from service.domain.reading import Reading
from service.domain.times import format_instant
from service.store import history
from service.store.envelope import dumps
from service.storyfile import EVENING

HIDDEN = "Hidden text"
"""The headline that stands in for a text that was hidden."""

FIRST = -(2**62)
"""Before every record time, in microseconds."""

NAMES_KEPT = 4096
"""External ids kept at hand while a story goes out."""

THREADS = (
    ("threat", "threat", "threat"),
    ("demand", "demand", "demand"),
    ("scheduled", "event", "scheduled"),
    ("measure", "measure", "measure"),
)
"""A part of details, the field in it that names the thread, the family of its slots."""

NOTE_NAMES = {"evidence": "sources", "act_byline": "byline"}
"""What a note holds under another name than the one it was sent under."""


def export_lines(basis: Basis, *, audit: bool = False) -> Iterator[bytes]:
    """Yield the acts of a story up to a basis as lines of a story file, newline included.

    With ``audit`` also what was noted for auditors only. Memory does not grow with the story.
    """
    out = _Out(basis, audit)
    for act in history.load(basis.sql, _positions(basis)):
        said = {**LINES[type(act)](out, act), "recorded_at": _recorded_at(basis, act)}
        yield dumps(said) + b"\n"


def _positions(basis: Basis) -> Iterator[int]:
    after = (FIRST, 0)
    while True:
        rows = basis.sql.all(
            "SELECT recorded_at, position FROM chronicle WHERE story = ?"
            " AND (recorded_at, position) > (?, ?) AND position <= ?"
            " ORDER BY recorded_at, position LIMIT ?",
            (basis.story, *after, basis.position, history.PORTION),
        )
        yield from (row["position"] for row in rows)
        if len(rows) < history.PORTION:
            return
        after = (rows[-1]["recorded_at"], rows[-1]["position"])


def _recorded_at(basis: Basis, act: Act) -> str:
    """The exact instant; a day where an archive knew no more, and the day stands for it."""
    stamp = act.stamp
    if stamp.recorded_precision == "day":
        local = datetime.fromtimestamp(stamp.recorded_at / 1_000_000, UTC).astimezone(basis.zone)
        if local.time() == EVENING:
            return local.date().isoformat()
    return format_instant(stamp.recorded_at)


class _Out:
    """A story on its way out: what its lines need to know of one another."""

    def __init__(self, basis: Basis, audit: bool) -> None:
        self._sql = basis.sql
        self.zone = basis.zone
        self.audit = audit
        self.hidden = _hidden(basis)
        self.meant = _threads_meant(basis)
        self.name = lru_cache(NAMES_KEPT)(self._name)

    def report_of(self, development: str) -> Act:
        """Return the act that reported a development."""
        act = history.last_text(self._sql, UUID(development), 1)
        assert act is not None, "a development begins with its report"
        return act

    def text_before(self, act: acts.DevelopmentAct) -> Document:
        """Return what the development said right before an act."""
        before = history.last_text(self._sql, act.originator_id, act.version - 1)
        return (before.document if before else None) or {}

    def is_hidden(self, act: acts.DevelopmentAct) -> bool:
        """Tell whether the text of an act may not go out."""
        return act.document is None or self.of_hidden(act)

    def of_hidden(self, act: acts.DevelopmentAct) -> bool:
        """Whether an act is on a development whose text was hidden."""
        return self.report_of(act.development).stamp.position in self.hidden

    def named(self, development: str) -> dict[str, str]:
        """Return how a line names a development."""
        external_id = self.name(development)
        return {"id": development} if external_id is None else {"external_id": external_id}

    @staticmethod
    def _said_of_hidden(act: Act, reason: str, note: Document) -> dict[str, Any]:
        """What may be said of an act on a hidden text: why it was hidden, and no other words."""
        said: dict[str, Any] = {}
        if isinstance(act, acts.DevelopmentWithdrawn):
            said = dict(note)
        elif isinstance(act, acts.DevelopmentCorrected):
            said = {"notice": HIDDEN}
        is_class = reason and not isinstance(act, acts.DevelopmentVerified)
        return {**({"reason": reason} if is_class else {}), **said}

    def _name(self, development: str) -> str | None:
        document = self.report_of(development).document or {}
        external_id: str | None = document.get("external_id")
        return external_id

    def link(self, development: str) -> str:
        """Return the one word by which a link or a summary names a development."""
        return self.name(development) or development

    def said(self, act: Act) -> dict[str, Any]:
        """Return what was said about an act, as it was sent."""
        note = {NOTE_NAMES.get(name, name): value for name, value in act.note.items()}
        reason = getattr(act, "reason", "")
        if isinstance(act, acts.DevelopmentAct) and self.of_hidden(act):
            return self._said_of_hidden(act, reason, note)
        return {
            **({"reason": reason} if reason else {}),
            **note,
            **(act.audit if self.audit else {}),
        }

    def content(self, act: acts.DevelopmentAct, fields: Document) -> dict[str, Any]:
        """Return a development's fields as a desk would send them."""
        content = dict(fields)
        if content.get("relates_to"):
            content["relates_to"] = [
                {**link, "development": self.link(link["development"])}
                for link in content["relates_to"]
            ]
        return {**content, **_named_threads(act, fields, self.meant)}


def _hidden(basis: Basis) -> frozenset[int]:
    """Return the developments, by their report's position, whose text was hidden since."""
    rows = basis.sql.all(
        "SELECT DISTINCT development FROM version WHERE story = ? AND text IS NULL",
        (basis.story,),
    )
    return frozenset(row["development"] for row in rows)


def _threads_meant(basis: Basis) -> frozenset[str]:
    """Return the threads named after their development that other developments speak of too."""
    rows = basis.sql.all(
        "SELECT s.name AS name FROM slot s JOIN assignment a ON a.slot = s.number"
        " WHERE s.story = ? AND s.name LIKE '%:d-____________:%'"
        " GROUP BY s.name HAVING count(DISTINCT a.report) > 1",
        (basis.story,),
    )
    return frozenset(row["name"].split(":")[1] for row in rows)


def _named_threads(
    act: acts.DevelopmentAct, fields: Document, meant: frozenset[str]
) -> dict[str, Any]:
    """Return details that spell out a name which the record gave, where others mean it."""
    reading = Reading(kinds.kind_of(fields), fields, act.development)
    details = dict(fields.get("details") or {})
    for part, field, family in THREADS:
        assigned = any(template.family == family for template in reading.kind.templates)
        slugs = reading.thread(part, field) if assigned else ()
        if slugs and slugs[0] in meant and not reading.part(part).get(field):
            details[part] = {field: slugs[0], **(details.get(part) or {})}
    return {"details": details} if details else {}


# --- one function an act -------------------------------------------------------------------


def _whole(verb: str) -> Callable[[_Out, Act], dict[str, Any]]:
    return lambda out, act: {verb: dict(act.document or {})}


def _closing(verb: str) -> Callable[[_Out, Act], dict[str, Any]]:
    return lambda out, act: {verb: out.said(act)}


def _mark(verb: str, word: str, set_it: bool) -> Callable[[_Out, Act], dict[str, Any]]:
    def line(out: _Out, act: Act) -> dict[str, Any]:
        assert isinstance(act, acts.DevelopmentPinned)
        return {verb: {**out.named(act.development), **({} if set_it else {word: False})}}

    return line


def _summary(out: _Out, act: Act) -> dict[str, Any]:
    sentences = [
        {**sentence, "developments": [out.link(named) for named in sentence["developments"]]}
        if sentence.get("developments")
        else sentence
        for sentence in (act.document or {})["sentences"]
    ]
    return {"summary": {"sentences": sentences}}


def _report(out: _Out, act: Act) -> dict[str, Any]:
    assert isinstance(act, acts.DevelopmentReported)
    name = out.named(act.development)
    fields = act.document or {}
    if out.is_hidden(act):
        mark = {"key": True} if fields.get("key") else {}
        stand_in = {
            **name,
            **_stand_in(out, act, fields, {}),
            "sources": [{"label": HIDDEN}],
            **mark,
        }
        return {"report": {**stand_in, "verification": act.verification}}
    content = {name: value for name, value in out.content(act, fields).items() if value}
    return {"report": {**name, **content, "verification": act.verification}}


def _revision(verb: str) -> Callable[[_Out, Act], dict[str, Any]]:
    def line(out: _Out, act: Act) -> dict[str, Any]:
        assert isinstance(act, acts.DevelopmentRevised)
        before, now = out.text_before(act), act.document or {}
        changes = (
            _stand_in(out, act, now, before)
            if out.is_hidden(act)
            else changed(out.content(act, before), out.content(act, now))
        )
        if isinstance(act, acts.DevelopmentCorrected):
            changes["verification"] = act.verification
        return {verb: {**out.named(act.development), "changes": changes, **out.said(act)}}

    return line


def _verify(out: _Out, act: Act) -> dict[str, Any]:
    assert isinstance(act, acts.DevelopmentVerified)
    judged = {"status": act.verification, "version": act.target}
    return {"verify": {**out.named(act.development), **judged, **out.said(act)}}


def _withdraw(out: _Out, act: Act) -> dict[str, Any]:
    assert isinstance(act, acts.DevelopmentWithdrawn)
    hide = {"hide_text": True} if act.hide_text else {}
    return {"withdraw": {**out.named(act.development), **out.said(act), **hide}}


def _stand_in(
    out: _Out, act: acts.DevelopmentAct, fields: Document, before: Document
) -> dict[str, Any]:
    """Return what goes out in place of a hidden text: what a tombstone shows, where it may be said.

    Each version has another headline, since an act must change something.
    """
    headline = HIDDEN if act.version == 1 else f"{HIDDEN}, version {act.version}"
    shown = {name: fields[name] for name in ("kind", "occurred") if name in fields}
    if kinds.check_details(shown.get("kind", kinds.DEFAULT), shown, out.zone):
        del shown["kind"]  # It cannot be said without details, and these are hidden.
    moved = {name: said for name, said in shown.items() if before.get(name) != said}
    return {"headline": headline, **moved}


def changed(before: Document, now: Document) -> dict[str, Any]:
    """Return what turns one content into another: fields whole, null removes, details a patch."""
    changes: dict[str, Any] = {}
    for name in {**before, **now}:
        was, is_ = before.get(name), now.get(name)
        if was == is_:
            continue
        changes[name] = patch(was or {}, is_ or {}) if name == "details" else is_ or None
    return changes


def patch(was: Mapping[str, Any], is_: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON merge patch (RFC 7396) that turns one object into another."""
    found: dict[str, Any] = {}
    for name in {**was, **is_}:
        old, new = was.get(name), is_.get(name)
        if name in is_ and name in was and old == new:
            continue
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found[name] = patch(old, new)
        else:
            found[name] = new
    return found


LINES: Mapping[type[Act], Callable[[_Out, Any], dict[str, Any]]] = {
    acts.StoryOpened: _whole("story"),
    acts.StoryAmended: _whole("story"),
    acts.StoryClosed: _closing("close"),
    acts.StoryReopened: _closing("reopen"),
    acts.ActorIntroduced: _whole("actor"),
    acts.ActorAmended: _whole("actor"),
    acts.PlaceIntroduced: _whole("place"),
    acts.PlaceAmended: _whole("place"),
    acts.SummaryWritten: _summary,
    acts.LevelOverridden: _whole("level"),
    acts.DevelopmentPinned: _mark("pin", "pinned", True),
    acts.DevelopmentUnpinned: _mark("pin", "pinned", False),
    acts.KeyEventMarked: _mark("key", "key", True),
    acts.KeyEventUnmarked: _mark("key", "key", False),
    acts.DevelopmentReported: _report,
    acts.DevelopmentUpdated: _revision("update"),
    acts.DevelopmentCorrected: _revision("correct"),
    acts.DevelopmentClarified: _revision("clarify"),
    acts.DevelopmentRefiled: _revision("refile"),
    acts.DevelopmentVerified: _verify,
    acts.DevelopmentWithdrawn: _withdraw,
}
"""Every act there is, and what writes its line."""
