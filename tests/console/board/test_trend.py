"""The weeks of closed cases: equal to a count one by one, and read by the index of when cases ended."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import psycopg
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.keeping.postgres.roles import Urls, conninfo_of
from console.access.rules import Actor
from console.board.rules import Standing
from console.board.trend import WEEKS, WeekClosed, WeekOf, _counted, count_closed, list_closed, mondays
from console.cases.opening import open_cases
from console.cases.tables import Case
from console.clocks.tables import Clock, ClockPause
from geo.store import Reach, Store, lies_within
from tests.reporting import add_incident
from tests.worlds import EAST, NOW, PACK, ROOT, WEST, World

SUPERVISOR = Actor(user_id=1, username="supervisor", role="supervisor", scope=ROOT)
ZONE = PACK.zone
OUTCOMES = ("close", "close", "close", "joined")


async def closed_at_random(session: AsyncSession, world: World, *, seed: int) -> None:
    """Close cases over sixteen weeks, some late, some paused, merged or without any limit that ran until then."""
    assert PACK.casework is not None
    chance = random.Random(seed)
    ids = [await add_incident(session, world, chance.choice(world.micro_grids())) for _ in range(60)]
    await open_cases(session, PACK.casework, ids, actor=SUPERVISOR, now=NOW)
    clocks = {one.id: one for one in await session.scalars(select(Clock))}
    for case in await session.scalars(select(Case)):
        case.ended_at = None if chance.random() < 0.2 else NOW - timedelta(hours=chance.uniform(0, 24 * 7 * 16))
        outcome, paused = chance.choice(OUTCOMES), chance.random() < 0.2
        for clock in clocks.values():
            if clock.incident_id == case.incident_id and case.ended_at is not None:
                early = timedelta(hours=4) if chance.random() < 0.3 else timedelta()
                clock.stopped_at, clock.outcome = case.ended_at - early, outcome
                clock.due_at = case.ended_at + timedelta(hours=chance.choice([-30, -1, 0, 30]))
        if case.ended_at is not None and paused:
            since = case.ended_at - timedelta(hours=chance.choice([1, 40]))
            session.add(
                ClockPause(incident_id=case.incident_id, reason="", paused_at=since, division_path=case.division_path)
            )
    await session.flush()


async def one_by_one(session: AsyncSession, scope: str) -> dict[date, tuple[int, int]]:
    clocks, pauses = [*await session.scalars(select(Clock))], [*await session.scalars(select(ClockPause))]
    since = {pause.incident_id: pause.paused_at for pause in pauses}
    closed, on_time = Counter[date](), Counter[date]()
    for case in await session.scalars(select(Case)):
        own = [one for one in clocks if one.incident_id == case.incident_id and one.stopped_at == case.ended_at]
        own = [one for one in own if one.outcome != "joined"]
        if case.ended_at is None or not own or not lies_within(case.division_path, scope):
            continue
        day = case.ended_at.astimezone(ZONE).date()
        monday = day - timedelta(days=day.weekday())
        closed[monday] += 1
        on_time[monday] += all(since.get(case.incident_id, case.ended_at) <= one.due_at for one in own)
    return {monday: (closed[monday], on_time[monday]) for monday in closed}


async def test_each_week_equals_a_count_one_by_one(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        await closed_at_random(session, world, seed=3)
        for scope in (ROOT, WEST, EAST):
            weeks = await count_closed(session, SUPERVISOR, scope=scope, zone=ZONE, now=NOW)
            expected = await one_by_one(session, scope)
            assert [*weeks] == [WeekClosed(day, *expected.get(day, (0, 0))) for day in mondays(NOW, ZONE)]
            assert sum(one.closed for one in weeks) > 0
            for week in weeks:
                listed, cursor, of_week = [], "", WeekOf(week.first, scope, ZONE)
                while cursor is not None:
                    page, cursor = await list_closed(session, SUPERVISOR, of_week, limit=2, cursor=cursor or None)
                    listed += [(one.standing is Standing.IN_TIME, -one.case.incident_id) for one in page]
                assert listed == sorted(set(listed)), "the late first, page by page"
                assert (len(listed), sum(on_time for on_time, _ in listed)) == (week.closed, week.on_time)


def test_weeks_begin_on_local_mondays() -> None:
    """A Sunday 16:30 in UTC is a Monday in China."""
    days = mondays(datetime(2026, 9, 27, 16, 30, tzinfo=UTC), ZONE)
    assert (len(days), days[-1], {day.weekday() for day in days}) == (WEEKS, date(2026, 9, 28), {0})


YEARS = (
    """
    INSERT INTO incidents (case_code, source, category, risk, level, title, description, status, geom, raw_x, raw_y,
        datum, cell, grid_code, village_code, division_path, occurred_at, registered_at, first_due_at, closed_at,
        version)
    SELECT 'Y' || n, source, category, risk, level, title, description, 'closed', geom, raw_x, raw_y, datum, cell,
        grid_code, village_code, division_path, at, at, at, at + interval '9 days', version
    FROM incidents, generate_series(1, 8000) AS n,
        LATERAL (SELECT CAST(:now AS timestamptz) - n * interval '5 hours' AS at) AS begun
    """,
    """
    INSERT INTO cases (incident_id, pack_version, flow, stage, lane, level, unit, accepted, first_unit, paused,
        opened_at, ended_at, state, fold, division_path, version)
    SELECT i.id, c.pack_version, c.flow, 'closed', c.lane, c.level, c.unit, true, c.unit, false, i.registered_at,
        i.closed_at, c.state, c.fold, i.division_path, 1
    FROM incidents AS i, cases AS c WHERE i.case_code LIKE 'Y%'
    """,
    """
    INSERT INTO clocks (incident_id, code, limit_code, content, pack_version, started_at, started_day, amount, unit,
        extended, extensions, generation, due_at, due_day, last_day, moments, unannounced, stopped_at, outcome,
        division_path)
    SELECT i.id, k.code, k.limit_code, k.content, k.pack_version, i.registered_at, k.started_day, k.amount, k.unit,
        0, 0, 0, i.closed_at, k.due_day, k.last_day, k.moments, k.unannounced, i.closed_at, 'close', i.division_path
    FROM incidents AS i, (SELECT * FROM clocks ORDER BY id LIMIT 1) AS k WHERE i.case_code LIKE 'Y%'
    """,
)
"""Four and a half years of closed cases with a limit each."""


async def test_the_weeks_read_nothing_whole(store: Store, world: World, database: Urls) -> None:
    assert PACK.casework is not None
    async with store.transaction(Reach(scope=ROOT)) as session:
        ids = [await add_incident(session, world, world.micro_grids()[0])]
        await open_cases(session, PACK.casework, ids, actor=SUPERVISOR, now=NOW)
        for statement in YEARS:
            await session.execute(text(statement), {"now": NOW} if ":now" in statement else {})
    with psycopg.connect(conninfo_of(database.owner), autocommit=True) as owner:
        owner.execute("ANALYZE incidents, cases, clocks, clock_pauses")
    begins = [datetime.combine(day, datetime.min.time(), ZONE) for day in mondays(NOW, ZONE)]
    wanted = _counted(begins, ROOT).compile(dialect=store.engine.dialect)
    async with store.transaction(Reach(scope=ROOT)) as session:
        connection = await session.connection()
        rows = await connection.exec_driver_sql(f"EXPLAIN {wanted}", wanted.construct_params())
    plan = "\n".join(row for (row,) in rows)
    assert "ix_cases_ended_at" in plan and "ix_clocks_incident_id" in plan, plan
    assert not any(f"Seq Scan on {table}" in plan for table in ("cases", "clocks ", "incidents")), plan
