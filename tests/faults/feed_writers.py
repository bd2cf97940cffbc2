"""Writers that change real rows in real transactions: with sleeps, rollbacks and savepoints, many at a time."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from random import Random

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.watch.loops import DATABASE_ERRORS
from console.access.rules import Actor
from console.feed.actions import append
from console.forces.actions import set_duty
from console.forces.rules import Duty
from console.incidents.actions import close, register_many
from console.incidents.edits import edit
from console.incidents.events import change_of
from console.incidents.queries import forces_on, lock_incident
from console.incidents.rules import Edits, Registration, Report
from console.incidents.tables import Incident
from console.incidents.timeline import Entry, note_many
from console.tasks.actions import assign, move_tasks, take_step
from console.tasks.tables import Task
from geo.errors import MaplebridgeError
from geo.store import Reach, Store
from tests.worlds import PACK, ROOT, World

TERMS = PACK.dispatch
REGISTER = partial(register_many, terms=PACK.incidents, zone=PACK.zone)
SWEEP = 50
"""Matters that one transaction changes at most."""


class RolledBack(Exception):
    """A writer gives up what it has begun."""


@dataclass(slots=True)
class Ledger:
    """Commits acknowledged to the writers: the newest version of each incident, and how transactions ended."""

    versions: dict[int, int] = field(default_factory=dict)
    ends: Counter[str] = field(default_factory=Counter)


Step = Callable[[AsyncSession], Awaitable[dict[int, int]]]
"""Works inside a transaction and answers the versions that it gave to incidents."""


class Writer:
    """One of many writers on the incidents of one ledger. `rest`: longest sleep in a transaction, seconds."""

    def __init__(self, number: int, *, store: Store, world: World, actor: Actor, ledger: Ledger, seed: float) -> None:
        self.number, self.store, self.world, self.actor, self.ledger = number, store, world, actor, ledger
        self.rng = Random(seed)
        self.rest = 0.1
        self.reported = 0
        self.steps: dict[Step, int] = {
            self._sweep: 10,
            self._edit: 4,
            self._register: 2,
            self._close: 1,
            self._errand: 2,
            self._duty: 1,
        }

    async def run(self, enough: asyncio.Event) -> None:
        """Until it is enough, through every fault of the database; what has been begun is brought to its end."""
        while not enough.is_set():
            try:
                await self._transact(self._chosen())
            except DATABASE_ERRORS as error:
                self.ledger.ends[type(error).__name__] += 1
                await asyncio.sleep(self.rng.uniform(0.05, 0.5))
            except RolledBack:
                self.ledger.ends["rolled back"] += 1
            except MaplebridgeError:
                self.ledger.ends["refused"] += 1

    def _chosen(self) -> Step:
        (step,) = self.rng.choices([*self.steps], weights=[*self.steps.values()])
        return step

    async def _transact(self, step: Step) -> None:
        async with self.store.transaction(Reach(scope=ROOT)) as session:
            if self.rng.random() < 0.2:
                await self._regret(session)
            changed = await step(session)
            await asyncio.sleep(self.rng.uniform(0, self.rest) if self.rng.random() < 0.5 else 0)
            if self.rng.random() < 0.1:
                raise RolledBack
        self.ledger.ends["committed"] += 1
        for incident, version in changed.items():
            self.ledger.versions[incident] = max(version, self.ledger.versions.get(incident, 0))

    async def _regret(self, session: AsyncSession) -> None:
        """Do something behind a savepoint, and go back to it."""
        try:
            async with session.begin_nested():
                await self._chosen()(session)
                raise RolledBack
        except (RolledBack, MaplebridgeError):
            session.expunge_all()

    async def _sweep(self, session: AsyncSession) -> dict[int, int]:
        """Change many at once, in the order in which everybody locks them."""
        wanted = self._some(self.rng.randint(1, SWEEP))
        query = select(Incident).where(Incident.id.in_(wanted)).order_by(Incident.id)
        locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
        incidents = (await session.scalars(locked)).all()
        now, noted = datetime.now(UTC), []
        for incident in incidents:
            was, incident.title, incident.version = incident.title, self._words(), incident.version + 1
            entry = Entry("edited", actor_id=self.actor.user_id, data={"title": [was, incident.title]})
            noted.append((incident, entry))
        await session.flush()
        await note_many(session, noted, now=now)
        changes = [change_of(incident, sent=await forces_on(session, incident.id)) for incident in incidents]
        await append(session, changes, now=now)
        return {incident.id: incident.version for incident in incidents}

    async def _edit(self, session: AsyncSession) -> dict[int, int]:
        incident = await self._locked(session)
        edits = Edits(title=self._words(), risk=self.rng.choice(["low", "high"]))
        await edit(
            session,
            incident,
            edits,
            expected=None,
            terms=PACK.incidents,
            on_division_change=move_tasks,
            actor=self.actor,
            now=datetime.now(UTC),
        )
        return {incident.id: incident.version}

    async def _close(self, session: AsyncSession) -> dict[int, int]:
        incident = await self._locked(session)
        await close(session, incident, note="", expected=None, actor=self.actor, now=datetime.now(UTC))
        return {incident.id: incident.version}

    async def _register(self, session: AsyncSession) -> dict[int, int]:
        reports = [self._report() for _ in range(self.rng.randint(1, 5))]
        outcomes = await register_many(
            session, reports, terms=PACK.incidents, zone=PACK.zone, actor=self.actor, now=datetime.now(UTC)
        )
        return {outcome.incident_id: 1 for outcome in outcomes if isinstance(outcome, Registration) and outcome.created}

    async def _errand(self, session: AsyncSession) -> dict[int, int]:
        """Send a patrol, or call it back from where it is."""
        force = self.world.forces[self.rng.choice(["patrol_west", "patrol_east"])]
        now = datetime.now(UTC)
        task = await session.scalar(select(Task).where(Task.force_id == force, Task.active))
        if task:
            await take_step(session, self.actor, task.id, "recall", day=now.date(), now=now)
            return {}
        (incident,) = self._some(1)
        await assign(session, self.actor, incident_id=incident, force_id=force, terms=TERMS, now=now)
        return {}

    async def _duty(self, session: AsyncSession) -> dict[int, int]:
        force = self.world.forces[f"mediator_{self.rng.choice(['west', 'east'])}"]
        duty = self.rng.choice([Duty.ON, Duty.OFF])
        await set_duty(session, self.actor, force, duty=duty, expected=None, now=datetime.now(UTC))
        return {}

    async def _locked(self, session: AsyncSession) -> Incident:
        (incident,) = self._some(1)
        return await lock_incident(session, incident)

    def _some(self, count: int) -> list[int]:
        known = [*self.ledger.versions]
        return self.rng.sample(known, min(count, len(known)))

    def _words(self) -> str:
        return f"{self.number} {self.rng.random()}"

    def _report(self) -> Report:
        self.reported += 1
        lon, lat = self.world.middle_of(self.rng.choice(self.world.micro_grids()))
        return Report(
            source="chaos",
            external_no=f"{self.number}-{self.reported}-{self.rng.random()}",
            category="dispute.family",
            title=self._words(),
            description="",
            lon=lon,
            lat=lat,
            raw_x=lon,
            raw_y=lat,
            datum="wgs84",
            occurred_at=datetime.now(UTC),
        )
