"""Networks of sectors from files: stored as drawn, beside the grids, with their first and last days."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from api.intake.files.importing import import_file
from api.intake.files.jobs import ImportJob, ImportOutcome, NetworkOptions
from console.networks.queries import StoredNetworkArea, read_areas
from geo.datum import Datum, from_wgs84
from geo.store import Reach, Store
from ingest.files.mapping import Options
from ingest.files.problems import FileRefused
from layers.exports import actions
from layers.exports.rules import Format
from tests.api.intake.test_round_trip import exported, write_here
from tests.ingest.files.making import features, rows_of, sheet
from tests.worlds import EAST, LAT, LON, NOW, PACK, ROOT, SIDE, WEST, World

TODAY = date(2026, 3, 2)
COUNTY = (LON, LAT, LON + 4 * SIDE, LAT + 4 * SIDE)
WGS84 = Options(datum=Datum.WGS84)


def at(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """A square in steps of the small county's lattice."""
    return shapely.box(LON + west * SIDE, LAT + south * SIDE, LON + east * SIDE, LAT + north * SIDE)


GRIDS = [at(x, y, x + 1, y + 2) for x in range(4) for y in (0, 2)]
"""The county's grids."""
COLUMNS: Mapping[str, Sequence[Any]] = {
    "编码": [f"A{i}" for i in range(8)],
    "名称": [f"片区{i}" for i in range(8)],
    "责任人": ["李芳", "王伟"] * 4,
    "工号": ["W1", "W2"] * 4,
    "责任人电话": ["13800000000"] * 8,
    "户数": [100 + i for i in range(8)],
}


async def imported(
    store: Store, path: Path, sector: str | None = "party", *, day: date = TODAY, **options: Any
) -> ImportOutcome:
    job = ImportJob(
        "network",
        rows_of(path),
        replace(WGS84, **options),
        now=NOW,
        day=TODAY,
        grid_options=NetworkOptions(sector, day, 5.0),
    )
    return await import_file(store, PACK, job)


async def areas(store: Store, path: str = ROOT, *, day: date = TODAY) -> list[StoredNetworkArea]:
    async with store.transaction(Reach(scope=path)) as session:
        return await read_areas(session, COUNTY, day=day)


async def test_a_network_is_stored_with_its_people_and_counts_and_without_telephones(
    store: Store, world: World, tmp_path: Path
) -> None:
    outcome = await imported(store, features(tmp_path, GRIDS, COLUMNS), "党建")
    assert outcome.counts == {"rows": 8, "begun": 8, "ended": 0, "kept": 0}
    assert [note["code"] for note in outcome.notes] == ["columns.unused_columns", "network.agrees"]
    first = (await areas(store))[0]
    assert (first.sector, first.code, first.name, first.worker, first.worker_code) == (
        "party",
        "A0",
        "片区0",
        "李芳",
        "W1",
    )
    assert first.counts == {"households": 100}
    (grid,) = first.touches
    assert grid.startswith(WEST) and grid.count(".") == 3


async def test_the_next_file_ends_what_is_not_the_same_from_its_first_day(
    store: Store, world: World, tmp_path: Path
) -> None:
    await imported(store, features(tmp_path, GRIDS, COLUMNS, "one.gpkg"))
    fewer = {name: values[:7] for name, values in COLUMNS.items()} | {"责任人": ["李芳", "王伟"] * 3 + ["张强"]}
    april = date(2026, 4, 1)
    path = features(tmp_path, GRIDS[:7], fewer, "two.gpkg")
    outcome = await imported(store, path, day=april)
    assert outcome.counts == {"rows": 7, "begun": 1, "ended": 2, "kept": 6}
    assert len(await areas(store, day=date(2026, 3, 31))) == 8
    (changed,) = [one for one in await areas(store, day=april) if one.worker == "张强"]
    assert (len(await areas(store, day=april)), changed.code) == (7, "A6")
    await imported(store, features(tmp_path, GRIDS, COLUMNS, "three.gpkg"), day=april)
    assert {one.worker for one in await areas(store, day=april)} == {"李芳", "王伟"}
    assert len(await areas(store, day=april)) == 8


async def test_one_sheet_may_have_several_sectors_and_each_town_sees_what_touches_it(
    store: Store, world: World, tmp_path: Path
) -> None:
    rows = [
        ["条线", "名称", "几何", "事项数"],
        ["综治", "西一", at(0, 0, 1, 2).wkt, 3],
        ["环保", "两镇之间", at(1, 0, 3, 2).wkt, 4],
        ["环保", "东一", at(3, 0, 4, 2).wkt, None],
    ]
    outcome = await imported(store, sheet(tmp_path, rows), None)
    told = [(note["code"], note["sector"]) for note in outcome.notes if "sector" in note]
    assert ("network.several_grids", "environment") in told and ("network.gap", "governance") in told
    assert [one.name for one in await areas(store, WEST)] == ["两镇之间", "西一"]
    assert [one.name for one in await areas(store, EAST)] == ["东一", "两镇之间"]
    (village,) = {one.touches[0].rpartition(".")[0] for one in await areas(store, EAST) if one.name == "东一"}
    assert [one.name for one in await areas(store, village)] == ["东一", "两镇之间"]
    assert await areas(store, f"{EAST}.{EAST[-9:]}201") == []


async def test_an_exported_network_comes_back_unchanged(
    store: Store, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "render_apart", write_here)
    counted = COLUMNS | {"事项数": [None, 0, *range(6)]}
    await imported(store, features(tmp_path, GRIDS, counted))
    before = await areas(store)
    for chosen in (Format.SHP, Format.CSV):
        path = await exported(store, tmp_path, "networks", chosen)
        outcome = await imported(store, path, None)
        assert outcome.counts == {"rows": 8, "begun": 0, "ended": 0, "kept": 8}
    assert await areas(store) == before and before[1].counts == {"households": 101, "tasks": 0}


@pytest.mark.parametrize(("sent", "declared"), [(Datum.GCJ02, Datum.WGS84), (Datum.WGS84, Datum.GCJ02)])
async def test_a_network_in_another_datum_than_declared_is_refused_with_the_right_one(
    store: Store, world: World, tmp_path: Path, sent: Datum, declared: Datum
) -> None:
    def moved(places: Any) -> Any:
        return np.column_stack(from_wgs84(places[:, 0], places[:, 1], sent))

    shapes = [shapely.transform(shapely.segmentize(shape, SIDE / 4), moved) for shape in GRIDS]
    path = features(tmp_path, shapes, COLUMNS)
    with pytest.raises(FileRefused) as refused:
        await imported(store, path, datum=declared)
    (problem,) = refused.value.problems
    assert (problem.code, problem.params["likely"]) == ("network.other_place", sent.value)
    assert await areas(store) == []
    assert (await imported(store, path, datum=sent)).counts["begun"] == 8


async def test_a_network_with_borders_of_its_own_is_in_its_place(store: Store, world: World, tmp_path: Path) -> None:
    shapes = [shapely.segmentize(at(x + 0.4, y + 0.3, x + 1.4, y + 1.3), SIDE / 8) for x in (0, 1, 2) for y in (0, 1)]
    path = features(tmp_path, shapes, {"code": [f"a{i}" for i in range(6)]})
    assert (await imported(store, path)).counts["begun"] == 6


@pytest.mark.parametrize(
    ("columns", "shapes", "sector", "expected"),
    [
        ({"code": ["a", "a"]}, GRIDS[:2], "party", {"code.twice"}),
        ({"code": ["a"]}, [at(40, 0, 41, 1)], "party", {"area.outside"}),
        ({"code": ["a"]}, [shapely.transform(at(0, 0, 1, 1), lambda v: v[:, ::-1])], "party", {"coordinate.swapped"}),
        ({"code": ["a"], "households": [-1]}, GRIDS[:1], "party", {"number.out_of_range"}),
        ({"code": ["a"], "households": [1.5]}, GRIDS[:1], "party", {"number.not_whole"}),
        ({"code": ["a"], "counts": ["cars=1"]}, GRIDS[:1], "party", {"counts.broken"}),
        ({"code": ["a"], "counts": ["tasks=-1"]}, GRIDS[:1], "party", {"counts.broken"}),
        ({"code": ["a"]}, GRIDS[:1], "税务", {"sector.unknown"}),
        ({"code": ["a"]}, GRIDS[:1], None, {"field.no_column"}),
        ({"other": ["a"]}, GRIDS[:1], "party", {"field.no_column"}),
        ({"code": ["a"]}, [shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])], "party", {"geometry.invalid"}),
    ],
)
async def test_what_cannot_be_stored_is_refused_whole(
    store: Store,
    world: World,
    tmp_path: Path,
    columns: Mapping[str, Sequence[Any]],
    shapes: Sequence[BaseGeometry],
    sector: str | None,
    expected: set[str],
) -> None:
    if expected == {"geometry.invalid"}:
        shapes = [shapely.transform(shapes[0], lambda v: v * SIDE + (LON, LAT))]
    with pytest.raises(FileRefused) as refused:
        await imported(store, features(tmp_path, shapes, columns), sector)
    assert {problem.code for problem in refused.value.problems} == expected
    assert await areas(store) == []
