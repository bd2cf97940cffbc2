"""Several forces on one incident, each in its role."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from console.flow.rules import IllegalStep
from console.flow.terms import Role
from console.forces.rules import ForceBusy
from console.tasks.queries import tasks_on
from console.tasks.rules import LeadTaken
from console.tasks.tables import Task
from geo.errors import NotFound
from geo.store import Reach, Store
from tests.sending import Desk, outcomes
from tests.worlds import EAST, NOW, ROOT, WEST, World


@pytest.fixture
def desk(store: Store, world: World) -> Desk:
    return Desk(store, world)


async def test_the_first_force_leads_and_the_next_ones_support(desk: Desk) -> None:
    incident = await desk.report()
    sent = [await desk.send(incident, code) for code in ("grid_1", "grid_2", "patrol_west")]
    assert [task.role for task in sent] == ["lead", "support", "support"]
    assert (await desk.send(await desk.report(1), "grid_3", Role.OBSERVER)).role == "observer"


async def test_an_incident_has_one_lead_at_a_time(desk: Desk) -> None:
    incident = await desk.report()
    lead = await desk.send(incident, "grid_1")
    published = len(await desk.published())
    with pytest.raises(LeadTaken) as caught:
        await desk.send(incident, "grid_2", Role.LEAD)
    assert caught.value.params == {"incident": incident, "force": lead.force_id, "task": lead.id}
    assert len(await desk.published()) == published
    await desk.send(incident, "grid_2", Role.SUPPORT)
    await desk.step(lead.id, "decline")
    assert (await desk.send(incident, "patrol_west")).role == "lead"


async def test_a_force_on_the_incident_is_busy(desk: Desk) -> None:
    incident = await desk.report()
    await desk.send(incident, "grid_1")
    with pytest.raises(ForceBusy):
        await desk.send(incident, "grid_1", Role.SUPPORT)


async def test_several_forces_answer_for_themselves_and_the_incident_follows_all(desk: Desk) -> None:
    """One declines, one is recalled, the lead finishes; the incident is closed when the last of them has left."""
    incident = await desk.report()
    codes = ("grid_1", "grid_2", "patrol_west", "grid_3")
    lead, second, third, fourth = [(await desk.send(incident, code)).id for code in codes]
    seen = []
    for task, step in [
        (second, "decline"),
        (third, "accept"),
        (third, "depart"),
        (lead, "accept"),
        (third, "recall"),
        (fourth, "accept"),
        (lead, "depart"),
        (lead, "arrive"),
        (lead, "finish"),
        (fourth, "depart"),
        (fourth, "recall"),
    ]:
        await desk.step(task, step)  # type: ignore[arg-type]
        seen.append((await desk.incident(incident)).status)
    assert seen == [
        "assigned",
        "accepted",
        "under_way",
        "under_way",
        "accepted",
        "accepted",
        "under_way",
        "on_scene",
        "accepted",
        "under_way",
        "closed",
    ]
    assert [entry.kind for entry in await desk.timeline(incident)][-3:] == [
        "task.departed",
        "task.recalled",
        "closed",
    ]


async def test_an_incident_is_not_closed_at_the_desk_while_a_force_is_on_it(desk: Desk) -> None:
    """Not even an observer, with which the incident still waits."""
    incident = await desk.report()
    observer = await desk.send(incident, "grid_1", Role.OBSERVER)
    assert (await desk.incident(incident)).status == "registered"
    with pytest.raises(IllegalStep):
        await desk.close(incident)
    await desk.step(observer.id, "recall")
    await desk.close(incident)
    assert (await desk.incident(incident)).closed_at == NOW


async def test_the_others_stay_when_the_lead_leaves(desk: Desk) -> None:
    incident = await desk.report()
    lead, support = await desk.send(incident, "grid_1"), await desk.send(incident, "grid_2")
    await desk.step(support.id, "accept")
    await desk.step(lead.id, "recall", reason="not_needed")
    assert (await desk.incident(incident)).status == "accepted"
    assert (await desk.task(support.id)).active


async def test_the_timeline_has_each_forces_role_and_reason_for_leaving(desk: Desk) -> None:
    incident = await desk.report()
    lead, support = await desk.send(incident, "grid_1"), await desk.send(incident, "grid_2")
    observer = await desk.send(incident, "patrol_west", Role.OBSERVER)
    await desk.step(support.id, "decline", reason="too_far")
    await desk.step(observer.id, "recall", reason="not_needed", words="came too late")
    entries = [(entry.kind, entry.force_id, entry.data) for entry in await desk.timeline(incident)]
    assert entries == [
        ("task.assigned", lead.force_id, {"task": lead.id, "role": "lead"}),
        ("task.assigned", support.force_id, {"task": support.id, "role": "support"}),
        ("task.assigned", observer.force_id, {"task": observer.id, "role": "observer"}),
        ("task.declined", support.force_id, {"task": support.id, "role": "support", "reason": "too_far"}),
        (
            "task.recalled",
            observer.force_id,
            {"task": observer.id, "role": "observer", "reason": "not_needed", "note": "came too late"},
        ),
    ]
    assert (await desk.task(observer.id)).note == "came too late"


async def test_a_patrol_in_another_town_updates_the_incident_by_all_its_tasks(desk: Desk) -> None:
    """It sees only its own task; the incident's stage follows from those of the others too."""
    incident = await desk.report(15)
    lead, own = await desk.send(incident, "patrol_east"), await desk.send(incident, "patrol_west")
    for step in ("accept", "depart", "arrive"):
        await desk.step(lead.id, step)  # type: ignore[arg-type]
    patrol = desk.patrol("west")
    await desk.step(own.id, "accept", actor=patrol)
    assert (await desk.incident(incident)).status == "on_scene"
    with pytest.raises(NotFound):
        await desk.step(lead.id, "finish", actor=patrol)
    await desk.step(own.id, "depart", actor=patrol)
    await desk.step(own.id, "arrive", actor=patrol)
    await desk.step(own.id, "finish", actor=patrol)
    assert (await desk.incident(incident)).status == "on_scene"
    await desk.step(lead.id, "finish")
    assert (await desk.incident(incident)).status == "closed"


async def test_an_incidents_tasks_are_read_within_reach_of_the_incident(desk: Desk) -> None:
    """All of them by a force on it; none by other forces or another town."""
    incident = await desk.report(15)
    lead, own = await desk.send(incident, "patrol_east"), await desk.send(incident, "patrol_west")
    tasks = [(lead.id, "lead"), (own.id, "support")]
    for reach, expected in [
        (desk.patrol("west").reach, tasks),
        (Reach(force_id=own.force_id), tasks),
        (Reach(scope=EAST), tasks),
        (Reach(scope=WEST), []),
        (Reach(force_id=desk.world.forces["grid_1"]), []),
        (Reach(), []),
    ]:
        async with desk.store.transaction(reach) as session:
            found = [(task.task, task.role) for task in await tasks_on(session, incident)]
            seen = (await session.scalars(select(Task.force_id).where(Task.force_id == lead.force_id))).all()
        assert found == expected
        assert (seen != []) == (reach.scope == EAST), "the wider reach ends with the question"


async def test_one_of_many_concurrent_leads_succeeds(desk: Desk) -> None:
    incident = await desk.report()
    codes = [code for code in desk.world.forces if not code.startswith("on_call")]
    found = await outcomes([lambda c=code: desk.send(incident, c, Role.LEAD) for code in codes])  # type: ignore[misc]
    assert found == ["sent"] + ["task.lead_taken"] * (len(codes) - 1)
    assert len([e for e in await desk.published() if e.kind == "task"]) == 1


async def test_of_many_concurrent_assignments_one_leads_and_the_others_support(desk: Desk) -> None:
    incident = await desk.report()
    codes = [code for code in desk.world.forces if not code.startswith("on_call")]
    found = await outcomes([lambda c=code: desk.send(incident, c) for code in codes])  # type: ignore[misc]
    assert found == ["sent"] * len(codes)
    roles = sorted(e.body["role"] for e in await desk.published() if e.kind == "task")
    assert roles == ["lead"] + ["support"] * (len(codes) - 1)


async def test_the_database_refuses_a_second_lead(desk: Desk) -> None:
    """Even if an action does not check."""
    incident = await desk.report()
    lead, other = await desk.send(incident, "grid_1"), await desk.send(incident, "grid_2")
    with pytest.raises(IntegrityError, match="uq_tasks_incident_id_lead"):
        async with desk.store.transaction(Reach(scope=ROOT)) as session:
            (await session.get_one(Task, other.id)).role = "lead"
    await desk.step(lead.id, "recall")
    async with desk.store.transaction(Reach(scope=ROOT)) as session:
        (await session.get_one(Task, other.id)).role = "lead"


async def test_two_concurrent_last_finishes_close_the_incident_once(desk: Desk) -> None:
    for _ in range(8):
        incident = await desk.report()
        lead, support = await desk.send(incident, "grid_1"), await desk.send(incident, "grid_2")
        for step in ("accept", "depart", "arrive"):
            await desk.step(lead.id, step)  # type: ignore[arg-type]
        calls = [lambda t=lead.id: desk.step(t, "finish"), lambda t=support.id: desk.step(t, "decline")]  # type: ignore[misc]
        assert await outcomes(calls) == ["sent", "sent"]
        assert (await desk.incident(incident)).status == "closed"
        assert [entry.kind for entry in await desk.timeline(incident)].count("closed") == 1
