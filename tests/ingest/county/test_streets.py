"""A made-up map of a county: streets along its lines that lead everywhere but to the isle, marked as made."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
import shapely

from api.place.pack import Pack
from geo.travel import DEFAULT_MODES, ModeName, distance_m
from ingest.county.observations import Division
from ingest.county.streets.drawing import Drawn, draw_streets
from ingest.county.streets.land import Land
from ingest.county.streets.naming import in_chinese
from ingest.county.streets.osm_file import write_sheet
from ingest.county.streets.sheet import MARK, PER_DEGREE, Sheet, make_map
from ingest.county.streets.water import lay_water
from ingest.county.terms import Counts
from ingest.roads.checking import check_file
from layers.roads.engines import EmbeddedEngine
from layers.roads.graph import Graph, graph_file
from layers.roads.rules import Place
from tests.ingest.county.conftest import figures_of, generate
from tests.roads import built, needs_library

pytestmark = pytest.mark.served

SEED = 3
MODES: tuple[ModeName, ...] = ("walk", "ebike", "car")


@pytest.fixture(scope="module")
def divisions(pack: Pack, gazetteer: object) -> tuple[Division, ...]:
    """The county with few cells: 1,000 of them."""
    counts = Counts(towns=11, villages=307, grids=400, micro_grids=1000)
    return generate(pack, gazetteer, figures_of(pack).model_copy(update={"counts": counts})).divisions  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def sheet(divisions: tuple[Division, ...]) -> Sheet:
    return make_map(divisions, seed=SEED)


@pytest.fixture(scope="module")
def land(divisions: tuple[Division, ...]) -> Land:
    return Land.of(divisions)


@pytest.fixture(scope="module")
def drawn(land: Land) -> Drawn:
    return draw_streets(land, lay_water(land, rng=np.random.default_rng([SEED, 7])))


@pytest.fixture(scope="module")
def file(sheet: Sheet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "county.osm.pbf"
    write_sheet(sheet, path)
    return path


@pytest.fixture(scope="module")
def graph(file: Path) -> Iterator[Graph]:
    needs_library()
    info = built(file, file.parent)
    assert info.origin == "made" and info.credit == ""
    with ThreadPoolExecutor(1) as threads:
        yield Graph(EmbeddedEngine(graph_file(file.parent, info.version)), threads, info)


def middles(land: Land, count: int, *, seed: int) -> list[Place]:
    """Middles of cells, without those of the isle."""
    return [land.middle(code) for code in Random(seed).sample(sorted(land.cells), count)]


def parts(drawn: Drawn) -> list[set[Place]]:
    """The points of each set of streets that hang together."""
    beside: dict[Place, set[Place]] = defaultdict(set)
    for street in drawn.streets:
        for a, b in pairwise(street.line):
            beside[a].add(b)
            beside[b].add(a)
    found, left = [], set(beside)
    while left:
        part, edge = set[Place](), [left.pop()]
        while edge:
            spot = edge.pop()
            part.add(spot)
            edge += [other for other in beside[spot] if other not in part]
        left -= part
        found.append(part)
    return found


def test_the_same_county_and_seed_give_the_same_bytes(
    divisions: tuple[Division, ...], file: Path, tmp_path: Path
) -> None:
    for seed, name in ((SEED, "same"), (SEED + 1, "other")):
        write_sheet(make_map(divisions, seed=seed), tmp_path / f"{name}.osm.pbf")
    assert (tmp_path / "same.osm.pbf").read_bytes() == file.read_bytes()
    assert (tmp_path / "other.osm.pbf").read_bytes() != file.read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["other.osm.pbf", "same.osm.pbf"]


def test_the_file_is_sound_and_says_that_it_is_made(file: Path, sheet: Sheet) -> None:
    facts = check_file(str(file))
    assert facts["made"] and facts["ways"] == sum("highway" in way.tags for way in sheet.ways)


def test_everything_is_marked_as_made_and_every_street_has_a_name(sheet: Sheet) -> None:
    things = [*(way.tags for way in sheet.ways), *(area.tags for area in sheet.areas)]
    assert all(MARK.items() <= dict(tags).items() for tags in things)
    marks = [*sheet.marks.values(), *(tags for _, tags in sheet.places)]
    assert all(MARK.items() <= dict(tags).items() for tags in marks)
    assert all(way.tags["name"] for way in sheet.ways if "highway" in way.tags or "waterway" in way.tags)
    kinds = Counter(way.tags.get("highway") for way in sheet.ways)
    assert {"trunk", "primary", "secondary", "tertiary", "residential", "unclassified", "service"} <= kinds.keys()
    assert [area.tags["natural"] for area in sheet.areas] == ["water"]
    places = Counter(tags["place"] for _, tags in sheet.places)
    assert places["town"] == 11 and places["village"] + places["suburb"] == 307


def test_all_streets_are_connected_but_those_of_the_isle(drawn: Drawn) -> None:
    assert drawn.water.lake is not None
    isle = {spot for street in drawn.streets if street.isle for spot in street.line}
    main, rest = sorted(parts(drawn), key=len, reverse=True)
    assert rest == isle and main.isdisjoint(isle)


def test_streets_run_along_lines_and_end_at_water(land: Land, drawn: Drawn) -> None:
    """Nine tenths of the borders have a street; the others are canals or lie in the lake."""
    assert drawn.water.lake is not None
    lines = {frozenset(pair) for edge in land.inner for pair in pairwise(edge.line)}
    streets = {frozenset(pair) for street in drawn.streets for pair in pairwise(street.line)}
    assert len(lines & streets) > 0.9 * len(lines)
    water = shapely.difference(drawn.water.lake.shore, drawn.water.lake.isle)
    assert not any(water.buffer(-1e-6).intersects(shapely.LineString(street.line)) for street in drawn.streets)
    canals = [shapely.LineString(canal) for canal in drawn.water.canals]
    crossing = [
        s for s in drawn.streets if not s.bridge and any(c.intersects(shapely.LineString(s.line)) for c in canals)
    ]
    assert crossing == [], "a canal is crossed by bridges only"
    assert sum(street.bridge for street in drawn.streets) >= 10


def test_a_lane_leads_through_the_middle_of_each_cell_and_stays_in_it(land: Land, drawn: Drawn) -> None:
    lanes = {s.between[0]: s.line for s in drawn.streets if s.kind == "service" and s.between[0] == s.between[1]}
    assert len(lanes) > 0.95 * len(land.cells)
    for code, line in lanes.items():
        assert land.cells[code].polygon.covers(shapely.LineString(line)) and land.middle(code) in line[:2]
    assert sum(len(line) == 3 for line in lanes.values()) > 0.8 * len(lanes)


def test_buildings_stand_in_the_middles_of_towns_beside_the_streets(sheet: Sheet, drawn: Drawn) -> None:
    at = np.array([*sheet.points]) / PER_DEGREE
    built = [shapely.Polygon(at[np.array(way.points) - 1]) for way in sheet.ways if "building" in way.tags]
    assert len(built) > 100
    near, _ = shapely.STRtree([shapely.LineString(s.line) for s in drawn.streets]).query(built, predicate="intersects")
    assert near.size == 0


def test_a_matrix_and_a_route_agree(graph: Graph, land: Land) -> None:
    """200 pairs by each mode: no difference of more than a tenth."""
    for name in MODES:
        mode, ratios = DEFAULT_MODES[name], []
        for target in middles(land, 10, seed=1):
            sources = middles(land, 20, seed=2)
            for source, way in zip(sources, graph.ways_now(sources, target, name=name, mode=mode), strict=True):
                route = graph.route_now(source, target, name=name, mode=mode)
                assert way is not None and route is not None
                assert route.way.minutes == pytest.approx(way.minutes, rel=0.1, abs=0.1), (name, source, target)
                ratios.append(way.metres / max(500.0, distance_m(*source, *target)))
        assert 1.1 < np.median(ratios) < 1.6, name


def test_no_way_leads_to_the_isle(graph: Graph, land: Land, drawn: Drawn) -> None:
    assert drawn.water.lake is not None
    isle, ashore = land.middle(drawn.water.lake.code), middles(land, 5, seed=4)
    for name in MODES:
        assert graph.ways_now(ashore, isle, name=name, mode=DEFAULT_MODES[name]) == [None] * 5
        assert graph.ways_now([isle], ashore[0], name=name, mode=DEFAULT_MODES[name]) == [None]


def test_whoever_is_behind_the_wall_takes_the_gate(graph: Graph, drawn: Drawn) -> None:
    """From the street within that is farthest from the gate, though another is beyond the wall beside it."""
    assert drawn.quarter is not None
    (within, out), gate = drawn.quarter.streets, drawn.quarter.gate
    inside = max(within.line, key=lambda spot: distance_m(spot[0], spot[1], *gate))
    for name in MODES:
        mode = DEFAULT_MODES[name]
        (to_gate,) = graph.ways_now([inside], gate, name=name, mode=mode)
        assert to_gate is not None and to_gate.metres > distance_m(*inside, *gate)
        route = graph.route_now(inside, out.line[-1], name=name, mode=mode)
        assert route is not None and min(distance_m(lon, lat, *gate) for lon, lat in route.line) < 2


@pytest.mark.parametrize(
    ("number", "written"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (105, "一百零五"), (210, "二百一十")]
)
def test_streets_are_numbered_as_in_chinese(number: int, written: str) -> None:
    assert in_chinese(number) == written


def test_a_hamlet_of_few_cells_has_streets_and_no_water(divisions: tuple[Division, ...]) -> None:
    """A single village, which has no towns."""
    village = next(one for one in divisions if one.level == "village")
    above = len(village.path) - len(village.code)
    own = [replace(one, path=one.path[above:]) for one in divisions if one.path.startswith(village.path)]
    sheet = make_map(own, seed=SEED)
    assert any("highway" in way.tags for way in sheet.ways) and not any("waterway" in way.tags for way in sheet.ways)
