"""Import the networks of sectors from files."""

import asyncio
from dataclasses import asdict, replace

from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.files.jobs import ImportJob, ImportOutcome, NetworkOptions
from api.intake.files.reference import county_outline, require_valid
from api.place.pack import Pack
from console.networks.actions import replace_networks
from console.networks.rules import AreaRecord, common_path
from ingest.files.checked_rows import AreaRow
from ingest.files.checking import merge_lookups
from ingest.files.mapping import Options
from ingest.files.networks import NetworkGround, check_network
from ingest.files.problems import refuse
from layers.divisions.queries import on_day
from layers.divisions.tables import Division
from layers.divisions.terms import GRID


async def import_network(session: AsyncSession, pack: Pack, job: ImportJob) -> ImportOutcome:
    """Store the whole networks of the sectors that a file has, in place of those before, from a day on."""
    options = job.grid_options
    if not isinstance(options, NetworkOptions):
        raise refuse("network.sector_missing")
    day = options.valid_from
    ground, paths = await _ground(session, pack, options)
    ground, named = replace(ground, declared=job.options.datum), _with_aliases(job.options, pack)
    checked = require_valid(await asyncio.to_thread(check_network, job.table, named, ground=ground))
    records = [_record(row, paths, pack.root.code, options) for row in checked.rows]
    done = await replace_networks(session, records, from_day=day)
    return ImportOutcome(counts={"rows": len(records), **asdict(done)}, notes=checked.notes)


async def _ground(session: AsyncSession, pack: Pack, options: NetworkOptions) -> tuple[NetworkGround, dict[str, str]]:
    """Collect what areas are checked against, and the path of each grid by code."""
    county = await county_outline(session, pack, options.valid_from)
    wanted = select(Division).where(Division.level == GRID, on_day(options.valid_from))
    grids = {row.code: row for row in await session.scalars(wanted)}
    shapes: dict[str, BaseGeometry] = {code: to_shape(row.geom) for code, row in grids.items()}
    terms = pack.networks
    names = {name: one.code for one in terms.sectors for name in (one.names.zh, one.names.en)}
    sectors = merge_lookups({one.code: one.code for one in terms.sectors}, names)
    if options.sector is not None and options.sector.casefold() not in sectors:
        raise refuse("sector.unknown", value=options.sector, known=[one.code for one in terms.sectors])
    ground = NetworkGround(
        outline=county.outline,
        sectors=sectors,
        counts=[one.code for one in terms.counts],
        width=options.width,
        grids=shapes,
        sector=sectors[options.sector.casefold()] if options.sector is not None else None,
    )
    return ground, {code: row.division_path for code, row in grids.items()}


def _with_aliases(options: Options, pack: Pack) -> Options:
    """Return the options with the names of the pack's counts, by which their columns are found."""
    names = {
        one.code: tuple(name.casefold() for name in (one.code, one.names.zh, one.names.en))
        for one in pack.networks.counts
    }
    return replace(options, aliases=names)


def _record(row: AreaRow, paths: dict[str, str], root: str, options: NetworkOptions) -> AreaRecord:
    touches = sorted(paths[code] for code in row.touches)
    return AreaRecord(
        sector=row.sector,
        code=row.code,
        name=row.name,
        organisation=row.organisation,
        worker=row.worker,
        worker_code=row.worker_code,
        counts=row.counts,
        division_path=common_path(touches, root=root),
        touches=touches,
        valid_from=options.valid_from,
        geometry=row.geometry,
    )
