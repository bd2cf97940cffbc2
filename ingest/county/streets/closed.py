"""Where one cannot simply drive in: a quarter behind a wall with one gate, and an isle without a bridge."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree
from shapely.geometry import Polygon

from geo.coverage.edges import Point as Spot
from ingest.county.streets.land import Land, outline
from ingest.county.streets.street import Street
from ingest.county.streets.water import Water

QUARTER_M2 = (15_000.0, 120_000.0)
"""Areas of cells that can be a quarter behind a wall."""
WALL_M = 5.0
"""Distance of the wall from the streets around it."""
INWARDS = 0.2
"""Distance of a street within from the cell's border, by the cell's side."""


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter in one cell: its wall, its only gate, and the streets within, which lead out by the gate."""

    code: str
    wall: Polygon
    gate: Spot
    streets: tuple[Street, Street]


def wall_quarter(land: Land, water: Water) -> Quarter | None:
    """Put a wall around the built-up cell nearest to a town's middle, far from water. The gate is at its far side."""
    seats = [land.seat(one.code) for one in land.named.values() if one.level == "town"]
    least, most = QUARTER_M2
    wet = {*land.beside(water.edges), *land.on_rim, *(land.with_neighbours(water.lake.code) if water.lake else ())}
    fit = [code for code, area in land.areas.items() if least < area < most and code not in wet]
    if not fit or not seats:
        return None
    apart, nearest = KDTree(land.plane.to_metres(seats)).query(land.plane.to_metres([*map(land.middle, fit)]))
    for i in np.argsort(apart, kind="stable").tolist():
        if apart[i] > 0 and (found := _walled(land, fit[i], seats[nearest[i]])):
            return found
    return None


def _walled(land: Land, code: str, seat: Spot) -> Quarter | None:
    wall, within = land.ring(code, WALL_M), _street_within(land, code)
    if wall is None or within is None:
        return None
    around = [spot for edge in land.around[code] for spot in edge.line]
    street = max(around, key=lambda spot: (land.metres((spot, seat)), spot))
    inside = min(within.line, key=lambda spot: (land.metres((spot, street)), spot))
    if not land.sees(code, (inside, street)):
        return None
    gate = land.towards(street, inside, WALL_M)
    out = Street((inside, gate, street), within.kind, within.level, within.between, private=True)
    return Quarter(code, wall, gate, (within, out))


def _street_within(land: Land, code: str, *, isle: bool = False) -> Street | None:
    """Return a street that leads round a cell, inside of it."""
    round_ = land.ring(code, INWARDS * float(np.sqrt(land.areas[code])))
    if round_ is None:
        return None
    return Street(outline(round_), "residential", land.levels[-1], (code, code), private=not isle, isle=isle)


def isle_streets(land: Land, water: Water) -> Iterator[Street]:
    """Yield a street round the isle and one to its middle."""
    code = water.lake.code if water.lake else ""
    if code and (street := _street_within(land, code, isle=True)):
        middle = land.middle(code)
        nearest = min(street.line, key=lambda spot: (land.metres((spot, middle)), spot))
        yield street
        yield Street((nearest, middle), "service", street.level, street.between, isle=True)
