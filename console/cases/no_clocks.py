"""Cases without clocks: for a place whose pack sets no limits of time, and for tests of what has none."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.casework import BegunClocks, RunningClock
from console.clocks.sums import ClockSum
from console.incidents.tables import Incident


class NoClocks:
    """Clocks that never run."""

    async def start(self, session: AsyncSession, incident: Incident, clocks: Mapping[str, str], **more: Any) -> None:
        return

    async def start_many(self, session: AsyncSession, begun: Sequence[BegunClocks], **more: Any) -> None:
        return

    async def add_ended(self, session: AsyncSession, ended: Sequence[BegunClocks], **more: Any) -> None:
        return

    async def stop(self, session: AsyncSession, incident: Incident, limits: Any, **more: Any) -> None:
        return

    async def change(self, session: AsyncSession, incident: Incident, limit: str, clock: str, **more: Any) -> None:
        return

    async def pause(self, session: AsyncSession, incident: Incident, **more: Any) -> None:
        return

    async def resume(self, session: AsyncSession, incident: Incident, **more: Any) -> None:
        return

    async def extend(self, session: AsyncSession, incident: Incident, limit: str, **more: Any) -> None:
        return

    async def join(self, session: AsyncSession, incident: Incident, main: Incident, **more: Any) -> None:
        return

    async def part(self, session: AsyncSession, incident: Incident, **more: Any) -> None:
        return

    async def open_of(
        self, session: AsyncSession, incident_ids: Sequence[int], **more: Any
    ) -> Mapping[int, Sequence[RunningClock]]:
        return {}

    async def next_due(self, session: AsyncSession, incident_ids: Sequence[int]) -> Mapping[int, tuple[str, datetime]]:
        return {}

    def opening_before(self, day: date) -> datetime:
        return datetime.combine(day - timedelta(days=1), time(), UTC)

    def are_urgent(self, codes: Any) -> bool:
        return False

    async def counted_of(
        self, session: AsyncSession, incident_id: int, *, now: datetime
    ) -> Sequence[tuple[RunningClock, ClockSum]]:
        return ()
