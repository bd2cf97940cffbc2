"""Read hotspots for a route: shared by equal requests, in a turn of the account, and rated without a connection."""

from datetime import datetime
from functools import partial

from api.http.transactions import READ_SECONDS
from api.live.hotspots import hotspot_reader
from api.services import Services
from console.access.rules import Actor
from geo.store import Reach
from layers.hotspots.queries import read_unrated
from layers.hotspots.rules import Hotspots, View


async def find_hotspots(services: Services, actor: Actor, view: View, *, at: datetime) -> Hotspots:
    """Return the view of the actor's division at a moment. Raises `TooManyReads`. Hold no connection meanwhile."""
    turn = services.costly_reads.turn(actor.user_id)
    read = partial(_read, services, actor.scope, view, at)
    return await services.hotspots.ask((actor.scope, view, at.replace(microsecond=0)), read, turn=turn)


async def _read(services: Services, scope: str, view: View, at: datetime) -> Hotspots:
    reader = hotspot_reader(scope, at=at, pack=services.pack, cell_sets=services.cell_sets)
    async with services.store.transaction(Reach(scope=scope), statement_seconds=READ_SECONDS) as session:
        unrated = await read_unrated(session, reader, view)
    return await unrated.rated()
