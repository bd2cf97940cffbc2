"""Run an import in one transaction, with its entry in the log."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from types import MappingProxyType

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.files.cameras import import_cameras
from api.intake.files.forces import import_forces
from api.intake.files.grids import import_grids
from api.intake.files.incidents import import_incidents
from api.intake.files.jobs import ImportJob, ImportOutcome, Kind
from api.intake.files.key_areas import import_key_areas
from api.intake.files.networks import import_network
from api.intake.files.places import import_places
from api.intake.files.routes import import_routes
from api.intake.files.units import import_counts, import_units
from api.intake.import_log import ImportEntry
from api.place.pack import Pack
from geo.store import Reach, Store, retry_deadlocks

Importer = Callable[[AsyncSession, Pack, ImportJob], Awaitable[ImportOutcome]]
IMPORTERS: Mapping[Kind, Importer] = MappingProxyType(
    {
        "grids": import_grids,
        "cameras": import_cameras,
        "key_areas": import_key_areas,
        "places": import_places,
        "incidents": import_incidents,
        "forces": import_forces,
        "network": import_network,
        "routes": import_routes,
        "units": import_units,
        "counts": import_counts,
    }
)
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('maplebridge.import', 0))")
"""Imports run one at a time, since a file is checked against stored rows."""


class _DryRun(Exception):
    """Rolls a dry run's transaction back."""


async def import_file(store: Store, pack: Pack, job: ImportJob) -> ImportOutcome:
    """Check a table and store it in one transaction, or raise FileRefused with every problem and store nothing.

    The log gets an entry for a stored file. A dry run does everything, including the database's own checks, and
    rolls it back.
    """
    return await retry_deadlocks(partial(_import, store, pack, job))


async def _import(store: Store, pack: Pack, job: ImportJob) -> ImportOutcome:
    outcome = ImportOutcome()
    with suppress(_DryRun):
        async with store.transaction(Reach(scope=pack.root.code)) as session:
            await session.execute(ONE_AT_A_TIME)
            outcome = await IMPORTERS[job.kind](session, pack, job)
            session.add(_entry(pack, job, outcome))
            if job.dry_run:
                raise _DryRun
    return outcome


def _entry(pack: Pack, job: ImportJob, outcome: ImportOutcome) -> ImportEntry:
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
