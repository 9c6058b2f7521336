"""Strict JSON: one meaning or none.

RFC 8259 leaves open what a reader does with a key given twice, with huge numbers and with half
characters; a record that others verify cannot leave it open. So each is refused here, before
anything is made of it, and so is everything that costs more to read than to send.

Rules for editors: every refusal's sentence says where reading stopped and never repeats what was
sent.
"""

import json
import math
import re
from typing import Any, NoReturn

from schemas.bounds import INTEGER
from service.domain.refusals import Malformed

DEPTH = 32
"""Lists and objects inside one another: a development has six."""

NUMBER_CHARACTERS = 40
"""Characters of one number as sent; more digits than any double can hold."""

_MAYBE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def parse(body: bytes) -> Any:
    """Return the one value that ``body`` says, or raise ``Malformed``."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed(f"Byte {error.start + 1} of the body is not UTF-8.") from None
    if not text or text.isspace():
        raise _malformed("The body is empty.")
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _malformed(f"{error.msg} at line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise _too_deep() from None
    if body.count(b"{") + body.count(b"[") > DEPTH:
        _refuse_depth(value)
    if _MAYBE_SURROGATE.search(body):
        _refuse_lone_surrogates(value)
    return value


def _malformed(detail: str) -> Malformed:
    return Malformed(detail)


def _too_deep() -> Malformed:
    return _malformed(f"Lists and objects are nested deeper than {DEPTH}.")


def _refuse_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    if any(type(innermost) in (dict, list) for innermost in level):
        raise _too_deep()


def _inside(value: Any) -> Any:
    if type(value) is dict:
        return value.values()
    return value if type(value) is list else ()


def _refuse_lone_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise _malformed("A \\u escape is half of a surrogate pair.") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise _malformed("A key is given twice in one object.")
    return value


def _integer(digits: str) -> int:
    if len(digits) <= NUMBER_CHARACTERS and -INTEGER <= (number := int(digits)) <= INTEGER:
        return number
    raise _malformed("An integer is beyond 2^53 - 1, which not every program reads alike.")


def _float(digits: str) -> float:
    if len(digits) <= NUMBER_CHARACTERS and math.isfinite(number := float(digits)):
        return number
    raise _malformed("A number is too large or too long to be read alike everywhere.")


def _constant(name: str) -> NoReturn:
    raise _malformed(f"{name} is not JSON.")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_float,
    parse_constant=_constant,
)
