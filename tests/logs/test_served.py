"""The log of a really served house: every line is one, gunicorn's too, and no secret is in it."""

from pathlib import Path

from service.settings import Settings
from tests.running import KEY, opened, running


def test_every_line_on_stderr_is_a_document(settings: Settings, directory: Path) -> None:
    token = opened(settings)
    with running(
        settings, directory, workers=1, ONRECORD_PUBLIC_URL="https://x.example"
    ) as serving:
        serving.token = token
        assert serving.reports("order") == 201
        _, headers, _ = serving.asks("POST", f"/v1/stories/tripoli/developments?token={token}", {})

    lines = serving.lines()
    events = [line["event"] for line in lines]
    assert f"Onrecord serves {settings.database_path} on" in "\n".join(events)
    assert any(event.startswith("Booting worker") for event in events)
    assert any(event.startswith("Shutting down") for event in events)
    written, refused = (line for line in lines if line["event"] == "request")
    assert (written["status"], written["position"], written["newsroom"]) == (201, 2, "times")
    assert (refused["status"], refused["request_id"]) == (422, headers["X-Request-ID"])
    log = serving.log.read_text(encoding="utf-8")
    assert not [secret for secret in (token, KEY, "Headline of") if secret in log]


def test_what_is_not_asked_for_is_not_logged(settings: Settings, directory: Path) -> None:
    token = opened(settings)
    with running(settings, directory, workers=1, ONRECORD_LOG_LEVEL="warning") as serving:
        serving.token = token
        assert serving.reports("order") == 201
    assert serving.log.read_text(encoding="utf-8") == ""


def test_a_person_is_told_in_text(settings: Settings, directory: Path) -> None:
    token = opened(settings)
    with running(settings, directory, workers=1, ONRECORD_LOG_FORMAT="text") as serving:
        serving.token = token
        assert serving.reports("order") == 201
    log = serving.log.read_text(encoding="utf-8")
    assert f"Onrecord serves {settings.database_path} on" in log
    assert "operation=/v1/stories/{story}/developments" in log
    assert '{"' not in log
