"""A file's own coordinate system: accepted if it agrees with WGS-84, refused if it differs."""

from pathlib import Path

import pytest
import shapely
from pyproj import Transformer

from ingest.files.checking import to_geographic
from ingest.files.problems import FileRefused
from ingest.files.table import Record, Table
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


@pytest.mark.parametrize(
    "crs",
    ["EPSG:4326", "urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4490", "EPSG:4258", "EPSG:4269", "EPSG:9000", A_SURVEYS_PRJ],
)
def test_degrees_that_agree_with_wgs84_stay_unchanged(crs: str) -> None:
    assert to_geographic(table_in(crs)).records[0].geometry == shapely.Point(LON, LAT)


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
