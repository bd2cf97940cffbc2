"""Generate centres and stations: the county's centre with its stations, one centre in each town and village."""

from collections.abc import Sequence

import numpy as np

from geo.plane import Plane
from ingest.county.gazetteer import GazetteerEntry
from ingest.county.observations import Division, Place
from ingest.county.terms import Generator, Seat

BESIDE_M = 260.0
"""Distance of the county's centre from the seat of its densest town, whose own centre is at the seat."""

ROOMS_M = 18.0


def places_of(figures: Generator, divisions: Sequence[Division], *, county_centre: str) -> list[Place]:
    """Generate all centres and stations. `county_centre` is the name of the county's centre."""
    towns = {d.code: d for d in divisions if d.level == "town"}
    main = max(figures.seats, key=lambda seat: seat.density)
    found = [_main(divisions[0], main, county_centre)]
    found += _stations(figures, found[0])
    found += [_town(towns[seat.code], seat) for seat in figures.seats]
    found += [_village(d) for d in divisions if d.level == "village"]
    return found


def _main(county: Division, seat: Seat, name: str) -> Place:
    lon, lat = Plane(seat.lon, seat.lat).to_degrees([BESIDE_M, -BESIDE_M]).tolist()
    return Place(f"C{county.code}", "county_centre", name, lon, lat, county.path)


def _stations(figures: Generator, centre: Place) -> list[Place]:
    """Place stations in a circle around the centre, far enough apart to be distinguishable when zoomed in."""
    turns = np.linspace(0, 2 * np.pi, len(figures.stations), endpoint=False)
    at = Plane(centre.lon, centre.lat).to_degrees(ROOMS_M * np.column_stack([np.sin(turns), np.cos(turns)]))
    return [
        Place(f"{centre.code}.{s.code}", "station", s.names.zh, lon, lat, centre.path, s.names.en)
        for s, (lon, lat) in zip(figures.stations, at.tolist(), strict=True)
    ]


def _town(town: Division, seat: Seat) -> Place:
    name = f"{town.name}社会矛盾纠纷调处化解中心"
    return Place(f"C{town.code}", "town_centre", name, seat.lon, seat.lat, town.path, f"{seat.english} Centre")


def _village(village: Division) -> Place:
    name = f"{GazetteerEntry(village.code, village.name).short}调处化解中心"
    at = village.label
    return Place(f"C{village.code}", "village_centre", name, at.x, at.y, village.path)
