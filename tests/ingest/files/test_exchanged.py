"""Files that have latitude, or northing, first: noticed, and read with `--swap-xy`."""

from typing import Any

import pytest
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from geo.datum import Datum
from ingest.files.checking import CountyOutline, check_cameras
from ingest.files.grids import ExistingDivisions, check_grids
from ingest.files.mapping import Options
from ingest.files.problems import FileRefused
from ingest.files.table import Record, Table

CITY = shapely.box(15.8, 45.7, 16.1, 45.9)
"""Where neither coordinate is over 90: only the city tells which is which."""
AT = shapely.Point(15.97, 45.81)
EXCHANGED = Options(Datum.WGS84, swap_xy=True)
METRES = Transformer.from_crs("EPSG:4326", "EPSG:32633", always_xy=True).transform(AT.x, AT.y)


def table_of(geometry: BaseGeometry | None = None, *, crs: str | None = None, **values: Any) -> Table:
    named = {"code": "c1", **values}
    return Table(columns=[*named], records=[Record(row=1, values=named, geometry=geometry)], crs=crs)


@pytest.mark.parametrize(
    ("table", "options"),
    [
        (table_of(shapely.Point(AT.y, AT.x)), EXCHANGED),
        (table_of(lon=str(AT.y), lat=str(AT.x)), EXCHANGED),
        (table_of(x=METRES[1], y=METRES[0]), Options(Datum.WGS84, crs="EPSG:32633", swap_xy=True)),
        (table_of(shapely.Point(METRES[1], METRES[0]), crs="EPSG:32633"), EXCHANGED),
        (table_of(lonlat=f"{AT.y},{AT.x}"), EXCHANGED),
    ],
    ids=["points", "columns", "metres in columns", "points in metres", "one column"],
)
def test_points_with_their_axes_exchanged_are_read_when_that_is_said(table: Table, options: Options) -> None:
    checked = check_cameras(table, options, county=CountyOutline(CITY))
    assert not checked.problems
    assert checked.rows[0].point.distance(AT) < 1e-7


def test_grids_that_lie_in_their_parent_only_with_axes_exchanged_are_refused_by_name() -> None:
    grid = shapely.box(45.75, 15.9, 45.8, 16.0)
    existing = ExistingDivisions(root="hr", parent="hr", outlines={"hr": CITY})
    with pytest.raises(FileRefused) as refused:
        check_grids(table_of(grid), Options(Datum.WGS84), existing=existing)
    assert [problem.code for problem in refused.value.problems] == ["coordinate.swapped"]
    read = check_grids(table_of(wkt=grid.wkt), EXCHANGED, existing=existing)
    assert not read.problems
    assert read.rows[0].geometry.equals(shapely.MultiPolygon([shapely.box(15.9, 45.75, 16.0, 45.8)]))
