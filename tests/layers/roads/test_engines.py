"""The same contract for each way to a road engine, on a whole small country; skipped where its file is not there."""

import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from random import Random
from time import monotonic, sleep

import orjson
import pytest

from api.watch.road_server import ServerEngine
from geo.travel import DEFAULT_MODES, ModeName, distance_m
from layers.roads.engines import EmbeddedEngine, Engine, configuration, program
from layers.roads.errors import EngineFault, NoWayKnown
from layers.roads.graph import Graph, GraphInfo, graph_file
from layers.roads.rules import Place, least_minutes, matrix_request, route_request
from tests.roads import built, metres_along, needs_library, street_grid, write_roads
from tests.shared import shared_data
from tests.worlds import LAT, LON

pytestmark = pytest.mark.served

MODES: tuple[ModeName, ...] = ("walk", "ebike", "car")
VADUZ, SCHAAN = (9.5209, 47.1410), (9.5095, 47.1650)
PATIENCE_SECONDS = 20.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    needs_library()
    return tmp_path_factory.mktemp("country")


@pytest.fixture(scope="module")
def info(folder: Path) -> GraphInfo:
    return built(shared_data("liechtenstein.osm.pbf"), folder)


@pytest.fixture(scope="module")
def library(folder: Path, info: GraphInfo) -> EmbeddedEngine:
    return EmbeddedEngine(graph_file(folder, info.version))


@pytest.fixture(scope="module")
def server(folder: Path, info: GraphInfo) -> Iterator[ServerEngine]:
    """The server that the library brings along, on the same graph."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = configuration(graph_file(folder, info.version))
    config["httpd"]["service"]["listen"] = f"tcp://127.0.0.1:{port}"
    config["httpd"]["service"] |= {name: f"ipc://{folder}/{name}" for name in ("loopback", "interrupt")}
    for part in ("loki", "thor", "odin", "meili"):
        config[part]["service"]["proxy"] = f"ipc://{folder}/{part}"
    (folder / "server.json").write_bytes(orjson.dumps(config))
    running = subprocess.Popen(
        [program("valhalla_service"), folder / "server.json", "2"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    engine = ServerEngine(f"http://127.0.0.1:{port}")
    try:
        with closing(engine):
            _wait_for(engine)
            yield engine
    finally:
        running.kill()
        running.wait()


def _wait_for(engine: Engine) -> None:
    until = monotonic() + PATIENCE_SECONDS
    while True:
        try:
            engine.ask("locate", {"locations": [{"lon": VADUZ[0], "lat": VADUZ[1]}], "costing": "auto"})
        except EngineFault:
            assert monotonic() < until
            sleep(0.05)
        else:
            return


@pytest.fixture(params=["library", "server"])
def engine(request: pytest.FixtureRequest) -> Engine:
    found: Engine = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def graph(engine: Engine, info: GraphInfo) -> Graph:
    return Graph(engine, ThreadPoolExecutor(4), info)


def places(count: int, *, seed: int = 13) -> list[Place]:
    """Places in the valley, where the country's people live."""
    random = Random(seed)
    return [(9.50 + 0.05 * random.random(), 47.08 + 0.14 * random.random()) for _ in range(count)]


@pytest.mark.parametrize("name", MODES)
def test_both_ways_give_the_same_minutes(
    library: EmbeddedEngine, server: ServerEngine, info: GraphInfo, name: ModeName
) -> None:
    mode, sources = DEFAULT_MODES[name], places(40)
    with ThreadPoolExecutor(1) as threads:
        first, second = (
            Graph(engine, threads, info).ways_now(sources, VADUZ, name=name, mode=mode) for engine in (library, server)
        )
    assert first == second and any(first)


def test_each_refuses_with_the_same_codes(engine: Engine) -> None:
    mode = DEFAULT_MODES["walk"]
    with pytest.raises(NoWayKnown):
        engine.ask("route", route_request((8.9, 47.1), VADUZ, name="walk", mode=mode))
    with pytest.raises(EngineFault):
        engine.ask("route", {"locations": [], "costing": "auto"})


@pytest.mark.parametrize("name", MODES)
def test_a_matrix_and_a_route_agree(library: EmbeddedEngine, info: GraphInfo, name: ModeName) -> None:
    """On a graph of one level, 200 pairs: no difference of more than a tenth or a minute, and where one knows no way
    the other does not."""
    mode = DEFAULT_MODES[name]
    with ThreadPoolExecutor(1) as threads:
        graph = Graph(library, threads, info)
        differing = []
        for target in places(10, seed=1):
            sources = places(20, seed=2)
            for source, way in zip(sources, graph.ways_now(sources, target, name=name, mode=mode), strict=True):
                route = graph.route_now(source, target, name=name, mode=mode)
                if way and route and abs(way.minutes - route.way.minutes) > min(1.0, max(0.1 * way.minutes, 0.1)):
                    differing.append((source, target, way, route.way))
                assert way or not route
    assert not differing


@pytest.mark.parametrize("name", MODES)
def test_no_way_is_shorter_than_its_bound(graph: Graph, name: ModeName) -> None:
    mode, sources = DEFAULT_MODES[name], places(150)
    for source, way in zip(sources, graph.ways_now(sources, SCHAAN, name=name, mode=mode), strict=True):
        least = least_minutes(distance_m(*source, *SCHAAN), name, mode)
        assert least is not None
        assert way is None or mode.start_minutes + way.minutes + way.off_road_minutes >= least - 0.1


async def test_a_route_has_the_line_of_its_metres(graph: Graph) -> None:
    route = await graph.route(VADUZ, SCHAAN, name="ebike", mode=DEFAULT_MODES["ebike"])
    assert route is not None
    assert metres_along(route.line) == pytest.approx(route.way.metres, rel=0.01)
    assert distance_m(*route.line[0], *VADUZ) < 100 and distance_m(*route.line[-1], *SCHAAN) < 100


async def test_an_isochrone_holds_where_one_sets_out(graph: Graph) -> None:
    area = await graph.isochrone(VADUZ, minutes=15, name="ebike", mode=DEFAULT_MODES["ebike"])
    assert area is not None and area["features"][0]["geometry"]["type"] in ("Polygon", "MultiPolygon")


def test_the_speed_of_the_place_is_used(graph: Graph) -> None:
    slow, fast = (DEFAULT_MODES["ebike"].model_copy(update={"kmh": kmh}) for kmh in (10.0, 20.0))
    one, other = (graph.ways_now([SCHAAN], VADUZ, name="ebike", mode=mode)[0] for mode in (slow, fast))
    assert one and other and one.minutes > 1.5 * other.minutes


def test_the_factor_of_a_mode_multiplies_its_minutes_and_nothing_else(graph: Graph) -> None:
    mode = DEFAULT_MODES["car"]
    twice = mode.model_copy(update={"road_factor": 2.0})
    one, other = (graph.ways_now([SCHAAN], VADUZ, name="car", mode=m)[0] for m in (mode, twice))
    assert one and other and other.minutes == pytest.approx(2 * one.minutes)
    assert other.metres == one.metres


def test_sixteen_threads_ask_a_mixture_without_harm(library: EmbeddedEngine) -> None:
    """An actor that two threads share ends the process within a few of these calls."""
    mode, sources = DEFAULT_MODES["walk"], places(6)
    asked = [
        ("sources_to_targets", matrix_request(sources, [VADUZ], name="walk", mode=mode)),
        ("route", route_request(SCHAAN, VADUZ, name="walk", mode=mode)),
        ("locate", {"locations": [{"lon": VADUZ[0], "lat": VADUZ[1]}], "costing": "auto"}),
    ]
    alone = [library.ask(action, request) for action, request in asked]  # type: ignore[arg-type]

    def mixture(_: int) -> bool:
        return all(library.ask(*asked[i % 3]) == alone[i % 3] for i in range(24))  # type: ignore[arg-type]

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(mixture, range(16)))


def test_an_engine_keeps_its_graph_when_another_is_made(tmp_path: Path) -> None:
    """Its actors are made when its threads first ask: that may be after a newer graph came into use."""
    needs_library()
    wide, narrow = (
        built(write_roads(tmp_path / name, *street_grid(LON, LAT, columns=n, rows=n, step=0.04 / (n - 1))), tmp_path)
        for name, n in (("wide.osm.pbf", 3), ("narrow.osm.pbf", 9))
    )
    older, newer = (EmbeddedEngine(graph_file(tmp_path, info.version)) for info in (wide, narrow))
    request = {"locations": [{"lon": LON + 0.011, "lat": LAT + 0.014}], "costing": "pedestrian", "verbose": True}
    found = [engine.ask("locate", request)[0]["edges"][0]["distance"] for engine in (older, newer)]
    assert found[0] > 2 * found[1]
