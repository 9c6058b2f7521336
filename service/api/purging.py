"""The purge hook: told when what may be read of a story has changed behind the caches' back.

Text that was hidden and a story that went back behind the newsroom's door must not live on in a
cache that was told to keep it. The hook is an address of the operator's (``purge_url``): it gets
a POST with the story's ``Surrogate-Key``, which is what most caches and their services take.

Rules for editors: the act is durable before the hook is called, and never waits for it.
"""

import logging
import threading
import time
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from service.api.caching import surrogate_key
from service.api.house import house

TIMEOUT_SECONDS = 5
"""How long the hook may take to answer."""

PAUSES_SECONDS = (1, 10, 60)
"""How long a hook that fails is left alone before it is called again."""

_log = logging.getLogger(__name__)


def purge(story: str) -> None:
    """Call the hook, if there is one, in a thread of its own."""
    url = house().settings.purge_url
    if url is not None:
        threading.Thread(target=_call, args=(url, surrogate_key(story)), daemon=True).start()


def tell(url: str | None, story: str) -> None:
    """Call the hook, if there is one, and wait: for a program that ends when it is done."""
    if url is not None:
        _call(url, surrogate_key(story))


def _call(url: str, key: str) -> None:
    """Call the hook until it answers well, or until the last pause is over."""
    for pause in (*PAUSES_SECONDS, None):
        try:
            with urlopen(
                Request(url, data=b"", headers={"Surrogate-Key": key}, method="POST"),
                timeout=TIMEOUT_SECONDS,
            ):
                return
        except HTTPError as error:
            failed = f"it answered {error.code}"
            error.close()
        except (OSError, HTTPException) as error:
            failed = str(error)
        if pause is not None:
            time.sleep(pause)
    _log.error("the purge hook could not be told of %s: %s", key, failed)
