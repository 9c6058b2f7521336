"""How an act lies in the store: an envelope for ever, and content that can be deleted.

The *envelope* is one JSON object in JCS form (RFC 8785): ASCII keys, values strings, integers
or one object of strings, so sorted compact JSON *is* JCS. It carries no words of the story:
for each content field it has a salted digest, so that a field can be disclosed or erased and
every hash stays valid. The *content* is three JSON objects (document, note, audit) beside it.

On the way through ``eventsourcing`` both travel as the event's state, one part a line::

    envelope \\n document \\n note \\n audit \\n salt (hex)

Rules for editors: hash stored bytes, never bytes made again; a key of the envelope is never
renamed; the digest's recipe is in ``field_digest`` and nowhere else.
"""

import hashlib
import secrets
from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from eventsourcing.persistence import Mapper, StoredEvent, Transcoder
from eventsourcing.utils import register_topic

from service.domain.acts import ACTS, TOPICS, Act, Document, Stamp
from service.domain.prepared import Prepared
from service.domain.times import format_instant

SALT_BYTES = 16
"""128 bits: a digest of a short field cannot be guessed without its salt."""

PARTS = ("document", "note", "audit")
PREFIXES = {"document": "", "note": "note.", "audit": "audit."}
"""What the names of a part's fields begin with among the digests."""

dumps = orjson.dumps
"""Compact JSON as bytes: the form of everything that is stored."""

_URL_SAFE = bytes.maketrans(b"+/", b"-_")

for _topic, _act in ACTS.items():
    register_topic(_topic, _act)


def field_salt(salt: bytes, name: str) -> bytes:
    """Return the salt of one content field: keyed BLAKE2s (RFC 7693) of its name, 16 bytes.

    Knowing one field's salt tells nothing about another's, so one can be disclosed alone.
    """
    return hashlib.blake2s(name.encode(), key=salt, digest_size=SALT_BYTES).digest()


def field_digest(salt: bytes, name: str, value: bytes) -> str:
    """Return the digest of one field: SHA-256 over its salt, name, NUL, stored bytes.

    It is written as unpadded base64url (RFC 4648, section 5), as SD-JWT writes its digests.
    """
    said = hashlib.sha256(b"%b%b\0%b" % (field_salt(salt, name), name.encode(), value)).digest()
    return b2a_base64(said).translate(_URL_SAFE, b"=\n").decode()


def undigested(envelope: bytes) -> bytes:
    """Return an envelope without its digests, half of it: for who reads an act and verifies none.

    No word of it can look like their beginning: inside a string a quote has a backslash. They are
    one object of strings of base64, and never the last: ``id`` comes after them.
    """
    at = envelope.index(b'"digests":{')
    return envelope[:at] + envelope[envelope.index(b"},", at) + 2 :]


def envelope_hash(envelope: bytes) -> str:
    """Return what the story's next act carries as ``previous``: SHA-256 (hex) of the bytes."""
    return hashlib.sha256(envelope).hexdigest()


class Sealed(NamedTuple):
    """A document as it is stored, its salt, and its digests as they are in the envelope."""

    salt: bytes
    words: bytes
    digests: bytes


def sealed(document: Document) -> Sealed:
    """Return what an act stores of its document, made before the act, and for no other."""
    salt = secrets.token_bytes(SALT_BYTES)
    words, digests = _digested(salt, "", document)
    return Sealed(salt, words, orjson.dumps(digests, option=orjson.OPT_SORT_KEYS))


def write(act: Act, salt: bytes | None = None) -> bytes:
    """Return an act's state: its envelope and content, one part a line."""
    if isinstance(act.document, Prepared) and not (salt or act.note or act.audit):
        made: Sealed = act.document.sealed
        envelope = orjson.dumps(
            _envelope(act, orjson.Fragment(made.digests)), option=orjson.OPT_SORT_KEYS
        )
        return b"%b\n%b\n{}\n{}\n%b" % (envelope, made.words, made.salt.hex().encode())
    salt = salt or secrets.token_bytes(SALT_BYTES)
    digests: dict[str, str] = {}
    lines: list[bytes] = []
    for part, prefix in PREFIXES.items():
        content: Document | None = getattr(act, part)
        if not content:
            lines.append(b"" if content is None else b"{}")
            continue
        words, found = _digested(salt, prefix, content)
        lines.append(words)
        digests |= found
    envelope = orjson.dumps(_envelope(act, digests), option=orjson.OPT_SORT_KEYS)
    return b"\n".join([envelope, *lines, salt.hex().encode()])


def _digested(salt: bytes, prefix: str, content: Document) -> tuple[bytes, dict[str, str]]:
    """Return a part's stored bytes, and the digests of its fields."""
    pieces, digests = [], {}
    for name, value in content.items():
        piece = dumps(value)
        digests[prefix + name] = field_digest(salt, prefix + name, piece)
        pieces.append(b"%b:%b" % (dumps(name), piece))
    return b"{%b}" % b",".join(pieces), digests


def split(state: bytes) -> tuple[bytes, bytes | None, bytes, bytes, str]:
    """Return (envelope, document, note, audit, salt) of a state; None for no document."""
    envelope, document, note, audit, salt = state.split(b"\n")
    return envelope, document or None, note, audit, salt.decode()


def _envelope(act: Act, digests: Mapping[str, str] | orjson.Fragment) -> dict[str, Any]:
    stamp = act.stamp
    envelope: dict[str, Any] = {
        "act": TOPICS[type(act)],
        "act_version": getattr(type(act), "class_version", 1),
        "by": stamp.by,
        "digests": digests,
        "id": f"{act.originator_id}.{act.originator_version}",
        "newsroom": stamp.newsroom,
        "position": stamp.position,
        "previous": stamp.previous,
        "recorded_at": format_instant(stamp.recorded_at),
        "stored_at": format_instant(stamp.stored_at),
        "story": act.story,
    }
    if stamp.imported_at is not None:
        envelope["imported_at"] = format_instant(stamp.imported_at)
    if stamp.recorded_precision is not None:
        envelope["recorded_precision"] = stamp.recorded_precision
    for name in act.references:
        envelope[name] = getattr(act, name)
    return envelope


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


# An act's times are most often the same two or three words, and those of the acts around it.
@lru_cache(maxsize=1024)
def _instant(text: str) -> int:
    """Return an instant as ``format_instant`` wrote it: that form is read without looking long."""
    since = datetime.fromisoformat(text) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


class _ActTranscoder(Transcoder):
    """Reads a state back into an act's fields; the mapper's other half is ``write``."""

    def encode(self, obj: Any) -> bytes:
        raise TypeError("acts are written by service.store.envelope.write")

    def decode(self, data: bytes) -> dict[str, Any]:
        return self.of_parts(*data.split(b"\n")[:4])

    def of_parts(self, line: bytes, document: bytes, note: bytes, audit: bytes) -> dict[str, Any]:
        """Return an act's fields, given its state's first four lines."""
        envelope = orjson.loads(line)
        imported_at = envelope.get("imported_at")
        state: dict[str, Any] = {
            "story": envelope["story"],
            "stamp": Stamp(
                envelope["position"],
                _instant(envelope["stored_at"]),
                _instant(envelope["recorded_at"]),
                envelope["previous"],
                envelope["newsroom"],
                envelope["by"],
                _instant(imported_at) if imported_at else None,
                envelope.get("recorded_precision"),
            ),
            "document": orjson.loads(document) if document else None,
            "note": orjson.loads(note) if note else {},
            "audit": orjson.loads(audit) if audit else {},
            "class_version": envelope["act_version"],
        }
        for name in ACTS[envelope["act"]].references:
            state[name] = envelope[name]
        return state


class ActMapper(Mapper[Any]):
    """The library's mapper with our storage form; upcasting stays the library's."""

    def __init__(self) -> None:
        self._reads = _ActTranscoder()
        super().__init__(self._reads)

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """Return the act. Raises ``MapperDeserialisationError`` for what is none."""
        stream, version = stored_event.originator_id, stored_event.originator_version
        parts = stored_event.state.split(b"\n")[:4]
        return self.act(stream, version, stored_event.topic, parts)

    def act(self, stream: Any, version: int, topic: str, parts: Sequence[bytes]) -> Any:
        """Return an act, given where it stands and its state's first four lines."""
        act = ACTS.get(topic)
        try:
            fields = self._reads.of_parts(*parts)
            # As the library does, without its steps that change nothing here: acts are many.
            if act is not None and fields.pop("class_version") == getattr(act, "class_version", 1):
                fields["originator_id"] = stream
                fields["originator_version"] = version
                found = object.__new__(act)
                object.__setattr__(found, "__dict__", fields)
                return found
        except (ValueError, KeyError, TypeError):
            pass  # The library says what is wrong.
        state = b"\n".join(parts)
        return super().to_domain_event(StoredEvent(stream, version, topic, state))

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """Return the act as the library stores it, under its explicit topic."""
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=TOPICS[type(domain_event)],
            state=write(domain_event),
        )
