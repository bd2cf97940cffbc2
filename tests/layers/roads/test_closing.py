"""Closed roads: ways go round them for whom they are closed, and an end on one is left or reached on foot."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import shapely
from shapely import LineString, Polygon, box

from geo.travel import DEFAULT_MODES, ModeName, distance_m
from layers.roads.closing import Closed, Closures
from layers.roads.graph import Graph
from layers.roads.rules import Place
from tests.roads import ACROSS, CANAL, STEP, built, county_streets, graph_of, needs_library, write_roads
from tests.shared import shared_data
from tests.worlds import LAT, LON

MODES: tuple[ModeName, ...] = ("walk", "ebike", "car")
ALL = frozenset(DEFAULT_MODES)
BRIDGE = (CANAL, LAT + STEP * (ACROSS - 1))
METRE = 1 / 111_000
TRIES = 80


def corner(column: float, row: float) -> Place:
    """Where two streets of the lattice cross; between whole numbers, along one."""
    return LON + STEP * column, LAT + STEP * row


def square(middle: Place, metres: float) -> Polygon:
    lon, lat = middle
    side = metres * METRE
    return box(lon - side, lat - side, lon + side, lat + side)


def closing(graph: Graph, *outlines: Polygon, modes: Iterable[str] = ALL) -> Graph:
    return replace(graph, closures=Closures([Closed(shapely.to_wkb(one), frozenset(modes)) for one in outlines]))


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """A second bridge in the middle of the county, beside the one in the north."""
    needs_library()
    folder = tmp_path_factory.mktemp("closing")
    points, streets = county_streets()
    row = ACROSS // 2 * ACROSS + ACROSS // 2 + 1
    return graph_of(folder, built(write_roads(folder / "county.osm.pbf", points, [*streets, _bridge(row)]), folder))


def _bridge(first: int) -> tuple[dict[str, str], list[int]]:
    return {"highway": "residential", "bridge": "yes"}, [first, first + 1]


MIDDLE_BRIDGE = corner(ACROSS // 2 + 0.5, ACROSS // 2)
WEST_BANK, EAST_BANK = corner(ACROSS // 2 - 1, ACROSS // 2), corner(ACROSS // 2 + 2, ACROSS // 2)


@pytest.mark.parametrize("name", MODES)
def test_a_bridge_closed_to_all_is_gone_round_by_each_mode(graph: Graph, name: ModeName) -> None:
    mode, closed = DEFAULT_MODES[name], square(MIDDLE_BRIDGE, 20)
    before = graph.route_now(WEST_BANK, EAST_BANK, name=name, mode=mode)
    after = closing(graph, closed).route_now(WEST_BANK, EAST_BANK, name=name, mode=mode)
    assert before and before.line and LineString(before.line).intersects(closed)
    assert after and not LineString(after.line).intersects(closed)
    assert after.way.metres > 4 * before.way.metres and after.way.closed_m == 0
    (way,) = closing(graph, closed).ways_now([WEST_BANK], EAST_BANK, name=name, mode=mode)
    assert way and way.minutes == pytest.approx(after.way.minutes, rel=0.02)


@pytest.mark.parametrize("name", MODES)
def test_a_bridge_closed_to_cars_is_open_to_others(graph: Graph, name: ModeName) -> None:
    mode, market = DEFAULT_MODES[name], closing(graph, square(MIDDLE_BRIDGE, 20), modes=("car", "motorbike"))
    before = graph.route_now(WEST_BANK, EAST_BANK, name=name, mode=mode)
    after = market.route_now(WEST_BANK, EAST_BANK, name=name, mode=mode)
    assert before and after and (after == before) is (name != "car")


@pytest.mark.parametrize("name", MODES)
def test_an_incident_inside_is_reached_on_foot_from_the_edge(graph: Graph, name: ModeName) -> None:
    mode, incident = DEFAULT_MODES[name], corner(3.5, 4)
    closed = closing(graph, square(incident, 60))
    (way,) = closed.ways_now([corner(10, 12)], incident, name=name, mode=mode)
    assert way and 55 <= way.closed_m <= 150 and way.metres > 1000
    route = closed.route_now(corner(10, 12), incident, name=name, mode=mode)
    assert route and route.way.all_minutes == pytest.approx(way.all_minutes, rel=0.02)
    assert not LineString(route.line).intersects(square(incident, 60))
    assert distance_m(*route.line[-1], *incident) == pytest.approx(way.closed_m, abs=10) or route.way.closed_m
    assert (route.foot_before_m, route.foot_after_m) == (0, route.way.closed_m)
    back = closed.route_now(incident, corner(10, 12), name=name, mode=mode)
    assert back and (back.foot_before_m, back.foot_after_m) == (back.way.closed_m, 0)


@pytest.mark.parametrize("name", MODES)
def test_a_force_inside_walks_out_and_is_never_left_out(graph: Graph, name: ModeName) -> None:
    mode, force = DEFAULT_MODES[name], corner(3.5, 4)
    closed = closing(graph, square(force, 60))
    ways = closed.ways_now([force, corner(1, 1)], corner(10, 12), name=name, mode=mode)
    free = graph.ways_now([force, corner(1, 1)], corner(10, 12), name=name, mode=mode)
    assert ways[0] and free[0] and 55 <= ways[0].closed_m <= 150
    assert ways[0].all_minutes >= 0.98 * free[0].minutes - 0.1, "straight across the area, it cuts a corner at most"
    assert ways[1] and free[1] and ways[1].minutes == pytest.approx(free[1].minutes, rel=0.05)


@pytest.mark.parametrize("name", MODES)
def test_who_stands_on_a_closed_road_beside_the_closed_part_rides_away_from_it(graph: Graph, name: ModeName) -> None:
    mode = DEFAULT_MODES[name]
    closed = closing(graph, square(corner(3.8, 4), 20))
    (way,) = closed.ways_now([corner(3.2, 4)], corner(1, 2), name=name, mode=mode)
    (free,) = graph.ways_now([corner(3.2, 4)], corner(1, 2), name=name, mode=mode)
    assert way and free and way.closed_m == 0 and way.off_road_m == 0
    assert way.minutes == pytest.approx(free.minutes, rel=0.1)


def test_two_in_the_same_closed_area_walk_to_each_other(graph: Graph) -> None:
    closed = closing(graph, square(corner(3.5, 4), 60))
    one, other = corner(3.45, 4), corner(3.55, 4)
    (way,) = closed.ways_now([one], other, name="car", mode=DEFAULT_MODES["car"])
    assert way and way.metres == 0 and way.closed_m == pytest.approx(distance_m(*one, *other))
    assert closed.route_now(one, other, name="car", mode=DEFAULT_MODES["car"]) is None


def test_an_incident_on_a_closed_bridge_is_reached_from_the_bank_of_its_force(graph: Graph) -> None:
    """The other bank may be nearer to the incident, and is kilometres farther."""
    incident = (MIDDLE_BRIDGE[0] - 10 * METRE, MIDDLE_BRIDGE[1])
    closed = closing(graph, square(MIDDLE_BRIDGE, 40))
    east, west = closed.ways_now([EAST_BANK, WEST_BANK], incident, name="car", mode=DEFAULT_MODES["car"])
    assert east and west and max(east.metres, west.metres) < 1500 and min(east.closed_m, west.closed_m) >= 30


def test_where_nothing_leads_over_the_canal_no_way_is_known(graph: Graph) -> None:
    closed = closing(graph, square(MIDDLE_BRIDGE, 20), square(BRIDGE, 20))
    for name in MODES:
        assert closed.ways_now([WEST_BANK], EAST_BANK, name=name, mode=DEFAULT_MODES[name]) == [None]
        assert closed.route_now(WEST_BANK, EAST_BANK, name=name, mode=DEFAULT_MODES[name]) is None


def test_no_way_crosses_any_of_many_random_closures(graph: Graph) -> None:
    """And none is shorter than without them."""
    random = Random(29)
    told = 0
    for _ in range(TRIES):
        told += check_random_closures(graph, random)
    assert told > TRIES * 0.7


def check_random_closures(graph: Graph, random: Random) -> bool:
    """Close one to four areas at random, and compare a way with that of all roads. Returns whether one was told."""
    side = ACROSS - 1
    outlines = [
        square(corner(side * random.random(), side * random.random()), 10 ** (1 + 1.5 * random.random()))
        for _ in range(random.randint(1, 4))
    ]
    name = random.choice(MODES)
    mode, closed = DEFAULT_MODES[name], closing(graph, *outlines)
    source, target = (corner(side * random.random(), round(side * random.random())) for _ in range(2))
    (way,), (free,) = (one.ways_now([source], target, name=name, mode=mode) for one in (closed, graph))
    assert free
    assert way is None or way.all_minutes >= free.all_minutes * 0.98 - 0.3, (source, target, name, way, free)
    route = closed.route_now(source, target, name=name, mode=mode)
    if route is None:
        return False
    assert way and route.way.all_minutes == pytest.approx(way.all_minutes, rel=0.05, abs=0.2)
    area = shapely.union_all(outlines).buffer(-METRE)
    assert not LineString(route.line).intersects(area), (source, target, name, route.line)
    return True


@pytest.mark.parametrize(
    ("file", "source", "target"),
    [
        ("liechtenstein.osm.pbf", (9.5209, 47.1410), (9.5095, 47.1650)),
        ("cn_gx.osm.pbf", (117.2450, 28.2920), (117.2150, 28.2850)),
    ],
)
def test_closures_on_real_roads_are_gone_round(tmp_path: Path, file: str, source: Place, target: Place) -> None:
    """One where each way leads, half-way: each mode has another way, which crosses none."""
    needs_library()
    graph = graph_of(tmp_path, built(shared_data(file), tmp_path))
    for name in MODES:
        mode = DEFAULT_MODES[name]
        free = graph.route_now(source, target, name=name, mode=mode)
        assert free and free.way.metres > 1000
        closed = square(free.line[len(free.line) // 2], 25)
        route = closing(graph, closed).route_now(source, target, name=name, mode=mode)
        assert route and not LineString(route.line).intersects(closed), (file, name)
        assert route.way.all_minutes >= 0.95 * free.way.all_minutes, "the engine weighs turns beside minutes"
        (way,) = closing(graph, closed).ways_now([source], target, name=name, mode=mode)
        assert way and way.minutes == pytest.approx(route.way.minutes, rel=0.1, abs=0.2)
