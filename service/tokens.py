"""Tokens: how they are made, recognised and compared. Pure, but for the randomness.

A token is ``onr_``, 43 characters that carry 256 random bits, and 6 characters of checksum. The
prefix and the checksum let a secret scanner know a leaked token without asking the house, and
let the house refuse a mistyped one without looking it up. At rest there is only its SHA-256: a
256-bit secret needs no slow hash (it cannot be guessed), so a dump of the database opens nothing.

Rules for editors: a token is never logged, never in a message, never in a traceback's text.
"""

import hashlib
import hmac
import re
import secrets
import zlib
from dataclasses import dataclass, field

PREFIX = "onr_"
SECRET_CHARACTERS = 43
"""Base 62 needs 43 characters for 256 bits."""

CHECK_CHARACTERS = 6
"""Base 62 needs 6 characters for the 32 bits of CRC-32."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FORM = re.compile(f"{PREFIX}[0-9A-Za-z]{{{SECRET_CHARACTERS + CHECK_CHARACTERS}}}")


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenRow:
    """What the house record keeps of a token. Times are microseconds since 1970 UTC.

    ``id`` is the pseudonym that acts carry; ``name`` is what the operator called it. ``house``
    is set for an auditor of the whole house. ``story`` binds the token to one story.
    """

    id: str
    newsroom: str
    role: str
    name: str = ""
    sha256: str = field(default="", repr=False)
    created_at: int = 0
    house: bool = False
    story: str | None = None
    expires_at: int | None = None
    revoked_at: int | None = None

    def works(self, now: int) -> bool:
        """Tell whether the token opens anything at ``now``."""
        if self.revoked_at is not None and self.revoked_at <= now:
            return False
        return self.expires_at is None or now < self.expires_at


def make() -> str:
    """Return a new token: shown once, never stored."""
    secret = _base62(int.from_bytes(secrets.token_bytes(32)), SECRET_CHARACTERS)
    return PREFIX + secret + _check(secret)


def well_formed(token: str) -> bool:
    """Tell whether ``token`` has the form and the checksum of a token of any house."""
    if not FORM.fullmatch(token):
        return False
    body = token[len(PREFIX) :]
    secret, check = body[:SECRET_CHARACTERS], body[SECRET_CHARACTERS:]
    return hmac.compare_digest(check, _check(secret))


def digest(token: str) -> str:
    """Return the SHA-256 of ``token`` in hex: all that is kept of it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def same(digest_sent: str, digest_kept: str) -> bool:
    """Compare two digests in constant time."""
    return hmac.compare_digest(digest_sent, digest_kept)


def _check(secret: str) -> str:
    return _base62(zlib.crc32(secret.encode()), CHECK_CHARACTERS)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
