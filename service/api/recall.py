"""Answers kept for a moment, so that a crowd that asks the same is answered once.

What a reading answers a stranger is a function of its address, of the record's head and of the
clock: at a deadline the present moves on by itself. So an answer is kept under its address, and
good only while the record's head is where it was before the answer was made, and no longer than
its second lasts. What is kept is looked at before the application is, which costs as much again
as it takes to read a small answer from the record.

Rules for editors: nothing is kept that was made for a token, and nothing but readings
(``reading.at``); a request that is not quite plain goes the whole way.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from service.api.conditional import names
from service.api.environ import OPERATION, RECALLED, STAND

KEPT_BYTES = 32 * 1024 * 1024
"""Bytes of all answers that one process keeps: some hundred situations of a large story."""

LARGEST_BYTES = 1024 * 1024
"""Bytes of one answer that is still kept: one giant must not drive out all the others."""

OVERHEAD_BYTES = 1024
"""What an answer costs besides its body: its address, its headers, its place."""

ADDRESS_CHARACTERS = 2048
"""Of an address under which an answer is kept."""

READINGS = "/v1/stories/"
"""Where readings are. Whether the house lives is asked elsewhere, and must not need the record."""

Stand = tuple[int, int]
"""What an answer rests on besides its address: the record's head, and the clock's second."""

Headers = Sequence[tuple[str, str]]
Environ = dict[str, Any]


class Answered(NamedTuple):
    """An answer as it went out; without a body where it said only that nothing had changed."""

    stand: Stand
    tag: str
    headers: Headers
    body: bytes | None
    operation: str | None


class Kept:
    """The answers that were asked for last. Safe between threads."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most = most_bytes
        self._held = 0
        self._answers: OrderedDict[str, Answered] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, address: str) -> Answered | None:
        """Return what was answered last at an address, or None."""
        return self._answers.get(address)

    def keep(self, environ: Environ, tag: str, headers: Headers, body: bytes | None) -> None:
        """Keep the answer to a request that came through ``Recall``, for who asks next."""
        stand, address = environ.get(STAND), address_of(environ)
        if stand is None or len(address) > ADDRESS_CHARACTERS or _size(body) > LARGEST_BYTES:
            return
        with self._lock:
            before = self._answers.get(address)
            if before is not None:
                if body is None and before.stand == stand:
                    return
                self._held -= _size(self._answers.pop(address).body)
            self._answers[address] = Answered(stand, tag, headers, body, environ.get(OPERATION))
            self._held += _size(body)
            while self._held > self._most:
                _, gone = self._answers.popitem(last=False)
                self._held -= _size(gone.body)


def address_of(environ: Environ) -> str:
    """Return the address of a request as it was sent."""
    return f"{environ.get('PATH_INFO', '')}?{environ.get('QUERY_STRING', '')}"


def _size(body: bytes | None) -> int:
    return OVERHEAD_BYTES + (len(body) if body else 0)


class Recall:
    """A WSGI application that answers from what is kept, and asks the one behind it for the rest.

    ``stand`` returns what an answer made now would rest on; ``kept`` the answers of the house.
    """

    def __init__(
        self,
        behind: Callable[[Environ, Any], Iterable[bytes]],
        *,
        kept: Callable[[], Kept],
        stand: Callable[[], Stand | None],
    ) -> None:
        self._behind = behind
        self._kept = kept
        self._stand = stand

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        method = environ["REQUEST_METHOD"]
        plain = method in ("GET", "HEAD") and "HTTP_AUTHORIZATION" not in environ
        if not plain or not environ.get("PATH_INFO", "").startswith(READINGS):
            return self._behind(environ, start_response)
        stand = self._stand()
        found = self._kept().find(address_of(environ))
        if found is None or stand is None or found.stand != stand:
            environ[STAND] = stand
            return self._behind(environ, start_response)
        unchanged = names(environ.get("HTTP_IF_NONE_MATCH"), found.tag)
        if found.body is None and not unchanged:
            environ[STAND] = stand
            return self._behind(environ, start_response)
        environ[OPERATION], environ[RECALLED] = found.operation, True
        if unchanged or found.body is None:
            said = [row for row in found.headers if row[0] not in OF_BODY]
            start_response("304 NOT MODIFIED", said)
            return ()
        start_response("200 OK", list(found.headers))
        return () if method == "HEAD" else (found.body,)


OF_BODY = ("Content-Type", "Content-Length")
"""Headers that a 304 leaves out."""
