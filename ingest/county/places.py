"""Generate where centres, rooms, studios and organisations are: in the seats of towns, in villages, and around them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from geo.plane import Plane
from ingest.county.observations import Division, Place
from ingest.county.terms import Seat

BESIDE_M = 260.0
"""Distance of a centre of towns from the seat of its densest town, whose own centre is at the seat."""

ROOMS_M, ROOMS_IN_RING = 18.0, 12
CENTRE, STATION = "centre", "station"


@dataclass(frozen=True, slots=True)
class Site:
    """Something to give a place: the centre of a division, or what is around the division's centre."""

    code: str
    name: str
    path: str
    is_centre: bool
    english: str | None = None


def places_of(sites: Sequence[Site], divisions: Sequence[Division], seats: Sequence[Seat]) -> list[Place]:
    """Give all sites a place. A centre's kind is named by its level (`town_centre`), all others are stations."""
    by_path = {division.path: division for division in divisions}
    centres = {site.path: _centre(site, by_path[site.path], seats) for site in sites if site.is_centre}
    around: dict[str, list[Site]] = defaultdict(list)
    for site in sites:
        if not site.is_centre:
            around[site.path].append(site)
    rooms = [place for path, some in around.items() for place in _around(centres[path], some)]
    return [*centres.values(), *rooms]


def _centre(site: Site, division: Division, seats: Sequence[Seat]) -> Place:
    lon, lat = _seat_of(division, seats)
    return Place(site.code, f"{division.level}_{CENTRE}", site.name, lon, lat, site.path, site.english)


def _seat_of(division: Division, seats: Sequence[Seat]) -> tuple[float, float]:
    """Return the seat of a town; beside the densest of several towns; else where the division's name is written."""
    own = [seat for seat in seats if seat.code.startswith(division.code)]
    if not own:
        return division.label.x, division.label.y
    main = max(own, key=lambda seat: seat.density)
    if main.code == division.code:
        return main.lon, main.lat
    # A city's centre is not on that of its main county.
    away = BESIDE_M if division.level != "city" else -BESIDE_M
    lon, lat = Plane(main.lon, main.lat).to_degrees([away, -away]).tolist()
    return lon, lat


def _around(centre: Place, sites: Sequence[Site]) -> Iterator[Place]:
    """Place sites in rings around their centre, far enough apart to be distinguishable when zoomed in."""
    for first in range(0, len(sites), ROOMS_IN_RING):
        ring = sites[first : first + ROOMS_IN_RING]
        metres = ROOMS_M * (1 + first // ROOMS_IN_RING)
        turns = np.linspace(0, 2 * np.pi, len(ring), endpoint=False)
        at = Plane(centre.lon, centre.lat).to_degrees(metres * np.column_stack([np.sin(turns), np.cos(turns)]))
        for site, (lon, lat) in zip(ring, at.tolist(), strict=True):
            yield Place(site.code, STATION, site.name, lon, lat, site.path, site.english)
