"""Import cameras from files."""

from dataclasses import asdict

from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.files.jobs import ImportJob, ImportOutcome
from api.intake.files.reference import counted, county_outline, paths_of, paths_on, require_valid
from api.place.pack import Pack
from ingest.files.checking import check_cameras
from layers.cameras.actions import register_many
from layers.cameras.rules import CameraRecord


async def import_cameras(session: AsyncSession, pack: Pack, job: ImportJob) -> ImportOutcome:
    """Store cameras, each in the division given or in the smallest one around it. Updates known codes."""
    county = await county_outline(session, pack, job.day)
    known = await paths_on(session, job.day)
    found = check_cameras(job.table, job.options, county=county, divisions=known, on_rows=job.checked)
    checked = require_valid(found, skip_bad=job.skip_bad)
    placed = [(row.division, row.point) for row in checked.rows]
    paths = await paths_of(session, placed, paths=known, root=pack.root.code, day=job.day)
    cameras = [
        CameraRecord(
            code=row.code,
            name=row.name,
            owner=row.owner,
            point=row.point,
            division_path=path,
            heading=row.heading,
            fov_deg=row.fov_deg,
            range_m=row.range_m,
            online=row.online,
        )
        for row, path in zip(checked.rows, paths, strict=True)
    ]
    listed = await register_many(session, cameras)
    counts = counted({"rows": len(cameras), **asdict(listed)}, checked.problems)
    return ImportOutcome(counts=counts, notes=checked.notes, rejected=checked.problems)
