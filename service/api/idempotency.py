"""Idempotency-Key: the header, and what a repeated request is compared by.

The key and the receipt are written with the act, by newsroom, and kept seven days; that is the
decision's part (``service/decisions/once.py``). Here is what a request says.
"""

import hashlib
import re

from flask import Request

from schemas.bounds import IDEMPOTENCY_KEY
from service.api.problems import Problem
from service.decisions import Repeatable

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"

_KEY = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")


def repeatable(request: Request) -> Repeatable | None:
    """Return the key that the request carries, or None. Raises Problem ``bad-request``."""
    sent = request.headers.get(HEADER)
    if sent is None:
        return None
    # The IETF draft has the key as a quoted string, most clients send it bare: both are one key.
    quoted = len(sent) > 2 and sent.startswith('"') and sent.endswith('"')
    query = request.query_string.decode("latin-1")
    asks = f"{request.method}\n{request.path}\n{query}\n".encode("utf-8", "surrogateescape")
    return keyed(sent[1:-1] if quoted else sent, asks + request.get_data(cache=True))


def keyed(key: str, asks: bytes) -> Repeatable:
    """Return what repeats under ``key`` as long as it asks the same. Raises ``bad-request``."""
    if len(key) > IDEMPOTENCY_KEY or not _KEY.fullmatch(key):
        raise Problem(
            "bad-request",
            f"{HEADER} must have 1 to {IDEMPOTENCY_KEY} printable ASCII characters.",
        )
    return Repeatable(key=key, fingerprint=hashlib.sha256(asks).hexdigest())
