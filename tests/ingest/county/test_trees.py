"""Places whose root is a city or a town: every level is an exact partition, whatever the root."""

from collections import Counter
from collections.abc import Sequence

import pytest
import shapely
from shapely.geometry import Polygon, box

from geo.coverage.partition import check
from ingest.county import trees
from ingest.county.divisions import FiguresDisagree, Root
from ingest.county.gazetteer import Gazetteer, GazetteerEntry, Town
from ingest.county.observations import Division
from ingest.county.places import Site, places_of
from ingest.county.terms import Generator
from ingest.county.trees import draw_tree

WEST, EAST = "370801", "370802"
OUTLINES = {WEST: box(116.0, 35.0, 116.2, 35.2), EAST: box(116.2, 35.0, 116.4, 35.2)}
NAMES = {"zh": "某县", "en": "County"}
BASE = {
    "seed": 7,
    "valid_from": "2023-01-01",
    "households": 5000,
    "enterprises": 400,
    "cameras": {"count": 1, "owners": [{"code": "a", "names": NAMES, "share": 1, "industry": "00", "network": "0"}]},
    "staff": {
        **{name: [] for name in ("mediators", "resident", "rotating", "on_call")},
        "patrol_teams_per_town": 1,
        "grid_workers": 1,
    },
}


class Lists:
    """Two square counties side by side, of three towns each: 街道 with four villages, two 镇 with three."""

    def outline(self, county: str) -> Polygon:
        return OUTLINES[county]

    def gazetteer(self, county: str) -> Gazetteer:
        return Gazetteer(tuple(self._town(county, i) for i in range(3)))

    def _town(self, county: str, number: int) -> Town:
        code = f"{county}{number + 1:03}"
        villages = (GazetteerEntry(f"{code}20{i}", f"第{i}村委会") for i in range(3 if number else 4))
        return Town(GazetteerEntry(code, f"第{number}{'镇' if number else '街道'}"), tuple(villages))


def figures(**more: object) -> Generator:
    return Generator.model_validate(BASE | more)


def city(villages: int = 20) -> Generator:
    seats = [{"code": code, "names": NAMES, "lon": lon, "lat": 35.1} for code, lon in ((WEST, 116.1), (EAST, 116.3))]
    return figures(counties=seats, counts={"counties": 2, "towns": 6, "villages": villages, "grids": 40})


def by_level(drawn: Sequence[Division]) -> dict[str, list[Division]]:
    return {level: [d for d in drawn if d.level == level] for level in dict.fromkeys(d.level for d in drawn)}


def require_partitions(drawn: Sequence[Division]) -> None:
    whole = drawn[0].polygon
    for level, some in by_level(drawn).items():
        assert check([d.polygon for d in some], [d.code for d in some], whole) == [], level
    seen = {drawn[0].code}
    for division in drawn[1:]:
        assert division.parent in seen and division.path.split(".")[-2:] == [division.parent, division.code]
        seen.add(division.code)


def test_the_counties_of_a_city_fit_together_in_their_real_outlines() -> None:
    drawn, seats = draw_tree(city(), Root("3708", "某市", source="x", level="city"), Lists())
    assert Counter(d.level for d in drawn) == {"city": 1, "county": 2, "town": 6, "village": 20, "grid": 40}
    require_partitions(drawn)
    for county in by_level(drawn)["county"]:
        assert shapely.hausdorff_distance(county.polygon, OUTLINES[county.code]) < 3e-7
        assert not county.generated and county.source == "x"
    streets = [seat for seat in seats if seat.code.endswith("001")]
    assert len(seats) == 6 and min(s.density for s in streets) > 1
    assert sum(d.households for d in by_level(drawn)["grid"]) == drawn[0].households == 5000


def test_a_town_as_root_is_cut_out_of_its_county_between_its_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "WITHIN_CELLS", 120)
    town = f"{WEST}002"
    seats = [
        {"code": f"{WEST}00{i}", "english": f"T{i}", "lon": 116.0 + 0.06 * i, "lat": 35.1, "km2": 130}
        for i in (1, 2, 3)
    ]
    wanted = figures(seats=seats, within=WEST, counts={"villages": 3, "grids": 9, "micro_grids": 18})
    drawn, own = draw_tree(wanted, Root(town, "第1镇", source="x", level="town", micro_grid="精细网格"), Lists())
    assert Counter(d.level for d in drawn) == {"town": 1, "village": 3, "grid": 9, "micro_grid": 18}
    require_partitions(drawn)
    assert drawn[0].generated and drawn[0].english == "T2"
    assert drawn[-1].name.endswith("精细网格")
    assert OUTLINES[WEST].buffer(1e-6).contains(drawn[0].polygon) and drawn[0].polygon.area < 0.02
    sites = [Site("C1", "中心", town, is_centre=True), Site("C1.a", "室", town, is_centre=False)]
    places = places_of(sites, drawn, own)
    assert [place.kind for place in places] == ["town_centre", "station"]
    assert (places[0].lon, places[0].lat) == (116.12, 35.1)


def test_a_city_with_other_names_than_figures_is_refused() -> None:
    with pytest.raises(FiguresDisagree) as caught:
        draw_tree(city(villages=21), Root("3708", "某市", source="x", level="city"), Lists())
    assert caught.value.params == {"level": "village", "pack": 21, "names": 20}
