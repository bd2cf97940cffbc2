"""Generate a county's cameras, near the corners of micro-grids, more of them where people are."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import shapely

from geo.tiling import Floats
from ingest.county.gazetteer import GazetteerEntry
from ingest.county.observations import Camera, Division
from ingest.county.terms import CameraOwner, Generator

COUNTY_DIGITS = 6
CAMERA_TYPE = "132"
"""Type code of a network camera in GB/T 28181."""

INWARDS = 0.12
"""Share of the way from a corner to the middle of its cell, so that each camera lies in one grid and not on a
border.
"""

VIEWS = ((60.0, 0.4), (75.0, 0.25), (90.0, 0.2), (360.0, 0.15))
"""Fields of view in degrees and their shares; 360° is a dome."""


def cameras_of(figures: Generator, divisions: Sequence[Division]) -> list[Camera]:
    """Generate as many cameras as the figures say. Each lies in a micro-grid; ids are numbered in order of
    micro-grids.
    """
    rng = np.random.default_rng([figures.seed, 1])
    smallest = divisions[-1].level
    micro = [d for d in divisions if d.level == smallest]
    names = {d.code: d for d in divisions}
    cells = _cells(figures, micro, rng=rng)
    owners = figures.cameras.owners
    shares = np.array([owner.share for owner in owners])
    whose = rng.choice(len(owners), len(cells), p=shares / shares.sum())
    towns = _numbers([d.code for d in divisions if d.level == "town"])
    return [
        _camera(micro[cell], names, owners[owner], serial=serial, towns=towns, rng=rng)
        for serial, (cell, owner) in enumerate(zip(cells, whose.tolist(), strict=True), start=1)
    ]


def _numbers(towns: Sequence[str]) -> dict[str, int]:
    """Number the towns of each county from 1."""
    found: dict[str, list[str]] = defaultdict(list)
    for town in towns:
        found[town[:COUNTY_DIGITS]].append(town)
    return {town: number for some in found.values() for number, town in enumerate(some, start=1)}


def _cells(figures: Generator, micro: Sequence[Division], *, rng: np.random.Generator) -> list[int]:
    """Draw the micro-grids that get a camera, by enterprises and households, without repetition while there are
    enough.
    """
    weight = np.array([d.enterprises + d.households / 4 + 1.0 for d in micro])
    count = figures.cameras.count
    chosen = rng.choice(len(micro), count, replace=count > len(micro), p=weight / weight.sum())
    return sorted(chosen.tolist())


def _camera(
    micro: Division,
    names: dict[str, Division],
    owner: CameraOwner,
    *,
    serial: int,
    towns: dict[str, int],
    rng: np.random.Generator,
) -> Camera:
    above = {names[code].level: names[code] for code in micro.path.split(".")}
    town, village, grid = above["town"], above["village"], above["grid"]
    centre = f"{town.code[:COUNTY_DIGITS]}{towns[town.code]:02}"
    lon, lat = _corner(micro, rng=rng)
    view = float(rng.choice([v for v, _ in VIEWS], p=[share for _, share in VIEWS]))
    return Camera(
        code=gb28181(centre, industry=owner.industry, network=owner.network, serial=serial),
        name=f"{town.name}{GazetteerEntry(village.code, village.name).short}{serial:04}",
        owner=owner.code,
        lon=lon,
        lat=lat,
        heading=float(rng.integers(0, 72) * 5),
        fov_deg=view,
        range_m=float(rng.integers(8, 21) * (4 if view == 360 else 6)),
        path=grid.path,
    )


def _corner(micro: Division, *, rng: np.random.Generator) -> tuple[float, float]:
    """Return a point near one of the cell's corners, or its middle if the cell is concave there."""
    corners = np.array(micro.polygon.exterior.coords)
    corner: Floats = corners[rng.integers(len(corners))]
    middle = np.array(micro.polygon.point_on_surface().coords[0])
    near = corner + (middle - corner) * INWARDS
    lon, lat = (near if shapely.contains_xy(micro.polygon, *near) else middle).tolist()
    return lon, lat


def gb28181(centre: str, *, industry: str, network: str, serial: int) -> str:
    """Build a device id: 8 digits of the centre, 2 of the industry, 3 of the type, 1 of the network, 6 of a serial."""
    code = f"{centre}{industry}{CAMERA_TYPE}{network}{serial:06}"
    if len(code) != 20 or not code.isdigit():
        raise ValueError(f"{code} is not a GB/T 28181 id")
    return code
