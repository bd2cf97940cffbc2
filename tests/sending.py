"""A desk that sends forces to incidents and takes their steps, without HTTP in between."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from console.access.rules import Actor
from console.deadlines.actions import sweep
from console.feed.tables import OutboxEvent
from console.flow.terms import Role
from console.incidents.actions import close
from console.incidents.queries import lock_incident
from console.incidents.tables import Incident, TimelineEntry
from console.tasks.actions import ask_for_support, assign, take_step
from console.tasks.deadlines import KINDS
from console.tasks.rules import Step
from console.tasks.tables import Task
from geo.errors import MaplebridgeError
from geo.store import Reach, Store
from tests.reporting import report
from tests.worlds import EAST, NOW, PACK, ROOT, WEST, World

TERMS = PACK.dispatch


class Desk:
    """Takes actions one transaction each, as the actors of a county."""

    def __init__(self, store: Store, world: World) -> None:
        self.store = store
        self.world = world

    def operator(self, scope: str = ROOT) -> Actor:
        return Actor(user_id=self.world.users["operator"], username="operator", role="operator", scope=scope)

    def gateway(self) -> Actor:
        return Actor(user_id=self.world.users["gateway"], username="gateway", role="gateway", scope=ROOT)

    def patrol(self, name: str) -> Actor:
        code = f"patrol_{name}"
        scope = {"west": WEST, "east": EAST}[name]
        user, force = self.world.users[code], self.world.forces[code]
        return Actor(user_id=user, username=code, role="patrol", scope=scope, force_id=force)

    async def report(self, i: int = 0) -> int:
        return await report(self.store, self.world, self.world.micro_grids()[i])

    async def send(
        self, incident: int, code: str, role: Role | None = None, *, actor: Actor | None = None, **later: float
    ) -> Task:
        actor = actor or self.operator()
        async with self.store.transaction(actor.reach) as session:
            return await assign(
                session,
                actor,
                incident_id=incident,
                force_id=self.world.forces[code],
                role=role,
                terms=TERMS,
                now=NOW + timedelta(**later),
            )

    async def step(self, task: int, step: Step, *, actor: Actor | None = None, **said: Any) -> Task:
        actor = actor or (self.operator() if step == "recall" else self.gateway())
        async with self.store.transaction(actor.reach) as session:
            return await take_step(session, actor, task, step, **{"now": NOW, "day": NOW.date(), **said})

    async def ask_support(self, task: int, *, actor: Actor, words: str = "") -> Task:
        async with self.store.transaction(actor.reach) as session:
            return await ask_for_support(session, actor, task, words=words, now=NOW)

    async def close(self, incident: int) -> None:
        actor = self.operator()
        async with self.store.transaction(actor.reach) as session:
            locked = await lock_incident(session, incident)
            await close(session, locked, note="", expected=None, actor=actor, now=NOW)

    async def warn(self, **later: float) -> int:
        async with self.store.transaction(Reach(scope=ROOT)) as session:
            return await sweep(session, KINDS, now=NOW + timedelta(**later))

    async def incident(self, incident: int) -> Incident:
        async with self.store.transaction(Reach(scope=ROOT)) as session:
            return await session.get_one(Incident, incident)

    async def task(self, task: int) -> Task:
        async with self.store.transaction(Reach(scope=ROOT)) as session:
            return await session.get_one(Task, task)

    async def timeline(self, incident: int) -> list[TimelineEntry]:
        async with self.store.transaction(Reach(scope=ROOT)) as session:
            query = select(TimelineEntry).where(TimelineEntry.incident_id == incident).order_by(TimelineEntry.id)
            return list(await session.scalars(query))

    async def published(self) -> list[OutboxEvent]:
        async with self.store.transaction(Reach(scope=ROOT)) as session:
            return list(await session.scalars(select(OutboxEvent).order_by(OutboxEvent.id)))


async def outcomes(calls: list[Callable[[], Awaitable[Task]]]) -> list[str]:
    """What became of calls that begin at once: `sent`, or the code of the refusal."""

    async def one(call: Callable[[], Awaitable[Task]]) -> str:
        try:
            await call()
        except MaplebridgeError as error:
            return error.code
        return "sent"

    return sorted(await asyncio.gather(*(one(call) for call in calls)))
