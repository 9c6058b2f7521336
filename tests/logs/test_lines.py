"""What a line of the log says, and what it never does."""

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gunicorn.http import errors

from service import logs, tokens
from service.settings import Settings, secret_key
from tests.api.served import Caller

HERE = "/v1/stories/tripoli"
REPORT = {
    "headline": "A headline that nobody may see",
    "occurred": "2019-04-03",
    "sources": [{"publisher": "A source that nobody may see"}],
}

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def log() -> Iterator[Callable[..., Lines]]:
    """`log(settings)`: log as these settings say; then what was logged, as documents."""
    root, undo = logging.getLogger(), []

    def begin(settings: Settings) -> Lines:
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(logs.Lines(settings))
        before = root.level
        root.addHandler(handler)
        root.setLevel(settings.log_level.upper())
        undo.append((handler, before))
        return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]

    yield begin
    for handler, before in undo:
        root.removeHandler(handler)
        root.setLevel(before)


@pytest.fixture
def lines(log: Callable[..., Lines]) -> Lines:
    """What is logged as the settings are from the start."""
    return log(Settings())


def posted(desk: Caller, said: Any, path: str = "developments", **headers: str) -> Any:
    return desk.client.post(f"{HERE}/{path}", json=said, headers={**desk.headers, **headers})


# --- requests ------------------------------------------------------------------------------


def test_a_write_has_a_line_with_who_and_where(told: Caller, lines: Lines) -> None:
    desk = told.holding("reporter")
    answer = posted(desk, REPORT)

    (line,) = lines()
    (token,) = told.house.onrecord.all_tokens()
    seconds = line.pop("seconds")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line.pop("at"))
    assert 0 < seconds < 60
    assert line.pop("process") > 0
    assert line == {
        "level": "info",
        "event": "request",
        "logger": "service.api.watched",
        "request_id": answer.headers["X-Request-ID"],
        "method": "POST",
        "operation": "/v1/stories/{story}/developments",
        "by": token.id,
        "newsroom": "times",
        "position": answer.json["position"],
        "status": 201,
    }


def test_a_refusal_names_its_type(told: Caller, lines: Lines) -> None:
    posted(told.holding("reporter"), {**REPORT, "kind": "nothing"})
    posted(told, REPORT)

    refused, anonymous = lines()
    assert (refused["status"], refused["problem"]) == (422, "invalid")
    assert (anonymous["status"], anonymous["problem"]) == (401, "token")
    assert "by" not in anonymous
    assert "position" not in refused


def test_many_lines_are_one_line_once_all_are_answered(told: Caller, lines: Lines) -> None:
    desk = told.holding("reporter")
    many = "\n".join(json.dumps({**REPORT, "external_id": f"r{n}"}) for n in range(3))
    headers = {**desk.headers, "Content-Type": "application/x-ndjson"}
    answer = desk.client.post(f"{HERE}/developments", data=many, headers=headers)
    answers = [json.loads(line) for line in answer.get_data().splitlines()]
    answer.close()

    (line,) = lines()
    assert line["position"] == answers[-1]["position"]


@pytest.mark.parametrize(("setting", "expected"), [("none", 0), ("writes", 1), ("all", 4)])
def test_which_requests_have_a_line_is_a_setting(
    at_door: Callable[..., Caller], lines: Lines, setting: str, expected: int
) -> None:
    told = at_door(log_requests=setting)
    told.get(f"{HERE}/situation")
    told.get(f"{HERE}/situation")
    told.ask("/nowhere")
    posted(told.holding("reporter"), REPORT)
    assert len(lines()) == expected


# --- the request's id ----------------------------------------------------------------------


def test_every_answer_has_an_id_of_its_own(told: Caller) -> None:
    paths = (f"{HERE}/situation", f"{HERE}/situation", "/nowhere", "/", "/healthz")
    ids = [told.ask(path).headers["X-Request-ID"] for path in paths]
    assert len(set(ids)) == len(paths)


@pytest.mark.parametrize(
    ("proxies", "given", "taken"),
    [
        (1, "0af7651916cd43dd8448eb211c80319c", True),
        (1, "a.b_c-d-1", True),
        (1, "short", False),
        (1, "x" * 101, False),
        (1, "with a space", False),
        (1, "quote\"and{brace", False),
        (0, "0af7651916cd43dd8448eb211c80319c", False),
    ],
)  # fmt: skip
def test_a_proxys_id_is_taken_over_where_it_is_trusted_and_well_formed(
    at_door: Callable[..., Caller], proxies: int, given: str, taken: bool
) -> None:
    told = at_door(trusted_proxies=proxies)
    answered = told.ask("/healthz", X_Request_ID=given).headers["X-Request-ID"]
    assert (answered == given) is taken


# --- what went wrong -----------------------------------------------------------------------


def test_an_error_is_told_with_its_place_and_its_request_and_without_words(
    told: Caller, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any, **__: Any) -> None:
        raise ValueError(REPORT["headline"])

    monkeypatch.setattr("service.asof.situation.compose", breaks)
    answer = told.ask(f"{HERE}/situation")

    error, request = lines()
    assert answer.status_code == 500
    assert error["request_id"] == request["request_id"] == answer.headers["X-Request-ID"]
    assert (error["level"], request["level"]) == ("error", "warning")
    assert error["operation"] == "/v1/stories/{story}/situation"
    assert "in breaks" in error["exception"]
    assert error["exception"].endswith("ValueError\n")
    assert "headline that" not in str(lines())
    assert "tripoli" not in str(lines())


def test_a_line_of_many_that_fails_is_told_by_its_number_and_not_its_address(
    told: Caller, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any, **__: Any) -> None:
        raise ValueError(REPORT["headline"])

    desk = told.holding("reporter")
    monkeypatch.setattr("service.api.batch.decisions.report", lambda *_, **__: breaks)
    answer = desk.client.post(
        f"{HERE}/developments",
        data=json.dumps(REPORT),
        headers={**desk.headers, "Content-Type": "application/x-ndjson"},
    )
    assert json.loads(answer.get_data())["status"] == 500

    error = lines()[0]
    assert error["event"] == "line 1 failed"
    assert error["operation"] == "/v1/stories/{story}/developments"
    assert error["request_id"] == answer.headers["X-Request-ID"]
    assert not [said for said in ("tripoli", "headline that") if said in str(error)]


def test_words_that_quote_nobody_are_told(lines: Lines) -> None:
    for error in (OSError(28, "No space left on device"), TypeError("no operand"), KeyError("who")):
        logging.getLogger("here").error("it failed", exc_info=error)
    assert [line["exception"].strip() for line in lines()] == [
        "OSError: [Errno 28] No space left on device",
        "TypeError: no operand",
        "KeyError",
    ]


@pytest.mark.parametrize(
    "error",
    [errors.NoMoreData(b"a headline"), errors.InvalidHeader("Cookie: a headline")],
    ids=["cut short", "not a header"],
)
def test_what_gunicorn_quotes_of_a_request_is_not(lines: Lines, error: Exception) -> None:
    logging.getLogger("here").error("it failed", exc_info=error)
    assert lines()[0]["exception"].strip() == f"gunicorn.http.errors.{type(error).__name__}"


def test_what_led_to_an_error_is_told_too(lines: Lines) -> None:
    words = "a source"

    def fails() -> None:
        try:
            raise KeyError(words)
        except KeyError as first:
            raise RuntimeError("it is not there") from first

    try:
        fails()
    except RuntimeError:
        logging.getLogger("here").exception("it failed")
    (line,) = lines()
    assert re.search(r"KeyError\n\nwhich led to\n\n.*it is not there", line["exception"], re.DOTALL)
    assert "a source" not in line["exception"]


def test_who_looks_for_a_fault_is_told_the_words(log: Callable[..., Lines]) -> None:
    lines = log(Settings(log_level="debug"))
    logging.getLogger("here").error("it failed", exc_info=ValueError("all of it"))
    assert lines()[-1]["exception"] == "ValueError: all of it\n"


# --- secrets -------------------------------------------------------------------------------

PASSWORD = 'p4ss/w"örd%'
SECRETS = Settings(
    database_url="postgresql://desk:p4ss%2Fw%22%C3%B6rd%25@db.example/record?x=1",
    secret_key="0123456789abcdef0123456789abcdef",
    purge_url="https://cache:purge-me-please@cache.example/purge",
)


@pytest.mark.parametrize(
    "secret",
    [
        tokens.make(),
        PASSWORD,
        "p4ss%2Fw%22%C3%B6rd%25",
        "0123456789abcdef0123456789abcdef",
        "purge-me-please",
    ],
    ids=["token", "password", "password in the address", "key", "the hook's password"],
)
@pytest.mark.parametrize("where", ["in the event", "as an argument", "as a fact", "in an error"])
def test_a_secret_is_never_in_a_line(log: Callable[..., Lines], secret: str, where: str) -> None:
    lines = log(SECRETS)
    logger, error = logging.getLogger("here"), OSError(f"the address {secret} is wrong")
    if where == "in the event":
        logger.warning(f"{secret} came")
    elif where == "as an argument":
        logger.warning("%s came", secret)
    elif where == "as a fact":
        logger.warning("came", extra={"given": {"deep": [secret]}})
    else:
        logger.warning("came", exc_info=error)
    (line,) = lines()
    assert secret not in json.dumps(line, ensure_ascii=False)
    assert "[hidden]" in str(line)


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("connection to postgresql://user:a-password@host failed", "a-password"),
        ("host=db password=a-password dbname=x", "a-password"),
        ("Authorization: Bearer whatever-it-is", "whatever-it-is"),
        ("https://:only-a-password@host/", "only-a-password"),
    ],
)
def test_what_looks_like_a_secret_is_hidden_too(lines: Lines, said: str, secret: str) -> None:
    logging.getLogger("here").warning(said)
    assert secret not in str(lines())


def test_the_key_that_is_kept_beside_a_record_is_hidden(
    log: Callable[..., Lines], settings: Settings
) -> None:
    key = secret_key(settings)
    lines = log(settings)
    logging.getLogger("here").warning("signed with %s", key)
    assert lines()[0]["event"] == "signed with [hidden]"


def test_whatever_is_logged_is_a_line(lines: Lines) -> None:
    odd = {"half": "\ud800", "huge": 2**70, "pairs": {(1, 2): "three"}, "it": object()}
    logging.getLogger("here").warning("odd", extra={"given": odd})
    assert lines()[0]["event"] == "odd"


def test_a_line_without_a_secret_is_left_alone(lines: Lines) -> None:
    logging.getLogger("here").warning("Listening at: http://127.0.0.1:8000 (4711)")
    assert lines()[0]["event"] == "Listening at: http://127.0.0.1:8000 (4711)"


def test_nothing_of_a_request_comes_out(told: Caller, lines: Lines) -> None:
    desk = told.holding("editor")
    answer = posted(desk, {**REPORT, "external_id": "desk-4711"}, **{"Idempotency-Key": "key-1"})
    posted(desk, {**REPORT, "external_id": "desk-4711", "headline": "Another one"})
    id_ = answer.json["id"]
    changed = {"base_version": 1, "changes": {"headline": "B headline"}, "notice": "A notice"}
    posted(desk, {**changed, "reason": "source"}, f"developments/{id_}/corrections")
    desk.client.post(f"{HERE}/developments?q=search-words", json={}, headers=desk.headers)
    token = desk.headers["Authorization"].removeprefix("Bearer ")

    text = json.dumps(lines())
    assert len(lines()) == 4
    for secret in (token, "headline", "source that", "4711", "key-1", "A notice", "search-words"):
        assert secret not in text


# --- for a person --------------------------------------------------------------------------


def test_on_a_terminal_a_person_can_read_it() -> None:
    lines = logs.Lines(Settings(log_format="text"))
    record = logging.LogRecord("here", logging.WARNING, "", 1, "the %s is full", ("disk",), None)
    record.position = 76
    line = lines.format(record)
    assert "the disk is full" in line
    assert re.search(r"position.*76", line)
    assert not line.startswith("{")
