"""Bodies that have one meaning are read; all others are refused, cheaply."""

import contextlib
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.refusals import Malformed
from service.strictjson import parse

PATH = "/v1/things/a/developments"
JSON = {"Content-Type": "application/json"}

MALFORMED = {
    "nothing": b"",
    "blank": b" \n\t ",
    "half": b'{"headline": ',
    "two values": b"{} {}",
    "a word": b"hello",
    "single quotes": b"{'a': 1}",
    "trailing comma": b'{"a": 1,}',
    "comment": b'{"a": 1} // x',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "minus Infinity": b'{"a": [-Infinity]}',
    "a number too large": b'{"a": 1e400}',
    "an integer beyond 2^53": b'{"a": 9007199254740992}',
    "a negative one": b'{"a": -9007199254740992}',
    "an endless integer": b'{"a": ' + b"9" * 100_000 + b"}",
    "an endless fraction": b'{"a": 0.' + b"9" * 100_000 + b"}",
    "a key twice": b'{"a": 1, "a": 1}',
    "a key twice, deep": b'{"a": [{"b": 1, "b": 2}]}',
    "a key twice, escaped": b'{"a": 1, "\\u0061": 2}',
    "half a character": b'{"a": "\\ud83d"}',
    "half a character as key": b'{"\\udc00": 1}',
    "halves in the wrong order": b'{"a": "\\ude00\\ud83d"}',
    "not UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a surrogate in UTF-8": b'{"a": "\xed\xa0\xbd"}',
    "overlong UTF-8": b'{"a": "\xc0\x80"}',
    "a raw control": b'{"a": "\x01"}',
    "33 lists": b"[" * 33 + b"]" * 33,
    "33 objects": b'{"a":' * 33 + b"1" + b"}" * 33,
    "a hundred thousand lists": b"[" * 100_000 + b"]" * 100_000,
    "lists that never end": b"[" * 500_000,
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_cannot_be_read_one_way_is_refused(editor: Any, body: bytes) -> None:
    began = time.process_time()

    answer = editor("POST", PATH, data=body, headers=JSON)

    assert answer.status_code == 400
    assert answer.json["type"] == "/problems/malformed"
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 32 + b"]" * 32,
        b"[" * 32 + b"1" + b"]" * 32,
        b'{"a": 9007199254740991, "b": -9007199254740991, "c": 1.5e300}',
        b'{"a": "\\ud83d\\ude00 \\u00e9"}',
        '{"a": "😀 é غريان"}'.encode(),
        b"[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]",
        b" \n null ",
    ],
)
def test_what_can_is_read(body: bytes) -> None:
    assert parse(body) == json.loads(body)


def test_the_detail_says_where_reading_stopped_and_repeats_nothing(editor: Any) -> None:
    answer = editor("POST", PATH, data=b'{"secret": tru}', headers=JSON)

    assert "line 1, column 12" in answer.json["detail"]
    assert "secret" not in answer.text


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(Malformed):
        parse(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=10,
    )
)
def test_what_a_client_dumps_is_read_back(value: Any) -> None:
    assert parse(json.dumps(value).encode()) == value


@pytest.mark.parametrize("extra", [{}, {"wsgi.input_terminated": True}])
def test_two_mebibytes_are_too_large(editor: Any, extra: Any) -> None:
    body = b'{"headline": "' + b"x" * (2 * 1024 * 1024) + b'"}'

    answer = editor("POST", PATH, data=body, headers=JSON, environ_overrides=extra)

    assert answer.status_code == 413
    assert answer.json["type"] == "/problems/too-large"


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "text/json",
        "application/xml",
        "application/vnd.api+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
    ],
)
def test_another_type_is_not_read(editor: Any, content_type: str) -> None:
    answer = editor("POST", PATH, data=b"{}", headers={"Content-Type": content_type})

    assert answer.status_code == 415
    assert answer.json["type"] == "/problems/unsupported-media-type"


def test_utf_8_may_be_said(editor: Any) -> None:
    answer = editor(
        "POST", PATH, data=b"{}", headers={"Content-Type": "application/json; charset=UTF-8"}
    )

    assert answer.status_code == 422


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "identity, gzip", "x"])
def test_a_compressed_body_is_refused_unread(editor: Any, encoding: str) -> None:
    answer = editor("POST", PATH, data=b"\x1f\x8b", headers={**JSON, "Content-Encoding": encoding})

    assert answer.status_code == 415


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"3", b"null"])
def test_a_body_that_is_no_object_says_nothing(editor: Any, body: bytes) -> None:
    answer = editor("POST", PATH, data=body, headers=JSON)

    assert answer.status_code == 422
    assert answer.json["errors"] == {"_": ["Must be an object."]}


@pytest.mark.parametrize(("body", "status"), [(b"", 200), (b"{}", 200), (b'{"a": 1}', 422)])
def test_where_no_body_is_taken_none_is_overlooked(editor: Any, body: bytes, status: int) -> None:
    assert editor("PUT", "/v1/things/a/pins", data=body, headers=JSON).status_code == status
