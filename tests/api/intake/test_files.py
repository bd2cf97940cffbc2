"""Imports of files: all rows are stored or none, and every problem is reported."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import shapely
from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select

from api.intake.files.importing import import_file
from api.intake.files.jobs import GridOptions, ImportJob, ImportOutcome, Kind
from console.forces.tables import Force
from console.incidents.tables import Incident
from console.rounds.tables import PatrolRoute
from geo.datum import Datum, from_wgs84
from geo.store import Reach, Store
from ingest.files.mapping import Options
from ingest.files.problems import FileRefused, Problem
from layers.cameras.tables import Camera
from layers.divisions.tables import Division
from tests.ingest.files.making import features, rows_of, sheet, written
from tests.worlds import NOW, PACK, ROOT, WEST, World

WGS84 = Options(datum=Datum.WGS84)
TODAY = date(2026, 3, 2)
GRIDS = GridOptions(level="grid", parent=f"{WEST[-9:]}200", valid_from=date(2026, 4, 1))
"""Grids of the south village of the west town, whose square is 120.60–120.62° E, 31.10–31.12° N, from April."""


def at(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """Make a square in hundredths of a degree from the county's corner."""
    return shapely.box(120.60 + west / 100, 31.10 + south / 100, 120.60 + east / 100, 31.10 + north / 100)


HALVES = [at(0, 0, 1, 2), at(1, 0, 2, 2)]
CODES = {"code": ["g1", "g2"], "name": ["one", "two"]}


async def imported(
    store: Store, kind: Kind, path: Path, options: Options = WGS84, *, dry_run: bool = False, **grid_options: Any
) -> ImportOutcome:
    job = ImportJob(kind, rows_of(path), options, now=NOW, day=TODAY, dry_run=dry_run)
    return await import_file(
        store, PACK, replace(job, grid_options=replace(GRIDS, **grid_options) if kind == "grids" else None)
    )


async def counts(store: Store) -> list[int]:
    """Count the rows of every table that an import can change."""
    async with store.transaction(Reach(scope=ROOT)) as session:
        tables = (Division, Camera, Incident, Force)
        return [await session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


async def faults_of(store: Store, kind: Kind, path: Path, options: Options = WGS84) -> Sequence[Problem]:
    """Import a file that must be refused; check that nothing was stored and return its problems."""
    before = await counts(store)
    with pytest.raises(FileRefused) as refused:
        await imported(store, kind, path, options)
    assert await counts(store) == before
    return refused.value.problems


def folder_in(folder: Path, number: int) -> Path:
    made = folder / str(number)
    made.mkdir()
    return made


# --- grids ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["grids.gpkg", "grids.geojson", "grids.zip"])
async def test_grids_of_a_village_replace_its_old_ones_from_their_first_day(
    store: Store, world: World, tmp_path: Path, name: str
) -> None:
    outcome = await imported(store, "grids", features(tmp_path, HALVES, CODES, name))
    assert outcome.counts["begun"] == 2
    assert not [note for note in outcome.notes if note["code"] != "text.encoding_found"]
    async with store.transaction(Reach(scope=ROOT)) as session:
        lines = (await session.scalars(select(Division).where(Division.code.in_(["g1", "g2"])))).all()
        paths = {line.code: line.division_path for line in lines}
        ended = await session.scalar(select(func.count()).where(Division.valid_to == date(2026, 4, 1)))
    assert paths == {code: f"{WEST}.{GRIDS.parent}.{code}" for code in ("g1", "g2")}
    assert ended == 6, "two grids and the four micro-grids below them"


async def test_a_dry_run_reports_the_same_and_stores_nothing(store: Store, world: World, tmp_path: Path) -> None:
    before = await counts(store)
    path = features(tmp_path, HALVES, CODES)
    rehearsed = await imported(store, "grids", path, dry_run=True)
    assert await counts(store) == before
    assert (await imported(store, "grids", path)).counts == rehearsed.counts


async def test_a_gap_is_reported_and_accepted(store: Store, world: World, tmp_path: Path) -> None:
    outcome = await imported(store, "grids", features(tmp_path, [at(0, 0, 1, 2), at(1.2, 0, 2, 2)], CODES))
    (note,) = outcome.notes
    assert note["code"] == "grid.gap"
    assert note["square_metres"] == pytest.approx(0.002 * 0.02 * 111_000 * 95_300, rel=0.02)


async def test_gcj02_boundaries_are_converted(store: Store, world: World, tmp_path: Path) -> None:
    def shifted(vertices: Any) -> Any:
        x, y = from_wgs84(vertices[:, 0], vertices[:, 1], Datum.GCJ02)
        return list(zip(x, y, strict=True))

    moved = [shapely.transform(half, shifted) for half in HALVES]
    await imported(store, "grids", features(tmp_path, moved, CODES), Options(datum=Datum.GCJ02))
    async with store.transaction(Reach(scope=ROOT)) as session:
        line = (await session.scalars(select(Division).where(Division.code == "g1"))).one()
    assert shapely.get_parts(to_shape(line.geom))[0].equals_exact(HALVES[0], 1e-7, normalize=True)


BOW_TIE = shapely.Polygon([(120.60, 31.10), (120.61, 31.12), (120.61, 31.10), (120.60, 31.12)])
SWAPPED = shapely.transform(HALVES[0], lambda v: v[:, ::-1])

BAD_GRIDS: dict[str, tuple[Callable[[Path], Path], str, int | None]] = {
    "a bow-tie": (lambda f: features(f, [BOW_TIE, HALVES[1]], CODES), "geometry.invalid", 1),
    "an overlap": (lambda f: features(f, [at(0, 0, 1.2, 2), HALVES[1]], CODES), "grid.overlaps", 1),
    "a grid beyond its village": (
        lambda f: features(f, [HALVES[0], at(1, 0, 2.1, 2)], CODES),
        "grid.outside_parent",
        2,
    ),
    "a code twice": (lambda f: features(f, HALVES, {"code": ["g1", "g1"]}), "code.twice", 1),
    "no code": (lambda f: features(f, HALVES, {"code": ["g1", None]}), "field.missing", 2),
    "a code that is no label": (lambda f: features(f, HALVES, {"code": ["g1", "g-2"]}), "code.invalid", 2),
    "an unknown parent": (
        lambda f: features(f, HALVES, {"code": ["g1", "g2"], "parent": ["nowhere", GRIDS.parent]}),
        "parent.unknown",
        1,
    ),
    "latitude before longitude": (lambda f: features(f, [SWAPPED, HALVES[1]], CODES), "coordinate.swapped", 1),
    "points for polygons": (
        lambda f: features(f, [half.centroid for half in HALVES], CODES),
        "geometry.not_a_polygon",
        1,
    ),
    "no geometry": (lambda f: written(f, "a.csv", "code,name\ng1,one\n"), "geometry.missing", 2),
    "broken WKT": (lambda f: written(f, "a.csv", "code,wkt\ng1,POLYGON((\n"), "geometry.broken", 2),
    "households that are no number": (
        lambda f: features(f, HALVES, {"code": ["g1", "g2"], "households": ["many", "3"]}),
        "number.broken",
        1,
    ),
}


async def test_bad_grids_are_refused_by_row_and_none_is_stored(store: Store, world: World, tmp_path: Path) -> None:
    for number, (what, (make, code, row)) in enumerate(BAD_GRIDS.items()):
        problems = await faults_of(store, "grids", make(folder_in(tmp_path, number)))
        assert (code, row) in {(problem.code, problem.row) for problem in problems}, what


async def test_a_town_too_small_for_its_villages_is_refused(store: Store, world: World, tmp_path: Path) -> None:
    towns = [at(0, 0, 1.5, 4), at(1.5, 0, 4, 4)]
    path = features(tmp_path, towns, {"code": [WEST[-9:], f"{ROOT}101"]})
    job = ImportJob(
        "grids", rows_of(path), WGS84, now=NOW, day=TODAY, grid_options=GridOptions("town", ROOT, GRIDS.valid_from)
    )
    with pytest.raises(FileRefused) as refused:
        await import_file(store, PACK, job)
    assert {p.code for p in refused.value.problems} == {"grid.leaves_child"}


async def test_the_first_grids_make_the_root(store: Store, tmp_path: Path) -> None:
    path = features(tmp_path, HALVES, {"name": ["Lone Mountain/USF", "Sea Cliff"]})
    options = Options(datum=Datum.WGS84, codes_from_names=True)
    await imported(store, "grids", path, options, level="town", parent=ROOT, valid_from=date(2020, 1, 1))
    async with store.transaction(Reach(scope=ROOT)) as session:
        lines = {line.code: line for line in await session.scalars(select(Division))}
    assert set(lines) == {ROOT, "lone_mountain_usf", "sea_cliff"}
    assert to_shape(lines[ROOT].geom).equals(at(0, 0, 2, 2))
    assert lines[ROOT].level == "county"


# --- cameras, forces --------------------------------------------------------------------------------------------------


async def test_cameras_of_a_chinese_sheet_are_imported_and_a_second_import_changes_nothing(
    store: Store, world: World, tmp_path: Path
) -> None:
    rows = [["编码", "名称", "经度", "纬度", "朝向", "在线"], [320509001, "桥头", 120.605, 31.105, 90, "是"]]
    before = await counts(store)
    for name in ("first.xlsx", "again.xlsx"):
        await imported(store, "cameras", sheet(tmp_path, rows, name))
    after = await counts(store)
    assert after[1] == before[1] + 1
    async with store.transaction(Reach(scope=ROOT)) as session:
        camera = (await session.scalars(select(Camera).where(Camera.code == "320509001"))).one()
    assert (camera.heading, camera.online, camera.name) == (90, True, "桥头")
    assert camera.division_path.startswith(WEST)


async def test_forces_may_name_kinds_and_are_posted_to_their_home_division(
    store: Store, world: World, tmp_path: Path
) -> None:
    content = "code,name,kind,lon,lat,specialities\nm9,调解一组,调解员,120.605,31.105,dispute.family；邻里纠纷\n"
    outcome = await imported(store, "forces", written(tmp_path, "a.csv", content.encode("gb18030")))
    assert outcome.counts["added"] == 1
    assert outcome.notes[0]["encoding"] == "gb18030"
    async with store.transaction(Reach(scope=ROOT)) as session:
        force = (await session.scalars(select(Force).where(Force.code == "m9"))).one()
    assert (force.kind, force.mode, force.duty) == ("mediator", "ebike", "on")
    assert force.specialities == ["dispute.family", "dispute.neighbour"]
    assert force.division_path.count(".") == 4


async def test_distinct_imports_each_unit_of_a_log_once_at_its_median_point(
    store: Store, world: World, tmp_path: Path
) -> None:
    rows = "".join(f"u1,ENGINE,{120.601 + i / 1000},31.105\n" for i in range(5))
    path = written(tmp_path, "log.csv", f"unit,type,lon,lat\n{rows}u2,ENGINE,120.61,31.11\n")
    options = Options(
        datum=Datum.WGS84,
        columns={"code": "unit", "kind": "type"},
        values={"kind": {"ENGINE": "patrol"}},
        distinct="unit",
    )
    assert (await imported(store, "forces", path, options)).counts["added"] == 2
    async with store.transaction(Reach(scope=ROOT)) as session:
        home = to_shape((await session.scalars(select(Force.home).where(Force.code == "u1"))).one())
    assert home.x == pytest.approx(120.603)


RECORD = "source,category,lon,lat,occurred_at"
START = "hotline,dispute.family,120.605,31.105"
LINE = f"{START},2026-03-01T08:00Z"

BAD_LISTS: dict[str, tuple[Kind, str, str, str]] = {
    "a force of unknown kind": ("forces", "code,kind,lon,lat\na,wizard,120.605,31.105\n", "kind.unknown", "kind"),
    "a force outside": ("forces", "code,kind,lon,lat\na,patrol,121.605,31.105\n", "point.outside", "lon"),
    "a force with lon and lat changed over": (
        "forces", "code,kind,lon,lat\na,patrol,31.105,120.605\n", "coordinate.swapped", "lon"),
    "a force that is not a number": ("forces", "code,kind,lon,lat\na,patrol,nan,31.1\n", "number.not_finite", "lon"),
    "a force on a post unknown": (
        "forces", "code,kind,lon,lat,division\na,patrol,120.605,31.105,x\n", "division.unknown", "division"),
    "two forces with one device": (
        "forces", "code,kind,lon,lat,device\na,patrol,120.605,31.105,d\nb,patrol,120.605,31.105,d\n", "device.twice",
        "device"),
    "an unknown speciality": (
        "forces", "code,kind,lon,lat,specialities\na,patrol,120.605,31.105,magic\n", "specialities.unknown",
        "specialities"),
    "a formula for a grid's code": (
        "grids", 'code,wkt\n=1+1,"POLYGON((0 0,1 0,1 1,0 0))"\n', "code.invalid", "code"),
    "a camera that looks everywhere at once": (
        "cameras", "code,lon,lat,heading\nc,120.605,31.105,999\n", "number.out_of_range", "heading"),
    "a camera neither on nor off": (
        "cameras", "code,lon,lat,online\nc,120.605,31.105,maybe\n", "flag.unknown", "online"),
    "a naive time": (
        "incidents", "source,category,lon,lat,occurred_at\nhotline,dispute.family,120.605,31.105,2026-03-01 08:00\n",
        "time.naive", "occurred_at"),
    "a time that is none": (
        "incidents", "source,category,lon,lat,occurred_at\nhotline,dispute.family,120.605,31.105,yesterday\n",
        "time.broken", "occurred_at"),
    "a time to come": (
        "incidents", "source,category,lon,lat,occurred_at\nhotline,dispute.family,120.605,31.105,2027-03-01T08:00Z\n",
        "time.future", "occurred_at"),
    "an end to come": ("incidents", f"{RECORD},closed_at\n{LINE},2027-03-01T08:00Z\n", "time.future", "closed_at"),
    "a time before anybody reported": (
        "incidents", f"{RECORD}\n{LINE.replace('2026', '1899')}\n", "time.past", "occurred_at"),
    "an end before anybody reported": (
        "incidents", f"{RECORD},closed_at\n{LINE},0209-03-01T08:00Z\n", "time.past", "closed_at"),
    "an end before the beginning": (
        "incidents", f"{RECORD},closed_at\n{LINE},2026-02-01T08:00Z\n", "time.out_of_order", "closed_at"),
    "an unknown category": (
        "incidents", "source,category,lon,lat,occurred_at\nhotline,riot,120.605,31.105,2026-03-01T08:00Z\n",
        "category.unknown", "category"),
    "a number twice": (
        "incidents", f"{RECORD},external_no\n{LINE},1\n{LINE},1\n",
        "external_no.twice", "external_no"),
}  # fmt: skip


async def test_bad_rows_are_refused_by_field_and_no_row_is_stored(store: Store, world: World, tmp_path: Path) -> None:
    for number, (what, (kind, content, code, field)) in enumerate(BAD_LISTS.items()):
        problems = await faults_of(store, kind, written(folder_in(tmp_path, number), "a.csv", content))
        assert (code, field) in {(problem.code, problem.field) for problem in problems}, what


async def test_a_problem_in_a_sheet_names_its_cell(store: Store, world: World, tmp_path: Path) -> None:
    rows = [["code", "kind", "lon", "lat"], ["a", "patrol", 120.605, 31.105], ["b", "wizard", 120.605, 31.105]]
    (problem,) = await faults_of(store, "forces", sheet(tmp_path, rows))
    assert (problem.row, problem.cell, problem.params["value"]) == (3, "Sheet1!B3", "wizard")


async def test_all_problems_are_reported_together(store: Store, world: World, tmp_path: Path) -> None:
    content = "code,kind,lon,lat\n,wizard,x,31.1\nb,patrol,121.9,31.105\n"
    problems = await faults_of(store, "forces", written(tmp_path, "a.csv", content))
    assert [(p.row, p.code) for p in problems] == [
        (2, "field.missing"),
        (2, "kind.unknown"),
        (2, "number.broken"),
        (3, "point.outside"),
    ]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (Options(datum=Datum.WGS84, columns={"code": "id"}), "map.no_such_column"),
        (Options(datum=Datum.WGS84, constants={"colour": "red"}), "map.no_such_field"),
    ],
)
async def test_a_mapping_to_an_unknown_field_or_column_is_refused(
    store: Store, world: World, tmp_path: Path, options: Options, code: str
) -> None:
    path = written(tmp_path, "a.csv", "code,kind,lon,lat\na,patrol,120.605,31.105\n")
    assert [p.code for p in await faults_of(store, "forces", path, options)] == [code]


# --- incidents --------------------------------------------------------------------------------------------------------


async def test_local_times_are_read_with_a_time_zone_and_a_second_import_changes_nothing(
    store: Store, world: World, tmp_path: Path
) -> None:
    header = "来源,外部编号,类别,经度,纬度,发生时间,办结时间"
    content = f"{header}\nhotline,1,邻里纠纷,120.605,31.105,2026/03/01 08:00,2026-03-01 09:30\n"
    options = Options(datum=Datum.WGS84, zone=ZoneInfo("Asia/Shanghai"), constants={"title": "旧账"})
    first = await imported(store, "incidents", written(tmp_path, "a.csv", content), options)
    again = await imported(store, "incidents", written(tmp_path, "b.csv", content), options)
    assert (first.counts["added"], again.counts["added"], again.counts["unchanged"]) == (1, 0, 1)
    async with store.transaction(Reach(scope=ROOT)) as session:
        incident = (await session.scalars(select(Incident))).one()
    assert incident.occurred_at.isoformat() == "2026-03-01T00:00:00+00:00"
    assert (incident.status, incident.category, incident.title) == ("closed", "dispute.neighbour", "旧账")


async def test_an_out_of_range_ambiguous_or_missing_local_time_is_refused(
    store: Store, world: World, tmp_path: Path
) -> None:
    """Clocks in China went forward on 4 May 1986 and back on 16 September 1990."""
    codes = {
        "0001-01-01 00:00:00": "time.broken",
        "9999-12-31 23:59:59-05:00": "time.broken",
        "1986-05-04 02:30:00": "time.not_once",
        "1990-09-16 01:30:00": "time.not_once",
    }
    lines = "".join(f"{START},{when}\n" for when in codes)
    path = written(tmp_path, "a.csv", f"{RECORD}\n{lines}{START},1990-09-16 01:30:00+08:00\n")
    problems = await faults_of(store, "incidents", path, replace(WGS84, zone=ZoneInfo("Asia/Shanghai")))
    assert [(p.row, p.code) for p in problems] == list(enumerate(codes.values(), start=2))


async def test_a_time_slightly_ahead_is_accepted_in_files_too(store: Store, world: World, tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", f"{RECORD}\nhotline,dispute.family,120.605,31.105,2026-03-02T02:01:00Z\n")
    assert (await imported(store, "incidents", path)).counts["added"] == 1


async def test_points_of_a_vector_file_are_imported_as_incidents(store: Store, world: World, tmp_path: Path) -> None:
    columns = {
        "source": ["hotline"], "external_no": ["9"], "category": ["hazard.fire"],
        "occurred_at": ["2026-03-01T00:00:00Z"],
    }  # fmt: skip
    await imported(store, "incidents", features(tmp_path, [shapely.Point(120.605, 31.105)], columns, "a.geojson"))
    async with store.transaction(Reach(scope=ROOT)) as session:
        incident = (await session.scalars(select(Incident))).one()
    assert (incident.raw_x, incident.raw_y) == (120.605, 31.105)


def test_the_report_of_a_refusal_is_json() -> None:
    refused = FileRefused([Problem("kind.unknown", row=2, field="kind", params={"value": "x"})])
    assert json.loads(json.dumps(refused.params))["problems"][0]["row"] == 2


async def test_routes_are_a_row_a_point_and_a_point_of_the_same_name_keeps_its_slip(
    store: Store, world: World, tmp_path: Path
) -> None:
    async def routes() -> list[list[dict[str, Any]]]:
        async with store.transaction(Reach(scope=ROOT)) as session:
            return [route.points for route in await session.scalars(select(PatrolRoute).order_by(PatrolRoute.id))]

    lon, lat = world.middle_of(world.micro_grids()[0])
    grid = world.micro_grids()[0].split(".")[-2]
    head = ["网格编码", "路线名称", "名称", "经度", "纬度"]
    rows = [[grid, "河东", f"点{i}", lon + i / 10_000, lat] for i in range(3)]
    first = await imported(store, "routes", sheet(tmp_path, [head, *rows, [grid, "河西", "桥头", lon, lat]], "a.xlsx"))
    assert first.counts == {"rows": 4, "added": 2, "changed": 0, "unchanged": 0}
    [before, _] = await routes()
    changed = [rows[0], rows[2], [grid, "河东", "新点", lon, lat + 0.0001]]
    again = await imported(store, "routes", sheet(tmp_path, [head, *changed], "b.xlsx"))
    assert (again.counts["changed"], again.counts["added"]) == (1, 0)
    [after, _] = await routes()
    assert [point["name"] for point in after] == ["点0", "点2", "新点"]
    assert [after[0]["code"], after[1]["code"]] == [before[0]["code"], before[2]["code"]]
    assert (await imported(store, "routes", sheet(tmp_path, [head, *changed], "c.xlsx"))).counts["unchanged"] == 1
    bad = [
        [grid, "河东", "外", lon + 0.015, lat],
        ["nowhere", "河东", "无", lon, lat],
        *[[grid, "长", "点", lon, lat]] * 61,
    ]
    with pytest.raises(FileRefused) as refused:
        await imported(store, "routes", sheet(tmp_path, [head, *bad], "d.xlsx"))
    assert {(problem.code, problem.row) for problem in refused.value.problems} == {
        ("route.outside", 2),
        ("route.no_grid", 3),
        ("route.too_long", 64),
    }
    assert len(await routes()) == 2
