"""Import units of the register, and counts by division, from files."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, Text, any_, cast, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.files.jobs import ImportJob, ImportOutcome
from api.intake.files.reference import counted, county_outline, paths_of, paths_on, require_valid
from api.place.pack import Pack
from console.register.actions import put_units
from console.register.rules import UnitRecord
from console.register.tables import Unit
from geo.terms import Coded
from ingest.files.checked_rows import UnitRow
from ingest.files.checking import merge_lookups
from ingest.files.problems import FileRefused, Problem
from ingest.files.registry import UnitWords, check_counts, check_units
from layers.divisions.queries import on_day
from layers.divisions.tables import Division
from layers.exposure.actions import put_counts
from layers.exposure.queries import counted_below
from layers.exposure.rules import Counted
from layers.hotspots.actions import share_out_exposure


async def import_units(session: AsyncSession, pack: Pack, job: ImportJob) -> ImportOutcome:
    """Store units, each in the division given or in the smallest one around it. Updates known codes."""
    county = await county_outline(session, pack, job.day)
    known = await paths_on(session, job.day)
    words = words_of(pack)
    found = check_units(job.table, job.options, county=county, words=words, divisions=known, on_rows=job.checked)
    checked = require_valid(found, skip_bad=job.skip_bad)
    placeless = [known[row.division] for row in checked.rows if row.point is None]
    placed = [(row.division, row.point) for row in checked.rows if row.point is not None]
    inside = iter(await paths_of(session, placed, paths=known, root=pack.root.code, day=job.day))
    outside = iter(placeless)
    paths = [next(outside) if row.point is None else next(inside) for row in checked.rows]
    await _require_apart(session, pack, checked.rows, paths)
    levels = await _levels_of(session, paths, job)
    units = [_record(row, path, pack, levels[path]) for row, path in zip(checked.rows, paths, strict=True)]
    points = {row.code: row.point for row in checked.rows if row.point is not None}
    stored = await _stored(session, [unit.code for unit in units])
    await put_units(session, units, points=points, day=job.day)
    counts = {"rows": len(units), "added": len(units) - len(stored), "changed": len(stored)}
    return ImportOutcome(counts=counted(counts, checked.problems), notes=checked.notes, rejected=checked.problems)


async def import_counts(session: AsyncSession, pack: Pack, job: ImportJob) -> ImportOutcome:
    """Store counts of divisions, carry them to the boundaries in force, and share them out over cells."""
    known = await paths_on(session, job.day)
    coarse = await counted_below(session, pack.root.code, day=job.day)
    found = check_counts(job.table, job.options, divisions=known, coarse=coarse, zone=pack.zone, today=job.day)
    checked = require_valid(found, skip_bad=job.skip_bad)
    counts = [
        Counted(
            code=row.division,
            path=known[row.division],
            counted_on=row.counted_on or job.day,
            households=row.households,
            premises=row.premises,
            enterprises=row.enterprises,
            source=job.origin.file,
        )
        for row in checked.rows
    ]
    stored = await put_counts(session, counts, day=job.day)
    await share_out_exposure(session, day=job.day)
    told = {"rows": len(counts), "added": stored.added, "changed": stored.changed, "unchanged": stored.unchanged}
    return ImportOutcome(counts=counted(told, checked.problems), notes=checked.notes, rejected=checked.problems)


def words_of(pack: Pack) -> UnitWords:
    """Collect the pack's codes for units, with their names."""

    def lookup(items: Sequence[Coded]) -> dict[str, str]:
        by_code = {item.code: item.code for item in items}
        return merge_lookups(by_code, {word: item.code for item in items for word in (item.names.zh, item.names.en)})

    registry, incidents = pack.registry, pack.incidents
    return UnitWords(
        kinds=lookup(registry.unit_kinds),
        hours=lookup(registry.opening_hours),
        services=lookup(registry.services),
        specialities=lookup([*incidents.classes, *incidents.categories]),
    )


def _record(row: UnitRow, path: str, pack: Pack, level: str) -> UnitRecord:
    return UnitRecord(
        code=row.code,
        kind=row.kind,
        is_centre=pack.registry.kind_by_code[row.kind].centre,
        name=row.name,
        name_en=row.name_en,
        parent=row.parent or None,
        level=level,
        division_path=path,
        hours=row.hours,
        telephone=row.telephone,
        services=tuple(row.services),
        specialities=tuple(row.specialities),
        attendance=row.attendance,
        running=row.running,
    )


async def _require_apart(session: AsyncSession, pack: Pack, rows: Sequence[UnitRow], paths: Sequence[str]) -> None:
    """Raise FileRefused for a second centre of one division, or a `parent` that there is not."""
    centres = [
        (row, path) for row, path in zip(rows, paths, strict=True) if pack.registry.kind_by_code[row.kind].centre
    ]
    standing = select(Unit.division_path, Unit.code).where(Unit.is_centre, Unit.closed_on.is_(None))
    held: dict[str, str] = dict((await session.execute(standing)).all())
    codes = {row.code for row in rows}
    known = codes | {*(await session.scalars(select(Unit.code)))}
    problems = []
    for row, path in centres:
        if held.setdefault(path, row.code) != row.code:
            problems.append(Problem("centre.twice", row=row.row, field="division", params={"value": held[path]}))
    problems += [
        Problem("parent.unknown", row=row.row, field="parent", params={"value": row.parent})
        for row in rows
        if row.parent and row.parent not in known
    ]
    if problems:
        raise FileRefused(problems)


async def _levels_of(session: AsyncSession, paths: Sequence[str], job: ImportJob) -> dict[str, str]:
    codes = [path.rpartition(".")[2] for path in paths]
    rows = await session.execute(
        select(Division.division_path, Division.level).where(Division.code.in_(codes), on_day(job.day))
    )
    return dict(rows.all())


async def _stored(session: AsyncSession, codes: Sequence[str]) -> set[str]:
    listed: Any = cast(list(codes), ARRAY(Text))
    return {*(await session.scalars(select(Unit.code).where(Unit.code == any_(listed))))}
