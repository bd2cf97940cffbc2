"""What changes of grids by a plan, as the hand-over of their branches, services and posts takes it."""

import asyncio

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.forces.tables import Force
from console.grids.handover import GridChange
from console.grids.tables import GridPost
from console.planning.handover import Change, Lines
from console.planning.homes import grid_of
from geo.coverage.owners import owners_of
from layers.divisions.terms import GRID


async def grid_change_of(session: AsyncSession, change: Change) -> GridChange:
    """Return the grids that a change begins, ends or draws otherwise, and where homes of their workers lie after."""
    old, new = await asyncio.to_thread(_grids_of, change)
    return GridChange(
        before={_final(change.before, code): change.before.coverage.outline(code) for code in old},
        after={final: change.after.coverage.outline(code) for final, code in new.items()},
        paths={final: change.after.path(code) for final, code in new.items()},
        homes=await _homes(session, change.after, [_final(change.before, code) for code in old]),
    )


def _grids_of(change: Change) -> tuple[list[str], dict[str, str]]:
    """Return the grids before whose version ends, and those after for which one begins, by final code; their outlines
    are worked out.
    """
    ended, begun = change.versions
    before, after = change.before.coverage, change.after.coverage
    old = [code for code in ended if before.divisions[code].level == GRID]
    new = {_final(change.after, code): code for code in begun if after.divisions[code].level == GRID}
    for coverage, codes in ((before, old), (after, [*new.values()])):
        for code in codes:
            coverage.outline(code)
    return old, new


def _final(lines: Lines, code: str) -> str:
    return lines.codes.get(code, code)


async def _homes(session: AsyncSession, lines: Lines, grids: list[str]) -> dict[int, str]:
    """Return the grid after in which the home of each force with a post in some grids lies."""
    posted = select(GridPost.force_id).where(GridPost.division_code.in_(grids))
    wanted = select(Force.id, func.ST_X(Force.home), func.ST_Y(Force.home)).where(Force.id.in_(posted))
    rows = (await session.execute(wanted.order_by(Force.id))).all()
    owners = owners_of(lines.coverage, [(lon, lat) for _, lon, lat in rows])
    found = {}
    for (force, _, _), owner in zip(rows, owners, strict=True):
        grid = None if owner is None else grid_of(lines.coverage, owner)
        if grid is not None:
            found[force] = _final(lines, grid)
    return found
