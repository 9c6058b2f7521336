"""The tables of the record, in SQLite's words (``postgres`` translates them).

``stored_events`` holds the envelopes and is never updated, deleted from or replaced into: the
database itself refuses. ``content`` holds the words and salts, one row an act, and may only
lose rows. ``house_acts`` is the house record: its own sequence, never in positions.

Rules for editors: a released statement is not edited; append a migration (see ``MIGRATIONS``
in each store).
"""

APPLICATION_ID = 0x4F4E5243
"""Marks a SQLite file as ours: "ONRC" in ASCII."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    # 2: how far each follower has read the record.
    ("CREATE TABLE bookmark (follower TEXT PRIMARY KEY, position INTEGER NOT NULL)",),
    # 3: every time that the read model's tables were replaced.
    ("CREATE TABLE rebuilt (number INTEGER PRIMARY KEY)",),
)
"""What was released since the first schema, each in SQLite's words, oldest first."""

SCHEMA_VERSION = 1 + len(MIGRATIONS)
"""Raised by every migration; a database with a higher one is refused."""

# A column *named* rowid that is the integer key keeps positions through VACUUM and lets the
# library's notification log read them; AUTOINCREMENT keeps the newest from being used again.
RECORD = (
    """CREATE TABLE stored_events (
        "rowid" INTEGER PRIMARY KEY AUTOINCREMENT,
        originator_id TEXT NOT NULL,
        originator_version INTEGER NOT NULL,
        topic TEXT NOT NULL,
        state BLOB NOT NULL,
        UNIQUE (originator_id, originator_version))""",
    """CREATE TABLE content (
        position INTEGER PRIMARY KEY,
        document BLOB,
        note BLOB NOT NULL,
        audit BLOB NOT NULL,
        salt TEXT NOT NULL)""",
    # What the library's mapper loads: envelope and content as one state, a line a part.
    """CREATE VIEW acts AS SELECT e."rowid" AS "rowid", e.originator_id AS originator_id,
        e.originator_version AS originator_version, e.topic AS topic,
        CAST(e.state || char(10) || coalesce(c.document, '') || char(10) || coalesce(c.note, '')
            || char(10) || coalesce(c.audit, '') || char(10) || coalesce(c.salt, '') AS BLOB)
            AS state
        FROM stored_events e LEFT JOIN content c ON c.position = e."rowid" """,
    """CREATE TABLE house_acts (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        act TEXT NOT NULL,
        newsroom TEXT NOT NULL,
        by TEXT NOT NULL,
        body TEXT NOT NULL)""",
)

TRIGGERS = (
    """CREATE TRIGGER envelopes_are_not_updated BEFORE UPDATE ON stored_events
        BEGIN SELECT RAISE(ABORT, 'acts are append-only: an envelope is never updated'); END""",
    """CREATE TRIGGER envelopes_are_not_deleted BEFORE DELETE ON stored_events
        BEGIN SELECT RAISE(ABORT, 'acts are append-only: an envelope is never deleted'); END""",
    # INSERT OR REPLACE deletes without the delete trigger unless recursive triggers are on.
    """CREATE TRIGGER envelopes_are_not_replaced BEFORE INSERT ON stored_events
        WHEN EXISTS (SELECT 1 FROM stored_events WHERE "rowid" = NEW."rowid"
            OR (originator_id = NEW.originator_id
                AND originator_version = NEW.originator_version))
        BEGIN SELECT RAISE(ABORT, 'acts are append-only: an envelope is never replaced'); END""",
    """CREATE TRIGGER content_is_not_updated BEFORE UPDATE ON content
        BEGIN SELECT RAISE(ABORT, 'content is never updated, only erased'); END""",
    """CREATE TRIGGER content_is_not_replaced BEFORE INSERT ON content
        WHEN EXISTS (SELECT 1 FROM content WHERE position = NEW.position)
        BEGIN SELECT RAISE(ABORT, 'content is never replaced'); END""",
    """CREATE TRIGGER house_acts_are_not_updated BEFORE UPDATE ON house_acts
        BEGIN SELECT RAISE(ABORT, 'the house record is append-only'); END""",
    """CREATE TRIGGER house_acts_are_not_deleted BEFORE DELETE ON house_acts
        BEGIN SELECT RAISE(ABORT, 'the house record is append-only'); END""",
    """CREATE TRIGGER house_acts_are_not_replaced BEFORE INSERT ON house_acts
        WHEN EXISTS (SELECT 1 FROM house_acts WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'the house record is append-only'); END""",
)
