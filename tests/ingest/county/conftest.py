"""One generated county for all tests of the generator: the shipped pack's figures, with stand-in names."""

from dataclasses import dataclass
from functools import partial

import pytest
from shapely.geometry import Polygon

from api.intake.registers import sites_on
from api.place.pack import Pack
from api.place.reading import load_pack
from ingest.county.divisions import Root
from ingest.county.forces import TravelAndDuty
from ingest.county.gazetteer import Gazetteer, GazetteerEntry, Town
from ingest.county.generator import make_county
from ingest.county.observations import County
from ingest.county.outlines import outline_of
from ingest.county.terms import Counts, Generator

VILLAGES = (35, 18, 9, 28, 27, 42, 24, 27, 28, 53, 16)
URBAN = 0.4


def village(town: str, number: int, *, urban: bool) -> GazetteerEntry:
    serial = number + (1 if urban else 201)
    return GazetteerEntry(f"{town}{serial:03}", f"第{number + 1}{'社区居委会' if urban else '村委会'}")


def town(code: str, count: int) -> Town:
    villages = (village(code, i, urban=i < count * URBAN) for i in range(count))
    return Town(GazetteerEntry(code, f"某镇{code[-3:]}"), tuple(sorted(villages, key=lambda v: v.code)))


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack("wujiang")


@pytest.fixture(scope="session")
def gazetteer(pack: Pack) -> Gazetteer:
    codes = sorted(seat.code for seat in figures_of(pack).seats)
    return Gazetteer(tuple(town(code, count) for code, count in zip(codes, VILLAGES, strict=True)))


@dataclass(frozen=True, slots=True)
class Names:
    """Stand-in names on the real outlines."""

    names: Gazetteer

    def outline(self, county: str) -> Polygon:
        return outline_of(county)

    def gazetteer(self, county: str) -> Gazetteer:
        return self.names


def figures_of(pack: Pack) -> Generator:
    assert pack.demo.generator is not None
    return pack.demo.generator


def generate(pack: Pack, gazetteer: Gazetteer, figures: Generator) -> County:
    traffic = pack.demo.traffic
    assert traffic is not None
    return make_county(
        figures,
        Root(pack.root.code, pack.root.names.zh, source="somewhere"),
        land=Names(gazetteer),
        sites=partial(sites_on, pack),
        ways={kind.code: TravelAndDuty(kind.mode, kind.duty) for kind in pack.forces.kinds},
        mediated={code: float(yearly) for code, yearly in traffic.yearly.items() if code.startswith("dispute.")},
    )


@pytest.fixture(scope="session")
def county(pack: Pack, gazetteer: Gazetteer) -> County:
    return generate(pack, gazetteer, figures_of(pack))


@pytest.fixture(scope="session")
def small(pack: Pack) -> Generator:
    """The same county with a quarter of its cells, for tests that generate it more than once."""
    counts = Counts(towns=11, villages=307, grids=400, micro_grids=1300)
    return figures_of(pack).model_copy(update={"counts": counts})
