"""Candidates in minutes by road: the first are those of a ranking of all forces by their ways."""

import asyncio

import pytest
from sqlalchemy import text

from api.keeping.postgres.roles import Urls
from console.dispatching import queries
from console.dispatching.answering import Answer, Responder, responders_to
from console.dispatching.by_road import ByRoad
from console.dispatching.queries import candidates_for, evaluate_force, find_candidate
from console.dispatching.rules import rank
from console.dispatching.statements import EVERYBODY_FACTS
from console.flow.terms import Role
from console.incidents.events import place_of
from console.incidents.tables import Incident
from geo.store import Reach, Store
from layers.roads.graph import Graph
from tests.crowds import gather_crowd
from tests.reporting import report
from tests.roads import CANAL, ISLE, built, county_streets, graph_of, needs_library, write_roads
from tests.worlds import LAT, LON, NOW, PACK, ROOT, WEST, World

TERMS = PACK.dispatch


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    needs_library()
    folder = tmp_path_factory.mktemp("roads")
    return graph_of(folder, built(write_roads(folder / "county.osm.pbf", *county_streets()), folder))


@pytest.fixture
async def crowded(store: Store, world: World, database: Urls) -> int:
    """A county with many forces; returns an incident's id."""
    await gather_crowd(store, world, database, forces=1500)
    return await report(store, world, world.micro_grids()[5])


@pytest.mark.parametrize("weights", [{}, {"speciality_match": -30.0}, {"own_grid": -60.0, "on_call": -10.0}])
@pytest.mark.parametrize("limit", [1, 10])
async def test_the_first_by_road_begin_the_ranking_of_all_by_road(
    store: Store, crowded: int, graph: Graph, weights: dict[str, float], limit: int
) -> None:
    terms = TERMS.model_copy(update=weights)
    async with store.transaction(Reach(scope=ROOT)) as session:
        incident = await session.get_one(Incident, crowded)
        few = await candidates_for(session, incident, terms=terms, limit=limit, now=NOW, graph=graph)
        everybody = await candidates_for(session, incident, terms=terms, limit=5000, now=NOW, graph=graph)
    assert list(few.candidates) == list(everybody.candidates[:limit])
    for ranked in few.candidates:
        travel = ranked.reasons[0]
        assert travel.code == "travel" and "route_m" in travel.params and "distance_m" not in travel.params
        assert sum(round(10 * reason.minutes) for reason in ranked.reasons) == round(10 * ranked.cost_minutes)


ANSWERS = (
    Answer(
        to=("dispute",),
        lead=(
            Responder(kind="grid_worker", needs="class", minutes=3),
            Responder(kind="patrol"),
            Responder(kind="mediator", minutes=12),
        ),
        support=(Responder(kind="grid_worker"),),
    ),
)


@pytest.mark.parametrize("role", [Role.LEAD, Role.SUPPORT])
async def test_the_first_ten_are_those_of_brute_force_over_all_who_may_answer(
    store: Store, crowded: int, graph: Graph, role: Role
) -> None:
    """By brute force: every force is read and asked for its way, and no bound is used."""
    responders = responders_to(ANSWERS, category="dispute.family", risk="low", role=role)
    async with store.transaction(Reach(scope=ROOT)) as session:
        incident = await session.get_one(Incident, crowded)
        choice = await candidates_for(
            session, incident, terms=TERMS, limit=10, now=NOW, responders=responders, graph=graph
        )
        parameters = queries._parameters(incident, terms=TERMS, now=NOW)
        everybody = [queries.candidate_of(row) for row in await session.execute(EVERYBODY_FACTS, parameters)]
        facts = queries.facts_of(incident, responders)
        ways = await ByRoad(graph, place_of(incident), facts, TERMS, NOW).with_ways(everybody)
    ranked = rank(facts, ways, terms=TERMS, now=NOW)
    assert len(ranked) > 100
    assert list(choice.candidates) == ranked[:10]


async def test_the_canal_moves_those_across_it_back(store: Store, crowded: int, world: World, graph: Graph) -> None:
    """In the south the far side is near by straight line; by road it is reached by the bridge in the north alone."""
    beside = max(
        world.micro_grids(WEST), key=lambda path: (round(world.middle_of(path)[0], 3), -world.middle_of(path)[1])
    )
    crowded = await report(store, world, beside)
    async with store.transaction(Reach(scope=ROOT)) as session:
        incident = await session.get_one(Incident, crowded)
        by_line = await candidates_for(session, incident, terms=TERMS, limit=100, now=NOW)
        by_road = await candidates_for(session, incident, terms=TERMS, limit=100, now=NOW, graph=graph)
    side = place_of(incident)[0] < CANAL
    across = [[(r.candidate.lon < CANAL) != side for r in choice.candidates] for choice in (by_line, by_road)]
    assert sum(across[0]) > 4 * sum(across[1])
    assert "distance_m" in by_line.candidates[0].reasons[0].params


async def test_a_far_force_coming_on_duty_changes_no_minutes_of_others(
    store: Store, crowded: int, graph: Graph
) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        incident = await session.get_one(Incident, crowded)
        before = await candidates_for(session, incident, terms=TERMS, limit=20, now=NOW, graph=graph)
        await session.execute(text("UPDATE forces SET duty = 'on' WHERE code = 'crowd_1499'"))
        after = await candidates_for(session, incident, terms=TERMS, limit=20, now=NOW, graph=graph)
    minutes = {r.candidate.force: r.cost_minutes for r in before.candidates}
    assert all(minutes.get(r.candidate.force, r.cost_minutes) == r.cost_minutes for r in after.candidates)


async def test_a_force_costs_the_same_by_road_alone_and_in_the_ranking(
    store: Store, crowded: int, graph: Graph
) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        incident = await session.get_one(Incident, crowded)
        choice = await candidates_for(session, incident, terms=TERMS, limit=3, now=NOW, graph=graph)
        for ranked in choice.candidates:
            force = ranked.candidate.force
            alone, _ = await evaluate_force(session, incident, force, terms=TERMS, now=NOW, graph=graph)
            assert alone == ranked
            found = await find_candidate(session, incident, force, terms=TERMS, now=NOW, graph=graph)
            assert list(found.candidates) == [ranked]


async def test_a_force_without_a_way_is_excluded_with_its_code(store: Store, world: World, graph: Graph) -> None:
    """On an isle without a ferry; one far from all roads keeps its estimate."""
    incident_id = await report(store, world, world.micro_grids()[5])
    async with store.transaction(Reach(scope=ROOT)) as session:
        incident = await session.get_one(Incident, incident_id)
        before = await candidates_for(session, incident, terms=TERMS, limit=9, now=NOW)
        first, second = sorted(r.candidate.force for r in before.candidates)[:2]
        for force, (lon, lat) in ((first, ISLE), (second, (LON + 1, LAT))):
            await session.execute(
                text("UPDATE forces SET home = ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) WHERE id = :force"),
                {"lon": lon, "lat": lat, "force": force},
            )
            await session.execute(text("DELETE FROM latest_fixes WHERE force_id = :force"), {"force": force})
        choice = await candidates_for(session, incident, terms=TERMS, limit=50, now=NOW, graph=graph)
        alone = await find_candidate(session, incident, first, terms=TERMS, now=NOW, graph=graph)
    assert {e.force for e in choice.excluded if e.code == "travel.no_way"} == {first}
    assert first not in {r.candidate.force for r in choice.candidates}
    assert [e.code for e in alone.excluded] == ["travel.no_way"]
    (far,) = [r for r in choice.candidates if r.candidate.force == second]
    assert "distance_m" in far.reasons[0].params


async def test_rankings_side_by_side_are_those_one_after_the_other(store: Store, crowded: int, graph: Graph) -> None:
    async def ranking() -> list[int]:
        async with store.transaction(Reach(scope=ROOT)) as session:
            incident = await session.get_one(Incident, crowded)
            choice = await candidates_for(session, incident, terms=TERMS, limit=10, now=NOW, graph=graph)
            return [r.candidate.force for r in choice.candidates]

    alone = await ranking()
    assert await asyncio.gather(*(ranking() for _ in range(4))) == [alone] * 4
