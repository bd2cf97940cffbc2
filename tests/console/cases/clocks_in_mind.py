"""Clocks of cases kept in memory, so that tests see which ones a move starts and stops."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.casework import BegunClocks, RunningClock
from console.clocks.sums import ClockSum
from console.incidents.tables import Incident


@dataclass(slots=True)
class ClocksInMind:
    """Running clocks by incident and limit. `keep` and `back` undo what a transaction did that was rolled back."""

    running: dict[int, dict[str, str]] = field(default_factory=dict)
    joined: dict[int, dict[str, str]] = field(default_factory=dict)
    paused: set[int] = field(default_factory=set)

    def copy(self) -> "ClocksInMind":
        return ClocksInMind(
            {key: dict(value) for key, value in self.running.items()},
            {key: dict(value) for key, value in self.joined.items()},
            set(self.paused),
        )

    def back_to(self, kept: "ClocksInMind") -> None:
        self.running, self.joined, self.paused = kept.running, kept.joined, kept.paused

    async def start(self, session: AsyncSession, incident: Incident, clocks: Mapping[str, str], **more: Any) -> None:
        own = self.running.setdefault(incident.id, {})
        assert not own.keys() & clocks.keys(), "a limit runs by one clock"
        own |= clocks

    async def start_many(self, session: AsyncSession, begun: Sequence[BegunClocks], **more: Any) -> None:
        for one in begun:
            await self.start(session, one.incident, one.clocks)

    async def stop(self, session: AsyncSession, incident: Incident, limits: Collection[str], **more: Any) -> None:
        for limit in limits:
            del self.running[incident.id][limit]

    async def change(self, session: AsyncSession, incident: Incident, limit: str, clock: str, **more: Any) -> None:
        assert self.running[incident.id][limit] != clock
        self.running[incident.id][limit] = clock

    async def pause(self, session: AsyncSession, incident: Incident, **more: Any) -> None:
        self.paused.add(incident.id)

    async def resume(self, session: AsyncSession, incident: Incident, **more: Any) -> None:
        self.paused.remove(incident.id)

    async def extend(self, session: AsyncSession, incident: Incident, limit: str, **more: Any) -> None:
        assert limit in self.running[incident.id]

    async def join(self, session: AsyncSession, incident: Incident, main: Incident, **more: Any) -> None:
        self.joined[incident.id] = self.running.pop(incident.id, {})

    async def part(self, session: AsyncSession, incident: Incident, **more: Any) -> None:
        self.running[incident.id] = self.joined.pop(incident.id, {})

    async def open_of(
        self, session: AsyncSession, incident_ids: Sequence[int], *, now: datetime
    ) -> Mapping[int, Sequence[RunningClock]]:
        due = now + timedelta(days=3)
        return {
            one: [RunningClock(limit, clock, now, due) for limit, clock in sorted(self.running.get(one, {}).items())]
            for one in incident_ids
        }

    async def sums_of(self, session: AsyncSession, incident_id: int, *, now: datetime) -> Mapping[int, ClockSum]:
        return {}
