"""Random desks at the HTTP door: the story that they work on, and how a request is sent and held
against the plain model. What they do stands in reporting.py, acting.py and reading.py.

Rules for editors: a rule lets the clock pass, says what must come of it, then sends.
"""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from service.api.house import move_in
from service.app import behind
from service.settings import Settings
from tests.api.desks import AtDesk, Body, one_door
from tests.builders import Clock, House
from tests.contract.plain import Plain, Told, seen
from tests.houses import MEMORY
from tests.properties.histories import START

SECOND, HOUR, DAY = 1, 3600, 86400

WAITS = st.sampled_from([SECOND, SECOND, 60, HOUR, 5 * HOUR, 2 * DAY])
WHICH = st.integers(0, 20)
DESKS = st.sampled_from(["editor", "editor", "reporter", "auditor", "post", "nobody"])
FORBIDDEN = {"auditor": 403, "post": 403, "nobody": 401}


class AtWork(RuleBasedStateMachine):
    """One story, who works on it, and what the plain lists say of it."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        path = Path(self.directory.name) / "house.db"
        self.house = House.at(Settings(database_url=f"sqlite:///{path}"), Clock(START))
        door = one_door()
        move_in(door, behind(self.house.onrecord))
        self.nobody = AtDesk(door, self.house)
        self.desks: dict[str, Any] = {"nobody": self.nobody}
        self.sent: list[tuple[str, str, Body, Body, int]] = []
        self.pinned: list[tuple[str, Body, str, int]] = []

    @initialize()
    def opens(self) -> None:
        self.house.desk("times").opens_story(
            "tripoli", scale="conflict", actors="lna gna un", places="tripoli gharyan"
        )
        for role in ("editor", "reporter", "auditor"):
            self.desks[role] = self.nobody.holding(role)
        self.desks["post"] = self.nobody.holding("editor", "post")
        # The clock has moved a second for each of the six acts.
        now = self.house.clock.now
        acts = [(n + 1, now - (5 - n) * 1_000_000) for n in range(6)]
        self.plain = Plain(acts, actors={"lna", "gna", "un"})
        self.by: dict[str, str] = {}

    def teardown(self) -> None:
        self.house.close()
        self.directory.cleanup()

    @property
    def now(self) -> int:
        return self.house.clock.now

    def latest(self, which: int) -> Told:
        versions = list(self.plain.developments.values())
        return versions[which % len(versions)][-1]

    def sends(
        self, who: str, method: str, part: str, body: Body | None, status: int, **headers: str
    ) -> Body:
        """Send a request; the present's entity tag moves exactly when an act was recorded."""
        before = self.nobody.ask(self.nobody.at("situation")).headers["ETag"]
        head = self.house.head()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer: Body = self.desks[who].sends(method, part, body, status=status, headers=named)
        after = self.nobody.ask(self.nobody.at("situation"), If_None_Match=before)
        moved = self.house.head() != head
        assert (after.status_code == 304) is not moved
        assert (after.headers["ETag"] != before) is moved
        return answer

    def told(self, told: Told, answer: Body) -> None:
        """Keep a new version, which the answer must say."""
        self.plain.developments.setdefault(told.id, []).append(told)
        assert seen(answer) == self.plain.shown(told)
        assert self.desks_last_etag == told.etag

    @property
    def desks_last_etag(self) -> str:
        return str(self.last.headers["ETag"])

    @invariant()
    def the_record_is_as_long_as_the_lists(self) -> None:
        assert self.house.head() == self.plain.head
