"""The circle of those on duty, by estimate and by road, against looking at every pair."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from shapely import Point
from sqlalchemy import update

from console.forces.tables import Force
from console.reach import circles
from console.reach.circles import Circle, Circles, circle_of
from console.reach.queries import origins_on_duty
from console.reach.rules import Origin, Spot
from console.rosters.tables import Leave
from geo.store import Reach, Store
from geo.travel import distance_m
from layers.roads.graph import Graph
from tests.reporting import add_incident
from tests.roads import CANAL, built, county_streets, graph_of, needs_library, write_roads
from tests.worlds import NOW, PACK, ROOT, World

TERMS = PACK.dispatch
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    needs_library()
    folder = tmp_path_factory.mktemp("roads")
    return graph_of(folder, built(write_roads(folder / "county.osm.pbf", *county_streets()), folder))


@pytest.fixture
async def two_on_duty(store: Store, world: World) -> None:
    """A western grid worker and an eastern patrol alone, and an incident in each grid but one."""
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(update(Force).values(duty="off"))
        await session.execute(update(Force).where(Force.code.in_(["grid_1", "patrol_east"])).values(duty="on"))
        for path in world.micro_grids()[:-2]:
            await add_incident(session, world, path)


async def found(
    store: Store, *, minutes: int, graph: Graph | None = None, kept: Circles | None = None
) -> tuple[Circle, Sequence[Spot]]:
    async with store.transaction(Reach(scope=ROOT)) as session:
        travels = await (kept or Circles()).travels(session, ROOT, graph=graph, terms=TERMS, day=NOW.date(), now=NOW)
        origins = await origins_on_duty(session, terms=TERMS, now=NOW)
    return await circle_of(travels, origins, minutes=minutes, now=NOW), travels.grids.spots


async def by_pair(
    origins: Sequence[Origin], spots: Sequence[Spot], *, minutes: int, graph: Graph | None
) -> dict[str, bool]:
    """Look at every pair of a force and a grid, by the route where there are roads."""
    inside = {}
    for spot in spots:
        times = []
        for one in origins:
            mode = TERMS.by_mode[one.mode]
            if graph is None:
                times.append(TERMS.minutes(distance_m(one.lon, one.lat, spot.lon, spot.lat), one.mode))
            elif route := graph.route_now((one.lon, one.lat), (spot.lon, spot.lat), name=one.mode, mode=mode):
                times.append(mode.start_minutes + route.way.minutes + route.way.off_road_minutes)
        inside[spot.code] = any(time <= minutes for time in times)
    return inside


@pytest.mark.parametrize("minutes", [4, 5, 6, 7])
@pytest.mark.usefixtures("two_on_duty")
async def test_what_is_inside_by_estimate_equals_looking_at_every_pair(store: Store, minutes: int) -> None:
    circle, spots = await found(store, minutes=minutes)
    pairs = await by_pair(circle.origins, spots, minutes=minutes, graph=None)
    assert circle.share.grids == sum(pairs.values())
    assert circle.share.incidents == sum(spot.incidents for spot in spots if pairs[spot.code])
    assert (circle.estimated, circle.complete, circle.unplaced) == (2, True, 0)
    assert sum(hole.grids for hole in circle.holes) == circle.share.of_grids - circle.share.grids


@pytest.mark.parametrize("minutes", [4, 5, 6, 8])
@pytest.mark.usefixtures("two_on_duty")
async def test_what_is_inside_by_road_equals_the_routes_and_not_the_line_across_a_canal(
    store: Store, graph: Graph, minutes: int
) -> None:
    circle, spots = await found(store, minutes=minutes, graph=graph)
    pairs = await by_pair(circle.origins, spots, minutes=minutes, graph=graph)
    assert circle.share.grids == sum(pairs.values())
    assert (circle.estimated, circle.complete) == (0, True)
    for spot in spots:
        drawn = circle.inside is not None and circle.inside.contains(Point(spot.lon, spot.lat))
        assert drawn == pairs[spot.code]


@pytest.mark.usefixtures("two_on_duty")
async def test_a_grid_across_the_canal_is_inside_by_the_line_and_not_by_road(store: Store, graph: Graph) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(update(Force).where(Force.code == "patrol_east").values(duty="off"))
    shown = []
    for roads in (None, graph):
        circle, _ = await found(store, minutes=10, graph=roads)
        assert circle.inside is not None
        shown.append(circle.inside.bounds[2] > CANAL + 0.001)
    assert shown == [True, False]


@pytest.mark.usefixtures("two_on_duty")
async def test_the_move_gains_what_the_circle_gains_when_it_is_made(store: Store, graph: Graph) -> None:
    circle, _ = await found(store, minutes=5, graph=graph)
    assert circle.move is not None and circle.target is not None
    async with store.transaction(Reach(scope=ROOT)) as session:
        place = f"SRID=4326;POINT({circle.target.lon} {circle.target.lat})"
        await session.execute(update(Force).where(Force.id == circle.move.force).values(home=place))
    after, _ = await found(store, minutes=5, graph=graph)
    assert after.share.grids - circle.share.grids == circle.move.grids
    assert after.share.incidents - circle.share.incidents == circle.move.incidents > 0


@pytest.mark.usefixtures("two_on_duty")
async def test_who_is_on_leave_is_not_counted_and_who_is_on_call_takes_the_time_to_answer(
    store: Store, world: World
) -> None:
    away = {"who_kind": "force", "who_id": world.forces["patrol_east"], "division_path": world.east}
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(update(Force).where(Force.code == "on_call_west").values(duty="on_call"))
        leave = Leave(
            id=uuid4(), starts_at=NOW - HOUR, ends_at=NOW + HOUR, changed_at=NOW, changed_by=1, version=1, **away
        )
        session.add(leave)
    circle, _ = await found(store, minutes=15)
    waits = {one.name: (one.wait_minutes, one.may_move) for one in circle.origins}
    assert waits["Force on_call_west"] == (TERMS.on_call, False)
    assert waits["Force grid_1"] == (0, True)
    assert "Force patrol_east" not in waits


@pytest.mark.usefixtures("two_on_duty")
async def test_who_has_not_moved_is_not_asked_for_again(
    store: Store, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def counted(self: Graph, sources: object, targets: object, *, name: str, mode: object) -> object:
        asked.append(name)
        return await ways_between(self, sources, targets, name=name, mode=mode)  # type: ignore[arg-type]

    ways_between = Graph.ways_between
    monkeypatch.setattr(Graph, "ways_between", counted)
    kept = Circles()
    first, _ = await found(store, minutes=6, graph=graph, kept=kept)
    begun = len(asked)
    again, _ = await found(store, minutes=6, graph=graph, kept=kept)
    assert again.share == first.share and len(asked) == begun
    async with store.transaction(Reach(scope=ROOT)) as session:
        home = "SRID=4326;POINT(120.625 31.12)"
        await session.execute(update(Force).where(Force.code == "patrol_east").values(home=home))
    await found(store, minutes=6, graph=graph, kept=kept)
    assert asked[begun : begun + 1] == ["car"]


@pytest.mark.usefixtures("two_on_duty")
async def test_ways_that_take_longer_than_an_answer_are_estimated_and_found_in_the_next(
    store: Store, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Circles()
    with monkeypatch.context() as hurried:
        hurried.setattr(circles, "PATIENCE_SECONDS", -1.0)
        circle, _ = await found(store, minutes=6, graph=graph, kept=kept)
    assert (circle.estimated, circle.complete) == (2, False)
    circle, _ = await found(store, minutes=6, graph=graph, kept=kept)
    assert (circle.estimated, circle.complete) == (0, True)
