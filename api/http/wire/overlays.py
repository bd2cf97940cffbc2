"""JSON of networks on the grids: disagreements, and double work."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Self

import shapely

from api.http.wire.shapes import Out
from console.networks.laying import Laid, PlaceWork
from console.networks.people import GridWork, Person, people_at
from geo.overlay.disagreements import Disagreement, Finding


class KindOut(Out):
    """Disagreements of one kind."""

    count: int
    area_m2: float


class DisagreeingOut(Out):
    """How a sector's network disagrees with the grids, by kind; every kind is there."""

    sector: str
    areas: int
    kinds: dict[Disagreement, KindOut]


class SectorAreaOut(Out):
    """An area of a sector."""

    sector: str
    area: str


class PersonOut(Out):
    """Somebody who is responsible for several areas. Masked accounts get no name and no staff number.

    `key` is the same in all of one answer. `is_certain` is false where the posts have only the name in common.
    """

    key: int
    name: str | None
    worker_code: str | None
    is_certain: bool
    posts: list[SectorAreaOut]

    @classmethod
    def of(cls, person: Person, *, masked: bool) -> Self:
        return cls(
            key=person.key,
            name=None if masked else person.name,
            worker_code=None if masked else person.code,
            is_certain=person.is_certain,
            posts=[SectorAreaOut(sector=sector, area=area) for sector, area in person.posts],
        )


class GridWorkOut(Out):
    """Who serves a grid: areas by sector, and keys of the people. `without` are sectors that do not serve it."""

    grid: str
    areas: dict[str, list[str]]
    people: list[int]
    without: list[str]

    @classmethod
    def of(cls, work: GridWork, sectors: Sequence[str]) -> Self:
        areas = {sector: list(codes) for sector, codes in work.areas.items()}
        return cls(
            grid=work.grid,
            areas=areas,
            people=list(work.people),
            without=[sector for sector in sectors if sector not in areas],
        )


class PlaceWorkOut(Out):
    """A centre or station that several people are responsible for."""

    code: str
    name: str
    lon: float
    lat: float
    posts: list[SectorAreaOut]
    people: list[int]

    @classmethod
    def of(cls, work: PlaceWork) -> Self:
        place = work.place
        posts = [SectorAreaOut(sector=sector, area=area) for sector, area in work.posts]
        return cls(
            code=place.code, name=place.name, lon=place.lon, lat=place.lat, posts=posts, people=list(work.people)
        )


class DoubleWorkCountsOut(Out):
    """Grids and places with several workers, workers with several areas, and areas `without_worker`."""

    grids: int
    workers: int
    places: int
    without_worker: int


class DoubleWorkOut(Out):
    """Who works twice, and where several do the same."""

    counts: DoubleWorkCountsOut
    grids: list[GridWorkOut]
    workers: list[PersonOut]
    places: list[PlaceWorkOut]

    @classmethod
    def of(cls, laid: Laid, places: Sequence[PlaceWork], *, masked: bool) -> Self:
        several = [person for person in laid.people if len(person.posts) > 1]
        sectors = sorted(laid.overlays)
        counts = DoubleWorkCountsOut(
            grids=sum(len(work.people) > 1 for work in laid.work),
            workers=len(several),
            places=len(places),
            without_worker=len(laid.areas) - len(laid.workers),
        )
        return cls(
            counts=counts,
            grids=[GridWorkOut.of(work, sectors) for work in laid.work],
            workers=[PersonOut.of(person, masked=masked) for person in several],
            places=[PlaceWorkOut.of(work) for work in places],
        )


class OverlayOut(Out):
    """Networks on the grids of a division. `masked`: workers are without names.

    `features` is a GeoJSON FeatureCollection of the disagreements; properties `sector`, `kind`, `areas`, `grids`,
    `area_m2`, `width_m` (50 is 50 or more), `people` (keys of those who work on an overlap).
    """

    division: str
    day: date
    width_m: float
    masked: bool
    sectors: list[DisagreeingOut]
    double_work: DoubleWorkOut
    features: dict[str, Any]

    @classmethod
    def of(cls, laid: Laid, places: Sequence[PlaceWork], *, division: str, day: date, masked: bool) -> Self:
        return cls(
            division=division,
            day=day,
            width_m=laid.width,
            masked=masked,
            sectors=disagreeing(laid),
            double_work=DoubleWorkOut.of(laid, places, masked=masked),
            features={"type": "FeatureCollection", "features": [*_features(laid)]},
        )


def disagreeing(laid: Laid) -> list[DisagreeingOut]:
    """Return how each sector disagrees with the grids."""
    found = []
    for sector, overlay in sorted(laid.overlays.items()):
        count, land = Counter[Disagreement](), Counter[Disagreement]()
        for one in overlay.findings:
            count[one.kind] += 1
            land[one.kind] += round(one.area_m2)
        kinds = {kind: KindOut(count=count[kind], area_m2=land[kind]) for kind in Disagreement}
        found.append(DisagreeingOut(sector=sector, areas=len(overlay.areas), kinds=kinds))
    return found


def _features(laid: Laid) -> Iterator[dict[str, Any]]:
    for sector, overlay in sorted(laid.overlays.items()):
        for one in overlay.findings:
            yield {
                "type": "Feature",
                "properties": {
                    "sector": sector,
                    "kind": one.kind,
                    "areas": one.areas,
                    "grids": one.grids,
                    "area_m2": round(one.area_m2),
                    "width_m": one.width_m,
                    "people": _at_overlap(laid, sector, one),
                },
                "geometry": shapely.geometry.mapping(shapely.transform(one.where, laid.plane.to_degrees)),
            }


def _at_overlap(laid: Laid, sector: str, one: Finding) -> Sequence[int]:
    if one.kind is not Disagreement.OVERLAP:
        return ()
    return people_at([(sector, area) for area in one.areas], laid.workers)
