"""Conflicts of a file with stored rows and within itself: reported by row, and nothing is stored."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import select

from api.intake.import_log import ImportEntry, list_imports
from api.keeping.commands.import_messages import MESSAGES
from console.forces.tables import Force
from geo.store import Reach, Store
from ingest.files.problems import FileRefused
from layers.divisions.queries import on_day
from layers.divisions.tables import Division
from tests.api.intake.test_files import CODES, GRIDS, HALVES, TODAY, at, faults_of, imported
from tests.ingest.files.making import features, written
from tests.worlds import EAST, NOW, ROOT, WEST, World

HEADER = "code,kind,lon,lat,device"
PLACE = "patrol,120.605,31.105"
LATER = GRIDS.valid_from


async def devices(store: Store) -> Mapping[str, str | None]:
    async with store.transaction(Reach(scope=ROOT)) as session:
        rows = await session.execute(select(Force.code, Force.device_id))
        return {row.code: row.device_id for row in rows}


# --- forces -----------------------------------------------------------------------------------------------------------


async def test_a_device_of_another_force_is_reported_by_row(store: Store, world: World, tmp_path: Path) -> None:
    content = f"{HEADER}\nnew_1,{PLACE},mine\nnew_2,{PLACE},device-grid_1\n"
    (problem,) = await faults_of(store, "forces", written(tmp_path, "a.csv", content))
    assert (problem.code, problem.row, problem.field) == ("device.taken", 3, "device")
    assert problem.params == {"value": "device-grid_1", "other": "grid_1"}


async def test_a_force_keeps_its_device_when_its_file_is_imported_again(
    store: Store, world: World, tmp_path: Path
) -> None:
    path = written(tmp_path, "a.csv", f"{HEADER}\ngrid_1,grid_worker,120.605,31.105,device-grid_1\n")
    assert (await imported(store, "forces", path)).counts["changed"] == 1
    assert (await devices(store))["grid_1"] == "device-grid_1"


async def test_a_file_sets_the_datum_of_devices_and_one_without_that_column_keeps_it(
    store: Store, world: World, tmp_path: Path
) -> None:
    async def datum() -> str | None:
        async with store.transaction(Reach(scope=world.root)) as session:
            return await session.scalar(select(Force.device_datum).where(Force.code == "grid_1"))

    row = "grid_1,grid_worker,120.605,31.105,device-grid_1"
    await imported(store, "forces", written(tmp_path, "a.csv", f"{HEADER},设备坐标系\n{row},GCJ-02\n"))
    assert await datum() == "gcj02"
    await imported(store, "forces", written(tmp_path, "b.csv", f"{HEADER}\n{row}\n"))
    assert await datum() == "gcj02"
    (problem,) = await faults_of(store, "forces", written(tmp_path, "c.csv", f"{HEADER},device_datum\n{row},nad27\n"))
    assert (problem.code, problem.field) == ("device_datum.unknown", "device_datum")
    await imported(store, "forces", written(tmp_path, "d.csv", f"{HEADER},device_datum\n{row},\n"))
    assert await datum() is None


async def test_two_forces_can_exchange_their_devices(store: Store, world: World, tmp_path: Path) -> None:
    content = f"{HEADER}\ngrid_1,{PLACE},device-grid_2\ngrid_2,{PLACE},device-grid_3\ngrid_3,{PLACE},device-grid_1\n"
    assert (await imported(store, "forces", written(tmp_path, "a.csv", content))).counts["changed"] == 3
    found = await devices(store)
    assert [found[f"grid_{i}"] for i in (1, 2, 3)] == ["device-grid_2", "device-grid_3", "device-grid_1"]


async def test_a_device_can_move_from_a_force_that_gives_it_up_to_a_new_one(
    store: Store, world: World, tmp_path: Path
) -> None:
    content = f"{HEADER}\nnew,{PLACE},device-grid_1\ngrid_1,{PLACE},\n"
    assert (await imported(store, "forces", written(tmp_path, "a.csv", content))).counts["added"] == 1
    found = await devices(store)
    assert (found["new"], found["grid_1"]) == ("device-grid_1", None)


# --- grids ------------------------------------------------------------------------------------------------------------


async def test_a_grid_cannot_take_the_code_of_a_town(store: Store, world: World, tmp_path: Path) -> None:
    """It would end the town and everything in it."""
    path = features(tmp_path, HALVES, {"code": ["g1", EAST[-9:]]})
    (problem,) = await faults_of(store, "grids", path)
    assert (problem.code, problem.row, problem.field) == ("code.other_level", 2, "code")
    assert problem.params == {"value": EAST[-9:], "level": "town"}


SMALLER = [at(0, 0, 0.8, 2), at(0.8, 0, 2, 2)]
"""The village's two grids with their common boundary moved west, across micro-grids of the first."""


def same_codes(world: World) -> dict[str, list[str]]:
    village = f"{WEST}.{GRIDS.parent}"
    found = sorted(p for p, patch in world.patches.items() if patch.level == "grid" and p.startswith(village))
    return {"code": [path.rpartition(".")[2] for path in found]}


async def test_a_smaller_grid_is_refused_with_the_micro_grids_outside_it(
    store: Store, world: World, tmp_path: Path
) -> None:
    codes = same_codes(world)
    problems = await faults_of(store, "grids", features(tmp_path, SMALLER, codes))
    assert {problem.code for problem in problems} == {"grid.leaves_child"}
    assert {problem.params["other"] for problem in problems} == {f"{codes['code'][0]}01", f"{codes['code'][0]}02"}


async def test_end_below_ends_micro_grids_that_no_longer_fit(store: Store, world: World, tmp_path: Path) -> None:
    codes = same_codes(world)
    left = {f"{codes['code'][0]}0{i}" for i in (1, 2)}
    first, second = (features(tmp_path, SMALLER, codes, name) for name in ("first.gpkg", "second.gpkg"))
    rehearsed = await imported(store, "grids", first, dry_run=True, ends_below=True)
    done = await imported(store, "grids", second, ends_below=True)
    assert (done.counts, done.notes) == (rehearsed.counts, rehearsed.notes)
    assert {note["other"] for note in done.notes if note["code"] == "grid.ends_below"} == left
    assert done.counts["ended"] == 4, "two lines of grids, and two micro-grids"
    async with store.transaction(Reach(scope=ROOT)) as session:
        rows = (await session.scalars(select(Division).where(on_day(LATER), Division.level == "micro_grid"))).all()
        grids = {g.code: to_shape(g.geom) for g in await session.scalars(select(Division).where(on_day(LATER)))}
    assert left.isdisjoint({row.code for row in rows})
    assert len(rows) == 14
    for row in rows:
        assert shapely.difference(to_shape(row.geom), grids[row.parent_code or ""]).area < 1e-12, row.code


async def test_future_micro_grids_are_checked_too(store: Store, world: World, tmp_path: Path) -> None:
    """One that begins after the new boundary's first day would be outside from then on."""
    grid = same_codes(world)["code"][0]
    finer = features(tmp_path, [at(0, 0, 1, 2)], {"code": ["later"]}, "later.gpkg")
    await imported(store, "grids", finer, level="micro_grid", parent=grid, valid_from=date(2026, 6, 1))
    problems = await faults_of(store, "grids", features(tmp_path, SMALLER, same_codes(world)))
    assert "later" in {problem.params["other"] for problem in problems}


# --- the log ----------------------------------------------------------------------------------------------------------


async def test_only_stored_files_are_logged(store: Store, world: World, tmp_path: Path) -> None:
    await imported(store, "grids", features(tmp_path, HALVES, CODES, "first.gpkg"), dry_run=True)
    assert await logged(store) == []
    await imported(store, "grids", features(tmp_path, HALVES, CODES, "second.gpkg"))
    await faults_of(store, "forces", written(tmp_path, "a.csv", f"{HEADER}\nx,wizard,120.605,31.105,\n"))
    (entry,) = await logged(store)
    assert (entry.kind, entry.datum, entry.at, entry.counts["rows"]) == ("grids", "wgs84", NOW, 2)
    assert await logged(store, scope=WEST) == [], "what came in for the county is not a town's to read"


async def logged(store: Store, *, scope: str = ROOT) -> Sequence[ImportEntry]:
    async with store.transaction(Reach(scope=scope)) as session:
        return await list_imports(session, limit=10)


async def test_simultaneous_imports_wait_for_each_other(store: Store, world: World, tmp_path: Path) -> None:
    paths = [features(tmp_path, HALVES, CODES, f"{i}.gpkg") for i in range(3)]
    outcomes = await asyncio.gather(*(imported(store, "grids", path) for path in paths))
    assert sorted(outcome.counts["kept"] for outcome in outcomes) == [0, 2, 2]
    assert len(await logged(store)) == 3


def test_these_refusals_have_messages() -> None:
    assert {"device.taken", "code.other_level", "grid.ends_below"} <= MESSAGES.keys()


async def test_divisions_in_a_grid_that_changes_later_are_refused_until_then(
    store: Store, world: World, tmp_path: Path
) -> None:
    """They would outlast it, and are not checked against its successor."""
    codes = same_codes(world)
    await imported(store, "grids", features(tmp_path, SMALLER, codes), ends_below=True)
    early = {"level": "micro_grid", "parent": codes["code"][0], "valid_from": TODAY}
    micro = features(tmp_path, [at(0, 0, 1, 2)], {"code": ["m1"]}, "micro.gpkg")
    with pytest.raises(FileRefused) as refused:
        await imported(store, "grids", micro, **early)
    (problem,) = refused.value.problems
    assert (problem.code, problem.params["day"]) == ("parent.changes", GRIDS.valid_from.isoformat())
