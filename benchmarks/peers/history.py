"""django-simple-history: rows of developments and of slots, with a historical row a change.

State as of a moment: ``history.as_of(moment)`` of the slots. A step's record time is its number
in seconds, so that no two are the same.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import django
import orjson
from django.conf import settings
from django.db import connection, transaction

from benchmarks.peers.story import State, Step
from benchmarks.stores import POSTGRESQL, Place

BEGINS = datetime(2019, 4, 1, tzinfo=UTC)


class SimpleHistory:
    """The extension on the same store; SQLite as durable as ours."""

    name = "django-simple-history"

    def __init__(self, place: Place) -> None:
        self._models = _models(place)
        with connection.schema_editor() as editor:
            for model in self._models:
                editor.create_model(model)
                editor.create_model(model.history.model)

    def appender(self) -> "_Appender":
        """Return what a thread appends with: its own connection, which Django keeps."""
        return _Appender(self._models[0])

    def take(self, step: Step) -> None:
        """Store a step, one transaction."""
        report, slots = self._models
        at = _at(step)
        with transaction.atomic():
            row = report(
                id=step.development, status=step.status, verification=step.verification,
                content=orjson.dumps(step.content).decode(),
            )  # fmt: skip
            row._history_date = at
            row.save(force_insert=step.version == 1)
            for name, answer in step.moves.items():
                slot = slots(name=name, answer=orjson.dumps(answer).decode())
                slot._history_date = at
                if answer is None:
                    slot.delete()
                else:
                    slot.save()

    def state(self, step: Step) -> State:
        """Return the state right after a step."""
        rows = self._models[1].history.as_of(_at(step))
        return {row.name: orjson.loads(row.answer) for row in rows}

    def close(self) -> None:
        """Close this thread's connection."""
        connection.close()

    leave = close


class _Appender:
    def __init__(self, report: Any) -> None:
        self._report = report

    def __call__(self, content: dict[str, Any], number: int) -> None:
        """Store a new development."""
        said = orjson.dumps(content).decode()
        with transaction.atomic():
            self._report(id=f"append-{number}", status="standing", content=said).save(
                force_insert=True
            )

    def close(self) -> None:
        connection.close()


def _at(step: Step) -> datetime:
    return BEGINS + timedelta(seconds=step.number)


def _database(place: Place) -> dict[str, Any]:
    if place.store != POSTGRESQL:
        begin = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        options = {"timeout": 60, "transaction_mode": "IMMEDIATE", "init_command": begin}
        name = str(place.directory / "history.db")
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": options}
    from psycopg.conninfo import conninfo_to_dict

    given = conninfo_to_dict(place.url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": given["dbname"], "HOST": given.get("host", ""),
        "USER": given.get("user", "postgres"), "PASSWORD": given.get("password", ""),
    }  # fmt: skip


def _models(place: Place) -> tuple[Any, Any]:
    """Return the two models, on a place's database. Django is set up once a process."""
    settings.configure(
        INSTALLED_APPS=["simple_history", "benchmarks.peers"],
        DATABASES={"default": _database(place)}, USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )  # fmt: skip
    django.setup()
    from benchmarks.peers.django_models import Report, Slot

    return Report, Slot
