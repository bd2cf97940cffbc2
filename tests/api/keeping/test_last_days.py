"""The last days of a demo: open cases that were lived at their own times, near their limits and over them."""

from pathlib import Path

from sqlalchemy import select

from api.intake.county import LoadedCounty
from api.keeping.commands.demo.county import Prepared
from api.keeping.commands.demo.last_days import live_last_days
from api.keeping.commands.demo.secrets import DemoSecrets
from api.keeping.postgres.roles import Urls
from api.settings import Settings
from console.cases.storing import entries_of
from console.cases.tables import Case
from console.flow.case_state import from_json
from console.flow.replay import replay
from console.incidents.tables import Incident, TimelineEntry
from console.tasks.tables import Task
from geo.store import Reach, Store
from tests.worlds import NOW, PACK, ROOT, ClientAs, World


async def test_the_last_days_leave_cases_near_and_over_their_limits_and_nothing_else(
    client_as: ClientAs, database: Urls, settings: Settings, store: Store, tmp_path: Path, world: World
) -> None:
    ready = Prepared(database, LoadedCounty(created=True, forces={}), DemoSecrets(tmp_path / "x"), world.tokens)
    lived, again = [await live_last_days(settings, PACK, ready, now=NOW) for _ in range(2)]
    total = (await client_as("supervisor").get("/api/board")).json()["total"]
    assert (total["open"]["count"], again) == (lived, 0)
    assert total["late"]["count"] >= 4 and total["near"]["count"] >= 1 and total["in_time"]["count"] >= 1
    async with store.transaction(Reach(scope=ROOT)) as session:
        for case in await session.scalars(select(Case)):
            incident = await session.get_one(Incident, case.incident_id)
            entries = await session.scalars(
                select(TimelineEntry).where(TimelineEntry.incident_id == case.incident_id).order_by(TimelineEntry.id)
            )
            assert all(incident.registered_at <= one.at <= NOW for one in entries), (
                "the running server sweeps meanwhile"
            )
            assert replay(await entries_of(session, case.incident_id)) == from_json(case.state)
        assert {task.status for task in await session.scalars(select(Task))} <= {"finished"}
