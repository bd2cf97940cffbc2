"""A file's own coordinate system: accepted if it agrees with WGS-84, refused if it differs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import shapely
from pyproj import Transformer

from api.keeping.commands.import_messages import message_of
from geo.datum import Datum
from ingest.files.crs import WORST_M, to_geographic
from ingest.files.mapping import Options, map_fields
from ingest.files.problems import FileRefused
from ingest.files.projected import columns_to_geographic
from ingest.files.table import Record, Table
from layers.exports.rules import crs_of
from tests.ingest.files.making import features, rows_of

LON, LAT = 120.6, 31.1
AN_OLD_PRJ = (
    'GEOGCS["GCS_Beijing_1954",DATUM["D_Beijing_1954",SPHEROID["Krasovsky_1940",6378245.0,298.3]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
A_SURVEYS_PRJ = (
    'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,'
    '298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)


def table_in(crs: str, x: float = LON, y: float = LAT) -> Table:
    return Table(columns=[], records=[Record(row=1, values={}, geometry=shapely.Point(x, y))], crs=crs)


HERE, EUROPE, AMERICA = (LON, LAT), (10.0, 50.0), (-122.4, 37.8)


@pytest.mark.parametrize(
    ("crs", "at"),
    [("EPSG:4326", HERE), ("urn:ogc:def:crs:OGC:1.3:CRS84", HERE), ("EPSG:4490", HERE), ("EPSG:4258", EUROPE),
     ("EPSG:4269", AMERICA), ("EPSG:9000", HERE), (A_SURVEYS_PRJ, HERE)],
)  # fmt: skip
def test_degrees_that_agree_with_wgs84_stay_unchanged(crs: str, at: tuple[float, float]) -> None:
    assert to_geographic(table_in(crs, *at)).records[0].geometry == shapely.Point(at)


@pytest.mark.parametrize(
    ("crs", "lon", "lat"),
    [("EPSG:4549", LON, LAT), ("EPSG:32651", LON, LAT), ("EPSG:3857", LON, LAT), ("EPSG:2227", -122.4, 37.8)],
)
def test_projected_coordinates_are_converted_to_degrees(crs: str, lon: float, lat: float) -> None:
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon, lat)
    found = to_geographic(table_in(crs, x, y)).records[0].geometry
    assert found is not None and found.distance(shapely.Point(lon, lat)) < 1e-7


@pytest.mark.parametrize(
    "crs",
    ["EPSG:4214", "EPSG:4610", "EPSG:4267", "EPSG:2437", "EPSG:2385", "EPSG:4978", 'LOCAL_CS["site",UNIT["metre",1]]',
     AN_OLD_PRJ],
)  # fmt: skip
def test_other_datums_and_local_systems_are_refused(crs: str) -> None:
    with pytest.raises(FileRefused) as refused:
        to_geographic(table_in(crs))
    (problem,) = refused.value.problems
    assert problem.code == "crs.unsupported" and problem.params["crs"]


@pytest.mark.parametrize(("crs", "name"), [("EPSG:4214", "Beijing 1954"), ("EPSG:4610", "Xian 1980")])
def test_a_shapefiles_prj_with_another_datum_is_refused(tmp_path: Path, crs: str, name: str) -> None:
    path = features(tmp_path, [shapely.box(LON, LAT, LON + 0.01, LAT + 0.01)], {"code": ["a"]}, "a.zip", crs=crs)
    with pytest.raises(FileRefused) as refused:
        to_geographic(rows_of(path))
    assert [(p.code, p.params["crs"]) for p in refused.value.problems] == [("crs.unsupported", name)]


@pytest.mark.parametrize(
    ("crs", "at", "moved_m"),
    [("EPSG:4756", (106.0, 21.0), (150, 400)), ("EPSG:4121", (23.7, 38.0), (100, 500)),
     ("EPSG:4141", (35.0, 32.0), (20, 200)), ("EPSG:4319", (48.0, 29.3), (20, 200)),
     ("EPSG:4313", (4.4, 50.8), (50, 200))],
)  # fmt: skip
def test_degrees_on_another_datum_are_moved_with_the_stated_accuracy(
    crs: str, at: tuple[float, float], moved_m: tuple[float, float]
) -> None:
    """Their ellipsoids are WGS-84's or nearly so: only the datum tells."""
    table = to_geographic(table_in(crs, *at))
    (note,) = table.notes
    assert note["code"] == "crs.transformed" and 0 < note["metres"] <= WORST_M
    found = table.records[0].geometry
    assert found is not None and moved_m[0] < found.distance(shapely.Point(at)) * 111_000 < moved_m[1]


def test_a_national_grid_is_converted_by_its_own_transformation() -> None:
    """Airy's tower in London: 51.4779 N on Greenwich's own meridian lies 102 m west of WGS-84's."""
    table = to_geographic(table_in("EPSG:27700", 538_890.0, 177_320.0))
    found = table.records[0].geometry
    assert found is not None and found.distance(shapely.Point(-0.00148, 51.47785)) < 1e-4
    assert [(n["code"], n["metres"]) for n in table.notes] == [("crs.transformed", 2.0)]


@pytest.mark.parametrize("crs", ["EPSG:4301", "EPSG:4267"])
def test_a_datum_known_to_no_better_than_a_street_is_refused(crs: str) -> None:
    at = {"EPSG:4301": (139.7, 35.7), "EPSG:4267": (-100.0, 40.0)}[crs]
    with pytest.raises(FileRefused) as refused:
        to_geographic(table_in(crs, *at))
    assert refused.value.problems[0].code in ("crs.rough", "crs.unsupported")


@pytest.mark.parametrize(
    ("x", "y", "proposed"),
    [(40_557_000, 3_442_000, "crs.projected EPSG:4528"), (3_442_000, 40_557_000, "crs.projected EPSG:4528"),
     (557_000, 3_442_000, "crs.projected_bare EPSG:4549"), (21_250_000, 3_450_000, "crs.projected EPSG:4499"),
     (13_431_080, 3_652_743, "crs.projected_web EPSG:4491")],
)  # fmt: skip
def test_metres_without_a_coordinate_system_look_projected(x: float, y: float, proposed: str) -> None:
    table = Table(columns=[], records=[Record(row=1, values={}, geometry=shapely.Point(x, y))])
    with pytest.raises(FileRefused) as refused:
        to_geographic(table)
    (problem,) = refused.value.problems
    assert f"{problem.code} {problem.params['proposal']}" == proposed
    for chinese, words in ((False, "web maps"), (True, "网络地图")):
        said = message_of(problem, chinese=chinese)
        assert problem.params["proposal"] in said and (words in said) == problem.code.endswith("_web")


def test_metres_of_a_file_that_declares_degrees_look_projected_too() -> None:
    with pytest.raises(FileRefused) as refused:
        to_geographic(table_in("EPSG:4326", 557_000, 3_442_000))
    (problem,) = refused.value.problems
    assert (problem.code, problem.params["proposal"]) == ("crs.not_degrees_bare", "EPSG:4549")


def test_a_coordinate_system_can_be_said() -> None:
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:4549", always_xy=True).transform(LON, LAT)
    bare = Table(columns=[], records=[Record(row=1, values={}, geometry=shapely.Point(x, y))])
    wrong = table_in("EPSG:4326", x, y)
    for table, codes in ((bare, []), (wrong, ["crs.overridden"])):
        read = to_geographic(table, "EPSG:4549")
        found = read.records[0].geometry
        assert found is not None and found.distance(shapely.Point(LON, LAT)) < 1e-7
        assert [note["code"] for note in read.notes] == codes


def test_exchanged_axes_are_noticed_by_the_systems_area() -> None:
    """Chinese surveys write x northwards."""
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:4549", always_xy=True).transform(LON, LAT)
    with pytest.raises(FileRefused) as refused:
        to_geographic(table_in("EPSG:4549", y, x))
    assert refused.value.problems[0].code == "crs.elsewhere"


def test_a_geopackage_without_a_coordinate_system_is_taken_as_degrees() -> None:
    for crs in ("Undefined Cartesian SRS", "Undefined geographic SRS"):
        wkt = f'LOCAL_CS["{crs}",UNIT["metre",1]]'
        assert to_geographic(table_in(wkt)).records[0].geometry == shapely.Point(LON, LAT)


def test_degrees_are_no_metres_whatever_coordinate_system_is_said() -> None:
    with pytest.raises(FileRefused) as refused:
        to_geographic(table_in("EPSG:4326"), "EPSG:4549")
    (problem,) = refused.value.problems
    assert (problem.code, problem.params["x"]) == ("crs.degrees", LON)


METRES = Transformer.from_crs("EPSG:4326", "EPSG:4549", always_xy=True).transform(LON, LAT)


def converted(values: Mapping[str, Any], wanted: tuple[str, ...], crs: str | None) -> shapely.Geometry | None:
    table = Table(columns=[*values], records=[Record(row=2, values=values)])
    fields = map_fields(table, wanted, Options(datum=Datum.WGS84))
    return columns_to_geographic(table, fields, crs).records[0].geometry


@pytest.mark.parametrize("names", [("x", "y"), ("X坐标", "Y坐标"), ("经度", "纬度"), ("Easting", "Northing")])
def test_metres_in_columns_are_converted_from_the_coordinate_system_said(names: tuple[str, str]) -> None:
    values = {names[0]: METRES[0], names[1]: str(METRES[1])}
    found = converted(values, ("lon", "lat"), "EPSG:4549")
    assert found is not None and found.distance(shapely.Point(LON, LAT)) < 1e-7
    with pytest.raises(FileRefused) as refused:
        converted(values, ("lon", "lat"), None)
    (problem,) = refused.value.problems
    assert (problem.code, problem.params["proposal"]) == ("crs.projected_bare", "EPSG:4549")


@pytest.mark.parametrize("crs", [None, "EPSG:4326", "EPSG:4549"])
def test_rows_without_readable_numbers_are_left_to_their_own_problems(crs: str | None) -> None:
    assert converted({"lon": "无", "lat": None}, ("lon", "lat", "wkt"), crs) is None


def test_degrees_in_any_writing_are_moved_from_another_datum() -> None:
    found = converted({"经度": "0°6'0\"W", "纬度": "51°30'0\"N"}, ("lon", "lat"), "EPSG:4277")
    assert found is not None and 50 < found.distance(shapely.Point(-0.1, 51.5)) * 111_000 < 200


def test_boundaries_written_in_metres_are_converted() -> None:
    x, y = METRES
    found = converted({"wkt": shapely.box(x, y, x + 100, y + 100).wkt}, ("wkt",), "EPSG:4549")
    assert found is not None and found.distance(shapely.Point(LON, LAT)) < 1e-6


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_degrees_of_a_shifted_datum_that_an_export_names_are_left_to_the_option(datum: Datum) -> None:
    table = table_in(crs_of(datum))
    assert to_geographic(table).records == table.records
    morphed = table_in(crs_of(datum).replace('GEOGCS["', 'GEOGCS["GCS_').replace('DATUM["', 'DATUM["D_'))
    assert to_geographic(morphed).records == morphed.records
