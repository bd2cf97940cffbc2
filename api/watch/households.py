"""Share out households over cells again on days when boundaries change."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.import_log import ImportEntry
from geo.store import Reach, Store
from layers.divisions.queries import boundaries_change
from layers.hotspots.actions import share_out_exposure


class Households:
    """Remembers the day of the last run: at first, the day of the last import of boundaries.

    A server that starts after a change of boundaries therefore shares out once more than needed, with the same result.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._day: date | None = None

    async def run_maintenance(self, store: Store, root: Reach, *, now: datetime) -> None:
        """Share out households for today if boundaries have changed since the last run. Takes seconds, in a thread.

        Generated boundaries are all in force from the first day, so without any import the last run is today.
        """
        today = now.astimezone(self._zone).date()
        async with store.transaction(root) as session:
            known = self._day or await self._day_of_last_import(session) or today
            after, until = sorted((known, today))
            if after < until and await boundaries_change(session, after=after, until=until):
                await share_out_exposure(session, day=today)
        self._day = today

    async def _day_of_last_import(self, session: AsyncSession) -> date | None:
        at = await session.scalar(select(func.max(ImportEntry.at)).where(ImportEntry.kind == "grids"))
        return at and at.astimezone(self._zone).date()
