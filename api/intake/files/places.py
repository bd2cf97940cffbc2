"""Import centres and stations from files."""

from dataclasses import asdict

from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.files.jobs import ImportJob, ImportOutcome
from api.intake.files.reference import counted, county_outline, paths_of, paths_on, require_valid
from api.place.pack import Pack
from ingest.files.checking import check_places
from layers.places.actions import register_many
from layers.places.rules import PlaceRecord


async def import_places(session: AsyncSession, pack: Pack, job: ImportJob) -> ImportOutcome:
    """Store places, each in the division given or in the smallest one around it. Updates known codes."""
    county = await county_outline(session, pack, job.day)
    known = await paths_on(session, job.day)
    found = check_places(job.table, job.options, county=county, divisions=known, on_rows=job.checked)
    checked = require_valid(found, skip_bad=job.skip_bad)
    placed = [(row.division, row.point) for row in checked.rows]
    paths = await paths_of(session, placed, paths=known, root=pack.root.code, day=job.day)
    places = [
        PlaceRecord(
            code=row.code,
            kind=row.kind,
            name=row.name,
            point=row.point,
            division_path=path,
            properties={"name_en": row.name_en} if row.name_en else {},
        )
        for row, path in zip(checked.rows, paths, strict=True)
    ]
    listed = await register_many(session, places)
    counts = counted({"rows": len(places), **asdict(listed)}, checked.problems)
    return ImportOutcome(counts=counts, notes=checked.notes, rejected=checked.problems)
