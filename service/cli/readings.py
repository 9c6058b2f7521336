"""situation, timeline, history, changes: a story read at a terminal, on the same basis as HTTP."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click

from schemas import words
from service.api import moments
from service.asof import Asked, Basis, situation, trail
from service.asof import timeline as timelines
from service.asof.timeline import Filters
from service.assembly import Onrecord
from service.cli.sheet import ROOMY, Clock, names, sheet, value
from service.cli.tables import harmless, table
from service.cli.talk import EVERYTHING, Verb, as_json, dump, example, house, say, width
from service.domain.acts import ACTS
from service.domain.refusals import Invalid
from service.readmodel import chronicle, versions
from service.readmodel.chronicle import Span

PAGE = 50
"""Entries that a list shows unless told otherwise, as over HTTP."""

TIMELINE = ("occurred", "headline", "kind", "status", "name", "recorded")
"""The timeline's columns; where there is no room, the last is left out."""

PORTION = 200
"""Entries read at once."""

Entry = dict[str, Any]


def at_a_basis(verb: Verb) -> Verb:
    """Give a verb its story and the moments that make a basis."""
    for option in (
        click.option("--position", type=click.IntRange(0), help="Record time, as a position."),
        click.option("--known-at", help="Record time: as it was known and said then."),
        click.option("--as-of", help="World time: what had happened by then."),
        click.argument("story"),
    ):
        verb = option(verb)
    return verb


def a_list(verb: Verb) -> Verb:
    """Give a verb that lists how many entries it shows."""
    for option in (
        click.option("--all", "everything", is_flag=True, help="Show every entry."),
        click.option(
            "--limit",
            type=click.IntRange(1),
            default=PAGE,
            show_default=True,
            help="Show so many entries.",
        ),
    ):
        verb = option(verb)
    return as_json(verb)


# --- situation -----------------------------------------------------------------------------


@click.command(
    "situation",
    epilog=example(
        "onrecord situation tripoli-2019",
        "onrecord situation tripoli-2019 --known-at 2019-04-05",
        "onrecord situation tripoli-2019 --as-of 2019-04-05 --slot scheduled:unsc-5-april:state",
    ),
)
@at_a_basis
@click.option("--settled", is_flag=True, help="Also what was settled long ago.")
@click.option("--slot", help="One slot only: its answers over world time, the newest first.")
@as_json
def show_situation(
    story: str, settled: bool, slot: str | None, as_json: bool, **asked: Any
) -> None:
    """Show the situation of a STORY: now, or as of any moment.

    --as-of alone tells what had happened by then with all we know now; --known-at alone, what had
    happened by then as it was told then; both, either apart. A date means its end, in the story's
    zone.
    """
    with house() as opened:
        basis = _basis(opened, story, asked)
        if slot is not None:
            _show_slot(basis, slot, as_json)
            return
        path = f"/v1/stories/{story}/situation"
        document = json.loads(situation.body(basis, path, settled=settled))
        if as_json:
            dump(document)
            return
        headlines = _headlines(basis, names(document))
        for line in sheet(document, Clock(basis.zone), headlines, width()):
            _print(line)


def _show_slot(basis: Basis, slot: str, as_json: bool) -> None:
    rows = situation.course(basis, slot, below=None, limit=PORTION)
    if not rows:
        near = situation.slots_like(basis, slot)
        if slot not in near:
            raise Invalid({"slot": [f"The story has no slot {slot!r}."]}, {"slot": near})
    answers = [situation.answer(row) for row in rows]
    if as_json:
        dump(_body(basis, f"situation/{slot}", answers))
        return
    clock = Clock(basis.zone)
    _says(basis)
    heads = ("since", "is", "verification", "development")
    _table(
        heads,
        [
            (
                clock(answer["valid_from"]),
                value(answer["value"]),
                answer["verification"] or "",
                f"{answer['development']} version {answer['version']}",
            )
            for answer in answers
        ],
    )


def _headlines(basis: Basis, developments: Sequence[str]) -> dict[str, str]:
    found = {}
    for development in developments:
        number = timelines.number_of(basis.sql, development)
        row = number and versions.at(basis.sql, number, basis.position)
        if row:
            found[development] = json.loads(versions.served(row)).get("headline", development)
    return found


# --- timeline ------------------------------------------------------------------------------


@click.command(epilog=example("onrecord timeline tripoli-2019 --as-of 2019-04-05 --kind airstrike"))
@at_a_basis
@click.option("--kind", help="Only this kind.")
@click.option("--group", type=click.Choice(words.GROUPS), help="Only kinds of this group.")
@click.option("--actor", help="Only where this actor takes part.")
@click.option("--place", help="Only at this place, or within it.")
@click.option("--verification", type=click.Choice(words.VERIFICATIONS), help="Only at this status.")
@click.option(
    "--order",
    type=click.Choice(words.ORDERS),
    default="-occurred",
    show_default=True,
    help="By world time or by record time; with -, the latest first.",
)
@a_list
def timeline(
    story: str, order: str, limit: int, everything: bool, as_json: bool, **asked: Any
) -> None:
    """List a STORY's developments: now, or as of any moment."""
    names = ("kind", "group", "actor", "place", "verification")
    filters = Filters(**{name: asked.pop(name) for name in names})
    with house() as opened:
        basis = _basis(opened, story, asked)
        found, more = _taken(_developments(basis, filters, order), None if everything else limit)
        if as_json:
            dump(_body(basis, "developments", found))
            return
        clock = Clock(basis.zone)
        _says(basis)
        shown = len(TIMELINE) - (width() < ROOMY)
        _table(TIMELINE[:shown], [_development(row, clock)[:shown] for row in found])
        _more(more, "developments")


def _developments(basis: Basis, filters: Filters, order: str) -> Iterator[Entry]:
    after: Sequence[int] | None = None
    while True:
        rows, after = timelines.page(basis, filters, order=order, after=after, limit=PORTION)
        yield from map(json.loads, rows)
        if after is None:
            return


def _development(row: Entry, clock: Clock) -> tuple[str, ...]:
    status = [row["verification"]] if row["status"] == "standing" else [row["status"]]
    if row["corrected"]:
        status.append("corrected")
    return (
        clock.occurred(row.get("occurred")),
        row.get("headline", ""),
        row.get("kind", ""),
        ", ".join(status),
        row.get("external_id") or row["id"],
        clock(row["recorded_at"]),
    )


# --- history -------------------------------------------------------------------------------


@click.command(epilog=example("onrecord history tripoli-2019 --act DevelopmentCorrected"))
@click.argument("story")
@click.option("--act", type=click.Choice(list(ACTS)), metavar="ACT", help="Only acts of this name.")
@click.option("--development", help="Only acts on the development with this id.")
@click.option("--by", help="Only acts of this token (its id).")
@click.option("--from", "from_", help="Record time: from then on. A date means its start.")
@click.option("--to", help="Record time: up to then. A date means its end.")
@a_list
def history(
    story: str, limit: int, everything: bool, as_json: bool, from_: str | None, to: str | None,
    **asked: Any,
) -> None:  # fmt: skip
    """List what was done to a STORY, act by act, in record order: who, when, was and is."""
    with house() as opened:
        basis = _upto(opened, story, "to", to)
        development = asked["development"]
        span = Span(
            above=_before(basis, from_),
            upto=basis.position,
            act=asked["act"],
            development=None if development is None else timelines.number_in(basis, development),
            by=asked["by"],
        )
        found, more = _taken(_acts(basis, span), None if everything else limit)
        if as_json:
            dump(_body(basis, "history", found))
            return
        _says(basis)
        clock = Clock(basis.zone)
        for entry in found:
            _tell(entry, clock)
        _more(more, "acts")


# --- changes -------------------------------------------------------------------------------


@click.command(epilog=example("onrecord changes tripoli-2019 --since 2019-04-18"))
@click.argument("story")
@click.option("--since", help="Record time: what was said later. A date means its start.")
@click.option("--since-position", type=click.IntRange(0), help="The same, as a position.")
@click.option("--until", help="Record time: up to then. A date means its end.")
@click.option("--as-of", help="Only what was learned since about this moment of world time.")
@a_list
def changes(
    story: str, since: str | None, since_position: int | None, until: str | None,
    as_of: str | None, limit: int, everything: bool, as_json: bool,
) -> None:  # fmt: skip
    """Catch up with a STORY: what was said since, and which answers it changed, old and new."""
    if since is not None and since_position is not None:
        raise click.UsageError("Name one of --since and --since-position.")
    if since is None and since_position is None and as_of is None:
        raise click.UsageError("Since when? Name --since, --since-position or --as-of.")
    with house() as opened:
        basis = _upto(opened, story, "until", until, as_of=as_of)
        above = _since(basis, since, since_position, opened)
        span = Span(above=above, upto=basis.position, about=None if as_of is None else basis.as_of)
        found, more = _taken(
            _acts(basis, span, slots_at=basis.as_of), None if everything else limit
        )
        if as_json:
            reached = found[-1]["position"] if more else max(basis.position, above)
            dump({**_body(basis, "changes", found), "next_since_position": reached})
            return
        _says(basis)
        clock = Clock(basis.zone)
        for entry in found:
            _tell(entry, clock)
            for slot in entry["slots"]:
                _print(f"    {slot['says']}")
        if not found:
            say("Nothing was said since.")
        _more(more, "acts")


def _since(basis: Basis, since: str | None, position: int | None, opened: Onrecord) -> int:
    if position is not None:
        if position > opened.head()[0]:
            raise Invalid({"since_position": ["The record has not come so far yet."]})
        return position
    at = moments.lower("since", since, basis.zone)
    moment = chronicle.at_recorded(basis.sql, basis.story, basis.as_of if at is None else at)
    return moment.position if moment else 0


# --- what they share -----------------------------------------------------------------------


def _basis(opened: Onrecord, story: str, asked: Mapping[str, Any]) -> Basis:
    return opened.asof.basis(story, EVERYTHING, Asked(**asked))


def _upto(
    opened: Onrecord, story: str, name: str, text: str | None, as_of: str | None = None
) -> Basis:
    """Return the basis of a list that ends at a record time; refusals call it ``name``."""
    try:
        return opened.asof.basis(story, EVERYTHING, Asked(as_of=as_of, known_at=text))
    except Invalid as refusal:
        errors, near = refusal.errors, refusal.suggestions
        for told in (errors, near):
            if "known_at" in told:
                told[name] = told.pop("known_at")
        raise Invalid(errors, near) from None


def _before(basis: Basis, text: str | None) -> int:
    first = moments.lower("from", text, basis.zone)
    moment = None if first is None else chronicle.at_recorded(basis.sql, basis.story, first - 1)
    return moment.position if moment else 0


def _acts(basis: Basis, span: Span, slots_at: int | None = None) -> Iterator[Entry]:
    """Yield entries of the audit trail; who runs the machine sees who did it."""
    everyone: Callable[[str], bool] = lambda _newsroom: True  # noqa: E731
    while True:
        found = trail.page(basis, span, limit=PORTION, sees=everyone, slots_at=slots_at)
        yield from found
        if len(found) < PORTION:
            return
        span = Span(**{**_as_dict(span), "above": found[-1]["position"]})


def _as_dict(span: Span) -> dict[str, Any]:
    return {name: getattr(span, name) for name in span.__dataclass_fields__}


def _taken(entries: Iterator[Entry], limit: int | None) -> tuple[list[Entry], bool]:
    """Return entries up to a limit, and whether there are more."""
    found: list[Entry] = []
    for entry in entries:
        if limit is not None and len(found) == limit:
            return found, True
        found.append(entry)
    return found, False


def _body(basis: Basis, name: str, items: list[Entry]) -> Entry:
    path = f"/v1/stories/{basis.row.id}/{name}"
    return {"basis": basis.dump(path), "items": items, "next": None}


def _tell(entry: Entry, clock: Clock) -> None:
    """Print one act: when, what, on what, and what was said about it."""
    subject = entry.get("subject") or {}
    about = entry.get("headline") or subject.get("name") or subject.get("title") or ""
    who = f" by {entry['by']}" if entry.get("by") else ""
    act = entry["act"]
    _print(f"{entry['position']:>6}  {clock(entry['recorded_at'])}  {act}{who}  {about}".rstrip())
    for change in entry.get("changes") or ():
        _print(f"    {change['field']}: {value(change['was'])} → {value(change['is'])}")
    for name in ("notice", "reason", "reason_note"):
        if entry.get(name):
            _print(f"    {name}: {entry[name]}")


def _says(basis: Basis) -> None:
    _print(basis.says)
    click.echo()


def _print(line: str) -> None:
    click.echo(harmless(line))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for line in table(heads, rows, width()) if rows else ():
        click.echo(line)
    if not rows:
        say("There is nothing at this basis.")


def _more(more: bool, what: str) -> None:
    if more:
        say(f"There are more {what}: --limit, --all.")


VERBS = (show_situation, timeline, history, changes)
