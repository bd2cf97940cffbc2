"""Follow-ups from before a row said whether it was drawn."""

from fractions import Fraction

from sqlalchemy import select, text

from api.keeping.migrations.history import migrate
from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import connect, make_database, urls_of
from console.access.rules import Actor
from console.cases.opening import open_cases
from console.cases.tables import CaseFollowUp
from console.follow_ups.rules import is_drawn, start_of
from console.indicators.tables import CaseFacts
from geo.store import Reach, Store
from tests.old_schemas import migrate_for_cases
from tests.reporting import add_incident
from tests.worlds import NOW, PACK, ROOT, settle

NAME = "with_follow_ups_before_drawn"
FOLLOWED = """
INSERT INTO case_follow_ups (incident_id, draw, period, number, share, drawn_at, standing, unit, tries, answers, note,
    satisfied, dissatisfied_times, division_path)
SELECT incident_id, 'easy', '2026-03', row_number() OVER (ORDER BY incident_id), '1/10', now(), 'satisfied', unit, 1,
    '{}', '', 'yes', 0, division_path FROM cases
"""


async def test_rows_there_were_are_told_apart_by_their_number(cluster: Cluster) -> None:
    """Ten that all answered, one in ten drawn: the nine others called by themselves."""
    make_database(cluster.socket, NAME)
    urls = urls_of(cluster.socket, NAME)
    migrate_for_cases(urls.owner, to="0045")
    store, work = Store(urls.app), PACK.casework
    assert work is not None
    world = await settle(store)
    async with store.transaction(Reach(scope=ROOT)) as session:
        ids = [await add_incident(session, world, world.micro_grids()[0]) for _ in range(10)]
        await open_cases(session, work, ids, actor=Actor(1, "x", "operator", ROOT), now=NOW)
        await session.execute(text(FOLLOWED))
    await store.close()
    migrate(urls.owner)
    store = Store(urls.app)
    async with store.transaction(Reach(scope=ROOT)) as session:
        drawn = (await session.scalars(select(CaseFollowUp.number).where(CaseFollowUp.drawn))).all()
        facts = await session.execute(select(CaseFacts.asked, CaseFacts.satisfied).order_by(CaseFacts.asked))
        found = [tuple(row) for row in facts]
    await store.close()
    start = start_of(work.key, "easy", "2026-03")
    assert drawn == [n for n in range(1, 11) if is_drawn(n, Fraction(1, 10), start)] and len(drawn) == 1
    assert found == [("not_drawn", None)] * 9 + [("satisfied", "yes")]
    with connect(cluster.socket) as superuser:
        superuser.execute(f"DROP DATABASE {NAME} WITH (FORCE)".encode())
