"""A year of cases loaded, a move over HTTP, sweeps over 100,000 open clocks, and posts left among 100,000 open cases.

Usage: python -m bench.cases [--cases 30615] [--moves 400] [--clocks 100000] [--only load|moves|clocks|posts]. Needs
PostgreSQL with PostGIS, and an otherwise idle machine. Prints seconds, processor time, and ratios to the reaches. Each
case of the year has ten entries, from the door to the archive. Clocks are swept when none, some and all are due.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import orjson
from sqlalchemy import func, select, text

from api.watch.cases import keeper_of, open_all
from bench.deadlines import COPIES
from bench.stage import TIMEOUT, Meter, Stage, machine, served, staged, summary
from console.access.rules import Actor
from console.cases.casework import Casework
from console.cases.history import CaseCourse, add_courses
from console.cases.moving import left_posts
from console.cases.noticing import CaseNotices
from console.cases.tables import Case
from console.clocks.deadlines import clock_moments
from console.clocks.tables import Clock
from console.clocks.walking import OfficeHours
from console.deadlines.actions import sweep
from console.flow.case_state import Call, CaseState, Holder, Offer, changes_between, to_json
from console.flow.replay import MOVED, OPENED
from console.incidents.history import register_history
from console.incidents.rules import Registration, Report
from console.incidents.tables import TimelineEntry
from console.incidents.timeline import Entry
from console.notices.rules import Delivery
from geo.store import Reach, Store
from tests.reporting import add_incident
from tests.worlds import NOW, PACK, ROOT, WEST, World, settle

LOAD_SECONDS, MOVE_MS, SWEEP_SECONDS, POSTS_MS = 60.0, 25.0, 2.0, 50.0
PARTS = ("load", "moves", "clocks", "posts")
AT_ONCE, DUE, WARM = 5_000, 1_000, 20
SOON = NOW + timedelta(minutes=1)
SOONER = (
    """UPDATE clocks SET due_at = :at, moments = jsonb_build_array(jsonb_build_array('due', CAST(:due AS text)))
    WHERE id % :each = 0""",
    "UPDATE deadlines SET due_at = :at WHERE kind = 'clock.moment' AND subject_id % :each = 0",
)
PEOPLE, LEFT = 5_000, 4_000
"""Posts of the register, of which so many are over since long; one more is over now."""
POSTS = (
    """INSERT INTO staff_members (code, name, division_path)
    SELECT 'S' || number, 'S' || number, CAST(:path AS ltree) FROM generate_series(1, :people) AS number""",
    """INSERT INTO units (code, kind, is_centre, name, name_en, level, division_path, hours, telephone, services,
        specialities, attendance, running, assumed, properties, opened_on)
    VALUES ('room', 'room', false, 'Room', 'Room', 'county', CAST(:path AS ltree), '', '', '{}', '{}', '', true, false,
        '{}', CAST(:day AS date))""",
    """INSERT INTO posts (person_id, unit_id, division_path, duty, title, role, attendance, managed_by, specialities,
        first_day, until, created_at)
    SELECT people.id, units.id, people.division_path, 'member', '', 'clerk', '', '{}', '{}', CAST(:day AS date) - 500,
        CASE WHEN row_number() OVER (ORDER BY people.id) <= :left THEN CAST(:day AS date) - 100 END, now()
    FROM staff_members AS people, units WHERE units.code = 'room'""",
    """UPDATE cases SET post_id = held.first + incident_id % held.n, first_post_id = held.first + incident_id % held.n
    FROM (SELECT min(id) AS first, count(*) AS n FROM posts WHERE until IS NULL) AS held""",
    "UPDATE posts SET until = CAST(:day AS date) WHERE id = (SELECT max(id) FROM posts)",
    "ANALYZE cases, posts, users",
)
COPY_CASES = """INSERT INTO cases (incident_id, {columns})
SELECT incidents.id, {first} FROM incidents, cases AS first
WHERE NOT EXISTS (SELECT FROM cases WHERE incident_id = incidents.id)"""
EVERYTHING = Reach(scope=ROOT)
KEEPER = keeper_of(EVERYTHING)
TOWN, COUNTY = f"centre.{WEST.rpartition('.')[2]}", f"centre.{ROOT}"


def work() -> Casework:
    assert PACK.casework is not None
    return PACK.casework


def reports(world: World, *, count: int) -> Iterator[Report]:
    """Yield disputes of the last year, closed after a fortnight."""
    grids = world.micro_grids()
    for i in range(count):
        lon, lat = world.middle_of(grids[i % len(grids)])
        at = NOW - timedelta(days=15 + 350 * i / count)
        words: dict[str, Any] = {"title": "楼上漏水", "description": "来电人反映楼上长期漏水", "datum": "wgs84"}
        point = {"lon": lon, "lat": lat, "raw_x": lon, "raw_y": lat}
        words |= {"source": "history", "category": "dispute.neighbour", "risk": "high", "external_no": f"H{i}"}
        yield Report(**words, **point, occurred_at=at, closed_at=at + timedelta(days=14))


def states(first: CaseState) -> Iterator[tuple[str, CaseState]]:
    """Yield the moves of a joint dispute, with the states after them."""
    state = first
    steps: list[tuple[str, dict[str, Any]]] = [
        ("triage", {"lane": "joint"}),
        ("dispatch", {"stage": "routed", "offer": Offer(COUNTY, None, "county"), "hand_overs": 1}),
        ("accept", {"stage": "handling", "offer": None, "owner": Holder(COUNTY), "accepted": True, "handler": 1}),
        ("call_units", {"calls": (Call(TOWN),), "calls_made": 1}),
        ("answer", {"calls": (Call(TOWN, "answered"),)}),
        ("report_result", {"stage": "feedback"}),
        ("close", {"stage": "closed", "outcome": "agreed", "ended": True}),
        ("follow_up", {"satisfied": "yes"}),
        ("archive", {"stage": "archived"}),
    ]
    for move, changes in steps:
        state = replace(state, **changes)
        yield move, state


def course(incident_id: int, at: datetime) -> CaseCourse:
    first = Holder(TOWN)
    before = CaseState("dispute", "dispute.neighbour", "high", "received", "easy", "county", first, first)
    version = work().version
    entries = [(at, Entry(OPENED, actor_id=1, data={"pack": version, "set": to_json(before)}))]
    for day, (move, after) in enumerate(states(before), 1):
        said = {"pack": version, "move": move, "from": before.stage, "to": after.stage}
        data = said | {"set": changes_between(before, after)}
        entries.append((at + timedelta(days=day), Entry(MOVED, actor_id=1, data=data)))
        before = after
    return CaseCourse(incident_id, WEST, before, entries, at + timedelta(days=7))


async def load(stage: Stage, store: Store, world: World, *, count: int) -> str:
    """Register a year and add its cases, as an import does."""
    found = [*reports(world, count=count)]
    actor = Actor(user_id=1, username="bench", role="operator", scope=ROOT)
    with Meter(stage) as meter:
        for start in range(0, count, AT_ONCE):
            some = found[start : start + AT_ONCE]
            async with store.transaction(EVERYTHING) as session:
                made = await register_history(session, some, terms=PACK.incidents, zone=PACK.zone, actor=actor, now=NOW)
                pairs = [
                    (one.incident_id, of) for one, of in zip(made, some, strict=True) if isinstance(one, Registration)
                ]
                courses = [course(incident_id, of.occurred_at) for incident_id, of in pairs]
                await add_courses(session, work(), courses, now=NOW)
    async with store.transaction(EVERYTHING) as session:
        entries = await session.scalar(select(func.count()).select_from(TimelineEntry))
    ratio = meter.clock / LOAD_SECONDS
    return (
        f"{count} cases with {entries} entries loaded in {meter.clock:.1f} s, {ratio:.2f} of its reach; "
        + meter.summary(per=count, unit="cases")
    )


async def moves(stage: Stage, world: World, *, count: int) -> str:
    """Move cases over HTTP, one after the other: dispatched, accepted, reported back."""
    async with served(stage) as server:
        asked = _Asking(server.url, world.tokens["operator"])
        lon, lat = world.middle_of(world.micro_grids(WEST)[0])
        body = {"source": "window", "category": "dispute.neighbour", "risk": "high", "lon": lon, "lat": lat}
        ids = [asked.post("/api/incidents", body | {"title": f"吵架 {i}"})["id"] for i in range(count // 3 + 1)]
        steps: list[dict[str, Any]] = [
            {"move": "accept"},
            {"move": "procedure", "procedure": "mediation"},
            {"move": "report_result", "note": "Agreed", "result_told": True},
        ]
        with Meter(stage, server) as meter:
            took = [asked.timed(f"/api/incidents/{one}/moves", step) for one in ids for step in steps]
    counted = took[WARM:]
    ratio = sorted(counted)[int(0.95 * len(counted))] / MOVE_MS
    told = meter.summary(per=len(took), unit="moves")
    return f"{summary('a move', counted)}, {ratio:.2f} of its reach; {told}"


class _Asking:
    """Posts over one kept connection."""

    def __init__(self, url: str, token: str) -> None:
        self.connection = HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.connection.request("POST", path, orjson.dumps(body), self.headers)
        answer = self.connection.getresponse()
        said = answer.read()
        assert answer.status in (200, 201), said
        found: dict[str, Any] = orjson.loads(said)
        return found

    def timed(self, path: str, body: dict[str, Any]) -> float:
        began = time.perf_counter()
        self.post(path, body)
        return 1000 * (time.perf_counter() - began)


async def clocks(stage: Stage, store: Store, *, count: int) -> list[str]:
    """Sweep open clocks as the server's loop does, two of each case."""
    async with store.transaction(EVERYTHING) as session:
        await session.execute(COPIES, {"count": count // 2, "step": timedelta(days=365) / count})
    with Meter(stage) as meter:
        await open_all(store, work(), root=EVERYTHING, now=lambda: NOW)
    lines = [f"{count // 2} cases opened in {meter.clock:.1f} s; " + meter.summary(per=count // 2, unit="cases")]
    stage.analyze()
    async with store.transaction(EVERYTHING) as session:
        open_ones = await session.scalar(select(func.count()).select_from(Clock).where(Clock.stopped_at.is_(None)))
        for sooner in SOONER:
            await session.execute(text(sooner), {"at": SOON, "due": SOON.isoformat(), "each": max(1, count // DUE)})
    lines.append(f"{open_ones} open clocks")
    for name, now in (("none due", NOW), ("some due", SOON), ("all due", NOW + timedelta(days=90))):
        with Meter(stage) as meter:
            taken = await _swept(store, now)
        ratio = meter.clock / SWEEP_SECONDS
        spent = ", ".join(f"{process} {seconds:.1f} s" for process, seconds in meter.spent.items())
        lines.append(f"{name:>22}: {taken:6d} in {meter.clock:6.2f} s, {ratio:.2f} of its reach; {spent}")
    return lines


async def posts(stage: Stage, store: Store, *, count: int) -> list[str]:
    """Open cases that posts hold, and list the posts that nobody holds any more, as the server does each minute."""
    await open_all(store, work(), root=EVERYTHING, now=lambda: NOW)
    day = NOW.date()
    async with store.transaction(EVERYTHING) as session:
        await session.execute(COPIES, {"count": count - 1, "step": timedelta(seconds=1)})
        columns = [column.name for column in Case.__table__.columns if column.name != "incident_id"]
        await session.execute(
            text(COPY_CASES.format(columns=", ".join(columns), first=", ".join(f"first.{name}" for name in columns)))
        )
    async with store.transaction(EVERYTHING) as session:
        for statement in POSTS:
            values = {"path": ROOT, "people": PEOPLE, "left": LEFT, "day": day}
            await session.execute(text(statement), {name: values[name] for name in values if f":{name}" in statement})
    taken = []
    for _ in range(WARM):
        began = time.perf_counter()
        async with store.transaction(EVERYTHING) as session:
            found = await left_posts(session, day=day)
        taken.append((time.perf_counter() - began) * 1000)
    assert len(found) == 1, found
    return [f"{count} open cases", summary("posts left", taken)]


async def _swept(store: Store, now: datetime) -> int:
    kinds = [clock_moments(Delivery(OfficeHours(PACK.times)), CaseNotices(work()))]
    taken = 0
    while True:
        async with store.transaction(EVERYTHING) as session:
            found = await sweep(session, kinds, now=now)
        if not found:
            return taken
        taken += found


async def measure(stage: Stage, part: str, options: argparse.Namespace) -> list[str]:
    """Measure one part on a stage of its own."""
    store = Store(stage.urls.app, pool_size=2)
    world = await settle(store, now=datetime.now(UTC))
    try:
        if part == "load":
            return [await load(stage, store, world, count=options.cases)]
        if part == "moves":
            return [await moves(stage, world, count=options.moves)]
        async with store.transaction(EVERYTHING) as session:
            await add_incident(session, world, world.micro_grids()[0])
        if part == "posts":
            return await posts(stage, store, count=options.clocks)
        return await clocks(stage, store, count=options.clocks)
    finally:
        await store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=30_615)
    parser.add_argument("--moves", type=int, default=400)
    parser.add_argument("--clocks", type=int, default=100_000)
    parser.add_argument("--only", choices=PARTS, action="append")
    options = parser.parse_args()
    for part in options.only or PARTS:
        with staged() as stage:
            lines = asyncio.run(measure(stage, part, options))
        sys.stdout.write("\n".join([machine(), *lines]) + "\n")


if __name__ == "__main__":
    main()
