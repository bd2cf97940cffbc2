"""What a clerk would call wrong: work or a promise that gets lost where cases are merged."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.board.actions import circulate
from console.cases.actions import facts_of, locked_case
from console.cases.joining import MergeMending, MergeParts
from console.cases.tables import CaseFollowUp
from console.flow.case_rules import MoveRefused
from console.incidents.queries import lock_incident
from geo.store import Reach, Store
from tests.console.cases.test_called_units import CHIEF, CLERK
from tests.console.cases.test_doors import Doors
from tests.worlds import NOW, ROOT, World


async def part_of(session: AsyncSession, doors: Doors) -> int:
    """Split a part off `a`."""
    await doors.move(doors.a, "split", at=NOW, by=CLERK, title="The wall")
    opened = await locked_case(session, doors.work, await lock_incident(session, doors.a))
    assert opened is not None
    [part] = opened.state.parts
    return part


async def open_parts(session: AsyncSession, doors: Doors) -> bool:
    """Whether a condition says that a part of `a` goes on."""
    opened = await locked_case(session, doors.work, await lock_incident(session, doors.a))
    assert opened is not None
    return (await facts_of(session, doors.work, opened.incident, opened.state, now=NOW)).open_parts


async def test_a_part_that_was_merged_elsewhere_goes_on_there(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        doors = await Doors.open(session, world)
        part = await part_of(session, doors)
        await doors.merge(part, doors.b)
        assert await open_parts(session, doors), "the other case has its work now"
        with pytest.raises(MoveRefused, match="conditions"):
            await doors.move(doors.a, "close_at_desk", at=NOW, outcome="done")
        with pytest.raises(MergeParts):
            async with session.begin_nested():
                await doors.merge(doors.a, doors.c)
        await doors.merge(doors.b, doors.c)
        assert await open_parts(session, doors), "nor at second hand"
        await doors.move(doors.c, "close_at_desk", at=NOW, outcome="done")
        assert not await open_parts(session, doors)
        await doors.move(doors.a, "close_at_desk", at=NOW, outcome="done")


async def test_a_part_that_was_merged_back_bars_nothing(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        doors = await Doors.open(session, world)
        await doors.merge(await part_of(session, doors), doors.a)
        await doors.move(doors.a, "close_at_desk", at=NOW, outcome="done")


async def test_a_case_in_mending_is_not_merged_away(store: Store, world: World) -> None:
    """Its reporter was dissatisfied, and is asked once more when it ends: merged, it would have no end."""
    async with store.transaction(Reach(scope=ROOT)) as session:
        doors = await Doors.open(session, world)
        await doors.move(doors.a, "close_at_desk", at=NOW, outcome="done")
        await doors.ask(doors.a, way="phone", reached=True, result="dissatisfied")
        standing = select(CaseFollowUp.standing).where(CaseFollowUp.incident_id == doors.a)
        assert await session.scalar(standing) == "mending"
        with pytest.raises(MergeMending):
            async with session.begin_nested():
                await doors.merge(doors.a, doors.b)
        await doors.merge(doors.b, doors.a)


async def test_a_merged_case_is_not_circulated_and_the_refusal_says_why(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        doors = await Doors.open(session, world)
        await doors.merge(doors.b, doors.a)
        with pytest.raises(MoveRefused) as refused:
            await circulate(session, doors.work, CHIEF, [doors.b], note="Late", now=NOW)
        assert refused.value.params["reason"] == "merged"


async def test_what_has_ended_or_was_merged_is_urged_no_more(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        doors = await Doors.open(session, world)
        await doors.merge(doors.b, doors.a)
        await doors.move(doors.c, "close_at_desk", at=NOW, outcome="done")
        for incident, reason in ((doors.b, "merged"), (doors.c, "stage")):
            with pytest.raises(MoveRefused) as refused:
                await doors.move(incident, "urge", at=NOW, note="Now")
            assert refused.value.params["reason"] == reason
