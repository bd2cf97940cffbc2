"""A made-up San Francisco in the form of the city's own files, for checkouts without the real ones beside them."""

from datetime import datetime, timedelta
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

WEST, SOUTH, EAST, NORTH = -122.515, 37.708, -122.357, 37.834
COLUMNS, ROWS = 7, 6
MISSION = (-122.4195, 37.7650)
UNITS, CALLS, OUTSIDE = 24, 60, 2
NEIGHBOURHOODS = COLUMNS * ROWS - 1
KINDS = ("ENGINE", "MEDIC", "TRUCK")
FIRST_CALL = datetime(2020, 4, 7, 6, 0)  # noqa: DTZ001 - The log's times are local, and name no zone.


def write_city(folder: Path) -> None:
    """Write `city_boundaries.gpkg` and `sf_fire_dispatch.parquet`."""
    neighbourhoods().to_file(folder / "city_boundaries.gpkg", layer="sf_analysis_neighborhoods")
    responses().to_parquet(folder / "sf_fire_dispatch.parquet")


def neighbourhoods() -> gpd.GeoDataFrame:
    """A lattice without its north-western corner, where the ocean is."""
    width, height = (EAST - WEST) / COLUMNS, (NORTH - SOUTH) / ROWS
    squares = [
        shapely.box(WEST + x * width, SOUTH + y * height, WEST + (x + 1) * width, SOUTH + (y + 1) * height)
        for y in range(ROWS)
        for x in range(COLUMNS)
        if (x, y) != (0, ROWS - 1)
    ]
    crossing = shapely.Point(MISSION)
    names = ["Mission" if square.contains(crossing) else f"Quarter {i}" for i, square in enumerate(squares)]
    polygons = [shapely.MultiPolygon([square]) for square in squares]
    return gpd.GeoDataFrame({"nhood": names}, geometry=polygons, crs=4326)


def responses() -> pd.DataFrame:
    """Two units for each call; the last calls lie beyond the city, in the bay."""
    rows = [_response(call, nth) for call in range(CALLS) for nth in range(2)]
    return pd.DataFrame(rows)


def _response(call: int, nth: int) -> dict[str, object]:
    unit = (2 * call + nth) % UNITS
    is_outside = call >= CALLS - OUTSIDE
    lon = WEST + 0.03 + (EAST - WEST - 0.06) * (unit % 6) / 5
    lat = SOUTH + 0.02 + (NORTH - SOUTH - 0.04) * (unit // 6) / 3
    return {
        "call_number": f"2009{call:05}",
        "unit_id": f"{KINDS[unit % 3][0]}{unit + 1:02}",
        "unit_type": KINDS[unit % 3],
        "call_type": "Medical Incident",
        "received_dttm": FIRST_CALL + timedelta(minutes=7 * call),
        "final_priority": "3" if call % 3 else "2",
        "address": f"{100 * (call + 1)} Block of MADE ST",
        "lon": -122.0 if is_outside else lon,
        "lat": 37.9 if is_outside else lat,
    }
