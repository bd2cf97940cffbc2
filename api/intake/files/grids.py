"""Import divisions of one level from files."""

from collections.abc import Sequence

import shapely
from shapely import MultiPolygon
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.files.jobs import GridOptions, ImportJob, ImportOutcome
from api.intake.files.reference import require_valid
from api.place.pack import Pack
from ingest.files.checked_rows import GridRow
from ingest.files.grids import ENDS_BELOW, ExistingDivisions, check_grids
from ingest.files.problems import FileRefused, refuse
from layers.divisions.actions import replace_divisions
from layers.divisions.queries import from_day_on, surroundings_of
from layers.divisions.rules import NewDivision
from layers.divisions.tables import Division
from layers.hotspots.actions import share_out_exposure

KEEPER = "import"


async def import_grids(session: AsyncSession, pack: Pack, job: ImportJob) -> ImportOutcome:
    """Store divisions of one level, and the root as their union if there is none yet."""
    grid_options = job.grid_options
    if not isinstance(grid_options, GridOptions):
        raise refuse("grids.level_missing")
    day, root = grid_options.valid_from, pack.root.code
    standing = (await session.scalars(select(Division).where(from_day_on(day)).order_by(Division.valid_from))).all()
    existing = existing_divisions(standing, pack, grid_options)
    checked = check_grids(job.table, job.options, existing=existing)
    if checked.drawing and checked.problems:
        raise FileRefused(checked.problems, checked.drawing)
    require_valid(checked)
    paths = {d.code: d.division_path for d in standing if d.valid_from <= day} | {root: root}
    lines = [_line(row, paths[row.parent], grid_options) for row in checked.rows]
    ending = {str(note["other"]) for note in checked.notes if note["code"] == ENDS_BELOW}
    counts = dict.fromkeys(("begun", "ended", "kept"), 0)
    for some in ([] if root in existing.outlines else [_root(pack, checked.rows, grid_options)]), lines:
        replaced = await replace_divisions(session, some, from_day=day, ending=ending) if some else None
        for name in counts:
            counts[name] += getattr(replaced, name, 0)
    await share_out_exposure(session, day=job.day)
    return ImportOutcome(counts={"rows": len(lines), **counts}, notes=checked.notes, drawing=checked.drawing)


def existing_divisions(standing: Sequence[Division], pack: Pack, grid_options: GridOptions) -> ExistingDivisions:
    """Collect the divisions that new ones are checked against. Raises FileRefused for an unknown level."""
    levels = [level.level for level in pack.root.levels]
    if grid_options.level not in levels[1:]:
        raise refuse("grids.level_unknown", level=grid_options.level, levels=list(levels[1:]))
    above = levels[: levels.index(grid_options.level)]
    found = surroundings_of(standing, level=grid_options.level, above=above, day=grid_options.valid_from)
    return ExistingDivisions(
        root=pack.root.code,
        parent=grid_options.parent,
        outlines=found.outlines,
        changing={code: day.isoformat() for code, day in found.ending.items()},
        children=found.below,
        elsewhere=found.elsewhere,
        ends_below=grid_options.ends_below,
    )


def _root(pack: Pack, rows: Sequence[GridRow], grid_options: GridOptions) -> NewDivision:
    """Make the root as the union of its parts, for a county whose first file this is."""
    whole = shapely.union_all([row.geometry for row in rows])
    return NewDivision(
        code=pack.root.code,
        level=pack.root.level,
        name=pack.root.names.zh,
        path=pack.root.code,
        valid_from=grid_options.valid_from,
        geometry=MultiPolygon(shapely.get_parts(whole).tolist()),
        source=KEEPER,
    )


def _line(row: GridRow, parent: str, grid_options: GridOptions) -> NewDivision:
    return NewDivision(
        code=row.code,
        level=grid_options.level,
        name=row.name,
        path=f"{parent}.{row.code}",
        valid_from=grid_options.valid_from,
        geometry=row.geometry,
        source=KEEPER,
        households=row.households,
        enterprises=row.enterprises,
        properties={"name_en": row.name_en} if row.name_en else {},
    )
