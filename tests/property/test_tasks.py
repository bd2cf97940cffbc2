"""Any sequence of assignments, answers, recalls and changes of duty, compared with a plain model."""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar, get_args
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.keeping.postgres.roles import Urls
from console.access.rules import Actor
from console.deadlines.actions import sweep
from console.feed.actions import sequence
from console.feed.tables import LoggedEvent, OutboxEvent
from console.flow.terms import Role
from console.forces.actions import set_duty
from console.forces.rules import Duty
from console.incidents.actions import close
from console.incidents.events import body_of as incident_body
from console.incidents.queries import lock_incident
from console.incidents.tables import Incident, TimelineEntry
from console.tasks.actions import assign, take_step
from console.tasks.deadlines import KINDS
from console.tasks.events import body_of as task_body
from console.tasks.rules import Step
from console.tasks.tables import Task
from geo.errors import MaplebridgeError
from geo.store import Reach, Store
from tests.property.depth import examples
from tests.reporting import add_incident
from tests.worlds import NOW, PACK, ROOT, World

T = TypeVar("T")
TERMS = PACK.dispatch
FORCES = ("grid_1", "grid_2", "on_call_west", "patrol_west", "mediator_east")
ANSWERS = ("gateway", "own patrol", "other patrol", "operator")
PLACES = st.integers(0, 15)
ROLES = (None, "lead", "support", "observer")
SERVED = {"assigned": "assigned", "accepted": "accepted", "departed": "under_way", "arrived": "on_scene"}
FURTHER = list(SERVED.values())
NEXT = {
    ("assigned", "accept"): "accepted",
    ("assigned", "decline"): "declined",
    ("accepted", "depart"): "departed",
    ("departed", "arrive"): "arrived",
    ("arrived", "finish"): "finished",
    **{(status, "give_back"): "declined" for status in ("accepted", "departed", "arrived")},
    **{(status, "recall"): "recalled" for status in ("assigned", "accepted", "departed", "arrived")},
}
ACTIVE = {status for status, _ in NEXT}


@dataclass(slots=True)
class IncidentTask:
    """A task in the model."""

    incident: int
    force: int
    role: str
    status: str
    due: datetime
    version: int = 1
    warned: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """State of the store: rows, the kinds of entries by incident, events in their order, all positions given."""

    tasks: list[Task]
    incidents: list[Incident]
    timelines: dict[int, list[str]]
    events: list[LoggedEvent | OutboxEvent]
    positions: list[int]


@dataclass(frozen=True, slots=True)
class County:
    """The real thing: a store with a world in it, and the loop that its connections live in."""

    store: Store
    world: World
    runner: asyncio.Runner

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)


@pytest.fixture
def county(database: Urls, world: World) -> Iterator[County]:
    with asyncio.Runner() as runner:
        store = Store(database.app)
        yield County(store, world, runner)
        runner.run(store.close())


class LifeOfTasks(RuleBasedStateMachine):
    """Every action has the model's outcome, and afterwards rows and events equal the model."""

    def __init__(self, county: County) -> None:
        super().__init__()
        self.county = county
        self.now = NOW
        self.incidents: set[int] = set()
        self.closed: set[int] = set()
        self.tasks: dict[int, IncidentTask] = {}
        self.duty: dict[int, str] = {}
        self.away: dict[int, UUID] = {}
        self.timelines: dict[int, list[str]] = {}

    async def _within(self, work: Any, **said: Any) -> Any:
        role, force = said.pop("role", "operator"), said.pop("on_behalf_of", None)
        actor = Actor(user_id=1, username="x", role=role, scope=ROOT, force_id=force)
        async with self.county.store.transaction(actor.reach) as session:
            return await work(session, actor, **said, now=self.now)

    def _try(self, work: Any, **said: Any) -> Any:
        """The action's answer, or the code of its refusal."""
        try:
            return self.county.run(self._within(work, **said))
        except MaplebridgeError as error:
            return error.code

    def _active(self, **of: int | str) -> list[IncidentTask]:
        return [
            task
            for task in self.tasks.values()
            if task.status in ACTIVE and all(getattr(task, name) == value for name, value in of.items())
        ]

    @initialize()
    def forces_are_on_duty(self) -> None:
        for code in FORCES:
            force = self.county.world.forces[code]
            self._try(set_duty, force_id=force, duty=Duty.ON, expected=None)
            self.duty[force] = "on"

    @rule(place=PLACES)
    def an_incident_comes_in(self, place: int) -> None:
        async def add(session: AsyncSession, _: Actor, *, now: datetime) -> int:
            world = self.county.world
            return await add_incident(session, world, world.micro_grids()[place], at=now)

        incident = self._try(add)
        self.incidents.add(incident)
        self.timelines[incident] = []

    @rule(data=st.data(), code=st.sampled_from(FORCES), role=st.sampled_from(ROLES))
    def someone_is_sent(self, data: st.DataObject, code: str, role: str | None) -> None:
        if not self.incidents:
            return
        incident = data.draw(st.sampled_from(sorted(self.incidents)))
        force = self.county.world.forces[code]
        leads = self._active(incident=incident, role="lead")
        wanted = Role(role) if role else None
        found = self._try(partial(assign, role=wanted), incident_id=incident, force_id=force, terms=TERMS)
        refusal = self._refusal(incident, force, second_lead=bool(leads) and role == "lead")
        if refusal:
            assert found == refusal
            return
        assert found.role == (role or ("support" if leads else "lead"))
        self.tasks[found.id] = IncidentTask(incident, force, found.role, "assigned", self.now + TERMS.answer_within)
        self.timelines[incident].append("task.assigned")

    def _refusal(self, incident: int, force: int, *, second_lead: bool) -> str | None:
        if incident in self.closed:
            return "incident.transition"
        if second_lead:
            return "task.lead_taken"
        if self._active(force=force):
            return "force.busy"
        if force in self.away:
            return "force.on_leave"
        return "force.off_duty" if self.duty.get(force) == "off" else None

    def _stage(self, incident: int) -> str:
        """Where the incident has to stand: closed, or as far as the furthest of those who serve, or waiting."""
        if incident in self.closed:
            return "closed"
        active, led = self._active(incident=incident), self._led(incident)
        counted = [task for task in active if task.role != "observer"] or (active if led else [])
        return max((SERVED[task.status] for task in counted), key=FURTHER.index, default="registered")

    def _led(self, incident: int) -> bool:
        """Whether a lead has finished."""
        ended = [task for task in self.tasks.values() if task.incident == incident and task.status == "finished"]
        return any(task.role == "lead" for task in ended)

    @rule(
        data=st.data(),
        step=st.sampled_from(get_args(Step)),
        who=st.sampled_from(ANSWERS),
        behind=st.sampled_from([None, None, 0, 1]),
    )
    def a_step_is_taken(self, data: st.DataObject, step: Step, who: str, behind: int | None) -> None:
        """By someone who may or may not, who saw the newest version, an older one, or does not say."""
        if not self.tasks:
            return
        task = data.draw(st.sampled_from(sorted(self.tasks)))
        sent = self.tasks[task]
        expected = None if behind is None else sent.version - behind
        asked = {"step": step, "expected": expected, "day": self.now.date(), **self._as(who, sent.force)}
        found = self._try(take_step, task_id=task, **asked)
        refusal = _not_allowed(who, step) or ("version.stale" if behind else None)
        if refusal or (sent.status, step) not in NEXT:
            assert found == (refusal or "task.transition")
            return
        sent.status = NEXT[sent.status, step]
        sent.version += 1
        assert (found.status, found.version) == (sent.status, sent.version)
        self.timelines[sent.incident].append("task.given_back" if step == "give_back" else f"task.{sent.status}")
        if self._led(sent.incident) and not self._active(incident=sent.incident):
            self.closed.add(sent.incident)
            self.timelines[sent.incident].append("closed")

    def _as(self, who: str, force: int) -> dict[str, Any]:
        others = [self.county.world.forces[code] for code in FORCES]
        other = next(each for each in others if each != force)
        patrols = {"own patrol": force, "other patrol": other}
        return {"role": "patrol", "on_behalf_of": patrols[who]} if who in patrols else {"role": who}

    @rule(data=st.data())
    def an_incident_is_closed_at_the_desk(self, data: st.DataObject) -> None:
        if not self.incidents:
            return
        which = data.draw(st.sampled_from(sorted(self.incidents)))

        async def end(session: AsyncSession, actor: Actor, *, now: datetime) -> None:
            incident = await lock_incident(session, which)
            await close(session, incident, note="", expected=None, actor=actor, now=now)

        found = self._try(end)
        if which in self.closed or self._active(incident=which):
            assert found == "incident.transition"
            return
        self.closed.add(which)
        self.timelines[which].append("closed")

    @rule(limit=st.integers(1, 5))
    def the_sequencer_runs(self, limit: int) -> None:
        async def stamp(session: AsyncSession, _: Actor, *, now: datetime) -> int:
            return await sequence(session, limit=limit, now=now)

        self._try(stamp)

    @rule(code=st.sampled_from(FORCES), duty=st.sampled_from(Duty))
    def a_shift_changes(self, code: str, duty: Duty) -> None:
        force = self.county.world.forces[code]
        found = self._try(set_duty, force_id=force, duty=duty, expected=None)
        if duty is Duty.OFF and self._active(force=force):
            assert found == "force.busy"
        else:
            assert found.duty == duty
            self.duty[force] = duty.value

    @rule(seconds=st.integers(0, 300))
    def time_goes_by(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

        async def warn(session: AsyncSession, _: Actor, *, now: datetime) -> int:
            return await sweep(session, KINDS, now=now)

        late = [t for t in self.tasks.values() if t.status == "assigned" and t.due <= self.now and not t.warned]
        assert self._try(warn) == len(late)
        for task in late:
            task.warned = True
            task.version += 1
            self.timelines[task.incident].append("task.unanswered")

    @invariant()
    def the_store_equals_the_model(self) -> None:
        found = self.county.run(self._found())
        self._check_rows(found)
        assert found.timelines == self.timelines
        self._check_feed(found)

    def _check_rows(self, found: Found) -> None:
        assert {task.id: (task.role, task.status, task.active) for task in found.tasks} == {
            task: (sent.role, sent.status, sent.status in ACTIVE) for task, sent in self.tasks.items()
        }
        assert {incident.id: incident.status for incident in found.incidents} == {
            incident: self._stage(incident) for incident in self.incidents
        }
        active = [task for task in found.tasks if task.active]
        assert len(active) == len({task.force_id for task in active}), "one errand at a time"
        led = [task.incident_id for task in active if task.role == "lead"]
        assert len(led) == len({*led}), "one lead at a time"

    def _check_feed(self, found: Found) -> None:
        """Every version once and in its order, the newest as its row is, and no position left out."""
        published = {(event.kind, event.entity_id): event.body for event in found.events}
        assert all(published["task", task.id] == task_body(task) for task in found.tasks)
        moved = [incident for incident in found.incidents if incident.version > 1]
        assert all(published["incident", incident.id] == incident_body(incident) for incident in moved)
        versions: dict[tuple[str, int], list[int]] = {}
        for event in found.events:
            versions.setdefault((event.kind, event.entity_id), []).append(event.version)
        for task in found.tasks:
            assert versions["task", task.id] == list(range(1, task.version + 1))
        for incident in moved:
            assert versions["incident", incident.id] == list(range(2, incident.version + 1))
        assert found.positions == list(range(1, len(found.positions) + 1))

    async def _found(self) -> Found:
        """Read the rows of this run; earlier runs left theirs in the same store. Numbered events come first."""
        ours = [*self.tasks, *self.incidents]
        timelines: dict[int, list[str]] = {incident: [] for incident in self.incidents}
        lines = select(TimelineEntry.incident_id, TimelineEntry.kind).order_by(TimelineEntry.id)
        logged = select(LoggedEvent).where(LoggedEvent.entity_id.in_(ours), LoggedEvent.body.is_not(None))
        waiting = select(OutboxEvent).where(OutboxEvent.entity_id.in_(ours)).order_by(OutboxEvent.id)
        async with self.county.store.transaction(Reach(scope=ROOT)) as session:
            for incident, kind in await session.execute(lines.where(TimelineEntry.incident_id.in_(self.incidents))):
                timelines[incident].append(kind)
            return Found(
                tasks=list(await session.scalars(select(Task).where(Task.id.in_(self.tasks)))),
                incidents=list(await session.scalars(select(Incident).where(Incident.id.in_(self.incidents)))),
                timelines=timelines,
                events=[*await session.scalars(logged.order_by(LoggedEvent.pos)), *await session.scalars(waiting)],
                positions=list(await session.scalars(select(LoggedEvent.pos).order_by(LoggedEvent.pos))),
            )

    def teardown(self) -> None:
        """Forces are free again for the next run."""
        for task, sent in self.tasks.items():
            if sent.status in ACTIVE:
                self._try(take_step, task_id=task, step="recall", day=self.now.date())
        self.county.run(self._warn_all())

    async def _warn_all(self) -> None:
        async with self.county.store.transaction(Reach(scope=ROOT)) as session:
            await sweep(session, KINDS, now=self.now + timedelta(days=1))


def _not_allowed(who: str, step: Step) -> str | None:
    """Why someone may not take a step with a force's task, whatever its state."""
    if who == "other patrol":
        return "not_found"
    orders = step == "recall"
    return None if orders == (who == "operator") else "access.forbidden"


def test_any_sequence_of_actions_keeps_tasks_incidents_and_feed_in_step(county: County) -> None:
    run_state_machine_as_test(
        lambda: LifeOfTasks(county),  # type: ignore[arg-type]
        settings=settings(
            max_examples=examples(10),
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
