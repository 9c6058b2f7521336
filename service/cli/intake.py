"""import: many lines into a story, or a whole story that was told elsewhere.

Rules for editors: nothing grows with the number of lines; each answer goes out as its line does.
What a line says by itself is found out ahead (``ahead``), what becomes of it is decided here.
"""

import hashlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Any, NamedTuple

import click

from service import ndjson, storyfile
from service.assembly import Onrecord
from service.cli.ahead import Ahead, pays
from service.cli.stories import NEWSROOM, SOURCE, newsroom_of, read
from service.cli.talk import Progress, Refused, as_json, example, house, say, sentences
from service.decisions import Receipt, Repeatable, Written, once, warned
from service.decisions.parts import Foreseen
from service.domain.refusals import Invalid, Refusal, Unavailable
from service.ledger import Decision, Desk, Ledger
from service.ndjson import Numbered
from service.storyfile import Import, Said

Take = Callable[[Onrecord, Desk, str, Iterator[Numbered], Ahead, "_Tally"], Iterator[bytes]]
"""Records lines, and returns the lines that answer them."""


@click.command(
    "import",
    epilog=example(
        "onrecord import tripoli.jsonl --story tripoli-2019",
        "onrecord import seeds/flood-harlebridge.jsonl --story flood-harlebridge --archive"
        " --newsroom times",
    ),
)
@click.argument("file", type=SOURCE)
@click.option("--story", required=True, help="The story (its id) that the lines are of.")
@click.option("--newsroom", help=NEWSROOM)
@click.option(
    "--archive",
    is_flag=True,
    help="A whole story that was told elsewhere, with its own record times: all or nothing.",
)
@as_json
def import_(file: Path, story: str, newsroom: str | None, archive: bool, as_json: bool) -> None:
    """Take in the lines of FILE (or - for standard input): developments, or a story file.

    Each line is answered by a line. A bad line harms no other, and the exit code is 1. What broke
    off is resumed by repeating it within a week: what is done is not done twice.
    """
    out, tally = sys.stdout.buffer, _Tally(as_json, archive)
    ahead = Ahead(_read if archive else _Digested(story), apart=pays(file))
    # Where a person sees the answers go by, they see how far it is.
    watched = not sys.stdout.isatty()
    with (
        ahead,  # Before the house: no connection survives the other process's beginning.
        house() as opened,
        read(file) as stream,
        Progress("Importing", watched) as progress,
    ):
        desk = opened.desk(newsroom_of(opened, story, newsroom))
        lines = _counted(ndjson.lines(stream, opened.settings.max_body_bytes), progress)
        take: Take = _archive if archive else _import
        for answer in take(opened, desk, story, lines, ahead, tally):
            out.write(answer)
    out.flush()
    say(str(tally))
    if tally.refused:
        raise SystemExit(1)


@dataclass
class _Tally:
    """Counts what became of the lines, and puts it into words."""

    as_json: bool
    archive: bool
    done: int = 0
    known: int = 0
    refused: int = 0

    def __str__(self) -> str:
        lines = self.done + self.known + self.refused
        return (
            f"{lines:,} lines: {self.done:,} done, {self.known:,} known, {self.refused:,} refused"
        )

    def words(self, number: int, outcome: Any) -> bytes:
        """Return the line that answers a line: what was written, or why not."""
        if isinstance(outcome, Written | Receipt):
            again = outcome.replayed if isinstance(outcome, Receipt) else not outcome.created
            known = again and not self.archive
            self.known += known
            self.done += not known
            says = f"{'known' if known else 'done'}\t{_named(outcome)}"
        elif isinstance(outcome, Refusal):
            self.refused += 1
            says = f"refused\t{' '.join(sentences(outcome))}"
        else:
            raise outcome
        return _as_http(number, outcome) if self.as_json else f"{number}\t{says}\n".encode()


def _as_http(number: int, outcome: Any) -> bytes:
    from service.api.batch import answered  # Flask comes with it: for those who ask for JSON.

    return answered(number, outcome)


def _named(outcome: Written | Receipt) -> str:
    on = outcome if isinstance(outcome, Receipt) else outcome.development
    if on is None or on.version is None:
        return outcome.member or outcome.story
    return f"{on.id} version {on.version}"


def _counted(lines: Iterator[Numbered], progress: Progress) -> Iterator[Numbered]:
    for number, line in lines:
        progress("lines", number)
        yield number, line


# --- each line for itself ------------------------------------------------------------------


class _Read(NamedTuple):
    """A line that was read: what it says (None if it cannot be read), and its two digests."""

    said: Said | None
    place: str
    asks: str


class _Digested:
    """Reads lines, each with a key of its own, so that a file can be repeated from its beginning.

    ``place`` is a hash over the file up to the line: the same file gives the same keys, however
    often it is read and however far it came; another file gives others from its first difference.
    ``asks`` is one over the line and its story.
    """

    def __init__(self, story: str) -> None:
        self._above = hashlib.sha256()
        self._story = hashlib.sha256(f"import {story}\n".encode())

    def __call__(self, lines: list[bytes]) -> list[_Read]:
        """Read the lines that follow those read before."""
        said = _read(lines)
        return [self._digested(line, one) for line, one in zip(lines, said, strict=True)]

    def _digested(self, line: bytes, said: Said | None) -> _Read:
        line = line.strip()
        if line:
            self._above.update(line + b"\n")
        asks = self._story.copy()
        asks.update(line)
        return _Read(said, self._above.copy().hexdigest(), asks.hexdigest())


def _read(lines: list[bytes]) -> list[Said | None]:
    """Return what lines say, loaded; None for one that is refused, by which sentence ever."""
    return [_said(line) for line in lines]


def _said(line: bytes) -> Said | None:
    try:
        said = storyfile.said_of(storyfile.line_of(line))
        return storyfile.prepared(said._replace(content=None, loaded=storyfile.shaped(said)))
    except Refusal:
        return None


def _import(
    opened: Onrecord,
    desk: Desk,
    story: str,
    lines: Iterator[Numbered],
    ahead: Ahead,
    tally: _Tally,
) -> Iterator[bytes]:
    job = Import(desk=desk, story=story, zone=opened.settings.time_zone)
    deciding = _Deciding(job, opened.settings.idempotency_days)
    for chunk, found in ahead.over(ndjson.chunks(lines)):
        decides = [deciding.of(line, one) for (_, line), one in zip(chunk, found, strict=True)]
        outcomes = opened.recorder.record_many(decides)
        sql = opened.store.reading()
        for (number, _), outcome in zip(chunk, outcomes, strict=True):
            if isinstance(outcome, Unavailable):
                says = "Repeat the command to go on from here."
                raise Refused(f"Line {number}: {outcome.says} {says}")
            if isinstance(outcome, Written):
                outcome = warned(sql, outcome)
            yield tally.words(number, outcome)


class _Deciding:
    """Makes decisions of lines, each of which is done once however often the file is read."""

    def __init__(self, job: Import, days: int) -> None:
        self._job = job
        self._days = days
        self._names = False

    def of(self, line: bytes | Exception, read: _Read) -> Decision:
        """Return a line's decision, which refuses what the line cannot say.

        It is made at once, so that the recorder can foresee what it asks for, unless the line may
        name what lines above it are only about to write: then it is made in its turn.
        """
        if isinstance(line, Exception):
            return _refusing(line)
        said = read.said
        try:
            if said is None:
                said = storyfile.said_of(storyfile.line_of(line))
            self._names = self._names or _is_named_elsewhere(said)
            return self._decision(said, read)
        except Refusal as refused:
            return _refusing(refused)

    def _decision(self, said: Said, read: _Read) -> Decision:
        decide = self._late(said) if self._names else self._job.decision(said)
        report = storyfile.shaped(said) if said.verb == "report" else None
        if report and report.fields.get("external_id") and report.named is None:
            return decide
        key = f"import {read.place}" if said.key is None else said.key
        repeat = Repeatable(key=key, fingerprint=read.asks)
        run = once(decide, self._job.desk, repeat, days=self._days)
        named = report.named if report else None
        if not named or not isinstance(named, str):
            return run

        def remember(ledger: Ledger) -> Any:
            made = run(ledger)
            if made.id:
                self._job.known[named] = made.id
            return made

        return Foreseen(remember, run.streams, run.keys)

    def _late(self, said: Said) -> Decision:
        return lambda ledger: self._job.decision(said)(ledger)


def _is_named_elsewhere(said: Said) -> bool:
    """Tell whether lines below may name what this line writes by what is known only then."""
    if said.newsroom is not None:
        return True
    return said.verb == "report" and storyfile.shaped(said).named is not None


def _refusing(refusal: Exception) -> Decision:
    def decide(_ledger: Ledger) -> Any:
        raise refusal

    return decide


# --- an archive, all or nothing ------------------------------------------------------------


def _archive(
    opened: Onrecord,
    desk: Desk,
    story: str,
    lines: Iterator[Numbered],
    ahead: Ahead,
    tally: _Tally,
) -> Iterator[bytes]:
    job = Import(desk=desk, zone=opened.settings.time_zone, archive=True)
    # The lines are here in full before the record is locked: nobody waits for a slow one.
    with ndjson.held() as waiting, ndjson.held() as answers:
        for number, line in lines:
            waiting.write(b"%d " % number + _whole(number, line).rstrip(b"\r\n") + b"\n")
        waiting.seek(0)

        def told(number: int, made: Written) -> None:
            answers.write(tally.words(number, made))

        read_again = _acts(ahead.over(ndjson.chunks(_numbered(waiting))), story)
        opened.recorder.record(storyfile.archive(read_again, job, opened.asof.clock, told))
        yield from ndjson.whole(answers)


def _whole(number: int, line: bytes | Exception) -> bytes:
    if isinstance(line, bytes):
        return line
    if isinstance(line, Refusal):
        line.facts["line"] = number
    raise line


def _numbered(waiting: IO[bytes]) -> Iterator[Numbered]:
    for numbered in waiting:
        number, _, line = numbered.partition(b" ")
        yield int(number), line


def _acts(
    chunks: Iterator[tuple[ndjson.Chunk, list[Said | None]]], story: str
) -> Iterator[tuple[int, Said]]:
    found = chain.from_iterable(zip(chunk, said, strict=True) for chunk, said in chunks)
    for place, ((number, line), said) in enumerate(found):
        assert isinstance(line, bytes)
        try:
            if said is None:
                said = storyfile.said_of(storyfile.line_of(line))
            if place == 0:
                _ensure_about(said, story)
        except Refusal as refused:
            refused.facts["line"] = number
            raise
        yield number, said


def _ensure_about(said: Said, story: str) -> None:
    content = (said.loaded or said.content) if said.verb == "story" else None
    if isinstance(content, dict) and content.get("id", story) != story:
        raise Invalid({"story.id": [f"This file is read into the story {story!r}."]})


VERBS = (import_,)
