"""Registering forces and setting their duty."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Forbidden
from console.feed.actions import sequence
from console.feed.queries import events_between, head
from console.feed.tables import OutboxEvent
from console.forces.actions import register_many, set_duty
from console.forces.events import body_of
from console.forces.rules import Duty, ForceRecord, RegistrationCounts
from console.forces.tables import Force
from console.positions.actions import update_fix_divisions
from geo.errors import NotFound, Stale
from tests.worlds import EAST, NOW, ROOT, WEST

OPERATOR = Actor(user_id=1, username="operator", role="operator", scope=ROOT)
RECORD = ForceRecord(
    code="m-1",
    name="调解员一",
    kind="mediator",
    mode="ebike",
    lon=120.61,
    lat=31.11,
    division_path=WEST,
    specialities=("dispute.family",),
    device_id="d-1",
)


async def register(session: AsyncSession, records: Sequence[ForceRecord]) -> RegistrationCounts:
    return await register_many(session, records, on_division_change=update_fix_divisions, now=NOW)


async def events(session: AsyncSession) -> list[OutboxEvent]:
    return list(await session.scalars(select(OutboxEvent).order_by(OutboxEvent.id)))


async def only_force(session: AsyncSession) -> Force:
    return (await session.scalars(select(Force))).one()


async def test_a_new_force_is_added_and_published(session: AsyncSession) -> None:
    assert await register(session, [RECORD]) == RegistrationCounts(added=1, changed=0, unchanged=0)
    force, (event,) = await only_force(session), await events(session)
    assert event.body == body_of(force)
    assert (event.body["home_lon"], event.body["home_lat"], event.body["version"]) == (120.61, 31.11, 1)
    assert (event.kind, event.entity_id, event.force_ids, event.division_path) == ("force", force.id, [force.id], WEST)


async def test_the_same_list_again_changes_nothing(session: AsyncSession) -> None:
    records = [RECORD, replace(RECORD, code="m-2", device_id=None)]
    await register(session, records)
    assert await register(session, records) == RegistrationCounts(added=0, changed=0, unchanged=2)
    assert len(await events(session)) == 2


@pytest.mark.parametrize(
    "change", [{"name": "甲"}, {"lon": 120.62}, {"specialities": ()}, {"device_id": None}, {"division_path": EAST}]
)
async def test_a_changed_record_is_a_new_version(session: AsyncSession, change: dict[str, object]) -> None:
    await register(session, [RECORD])
    record = replace(RECORD, **change)  # type: ignore[arg-type]
    assert await register(session, [record]) == RegistrationCounts(added=0, changed=1, unchanged=0)
    force = await only_force(session)
    assert force.version == 2
    assert (await events(session))[-1].body == body_of(force)


@pytest.mark.parametrize(
    ("before", "after", "is_lost"), [(WEST, EAST, True), (f"{WEST}.1", WEST, True), (WEST, f"{WEST}.1", False)]
)
async def test_audiences_that_lose_a_force_are_sent_gone_and_the_epoch_stays(
    session: AsyncSession, before: str, after: str, *, is_lost: bool
) -> None:
    await register(session, [replace(RECORD, division_path=before)])
    start = await head(session)
    await register(session, [replace(RECORD, division_path=after), replace(RECORD, code="new", device_id=None)])
    await sequence(session, limit=10, now=NOW)
    end = await head(session)
    published = await events_between(session, start.pos, end.pos, limit=10)
    assert end.epoch == start.epoch
    assert [event.visibility.division_path for event in published if event.body is None] == (
        [before] if is_lost else []
    )


async def test_a_list_does_not_overwrite_duty(session: AsyncSession) -> None:
    await register(session, [RECORD])
    force = await only_force(session)
    await set_duty(session, OPERATOR, force.id, duty=Duty.OFF, expected=1, now=NOW)
    await register(session, [replace(RECORD, name="甲")])
    assert (force.duty, force.version) == ("off", 3)


async def test_a_thousand_forces_come_in_at_once(session: AsyncSession) -> None:
    records = [replace(RECORD, code=f"m-{i}", device_id=None) for i in range(1000)]
    assert (await register(session, records)).added == 1000
    assert (await register(session, records)).unchanged == 1000
    assert len(await events(session)) == 1000


async def test_of_two_records_with_one_code_the_last_counts(session: AsyncSession) -> None:
    await register(session, [RECORD, replace(RECORD, name="甲")])
    assert (await only_force(session)).name == "甲"


async def test_an_empty_list_changes_nothing(session: AsyncSession) -> None:
    assert await register(session, []) == RegistrationCounts(added=0, changed=0, unchanged=0)


async def test_duty_is_set_and_published(session: AsyncSession) -> None:
    await register(session, [RECORD])
    force = await only_force(session)
    await set_duty(session, OPERATOR, force.id, duty=Duty.ON_CALL, expected=1, now=NOW)
    assert (force.duty, force.version) == ("on_call", 2)
    assert [event.version for event in await events(session)] == [1, 2]


async def test_setting_the_same_duty_changes_nothing(session: AsyncSession) -> None:
    await register(session, [RECORD])
    force = await only_force(session)
    await set_duty(session, OPERATOR, force.id, duty=Duty.ON, expected=None, now=NOW)
    assert force.version == 1
    assert len(await events(session)) == 1


async def test_a_change_of_an_older_version_is_refused(session: AsyncSession) -> None:
    await register(session, [RECORD])
    force = await only_force(session)
    with pytest.raises(Stale) as caught:
        await set_duty(session, OPERATOR, force.id, duty=Duty.OFF, expected=7, now=NOW)
    assert caught.value.params == {"version": 1}


async def test_who_may_not_edit_forces_does_not(session: AsyncSession) -> None:
    await register(session, [RECORD])
    force = await only_force(session)
    clerk = replace(OPERATOR, role="clerk")
    with pytest.raises(Forbidden):
        await set_duty(session, clerk, force.id, duty=Duty.OFF, expected=None, now=NOW)


async def test_an_unknown_force_is_not_found(session: AsyncSession) -> None:
    with pytest.raises(NotFound):
        await set_duty(session, OPERATOR, 4711, duty=Duty.OFF, expected=None, now=NOW)
