"""What caches and other pages of the web may do with an answer."""

from typing import Any

import pytest
from flask import Request, Response
from werkzeug.test import EnvironBuilder

from service.api import caching, idempotency
from service.api.problems import Problem
from tests.api.test_conditional import asked

PATH = "/v1/things/a/developments"


class TestCaching:
    def test_a_pinned_reading_may_be_kept_under_its_storys_key(self) -> None:
        answer = caching.caching(Response(), anonymous=True, pinned=True, story="tripoli-2019")

        assert answer.headers["Cache-Control"] == "public, max-age=300, s-maxage=86400"
        assert answer.headers["Surrogate-Key"] == "story-tripoli-2019"

    def test_the_present_and_hindsight_are_asked_for_again(self) -> None:
        answer = caching.caching(Response(), anonymous=True, pinned=False, story="a")

        assert answer.headers["Cache-Control"] == "no-cache"

    @pytest.mark.parametrize("pinned", [True, False])
    def test_what_a_token_reads_is_nobody_elses(self, pinned: bool) -> None:
        answer = caching.caching(Response(), anonymous=False, pinned=pinned, story="a")

        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "Surrogate-Key" not in answer.headers

    def test_an_answer_that_says_nothing_is_not_kept(self, reader: Any, editor: Any) -> None:
        assert reader("GET", PATH).headers["Cache-Control"] == "no-store"
        assert editor("GET", PATH).headers["Cache-Control"] == "private, no-store"

    def test_a_cache_tells_tokens_from_strangers(self, reader: Any) -> None:
        for path in (PATH, "/nothing", "/openapi.json"):
            answer = reader("GET", path)
            assert answer.headers["Vary"] == "Authorization"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


class TestCors:
    def test_any_page_may_read_what_anyone_may(self, reader: Any) -> None:
        answer = reader("GET", PATH, headers={"Origin": "https://example.org"})

        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        exposed = answer.headers["Access-Control-Expose-Headers"]
        assert exposed == "ETag, Link, Content-Location, Retry-After"

    def test_problems_can_be_read_as_well(self, reader: Any) -> None:
        assert "Access-Control-Allow-Origin" in reader("GET", "/nothing").headers

    def test_a_page_reads_nothing_with_a_token_and_writes_nothing(self, editor: Any) -> None:
        for method, path in (("GET", PATH), ("POST", PATH), ("PUT", "/v1/things/a/pins")):
            assert "Access-Control-Allow-Origin" not in editor(method, path).headers

    def test_a_preflight_allows_conditional_reading_only(self, reader: Any) -> None:
        answer = reader("OPTIONS", PATH)

        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
        assert answer.headers["Access-Control-Allow-Headers"] == "If-None-Match"


class TestIdempotencyKey:
    def test_a_request_without_one_is_not_repeatable(self) -> None:
        assert idempotency.repeatable(asked()) is None

    def test_bare_and_quoted_are_one_key(self) -> None:
        bare = idempotency.repeatable(asked(Idempotency_Key="k-1"))
        quoted = idempotency.repeatable(asked(Idempotency_Key='"k-1"'))

        assert bare == quoted

    @pytest.mark.parametrize("key", ["", " ", "x" * 256, "tab\there", "ünique"])
    def test_a_key_is_printable_and_not_long(self, key: str) -> None:
        with pytest.raises(Problem) as refused:
            idempotency.repeatable(asked(Idempotency_Key=key))

        assert refused.value.status == 400

    def test_another_body_or_address_is_another_request(self) -> None:
        def sent(path: str, body: bytes, method: str = "POST") -> str:
            builder = EnvironBuilder(
                path=path, method=method, data=body, headers={"Idempotency-Key": "k"}
            )
            found = idempotency.repeatable(Request(builder.get_environ()))
            assert found is not None
            return found.fingerprint

        same = sent("/a", b"{}")
        assert same == sent("/a", b"{}")
        assert len({same, sent("/a", b"{ }"), sent("/b", b"{}"), sent("/a", b"{}", "PUT")}) == 4
