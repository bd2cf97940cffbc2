"""Import cameras from files."""

from dataclasses import asdict

from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.files.jobs import ImportJob, ImportOutcome
from api.intake.files.reference import counted, county_outline, paths_of, paths_on, require_valid
from api.place.pack import Pack
from ingest.files.checking import check_cameras
from layers.cameras.actions import register_many, write_states
from layers.cameras.rules import CameraRecord, SaidOfCamera


async def import_cameras(session: AsyncSession, pack: Pack, job: ImportJob) -> ImportOutcome:
    """Store cameras, each in the division given or in the smallest one around it. Updates known codes.

    Where a row says when it was said to be online or not, that is the camera's state, unless a later one is known.
    """
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
            level=row.level,
            ptz=row.ptz,
        )
        for row, path in zip(checked.rows, paths, strict=True)
    ]
    listed = await register_many(session, cameras)
    said = [
        SaidOfCamera(row.code, row.online, row.said_at, row.said_at) for row in checked.rows if row.said_at is not None
    ]
    await write_states(session, said)
    counts = counted({"rows": len(cameras), **asdict(listed)}, checked.problems)
    return ImportOutcome(counts=counts, notes=checked.notes, rejected=checked.problems)
