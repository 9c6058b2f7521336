"""Settings: every one documented, each wrong value named, the key kept for its owner only."""

import stat
import threading
from pathlib import Path

import pytest

from service import settings
from service.settings import Settings, SettingsError, from_environment, secret_key


def test_nothing_set_is_sqlite_on_loopback() -> None:
    found = from_environment({})

    assert found.database_url == "sqlite:///onrecord.db"
    assert (found.host, found.port) == ("127.0.0.1", 8000)
    assert found.database_path == Path("onrecord.db")


def test_what_is_set_is_read() -> None:
    found = from_environment(
        {
            "ONRECORD_DATABASE_URL": "sqlite:////data/onrecord.db",
            "ONRECORD_PORT": "9000",
            "ONRECORD_PUBLIC_URL": "https://record.example.org/",
            "ONRECORD_TIME_ZONE": "Europe/Rome",
            "ONRECORD_LOG_LEVEL": "DEBUG",
            "ONRECORD_HOUSE": "",
            "PATH": "/bin",
            "ONRECORD_TEST_POSTGRES_URL": "postgresql://x",
        }
    )

    assert found.database_path == Path("/data/onrecord.db")
    assert found.port == 9000
    assert found.public_url == "https://record.example.org"
    assert found.time_zone == "Europe/Rome"
    assert found.log_level == "debug"
    assert found.house == "Onrecord"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", "onrecord.db"),
        ("DATABASE_URL", "sqlite://"),
        ("SECRET_KEY", "short"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("PORT", "８０００"),
        ("PUBLIC_URL", "record.example.org"),
        ("PUBLIC_URL", "ftp://record.example.org"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "yes"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("TIME_ZONE", "../etc/passwd"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("LOG_REQUESTS", "some"),
        ("METRICS_BIND", "9108"),
        ("METRICS_BIND", ":9108"),
        ("METRICS_BIND", "127.0.0.1:http"),
        ("METRICS_BIND", "127.0.0.1:65536"),
        ("HOUSE", "two\nlines"),
        ("MAX_BODY_BYTES", "1"),
        ("IDEMPOTENCY_DAYS", "0"),
        ("PURGE_URL", "purge"),
        ("PURGE_URL", "http://cache:secret@/purge"),
        ("PURGE_URL", "http://ca%3Ache:secret@cache.example/purge"),
    ],
)
def test_a_value_that_cannot_be_right_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^ONRECORD_{name} must .*[.]$"):
        from_environment({f"ONRECORD_{name}": value})


def test_a_variable_that_no_setting_has_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match="Did you mean ONRECORD_PORT"):
        from_environment({"ONRECORD_PROT": "8000"})


def test_every_setting_says_what_it_means() -> None:
    for name, _, says in settings.table():
        assert name.startswith("ONRECORD_")
        assert says.endswith("."), name


def test_the_key_is_not_shown() -> None:
    assert "hunter" not in repr(Settings(secret_key="hunter" * 6))


def test_on_sqlite_a_key_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    found = Settings(database_url=f"sqlite:///{tmp_path}/onrecord.db")

    key = secret_key(found)

    kept = tmp_path / "onrecord.db-secret"
    assert len(key) == 64
    assert secret_key(found) == key
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [kept.name]


def test_who_starts_at_the_same_time_gets_the_same_key(tmp_path: Path) -> None:
    found = Settings(database_url=f"sqlite:///{tmp_path}/onrecord.db")
    keys: list[str] = []
    start = threading.Barrier(8)

    def starts() -> None:
        start.wait()
        keys.append(secret_key(found))

    threads = [threading.Thread(target=starts) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_a_key_that_is_set_is_used() -> None:
    assert secret_key(Settings(secret_key="k" * 32)) == "k" * 32


def test_on_postgresql_the_key_must_be_set() -> None:
    with pytest.raises(SettingsError, match="ONRECORD_SECRET_KEY is required"):
        secret_key(Settings(database_url="postgresql://localhost/onrecord"))


def test_a_damaged_key_is_said_not_used(tmp_path: Path) -> None:
    (tmp_path / "onrecord.db-secret").write_text("short\n")

    with pytest.raises(SettingsError, match="damaged"):
        secret_key(Settings(database_url=f"sqlite:///{tmp_path}/onrecord.db"))


def test_a_key_under_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(SettingsError, match="cannot be kept"):
        secret_key(Settings(database_url=f"sqlite:///{tmp_path}/file/onrecord.db"))
