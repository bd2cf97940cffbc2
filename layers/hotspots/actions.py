"""Count incidents per cell as they arrive. Each action works inside the caller's transaction."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import date, datetime
from functools import cache, partial
from itertools import islice
from typing import Any

from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Integer, Select, cast, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.cells import STORED_RESOLUTION, PointCells, cell_of, cells_covering, point_cells
from geo.store import BulkInsert, array_text
from layers.divisions.queries import on_day
from layers.divisions.tables import Division
from layers.hotspots.rules import EPOCH, QUARTER, CountedIncident, quarter_of
from layers.hotspots.tables import CellCount, CellExposure

Key = tuple[str, int, int, int, int, str, datetime]
"""The primary key of `CellCount`, in the order of its columns."""
KEY = ("division_path", "cell_10", "cell_9", "cell_8", "cell_7", "category", "bucket")
ROWS_AT_ONCE, SORTED_AT_ONCE = 20_000, 2_000
"""Rows of one statement, and rows from which on they are sorted beside the event loop."""

ADD = BulkInsert(
    CellCount,
    then=f"ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET n = cell_counts.n + excluded.n",
)
EXPOSE = BulkInsert(CellExposure)
_HERE = "(" + ", ".join(KEY) + ") = (CAST(:division_path AS ltree), " + ", ".join(f":{name}" for name in KEY[1:]) + ")"
_TAKE = text(f"UPDATE cell_counts SET n = n - 1 WHERE {_HERE} RETURNING n")  # noqa: S608
_DELETE = text(f"DELETE FROM cell_counts WHERE {_HERE}")  # noqa: S608

_TYPES = ("text[]", *["bigint[]"] * 4, "text[]", "timestamptz[]", "integer[]")
_LESS = f"""
    ROWS FROM ({
    ", ".join(f"unnest(CAST(:{name} AS {of}))" for name, of in zip((*KEY, "n"), _TYPES, strict=True))
}) AS less ({", ".join(KEY)}, n)
    WHERE ({", ".join(f"cell_counts.{name}" for name in KEY)})
        = (CAST(less.division_path AS ltree), {", ".join(f"less.{name}" for name in KEY[1:])})
"""
_DELETE_EMPTIED = text(f"DELETE FROM cell_counts USING {_LESS} AND cell_counts.n <= less.n")  # noqa: S608
_SUBTRACT = text(f"UPDATE cell_counts SET n = cell_counts.n - less.n FROM {_LESS}")  # noqa: S608


def key_of(seen: CountedIncident) -> Key:
    """Return the key of the row that counts an incident."""
    return _key(seen, point_cells(seen.lon, seen.lat))


def _key(seen: CountedIncident, cells: PointCells) -> Key:
    return seen.division_path, *cells[::-1], seen.category, quarter_of(seen.occurred_at)


async def count_incidents(session: AsyncSession, seen: Iterable[CountedIncident]) -> None:
    """Add incidents to the counts. Call it once for all incidents of a transaction.

    Rows are locked in the order of their keys in every transaction, so two writers cannot deadlock.
    """
    await add_counts(session, Counter(map(key_of, seen)))


async def move_count(session: AsyncSession, old: CountedIncident, new: CountedIncident) -> None:
    """Count one incident as `new` instead of as `old`. Rows are locked in the order of their keys."""
    taken, added = key_of(old), key_of(new)
    if taken == added:
        return
    for key in sorted((taken, added)):
        if key == taken:
            await _take(session, key)
        else:
            await add_counts(session, Counter([key]))


async def move_counts(session: AsyncSession, old: Iterable[CountedIncident], new: Iterable[CountedIncident]) -> None:
    """Count many incidents as `new` instead of as `old`. Other writers wait until the transaction ends."""
    changed = await asyncio.to_thread(_difference, old, new)
    await session.execute(text("LOCK TABLE cell_counts IN SHARE ROW EXCLUSIVE MODE"))
    less = [(*key, -n) for key, n in changed.items() if n < 0]
    for start in range(0, len(less), ROWS_AT_ONCE):
        given = await asyncio.to_thread(_columns, less[start : start + ROWS_AT_ONCE])
        await session.execute(_DELETE_EMPTIED, given)
        await session.execute(_SUBTRACT, given)
    await add_counts(session, +changed)


def _difference(old: Iterable[CountedIncident], new: Iterable[CountedIncident]) -> Counter[Key]:
    """Return by how much each key counts more, those alone that do. Cells are found once for each place."""
    cells = cache(point_cells)
    by = Counter(_key(seen, cells(seen.lon, seen.lat)) for seen in new)
    by.subtract(_key(seen, cells(seen.lon, seen.lat)) for seen in old)
    return Counter({key: n for key, n in by.items() if n})


def _columns(rows: Sequence[tuple[Any, ...]]) -> dict[str, str]:
    return {name: array_text(values) for name, values in zip((*KEY, "n"), zip(*rows, strict=True), strict=True)}


async def recount_incident(session: AsyncSession, old: CountedIncident | None, new: CountedIncident | None) -> None:
    """Count one incident as `new` instead of as `old`; None where it counts nowhere."""
    if old and new:
        await move_count(session, old, new)
    elif new:
        await count_incidents(session, [new])
    elif old:
        await _take(session, key_of(old))


async def rebuild(
    session: AsyncSession,
    seen: Select[str, float, float, str, datetime],
    *,
    on_progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Recount all incidents, and return the number of rows.

    `seen` selects them, with columns named as the fields of `CountedIncident`. They are read a division at a time, in
    the order of the primary key, so that a million need no memory and write each page of its index once. Other writers
    wait for the lock; incidents they commit afterwards are added on top. `on_progress` gets the number counted so far.
    """
    await session.execute(text("LOCK TABLE cell_counts IN EXCLUSIVE MODE"))
    await session.execute(delete(CellCount))
    written, done, waiting = 0, 0, Counter[Key]()
    async for of_division in _by_division(session, seen):
        waiting.update(of_division)
        done += of_division.total()
        on_progress(done)
        if len(waiting) >= ROWS_AT_ONCE:
            written += await add_counts(session, waiting)
            waiting.clear()
    return written + await add_counts(session, waiting)


async def _by_division(
    session: AsyncSession, seen: Select[str, float, float, str, datetime]
) -> AsyncIterator[Counter[Key]]:
    """Yield the counts of each division. Times come as whole quarters since the epoch."""
    rows = seen.subquery()
    quarters = func.floor(func.extract("epoch", rows.c.occurred_at) / QUARTER.total_seconds())
    columns = (rows.c.lon, rows.c.lat, rows.c.category, cast(quarters, Integer))
    grouped = select(rows.c.division_path, *map(func.array_agg, columns)).group_by(rows.c.division_path)
    async for path, *of_division in await session.stream(grouped.order_by(rows.c.division_path)):
        yield await asyncio.to_thread(_counted, path, *of_division)


def _counted(
    path: str, lons: Sequence[float], lats: Sequence[float], categories: Sequence[str], quarters: Sequence[int]
) -> Counter[Key]:
    return Counter(
        (path, *point_cells(lon, lat)[::-1], category, EPOCH + quarter * QUARTER)
        for lon, lat, category, quarter in zip(lons, lats, categories, quarters, strict=True)
    )


async def add_counts(session: AsyncSession, counted: Counter[Key]) -> int:
    """Add counts in the order of their keys; return the number of keys."""
    sort = partial(sorted, counted.items())
    rows = iter(await asyncio.to_thread(sort) if len(counted) > SORTED_AT_ONCE else sort())
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        await ADD.run_listed(session, [(*key, n) for key, n in batch])
    return len(counted)


async def _take(session: AsyncSession, key: Key) -> None:
    """Subtract one. A row at 0 is deleted, as a rebuild would not create it; we hold its lock, so no writer adds to
    it.
    """
    row = dict(zip(KEY, key, strict=True))
    if await session.scalar(_TAKE, row) == 0:
        await session.execute(_DELETE, row)


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
