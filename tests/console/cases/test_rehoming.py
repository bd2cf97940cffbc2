"""A case whose place moves out of its unit's division passes to the centre that can see it."""

from dataclasses import replace

from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.watch.cases import pass_on_strays
from console.cases.moving import move_cases
from console.cases.opening import open_cases
from console.cases.rehoming import rehomed, stray_cases
from console.cases.storing import entries_of
from console.cases.tables import Case
from console.clocks.walking import OfficeHours
from console.flow.case_state import Call, CaseState, Holder, Offer, from_json
from console.flow.replay import replay
from console.incidents.tables import Incident
from console.notices.rules import Delivery
from console.notices.tables import Notice
from geo.store import Reach, Store
from tests.console.cases.test_due_moves import CLERK, TOWN, work_with
from tests.reporting import add_incident
from tests.worlds import EAST, NOW, PACK, ROOT, WEST, World

PLACED = """
SELECT incident_id, min(path::text) FROM (
    SELECT incident_id, division_path FROM cases UNION SELECT incident_id, division_path FROM clocks
    UNION SELECT incident_id, deadlines.division_path FROM deadlines JOIN clocks ON clocks.id = subject_id
    WHERE subject = 'clock'
) AS placed (incident_id, path) GROUP BY incident_id HAVING count(*) = 1
"""
"""Where cases are, with their clocks and the deadlines of these, if all are at the same place."""
OTHER = f"centre.{EAST.rpartition('.')[2]}"
HERE, THERE = Holder("here", 7), Holder("there")
STATE = CaseState("dispute", "dispute.family", "low", "routed", "easy", "county", HERE, HERE, accepted=True, handler=1)


def test_only_units_beyond_the_place_lose_their_part() -> None:
    calls = (Call("near"), Call("far"), Call("far", "answered"))
    state = replace(STATE, offer=Offer("far", None, "town"), calls=calls)
    after = rehomed(state, {"far": THERE})
    assert (after.owner, after.accepted, after.offer, after.level) == (HERE, True, None, "town")
    assert [call.status for call in after.calls] == ["called", "ended", "answered"]
    after = rehomed(state, {"here": THERE})
    assert (after.owner, after.first_receiver, after.accepted, after.handler) == (THERE, THERE, False, None)
    assert after.offer == state.offer and after.calls == calls


async def test_new_lines_pass_a_case_to_the_centre_of_its_new_division_and_the_old_one_is_told(
    store: Store, world: World
) -> None:
    work, delivery = work_with(), Delivery(OfficeHours(PACK.times))
    new_path = world.micro_grids(EAST)[0]
    async with store.transaction(Reach(scope=ROOT)) as session:
        moved, stays = [await add_incident(session, world, world.micro_grids(WEST)[0]) for _ in range(2)]
        await open_cases(session, work, [moved, stays], actor=CLERK, now=NOW)
        incident = await session.get_one(Incident, moved)
        left_path, incident.division_path = incident.division_path, new_path
        await session.flush()
        await move_cases(session, {moved: new_path}, left_paths={moved: left_path}, now=NOW)
        assert await stray_cases(session, limit=9) == [moved]
    await pass_on_strays(store, work, delivery, root=Reach(scope=ROOT), now=lambda: NOW)
    async with store.transaction(Reach(scope=ROOT)) as session:
        assert await stray_cases(session, limit=9) == []
        case = await session.get_one(Case, moved)
        assert (case.unit, case.first_unit, (await session.get_one(Case, stays)).unit) == (OTHER, OTHER, TOWN)
        assert replay(await entries_of(session, moved)) == from_json(case.state)
        assert await _told(session) == [
            ("case.offered", OTHER, new_path, OTHER),
            ("case.rehomed", TOWN, WEST, OTHER),
        ]


async def _told(session: AsyncSession) -> list[tuple[str, str | None, str, str]]:
    rows = await session.scalars(select(Notice).order_by(Notice.id))
    return [(one.kind, one.to_unit, one.division_path, one.body["unit"]) for one in rows]


async def test_many_cases_move_by_as_many_statements_as_one(store: Store, world: World) -> None:
    """A county's new lines moved 25,000 in a minute and a half, those of each grid by five statements."""
    work, asked = work_with(), list[str]()
    places, new_paths = world.micro_grids(WEST), world.micro_grids(EAST)

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    async with store.transaction(Reach(scope=ROOT)) as session:
        ids = [await add_incident(session, world, path) for path in places[:3]]
        await open_cases(session, work, ids, actor=CLERK, now=NOW)
        paths = dict(zip(ids, new_paths, strict=False))
        left = dict(zip(ids, places, strict=False))
        for incident_id, path in paths.items():
            (await session.get_one(Incident, incident_id)).division_path = path
        await session.flush()
        event.listen(store.engine.sync_engine, "before_cursor_execute", note)
        try:
            await move_cases(session, dict([*paths.items()][:1]), left_paths=left, now=NOW)
            of_one, asked = asked, []
            await move_cases(session, paths, left_paths=left, now=NOW)
        finally:
            event.remove(store.engine.sync_engine, "before_cursor_execute", note)
        rows = await session.execute(text(PLACED))
        assert {of: path for of, path in rows if of in paths} == paths
        assert len(asked) == len(of_one)
