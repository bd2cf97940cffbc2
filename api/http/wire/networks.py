"""JSON of networks: sectors, their areas, how they lie on the grids, and what merging them proposes."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Self

import orjson
import shapely
from pydantic import Field

from api.http.wire.shapes import Out
from console.networks.laying import Laid, PlaceWork
from console.networks.merging import Mapped, Proposed
from console.networks.overlays import Merged
from console.networks.people import GridWork, Person, people_at
from console.networks.queries import SectorSummary, StoredNetworkArea
from console.networks.terms import NetworkRate, NetworkTerms
from geo.overlay.carrying import Carried, Rate
from geo.overlay.disagreements import Disagreement, Finding
from geo.terms import Coded, Names


class NamedOut(Out):
    """A code with its names."""

    code: str
    names: dict[str, str]

    @classmethod
    def of(cls, code: str, names: Names) -> Self:
        return cls(code=code, names=names.model_dump())


class RateNameOut(NamedOut):
    """A rate: one count by another."""

    numerator: str
    denominator: str


class SectorOut(NamedOut):
    """A sector. Without a network on that day, `areas` is 0 and `since` null."""

    areas: int
    since: date | None


class NetworksOut(Out):
    """The sectors of the county, and what is counted in their areas."""

    day: date
    items: list[SectorOut]
    counts: list[NamedOut]
    rates: list[RateNameOut]

    @classmethod
    def told(cls, terms: NetworkTerms, found: Sequence[SectorSummary], *, day: date) -> Self:
        by_code = {one.sector: one for one in found}
        sectors = [
            SectorOut(
                code=one.code,
                names=one.names.model_dump(),
                areas=by_code[one.code].areas if one.code in by_code else 0,
                since=by_code[one.code].since if one.code in by_code else None,
            )
            for one in terms.sectors
        ]
        counts = [NamedOut.of(one.code, one.names) for one in terms.counts]
        return cls(day=day, items=sectors, counts=counts, rates=[_rate_name(one) for one in terms.rates])


def _rate_name(rate: NetworkRate) -> RateNameOut:
    named = Coded.model_dump(rate, include={"code", "names"})
    return RateNameOut(**named, numerator=rate.numerator, denominator=rate.denominator)


def areas_as_features(areas: Sequence[StoredNetworkArea], *, masked: bool) -> bytes:
    """Return areas as a GeoJSON FeatureCollection. Masked, workers have neither name nor number."""
    shapes = shapely.to_geojson([area.shape for area in areas]).tolist()
    features = [
        {
            "type": "Feature",
            "id": area.id,
            "properties": {
                "sector": area.sector,
                "code": area.code,
                "name": area.name,
                "organisation": area.organisation,
                "worker": None if masked else area.worker,
                "worker_code": None if masked else area.worker_code,
                "counts": area.counts,
                "valid_from": area.valid_from,
                "grids": [path.rpartition(".")[2] for path in area.touches],
            },
            "geometry": orjson.Fragment(shape),
        }
        for area, shape in zip(areas, shapes, strict=True)
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


class KindOut(Out):
    """Disagreements of one kind."""

    count: int
    area_m2: float


class DisagreeingOut(Out):
    """How a sector's network disagrees with the grids, by kind; every kind is there."""

    sector: str
    areas: int
    kinds: dict[Disagreement, KindOut]


class PostOut(Out):
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
    posts: list[PostOut]

    @classmethod
    def of(cls, person: Person, *, masked: bool) -> Self:
        return cls(
            key=person.key,
            name=None if masked else person.name,
            worker_code=None if masked else person.code,
            is_certain=person.is_certain,
            posts=[PostOut(sector=sector, area=area) for sector, area in person.posts],
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
    posts: list[PostOut]
    people: list[int]

    @classmethod
    def of(cls, work: PlaceWork) -> Self:
        place = work.place
        posts = [PostOut(sector=sector, area=area) for sector, area in work.posts]
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
    def told(cls, laid: Laid, places: Sequence[PlaceWork], *, masked: bool) -> Self:
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
    def told(cls, laid: Laid, places: Sequence[PlaceWork], *, division: str, day: date, masked: bool) -> Self:
        return cls(
            division=division,
            day=day,
            width_m=laid.width,
            masked=masked,
            sectors=disagreeing(laid),
            double_work=DoubleWorkOut.told(laid, places, masked=masked),
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


class ProposedOut(Out):
    """Divisions that most sectors have with another grid: `sectors` agree, of `voting` that serve them.

    `operation` is the body for `POST /api/plans/{id}/operations`. `refusal` is why the lines do not allow it, or null.
    """

    operation: dict[str, Any]
    of: str
    to: str
    sectors: list[str]
    voting: int
    refusal: str | None

    @classmethod
    def of_proposed(cls, one: Proposed) -> Self:
        return cls(
            operation=one.operation,
            of=one.of,
            to=one.to,
            sectors=list(one.sectors),
            voting=one.voting,
            refusal=one.refusal,
        )


class ShareOut(Out):
    """A share of an area. An empty `grid` stands for land beyond the division."""

    grid: str
    share: float


class MappedOut(Out):
    """Which grids an area becomes, the largest share first."""

    sector: str
    area: str
    grids: list[ShareOut]

    @classmethod
    def of(cls, one: Mapped) -> Self:
        shares = [ShareOut(grid=grid, share=share) for grid, share in one.shares]
        return cls(sector=one.sector, area=one.area, grids=shares)


class CarriedOut(Out):
    """A count on a grid. The true one lies from `least` to `most`, and `error` is the greater distance to either.

    `estimate` is the value before it was rounded so that the total stays. `is_small`: rounded to 0, though there may be
    some. `is_complete` is false where some land of the grid has no area, or an area no count.
    """

    value: int
    estimate: float
    least: int
    most: int
    error: int
    is_small: bool
    is_complete: bool


class RateOut(Out):
    """A rate on a grid: carried count by carried count. Null without anything to divide by."""

    value: float | None
    least: float | None
    most: float | None
    is_complete: bool


class IndicatorsOut(Out):
    """A sector's indicators on the grids, by code and grid. An empty code of a grid stands for land beyond."""

    sector: str
    totals: dict[str, int]
    counts: dict[str, dict[str, CarriedOut]]
    rates: dict[str, dict[str, RateOut]]

    @classmethod
    def told(cls, sector: str, carried: Mapping[str, Mapping[str, Carried]], terms: NetworkTerms) -> Self:
        rates = {
            rate.code: {
                grid: RateOut.model_validate(Rate.of(above, carried[rate.denominator][grid]))
                for grid, above in carried[rate.numerator].items()
            }
            for rate in terms.rates
            if rate.numerator in carried and rate.denominator in carried
        }
        counts = {
            name: {grid: CarriedOut.model_validate(one) for grid, one in by_grid.items()}
            for name, by_grid in carried.items()
        }
        totals = {name: sum(one.value for one in by_grid.values()) for name, by_grid in carried.items()}
        return cls(sector=sector, totals=totals, counts=counts, rates=rates)


class MergedOut(Out):
    """What merging the networks of a division proposes. `stands`: the county's grids need no change.

    `mapping` and `indicators` are on the grids as proposed; counts were split by households where `by_households`, else
    by land. `before` and `after` tell how the sectors disagree with today's grids and with the proposed ones.
    """

    division: str
    day: date
    width_m: float
    stands: bool
    proposed: list[ProposedOut]
    before: list[DisagreeingOut]
    after: list[DisagreeingOut]
    mapping: list[MappedOut]
    by_households: bool
    indicators: list[IndicatorsOut] = Field(description="By sector.")

    @classmethod
    def told(cls, merged: Merged, terms: NetworkTerms, *, division: str, day: date) -> Self:
        return cls(
            division=division,
            day=day,
            width_m=merged.before.width,
            stands=all(one.refusal is not None for one in merged.proposed),
            proposed=[ProposedOut.of_proposed(one) for one in merged.proposed],
            before=disagreeing(merged.before),
            after=disagreeing(merged.after),
            mapping=[MappedOut.of(one) for one in merged.mapped],
            by_households=merged.by_households,
            indicators=indicators(merged.carried, terms),
        )


class OnPlanOut(Out):
    """Networks on the lines of a plan: how they disagree with its grids, and their indicators on these."""

    version: int
    day: date
    width_m: float
    sectors: list[DisagreeingOut]
    mapping: list[MappedOut]
    by_households: bool
    indicators: list[IndicatorsOut]


def indicators(carried: Mapping[str, Mapping[str, Mapping[str, Carried]]], terms: NetworkTerms) -> list[IndicatorsOut]:
    """Return the indicators of all sectors on grids."""
    return [IndicatorsOut.told(sector, counts, terms) for sector, counts in sorted(carried.items())]
