"""What readers are told at every basis: what the plain lists say."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from service.domain import times
from tests.api.desks import Body
from tests.contract.at_work import DAY, HOUR, WAITS, WHICH, AtWork
from tests.contract.plain import Told, seen


class Reading(AtWork):
    """Readings."""

    @rule(
        back=st.integers(0, 12 * DAY), step=WHICH, pin=st.sampled_from(["", "position", "known_at"])
    )
    def reads_at_a_basis(self, back: int, step: int, pin: str) -> None:
        as_of, position = self.now - back * 1_000_000, self.plain.head
        query = f"as_of={times.format_instant(as_of)}"
        if pin == "position":
            position = self.plain.acts[-1 - step % len(self.plain.acts)][0]
            query += f"&position={position}"
        elif pin == "known_at":
            known_at = self.now - step * HOUR * 1_000_000 - 1
            position = self.plain.position_at(known_at)
            query = f"known_at={times.format_instant(known_at)}"
            as_of = known_at
        if not position:
            return
        self.compares(query, as_of, position)

    @rule(wait=WAITS)
    def reads_the_present(self, wait: int) -> None:
        self.house.clock.passes(wait)
        self.compares("limit=200", self.plain.present(self.now), self.plain.head)

    def compares(self, query: str, as_of: int, position: int) -> None:
        """Every reading at a basis is what the lists say."""
        timeline = self.nobody.reads(f"developments?{query}")
        assert timeline["basis"]["position"] == position
        assert timeline["basis"]["as_of"] == times.format_instant(as_of)
        meant = self.plain.timeline(as_of, position)
        assert [seen(item) for item in timeline["items"]] == [
            self.plain.shown(told) for told in meant
        ]
        query = query.replace("limit=200", "")
        situation = self.nobody.reads(f"situation?{query}")
        tag = self.nobody.last.headers["ETag"]
        self.pinned.append((situation["basis"]["url"], situation, tag, len(self.plain.hidden)))
        assert situation["counts"] == self.plain.counts(position)
        assert situation["pinned"] == self.plain.marked("pin", position)
        assert situation["key_events"] == self.plain.marked("key", position)
        for slot in sorted(self.plain.slots()):
            found = self.nobody.reads(f"situation/{slot}?{query}")["items"]
            assert [answered(row) for row in found] == [
                {**answered(vars_of(row)), "valid_from": times.format_instant(row.valid_from)}
                for row in self.plain.course(slot, as_of, position)
            ]
        listed = {told.id: told for told in meant}
        for development in self.plain.developments:
            self.looks_at(development, query, listed.get(development))

    def looks_at(self, development: str, query: str, told: Told | None) -> None:
        path = self.nobody.at(f"developments/{development}?{query}")
        if told is None:
            self.nobody.get(path, status=404)
            return
        assert seen(self.nobody.get(path)) == self.plain.shown(told)
        if development not in self.plain.hidden:
            assert self.nobody.last.headers["ETag"] == told.etag

    @precondition(lambda self: self.pinned)
    @rule(which=WHICH, wait=WAITS)
    def reads_a_pinned_address_again(self, which: int, wait: int) -> None:
        """Asked again at its address, a basis gives the same content, until words are hidden."""
        self.house.clock.passes(wait)
        url, before, tag, hidden = self.pinned[which % len(self.pinned)]
        after = self.nobody.get(url)
        if hidden != len(self.plain.hidden):
            assert self.nobody.last.headers["ETag"] != tag
            return
        assert self.nobody.last.headers["ETag"] == tag
        stands_on = ("story", "as_of", "position", "url")
        assert [after["basis"][name] for name in stands_on] == [
            before["basis"][name] for name in stands_on
        ]
        assert {**before, "basis": None} == {**after, "basis": None}


def answered(row: Body) -> Body:
    names = ("value", "valid_from", "development", "version", "verification")
    return {name: row[name] for name in names}


def vars_of(row: Any) -> Body:
    names = ("value", "valid_from", "development", "version", "verification")
    return {name: getattr(row, name) for name in names}
