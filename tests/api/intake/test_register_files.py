"""Imports of the register's units, and of counts by division."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from api.intake.files.importing import import_file
from api.intake.files.jobs import ImportJob, ImportOutcome, Kind
from console.register.tables import Unit
from geo.datum import Datum
from geo.store import Reach, Store
from ingest.files.mapping import Options
from ingest.files.problems import FileRefused
from layers.divisions.tables import Division
from layers.exposure.tables import ExposureCount
from layers.hotspots.tables import CellExposure
from tests.ingest.files.making import rows_of
from tests.worlds import NOW, PACK, ROOT, WEST, World

TODAY = date(2026, 3, 2)
TOWN, VILLAGE = WEST[-9:], f"{WEST[-9:]}200"
UNITS = f"""code,kind,name,division,parent,hours,telephone,services,attendance,lon,lat
west,centre,西镇中心,{TOWN},,office,0512-1,intake;mediation,常驻,120.61,31.11
west.room,功能室,调解室,,west,,,,,120.605,31.105
west.pool,pool,调解员,{TOWN},west,,,,,,
"""


async def imported(store: Store, kind: Kind, folder: Path, text: str) -> ImportOutcome:
    path = folder / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    options = Options(datum=Datum.WGS84)
    return await import_file(store, PACK, ImportJob(kind, rows_of(path), options, now=NOW, day=TODAY))


async def faults(store: Store, kind: Kind, folder: Path, text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(FileRefused) as refused:
        await imported(store, kind, folder, text)
    return [(problem.row, problem.code) for problem in refused.value.problems]


async def test_units_are_imported_with_their_places_and_updated(store: Store, world: World, tmp_path: Path) -> None:
    assert (await imported(store, "units", tmp_path, UNITS)).counts == {"rows": 3, "added": 3, "changed": 0}
    later = UNITS.replace("0512-1", "0512-2")
    assert (await imported(store, "units", tmp_path, later)).counts == {"rows": 3, "added": 0, "changed": 3}
    async with store.transaction(Reach(scope=ROOT)) as session:
        units = {unit.code: unit for unit in (await session.scalars(select(Unit))).all()}
    west, room, pool = (units[code] for code in ("west", "west.room", "west.pool"))
    assert (west.telephone, west.services, west.attendance, west.is_centre, west.level) == (
        "0512-2", ["intake", "mediation"], "resident", True, "town",
    )  # fmt: skip
    assert room.division_path.startswith(WEST) and room.level == "micro_grid" and room.geom is not None
    assert (pool.geom, pool.parent, pool.division_path) == (None, "west", WEST)
    second = f"code,kind,division\nother,centre,{TOWN}\nlost,room,\nodd,castle,{TOWN}\n"
    assert await faults(store, "units", tmp_path, second) == [(3, "field.missing"), (4, "kind.unknown")]
    assert await faults(store, "units", tmp_path, f"code,kind,division\nother,centre,{TOWN}\n") == [(2, "centre.twice")]
    assert await faults(store, "units", tmp_path, f"code,kind,division,parent\na,room,{TOWN},b\n") == [
        (2, "parent.unknown")
    ]


async def test_counts_become_those_of_the_boundaries_and_of_the_cells(
    store: Store, world: World, tmp_path: Path
) -> None:
    grids = [path.rpartition(".")[2] for path in world.micro_grids(WEST)[:2]]
    table = f"网格编码,户数,场所数,企业数,统计日期\n{grids[0]},120,30,4,2026-02-01\n{grids[1]},80,,,\n"
    assert (await imported(store, "counts", tmp_path, table)).counts == {
        "rows": 2, "added": 2, "changed": 0, "unchanged": 0,
    }  # fmt: skip
    async with store.transaction(Reach(scope=ROOT)) as session:
        rows = (await session.scalars(select(ExposureCount).order_by(ExposureCount.division_code))).all()
        households = await session.scalars(
            select(Division.households).where(Division.code.in_(grids)).order_by(Division.code)
        )
        shared = (await session.scalars(select(CellExposure.households))).all()
    assert [(row.premises, row.counted_on) for row in rows] == [(30, date(2026, 2, 1)), (None, TODAY)]
    # Sixteen micro-grids of a hundred each, of which one now has twenty more and another twenty fewer.
    assert (list(households), round(sum(shared))) == ([120, 80], 1600)
    wrong = f"division,households,premises,counted_on\n{TOWN},5,,\n{grids[0]},-1,,\n{grids[1]},,,\n"
    wrong += f"{grids[0]},1,,2027-01-01\n"
    assert await faults(store, "counts", tmp_path, wrong) == [
        (2, "counts.finer"), (3, "number.out_of_range"), (4, "field.missing"), (5, "time.future"),
    ]  # fmt: skip
