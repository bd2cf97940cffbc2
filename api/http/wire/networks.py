"""JSON of networks: sectors and their areas."""

from collections.abc import Sequence
from datetime import date
from typing import Self

import orjson
import shapely

from api.http.wire.shapes import Out
from console.networks.queries import SectorSummary, StoredNetworkArea
from console.networks.terms import NetworkRate, NetworkTerms
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
    def of(cls, terms: NetworkTerms, found: Sequence[SectorSummary], *, day: date) -> Self:
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
