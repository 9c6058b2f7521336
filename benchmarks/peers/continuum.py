"""SQLAlchemy-Continuum: rows of developments and of slots, versioned by the extension.

State as of a transaction: the versions of the slots that held then, by the validity strategy that
the extension has (``transaction_id`` and ``end_transaction_id``).
"""

from typing import Any, ClassVar

import orjson
import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy_continuum import make_versioned, version_class

from benchmarks.peers.story import State, Step
from benchmarks.stores import POSTGRESQL, Place

make_versioned(user_cls=None)
Base = orm.declarative_base()


class Report(Base):
    """A development's present row."""

    __tablename__ = "report"
    __versioned__: ClassVar[dict[str, Any]] = {}
    id = sa.Column(sa.String(64), primary_key=True)
    status = sa.Column(sa.String(20))
    verification = sa.Column(sa.String(20))
    content = sa.Column(sa.Text)


class Slot(Base):
    """A slot's present answer, JSON; no row where nothing stands."""

    __tablename__ = "slot"
    __versioned__: ClassVar[dict[str, Any]] = {}
    name = sa.Column(sa.String(200), primary_key=True)
    answer = sa.Column(sa.Text)


orm.configure_mappers()
REMOVED = 2
"""The extension's word for a version that ended its row."""


class Continuum:
    """The extension on the same store; SQLite as durable as ours."""

    name = "SQLAlchemy-Continuum"

    def __init__(self, place: Place) -> None:
        self._engine = _engine(place)
        Base.metadata.create_all(self._engine)
        self._session = orm.Session(self._engine)
        self._transactions: list[int] = []

    def appender(self) -> "_Appender":
        """Return what a thread appends with: a session."""
        return _Appender(self._engine)

    def take(self, step: Step) -> None:
        """Store a step, one transaction."""
        session = self._session
        row = session.get(Report, step.development) or Report(id=step.development)
        row.status, row.verification = step.status, step.verification
        row.content = orjson.dumps(step.content).decode()
        session.add(row)
        for name, answer in step.moves.items():
            slot = session.get(Slot, name)
            if answer is None:
                session.delete(slot)
                continue
            slot = slot or Slot(name=name)
            slot.answer = orjson.dumps(answer).decode()
            session.add(slot)
        session.commit()
        versions = version_class(Report)
        found = session.scalar(sa.select(sa.func.max(versions.transaction_id)))
        self._transactions.append(found)
        session.commit()
        session.expunge_all()

    def state(self, step: Step) -> State:
        """Return the state right after a step."""
        at, versions = self._transactions[step.number - 1], version_class(Slot)
        asked = sa.select(versions).where(
            versions.transaction_id <= at,
            sa.or_(versions.end_transaction_id > at, versions.end_transaction_id.is_(None)),
            versions.operation_type != REMOVED,
        )
        rows = self._session.scalars(asked).all()
        found = {row.name: orjson.loads(row.answer) for row in rows}
        self._session.rollback()
        return found

    def close(self) -> None:
        """Close the session."""
        self._session.close()

    leave = close


class _Appender:
    def __init__(self, engine: sa.Engine) -> None:
        # A connection for as long as the thread lasts, as the others have.
        self._connection = engine.connect()
        self._session = orm.Session(self._connection)

    def __call__(self, content: dict[str, Any], number: int) -> None:
        """Store a new development."""
        said = orjson.dumps(content).decode()
        row = Report(id=f"append-{number}", status="standing", content=said)
        self._session.add(row)
        self._session.commit()
        self._session.expunge_all()

    def close(self) -> None:
        self._session.close()
        self._connection.close()


def _engine(place: Place) -> sa.Engine:
    if place.store == POSTGRESQL:
        url = place.url.replace("postgresql://", "postgresql+psycopg://")
        return sa.create_engine(url, max_overflow=64)
    url = f"sqlite:///{place.directory / 'continuum.db'}"
    engine = sa.create_engine(url, connect_args={"timeout": 60}, max_overflow=64)

    @sa.event.listens_for(engine, "connect")
    def opened(connection: Any, _: Any) -> None:
        # Transactions are begun below, as the driver would begin them too late.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    @sa.event.listens_for(engine, "begin")
    def begun(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
