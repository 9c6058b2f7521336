"""Many at once: each line a development or a line of a story file, each answered by a line.

A bad line harms no other. Reports are safe to repeat by ``external_id``, other lines by a ``key``
beside the act. ``?archive=true`` takes in a whole story that was told elsewhere, all or nothing.

Rules for editors: nothing here grows with the number of lines. What a line may do is judged line
by line, from the same table as everything else.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import IO, Any

from flask import Response, has_request_context, request, stream_with_context
from marshmallow import ValidationError

from schemas.developments import DevelopmentIn, introductions
from service import decisions, ndjson, storyfile
from service.api import auth, idempotency, reading, streams, writing
from service.api.answers import dumps
from service.api.environ import POSITION
from service.api.house import house
from service.api.jsonbody import NDJSON
from service.api.parameters import invalid
from service.api.policy import Reach
from service.api.problem_types import TYPES
from service.api.problems import Problem, of_refusal
from service.decisions import Receipt, Written, once
from service.decisions.parts import Foreseen
from service.domain.refusals import Refusal, Unavailable
from service.ledger import Decision, Desk, Ledger
from service.ndjson import Numbered
from service.storyfile import Import
from service.strictjson import parse

ACTIONS: Mapping[str, str] = {
    "story": "amend stories",
    "actor": "introduce cast",
    "place": "introduce places",
    "report": "report",
    "update": "update",
    "correct": "correct",
    "clarify": "clarify",
    "refile": "refile",
    "verify": "verify",
    "withdraw": "withdraw",
    "pin": "pin",
    "key": "mark key events",
    "summary": "write summary",
    "level": "override level",
    "close": "close stories",
    "reopen": "close stories",
}
"""What a line of a story file does, in the words of the policy table."""

AT_ONCE = frozenset({"actor", "place", "report"})
"""Acts that name no development of the file, and can be read before those above are written."""

ITS_KEY = "Idempotency-Key is for one act. Reports repeat by external_id, other lines by key."
NO_OBJECT = "A line is a JSON object."

_DEVELOPMENT = DevelopmentIn()
_log = logging.getLogger(__name__)

Task = tuple[int, Decision | Exception]
"""A line's number, and what it decides or why it cannot."""


def take(query: Mapping[str, Any], story: str) -> Response:
    """Take a body of many lines; answer each with a line."""
    if idempotency.HEADER in request.headers:
        raise Problem("bad-request", ITS_KEY)
    by = writing.desk()
    request.max_content_length = house().settings.max_import_bytes
    lines = streams.lines(request, house().settings.max_body_bytes)
    if query["archive"]:
        auth.insist("import archives")
        return _streamed(_archived(lines, story, by))
    house().asof.story(story, reading.viewer())
    return _streamed(streams.without_waiting(_answered(lines, story, by)))


def _streamed(answers: Iterator[bytes]) -> Response:
    return Response(stream_with_context(answers), content_type=NDJSON)


# --- each line for itself ------------------------------------------------------------------


def _answered(lines: Iterator[Numbered], story: str, by: Desk) -> Iterator[bytes]:
    """Record lines, many a commit; return an answer to each."""
    job = Import(
        desk=by,
        story=story,
        zone=house().settings.time_zone,
        own_only=auth.reader().reach("update") is Reach.OWN,
    )
    for chunk in ndjson.chunks(lines):
        tasks = [_task(number, line, job) for number, line in chunk]
        outcomes = _recorded([task for _, task in tasks if not isinstance(task, Exception)])
        coming = iter(outcomes)
        yield b"".join(
            answered(number, task if isinstance(task, Exception) else next(coming))
            for number, task in tasks
        )


def _recorded(tasks: list[Decision]) -> list[Any]:
    try:
        outcomes = house().record_many(tasks)
    except Unavailable as refusal:
        return [refusal] * len(tasks)
    return [writing.warned(made) if isinstance(made, Written) else made for made in outcomes]


def _task(number: int, line: bytes | Exception, job: Import) -> Task:
    if isinstance(line, Exception):
        return number, line
    try:
        said = _object(line)
        verbs = [name for name in storyfile.verbs_of(said) if name in storyfile.VERBS]
        return number, _act(verbs[0], said, line, job) if verbs else _report(said, job)
    except (Problem, Refusal) as refused:
        return number, refused


def _object(line: bytes) -> dict[str, Any]:
    said = parse(line)
    if isinstance(said, dict):
        return said
    raise Problem("invalid", NO_OBJECT, errors={"_": [NO_OBJECT]})


def _report(said: dict[str, Any], job: Import) -> Decision:
    """Return the decision of a line that is a development, as it is posted alone."""
    try:
        loaded = _DEVELOPMENT.load(said)
    except ValidationError as error:
        raise invalid(error.messages, _DEVELOPMENT) from None
    fields, actors, places = introductions(loaded)
    verification = fields.pop("verification", "reported")
    assert job.story is not None
    return decisions.report(
        job.story,
        fields,
        job.desk,
        verification=verification,
        introduces={"actor": actors, "place": places},
    )


def _act(verb: str, said: dict[str, Any], line: bytes, job: Import) -> Decision:
    """Return the decision of a line of a story file."""
    auth.insist(ACTIONS[verb])
    _ensure_own(said, job)
    # Lines may name developments of lines above, which are known once those are written.
    links = isinstance(said[verb], dict) and said[verb].get("relates_to")
    now = job.decision(said) if verb in AT_ONCE and not links else None
    decide = now or (lambda ledger: job.decision(said)(ledger))
    key = said.get("key")
    if not isinstance(key, str):
        return decide
    repeat = idempotency.keyed(key, f"{request.path}\n".encode() + line.strip())
    run = once(decide, job.desk, repeat, days=house().settings.idempotency_days)
    content = said[verb]
    named = content.get("id") if verb == "report" and isinstance(content, dict) else None

    def remembering(ledger: Ledger) -> Any:
        made = run(ledger)
        # A repeated line runs no decision, and the lines below may name its development.
        if isinstance(named, str) and isinstance(made, Receipt) and made.id:
            job.known[named] = made.id
        return made

    return Foreseen(remembering, run.streams, run.keys)


def _ensure_own(said: Mapping[str, Any], job: Import) -> None:
    """Raise a Problem where a line speaks for another newsroom: a token speaks for its own."""
    if said.get("newsroom", job.desk.newsroom) != job.desk.newsroom:
        raise Problem("forbidden", "A token records for its own newsroom alone.")


def answered(number: int, outcome: Any) -> bytes:
    """Return the answer to a line, as a line: what was written, or the problem.

    The command line answers so too: then there is no request to note anything of.
    """
    asked = has_request_context()
    if isinstance(outcome, Written | Receipt):
        if asked:
            request.environ[POSITION] = outcome.position
        return dumps({"line": number, **_done(outcome)}) + b"\n"
    if isinstance(outcome, Refusal):
        outcome = of_refusal(outcome)
    if not isinstance(outcome, Problem):
        _log.error("line %d failed", number, exc_info=outcome)
        outcome = Problem("internal", TYPES["internal"].why)
    if asked:
        house().watch.problem(outcome.type.slug)
    document = outcome.document()
    return dumps({"line": number, "status": document["status"], "problem": document}) + b"\n"


def _done(outcome: Written | Receipt) -> dict[str, Any]:
    done: dict[str, Any] = {"status": 201 if outcome.created else 200}
    done["id"] = outcome.member or outcome.story
    on = outcome if isinstance(outcome, Receipt) else outcome.development
    if on is not None and on.version is not None:
        done |= {"id": on.id, "version": on.version}
    done["position"] = outcome.position
    if outcome.warnings:
        done["warnings"] = list(outcome.warnings)
    if isinstance(outcome, Receipt) and outcome.replayed:
        done["replayed"] = True
    return done


# --- an archive, all or nothing ------------------------------------------------------------


def _archived(lines: Iterator[Numbered], story: str, by: Desk) -> Iterator[bytes]:
    """Record an archive; return the answers, which are ready. Raises a Problem or a Refusal."""
    job = Import(desk=by, zone=house().settings.time_zone, archive=True)
    with ExitStack() as files:
        answers = files.enter_context(ndjson.held())

        def told(number: int, written: Written) -> None:
            answers.write(answered(number, written))

        # The body is here in full before the record is locked: nobody waits for a slow line.
        with ndjson.held() as waiting:
            _keep(lines, waiting)
            read = _acts(waiting, story, job)
            house().record(storyfile.archive(read, job, house().asof.clock, told))
        files.pop_all()  # All went well: the file is closed by who reads it.
    return ndjson.whole(answers)


def _keep(lines: Iterator[Numbered], waiting: IO[bytes]) -> None:
    """Write lines into a file, each after its number, and go back to its beginning."""
    for number, line in lines:
        if isinstance(line, Exception):
            raise _at_line(number, line)
        waiting.write(b"%d " % number + line.rstrip(b"\r\n") + b"\n")
    waiting.seek(0)


def _acts(waiting: IO[bytes], story: str, job: Import) -> Iterator[tuple[int, dict[str, Any]]]:
    for place, numbered in enumerate(waiting):
        number, _, line = numbered.partition(b" ")
        try:
            said = _object(line)
            _ensure_own(said, job)
            if place == 0:
                _ensure_about(said, story)
            if not any(name in storyfile.VERBS for name in storyfile.verbs_of(said)):
                said = {"report": said}
        except (Problem, Refusal) as refused:
            raise _at_line(int(number), refused) from None
        yield int(number), said


def _ensure_about(said: Mapping[str, Any], story: str) -> None:
    """Raise a Problem where an archive's first line opens another story than the address says."""
    content = said.get("story")
    if isinstance(content, dict) and content.get("id", story) != story:
        says = f"This address takes in the story {story!r}."
        raise Problem("invalid", says, errors={"story.id": [says]})


def _at_line(number: int, refused: Exception) -> Exception:
    if isinstance(refused, Problem | Refusal):
        refused.facts["line"] = number
    return refused
