"""Registering incidents, without HTTP."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import func, select, text

from console.access.rules import Actor
from console.flow.rules import IllegalStep
from console.incidents.actions import Entry, advance, close, register_many
from console.incidents.queries import lock_incident
from console.incidents.rules import Refusal, Registration, Report
from console.incidents.tables import Incident, TimelineEntry
from geo.store import Reach, Store
from layers.hotspots.tables import CellCount
from tests.worlds import EAST, NOW, PACK, ROOT, SIDE, WEST, World, until_a_transaction_waits

ACTOR = Actor(user_id=1, username="source", role="source", scope=ROOT)
REACH = Reach(scope=ROOT)


def counting() -> Iterator[bytes]:
    yield from (i.to_bytes(5, "big") for i in range(10_000))


def registering(draws: Iterator[bytes]) -> Callable[..., Awaitable[list[Registration | Refusal]]]:
    """Bind `register_many` to the pack's terms and these random bytes."""
    return partial(register_many, terms=PACK.incidents, zone=PACK.zone, draw=lambda _: next(draws), now=NOW)


def report_at(world: World, path: str, *, number: str | None = None) -> Report:
    lon, lat = world.middle_of(path)
    return Report("hotline", number, "dispute.family", "Noise", "", lon, lat, lon, lat, "wgs84", NOW)


async def register(store: Store, reports: list[Report], *, draws: Iterator[bytes]) -> list[Registration | Refusal]:
    async with store.transaction(REACH) as session:
        return await registering(draws)(session, reports, actor=ACTOR)


async def test_outcomes_of_many_reports_are_in_their_order(store: Store, world: World) -> None:
    paths = world.micro_grids()
    reports = [report_at(world, path, number=f"{99 - i}") for i, path in enumerate(paths)]
    reports.insert(3, replace(reports[0], lon=0.0))
    reports.append(reports[5])
    found = await register(store, reports, draws=counting())
    assert isinstance(found[3], Refusal)
    taken = [one for one in found if isinstance(one, Registration)]
    assert [one.created for one in taken] == [True] * 16 + [False] and taken[-1].incident_id == taken[4].incident_id
    async with store.transaction(REACH) as session:
        rows = await session.execute(select(Incident.id, Incident.division_path))
        stored = {row.id: row.division_path for row in rows}
        assert stored == {one.incident_id: path for one, path in zip(taken, paths, strict=False)}
        assert len(stored) == 16, "though draws that follow each other can give one code"
        assert await session.scalar(select(func.sum(CellCount.n))) == 16


async def test_a_used_case_code_is_drawn_again(store: Store, world: World) -> None:
    report = report_at(world, world.micro_grids()[0])
    same = bytes(5)
    await register(store, [report], draws=iter([same] * 2))
    [found] = await register(store, [report], draws=iter([same, same, b"\0\0\0\0\xff"]))
    assert isinstance(found, Registration) and found.created
    async with store.transaction(REACH) as session:
        assert await session.scalar(select(func.count(Incident.case_code.distinct()))) == 2


async def test_a_failed_transaction_stores_nothing(store: Store, world: World) -> None:
    with pytest.raises(ConnectionError):
        async with store.transaction(REACH) as session:
            reports = [report_at(world, world.micro_grids()[0])]
            await registering(counting())(session, reports, actor=ACTOR)
            raise ConnectionError
    async with store.transaction(REACH) as session:
        for table in ("incidents", "timeline", "cell_counts", "feed_outbox", "feed_log"):
            assert await session.scalar(text(f"SELECT count(*) FROM {table}")) == 0


async def test_two_connections_with_one_number_make_one_row(store: Store, world: World) -> None:
    """The second waits for the first one's commit, then finds its row."""
    report = report_at(world, world.micro_grids()[0], number="A-1")
    draws = counting()
    async with store.transaction(REACH) as session:
        [first] = await registering(draws)(session, [report], actor=ACTOR)
        waiting = asyncio.create_task(register(store, [report], draws=draws))
        await until_a_transaction_waits(store)
        assert not waiting.done()
    [second] = await waiting
    assert isinstance(first, Registration) and isinstance(second, Registration)
    assert (second.incident_id, second.created) == (first.incident_id, False)


async def test_a_second_registration_continues_when_the_first_one_fails(store: Store, world: World) -> None:
    report = report_at(world, world.micro_grids()[0], number="A-1")
    draws = counting()
    with pytest.raises(ConnectionError):
        async with store.transaction(REACH) as session:
            await registering(draws)(session, [report], actor=ACTOR)
            waiting = asyncio.create_task(register(store, [report], draws=draws))
            await until_a_transaction_waits(store)
            raise ConnectionError
    [second] = await waiting
    assert isinstance(second, Registration) and second.created


async def test_many_calls_about_one_incident_have_one_original(store: Store, world: World) -> None:
    report = report_at(world, world.micro_grids()[0])
    draws = counting()
    found = [one for _ in range(2) for one in await register(store, [report] * 5, draws=draws)]
    ids = [one.incident_id for one in found if isinstance(one, Registration)]
    async with store.transaction(REACH) as session:
        rows = await session.execute(select(Incident.id, Incident.duplicate_of_id))
        assert {row.id: row.duplicate_of_id for row in rows} == {ids[0]: None, **dict.fromkeys(ids[1:], ids[0])}
        linked = select(func.count()).where(TimelineEntry.kind == "duplicate_linked")
        assert await session.scalar(linked) == 2 * 9


async def test_a_duplicate_across_the_town_boundary_is_linked_only_by_actors_who_see_both(
    store: Store, world: World
) -> None:
    west, east = report_at(world, world.micro_grids(WEST)[-1]), report_at(world, world.micro_grids(EAST)[0])
    border = 120.60 + 2 * SIDE
    west, east = (replace(one, lon=border + by, lat=31.105) for one, by in ((west, -0.0003), (east, 0.0003)))
    draws = counting()
    await register(store, [west], draws=draws)
    clerk = replace(ACTOR, scope=EAST)
    async with store.transaction(clerk.reach) as session:
        await registering(draws)(session, [east], actor=clerk)
    await register(store, [east], draws=draws)
    async with store.transaction(REACH) as session:
        rows = (await session.execute(select(Incident.id, Incident.duplicate_of_id).order_by(Incident.id))).all()
        assert [row.duplicate_of_id for row in rows] == [None, None, rows[0].id]


async def test_a_move_that_is_not_allowed_changes_nothing(store: Store, world: World) -> None:
    [found] = await register(store, [report_at(world, world.micro_grids()[0])], draws=counting())
    assert isinstance(found, Registration)
    operator = replace(ACTOR, role="operator")
    async with store.transaction(REACH) as session:
        incident = await lock_incident(session, found.incident_id)
        await close(session, incident, note="", expected=None, actor=operator, now=NOW)
    with pytest.raises(IllegalStep):
        async with store.transaction(REACH) as session:
            incident = await lock_incident(session, found.incident_id)
            await close(session, incident, note="", expected=None, actor=operator, now=NOW)
    async with store.transaction(REACH) as session:
        incident = await lock_incident(session, found.incident_id)
        assert (incident.status, incident.version) == ("closed", 2)


async def test_closing_adds_one_timeline_entry_in_each_way(store: Store, world: World) -> None:
    """By a move, or by the last task, whose entry comes before."""
    reports = [report_at(world, path) for path in world.micro_grids()[:2]]
    found = [one.incident_id for one in await register(store, reports, draws=counting())]  # type: ignore[union-attr]
    async with store.transaction(REACH) as session:
        for which, kind in zip(found, ("closed", "task.recalled"), strict=True):
            incident = await lock_incident(session, which)
            await advance(session, incident, "closed", entry=Entry(kind), now=NOW)
            assert (incident.status, incident.closed_at) == ("closed", NOW)
    async with store.transaction(REACH) as session:
        entries = select(TimelineEntry.incident_id, TimelineEntry.kind).order_by(TimelineEntry.id)
        rows = (await session.execute(entries.where(TimelineEntry.kind != "registered"))).all()
    assert [tuple(row) for row in rows] == [
        (found[0], "closed"),
        (found[1], "task.recalled"),
        (found[1], "closed"),
    ]
