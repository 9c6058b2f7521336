"""The log: one line for each thing that happened, on stderr, for a program or for a person.

Whoever logs, ours or gunicorn, logs through the standard library; what is written is made here
(structlog). Within a request a line says which: its id, operation, and who asks.

Never in a line: a token, a key, a password (whatever is written is looked through for them), and
nothing of what newsrooms say. So an exception is told by its kind and where it was raised; its
words only where they cannot be a newsroom's (``SAFE``), or at the level ``debug``.

Rules for editors: log facts by ``extra=``, whose names are one word; an id may be told, a
headline, a body, a source or a query may not.
"""

import contextlib
import json
import logging
import re
import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson
import structlog
from flask import g, has_request_context, request
from gunicorn.glogging import Logger  # type: ignore[import-untyped]  # it has none
from structlog.stdlib import ExtraAdder, ProcessorFormatter

from service import tokens
from service.api.environ import READER
from service.api.watched import facts
from service.domain.refusals import Unavailable
from service.settings import SECRET_SUFFIX, Settings, SettingsError, from_environment
from service.store.sql import DatabaseProblem

Event = MutableMapping[str, Any]

FRAMES = 40
"""Of a traceback, the last ones."""

CHAIN = 8
"""Exceptions that led to one another, told together."""

HIDDEN = "[hidden]"
"""What stands in the place of a secret."""

SHORTEST = 4
"""Characters of a secret that is looked for by itself; a shorter one would be found in words."""

SAFE: tuple[type[BaseException], ...] = (
    ArithmeticError, AssertionError, AttributeError, DatabaseProblem, ImportError, MemoryError,
    NameError, OSError, RuntimeError, SettingsError, TypeError, Unavailable, sqlite3.Error,
)  # fmt: skip
"""Exceptions whose words are a program's, a disk's or a network's; no value is quoted in them."""

_log = logging.getLogger(__name__)
_FORMS = (
    (tokens.PREFIX, tokens.FORM),
    ("://", re.compile(r"(?<=://)[^\s/@]*:[^\s/@]*(?=@)")),
    ("assword", re.compile(r"(?<=[Pp]assword=)[^\s&'\"]+")),
    ("earer ", re.compile(r"(?<=[Bb]earer )[^\s'\",}]+")),
)
"""What a secret looks like, and a mark without which it is not there."""


def set_up(settings: Settings, level: str | None = None) -> None:
    """Log as the settings say, from now on; ``level`` in the place of theirs.

    A process whose log somebody has set up already keeps it.
    """
    root = logging.getLogger()
    if root.handlers:
        return
    level = level or settings.log_level
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(settings, level))
    root.addHandler(handler)
    root.setLevel(level.upper())
    logging.captureWarnings(True)
    for named in ("werkzeug", "asyncio"):
        logging.getLogger(named).handlers.clear()


def readable(settings: Settings) -> bool:
    """Tell whether the log is made for a person."""
    return settings.log_format == "text" or (settings.log_format == "auto" and sys.stderr.isatty())


def announce(settings: Settings, words: str) -> None:
    """Tell whoever started the house something: a person plainly, a program as a line."""
    if readable(settings):
        sys.stderr.write(f"{words}\n")
        sys.stderr.flush()
    else:
        _log.info(words)


class GunicornLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's log, as lines among all others."""

    def setup(self, cfg: Any) -> None:
        """Hand everything on to the process's log, set up here if it is not yet."""
        if not logging.getLogger().handlers:
            set_up(from_environment())
        self.cfg = cfg
        self._access_log_enabled = False
        self.loglevel = self.LOG_LEVELS.get(cfg.loglevel.lower(), logging.INFO)
        self.error_log.setLevel(self.loglevel)
        for log in (self.error_log, self.access_log):
            log.handlers.clear()
            log.propagate = True

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Warn; of a request that cannot be read tell how, not who sent it and what."""
        if msg.startswith("Invalid request from"):
            msg, args = "A request cannot be read: %s", (_now_handled(),)
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Tell the exception that is handled now; of a request leave its address out."""
        if msg.startswith("Error handling request"):
            msg, args = "A request failed", ()
        super().exception(msg, *args, **kwargs)


class Lines(ProcessorFormatter):
    """Makes a line of a record, and looks it through for secrets."""

    def __init__(self, settings: Settings, level: str | None = None) -> None:
        """``level`` stands in the place of the settings'."""
        verbose = (level or settings.log_level) == "debug"
        self._secrets = _secrets(settings)
        super().__init__(
            processors=[
                ExtraAdder(),
                _who_says,
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
                _of_request,
                _failures(verbose),
                self.remove_processors_meta,
                _for_a_person() if readable(settings) else _for_a_program,
            ],
        )

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without secrets."""
        return hidden(super().format(record), self._secrets)


def _who_says(_logger: Any, _method: str, event: Event) -> Event:
    record = event["_record"]
    event["level"] = record.levelname.lower()
    event["logger"] = record.name
    event["process"] = record.process
    # Left on the record by another handler, if there is one.
    event.pop("message", None)
    return event


def _of_request(_logger: Any, _method: str, event: Event) -> Event:
    """Add which request it was, where it was one."""
    if has_request_context():
        request.environ[READER] = g.get("reader")
        for name, fact in facts(request.environ).items():
            event.setdefault(name, fact)
    return event


def _failures(verbose: bool) -> Callable[[Any, str, Event], Event]:
    def told(_logger: Any, _method: str, event: Event) -> Event:
        info = event.pop("exc_info", None)
        if info and info[1] is not None:
            event["exception"] = "".join(failure(info[1], verbose=verbose))
        return event

    return told


def failure(error: BaseException, *, verbose: bool = False) -> Iterator[str]:
    """Yield what a log says of an exception: where it was raised, its kind, and what led to it.

    ``verbose``: its words too, whatever they may quote.
    """
    seen: list[BaseException] = []
    led: BaseException | None = error
    while led is not None and led not in seen and len(seen) < CHAIN:
        seen.append(led)
        led = led.__cause__ or (None if led.__suppress_context__ else led.__context__)
    for one in reversed(seen):
        yield from traceback.format_tb(one.__traceback__, limit=-FRAMES)
        kind = type(one)
        yield f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
        yield f": {one}\n" if verbose or _is_safe(one) else "\n"
        if one is not error:
            yield "\nwhich led to\n\n"


def _now_handled() -> str:
    return type(sys.exc_info()[1]).__name__


def _is_safe(error: BaseException) -> bool:
    # gunicorn's quote what was sent; one of them (NoMoreData) is an OSError.
    if type(error).__module__.startswith("gunicorn."):
        return False
    # psycopg may be absent; its OperationalError tells of the server, never of a value.
    return isinstance(error, SAFE) or "OperationalError" in {
        kind.__name__ for kind in type(error).__mro__
    }


def _for_a_program(_logger: Any, _method: str, event: Event) -> str:
    first = {name: event.pop(name) for name in ("at", "level", "event")}
    document = first | dict(event)
    try:
        return orjson.dumps(document, default=str).decode()
    except TypeError:  # Half a character, a number beyond 64 bits, a key that is no text.
        return json.dumps(document, default=str, skipkeys=True)


def _for_a_person() -> Callable[[Any, str, Event], str]:
    draw = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), timestamp_key="at", pad_event_to=0
    )

    def line(logger: Any, method: str, event: Event) -> str:
        return str(draw(logger, method, event))

    return line


# --- secrets ---------------------------------------------------------------------------------


def _secrets(settings: Settings) -> re.Pattern[str] | None:
    """Return what finds the house's own secrets, however a line writes them down."""
    found = {settings.secret_key, _kept_key(settings), *_passwords(settings.database_url)}
    if settings.purge_url:
        found |= _passwords(settings.purge_url)
    long = [one for one in found if one and len(one) >= SHORTEST]
    written = {way for one in long for way in (one, orjson.dumps(one).decode()[1:-1])}
    ways = sorted(written, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ways))) if ways else None


def _kept_key(settings: Settings) -> str | None:
    """Return the key that lies beside a SQLite record, if it does by now."""
    if settings.on_sqlite:
        path = settings.database_path
        with contextlib.suppress(OSError, UnicodeDecodeError):
            return path.with_name(path.name + SECRET_SUFFIX).read_text("ascii").strip()
    return None


def _passwords(url: str) -> set[str]:
    """Return the passwords in an address, as it writes them and as they are."""
    parts = urlsplit(url)
    given = {parts.netloc.rpartition("@")[0].partition(":")[2]}
    given |= set(re.findall(r"password=([^&]+)", parts.query))
    return {way for one in given if one for way in (one, unquote(one))}


def hidden(line: str, secrets: re.Pattern[str] | None = None) -> str:
    """Return a line in which nothing is that has the form of a secret, or is the house's."""
    # Most lines have none of these marks, and looking for a mark costs a tenth of the rest.
    for mark, form in _FORMS:
        if mark in line:
            line = form.sub(HIDDEN, line)
    return line if secrets is None else secrets.sub(HIDDEN, line)
