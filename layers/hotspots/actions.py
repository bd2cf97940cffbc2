"""Counting, as incidents arrive. Each action works inside the caller's transaction."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import islice

import orjson
from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Integer, Select, cast, delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.cells import STORED_RESOLUTION, cell_of, cells_covering
from layers.divisions.queries import on_day
from layers.divisions.tables import Division
from layers.hotspots.rules import EPOCH, QUARTER, Seen, quarter_of
from layers.hotspots.tables import CellCount, CellExposure

Key = tuple[str, int, str, datetime]
COLUMNS = ("path", "cell", "category", "bucket", "n")
ROWS_AT_ONCE = 20_000

_ADD = text(
    """
    INSERT INTO cell_counts (division_path, cell, category, bucket, n)
    SELECT path::ltree, cell, category, bucket, n
    FROM json_to_recordset(CAST(:rows AS json)) AS counted (path text, cell bigint, category text,
        bucket timestamptz, n integer)
    ON CONFLICT (division_path, cell, category, bucket) DO UPDATE SET n = cell_counts.n + excluded.n
    """
)
_TAKE = text(
    """
    UPDATE cell_counts SET n = n - 1
    WHERE division_path = CAST(:path AS ltree) AND cell = :cell AND category = :category AND bucket = :bucket
    RETURNING n
    """
)
_EXPOSE = text(
    """
    INSERT INTO cell_exposures (cell, division_path, households, enterprises)
    SELECT cell, path::ltree, households, enterprises
    FROM unnest(CAST(:cells AS bigint[]), CAST(:paths AS text[]), CAST(:households AS float8[]),
                CAST(:enterprises AS float8[])) AS shared (cell, path, households, enterprises)
    """
)


def key_of(seen: Seen) -> Key:
    """The row that counts an incident."""
    return seen.division_path, seen.cell, seen.category, quarter_of(seen.occurred_at)


async def count_incidents(session: AsyncSession, seen: Iterable[Seen]) -> None:
    """Count incidents. Call it once for all incidents of a transaction.

    Rows are taken in the order of their keys, the same in every transaction: two writers cannot wait for each other.
    """
    await _add(session, Counter(map(key_of, seen)))


async def move_count(session: AsyncSession, old: Seen, new: Seen) -> None:
    """Count one incident as `new` where it was counted as `old`. Rows are taken in the order of their keys."""
    taken, added = key_of(old), key_of(new)
    if taken == added:
        return
    for key in sorted((taken, added)):
        if key == taken:
            await _take(session, key)
        else:
            await _add(session, Counter([key]))


async def rebuild(session: AsyncSession, seen: Select[str, int, str, datetime]) -> int:
    """Count everything anew from all incidents there are, and answer how many rows that makes.

    `seen` selects them, with columns named as the fields of `Seen`. They never leave the database: a million take
    seconds. Counting waits meanwhile; what was committed before is counted here, and what waits on top.
    """
    await session.execute(text("LOCK TABLE cell_counts IN EXCLUSIVE MODE"))
    await session.execute(delete(CellCount))
    told = seen.subquery()
    bucket = func.date_bin(QUARTER, told.c.occurred_at, EPOCH).label("bucket")
    keyed = select(told.c.division_path, told.c.cell, told.c.category, bucket).subquery()
    # In the order of the primary key each page of its index is written once.
    counted = select(*keyed.c, cast(func.count(), Integer)).group_by(*keyed.c).order_by(*keyed.c)
    names = [*keyed.c.keys(), "n"]
    await session.execute(insert(CellCount).from_select(names, counted))
    return await session.scalar(select(func.count()).select_from(CellCount)) or 0


async def _add(session: AsyncSession, counted: Counter[Key]) -> None:
    rows = iter(sorted(counted.items()))
    while some := list(islice(rows, ROWS_AT_ONCE)):
        told = [dict(zip(COLUMNS, (*key, n), strict=True)) for key, n in some]
        await session.execute(_ADD, {"rows": orjson.dumps(told).decode()})


async def _take(session: AsyncSession, key: Key) -> None:
    """One less. A row at 0 goes, as a rebuild would not make it; we hold its lock, so nobody counts on it meanwhile."""
    path, cell, category, bucket = key
    left = await session.scalar(_TAKE, {"path": path, "cell": cell, "category": category, "bucket": bucket})
    if left == 0:
        here = (CellCount.division_path == path, CellCount.cell == cell)
        then = (CellCount.category == category, CellCount.bucket == bucket)
        await session.execute(delete(CellCount).where(*here, *then))


async def spread_exposure(session: AsyncSession, *, day: date) -> int:
    """Share the households and enterprises of the smallest divisions that know theirs out over their cells.

    Answers how many cells got some. Evenly, since nothing finer is known; a division too small to hold a cell's centre
    gives all to the cell under its label. Whoever else is at it is waited for: a file may bring lines as a day begins.
    """
    await session.execute(text("LOCK TABLE cell_exposures IN EXCLUSIVE MODE"))
    known = Division.households.is_not(None) | Division.enterprises.is_not(None)
    rows = (await session.scalars(select(Division).where(on_day(day), known))).all()
    shares = await asyncio.to_thread(_shares, _smallest(rows))
    await session.execute(delete(CellExposure))
    columns = {
        "cells": list(shares),
        "paths": [path for path, _, _ in shares.values()],
        "households": [households for _, households, _ in shares.values()],
        "enterprises": [enterprises for _, _, enterprises in shares.values()],
    }
    await session.execute(_EXPOSE, columns)
    return len(shares)


def _smallest(rows: Sequence[Division]) -> list[Division]:
    """Those below which nothing else is known: counting a village and its grids would count households twice."""
    above = {row.division_path.rpartition(".")[0] for row in rows}
    ancestors = {path[:end] for path in above for end in _ends(path)}
    return [row for row in rows if row.division_path not in ancestors]


def _ends(path: str) -> list[int]:
    return [i for i, letter in enumerate(path) if letter == "."] + [len(path)]


def _shares(rows: Sequence[Division]) -> dict[int, tuple[str, float, float]]:
    """Per cell: path, households, enterprises."""
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
