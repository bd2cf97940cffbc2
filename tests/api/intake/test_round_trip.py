"""Exported files can be imported again and give identical rows, in every format that can hold them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from geoalchemy2.shape import from_shape, to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from api.intake.files.importing import import_file
from api.intake.files.jobs import GridOptions, ImportJob, ImportOutcome, Kind
from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import Urls, connect
from api.place.catalogue import ALL
from console.forces.tables import Force
from console.incidents.tables import Incident
from geo.datum import Datum
from geo.store import Base, Reach, Store
from ingest.files.mapping import Options
from ingest.files.problems import FileRefused
from layers.cameras.tables import Camera
from layers.divisions.queries import on_day
from layers.divisions.tables import Division
from layers.exports import actions
from layers.exports.actions import Order, export
from layers.exports.apart import Written, render_apart
from layers.exports.errors import CannotHold, NotDated
from layers.exports.queries import Selection
from layers.exports.rendering import rendering_of
from layers.exports.rules import TRAITS, Format
from layers.exports.writing import render
from layers.hotspots.cell_sets import CellSets
from layers.hotspots.rules import LEAST_INCIDENTS, View
from layers.key_areas.actions import register_many as register_key_areas
from layers.key_areas.rules import KeyAreaRecord
from layers.key_areas.tables import KeyArea
from layers.places.tables import Place
from tests.ingest.files.making import features, rows_of, written
from tests.worlds import NOW, PACK, ROOT, WEST, World

TODAY = date(2026, 3, 2)
VILLAGE = f"{WEST[-9:]}200"
FIRST_DAY = GridOptions(level="grid", parent=VILLAGE, valid_from=TODAY, ends_below=True)
ODD = 0.00123456789012345
"""Coordinates with all digits, which a rounding format would change."""
WORDS = ("“水乡”网格, 'one'; \"二\"", "=1+1", "'@松陵", "-3栋 | +86", "#N/A", "a\tb & <c>")
"""Quotes, separators, markup, and text that a spreadsheet would execute."""
TABLES: Mapping[Kind, type[Base]] = {
    "grids": Division,
    "cameras": Camera,
    "key_areas": KeyArea,
    "places": Place,
    "incidents": Incident,
    "forces": Force,
}
NEW_EACH_TIME = {
    "id",
    "version",
    "case_code",
    "registered_at",
    "first_due_at",
    "raw_x",
    "raw_y",
    "datum",
    "reported_digest",
}
"""Columns about a row's origin, which no export contains."""
ROUNDED = {Format.KML: 1e-12}
"""Tolerance of formats in degrees: KML has fifteen digits."""


async def write_here(job: Mapping[str, Any]) -> Written:
    """As `render_apart`, in this process: two seconds faster."""
    return Written(**render(rendering_of(job)))


@pytest.fixture(autouse=True)
def _no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "render_apart", write_here)


def order(kind: str, chosen: Format, datum: Datum = Datum.WGS84, **wanted: Any) -> Order:
    layer = ALL.get(kind)
    assert layer is not None
    selection = Selection(zone=PACK.zone, today=TODAY, **wanted)
    return Order(
        layer, chosen, datum, selection, Reach(scope=ROOT), NOW, View(), CellSets(), LEAST_INCIDENTS, complete=True
    )


async def exported(store: Store, folder: Path, kind: str, chosen: Format, datum: Datum = Datum.WGS84) -> Path:
    target = folder / f"{kind}{TRAITS[chosen].suffix}"
    await export(store, order(kind, chosen, datum), target)
    return target


async def imported(store: Store, kind: Kind, path: Path, datum: Datum = Datum.WGS84) -> ImportOutcome:
    grid_options = FIRST_DAY if kind == "grids" else None
    job = ImportJob(kind, rows_of(path), Options(datum=datum), now=NOW, day=TODAY, grid_options=grid_options)
    return await import_file(store, PACK, job)


Rows = list[tuple[dict[str, Any], BaseGeometry]]


async def rows_in(store: Store, kind: Kind) -> Rows:
    """Return all rows of a kind, with their geometries apart, in an order that imports do not change."""
    table = TABLES[kind]
    async with store.transaction(Reach(scope=ROOT)) as session:
        found = select(table).where(Division.level == "grid", on_day(TODAY)) if table is Division else select(table)
        rows = [{c.key: getattr(row, c.key) for c in table.__table__.c} for row in await session.scalars(found)]
    plain = [_plain(row) for row in rows]
    return sorted(plain, key=lambda pair: (str(pair[0].get("code")), str(pair[0].get("external_no"))))


def _plain(row: dict[str, Any]) -> tuple[dict[str, Any], BaseGeometry]:
    shape = to_shape(row.pop("geom", None) or row.pop("home", None))
    for derived in ("label_point", "area_m2"):
        row.pop(derived, None)
    return {name: value for name, value in row.items() if name not in NEW_EACH_TIME}, shapely.normalize(shape)


def assert_same(after: Rows, before: Rows, chosen: Format) -> None:
    assert [row for row, _ in after] == [row for row, _ in before]
    for (row, here), (_, there) in zip(after, before, strict=True):
        if chosen in ROUNDED:
            assert shapely.hausdorff_distance(here, there) <= ROUNDED[chosen], row
        else:
            assert here.wkb == there.wkb, row


def empty(cluster: Cluster, database: Urls, kind: Kind) -> None:
    with connect(cluster.socket, database.app.rsplit("/", 1)[1].split("?")[0]) as superuser:
        superuser.execute(f"TRUNCATE {TABLES[kind].__tablename__}, feed_outbox CASCADE")  # type: ignore[arg-type]


# --- what there is before -------------------------------------------------------------------------------------------


async def fill_grids(store: Store, folder: Path) -> None:
    """The south village of the west town as two odd grids: one with a hole, one of two parts that fills it."""
    west, middle, hole = 120.60, 120.61 + ODD, shapely.box(120.602, 31.104 + ODD, 120.604 + ODD, 31.108)
    left = shapely.box(west, 31.10, middle, 31.12) - hole
    right = shapely.MultiPolygon([hole, shapely.box(middle, 31.10, 120.62, 31.12)])
    columns = {"code": ["007", "1e5"], "name": [f"'{WORDS[1]}", WORDS[0]], "households": [3, None]}
    await imported(store, "grids", features(folder, [left, right], columns, "first.gpkg"))


async def fill_cameras(store: Store, folder: Path) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        session.add_all(
            [
                Camera(code=f"0{i}20", name=words, owner="" if i else "police", heading=359.25, fov_deg=60.5,
                       range_m=150.0, online=bool(i % 2), division_path=ROOT if i else WEST,
                       geom=from_shape(shapely.Point(120.605 + ODD * i / 2, 31.105 + ODD), srid=4326))
                for i, words in enumerate(WORDS)
            ]
        )  # fmt: skip


async def fill_key_areas(store: Store, folder: Path) -> None:
    records = []
    for i, name in enumerate(WORDS):
        square = shapely.box(120.601 + ODD * i, 31.101, 120.603 + ODD * i, 31.102 + ODD)
        hole = square.difference(square.centroid.buffer(0.0002, quad_segs=2))
        records.append(KeyAreaRecord(f"K{i}", "school", name, shapely.MultiPolygon([hole]), WEST))
    async with store.transaction(Reach(scope=ROOT)) as session:
        await register_key_areas(session, records)


async def fill_places(store: Store, folder: Path) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        session.add_all(
            [
                Place(code=f"C{i}.00{i}", name=words, kind="station", division_path=WEST,
                      properties={"name_en": "=Station"} if i else {},
                      geom=from_shape(shapely.Point(120.605 + ODD, 31.105 + ODD), srid=4326))
                for i, words in enumerate(WORDS)
            ]
        )  # fmt: skip


async def fill_forces(store: Store, folder: Path) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        session.add_all(
            [
                Force(code=f"0{i}", name=words, kind="patrol", mode="car", organisation=words, duty="off", version=1,
                      specialities=["dispute.family", "dispute"] if i else [], languages=["zh-wuu"][:0],
                      home=from_shape(shapely.Point(120.605 + ODD, 31.105), srid=4326), division_path=WEST,
                      device_id=f"00{i}" if i else None)
                for i, words in enumerate(WORDS)
            ]
        )  # fmt: skip


TITLES = ("“一”, 'x'", "'=1+1", "''@b", "'-3栋 | +86", "a & <b>")
"""The same texts with escaped formulas."""


async def fill_incidents(store: Store, folder: Path) -> None:
    """Four incidents of the last second before midnight, of which two are closed, and one of half an hour later."""
    lines = [
        "\t".join(
            (
                f"0{i}",
                title,
                f"{120.605 + ODD * i}",
                f"{31.105 + ODD}",
                f"2026-03-0{'2T00:30:00' if i == 4 else '1T23:59:59'}.{i}0600{i}+08:00",
                "" if i % 2 else "2026-03-02T01:00:00+00:00",
                "high" if i % 2 else "",
            )
        )
        for i, title in enumerate(TITLES)
    ]
    content = "\n".join(["external_no\ttitle\tlon\tlat\toccurred_at\tclosed_at\trisk", *lines])
    constants = {"source": "hotline", "category": "dispute.neighbour"}
    options = Options(datum=Datum.WGS84, constants=constants)
    job = ImportJob("incidents", rows_of(written(folder, "first.csv", content)), options, now=NOW, day=TODAY)
    await import_file(store, PACK, job)


FILLED: Mapping[Kind, Callable[[Store, Path], Any]] = {
    "grids": fill_grids,
    "cameras": fill_cameras,
    "key_areas": fill_key_areas,
    "places": fill_places,
    "incidents": fill_incidents,
    "forces": fill_forces,
}


# --- there and back -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["cameras", "places", "incidents", "forces"])
async def test_an_emptied_county_gets_identical_rows_back_from_every_format(
    cluster: Cluster, database: Urls, store: Store, world: World, tmp_path: Path, kind: Kind
) -> None:
    await FILLED[kind](store, tmp_path)
    before = await rows_in(store, kind)
    paths = {chosen: await exported(store, tmp_path, kind, chosen) for chosen in Format}
    for chosen, path in paths.items():
        empty(cluster, database, kind)
        outcome = await imported(store, kind, path)
        assert outcome.counts["added"] == len(before) >= 5, chosen
        assert_same(await rows_in(store, kind), before, chosen)


@pytest.mark.parametrize("kind", ["grids", "cameras", "key_areas", "places", "incidents", "forces"])
async def test_importing_a_countys_own_export_changes_nothing(
    store: Store, world: World, tmp_path: Path, kind: Kind
) -> None:
    await FILLED[kind](store, tmp_path)
    if kind == "grids":  # From now on it says that they came in by a file.
        await imported(store, kind, await exported(store, tmp_path, kind, Format.FGB))
    before = await rows_in(store, kind)
    paths = {chosen: await exported(store, tmp_path, kind, chosen) for chosen in Format}
    same = "kept" if kind == "grids" else "unchanged"
    for chosen, path in paths.items():
        outcome = await imported(store, kind, path)
        assert outcome.counts["rows"] == len(before), chosen
        assert outcome.counts[same] == len(before) or chosen in ROUNDED, chosen
        assert_same(await rows_in(store, kind), before, chosen)
        if chosen in ROUNDED:
            await imported(store, kind, paths[Format.GPKG])


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
async def test_another_datum_round_trips_to_a_tenth_of_a_millimetre(
    store: Store, world: World, tmp_path: Path, datum: Datum
) -> None:
    before = await rows_in(store, "cameras")
    for chosen in Format:
        path = await exported(store, tmp_path, "cameras", chosen, datum)
        assert {record.values["datum"] for record in rows_of(path).records} == {datum.value}
        await imported(store, "cameras", path, datum)
        after = await rows_in(store, "cameras")
        assert [row for row, _ in after] == [row for row, _ in before]
        assert all(a.distance(b) < 1e-9 for (_, a), (_, b) in zip(after, before, strict=True)), chosen


async def test_an_export_imported_with_another_datum_is_refused(store: Store, world: World, tmp_path: Path) -> None:
    path = await exported(store, tmp_path, "cameras", Format.CSV, Datum.GCJ02)
    with pytest.raises(FileRefused) as refused:
        await imported(store, "cameras", path, Datum.WGS84)
    (problem,) = refused.value.problems
    assert (problem.code, problem.params) == ("datum.differs", {"said": "gcj02", "given": "wgs84"})


async def test_text_that_a_format_cannot_hold_is_refused_and_not_truncated(
    store: Store, world: World, tmp_path: Path
) -> None:
    await report(store, tmp_path, title="长" * 84, description="短")
    assert (await exported(store, tmp_path, "incidents", Format.SHP)).exists()
    await report(store, tmp_path, title="长" * 85, description="短")
    with pytest.raises(CannotHold) as refused:
        await exported(store, tmp_path, "incidents", Format.SHP)
    said = {"format": "shp", "field": "title", "limit": 254, "rows": 1, "first": 2}
    assert refused.value.params == said


async def test_a_boundary_longer_than_a_sheets_cell_is_refused(store: Store, world: World, tmp_path: Path) -> None:
    ring = shapely.Point(120.605, 31.105).buffer(0.004, quad_segs=250)
    rest = shapely.box(120.60, 31.10, 120.62, 31.12) - ring
    await imported(store, "grids", features(tmp_path, [ring, rest], {"code": ["a", "b"]}, "round.gpkg"))
    with pytest.raises(CannotHold) as refused:
        await exported(store, tmp_path, "grids", Format.XLSX)
    assert (refused.value.params["field"], refused.value.params["limit"]) == ("wkt", 32_767)
    assert (await imported(store, "grids", await exported(store, tmp_path, "grids", Format.CSV))).counts["kept"] == 2


async def test_a_carriage_return_is_kept_or_its_change_is_reported(store: Store, world: World, tmp_path: Path) -> None:
    await report(store, tmp_path, title="x", description="one\r\ntwo")
    for chosen in Format:
        target = tmp_path / f"a{TRAITS[chosen].suffix}"
        outcome = await export(store, order("incidents", chosen), target)
        (record,) = rows_of(target).records
        is_kept = record.values.get("description", record.values.get("descr")) == "one\r\ntwo"
        assert is_kept is not TRAITS[chosen].one_line_end
        assert [note["code"] for note in outcome.notes] == ([] if is_kept else ["export.line_ends"])


async def report(store: Store, folder: Path, *, title: str, description: str) -> None:
    head = "source,category,title,description,lon,lat,occurred_at"
    line = f'hotline,dispute.neighbour,{title},"{description}",120.605,31.105,2026-03-01T08:00:00+08:00'
    await imported(store, "incidents", written(folder, "one.csv", f"{head}\n{line}\n"))


async def test_a_file_of_forces_without_a_device_column_leaves_devices_unchanged(
    store: Store, world: World, tmp_path: Path
) -> None:
    target = tmp_path / "forces.csv"
    await export(store, replace(order("forces", Format.CSV), complete=False), target)
    before = await rows_in(store, "forces")
    assert "device" not in rows_of(target).columns
    assert (await imported(store, "forces", target)).counts["unchanged"] == len(before)
    assert_same(await rows_in(store, "forces"), before, Format.CSV)


async def test_only_rows_of_the_division_are_exported(store: Store, world: World, tmp_path: Path) -> None:
    target = tmp_path / "cameras.csv"
    outcome = await export(store, order("cameras", Format.CSV, within=WEST), target)
    assert outcome.rows == 4
    assert all(str(record.values["division"]).startswith(WEST[-9:]) for record in rows_of(target).records)


async def test_incidents_of_a_day_are_those_that_occurred_on_that_local_day(
    store: Store, world: World, tmp_path: Path
) -> None:
    await fill_incidents(store, tmp_path)
    for day, expected in ((date(2026, 3, 1), 4), (date(2026, 3, 2), 1)):
        target = tmp_path / f"{day}.geojson"
        assert (await export(store, order("incidents", Format.GEOJSON, day=day), target)).rows == expected
    with pytest.raises(NotDated):
        await export(store, order("cameras", Format.CSV, day=TODAY), tmp_path / "never.csv")
    assert not (tmp_path / "never.csv").exists()


async def test_hotspots_are_exported_in_every_format(store: Store, world: World, tmp_path: Path) -> None:
    await fill_incidents(store, tmp_path)
    for chosen in Format:
        target = tmp_path / f"hot{TRAITS[chosen].suffix}"
        outcome = await export(store, order("hotspots", chosen), target)
        records = rows_of(target).records
        assert outcome.rows == len(records) > 0
        assert sum(int(record.values["count"]) for record in records) > 0


async def test_the_export_process_writes_the_same_file(
    store: Store, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await exported(store, tmp_path, "cameras", Format.CSV)
    monkeypatch.setattr(actions, "render_apart", render_apart)
    apart = tmp_path / "apart.csv"
    outcome = await export(store, order("cameras", Format.CSV), apart)
    assert (outcome.rows, apart.read_bytes()) == (8, here.read_bytes())
    await report(store, tmp_path, title="长" * 85, description="短")
    with pytest.raises(CannotHold) as refused:
        await exported(store, tmp_path, "incidents", Format.SHP)
    assert refused.value.params["field"] == "title"
    assert not [*tmp_path.glob("*.rows")]  # noqa: ASYNC240


async def test_a_place_without_kind_or_in_an_unknown_division_is_reported_by_row(
    store: Store, world: World, tmp_path: Path
) -> None:
    content = "code,kind,name,lon,lat,division\nC1,,中心,120.605,31.105,\nC2,station,站,120.605,31.105,nowhere\n"
    with pytest.raises(FileRefused) as refused:
        await imported(store, "places", written(tmp_path, "a.csv", content))
    found = [(problem.row, problem.field, problem.code) for problem in refused.value.problems]
    assert found == [(2, "kind", "field.missing"), (3, "division", "division.unknown")]


async def test_places_are_added_and_updated(store: Store, world: World, tmp_path: Path) -> None:
    content = "code,kind,name,lon,lat\ncentre,centre,县中心,120.605,31.105\nC2,station,站,120.606,31.106\n"
    outcome = await imported(store, "places", written(tmp_path, "a.csv", content))
    assert outcome.counts == {"rows": 2, "added": 1, "changed": 1, "unchanged": 0}
    (row, _), (other, _) = await rows_in(store, "places")
    assert (row["name"], other["name"]) == ("站", "县中心")
    assert other["division_path"].startswith(WEST)
