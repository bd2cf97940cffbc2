"""One import as one transaction, with its entry in the log."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from types import MappingProxyType

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.files.cameras import take_cameras
from api.intake.files.forces import take_forces
from api.intake.files.grids import take_grids
from api.intake.files.incidents import take_incidents
from api.intake.files.jobs import Import, Kind, Outcome
from api.intake.files.places import take_places
from api.intake.import_log import ImportEntry
from api.place.pack import Pack
from geo.store import Reach, Store, retry_deadlocks

Taker = Callable[[AsyncSession, Pack, Import], Awaitable[Outcome]]
TAKERS: Mapping[Kind, Taker] = MappingProxyType(
    {
        "grids": take_grids,
        "cameras": take_cameras,
        "places": take_places,
        "incidents": take_incidents,
        "forces": take_forces,
    }
)
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('maplebridge.import', 0))")
"""What a file says is held against what is stored: no other file may come in between."""


class _Rehearsed(Exception):
    """Leaves a transaction without its changes."""


async def take(store: Store, pack: Pack, job: Import) -> Outcome:
    """Check a table and store it in one transaction, or raise FileRefused with every problem and store nothing.

    Of what is kept, the log of imports has an entry. A dry run does all of it, the database's own checks included, and
    undoes it.
    """
    return await retry_deadlocks(partial(_take, store, pack, job))


async def _take(store: Store, pack: Pack, job: Import) -> Outcome:
    outcome = Outcome()
    with suppress(_Rehearsed):
        async with store.transaction(Reach(scope=pack.root.code)) as session:
            await session.execute(ONE_AT_A_TIME)
            outcome = await TAKERS[job.kind](session, pack, job)
            session.add(_entry(pack, job, outcome))
            if job.dry_run:
                raise _Rehearsed
    return outcome


def _entry(pack: Pack, job: Import, outcome: Outcome) -> ImportEntry:
    return ImportEntry(
        at=job.now,
        keeper=job.origin.keeper,
        file=job.origin.file,
        digest=job.origin.digest,
        kind=job.kind,
        datum=job.options.datum.value,
        counts=outcome.counts,
        division_path=pack.root.code,
    )
