"""Fresh ids. They are handed in to the domain, which makes none itself."""

import secrets
from uuid import NAMESPACE_URL, UUID, uuid5


def development(at: int) -> UUID:
    """Return a new development's id: a UUID version 7 (RFC 9562, 5.7) of an instant in µs.

    Ids that rise with time keep the store's index writing at one end.
    """
    milliseconds = (at // 1000) & (2**48 - 1)
    noise = secrets.randbits(74)
    value = milliseconds << 80 | 0x7 << 76 | (noise >> 62) << 64 | 0b10 << 62 | noise & (2**62 - 1)
    return UUID(int=value)


def story(slug: str) -> UUID:
    """Return the id of a story's own stream: slugs are never given twice."""
    return uuid5(NAMESPACE_URL, f"onrecord:{slug}")
