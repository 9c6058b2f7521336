"""Settings: everything an operator can turn, in one table.

Each setting is an environment variable ``ONRECORD_…`` in capitals; its field below says what it
means and what it is when it is left out. A value that cannot be right, and a variable that no
setting has, end the start with one sentence that says so.

Rules for editors: a setting is a field of ``Settings``, and nothing else reads the environment. The
docs list them all, and a test compares. No setting without a reason to turn it.
"""

import contextlib
import difflib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

PREFIX = "ONRECORD_"
TESTING = "ONRECORD_TEST_"
"""Variables of the project's own tests; the service does not read them."""

SECRET_SUFFIX = "-secret"
"""The key lies beside the database under its name and this."""

SECRET_BYTES = 32
SECRET_CHARACTERS = 32
"""A key given by hand must have this many characters at least."""

LOG_LEVELS = ("debug", "info", "warning", "error", "critical")


class SettingsError(Exception):
    """A setting cannot be right; the message names it and says how to mend it."""


def _setting(default: Any, says: str, read: Callable[[str], Any] = str) -> Any:
    return field(default=default, metadata={"says": says, "read": read})


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return read


def _database(text: str) -> str:
    if text.startswith("sqlite:///") and len(text) > len("sqlite:///"):
        return text
    if text.startswith(("postgresql://", "postgres://")):
        return text
    raise ValueError("must be sqlite:///file.db or postgresql://…")


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("must be an http or https address, as in https://record.example.org")
    return text.rstrip("/")


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http or https address")
    if ":" in unquote(parts.username or ""):
        raise ValueError("must have a user without a colon (RFC 7617)")
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError("must be a time zone of the IANA database, as in Europe/Rome") from None
    return text


def _level(text: str) -> str:
    if text.lower() not in LOG_LEVELS:
        raise ValueError(f"must be one of {', '.join(LOG_LEVELS)}")
    return text.lower()


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return text

    return read


def _bind(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 2**16:
        raise ValueError("must be an address and a port, as in 127.0.0.1:9108 or [::1]:9108")
    return text


def _key(text: str) -> str:
    if len(text) < SECRET_CHARACTERS:
        raise ValueError(f"must have at least {SECRET_CHARACTERS} characters")
    return text


def _name(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text) > 200:
        raise ValueError("must be one line of 1 to 200 characters")
    return text


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What the service runs with. Sizes are in bytes, times in the unit that the name says."""

    database_url: str = _setting(
        "sqlite:///onrecord.db",
        "Where the record lies: sqlite:///file.db (four slashes for an absolute path), or "
        "postgresql://… with as many hosts as libpq takes.",
        _database,
    )
    secret_key: str | None = field(
        default=None,
        repr=False,
        metadata={
            "says": "Signs cursors, 32 characters or more. On SQLite made and kept beside the "
            "database; on PostgreSQL required, and the same on every host.",
            "read": _key,
        },
    )
    host: str = _setting("127.0.0.1", "The address that onrecord serve listens on.", _name)
    port: int = _setting(8000, "The port that onrecord serve listens on.", _whole(1, 65535))
    public_url: str | None = _setting(
        None,
        "The address that readers use, for links in what is served; none: the request's own.",
        _origin,
    )
    trusted_proxies: int = _setting(
        0,
        "How many proxies in front may say who the client is (X-Forwarded-For, -Proto).",
        _whole(0, 10),
    )
    house: str = _setting("Onrecord", "The name of the house, on pages and in feeds.", _name)
    time_zone: str = _setting(
        "UTC", "The house's time zone: a story's that names none, and house-wide dates.", _zone
    )
    log_level: str = _setting("info", "What is logged: " + ", ".join(LOG_LEVELS) + ".", _level)
    log_format: str = _setting(
        "auto",
        "How it is logged: json (a line each), text, or auto: text on a terminal, else json.",
        _one_of("auto", "json", "text"),
    )
    log_requests: str = _setting(
        "writes",
        "Requests that have a line in the log: writes (and what failed), all, none.",
        _one_of("writes", "all", "none"),
    )
    metrics_bind: str | None = _setting(
        None,
        "Where metrics are served, as in 127.0.0.1:9108, at /metrics; none: they are not.",
        _bind,
    )
    max_body_bytes: int = _setting(
        1024 * 1024, "The largest JSON body, and the longest line of NDJSON.", _whole(1024, 2**26)
    )
    max_import_bytes: int = _setting(
        2**34, "The largest NDJSON body; lines are read one by one.", _whole(1024, 2**40)
    )
    queue_length: int = _setting(
        4096, "Writes that may wait in one process; beyond it 503.", _whole(512, 1_000_000)
    )
    idempotency_days: int = _setting(
        7, "How long an Idempotency-Key keeps its answer.", _whole(1, 365)
    )
    purge_url: str | None = _setting(
        None,
        "Called (POST, Surrogate-Key) after a redaction or a change of visibility, at least once, "
        "in order; its user and password, percent-encoded, are sent as Basic; none: nobody.",
        _address,
    )

    @property
    def on_sqlite(self) -> bool:
        """Whether the record lies in a SQLite file."""
        return self.database_url.startswith("sqlite:")

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return Path(self.database_url.removeprefix("sqlite:///"))


def variable(setting: Field[Any]) -> str:
    """Return the name of a setting's environment variable."""
    return PREFIX + setting.name.upper()


def table() -> list[tuple[str, Any, str]]:
    """Return every setting for the docs: variable, default, what it means."""
    return [(variable(one), one.default, one.metadata["says"]) for one in fields(Settings)]


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises ``SettingsError`` naming the variable that cannot be right."""
    given = os.environ if environment is None else environment
    known = {variable(setting): setting for setting in fields(Settings)}
    values: dict[str, Any] = {}
    for name, text in given.items():
        if not name.startswith(PREFIX) or name.startswith(TESTING):
            continue
        if name not in known:
            raise SettingsError(_unknown(name, known))
        if text == "":
            continue  # Set to nothing is not set: how shells and compose files unset.
        try:
            values[known[name].name] = known[name].metadata["read"](text)
        except ValueError as error:
            raise SettingsError(f"{name} {error}.") from None
    return Settings(**values)


def _unknown(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"{name} is no setting." + (f" Did you mean {near[0]}?" if near else "")


def secret_key(settings: Settings) -> str:
    """Return the key that cursors are signed with; on SQLite make and keep it if need be.

    The file is readable by its owner only. Several processes starting at once get one key.
    Raises ``SettingsError`` when there is none and none can be kept.
    """
    if settings.secret_key is not None:
        return settings.secret_key
    if not settings.on_sqlite:
        raise SettingsError(
            "ONRECORD_SECRET_KEY is required on PostgreSQL: 32 characters or more, the same on "
            "every host. Make one with: openssl rand -hex 32"
        )
    path = settings.database_path
    return _kept_key(path.with_name(path.name + SECRET_SUFFIX))


def _kept_key(path: Path) -> str:
    try:
        if not path.exists():
            _make_key(path)
        key = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The secret key {path} cannot be kept or read: {error}.") from None
    if len(key) < SECRET_CHARACTERS:
        raise SettingsError(
            f"The secret key {path} is damaged: remove the file, and a new key is made."
        )
    return key


def _make_key(path: Path) -> None:
    """Write a new key whole, then give it its name: who comes second keeps the first's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(SECRET_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
