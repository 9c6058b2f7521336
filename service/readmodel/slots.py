"""The slots of a story: under which number a slot's answers lie.

Asked: *which slots has this story, since when, and how far back does a situation look in each?*
Who writes remembers the numbers; readings join the table.
"""

from collections.abc import Mapping

from service.store.batch import Batch

TABLES = (
    """CREATE TABLE slot (
        number INTEGER PRIMARY KEY,
        story INTEGER NOT NULL,
        name TEXT NOT NULL,
        known_from INTEGER NOT NULL,
        depth INTEGER NOT NULL,
        UNIQUE (story, name))""",
    # A situation asks for all slots of one depth after the other.
    "CREATE INDEX slot_by_depth ON slot (story, depth, number, name, known_from)",
)

DEPTHS: Mapping[str, int] = {
    "heat": 40,
    "level": 8,
    "posture": 8,
    "threat": 4,
    "engaged": 3,
    "fought": 3,
    "alert": 3,
    "demand": 2,
    "measure": 2,
    "presence": 2,
    "scheduled": 2,
}
"""How many of a slot's latest answers a situation has at once, by family; of others the one.

What stood below the answer counts in some sections (``domain.situation.LOOKS_BELOW``), and the
level's since is looked for further back. Reports of every kind raise the heat, many of them an hour
where there is fighting: behind eight reasons lie 22 of them in the median, and more than 40 in a
fifth of the situations."""

LEVEL_DEPTH = 3
"""At least so deep are the slots that the level, its since and the parties look at."""

LOADED_SLOTS = 2_000
"""Slots of one story that are read at once, as a writer comes to it."""

REMEMBERED_SLOTS = 20_000
"""Slots of one story that a writer remembers."""


INSERT = "INSERT INTO slot VALUES (?,?,?,?,?)"


def depth(name: str) -> int:
    """Return how many of a slot's latest answers a situation has at once."""
    return DEPTHS.get(name.partition(":")[0], 1)


class Numbers:
    """Gives new slots their numbers, under the append lock.

    They are counted, never drawn: a rebuild comes to the same.
    """

    def __init__(self) -> None:
        self.last: int | None = None

    def know(self, sql: Batch) -> int:
        """Return the last number, asked for where it is not known."""
        if self.last is None:
            row = sql.direct.one("SELECT max(number) AS last FROM slot")
            self.last = (row["last"] or 0) if row else 0
        return self.last

    def next(self, sql: Batch) -> int:
        """Return the next number of all."""
        self.last = self.know(sql) + 1
        return self.last

    def forget(self) -> None:
        """Count anew: others may have added slots, or some were taken back."""
        self.last = None


class Slots:
    """The numbers of one story's slots, remembered by who writes them.

    A slot that waits to be written is remembered; so what is not is asked of the database itself,
    unless memory is ``whole``: then it is not there.
    """

    def __init__(self, numbers: Numbers, *, whole: bool = False) -> None:
        self._numbers: dict[str, int] = {}
        self._new = numbers
        self._whole = whole

    def load(self, sql: Batch, story: int) -> None:
        """Read a story's slots, if they are not too many."""
        rows = sql.all(
            "SELECT number, name FROM slot WHERE story = ? LIMIT ?", (story, LOADED_SLOTS)
        )
        self._numbers = {row["name"]: row["number"] for row in rows}
        self._whole = len(rows) < LOADED_SLOTS

    def learn(self, name: str, number: int) -> None:
        """Take in a slot that another process added."""
        if self._whole:
            self._numbers[name] = number

    def number(self, sql: Batch, story: int, name: str) -> int | None:
        """Return a slot's number; None when it was never assigned."""
        found = self._numbers.get(name)
        if found is None and not self._whole:
            row = sql.direct.one(
                "SELECT number FROM slot WHERE story = ? AND name = ?", (story, name)
            )
            if row is None:
                return None
            found = self._remember(sql, name, row["number"])
        return found

    def ensure(self, sql: Batch, story: int, name: str, position: int) -> int:
        """Return a slot's number; a new slot gets one."""
        found = self.number(sql, story, name)
        if found is not None:
            return found
        number = self._new.next(sql)
        sql.later(INSERT, (number, story, name, position, depth(name)))
        return self._remember(sql, name, number)

    def _remember(self, sql: Batch, name: str, number: int) -> int:
        if len(self._numbers) >= REMEMBERED_SLOTS:
            sql.flush()
            self._numbers.clear()
            self._whole = False
        self._numbers[name] = number
        return number
