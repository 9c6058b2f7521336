"""Statements that go to the server together and are answered together (libpq's pipeline mode).

psycopg has a pipeline of its own, which looks at the network after every statement: for a commit
of one act, that was most of what it cost. Here statements wait in libpq's buffer until somebody
asks for their answers. One that goes alone (``ask``) is sent and waited for in the same way:
psycopg's own wait costs as much again as a short answer. psycopg adapts the values, reads the rows
and says what failed.

Rules for editors: whoever needs the connection for anything else calls ``finish`` first; an
exchange that breaks off leaves nothing to go on with, so it closes the connection.
"""

import os
import re
import select
import socket
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from itertools import count
from typing import Any

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq.abc import PGresult

STATEMENTS_KEPT = 4096
"""Statements whose numbered words are kept; a statement's text never holds a value."""

PREPARED = 256
"""Statements that one connection keeps prepared; each holds its plan in the server's memory."""

PREFIX = b"onrecord_"
"""Begins the names of statements that are prepared here; psycopg's own begin with ``_pg3_``."""

_MARKS = re.compile("%[s%]")
_FORGOTTEN = (psycopg.errors.InvalidSqlStatementName, psycopg.errors.FeatureNotSupported)
_DONE = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)

Key = tuple[str, tuple[int, ...]]
"""A statement and the types of its parameters: what is prepared once."""

Lot = list[Key | None]
"""What is sent together: what each prepares, None for what prepares nothing."""


class Pipeline:
    """One connection's pipeline; used by one thread at a time."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._values = Transformer(connection)
        self._prepared: dict[Key, bytes] = {}
        self._names = (PREFIX + b"%d" % number for number in count())
        self._sent: Lot = []
        self._under_way: deque[Lot] = deque()
        self._met: set[Key] = set()
        self._readable = select.poll()
        self._readable.register(connection.pgconn.socket, select.POLLIN)

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits to be sent, or for its answer to be taken."""
        return not self._sent and not self._under_way

    def command(self, words: str) -> None:
        """Send what is not worth preparing, as it is: it begins or ends a transaction."""
        self._enter()
        self._sent.append(None)
        self._connection.pgconn.send_query_params(words.encode(), None)

    def _enter(self) -> None:
        if self.is_idle:
            self._connection.pgconn.enter_pipeline_mode()

    def ask(self, words: str, params: Sequence[Any] = ()) -> PGresult:
        """Run one statement in psycopg's words (``%s``) and wait for its answer; nothing else may
        be on its way. It is prepared when it comes a second time.

        Raises what the server has against it. Whoever is interrupted meanwhile closes the
        connection: the answer that is still to come is nobody's.
        """
        if not self.is_idle:
            raise RuntimeError("Other statements are under way.")
        pgconn = self._connection.pgconn
        values = self._values.dump_sequence(params, [PyFormat.AUTO] * len(params))
        formats, key = self._values.formats or (), (words, self._values.types or ())
        name = self._prepared.pop(key, None)
        if name is not None:
            self._prepared[key] = name  # At the end: it was used last.
        elif name := self._met_again(key):
            self._prepared[key] = name
        try:
            return self._run(name, key, values, formats)
        except _FORGOTTEN:
            # Somebody dropped what was prepared here, or changed its tables.
            idle = pgconn.transaction_status == pq.TransactionStatus.IDLE
            if self._prepared.pop(key, None) is None or not idle:
                raise
            return self._run(None, key, values, formats)

    def _run(self, name: bytes | None, key: Key, values: Any, formats: Any) -> PGresult:
        pgconn = self._connection.pgconn
        if name is None:
            pgconn.send_query_params(numbered(key[0]), values, key[1], formats, pq.Format.BINARY)
        else:
            pgconn.send_query_prepared(name, values, formats, pq.Format.BINARY)
        return self._answered()

    def _met_again(self, key: Key) -> bytes | None:
        """Prepare a statement that was met before; what was not used for longest makes room."""
        if key not in self._met:
            if len(self._met) >= STATEMENTS_KEPT:
                self._met.clear()
            self._met.add(key)
            return None
        pgconn, name = self._connection.pgconn, next(self._names)
        while len(self._prepared) >= PREPARED:
            pgconn.send_query(b"DEALLOCATE " + self._prepared.pop(next(iter(self._prepared))))
            self._answered()
        pgconn.send_prepare(name, numbered(key[0]), key[1])
        self._answered()
        return name

    def _answered(self) -> PGresult:
        """Wait for the answer to the one statement that was sent."""
        pgconn = self._connection.pgconn
        try:
            self._flush()
            answer = self._next()
            # The end; after a server's last words libpq has something to say too.
            while pgconn.get_result() is not None:
                if answer.status in _DONE:
                    raise psycopg.OperationalError("an answer has no end")
        except BaseException:
            self._connection.close()
            raise
        if answer.status not in _DONE:
            raise error_from_result(answer, self._connection.info.encoding)
        return answer

    def execute(self, words: str, params: Sequence[Any] = ()) -> None:
        """Send a statement in psycopg's words (``%s``); nobody waits for its answer here."""
        pgconn = self._connection.pgconn
        values = self._values.dump_sequence(params, [PyFormat.AUTO] * len(params))
        self._enter()
        key = (words, self._values.types or ())
        name = self._prepared.get(key)
        if name is None:
            name = self._prepared[key] = next(self._names)
            self._sent.append(key)
            pgconn.send_prepare(name, numbered(words), key[1])
        self._sent.append(None)
        pgconn.send_query_prepared(name, values, self._values.formats, pq.Format.BINARY)

    def finish(self) -> list[PGresult]:
        """Return the answer to each statement since the last time, in order.

        Raises what the server has against the first that failed; those after it were not run.
        """
        return self.ahead()() if self._sent else []

    def ahead(self) -> Callable[[], list[PGresult]]:
        """Send the statements since the last time; return what waits for their answers.

        More may be sent before they are taken; they are taken in order, each lot once.
        """
        self._enter()
        statements, self._sent = self._sent, []
        self._under_way.append(statements)
        try:
            self._connection.pgconn.pipeline_sync()
            self._flush()
        except BaseException:
            self._connection.close()
            raise
        return partial(self._taken, statements)

    def _taken(self, sent: Lot) -> list[PGresult]:
        """Wait for the answers to a lot of statements: the first that is under way."""
        if not self._under_way or self._under_way[0] is not sent:
            raise RuntimeError("Answers are taken in the order in which they were asked for.")
        self._under_way.popleft()
        try:
            answers = self._exchanged(len(sent))
        except BaseException:
            self._connection.close()
            raise
        for key, answer in zip(sent, answers, strict=True):
            if key is not None and answer.status not in _DONE:
                self._prepared.pop(key, None)
        failed = [answer for answer in answers if answer.status not in _DONE]
        if failed:
            error = error_from_result(failed[0], self._connection.info.encoding)
            if not self.is_idle:
                self._connection.close()  # Nobody waits for the lots that are under way.
            raise error
        return [answer for key, answer in zip(sent, answers, strict=True) if key is None]

    def rows(self, answer: PGresult, make: Callable[[Sequence[Any]], Any]) -> list[Any]:
        """Return the rows of an answer, each as ``make`` makes it of its values."""
        self._values.set_pgresult(answer, format=pq.Format.BINARY)
        return self._values.load_rows(0, answer.ntuples, make)

    def _exchanged(self, statements: int) -> list[PGresult]:
        """Wait for so many answers; out of pipeline mode again when nothing else is on its way."""
        pgconn = self._connection.pgconn
        answers = []
        for _ in range(statements):
            answers.append(self._next())
            # Each answer ends with a None.
            if pgconn.get_result() is not None:
                raise psycopg.OperationalError("an answer has no end")
        last = self._next()
        if last.status != pq.ExecStatus.PIPELINE_SYNC:
            # The server ended the connection when all was answered.
            raise psycopg.OperationalError(_words(last.error_message) or "no end to the answers")
        if self.is_idle:
            pgconn.exit_pipeline_mode()
        return answers

    def _flush(self) -> None:
        """Send what waits."""
        pgconn = self._connection.pgconn
        if not pgconn.flush():
            return
        poll = select.poll()
        poll.register(pgconn.socket, select.POLLIN | select.POLLOUT)
        while pgconn.flush():
            # The server may have no room for more before its answers are taken.
            if poll.poll()[0][1] & ~select.POLLOUT:
                pgconn.consume_input()

    def drop(self) -> None:
        """Close the connection if anything waits to be sent, so that none of it ever is."""
        if not self._sent:
            return
        self._sent.clear()
        # Closing alone would send what waits before it says goodbye.
        with suppress(OSError), socket.socket(fileno=os.dup(self._connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def _next(self) -> PGresult:
        pgconn = self._connection.pgconn
        while pgconn.is_busy():
            self._readable.poll()
            pgconn.consume_input()
        answer = pgconn.get_result()
        if answer is None or pgconn.status == pq.ConnStatus.BAD:
            told = answer.error_message if answer else pgconn.error_message
            raise psycopg.OperationalError(_words(told) or "no answer")
        return answer


def _words(told: bytes) -> str:
    return told.decode(errors="replace").strip()


@lru_cache(STATEMENTS_KEPT)
def numbered(words: str) -> bytes:
    """Return a statement in psycopg's words as libpq takes it: each ``%s`` is ``$1``, ``$2`` …"""
    numbers = count(1)
    return _MARKS.sub(lambda mark: f"${next(numbers)}" if mark[0] == "%s" else "%", words).encode()
