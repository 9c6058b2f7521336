"""Why the desk, a reader or the house is told no.

A refusal is an answer, not a failure: nothing is stored and nothing is half done.
The doors map this tree once (HTTP in ``service/api/problems.py``, the command line in
``service/cli``); nothing below a door knows a status code.

::

    Refusal
    ├── Malformed             it cannot be read, or not in one way only
    ├── TooLarge              it is longer than is taken
    ├── Invalid               what was sent says something that cannot be
    ├── Forbidden             readable, but not this desk's to do
    ├── NotFound              unknown, or not readable: the same answer
    ├── Conflict              it contradicts what is already on the record
    ├── PreconditionRequired  it must name the version it is based on
    ├── PreconditionFailed    it is based on a version that is no longer the latest
    ├── Erased                it was there and was erased by law or for safety
    └── Unavailable           not now; the same request may go through later

Rules for editors: ``says`` is one plain sentence for a person; ``facts`` are for programs
and hold nothing that the asker may not read.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class Refusal(Exception):
    """Something was asked that is not done. ``says`` tells why, ``facts`` adds data."""

    def __init__(self, says: str, **facts: Any) -> None:
        super().__init__(says)
        self.says = says
        self.facts = facts


class Malformed(Refusal):
    """It cannot be read, or could be read in more than one way."""


class TooLarge(Refusal):
    """It is longer than is taken; it was not read."""


class Invalid(Refusal):
    """What was sent cannot be right.

    ``errors`` maps a field's path (``"actors.0.actor"``) to sentences, ``suggestions`` maps
    the same paths to the nearest values that would be accepted.
    """

    def __init__(
        self,
        errors: Mapping[str, Sequence[str]],
        suggestions: Mapping[str, Sequence[str]] | None = None,
        says: str | None = None,
        **facts: Any,
    ) -> None:
        self.errors = {field: list(messages) for field, messages in errors.items()}
        self.suggestions = {field: list(near) for field, near in (suggestions or {}).items()}
        super().__init__(says or _first_sentence(self.errors), **facts)


class Forbidden(Refusal):
    """The asker may read this but may not do that."""


class NotFound(Refusal):
    """Unknown, or not readable by the asker: nobody can tell which."""


class Conflict(Refusal):
    """It contradicts the record.

    ``code`` is one of ``story-closed``, ``withdrawn``, ``slug-taken``, ``external-id-taken``.
    """

    def __init__(self, code: str, says: str, **facts: Any) -> None:
        super().__init__(says, **facts)
        self.code = code


class PreconditionRequired(Refusal):
    """An act on a development must name the version it is based on."""


class PreconditionFailed(Refusal):
    """The version named is not the latest; facts carry ``etag``, ``version``, ``differs``."""


class Erased(Refusal):
    """It was erased; the fact and the class of reason stay."""


class Unavailable(Refusal):
    """Not now. ``retry_after`` is in whole seconds."""

    def __init__(self, says: str, *, retry_after: int = 1, **facts: Any) -> None:
        super().__init__(says, **facts)
        self.retry_after = retry_after


def _first_sentence(errors: Mapping[str, Sequence[str]]) -> str:
    for field, messages in errors.items():
        if messages:
            return f"{field}: {messages[0]}"
    return "What was sent cannot be right."
