"""Import routes of rounds from files."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.files.jobs import ImportJob, ImportOutcome
from api.intake.files.reference import counted, county_outline, require_valid
from api.place.pack import Pack
from console.grids.queries import grids_in
from console.rounds.routes import PointWanted, RouteWanted, points_outside, register_routes
from console.rounds.rules import MOST_POINTS
from ingest.files.checked_rows import RoutePointRow
from ingest.files.checking import with_problems
from ingest.files.problems import Problem
from ingest.files.routes import check_routes


async def import_routes(session: AsyncSession, pack: Pack, job: ImportJob) -> ImportOutcome:
    """Store routes, each from the rows of its grid and name in their order. A route in use of that grid and name gets
    these points; a point of a name that it has keeps its slip.
    """
    county = await county_outline(session, pack, job.day)
    paths = {grid.code: grid.division_path for grid in await grids_in(session, pack.root.code, day=job.day)}
    found = check_routes(job.table, job.options, county=county, grids=paths, on_rows=job.checked)
    placed = [(row.point.x, row.point.y, paths[row.grid]) for row in found.rows]
    outside = await points_outside(session, placed, day=job.day)
    problems = [Problem("route.outside", row=found.rows[i].row, field="lon") for i in outside]
    problems += _too_long(found.rows)
    checked = require_valid(with_problems(found, problems), skip_bad=job.skip_bad)
    listed = await register_routes(session, _routes(checked.rows), paths=paths, now=job.now)
    counts = counted({"rows": len(checked.rows), **asdict(listed)}, checked.problems)
    return ImportOutcome(counts=counts, notes=checked.notes, rejected=checked.problems)


def _routes(rows: Sequence[RoutePointRow]) -> list[RouteWanted]:
    by_route: dict[tuple[str, str], list[PointWanted]] = {}
    for row in rows:
        by_route.setdefault((row.grid, row.route), []).append(PointWanted(row.name, row.point.x, row.point.y))
    return [RouteWanted(grid, name, points) for (grid, name), points in by_route.items()]


def _too_long(rows: Sequence[RoutePointRow]) -> list[Problem]:
    n: dict[tuple[str, str], int] = {}
    problems = []
    for row in rows:
        n[row.grid, row.route] = n.get((row.grid, row.route), 0) + 1
        if n[row.grid, row.route] == MOST_POINTS + 1:
            problems.append(Problem("route.too_long", row=row.row, field="route", params={"most": MOST_POINTS}))
    return problems
