"""Random desks at the HTTP door, against a plain model: the same answers at every basis, the
promised statuses, and entity tags that move exactly when something has changed."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from service.api.house import move_in
from service.app import behind
from service.domain import times
from service.settings import Settings
from tests.api.desks import AtDesk, Body, one_door
from tests.builders import Clock, House, content
from tests.contract.plain import Plain, Told, changed, impossible, seen, until, whole
from tests.houses import MEMORY
from tests.properties.histories import PARTS, START, contents

SECOND, HOUR, DAY = 1, 3600, 86400
KEPT = 7 * DAY * 1_000_000
"""How long an Idempotency-Key is kept, in microseconds."""

CASES, MOVES = 30, 25
WAITS = st.sampled_from([SECOND, SECOND, 60, HOUR, 5 * HOUR, 2 * DAY])
WHICH = st.integers(0, 20)
DESKS = st.sampled_from(["editor", "editor", "reporter", "auditor", "post", "nobody"])
BASES = st.sampled_from(["version", "version", "etag", "star", "stale", "stale etag", "neither"])
FORBIDDEN = {"auditor": 403, "post": 403, "nobody": 401}
ACTS = {
    "updates": "DevelopmentUpdated",
    "corrections": "DevelopmentCorrected",
    "clarifications": "DevelopmentClarified",
    "refiles": "DevelopmentRefiled",
}
WORDS = st.fixed_dictionaries(
    {}, optional={"headline": st.sampled_from(["Clear", "Clearer"]), "body": st.just("Mended")}
).filter(bool)
NOTICE = {"notice": "An earlier version was wrong.", "reason": "source"}


def replacing(said: Body) -> Body:
    """Changes that make a development say this, and no more of what it said before."""
    fields = content(None, **said)
    details = {**dict.fromkeys(PARTS), **fields.pop("details", {})}
    for name in ("headline", "sources"):
        fields.pop(name)
    return {"actors": None, "places": None, "kind": None, **fields, "details": details}


class Desks(RuleBasedStateMachine):
    """What desks do to one story, and what readers must then be told."""

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

    # --- reports -----------------------------------------------------------------------------

    @rule(said=contents(), wait=WAITS, who=DESKS, newcomer=WHICH, keyed=st.booleans(), own=WHICH)
    def reports(
        self, said: Body, wait: int, who: str, newcomer: int, keyed: bool, own: int
    ) -> None:
        self.house.clock.passes(wait)
        count = len(self.plain.developments)
        body = content(f"own-{count}" if own % 2 else None, **said)
        brings = []
        if newcomer < 5:
            brings = [f"newcomer-{newcomer}"]
            about = {"actor": brings[0], "role": "about", "name": "A newcomer"}
            body["actors"] = [*body.get("actors", []), about]
        fields = self.recorded(body)
        status = FORBIDDEN.get(who, 409 if not self.plain.is_open else 201)
        if status == 201 and impossible(fields, self.now):
            status = 422
        headers = {"Idempotency_Key": f"key-{len(self.sent)}"} if keyed else {}
        answer = self.sends(who, "POST", "developments", body, status, **headers)
        self.last = self.desks[who].last
        if status != 201:
            return
        for slug in set(brings) - self.plain.actors:
            self.plain.actors.add(slug)
            self.plain.acted(self.now)
        position = self.plain.acted(self.now)
        told = Told(
            id=answer["id"], number=1, position=position, recorded_at=self.now,
            first_position=position, first_recorded_at=self.now, act="DevelopmentReported",
            fields=fields,
        )  # fmt: skip
        self.by[told.id] = who
        self.told(told, answer)
        if keyed:
            self.sent.append((who, headers["Idempotency_Key"], body, answer, self.now))

    def recorded(self, body: Body) -> Body:
        """A report's body as it is kept."""
        actors = [{n: row[n] for n in ("actor", "role")} for row in body.get("actors") or []]
        fields = whole({**body, "actors": actors})
        if fields["occurred"] == "now":
            fields["occurred"] = times.format_instant(self.now)
        return fields

    @precondition(lambda self: self.plain.developments)
    @rule(which=WHICH, same=st.booleans(), wait=WAITS)
    def reports_again(self, which: int, same: bool, wait: int) -> None:
        """Under the same external id: found, or refused with what differs."""
        self.house.clock.passes(wait)
        first = self.plain.developments[self.latest(which).id][0]
        if "external_id" not in first.fields or first.id in self.plain.hidden:
            return
        latest = self.latest(which)
        body = dict(first.fields) if same else {**first.fields, "headline": "Something else"}
        answer = self.sends("editor", "POST", "developments", body, 200 if same else 409)
        if same:
            assert seen(answer) == self.plain.shown(latest)
        else:
            assert answer["type"] == "/problems/external-id-taken"
            assert answer["differs"]["headline"]["is"] == "Something else"
            assert answer["updates"].endswith(f"{first.id}/updates")

    @precondition(lambda self: self.sent)
    @rule(which=WHICH, same=st.booleans(), wait=WAITS)
    def sends_again(self, which: int, same: bool, wait: int) -> None:
        """Under the same Idempotency-Key: answered as before, or refused."""
        self.house.clock.passes(wait)
        who, key, body, answered, at = self.sent[which % len(self.sent)]
        if self.now - at > KEPT or answered["id"] in self.plain.hidden:
            return
        body = body if same else {**body, "headline": "Something else"}
        answer = self.sends(
            who, "POST", "developments", body, 201 if same else 422, Idempotency_Key=key
        )
        last = self.desks[who].last
        assert last.headers.get("Idempotency-Replayed") == ("true" if same else None)
        if same:
            assert answer == answered

    @rule(wait=WAITS)
    def reports_what_cannot_be(self, wait: int) -> None:
        self.house.clock.passes(wait)
        status = 422 if self.plain.is_open else 409
        for said in (
            {"kind": "attack_order"},
            {"actors": "by:who-is-this"},
            {"places": "nowhere"},
            {"occurred": "2019-13-01"},
            {"occurred": "2030"},
        ):
            self.sends("editor", "POST", "developments", content(None, **said), status)

    # --- acts on developments ----------------------------------------------------------------

    def based(self, base: str, latest: Told) -> tuple[Body, dict[str, str], int | None]:
        """How an act names its base: in the body, in a header; and the status where it is stale."""
        match base:
            case "version":
                return {"base_version": latest.number}, {}, None
            case "etag":
                return {}, {"If_Match": latest.etag}, None
            case "star":
                return {}, {"If_Match": "*"}, None
            case "stale":
                return {"base_version": latest.number + 1}, {}, 412
            case "stale etag":
                return {}, {"If_Match": f'"{latest.id}.0.0"'}, 412
            case _:
                return {}, {}, 428

    def act(
        self, who: str, latest: Told, part: str, body: Body, base: str, status: int
    ) -> Body | None:
        """Act on a development; None when that was refused, as it had to be."""
        named, headers, stale = self.based(base, latest)
        if stale:
            status = stale
        elif latest.status == "withdrawn":
            status = 409
        own_only = part in ("updates", "clarifications", "refiles")
        if who == "reporter" and (not own_only or self.by[latest.id] != who):
            status = 403
        status = FORBIDDEN.get(who, status)
        path = f"developments/{latest.id}/{part}"
        answer = self.sends(who, "POST", path, {**body, **named}, status, **headers)
        self.last = self.desks[who].last
        if status in (412, 428):
            assert (answer["etag"], answer["version"]) == (latest.etag, latest.number)
        return answer if status == 201 else None

    @precondition(lambda self: self.plain.developments)
    @rule(
        which=WHICH, wait=WAITS, who=DESKS, base=BASES,
        how=st.sampled_from(["corrections", *ACTS]), said=contents().map(replacing) | WORDS,
    )  # fmt: skip
    def revises(self, which: int, wait: int, who: str, base: str, how: str, said: Body) -> None:
        self.house.clock.passes(wait)
        latest, corrects = self.latest(which), how == "corrections"
        status, new = 201, latest.fields
        if latest.status == "standing":
            if not corrects:
                said = {n: v for n, v in said.items() if n != "occurred"}
            if said.get("occurred") == "now":
                new = changed(latest.fields, {**said, "occurred": times.format_instant(self.now)})
            else:
                new = changed(latest.fields, said)
            moved = not corrects and until(new) != until(latest.fields)
            if new == latest.fields or moved or impossible(new, self.now):
                status = 422
        body = {"changes": said, **(NOTICE if corrects else {})}
        answer = self.act(who, latest, how, body, base, status)
        if answer is None:
            return
        told = latest.next(self.plain.acted(self.now), self.now, ACTS[how], fields=new)
        if corrects:
            told = latest.next(
                told.position, self.now, ACTS[how], fields=new, verification="reported",
                judged_from=told.number, corrected=latest.corrected + 1,
            )  # fmt: skip
        self.told(told, answer)

    @precondition(lambda self: self.plain.developments)
    @rule(
        which=WHICH, wait=WAITS, who=DESKS, base=BASES, version=st.none() | st.integers(1, 4),
        verdict=st.sampled_from(["confirmed", "disputed", "refuted"]),
    )  # fmt: skip
    def verifies(
        self, which: int, wait: int, who: str, base: str, version: int | None, verdict: str
    ) -> None:
        self.house.clock.passes(wait)
        latest = self.latest(which)
        body: Body = {"status": verdict} | ({} if version is None else {"version": version})
        status = 422 if version is not None and version > latest.number else 201
        answer = self.act(who, latest, "verifications", body, base, status)
        if answer is None:
            return
        holds = version is None or version >= latest.judged_from
        now_is = verdict if holds else latest.verification
        position = self.plain.acted(self.now)
        told = latest.next(position, self.now, "DevelopmentVerified", verification=now_is)
        self.told(told, answer)

    @precondition(lambda self: len(self.plain.developments) > 2)
    @rule(which=WHICH, wait=WAITS, who=DESKS, base=BASES, hide=st.booleans())
    def withdraws(self, which: int, wait: int, who: str, base: str, hide: bool) -> None:
        self.house.clock.passes(wait)
        latest = self.latest(which)
        body = {**NOTICE, "hide_text": hide}
        answer = self.act(who, latest, "withdrawal", body, base, 201)
        if answer is None:
            return
        kept = ("kind", "occurred") if hide else ("kind", "headline", "occurred")
        fields = {name: latest.fields[name] for name in kept}
        if hide:
            self.plain.hidden.add(latest.id)
        position = self.plain.acted(self.now)
        told = latest.next(
            position, self.now, "DevelopmentWithdrawn",
            fields=fields, status="withdrawn", redactions=int(hide),
        )  # fmt: skip
        self.told(told, answer)

    @rule(who=DESKS, part=st.sampled_from([*ACTS, "verifications", "withdrawal"]))
    def acts_on_what_is_not_there(self, who: str, part: str) -> None:
        body: Body = {"changes": {"headline": "Else"}} | (NOTICE if part == "corrections" else {})
        body = {"verifications": {"status": "confirmed"}, "withdrawal": NOTICE}.get(part, body)
        own_only = part in ("updates", "clarifications", "refiles")
        status = 403 if who == "reporter" and not own_only else 404
        path = f"developments/00000000-0000-4000-8000-000000000000/{part}"
        self.sends(who, "POST", path, {**body, "base_version": 1}, FORBIDDEN.get(who, status))

    # --- acts on the story -------------------------------------------------------------------

    @precondition(lambda self: self.plain.developments)
    @rule(which=WHICH, sort=st.sampled_from(["pin", "key"]), set_it=st.booleans(), who=DESKS)
    def marks(self, which: int, sort: str, set_it: bool, who: str) -> None:
        self.house.clock.passes(SECOND)
        latest = self.latest(which)
        path = f"{'pins' if sort == 'pin' else 'key-events'}/{latest.id}"
        status = 403 if who == "reporter" else FORBIDDEN.get(who, 200)
        answer = self.sends(who, "PUT" if set_it else "DELETE", path, None, status)
        if status != 200:
            return
        if set_it != (latest.id in self.plain.marked(sort, self.plain.head)):
            self.plain.marks.append((self.plain.acted(self.now), sort, latest.id, set_it))
        assert answer["marked"] is set_it
        assert answer["position"] == self.plain.head

    @rule(who=DESKS, wanted=st.sampled_from(["closing", "reopening", "reopening"]), wait=WAITS)
    def closes_or_reopens(self, who: str, wanted: str, wait: int) -> None:
        self.house.clock.passes(wait)
        closes = wanted == "closing"
        status = 200 if self.plain.is_open is closes else 409
        status = 403 if who == "reporter" else FORBIDDEN.get(who, status)
        answer = self.sends(who, "POST", wanted, {}, status)
        if status == 200:
            self.plain.acted(self.now)
            self.plain.is_open = not closes
            assert answer["is_open"] is self.plain.is_open

    # --- readings ----------------------------------------------------------------------------

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

    @invariant()
    def the_record_is_as_long_as_the_lists(self) -> None:
        assert self.house.head() == self.plain.head


def answered(row: Body) -> Body:
    names = ("value", "valid_from", "development", "version", "verification")
    return {name: row[name] for name in names}


def vars_of(row: Any) -> Body:
    names = ("value", "valid_from", "development", "version", "verification")
    return {name: getattr(row, name) for name in names}


def test_random_desks_are_answered_as_the_plain_lists_say() -> None:
    run_state_machine_as_test(
        Desks, settings=settings(max_examples=CASES, stateful_step_count=MOVES)
    )
