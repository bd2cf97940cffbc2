"""Facts of cases that there were before their table."""

from datetime import timedelta

from sqlalchemy import select, text

from api.keeping.migrations.history import migrate
from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import connect, make_database, urls_of
from console.access.rules import Actor
from console.cases.opening import open_cases
from console.indicators.tables import CaseFacts
from geo.store import Reach, Store
from tests.old_schemas import migrate_for_cases
from tests.reporting import add_incident
from tests.worlds import NOW, PACK, ROOT, settle

NAME = "with_cases_before_facts"
FOLLOWED = """
INSERT INTO case_follow_ups (incident_id, draw, period, number, share, drawn_at, standing, unit, tries, answers, note,
    satisfied, dissatisfied_times, division_path)
SELECT incident_id, '', '2026-03', 1, '1', now(), 'satisfied', unit, 1, '{}', '', 'yes', 0, division_path FROM cases
WHERE ended_at IS NOT NULL
"""
END = (
    "UPDATE cases SET ended_at = CAST(:at AS timestamptz), outcome = 'agreed' WHERE incident_id = :id",
    "UPDATE clocks SET stopped_at = CAST(:at AS timestamptz), outcome = 'close' WHERE incident_id = :id",
)


async def test_cases_that_there_were_get_their_facts(cluster: Cluster) -> None:
    make_database(cluster.socket, NAME)
    urls = urls_of(cluster.socket, NAME)
    migrate_for_cases(urls.owner, to="0039")
    store = Store(urls.app)
    world = await settle(store)
    actor, work = Actor(user_id=1, username="x", role="operator", scope=ROOT), PACK.casework
    assert work is not None
    async with store.transaction(Reach(scope=ROOT)) as session:
        ids = [await add_incident(session, world, world.micro_grids()[0]) for _ in range(2)]
        await open_cases(session, work, ids, actor=actor, now=NOW)
        for statement in END:
            await session.execute(text(statement), {"at": NOW + timedelta(hours=1), "id": ids[1]})
        await session.execute(text(FOLLOWED))
    await store.close()
    migrate(urls.owner)
    store = Store(urls.app)
    async with store.transaction(Reach(scope=ROOT)) as session:
        open_one, ended = (await session.scalars(select(CaseFacts).order_by(CaseFacts.incident_id))).all()
    await store.close()
    assert (open_one.came_at, open_one.ended_at, open_one.judged_at, open_one.satisfied) == (NOW, None, None, None)
    assert (ended.outcome, ended.ended_at, ended.judged_at) == ("agreed", *[NOW + timedelta(hours=1)] * 2)
    assert (ended.on_time, ended.asked, ended.satisfied, ended.division_path) == (
        True,
        "satisfied",
        "yes",
        world.micro_grids()[0],
    )
    with connect(cluster.socket) as superuser:
        superuser.execute(f"DROP DATABASE {NAME} WITH (FORCE)".encode())
