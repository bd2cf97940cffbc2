"""Import key areas from files."""

from dataclasses import asdict

from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.files.jobs import ImportJob, ImportOutcome
from api.intake.files.reference import counted, county_outline, paths_of, paths_on, require_valid
from api.place.pack import Pack
from ingest.files.checking import check_key_areas
from layers.key_areas.actions import register_many
from layers.key_areas.rules import KeyAreaRecord


async def import_key_areas(session: AsyncSession, pack: Pack, job: ImportJob) -> ImportOutcome:
    """Store key areas, each in the division given or in the smallest one around a point in its middle."""
    county = await county_outline(session, pack, job.day)
    known = await paths_on(session, job.day)
    found = check_key_areas(job.table, job.options, county=county, divisions=known)
    checked = require_valid(found, skip_bad=job.skip_bad)
    placed = [(row.division, row.geometry.representative_point()) for row in checked.rows]
    paths = await paths_of(session, placed, paths=known, root=pack.root.code, day=job.day)
    areas = [
        KeyAreaRecord(row.code, row.kind, row.name, row.geometry, path)
        for row, path in zip(checked.rows, paths, strict=True)
    ]
    listed = await register_many(session, areas)
    counts = counted({"rows": len(areas), **asdict(listed)}, checked.problems)
    return ImportOutcome(counts=counts, notes=checked.notes, rejected=checked.problems)
