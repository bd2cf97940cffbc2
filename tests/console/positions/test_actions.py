"""Fixes in the database: which are stored, which becomes the latest."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from console.forces.actions import register_many
from console.forces.rules import ForceRecord
from console.forces.tables import Force
from console.positions.actions import record_fixes, update_fix_divisions
from console.positions.queries import latest_positions, older_positions_at, positions_at
from console.positions.rules import FlaggedSighting, RefusedSighting, Sighting
from console.positions.tables import Fix, LatestFix
from geo.datum import Datum, point_to_wgs84
from geo.store import Reach, Store
from tests.worlds import EAST, NOW, ROOT, WEST, World, until_a_transaction_waits

LON, LAT = 120.61, 31.12
SECOND = timedelta(seconds=1)


def seen(
    force: int | None,
    *,
    at: datetime = NOW,
    lon: float = LON,
    lat: float = LAT,
    devices: tuple[str, ...] = (),
    accuracy_m: float = 8.0,
    mock: bool = False,
    datum_stated: bool = True,
) -> Sighting:
    return Sighting(
        devices=devices,
        force_id=force,
        at=at,
        lon=lon,
        lat=lat,
        raw_x=lon + 0.004,
        raw_y=lat - 0.002,
        datum="gcj02",
        dialect="own",
        speed_mps=2.0,
        heading=90.0,
        accuracy_m=accuracy_m,
        battery=0.5,
        mock=mock,
        datum_stated=datum_stated,
    )


async def take(
    store: Store, world: World, *sightings: Sighting, now: datetime = NOW, only: int | None = None, scope: str = ""
) -> list[str]:
    """Commit sightings as one batch and return flags and refusals."""
    async with store.transaction(Reach(scope=scope or world.root)) as session:
        outcomes = await record_fixes(session, sightings, only=only, now=now)
    return [found.flag if isinstance(found, FlaggedSighting) else found.code for found in outcomes]


async def test_every_fix_is_stored_with_its_flag_and_only_a_sound_one_becomes_the_latest(
    store: Store, world: World
) -> None:
    force = world.forces["patrol_west"]
    first = [
        seen(force),
        seen(force),
        seen(force, at=NOW + timedelta(minutes=3)),
        seen(force, at=NOW + SECOND, lon=121.6),
        seen(force, at=NOW + SECOND, lon=0.0, lat=0.0),
        seen(force, at=NOW + SECOND, lon=LON + 0.2, accuracy_m=20_000.0),
        seen(force, at=NOW + SECOND, mock=True),
        seen(force, at=NOW + 2 * SECOND, lon=LON + 0.0001),
    ]
    flags = ["ok", "duplicate", "future", "teleport", "null_island", "coarse", "mock", "ok", "late"]
    assert await take(store, world, *first) + await take(store, world, seen(force, at=NOW - SECOND)) == flags
    async with store.transaction(Reach(scope=world.root)) as session:
        assert [*await session.scalars(select(Fix.flag).order_by(Fix.id))] == flags
        (latest,) = await latest_positions(session)
    assert (latest.force_id, latest.at, latest.lon) == (force, NOW + 2 * SECOND, LON + 0.0001)


async def test_raw_coordinates_are_stored_beside_the_converted_ones(store: Store, world: World) -> None:
    await take(store, world, seen(world.forces["patrol_west"]))
    async with store.transaction(Reach(scope=world.root)) as session:
        fix = (await session.scalars(select(Fix))).one()
    assert (fix.raw_x, fix.raw_y, fix.datum) == (LON + 0.004, LAT - 0.002, "gcj02")
    assert (fix.lon, fix.lat, fix.speed_mps, fix.battery) == (LON, LAT, 2.0, 0.5)
    assert fix.received_at == NOW


async def test_nothing_is_stored_of_a_force_off_duty(store: Store, world: World) -> None:
    force = world.forces["patrol_west"]
    async with store.transaction(Reach(scope=world.root)) as session:
        await session.execute(update(Force).where(Force.id == force).values(duty="off"))
    assert await take(store, world, seen(force)) == ["off_duty"]
    async with store.transaction(Reach(scope=world.root)) as session:
        assert (await session.scalars(select(Fix))).all() == []
        assert (await session.scalars(select(LatestFix))).all() == []


async def test_a_late_batch_never_replaces_a_newer_fix(store: Store, world: World) -> None:
    force = world.forces["patrol_west"]
    await take(store, world, seen(force, at=NOW))
    assert await take(store, world, seen(force, at=NOW - 5 * SECOND), seen(force, at=NOW - SECOND)) == ["late", "late"]
    async with store.transaction(Reach(scope=world.root)) as session:
        assert [position.at for position in await latest_positions(session)] == [NOW]


async def test_a_precise_fix_that_came_late_replaces_a_coarse_one(store: Store, world: World) -> None:
    force = world.forces["patrol_west"]
    assert await take(store, world, seen(force, lon=LON + 0.2, accuracy_m=20_000.0)) == ["ok"]
    assert await take(store, world, seen(force, at=NOW - 5 * SECOND)) == ["ok"]
    async with store.transaction(Reach(scope=world.root)) as session:
        assert [(found.at, found.lon) for found in await latest_positions(session)] == [(NOW - 5 * SECOND, LON)]


async def test_the_datum_of_a_device_counts_unless_the_sender_states_one(store: Store, world: World) -> None:
    force = world.forces["patrol_west"]
    async with store.transaction(Reach(scope=world.root)) as session:
        await session.execute(update(Force).where(Force.id == force).values(device_datum="bd09"))
    await take(store, world, seen(force), seen(force, at=NOW + SECOND, datum_stated=False))
    async with store.transaction(Reach(scope=world.root)) as session:
        fixes = [*await session.scalars(select(Fix).order_by(Fix.at))]
    assert [fix.datum for fix in fixes] == ["gcj02", "bd09"]
    assert (fixes[0].lon, fixes[0].raw_x) == (LON, LON + 0.004)
    assert (fixes[1].lon, fixes[1].lat) == point_to_wgs84(LON + 0.004, LAT - 0.002, Datum.BD09)


async def test_a_force_is_found_by_its_device_most_specific_name_first(store: Store, world: World) -> None:
    batch = [
        seen(None, devices=("device-grid_1",)),
        seen(None, devices=("unknown", "device-grid_2")),
        seen(None, devices=("unknown",)),
        seen(999_999),
    ]
    assert await take(store, world, *batch) == ["ok", "ok", "force.unknown", "force.unknown"]
    async with store.transaction(Reach(scope=world.root)) as session:
        found = [position.force_id for position in await latest_positions(session)]
    assert found == [world.forces["grid_1"], world.forces["grid_2"]]


async def test_a_patrol_cannot_find_out_whether_other_forces_exist(store: Store, world: World) -> None:
    own = world.forces["patrol_west"]
    batch = [seen(own), seen(world.forces["grid_1"]), seen(999_999)]
    assert await take(store, world, *batch, only=own) == ["ok", "force.foreign", "force.foreign"]


async def test_a_towns_gateway_cannot_report_another_towns_force(store: Store, world: World) -> None:
    batch = [seen(world.forces["patrol_west"]), seen(world.forces["patrol_east"])]
    assert await take(store, world, *batch, scope=WEST) == ["ok", "force.unknown"]


async def test_a_force_posted_to_another_town_is_reported_by_that_towns_gateway(store: Store, world: World) -> None:
    force = world.forces["patrol_west"]
    assert await take(store, world, seen(force), seen(world.forces["grid_1"]), scope=WEST) == ["ok", "ok"]
    async with store.transaction(Reach(scope=world.root)) as session:
        record = ForceRecord("patrol_west", "Patrol", "patrol", "car", LON, LAT, division_path=EAST)
        await register_many(session, [record], on_division_change=update_fix_divisions, now=NOW)
    seen_by = {}
    for town in (WEST, EAST):
        async with store.transaction(Reach(scope=town)) as session:
            seen_by[town] = [position.force_id for position in await latest_positions(session)]
    assert seen_by == {WEST: [world.forces["grid_1"]], EAST: [force]}
    later = seen(force, at=NOW + SECOND), seen(world.forces["patrol_east"], at=NOW + SECOND)
    assert await take(store, world, *later, scope=EAST) == ["ok", "ok"]
    assert await take(store, world, seen(force, at=NOW + 2 * SECOND), scope=WEST) == ["force.unknown"]


@pytest.mark.parametrize(("scope", "outcome"), [(ROOT, "ok"), (WEST, "force.unknown")])
async def test_a_fix_taken_while_its_force_is_posted_elsewhere_is_seen_in_the_new_town_alone(
    store: Store, world: World, scope: str, outcome: str
) -> None:
    force = world.forces["patrol_west"]
    await take(store, world, seen(force))
    later = seen(force, at=NOW + SECOND)
    async with store.transaction(Reach(scope=world.root)) as session:
        record = ForceRecord("patrol_west", "Patrol", "patrol", "car", LON, LAT, division_path=EAST)
        await register_many(session, [record], on_division_change=update_fix_divisions, now=NOW)
        taken = asyncio.create_task(take(store, world, later, now=NOW + SECOND, scope=scope))
        await until_a_transaction_waits(store)
    assert await taken == [outcome]
    last = NOW + SECOND if outcome == "ok" else NOW
    for town, shown in ((WEST, []), (EAST, [(force, last)])):
        async with store.transaction(Reach(scope=town)) as session:
            latest = await latest_positions(session)
            replayed = await older_positions_at(session, NOW + SECOND, [force] if town == EAST else [])
        for positions in (latest, replayed):
            assert [(position.force_id, position.at) for position in positions] == shown, town


async def test_a_replayed_moment_shows_fresh_sound_fixes_that_had_come_in(store: Store, world: World) -> None:
    west, east = world.forces["patrol_west"], world.forces["patrol_east"]
    await take(store, world, seen(west, at=NOW), seen(west, at=NOW + SECOND, lon=121.6), now=NOW)
    await take(store, world, seen(west, at=NOW + 60 * SECOND), now=NOW + 60 * SECOND)
    await take(store, world, seen(east, at=NOW + 90 * SECOND), now=NOW + 90 * SECOND)
    seen_at = {}
    async with store.transaction(Reach(scope=world.root)) as session:
        for seconds in (-1, 0, 60, 90, 700):
            found = await positions_at(session, NOW + seconds * SECOND)
            seen_at[seconds] = {position.force_id: position.at for position in found}
    assert seen_at == {
        -1: {},
        0: {west: NOW},
        60: {west: NOW + 60 * SECOND},
        90: {west: NOW + 60 * SECOND, east: NOW + 90 * SECOND},
        700: {},
    }


async def test_an_empty_batch_is_accepted(store: Store, world: World) -> None:
    assert await take(store, world) == []


async def test_a_refusal_has_a_code(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=world.root)) as session:
        (found,) = await record_fixes(session, [seen(None)], only=None, now=NOW)
    assert found == RefusedSighting("force.unknown")
