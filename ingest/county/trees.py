"""Draw the division tree of a place whose root is a county, a city of counties, or one town of a county."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import shapely
from shapely.geometry import Polygon

from geo.plane import Plane
from geo.regions import CellGraph, grow_around
from geo.tiling import Floats, borders, centres, join, scatter, tile, union
from ingest.county.divisions import FiguresDisagree, Ground, Root, cells_of, divisions_of, draw_boundaries, label_of
from ingest.county.gazetteer import Gazetteer, Town
from ingest.county.observations import Division
from ingest.county.settlement import settle_county, share_out
from ingest.county.terms import CountySeat, Generator, Seat

WITHIN_CELLS = 1500
"""Cells of the county that a town is cut out of."""
CITY, COUNTY = "city", "county"
STREET = "街道"
STREET_DENSITY, TOWN_DENSITY = 2.2, 0.8


class Land(Protocol):
    """Real outlines (WGS-84) and lists of names, by the six-digit code of a county."""

    def outline(self, county: str) -> Polygon: ...
    def gazetteer(self, county: str) -> Gazetteer: ...


def draw_tree(figures: Generator, root: Root, land: Land) -> tuple[list[Division], tuple[Seat, ...]]:
    """Draw all divisions, parents before children; return them with the seats of their towns.

    Raises `FiguresDisagree` when names and figures do not match.
    """
    if figures.counties:
        return _city(figures, root, land)
    if figures.within is not None:
        return _town(figures, root, land, county=figures.within)
    gazetteer = land.gazetteer(root.code)
    ground = draw_boundaries(figures, gazetteer, land.outline(root.code))
    return divisions_of(figures, gazetteer, ground, root), figures.seats


def _town(figures: Generator, root: Root, land: Land, *, county: str) -> tuple[list[Division], tuple[Seat, ...]]:
    """Draw one town: its outline is its share of the county, when all towns grow around their seats."""
    outline = _cut_out(figures, root.code, land.outline(county))
    own = [seat for seat in figures.seats if seat.code == root.code]
    gazetteer = Gazetteer(tuple(town for town in land.gazetteer(county).towns if town.named.code == root.code))
    alone = figures.model_copy(
        update={"seats": tuple(own), "counts": figures.counts.model_copy(update={"towns": len(own)})}
    )
    ground = draw_boundaries(alone, gazetteer, outline)
    return divisions_of(alone, gazetteer, ground, replace(root, english=own[0].english)), alone.seats


def _cut_out(figures: Generator, town: str, county: Polygon) -> Polygon:
    rng = np.random.default_rng(figures.seed)
    plane = Plane.at(county)
    settlement = settle_county(county, plane, figures.seats, hamlets=len(figures.seats), rng=rng)
    cells = tile(
        county,
        scatter(county, plane, count=WITHIN_CELLS, density=settlement.density, rng=rng),
        plane,
        rng=rng,
    )
    area = shapely.area(np.array(cells, dtype=object)) * plane.scale.prod()
    graph = CellGraph.of(centres(cells, plane), area / 1e6, borders(cells))
    owner = grow_around(graph, cells_of(figures.seats, cells), np.array([seat.km2 for seat in figures.seats]))
    number = [seat.code for seat in figures.seats].index(town)
    return union([cells[i] for i in np.flatnonzero(owner == number)])


def _city(figures: Generator, root: Root, land: Land) -> tuple[list[Division], tuple[Seat, ...]]:
    """Draw each county by itself, inside its real outline, and fit them together."""
    names = [land.gazetteer(county.code) for county in figures.counties]
    _require_numbers(figures, names)
    parts = [*_parts(figures, names, land)]
    grounds = [
        draw_boundaries(part, gazetteer, land.outline(county.code))
        for part, gazetteer, county in zip(parts, names, figures.counties, strict=True)
    ]
    fitted = join([ground.cells for ground in grounds])
    grounds = [replace(ground, cells=cells) for ground, cells in zip(grounds, fitted, strict=True)]
    drawn = [
        divisions_of(part, gazetteer, ground, _root_of(county, root))
        for part, gazetteer, ground, county in zip(parts, names, grounds, figures.counties, strict=True)
    ]
    city = _whole(figures, root, grounds)
    below = [_below(division, city) for county in drawn for division in county]
    return [city, *below], tuple(seat for part in parts for seat in part.seats)


def _require_numbers(figures: Generator, names: Sequence[Gazetteer]) -> None:
    found = {
        "county": (figures.counts.counties, len(names)),
        "town": (figures.counts.towns, sum(len(each.towns) for each in names)),
        "village": (figures.counts.villages, sum(len(town.villages) for each in names for town in each.towns)),
    }
    for level, (pack, counted) in found.items():
        if pack != counted:
            raise FiguresDisagree(level=level, pack=pack, names=counted)


def _parts(figures: Generator, names: Sequence[Gazetteer], land: Land) -> Iterator[Generator]:
    """Yield the figures of each county: its share by villages, with seats for its towns."""
    villages = np.array([float(sum(len(town.villages) for town in each.towns)) for each in names])
    counts = figures.counts
    shares = [share_out(total, villages).tolist() for total in (counts.grids, counts.micro_grids)]
    homes, firms = (share_out(total, villages).tolist() for total in (figures.households, figures.enterprises))
    for i, (county, gazetteer) in enumerate(zip(figures.counties, names, strict=True)):
        own = {"counties": 0, "towns": len(gazetteer.towns), "villages": int(villages[i])}
        own |= {"grids": shares[0][i], "micro_grids": shares[1][i]}
        rng = np.random.default_rng([figures.seed, 3, i])
        yield figures.model_copy(
            update={
                "seed": figures.seed + i,
                "counts": counts.model_copy(update=own),
                "households": homes[i],
                "enterprises": firms[i],
                "seats": tuple(_seats(county, gazetteer.towns, land.outline(county.code), rng=rng)),
                "counties": (),
            }
        )


def _seats(county: CountySeat, towns: Sequence[Town], outline: Polygon, *, rng: np.random.Generator) -> Iterator[Seat]:
    """Make up the seats of towns: spread over the county, its streets 街道 nearest to the county's seat."""
    plane = Plane.at(outline)
    middle = plane.to_metres([(county.lon, county.lat)])[0]

    def density(points: Floats) -> Floats:
        apart = np.hypot(*(points - middle).T)
        return np.asarray(1 + 6 * np.exp(-((apart / 6000) ** 2) / 2))

    spots = scatter(outline, plane, count=len(towns), density=density, rng=rng)
    nearest = spots[np.argsort(np.hypot(*(spots - middle).T), kind="stable")]
    streets_first = sorted(towns, key=lambda town: not town.named.name.endswith(STREET))
    for town, (lon, lat) in zip(streets_first, plane.to_degrees(nearest).tolist(), strict=True):
        dense = STREET_DENSITY if town.named.name.endswith(STREET) else TOWN_DENSITY
        yield Seat(code=town.named.code, english="", lon=lon, lat=lat, km2=float(len(town.villages)), density=dense)


def _root_of(county: CountySeat, city: Root) -> Root:
    return replace(city, code=county.code, name=county.names.zh, level=COUNTY, english=county.names.en)


def _whole(figures: Generator, root: Root, grounds: Sequence[Ground]) -> Division:
    polygon = union([cell for ground in grounds for cell in ground.cells])
    return Division(
        code=root.code,
        level=CITY,
        name=root.name,
        parent=None,
        path=root.code,
        polygon=polygon,
        label=label_of(polygon),
        households=sum(int(ground.households.sum()) for ground in grounds),
        enterprises=sum(int(ground.enterprises.sum()) for ground in grounds),
        valid_from=figures.valid_from,
        generated=False,
        source=root.source,
        english=root.english,
    )


def _below(division: Division, city: Division) -> Division:
    """Put a division of a county below the city. The county's own outline is a real one."""
    is_county = division.parent is None
    return replace(division, parent=city.code if is_county else division.parent, path=f"{city.path}.{division.path}")
