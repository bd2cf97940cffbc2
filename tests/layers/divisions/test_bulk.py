"""Boundaries that are read once locate as the database does."""

from datetime import date, timedelta

import numpy as np
import shapely
from shapely import MultiPolygon

from geo.store import Reach, Store
from layers.divisions.actions import replace_divisions
from layers.divisions.bulk import read_boundaries
from layers.divisions.queries import locate
from layers.divisions.rules import NewDivision
from tests.worlds import LAT, LON, ROOT, SIDE, WEST, World

TODAY = date(2026, 3, 2)


async def test_many_points_are_located_over_boundaries_in_memory_as_by_the_database(store: Store, world: World) -> None:
    """On borders, outside, in another reach, and after a village has lost its own boundary."""
    tomorrow, village = TODAY + timedelta(days=1), f"{WEST}.{WEST[-9:]}200"
    drawn = np.random.default_rng(4).uniform((LON - SIDE, LAT - SIDE), (LON + 5 * SIDE, LAT + 5 * SIDE), (300, 2))
    corners = [(LON + i * SIDE / 2, LAT + j * SIDE / 2) for i in range(9) for j in range(9)]
    points = [*map(tuple, drawn.tolist()), *corners]
    async with store.transaction(Reach(scope=ROOT)) as session:
        west, south, east, north = world.patches[village].square
        smaller = shapely.box(west, south, east, north - SIDE / 2)
        half = NewDivision(village.split(".")[-1], "village", "South", village, tomorrow, MultiPolygon([smaller]))
        await replace_divisions(session, [half], from_day=tomorrow, ending=set())
    for scope in (ROOT, WEST):
        async with store.transaction(Reach(scope=scope)) as session:
            boundaries = await read_boundaries(session)
            for day in (date(2020, 1, 1), TODAY, tomorrow):
                days = [day] * len(points)
                assert boundaries.locate(points, days=days) == await locate(session, points, days=days)
