"""Places that operators give to incidents: the first one, or a better one."""

from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.incidents.edits import NewPlace
from console.incidents.locating import Spot, line_moment, locate_spots
from console.incidents.rules import Refusal
from console.incidents.tables import Incident
from geo.datum import Datum, to_wgs84
from geo.errors import ErrorKind, MaplebridgeError


class BadPlace(MaplebridgeError):
    """Half a point, or one outside the caller's divisions. `params`: `errors`, as in a refused report."""

    code = "invalid"
    kind = ErrorKind.INVALID


class GivenPlace(Protocol):
    """A point as an operator gives it, in `datum`; None where the place is left as it is."""

    @property
    def lon(self) -> float | None: ...

    @property
    def lat(self) -> float | None: ...

    @property
    def datum(self) -> str: ...


async def place_in(
    session: AsyncSession, incident: Incident, given: GivenPlace, *, actor: Actor, zone: ZoneInfo, now: datetime
) -> NewPlace | None:
    """Locate the point that is given for an incident, on its lines and within the actor's scope. Raises `BadPlace`."""
    if given.lon is None or given.lat is None:
        missing = [name for name in ("lon", "lat") if getattr(given, name) is None]
        if len(missing) == 1:
            raise BadPlace(errors=[{"field": missing[0], "code": "missing"}])
        return None
    lons, lats = to_wgs84([given.lon], [given.lat], Datum(given.datum))
    point = (float(lons[0]), float(lats[0]))
    [located] = await locate_spots(session, [Spot(point, line_moment(incident, now=now))], zone=zone, scope=actor.scope)
    if isinstance(located, Refusal):
        raise BadPlace(errors=[{"field": field, "code": code} for field, code in located.errors])
    return NewPlace(point=point, raw=(given.lon, given.lat), datum=given.datum, located=located)
