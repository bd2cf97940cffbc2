"""A graph takes the place of another in one step, or not at all; and what ways on made roads are."""

import asyncio
import shutil
from pathlib import Path

import pytest

from geo.travel import DEFAULT_MODES, ModeName, distance_m
from layers.roads.errors import EngineFault, RoadsRefused
from layers.roads.graph import Graph, GraphInfo, Roads, graph_file
from layers.roads.rules import Place, Way
from tests.roads import BUILT, Street, build_roads, built, graph_of, needs_library, street_grid, write_roads

pytestmark = pytest.mark.served

WEST, SOUTH, STEP = 120.6, 31.1, 0.002
LANE = {"highway": "service"}
MODES: tuple[ModeName, ...] = ("walk", "ebike", "car")
GATED, ISLE, ISLE_SMALL = (120.62, 31.1), (120.6, 31.13), (120.6, 31.116)


def made_town() -> tuple[dict[int, Place], list[Street]]:
    """Streets 7 × 7; east of them a quarter whose only gate is at its far side; north of them two isles, a large one
    of 8 × 8 streets and one of a single lane, both without a ferry."""
    points, streets = street_grid(WEST, SOUTH, columns=7, rows=7, step=STEP)
    west, south = GATED
    # A street round the quarter, from the town's east side to the far gate.
    points |= {101: (west - 0.006, south), 102: (west + 0.01, south), 103: (west + 0.01, south + 0.006)}
    streets.append(({"highway": "residential"}, [7, 101, 102, 103]))
    # A wall stands along the quarter's west side: the lane inside runs 40 m from the street outside.
    points |= {
        104: (west - 0.006, south + 0.0004),
        105: (west + 0.009, south + 0.0004),
        106: (west + 0.009, south + 0.003),
    }
    streets.append(({**LANE, "access": "private"}, [104, 105, 106]))
    points[107] = (west + 0.01, south + 0.003)
    streets[-2] = ({"highway": "residential"}, [7, 101, 102, 107, 103])
    streets.append(({**LANE, "access": "private"}, [106, 107]))
    isle, of_isle = street_grid(*ISLE, columns=8, rows=8, step=0.001, first=201)
    points |= isle
    streets += of_isle
    points |= {301: ISLE_SMALL, 302: (ISLE_SMALL[0] + 0.001, ISLE_SMALL[1])}
    streets.append((LANE, [301, 302]))
    return points, streets


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    needs_library()
    return tmp_path_factory.mktemp("roads")


@pytest.fixture(scope="module")
def file(folder: Path) -> Path:
    return write_roads(folder / "town.osm.pbf", *made_town())


@pytest.fixture(scope="module")
def info(folder: Path, file: Path) -> GraphInfo:
    return built(file, folder)


@pytest.fixture(scope="module")
def graph(folder: Path, info: GraphInfo) -> Graph:
    return graph_of(folder, info)


def way(graph: Graph, source: Place, target: Place, name: ModeName = "walk") -> Way | None:
    return graph.ways_now([source], target, name=name, mode=DEFAULT_MODES[name])[0]


def test_the_graph_in_use_says_what_it_is(folder: Path, info: GraphInfo) -> None:
    assert GraphInfo.load(folder) == info
    assert info.built_at == BUILT and info.origin == "given" and info.credit == "© OpenStreetMap contributors"
    assert [left.name for left in folder.glob("build-*")] == []


def test_a_refused_file_leaves_the_old_graph(folder: Path, info: GraphInfo, tmp_path: Path) -> None:
    bad = tmp_path / "photo.osm.pbf"
    bad.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(5000))
    with pytest.raises(RoadsRefused) as refused:
        build_roads(bad, folder, grids=(), now=BUILT)
    assert refused.value.params["reason"] == "unreadable"
    with pytest.raises(RoadsRefused) as refused:
        build_roads(tmp_path / "none.osm.pbf", folder, grids=(), now=BUILT)
    assert refused.value.params["reason"] == "missing"
    assert GraphInfo.load(folder) == info and [left.name for left in folder.glob("build-*")] == []


def test_another_countys_roads_are_refused(folder: Path, file: Path, info: GraphInfo) -> None:
    """Most grids are far from all of them."""
    near, far = (WEST + 0.001, SOUTH + 0.001), (WEST + 1, SOUTH)
    with pytest.raises(RoadsRefused) as refused:
        build_roads(file, folder, grids=[near, far, far], now=BUILT)
    assert refused.value.params == {"reason": "elsewhere", "far": 2, "grids": 3, "metres": 500}
    assert GraphInfo.load(folder) == info


async def test_a_new_graph_is_used_at_once_and_the_old_one_answers_to_its_end(
    folder: Path, info: GraphInfo, tmp_path: Path
) -> None:
    """Two builds later its file is removed, and who has begun with it still ends with it."""
    roads = Roads(tmp_path)
    assert roads.now() is None
    shutil.copy(graph_file(folder, info.version), tmp_path)
    info.save(tmp_path)
    old = roads.now()
    assert old is not None and old.info == info
    points, streets = made_town()
    without = [street for street in streets if street[1][:2] != [7, 101]]
    asked = [(WEST, SOUTH)], (WEST + 0.004, SOUTH)
    assert await old.ways(*asked, name="walk", mode=DEFAULT_MODES["walk"])
    second = built(write_roads(tmp_path / "second.osm.pbf", points, without), tmp_path)
    graph_file(tmp_path, info.version).unlink()
    new = roads.now()
    assert new is not None and new.info == second and new is roads.now()
    for graph in (old, new):
        ways = await graph.ways(*asked, name="walk", mode=DEFAULT_MODES["walk"])
        assert ways is not None
        (found,) = ways.values()
        assert found is not None
    roads.close()


def test_a_way_goes_by_the_streets(graph: Graph) -> None:
    source, target = (WEST, SOUTH), (WEST + 0.006, SOUTH + 0.006)
    corner = (WEST + 0.006, SOUTH)
    found = way(graph, source, target)
    assert found is not None and found.off_road_m == 0
    assert found.metres == pytest.approx(distance_m(*source, *corner) + distance_m(*corner, *target), rel=0.02)


def test_a_patrol_behind_the_wall_takes_the_gate_at_the_far_side(graph: Graph) -> None:
    """The street outside is 45 m away; the way by the gate is thirty times as long."""
    inside, outside = (GATED[0] - 0.0055, GATED[1] + 0.0004), (GATED[0] - 0.0055, GATED[1])
    for name in ("walk", "ebike", "car"):
        found = way(graph, inside, outside, name)
        assert found is not None and found.metres > 2_000, name


@pytest.mark.parametrize("isle", [ISLE, ISLE_SMALL])
def test_no_way_is_known_to_an_isle(graph: Graph, isle: Place) -> None:
    for name in ("walk", "ebike", "car"):
        assert way(graph, (WEST, SOUTH), isle, name) is None
        assert way(graph, isle, (WEST, SOUTH), name) is None
    ways = graph.ways_now([(WEST, SOUTH), isle], (WEST + 0.002, SOUTH), name="walk", mode=DEFAULT_MODES["walk"])
    assert ways[0] is not None and ways[1] is None, "one without a way takes none from the others"


def test_a_place_off_an_isle_has_the_same_way_alone_and_among_others(graph: Graph) -> None:
    """The isle's lane is the nearest road, and the town's streets are hardly farther: these count."""
    afloat, target = (WEST, ISLE_SMALL[1] - 0.0017), (WEST + 0.004, SOUTH)
    for name in MODES:
        (alone,) = graph.ways_now([afloat], target, name=name, mode=DEFAULT_MODES[name])
        among, _ = graph.ways_now([afloat, (WEST, SOUTH)], target, name=name, mode=DEFAULT_MODES[name])
        assert alone is not None and alone == among, name
        route = graph.route_now(afloat, target, name=name, mode=DEFAULT_MODES[name])
        assert route is not None and route.way.minutes == pytest.approx(alone.minutes, rel=0.1)


def test_on_the_isle_there_are_ways(graph: Graph) -> None:
    assert way(graph, ISLE, (ISLE[0] + 0.003, ISLE[1])) is not None


def test_what_lies_beside_the_road_is_walked_and_told(graph: Graph) -> None:
    """A place on the lake, 2 km south of the last street."""
    lake = (WEST + 0.006, SOUTH - 0.018)
    found = way(graph, (WEST, SOUTH), lake, "car")
    assert found is not None
    assert found.off_road_m == pytest.approx(distance_m(WEST + 0.006, SOUTH, *lake), rel=0.01)
    assert found.off_road_minutes == pytest.approx(found.off_road_m / 80, rel=0.01)


async def test_places_far_from_all_roads_are_left_to_the_estimate(graph: Graph) -> None:
    asked = [(WEST, SOUTH), (WEST + 1, SOUTH)]
    target = (WEST + 0.002, SOUTH)
    ways = await graph.ways(asked, target, name="walk", mode=DEFAULT_MODES["walk"])
    assert ways is not None and ways.keys() == {0}
    assert await graph.ways(asked, (WEST, SOUTH - 1), name="walk", mode=DEFAULT_MODES["walk"]) == {}
    assert await graph.ways(asked, target, name="boat", mode=DEFAULT_MODES["boat"]) == {}


async def test_an_engine_that_fails_leaves_estimates(folder: Path, info: GraphInfo) -> None:
    class Broken:
        name = "broken"

        def ask(self, action: str, request: object) -> object:
            raise EngineFault(fault="gone")

        def close(self) -> None:
            pass

    graph = Graph(Broken(), graph_of(folder, info).threads, info)
    asked = [(WEST, SOUTH)], (WEST + 0.002, SOUTH)
    assert await graph.ways(*asked, name="walk", mode=DEFAULT_MODES["walk"]) is None
    assert await graph.route(asked[0][0], asked[1], name="walk", mode=DEFAULT_MODES["walk"]) is None


async def test_many_ask_at_once(graph: Graph) -> None:
    """Each thread has an actor of its own; the answers are those of one at a time."""
    places = [(WEST + 0.0013 * i, SOUTH + 0.0007 * i) for i in range(8)]
    mode = DEFAULT_MODES["ebike"]
    alone = [graph.ways_now(places, target, name="ebike", mode=mode) for target in places]
    together = await asyncio.gather(*(graph.ways(places, t, name="ebike", mode=mode) for t in places * 10))
    assert [found and [*found.values()] for found in together] == alone * 10
