"""Tasks in the database, from assignment to end."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from sqlalchemy import select

from console.access.rules import Forbidden
from console.flow.rules import IllegalStep
from console.forces.actions import set_duty
from console.forces.rules import Duty, ForceBusy
from console.incidents.events import body_of as incident_body
from console.incidents.tables import Incident
from console.tasks.events import body_of
from console.tasks.rules import (
    ACTIVE,
    TRANSITIONS,
    ForceOffDuty,
    Step,
    TaskStatus,
    TaskTransition,
)
from geo.errors import NotFound, Stale
from geo.store import Reach, Store
from tests.sending import TERMS, Desk, outcomes
from tests.worlds import NOW, ROOT, WEST, World

STEPS: tuple[Step, ...] = get_args(Step)
WAY_TO: dict[str, tuple[Step, ...]] = {
    "assigned": (),
    "accepted": ("accept",),
    "departed": ("accept", "depart"),
    "arrived": ("accept", "depart", "arrive"),
    "finished": ("accept", "depart", "arrive", "finish"),
    "declined": ("decline",),
    "recalled": ("recall",),
}
"""Steps from the assignment to each status."""


@pytest.fixture
def desk(store: Store, world: World) -> Desk:
    return Desk(store, world)


async def test_task_and_incident_go_through_all_stages_together(desk: Desk) -> None:
    incident = await desk.report()
    task = await desk.send(incident, "grid_1")
    seen = [(task.status, task.version, (await desk.incident(incident)).status)]
    for step in WAY_TO["finished"]:
        task = await desk.step(task.id, step, words="双方和解" if step == "finish" else "")
        seen.append((task.status, task.version, (await desk.incident(incident)).status))
    assert seen == [
        ("assigned", 1, "assigned"),
        ("accepted", 2, "accepted"),
        ("departed", 3, "under_way"),
        ("arrived", 4, "on_scene"),
        ("finished", 5, "closed"),
    ]
    assert (task.active, task.note, task.ended_at) == (False, "双方和解", NOW)
    closed = await desk.incident(incident)
    assert (closed.closed_at, closed.version) == (NOW, 6)


async def test_the_timeline_has_all_steps(desk: Desk) -> None:
    incident = await desk.report()
    task = await desk.send(incident, "grid_1")
    for step in WAY_TO["finished"]:
        await desk.step(task.id, step)
    kinds = [entry.kind for entry in await desk.timeline(incident)]
    steps = ["task.assigned", "task.accepted", "task.departed", "task.arrived", "task.finished"]
    assert kinds == [*steps, "closed"]
    assert {entry.force_id for entry in await desk.timeline(incident)} == {task.force_id}


async def test_every_step_publishes_task_and_incident_in_their_new_state(desk: Desk) -> None:
    incident = await desk.report()
    task = await desk.send(incident, "grid_1")
    for step in WAY_TO["finished"]:
        before = len(await desk.published())
        task = await desk.step(task.id, step)
        events = (await desk.published())[before:]
        bodies = {event.kind: event.body for event in events}
        assert bodies == {"task": body_of(task), "incident": incident_body(await desk.incident(incident))}
        assert [event.force_ids for event in events if event.kind == "task"] == [[task.force_id]]
        (incident_event,) = (event for event in events if event.kind == "incident")
        assert incident_event.force_ids == ([task.force_id] if task.active else [])
        assert incident_event.left_force_ids == [task.force_id]


async def test_a_task_stores_its_cost_and_the_due_time_of_its_answer(desk: Desk) -> None:
    task = await desk.send(await desk.report(), "grid_1")
    assert task.answer_due_at == NOW + TERMS.answer_within
    assert task.eta_minutes > 0
    assert task.cost_minutes == pytest.approx(task.eta_minutes - 3 + 2)  # Its own grid, seen from home.
    assert (task.assigned_by, task.sent_by) == (desk.operator().user_id, "Operator")


@pytest.mark.parametrize("status", list(TaskStatus))
async def test_a_step_that_is_not_allowed_changes_nothing(desk: Desk, status: TaskStatus) -> None:
    task = await desk.send(await desk.report(), "grid_1")
    for each in WAY_TO[status]:
        task = await desk.step(task.id, each)
    assert task.status == status
    for step in (step for step in STEPS if status not in TRANSITIONS[step].leaves):
        with pytest.raises(TaskTransition) as caught:
            await desk.step(task.id, step)
        assert caught.value.params == {"from": status.value, "step": step}
    assert body_of(await desk.task(task.id)) == body_of(task)


@pytest.mark.parametrize("status", [status for status in TaskStatus if status in ACTIVE])
async def test_the_dispatcher_recalls_from_any_active_state(desk: Desk, status: TaskStatus) -> None:
    task = await desk.send(await desk.report(), "grid_1")
    for each in WAY_TO[status]:
        await desk.step(task.id, each)
    assert (await desk.step(task.id, "recall")).status == "recalled"
    assert (await desk.incident(task.incident_id)).status == "registered"


async def test_a_busy_force_cannot_be_sent_twice(desk: Desk) -> None:
    await desk.send(await desk.report(0), "grid_1")
    with pytest.raises(ForceBusy) as caught:
        await desk.send(await desk.report(1), "grid_1")
    assert caught.value.params == {"force": desk.world.forces["grid_1"]}


async def test_a_refusal_stores_nothing(desk: Desk) -> None:
    await desk.send(await desk.report(0), "grid_1")
    other = await desk.report(1)
    published = len(await desk.published())
    with pytest.raises(ForceBusy):
        await desk.send(other, "grid_1")
    assert len(await desk.published()) == published
    assert ((await desk.incident(other)).status, await desk.timeline(other)) == ("registered", [])


async def test_a_force_that_is_busy_beyond_the_dispatchers_reach_is_busy(desk: Desk) -> None:
    await desk.send(await desk.report(15), "patrol_west")
    with pytest.raises(ForceBusy):
        await desk.send(await desk.report(0), "patrol_west", actor=desk.operator(WEST))


async def test_a_force_off_duty_is_not_sent_but_one_on_call_is(desk: Desk) -> None:
    async with desk.store.transaction(Reach(scope=ROOT)) as session:
        force = desk.world.forces["grid_1"]
        await set_duty(session, desk.operator(), force, duty=Duty.OFF, expected=None, now=NOW)
    incident = await desk.report()
    with pytest.raises(ForceOffDuty):
        await desk.send(incident, "grid_1")
    assert (await desk.send(incident, "on_call_west")).eta_minutes > 15


async def test_a_force_with_a_task_cannot_go_off_duty(desk: Desk) -> None:
    await desk.send(await desk.report(), "grid_1")
    force = desk.world.forces["grid_1"]
    async with desk.store.transaction(Reach(scope=ROOT)) as session:
        with pytest.raises(ForceBusy):
            await set_duty(session, desk.operator(), force, duty=Duty.OFF, expected=None, now=NOW)


async def test_no_force_is_sent_to_a_closed_incident(desk: Desk) -> None:
    incident = await desk.report()
    task = await desk.send(incident, "grid_1")
    for step in WAY_TO["finished"]:
        await desk.step(task.id, step)
    with pytest.raises(IllegalStep):
        await desk.send(incident, "grid_2")


@pytest.mark.parametrize("ending", ["decline", "recall"])
async def test_an_ending_before_the_end_frees_force_and_incident(desk: Desk, ending: Step) -> None:
    incident = await desk.report()
    task = await desk.send(incident, "grid_1")
    ended = await desk.step(task.id, ending, reason="ill")
    assert (ended.active, ended.reason, ended.ended_at) == (False, "ill", NOW)
    assert (await desk.incident(incident)).status == "registered"
    assert (await desk.timeline(incident))[-1].data == {"task": task.id, "role": "lead", "reason": "ill"}
    again = await desk.send(incident, "grid_2")
    other = await desk.send(await desk.report(1), "grid_1")
    assert again.active and other.active


async def test_a_stale_answer_is_refused(desk: Desk) -> None:
    task = await desk.send(await desk.report(), "grid_1")
    with pytest.raises(Stale) as caught:
        await desk.step(task.id, "accept", expected=9)
    assert caught.value.params == {"version": 1}
    assert (await desk.step(task.id, "accept", expected=1)).version == 2


async def test_a_patrol_answers_for_itself_across_the_border(desk: Desk) -> None:
    """Beyond its own division it sees its task and incident, and every step it takes is recorded."""
    incident = await desk.report(15)
    patrol = desk.patrol("west")
    task = await desk.send(incident, "patrol_west")
    for step in WAY_TO["finished"]:
        task = await desk.step(task.id, step, actor=patrol)
    assert (await desk.incident(incident)).status == "closed"
    assert (await desk.timeline(incident))[-1].actor_id == patrol.user_id


async def test_a_patrol_cannot_change_tasks_of_others(desk: Desk) -> None:
    near = await desk.send(await desk.report(0), "grid_1")
    far = await desk.send(await desk.report(15), "patrol_east")
    for task in (near, far):
        with pytest.raises(NotFound):
            await desk.step(task.id, "accept", actor=desk.patrol("west"))


async def test_a_patrol_cannot_recall_itself(desk: Desk) -> None:
    task = await desk.send(await desk.report(), "patrol_west")
    with pytest.raises(Forbidden):
        await desk.step(task.id, "recall", actor=desk.patrol("west"))


@pytest.mark.parametrize("role", ["operator", "supervisor", "clerk", "auditor"])
async def test_roles_that_only_read_cannot_answer(desk: Desk, role: str) -> None:
    task = await desk.send(await desk.report(), "grid_1")
    with pytest.raises(Forbidden):
        await desk.step(task.id, "accept", actor=replace(desk.operator(), role=role))


@pytest.mark.parametrize("role", ["patrol", "clerk", "supervisor", "gateway", "wall"])
async def test_only_a_dispatcher_can_send(desk: Desk, role: str) -> None:
    with pytest.raises(Forbidden):
        await desk.send(await desk.report(), "grid_1", actor=replace(desk.operator(), role=role))


async def test_a_town_sends_only_its_own_forces_to_its_own_incidents(desk: Desk) -> None:
    west = desk.operator(WEST)
    with pytest.raises(NotFound):
        await desk.send(await desk.report(15), "grid_1", actor=west)
    with pytest.raises(NotFound):
        await desk.send(await desk.report(0), "patrol_east", actor=west)


async def test_an_unanswered_task_warns_once(desk: Desk) -> None:
    incident = await desk.report()
    task = await desk.send(incident, "grid_1")
    assert await desk.warn(seconds=119) == 0
    assert await desk.warn(seconds=120) == 1
    assert await desk.warn(seconds=121) == 0
    warned = await desk.task(task.id)
    assert (warned.warned_at, warned.version, warned.status) == (NOW + timedelta(seconds=120), 2, "assigned")
    assert [entry.kind for entry in await desk.timeline(incident)] == ["task.assigned", "task.unanswered"]
    event = (await desk.published())[-1]
    assert (event.kind, event.body, event.force_ids) == ("task", body_of(warned), [task.force_id])


@pytest.mark.parametrize("step", ["accept", "decline", "recall"])
async def test_an_answer_in_time_gives_no_warning(desk: Desk, step: Step) -> None:
    task = await desk.send(await desk.report(), "grid_1")
    await desk.step(task.id, step)
    assert await desk.warn(hours=1) == 0


async def test_a_warning_does_not_wait_for_a_lock(desk: Desk) -> None:
    """A transaction with the lock may be an answer: the sweep skips the incident, and the next one checks it again."""
    first, second = await desk.report(0), await desk.report(1)
    await desk.send(first, "grid_1")
    await desk.send(second, "grid_2")
    async with desk.store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(select(Incident).where(Incident.id == first).with_for_update(key_share=True))
        assert await asyncio.wait_for(desk.warn(hours=1), timeout=5) == 1
    assert await desk.warn(hours=1) == 1


async def test_one_of_many_concurrent_assignments_of_a_force_succeeds(desk: Desk) -> None:
    incidents = [await desk.report(i) for i in range(16)]
    found = await outcomes([lambda i=i: desk.send(i, "grid_1") for i in incidents])  # type: ignore[misc]
    assert found == ["force.busy"] * 15 + ["sent"]
    assert len([e for e in await desk.published() if e.kind == "task"]) == 1


async def test_concurrent_answer_and_recall_leave_one_history(desk: Desk) -> None:
    """The second transaction sees the state after the first."""
    for _ in range(8):
        incident = await desk.report()
        task = await desk.send(incident, "grid_1")
        found = await outcomes(
            [lambda t=task.id: desk.step(t, "accept"), lambda t=task.id: desk.step(t, "recall")]  # type: ignore[misc]
        )
        assert found in (["sent", "sent"], ["sent", "task.transition"])
        assert (await desk.incident(incident)).status == "registered"
        assert (await desk.task(task.id)).status == "recalled"
