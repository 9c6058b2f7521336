"""What desks do to developments after they were reported, and to the story."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from service.domain import times
from tests.api.desks import Body
from tests.builders import content
from tests.contract.at_work import DESKS, FORBIDDEN, SECOND, WAITS, WHICH, AtWork
from tests.contract.plain import Told, changed, impossible, until
from tests.properties.histories import PARTS, contents

BASES = st.sampled_from(["version", "version", "etag", "star", "stale", "stale etag", "neither"])
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


class Acting(AtWork):
    """Acts on developments and on the story."""

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
