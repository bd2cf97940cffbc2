"""Households follow the lines: they are shared out anew on the day on which one begins or ends."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.import_log import ImportEntry
from geo.store import Reach, Store
from layers.divisions.queries import boundaries_change
from layers.hotspots.actions import spread_exposure


class Households:
    """Knows for which day they were shared out last: at first, the day on which the last file of lines came in.

    So a server that starts after other lines have begun to hold shares out once more: that changes nothing.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._day: date | None = None

    async def run_maintenance(self, store: Store, root: Reach, *, now: datetime) -> None:
        """Share them out for today if other lines hold today. It takes seconds, in a thread.

        Lines that no file brought were made up together, and hold from the first day on.
        """
        today = now.astimezone(self._zone).date()
        async with store.transaction(root) as session:
            known = self._day or await self._day_of_last_file(session) or today
            after, until = sorted((known, today))
            if after < until and await boundaries_change(session, after=after, until=until):
                await spread_exposure(session, day=today)
        self._day = today

    async def _day_of_last_file(self, session: AsyncSession) -> date | None:
        at = await session.scalar(select(func.max(ImportEntry.at)).where(ImportEntry.kind == "grids"))
        return at and at.astimezone(self._zone).date()
