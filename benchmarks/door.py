"""What the HTTP door costs: readings beside a constant route, reports beside one without a store.

Ours and the plain application (``plain``) are served by the same server with the same settings,
over real sockets, and asked in turn. Each reading is asked in two ways: *kept*, the same address
again and again, as a crowd asks on the night; and *first asked*, each time another basis or
another development, so that nothing kept can answer.
"""

import random
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median

import orjson

from benchmarks import load, plain, shape, stream
from benchmarks.rows import Row
from benchmarks.serving import Client, etag_of, get, megabytes, post, rate, serving
from benchmarks.stores import Place
from service.domain.times import format_instant
from service.serving import THREADS, WORKERS

REPORTS = 2_000
RUNS = 3
KEPT_CALLS, FIRST_CALLS = 600, 120
"""Requests of a run, over all connections."""

CONNECTIONS = 4
POSTING = 32
POSTS = 25
"""Reports of each of the posting clients in a run."""

STORY = "served"
PATH = f"/v1/stories/{STORY}"
OK, CREATED, UNCHANGED = 200, 201, 304


def rows(place: Place) -> Iterator[Row]:
    """Yield rows of each reading, of its 304, of reporting, and of a worker's memory."""
    with place.house(clock := load.Clock()) as house:
        load.write(house, clock, stream.story(STORY, REPORTS))
        token = house.create_token(newsroom=load.DESK.newsroom, role="editor", name="bench")
    bodies = place.directory / "bodies"
    bodies.mkdir()
    with serving("service.wsgi:app", place.environment, threads=THREADS) as (ours, parent):
        asked = _Addresses(ours, bodies)
        with serving("benchmarks.plain:app", {plain.BODIES: str(bodies)}, threads=THREADS) as (
            theirs, _,
        ):  # fmt: skip
            for name in asked.present:
                yield from _reading(place.store, name, asked, ours, theirs)
        yield Row(
            what=f"memory of a worker that read a story of {REPORTS:,}", store=place.store,
            result=megabytes(parent), floor=300, aim=150, unit="MB", most=True,
        )  # fmt: skip
    yield from _reporting(place, token)


class _Addresses:
    """What is asked: each reading's address now, and many of its addresses that are asked once."""

    def __init__(self, port: int, bodies: Path) -> None:
        self._chance = random.Random(3)
        client = Client(port)
        basis, self._ids = self._look(client)
        self._last = basis["position"]
        self.present = {
            "present situation": f"{PATH}/situation",
            "timeline page": f"{PATH}/developments",
            "one development": f"{PATH}/developments/{self._ids[0]}",
        }
        self.tags: dict[str, str] = {}
        for name, address in self.present.items():
            _, head, body = client.ask(get(address))
            self.tags[name] = etag_of(head)
            (bodies / f"{_slug(name)}.json").write_bytes(body)
        client.close()

    def _look(self, client: Client) -> tuple[dict[str, int], list[str]]:
        ids: list[str] = []
        address: str | None = f"{PATH}/developments?limit=200"
        page = {}
        while address is not None:
            page = orjson.loads(client.ask(get(address))[2])
            ids += [row["id"] for row in page["items"]]
            following = page["next"]
            address = following and f"{PATH}/developments?limit=200&cursor={following}"
        return page["basis"], ids

    def first(self, name: str, count: int) -> list[bytes]:
        """Return requests of which none was sent before."""
        if name == "one development":
            return [get(f"{PATH}/developments/{self._ids.pop()}") for _ in range(count)]
        return [get(f"{self.present[name]}?{self._basis()}") for _ in range(count)]

    def _basis(self) -> str:
        moment = self._chance.randint(stream.BEGINS, stream.BEGINS + stream.SPAN)
        position = self._chance.randint(self._last // 2, self._last)
        return f"as_of={format_instant(moment)}&position={position}"


def _slug(name: str) -> str:
    return name.replace(" ", "-")


def _reading(store: str, name: str, asked: _Addresses, ours: int, theirs: int) -> Iterator[Row]:
    constant = _spread([get(f"/constant/{_slug(name)}")] * KEPT_CALLS)
    known = get(asked.present[name], If_None_Match=asked.tags[name])
    kept: list[tuple[float, float]] = []
    first, unchanged = list(kept), list(kept)
    for _ in range(RUNS):
        base = rate(theirs, constant, OK)
        kept.append((rate(ours, _spread([get(asked.present[name])] * KEPT_CALLS), OK), base))
        first.append((rate(ours, _spread(asked.first(name, FIRST_CALLS)), OK), base))
        unchanged.append((rate(ours, _spread([known] * KEPT_CALLS), UNCHANGED), base))
    unit = "× a constant route"
    yield _compared(f"{name} over HTTP, kept", store, kept, (0.7, 0.9), unit)
    yield _compared(f"{name} over HTTP, first asked", store, first, (None, None), unit)
    yield _compared(f"{name} over HTTP, 304", store, unchanged, (None, 0.95), unit)


def _spread(requests: Sequence[bytes], over: int = CONNECTIONS) -> list[Sequence[bytes]]:
    return [requests[place::over] for place in range(over)]


def _compared(
    what: str,
    store: str,
    pairs: Sequence[tuple[float, float]],
    bounds: tuple[float | None, float | None],
    unit: str,
) -> Row:
    return Row(
        what=what, store=store, floor=bounds[0], aim=bounds[1], unit=unit,
        result=median(ours / theirs for ours, theirs in pairs),
        note=f"{median(p[0] for p in pairs):,.0f}/s; {median(p[1] for p in pairs):,.0f}/s",
    )  # fmt: skip


def _reporting(place: Place, token: str) -> Iterator[Row]:
    """Report from many clients at once, beside the same route without a store, and a bare one."""
    number, pairs, bare_pairs = 10_000_000, [], []
    serve = partial(serving, threads=THREADS, workers=WORKERS)
    with (
        serve("service.wsgi:app", place.environment) as ours,
        serve("benchmarks.plain:unstored()", place.environment) as unstored,
        serve("benchmarks.plain:app", {}) as bare,
    ):
        for run in range(1 + RUNS):
            rates = []
            for port, path in (
                (ours[0], f"{PATH}/developments"),
                (unstored[0], f"{PATH}/developments"),
                (bare[0], "/validated"),
            ):
                number += POSTING * POSTS
                said = [post(path, body, token) for body in _bodies(number)]
                rates.append(rate(port, _spread(said, POSTING), CREATED))
            if run == 0:
                continue  # Each worker is built by its first request, which takes a second.
            pairs.append((rates[0], rates[1]))
            bare_pairs.append((rates[0], rates[2]))
    what = f"report over HTTP, {POSTING} clients"
    unit = "× the same route without a store"
    yield _compared(what, place.store, pairs, (0.5, 0.8), unit)
    bounds, unit = (None, None), "× a bare route that validates"
    yield _compared(what, place.store, bare_pairs, bounds, unit)


def _bodies(first: int) -> Iterator[bytes]:
    """Yield the bodies of one run, numbered from the first."""
    chance, world = random.Random(first), shape.world_of(REPORTS)
    for number in range(first, first + POSTING * POSTS):
        yield orjson.dumps(shape.report(chance, world, number, stream.BEGINS + stream.SPAN))
