"""The queries that find near forces."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from api.keeping.postgres.roles import Urls
from console.dispatching import queries
from console.dispatching.answering import Answer, Responder, responders_to
from console.dispatching.queries import Wanted, candidates_for, evaluate_force
from console.dispatching.statements import FIRST_OF
from console.flow.terms import Role
from console.incidents.tables import Incident
from geo.store import Reach, Store
from tests.crowds import gather_crowd
from tests.reporting import report
from tests.worlds import NOW, PACK, ROOT, WEST, World

TERMS = PACK.dispatch


@pytest.fixture
async def crowded(store: Store, world: World, database: Urls) -> int:
    """A county with many forces; returns an incident's id."""
    await gather_crowd(store, world, database, forces=3000)
    return await report(store, world, world.micro_grids()[5])


async def test_the_nearest_are_found_by_the_spatial_indexes(store: Store, crowded: int) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        incident = await session.get_one(Incident, crowded)
        among = queries._among(queries.facts_of(incident), Wanted())
        params = queries._parameters(incident, terms=TERMS, now=NOW) | among | {"near": 30}
        plan = "\n".join(await session.scalars(text(f"EXPLAIN {FIRST_OF[False, False].text}"), params))
    assert "Index Scan using gist_latest_fixes_geom" in plan
    assert "Index Scan using gist_forces_home" in plan
    assert "Seq Scan" not in plan
    assert "Sort" not in plan


async def test_no_nearer_force_is_missed(store: Store, crowded: int) -> None:
    """Compared with a plain query of all forces."""
    plain = text(
        """
        SELECT f.id FROM forces f JOIN latest_fixes l ON l.force_id = f.id, incidents i
        WHERE i.id = :incident AND f.duty = 'on'
            AND NOT EXISTS (SELECT FROM tasks t WHERE t.force_id = f.id AND t.active)
        ORDER BY l.geom::geography <-> i.geom::geography LIMIT 100
        """
    )
    async with store.transaction(Reach(scope=ROOT)) as session:
        nearest = set(await session.scalars(plain, {"incident": crowded}))
        incident = await session.get_one(Incident, crowded)
        choice = await candidates_for(session, incident, terms=TERMS, limit=5000, now=NOW)
    assert nearest <= {ranked.candidate.force for ranked in choice.candidates}
    assert {excluded.code for excluded in choice.excluded} == {"busy", "off_duty"}
    named = sorted([*(r.candidate.force for r in choice.candidates), *(e.force for e in choice.excluded)])
    assert named == sorted({*named}), "each stands in one list, and there once"


@pytest.mark.parametrize(
    "weights",
    [{}, {"speciality_match": -30.0}, {"own_grid": -60.0, "on_call": -10.0}, {"task_today": -1.0}, {"from_home": 20.0}],
)
@pytest.mark.parametrize("limit", [1, 10])
async def test_the_best_candidates_begin_the_ranking_of_all_forces(
    store: Store, crowded: int, weights: dict[str, float], limit: int
) -> None:
    """Even with large weights for far forces, the best few begin the ranking of all."""
    terms = TERMS.model_copy(update=weights)
    async with store.transaction(Reach(scope=ROOT)) as session:
        incident = await session.get_one(Incident, crowded)
        few = await candidates_for(session, incident, terms=terms, limit=limit, now=NOW)
        everybody = await candidates_for(session, incident, terms=terms, limit=5000, now=NOW)
    assert list(few.candidates) == list(everybody.candidates[:limit])


FRESH = text("""
UPDATE latest_fixes SET at = :fresh WHERE force_id IN (
    SELECT l.force_id FROM latest_fixes l JOIN forces f ON f.id = l.force_id, incidents i
    WHERE i.id = :incident AND f.duty = 'on' AND NOT EXISTS (SELECT FROM tasks t WHERE t.force_id = f.id AND t.active)
    ORDER BY l.geom <-> i.geom DESC LIMIT :many
)
""")


async def test_where_most_positions_are_stale_far_ones_that_are_not_come_before_them(
    store: Store, crowded: int
) -> None:
    later = NOW + timedelta(hours=2)
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(FRESH, {"fresh": later, "incident": crowded, "many": 3})
        incident = await session.get_one(Incident, crowded)
        few, everybody = [
            await candidates_for(session, incident, terms=TERMS, limit=limit, now=later) for limit in (600, 5000)
        ]
    assert list(few.candidates) == list(everybody.candidates[:600])
    assert few.candidates[-1].stale
    assert sum(one.candidate.fix_at == later for one in few.candidates) == 3


ANSWERS = (
    Answer(
        to=("dispute",),
        lead=(Responder(kind="grid_worker", needs="class", minutes=3), Responder(kind="patrol")),
        support=(Responder(kind="grid_worker"),),
    ),
)


@pytest.mark.parametrize("role", [Role.LEAD, Role.SUPPORT])
async def test_who_may_not_answer_is_barred_and_the_best_of_the_others_are_found(
    store: Store, crowded: int, role: Role
) -> None:
    """The same by the queries as by the rules on all forces, each in one list."""
    responders = responders_to(ANSWERS, category="dispute.family", risk="low", role=role)
    async with store.transaction(Reach(scope=ROOT)) as session:
        incident = await session.get_one(Incident, crowded)
        few, everybody = [
            await candidates_for(session, incident, terms=TERMS, limit=limit, responders=responders, now=NOW)
            for limit in (10, 5000)
        ]
        total = await session.scalar(text("SELECT count(*) FROM forces"))
        named = await candidates_for(
            session, incident, terms=TERMS, limit=5, responders=responders, wanted=Wanted(words="FORCE 77"), now=NOW
        )
    assert list(few.candidates) == list(everybody.candidates[:10])
    listed = {r.candidate.force for r in everybody.candidates}
    excluded = {e.force: e.code for e in everybody.excluded}
    assert len(listed) + len(excluded) == total and not listed & excluded.keys()
    assert set(excluded.values()) >= {"busy", "not_responsible"} | ({"support_only"} if role is Role.LEAD else set())
    assert named.candidates and all("Force 77" in r.candidate.name for r in named.candidates)


async def test_a_force_costs_the_same_alone_and_in_the_ranking(store: Store, crowded: int) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        incident = await session.get_one(Incident, crowded)
        choice = await candidates_for(session, incident, terms=TERMS, limit=5, now=NOW)
        alone = [
            await evaluate_force(session, incident, r.candidate.force, terms=TERMS, now=NOW) for r in choice.candidates
        ]
    assert alone == [(ranked, None) for ranked in choice.candidates]


async def test_candidates_are_confined_to_the_reach(store: Store, crowded: int) -> None:
    async with store.transaction(Reach(scope=WEST)) as session:
        incident = await session.get_one(Incident, crowded)
        choice = await candidates_for(session, incident, terms=TERMS, limit=1000, now=NOW)
    assert choice.candidates
    assert all(r.candidate.division_path.startswith(WEST) for r in choice.candidates)
