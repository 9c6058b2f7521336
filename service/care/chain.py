"""The record itself: is each envelope what it was, does each chain hold, does the content fit?

    position   rises by one, act by act
    envelope   is canonical (RFC 8785) and says the position, the act and the stream it lies under
    previous   is the SHA-256 of the envelope before it in the story
    stored_at  never runs backwards over the record
    digests    are those of the stored bytes of each content field, no more and no fewer

Rules for editors: bytes are hashed as they lie, never made again; what cannot be read is a fault
to tell, not an error to raise.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any
from uuid import UUID

from service.care.faults import Fault
from service.care.plain import Ahead
from service.domain import acts
from service.domain.times import TimeError, parse_instant
from service.store.envelope import PARTS, envelope_hash, field_digest
from service.store.history import Stored

ENVELOPES, CONTENT = "stored_events", "content"


class Chain:
    """Follows the record from its first act; knows afterwards which acts are whose.

    ``stories`` limits the look at contents to some stories; their chains are followed either way.
    """

    def __init__(self, stories: Collection[str] | None = None) -> None:
        self._wanted = stories
        self._previous: dict[str, str] = defaultdict(str)
        self._position = 0
        self._stored_at = 0
        self.positions: dict[str, list[int]] = defaultdict(list)
        self.ahead: dict[str, Ahead] = defaultdict(Ahead)

    def follow(self, rows: Iterable[Stored]) -> Iterator[Fault | None]:
        """Yield the faults of each act, and None after it."""
        for row in rows:
            yield from self._faults(row)
            yield None

    def _faults(self, row: Stored) -> Iterator[Fault]:
        envelope = _read(row.envelope)
        story = envelope.get("story") if envelope else None
        if not isinstance(story, str):
            yield Fault("", ENVELOPES, f"position {row.position}", "The envelope cannot be read.")
            return
        self.positions[story].append(row.position)
        self._look_ahead(row, self.ahead[story], envelope)
        where = (story, ENVELOPES, f"position {row.position}")
        for says in self._wrong(row, story, envelope):
            yield Fault(*where, says)
        if self._wanted is None or story in self._wanted:
            where = (story, CONTENT, f"position {row.position}")
            for says in _unfitting(row, envelope):
                yield Fault(*where, says)

    def _look_ahead(self, row: Stored, ahead: Ahead, envelope: dict[str, Any]) -> None:
        if row.version > 1:
            ahead.last[row.stream] = row.version
        if envelope.get("hide_text"):
            ahead.hidden[row.stream] = row.position

    def _wrong(self, row: Stored, story: str, envelope: dict[str, Any]) -> Iterator[str]:
        if _canonical(envelope) != row.envelope:
            yield "The envelope is not in its canonical form."
        if row.position != self._position + 1:
            yield f"The act before it is number {self._position}: one is missing between them."
        self._position = row.position
        if envelope.get("position") != row.position:
            yield f"The envelope says position {envelope.get('position')}."
        if envelope.get("act") != row.topic or row.topic not in acts.ACTS:
            yield f"The envelope says {envelope.get('act')!r}, and it lies as {row.topic!r}."
        if envelope.get("id") != f"{_hyphenated(row.stream)}.{row.version}":
            yield f"The envelope says {envelope.get('id')!r}, and it lies in another stream."
        if envelope.get("previous") != self._previous[story]:
            yield "It does not follow the story's act before it: the chain is broken here."
        self._previous[story] = envelope_hash(row.envelope)
        yield from self._out_of_time(envelope)

    def _out_of_time(self, envelope: dict[str, Any]) -> Iterator[str]:
        try:
            parse_instant(envelope["recorded_at"])
            stored_at = parse_instant(envelope["stored_at"])
        except (KeyError, TypeError, TimeError):
            yield "Its times cannot be read."
            return
        if stored_at < self._stored_at:
            yield "It was stored before the act before it."
        self._stored_at = max(stored_at, self._stored_at)


def _read(envelope: bytes) -> dict[str, Any]:
    try:
        said = json.loads(envelope)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _canonical(envelope: dict[str, Any]) -> bytes:
    text = json.dumps(envelope, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8", "surrogatepass")


def _hyphenated(stream: str) -> str:
    try:
        return str(UUID(stream))
    except ValueError:
        return stream


def _unfitting(row: Stored, envelope: dict[str, Any]) -> Iterator[str]:
    """Say what of the content is not what the envelope's digests are of."""
    digests = envelope.get("digests")
    if not isinstance(digests, dict):
        yield "The envelope has no digests."
        return
    if not row.content:
        yield "The content is gone."
        return
    found = {}
    try:
        salt = bytes.fromhex(row.salt)
        for part in PARTS:
            prefix = "" if part == "document" else f"{part}."
            for name, value in fields(getattr(row, part) or b"{}"):
                found[prefix + name] = field_digest(salt, prefix + name, value)
    except ValueError:
        yield "The content cannot be read."
        return
    for name in sorted({*digests, *found}):
        if digests.get(name) != found.get(name):
            yield f"The content's {name} is not what was recorded."


_DECODER = json.JSONDecoder()


def fields(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield each field of a stored JSON object with the bytes of its value, as they lie.

    Raises ``ValueError`` unless it is one object as the store writes it, without white space.
    """
    text = content.decode("utf-8")
    if text == "{}":
        return
    at = 0
    while at < len(text) - 1:
        if text[at] not in "{," or (text[at] == "{") != (at == 0):
            raise ValueError("not an object as the store writes it")
        name, after = _DECODER.raw_decode(text, at + 1)
        if not isinstance(name, str) or text[after : after + 1] != ":":
            raise ValueError("not an object as the store writes it")
        _, at = _DECODER.raw_decode(text, after + 1)
        yield name, text[after + 1 : at].encode("utf-8")
    if text[at:] != "}":
        raise ValueError("not an object as the store writes it")
