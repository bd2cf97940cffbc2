"""Import forces from files."""

from dataclasses import asdict
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.files.jobs import ImportJob, ImportOutcome
from api.intake.files.reference import counted, county_outline, paths_of, paths_on, require_valid, vocabulary_of
from api.intake.moves import follow_forces
from api.place.pack import Pack
from console.forces.actions import register_many
from console.forces.queries import device_holders
from console.forces.rules import Duty, ForceRecord
from console.forces.tables import Force
from geo.datum import Datum
from ingest.files.checked_rows import Checked, ForceRow
from ingest.files.checking import check_forces, with_problems
from ingest.files.problems import Problem

Device = tuple[str | None, str | None, str]
"""A force's device, its datum, and its telephone."""
NO_DEVICE: Device = (None, None, "")


async def import_forces(session: AsyncSession, pack: Pack, job: ImportJob) -> ImportOutcome:
    """Store forces, each posted to the division given or to the smallest one around its home."""
    county = await county_outline(session, pack, job.day)
    known = await paths_on(session, job.day)
    vocabulary, divisions = vocabulary_of(pack), frozenset(known)
    found = check_forces(
        job.table,
        job.options,
        county=county,
        vocabulary=vocabulary,
        divisions=divisions,
        on_rows=job.checked,
    )
    checked = require_valid(found, skip_bad=job.skip_bad)
    checked = require_valid(with_problems(checked, await _taken_devices(session, checked)), skip_bad=job.skip_bad)
    placed = [(row.division, row.home) for row in checked.rows]
    paths = await paths_of(session, placed, paths=known, root=pack.root.code, day=job.day)
    standing = await _standing_devices(session, checked)
    records = [
        _force(row, path, standing.get(row.code, NO_DEVICE)) for row, path in zip(checked.rows, paths, strict=True)
    ]
    done = await register_many(session, records, on_division_change=partial(follow_forces, now=job.now), now=job.now)
    counts = counted({"rows": len(records), **asdict(done)}, checked.problems)
    return ImportOutcome(counts=counts, notes=checked.notes, rejected=checked.problems)


async def _standing_devices(session: AsyncSession, checked: Checked[ForceRow]) -> dict[str, Device]:
    """Return existing devices, datums and telephones by force code: what a file has no column for, the forces keep."""
    codes = [row.code for row in checked.rows if None in (row.device, row.device_datum, row.telephone)]
    if not codes:
        return {}
    wanted = select(Force.code, Force.device_id, Force.device_datum, Force.telephone).where(Force.code.in_(codes))
    return {row.code: (row.device_id, row.device_datum, row.telephone) for row in await session.execute(wanted)}


async def _taken_devices(session: AsyncSession, checked: Checked[ForceRow]) -> list[Problem]:
    """Return a problem for each device that belongs to a force not in the file."""
    holders = await device_holders(session, {row.device for row in checked.rows if row.device})
    listed = {row.code for row in checked.rows}
    return [
        Problem("device.taken", row=row.row, field="device", params={"value": row.device, "other": other})
        for row in checked.rows
        if (other := holders.get(row.device or "")) is not None and other not in listed
    ]


def _force(row: ForceRow, path: str, standing: Device) -> ForceRecord:
    device = standing[0] if row.device is None else row.device or None
    datum = standing[1] if row.device_datum is None else row.device_datum or None
    return ForceRecord(
        code=row.code,
        name=row.name,
        kind=row.kind,
        mode=row.mode,
        lon=row.home.x,
        lat=row.home.y,
        division_path=path,
        organisation=row.organisation,
        specialities=tuple(row.specialities),
        languages=tuple(row.languages),
        device_id=device,
        device_datum=None if datum is None else Datum(datum),
        telephone=standing[2] if row.telephone is None else row.telephone,
        duty=Duty(row.duty),
    )
