"""import: many lines into a story, or a whole story that was told elsewhere.

Rules for editors: nothing grows with the number of lines; each answer goes out as its line does.
"""

import hashlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

import click

from service import ndjson, storyfile
from service.assembly import Onrecord
from service.cli.stories import NEWSROOM, SOURCE, newsroom_of, read
from service.cli.talk import Progress, Refused, as_json, example, house, say, sentences
from service.decisions import Receipt, Repeatable, Written, once, warned
from service.domain.refusals import Invalid, Refusal, Unavailable
from service.ledger import Decision, Desk, Ledger
from service.ndjson import Numbered
from service.storyfile import Import
from service.strictjson import parse

CHUNK = 256
"""Lines of one commit, as many as the recorder takes at once."""

Take = Callable[[Onrecord, Desk, str, Iterator[Numbered], "_Tally"], Iterator[bytes]]
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
    # Where a person sees the answers go by, they see how far it is.
    watched = not sys.stdout.isatty()
    with house() as opened, read(file) as stream, Progress("Importing", watched) as progress:
        desk = opened.desk(newsroom_of(opened, story, newsroom))
        lines = _counted(ndjson.lines(stream, opened.settings.max_body_bytes), progress)
        take: Take = _archive if archive else _import
        for answer in take(opened, desk, story, lines, tally):
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


def _import(
    opened: Onrecord, desk: Desk, story: str, lines: Iterator[Numbered], tally: _Tally
) -> Iterator[bytes]:
    job = Import(desk=desk, story=story, zone=opened.settings.time_zone)
    keys = _Keys(opened.settings.idempotency_days)
    while chunk := list(islice(lines, CHUNK)):
        decides = [keys.once(line, job) for _, line in chunk]
        outcomes = opened.recorder.record_many(decides)
        for (number, _), outcome in zip(chunk, outcomes, strict=True):
            if isinstance(outcome, Unavailable):
                says = "Repeat the command to go on from here."
                raise Refused(f"Line {number}: {outcome.says} {says}")
            if isinstance(outcome, Written):
                outcome = warned(opened.store.reading(), outcome)
            yield tally.words(number, outcome)


class _Keys:
    """Gives each line a key of its own, so that a file can be repeated from its beginning.

    The key is a hash over the file up to the line: the same file gives the same keys, however
    often it is read and however far it came; another file gives others from its first difference.
    """

    def __init__(self, days: int) -> None:
        self._days = days
        self._above = hashlib.sha256()
        self._names = False

    def once(self, line: bytes | Exception, job: Import) -> Decision:
        """Return a line's decision, which refuses what the line cannot say.

        A line is read at once, so that the recorder can foresee what it asks for, unless it may
        name what lines above it are only about to write: then it is read in its turn.
        """
        try:
            if isinstance(line, Exception):
                raise line
            self._above.update(line.strip() + b"\n")
            digest = self._above.copy().hexdigest()
            said = _line(line)
            self._names = self._names or _is_named_elsewhere(said)
            if self._names:
                return lambda ledger: self._decision(said, line, digest, job)(ledger)
            return self._decision(said, line, digest, job)
        except Refusal as refused:
            return _refusing(refused)

    def _decision(self, said: dict[str, Any], line: bytes, digest: str, job: Import) -> Decision:
        content = said.get("report")
        named = content.get("id") if isinstance(content, dict) else None
        if isinstance(content, dict) and content.get("external_id") and named is None:
            return job.decision(said)
        key = said["key"] if isinstance(said.get("key"), str) else f"import {digest}"
        asks = hashlib.sha256(f"import {job.story}\n".encode() + line.strip()).hexdigest()
        repeat = Repeatable(key=key, fingerprint=asks)
        run = once(job.decision(said), job.desk, repeat, days=self._days)
        if not named:
            return run

        def remember(ledger: Ledger) -> Any:
            made = run(ledger)
            if made.id:
                job.known[named] = made.id
            return made

        return remember


def _is_named_elsewhere(said: dict[str, Any]) -> bool:
    """Tell whether lines below may name what this line writes by what is known only then."""
    content = said.get("report")
    return "newsroom" in said or (isinstance(content, dict) and "id" in content)


def _refusing(refusal: Refusal) -> Decision:
    def decide(_ledger: Ledger) -> Any:
        raise refusal

    return decide


def _line(line: bytes) -> dict[str, Any]:
    """Return a line as one of a story file: a development alone is a report."""
    said = parse(line)
    if not isinstance(said, dict):
        raise Invalid({"_": ["A line is a JSON object."]})
    if any(name in storyfile.VERBS for name in storyfile.verbs_of(said)):
        return said
    return {"report": said}


def _archive(
    opened: Onrecord, desk: Desk, story: str, lines: Iterator[Numbered], tally: _Tally
) -> Iterator[bytes]:
    job = Import(desk=desk, zone=opened.settings.time_zone, archive=True)
    # The lines are here in full before the record is locked: nobody waits for a slow one.
    with ndjson.held() as waiting, ndjson.held() as answers:
        for number, line in lines:
            waiting.write(b"%d " % number + _whole(number, line).rstrip(b"\r\n") + b"\n")
        waiting.seek(0)

        def told(number: int, made: Written) -> None:
            answers.write(tally.words(number, made))

        read_again = _acts(waiting, story)
        opened.recorder.record(storyfile.archive(read_again, job, opened.asof.clock, told))
        yield from ndjson.whole(answers)


def _whole(number: int, line: bytes | Exception) -> bytes:
    if isinstance(line, bytes):
        return line
    if isinstance(line, Refusal):
        line.facts["line"] = number
    raise line


def _acts(waiting: IO[bytes], story: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for place, numbered in enumerate(waiting):
        number, _, line = numbered.partition(b" ")
        try:
            said = _line(line)
            if place == 0:
                _ensure_about(said, story)
        except Refusal as refused:
            refused.facts["line"] = int(number)
            raise
        yield int(number), said


def _ensure_about(said: dict[str, Any], story: str) -> None:
    content = said.get("story")
    if isinstance(content, dict) and content.get("id", story) != story:
        raise Invalid({"story.id": [f"This file is read into the story {story!r}."]})


VERBS = (import_,)
