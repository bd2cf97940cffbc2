"""Read hotspots: counts from the database, rated in a thread so that the event loop keeps serving."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.cells import Cells, cells_around, cells_touching
from layers.divisions.queries import boundaries_version, boundary_day, find_outline
from layers.hotspots.cell_sets import CellSet, CellSets, Exposures, cell_set_of
from layers.hotspots.rating import Counts, rate
from layers.hotspots.rules import RESOLUTIONS, Hotspots, Span, View, known, quarter_of, spans
from layers.hotspots.tables import CellCount

# Columns arrive as one array each: fetching a county's rows one by one would block the event loop for half a second.
# One span of time is read and split into windows. PostgreSQL cannot estimate a join with the windows, and would scan a
# table larger than its cache from end to end, many years.
_COUNTS = {
    res: text(
        f"""
    SELECT array_agg(cell), array_agg(edge), array_agg(n)
    FROM (
        SELECT cell_{res} AS cell, width_bucket(bucket, CAST(:edges AS timestamptz[])) AS edge, sum(n)::bigint AS n
        FROM cell_counts
        WHERE bucket >= CAST(:since AS timestamptz) AND bucket < CAST(:until AS timestamptz)
        AND (CAST(:category AS text) IS NULL OR category = :category OR starts_with(category, :category || '.'))
        GROUP BY cell, edge
    ) AS counted
    """  # noqa: S608
    )
    for res in RESOLUTIONS
}
_EXPOSURES = text("SELECT array_agg(cell), array_agg(households) FROM cell_exposures")


@dataclass(frozen=True, slots=True)
class HotspotReader:
    """`scope` is the path of the reader's division; `day` is that of `now` in the county's time zone.

    `least_hot` is the number of incidents that a cell needs to be hot.
    """

    scope: str
    now: datetime
    day: date
    least_hot: int
    cell_sets: CellSets = field(default_factory=CellSets)


@dataclass(frozen=True, slots=True)
class Unrated:
    """Counts from the database that rate a view."""

    cell_set: CellSet
    counts: Counts
    view: View
    least_hot: int
    as_of: datetime

    async def rated(self) -> Hotspots:
        """Rate the cells, in a thread. Needs no connection: hold none meanwhile."""
        return await asyncio.to_thread(
            rate, self.cell_set, self.counts, view=self.view, least_hot=self.least_hot, as_of=self.as_of
        )


async def read_unrated(session: AsyncSession, reader: HotspotReader, view: View) -> Unrated:
    """Read what the session may see, which must be `reader.scope`, to be rated without it."""
    counts = await read_counts(session, view, now=reader.now)
    cell_set = await find_cell_set(session, reader, res=view.res, also=counts.cells)
    return Unrated(cell_set, counts, view, reader.least_hot, quarter_of(reader.now))


async def read_counts(session: AsyncSession, view: View, *, now: datetime) -> Counts:
    """Read the counts of the window and of the past ones in cells of the view, summed over quarters and divisions."""
    return await read_spans(session, view, spans(view.window, now=now))


async def read_spans(session: AsyncSession, view: View, wanted: Sequence[Span]) -> Counts:
    """Read the counts of spans of time, latest first, in cells of the view."""
    since = await session.scalar(select(func.min(CellCount.bucket)))
    edges = [edge for span in reversed(wanted) for edge in (span.start, span.end)]
    within = {"edges": edges, "since": edges[0], "until": edges[-1]}
    found = (await session.execute(_COUNTS[view.counted_res], {**within, "category": view.category})).one()
    cells, passed, n = (np.array(column or (), dtype=np.int64) for column in found)
    if view.counted_res != view.res:
        cells = await asyncio.to_thread(cells_around, cells, view.res)
    in_a_window = passed % 2 == 1  # After a start and before its end; even numbers are gaps between short windows.
    return Counts(
        cells=cells[in_a_window],
        slots=(len(edges) - 1 - passed[in_a_window]) // 2,
        n=n[in_a_window].astype(np.float64),
        known=known(wanted[1:], since=since),
    )


async def find_cell_set(session: AsyncSession, reader: HotspotReader, *, res: int, also: Cells) -> CellSet:
    """Return the cells of the reader's division, and `also`: cells with counts outside today's boundary.

    Without a boundary (no county loaded yet), only `also`.
    """
    day = await boundary_day(session, reader.scope, reader.day)
    version = await cell_set_version(session, day=day)
    kept = reader.cell_sets.get(reader.scope, res, version=version)
    if kept is not None and not kept.lacks(also):
        return kept
    cells = await _scope_cells(session, reader.scope, day=day, res=res) if kept is None else kept.cells
    exposed = await read_exposures(session, res=res)
    cell_set = await asyncio.to_thread(cell_set_of, np.union1d(cells, also), res=res, exposed=exposed)
    reader.cell_sets.put(reader.scope, cell_set, version=version)
    return cell_set


async def cell_set_version(session: AsyncSession, *, day: date) -> str:
    """Return a version that changes with the boundaries of the day and with the shared-out households.

    All households are written by one transaction, whose number each row has.
    """
    shared = await session.scalar(text("SELECT xmin::text FROM cell_exposures LIMIT 1"))
    return f"{await boundaries_version(session, day=day)}/{shared}"


async def _scope_cells(session: AsyncSession, scope: str, *, day: date, res: int) -> Cells:
    outline = await find_outline(session, scope, day=day)
    if outline is None:
        return np.empty(0, dtype=np.int64)
    return await asyncio.to_thread(cells_touching, outline, res)


async def read_exposures(session: AsyncSession, *, res: int) -> Exposures:
    """Read households by cell of resolution `res`; a cell may occur more than once."""
    cells, households = (await session.execute(_EXPOSURES)).one()
    around = await asyncio.to_thread(cells_around, np.array(cells or (), dtype=np.int64), res)
    return Exposures(around, np.array(households or (), dtype=np.float64))
