"""Count incidents per cell as they arrive. Each action works inside the caller's transaction."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import islice

from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Integer, Select, cast, delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.cells import STORED_RESOLUTION, cell_of, cells_covering
from geo.store import BulkInsert
from layers.divisions.queries import on_day
from layers.divisions.tables import Division
from layers.hotspots.rules import EPOCH, QUARTER, CountedIncident, quarter_of
from layers.hotspots.tables import CellCount, CellExposure

Key = tuple[str, int, str, datetime]
"""The primary key of `CellCount`, in the order of its columns."""
ROWS_AT_ONCE = 20_000

ADD = BulkInsert(
    CellCount,
    then="ON CONFLICT (division_path, cell, category, bucket) DO UPDATE SET n = cell_counts.n + excluded.n",
)
EXPOSE = BulkInsert(CellExposure)
_TAKE = text(
    """
    UPDATE cell_counts SET n = n - 1
    WHERE division_path = CAST(:path AS ltree) AND cell = :cell AND category = :category AND bucket = :bucket
    RETURNING n
    """
)


def key_of(seen: CountedIncident) -> Key:
    """Return the key of the row that counts an incident."""
    return seen.division_path, seen.cell, seen.category, quarter_of(seen.occurred_at)


async def count_incidents(session: AsyncSession, seen: Iterable[CountedIncident]) -> None:
    """Add incidents to the counts. Call it once for all incidents of a transaction.

    Rows are locked in the order of their keys in every transaction, so two writers cannot deadlock.
    """
    await _add(session, Counter(map(key_of, seen)))


async def move_count(session: AsyncSession, old: CountedIncident, new: CountedIncident) -> None:
    """Count one incident as `new` instead of as `old`. Rows are locked in the order of their keys."""
    taken, added = key_of(old), key_of(new)
    if taken == added:
        return
    for key in sorted((taken, added)):
        if key == taken:
            await _take(session, key)
        else:
            await _add(session, Counter([key]))


async def rebuild(session: AsyncSession, seen: Select[str, int, str, datetime]) -> int:
    """Recount all incidents, and return the number of rows.

    `seen` selects them, with columns named as the fields of `CountedIncident`. They never leave the database: a million
    take seconds. Other writers wait for the lock; incidents they commit afterwards are added on top.
    """
    await session.execute(text("LOCK TABLE cell_counts IN EXCLUSIVE MODE"))
    await session.execute(delete(CellCount))
    rows = seen.subquery()
    bucket = func.date_bin(QUARTER, rows.c.occurred_at, EPOCH).label("bucket")
    keyed = select(rows.c.division_path, rows.c.cell, rows.c.category, bucket).subquery()
    # Inserting in the order of the primary key writes each page of its index once.
    counted = select(*keyed.c, cast(func.count(), Integer)).group_by(*keyed.c).order_by(*keyed.c)
    names = [*keyed.c.keys(), "n"]
    await session.execute(insert(CellCount).from_select(names, counted))
    return await session.scalar(select(func.count()).select_from(CellCount)) or 0


async def _add(session: AsyncSession, counted: Counter[Key]) -> None:
    rows = iter(sorted(counted.items()))
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        await ADD.run_listed(session, [(*key, n) for key, n in batch])


async def _take(session: AsyncSession, key: Key) -> None:
    """Subtract one. A row at 0 is deleted, as a rebuild would not create it; we hold its lock, so no writer adds to
    it.
    """
    path, cell, category, bucket = key
    left = await session.scalar(_TAKE, {"path": path, "cell": cell, "category": category, "bucket": bucket})
    if left == 0:
        here = (CellCount.division_path == path, CellCount.cell == cell)
        then = (CellCount.category == category, CellCount.bucket == bucket)
        await session.execute(delete(CellCount).where(*here, *then))


async def share_out_exposure(session: AsyncSession, *, day: date) -> int:
    """Share out the households and enterprises of the smallest divisions that have them over their cells.

    Returns how many cells got some. They are spread evenly, since nothing finer is known; a division too small to hold
    a cell's centre gives all to the cell under its label. Takes a table lock: an import may change divisions at the
    moment a day begins.
    """
    await session.execute(text("LOCK TABLE cell_exposures IN EXCLUSIVE MODE"))
    known = Division.households.is_not(None) | Division.enterprises.is_not(None)
    rows = (await session.scalars(select(Division).where(on_day(day), known))).all()
    shares = await asyncio.to_thread(_shares, _smallest(rows))
    await session.execute(delete(CellExposure))
    if shares:
        await EXPOSE.run_listed(session, [(cell, *share) for cell, share in shares.items()])
    return len(shares)


def _smallest(rows: Sequence[Division]) -> list[Division]:
    """List divisions below which no other is given: counting a village and its grids would count households twice."""
    above = {row.division_path.rpartition(".")[0] for row in rows}
    ancestors = {path[:end] for path in above for end in _ends(path)}
    return [row for row in rows if row.division_path not in ancestors]


def _ends(path: str) -> list[int]:
    return [i for i, letter in enumerate(path) if letter == "."] + [len(path)]


def _shares(rows: Sequence[Division]) -> dict[int, tuple[str, float, float]]:
    """Return path, households and enterprises per cell."""
    shares: dict[int, tuple[str, float, float]] = {}
    for row in rows:
        cells = _cells_of(to_shape(row.geom), to_shape(row.label_point))
        for cell in cells:
            path, households, enterprises = shares.get(cell, (row.division_path, 0.0, 0.0))
            more = (row.households or 0) / len(cells), (row.enterprises or 0) / len(cells)
            shares[cell] = (path, households + more[0], enterprises + more[1])
    return shares


def _cells_of(outline: BaseGeometry, label: BaseGeometry) -> list[int]:
    inside: list[int] = cells_covering(outline, STORED_RESOLUTION).tolist()
    lon, lat = label.centroid.coords[0]
    return inside or [cell_of(lon, lat)]
