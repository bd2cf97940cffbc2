"""Find who receives a case first, and the centres of divisions, each looked up once for many cases."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.casework import Casework, KnownUnit, Place
from console.flow.case_state import Holder
from console.flow.seats import Seat
from console.incidents.tables import Incident


@dataclass(slots=True)
class CentresOnce:
    """Centres by division and level, and units by code, for one transaction: each is read once."""

    session: AsyncSession
    work: Casework
    now: datetime
    _centres: dict[tuple[str, str], KnownUnit] = field(default_factory=dict)
    _units: dict[str, KnownUnit | None] = field(default_factory=dict)

    async def at(self, path: str, level: str) -> KnownUnit:
        """Return the centre that receives for a division at a level."""
        await self.load([(path, level)])
        return self._centres[_prefix(path), level]

    async def load(self, wanted: Collection[Place]) -> None:
        """Read the centres of many divisions at once."""
        missing = {(_prefix(path), level) for path, level in wanted} - self._centres.keys()
        if missing:
            found = await self.work.register.centres_at(self.session, missing, now=self.now)
            self._centres.update(found)
            self._units.update({centre.code: centre for centre in found.values()})

    async def unit(self, code: str) -> KnownUnit | None:
        """Return the unit of this code."""
        if code not in self._units:
            self._units[code] = await self.work.register.unit(self.session, code, now=self.now)
        return self._units[code]

    async def hours_of(self, code: str) -> str | None:
        """Return the code of the hours of a unit; None for one that has none of its own."""
        unit = await self.unit(code)
        return unit.hours or None if unit else None


async def first_receiver(work: Casework, incident: Incident, seats: Sequence[Seat], centres: CentresOnce) -> Holder:
    """Return who receives first: the desk that registers it, else the centre that the pack names for its source."""
    if incident.source in work.desks and seats:
        seat = seats[0]
        return Holder(seat.unit, seat.id)
    return Holder((await centres.at(*received_at(work, incident))).code)


def received_at(work: Casework, incident: Incident) -> Place:
    """Return the place whose centre receives an incident that no desk has registered."""
    named = (one.level for one in work.terms.receivers if not one.sources or incident.source in one.sources)
    return incident.division_path, next(named, incident.level)


def _prefix(path: str) -> str:
    """Cut a path below its village: grids have no centres."""
    return ".".join(path.split(".")[:4])
