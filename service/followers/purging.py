"""The purge hook: told when what may be read of a story has changed behind the caches' back.

Text that was hidden and a story that went back behind the newsroom's door must not live on in a
cache that was told to keep it. The hook is an address of the operator's (``purge_url``): it gets
a POST with the story's ``Surrogate-Key``, which is what most caches and their services take. A
user and a password in the address are said as HTTP has them (Basic), percent-decoded.

It is called at least once for each such act, in record order, however the process ends. A hook
that is gone is tried for a while, logged and passed: caches keep nothing for longer than a day,
and what comes after must not wait for ever.
"""

import logging
import threading
from base64 import b64encode
from collections.abc import Callable, Sequence
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import unquote_to_bytes, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from service.domain import acts
from service.domain.acts import Act
from service.followers.loop import Stopped
from service.readmodel import cast, stories
from service.readmodel.stories import Viewer
from service.recorder import host_clock
from service.store.sql import Sql

SHARED_MAX_AGE_SECONDS = 86_400
"""How long a shared cache keeps a pinned reading: a purge reaches it."""

TIMEOUT_SECONDS = 5
"""How long the hook may take to answer."""

PAUSES_SECONDS = (1, 10, 60)
"""How long a hook that fails is left alone before it is called again."""

_log = logging.getLogger(__name__)


def surrogate_key(story: str) -> str:
    """Return the key under which everything read from a story is purged."""
    return f"story-{story}"


class Purge:
    """Calls the hook for every act that hides text or changes who may read a story."""

    name = "purge"
    acts: Sequence[type[Act]] = (acts.DevelopmentWithdrawn, acts.StoryAmended)

    def __init__(self, url: str, clock: Callable[[], int] = host_clock) -> None:
        self._url = url
        self._clock = clock

    def take(self, sql: Sql, batch: Sequence[Act], stopping: threading.Event) -> None:
        """Call the hook once for each story that must be forgotten, in the order of its act."""
        # What was stored longer ago than caches keep anything is forgotten by itself: a house that
        # has just named a hook is not told of its whole past.
        since = self._clock() - SHARED_MAX_AGE_SECONDS * 1_000_000
        hidden = [act.story for act in batch if act.stamp.stored_at >= since and _hides(sql, act)]
        for story in dict.fromkeys(hidden):
            self._call(surrogate_key(story), stopping)

    def _call(self, key: str, stopping: threading.Event) -> None:
        """Call the hook until it answers well, or until the last pause is over."""
        for pause in (*PAUSES_SECONDS, None):
            failed = _failure(self._url, key)
            if failed is None:
                return
            if stopping.wait(pause or 0):
                raise Stopped
        _log.error("the purge hook could not be told of %s: %s", key, failed)


def _failure(url: str, key: str) -> str | None:
    """Call the hook; return why it failed, or None."""
    address, allowed = _apart(url)
    request = Request(address, data=b"", headers={"Surrogate-Key": key}, method="POST")
    if allowed is not None:
        # Of this address alone: where it sends us on may be another's.
        request.add_unredirected_header("Authorization", allowed)
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS):
            return None
    except HTTPError as error:
        error.close()
        return f"it answered {error.code}"
    except (OSError, HTTPException) as error:
        return str(error)


def _apart(url: str) -> tuple[str, str | None]:
    """Return an address without user and password, and the header that says them (RFC 7617)."""
    parts = urlsplit(url)
    user, has_user, host = parts.netloc.rpartition("@")
    if not has_user:
        return url, None
    name, _, password = user.partition(":")
    said = unquote_to_bytes(name) + b":" + unquote_to_bytes(password)
    return urlunsplit(parts._replace(netloc=host)), f"Basic {b64encode(said).decode()}"


def _hides(sql: Sql, act: Act) -> bool:
    """Tell whether an act changed what may be read of the story's past."""
    match act:
        case acts.DevelopmentWithdrawn():
            return bool(act.hide_text)
        case acts.StoryAmended():
            at = act.stamp.position
            return _visibility(sql, act.story, at) != _visibility(sql, act.story, at - 1)
        case _:
            return False


def _visibility(sql: Sql, story: str, position: int) -> str:
    row = stories.find(sql, story, Viewer(everything=True))
    assert row is not None, "an act of a story has its story"
    document = cast.at_one(sql, row.number, "story", story, position)
    return str(document.get("visibility", "public"))
