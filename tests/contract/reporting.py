"""What desks report: once, again under the same name, and what cannot be."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from service.domain import times
from tests.api.desks import Body
from tests.builders import content
from tests.contract.at_work import DAY, DESKS, FORBIDDEN, WAITS, WHICH, AtWork
from tests.contract.plain import Told, impossible, seen, whole
from tests.properties.histories import contents

KEPT = 7 * DAY * 1_000_000
"""How long an Idempotency-Key is kept, in microseconds."""


class Reporting(AtWork):
    """Reports."""

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
