"""Read hotspots for a route: shared by equal requests, in a turn of the account, and rated without a connection."""

from datetime import date, datetime
from functools import partial

from api.http.transactions import READ_SECONDS
from api.live.hotspots import hotspot_reader
from api.services import Services
from console.access.rules import Actor
from geo.store import Reach
from layers.exports.queries import midnight
from layers.hotspots.accuracy import Accuracy
from layers.hotspots.measuring import read_unmeasured
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


async def find_accuracy(services: Services, actor: Actor, view: View) -> Accuracy:
    """Return how well hotspots of the actor's division have done in whole weeks up to last midnight.

    Measured once an hour. Raises `TooManyReads`. Hold no connection meanwhile.
    """
    now = services.now()
    key = (actor.scope, view, services.today(), now.hour)
    kept = services.accuracies.get(key)
    if kept is None:
        measured = partial(_measure, services, actor.scope, view, services.today())
        kept = await services.measures.ask(key, measured, turn=services.costly_reads.turn(actor.user_id))
        services.accuracies.put(key, kept)
    return kept


async def _measure(services: Services, scope: str, view: View, day: date) -> Accuracy:
    end = midnight(day, services.pack.zone)
    reader = hotspot_reader(scope, at=end, pack=services.pack, cell_sets=services.cell_sets)
    async with services.store.transaction(Reach(scope=scope), statement_seconds=READ_SECONDS) as session:
        unmeasured = await read_unmeasured(session, reader, view, end=end)
    return await unmeasured.measured()
