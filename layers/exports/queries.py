"""Rows of a layer on their way into a file: PostgreSQL writes them as CSV, and the server only passes bytes on.

Row by row through the driver, a hundred thousand incidents would keep the event loop from serving for seconds.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from psycopg import AsyncConnection
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.cells import ring
from layers.catalogue import Layer, Property
from layers.exports.errors import NotDated
from layers.hotspots.features import properties_of
from layers.hotspots.rules import Hotspots

GEOMETRY = "geometry"
ZONE = text("SELECT set_config('TimeZone', :zone, true)")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows. `within`: the path of a division. `day` chooses lines by their dates and incidents by when they
    occurred, in the time zone `zone`, in which times are also written. `today` is the day of lines when none is named.
    """

    zone: ZoneInfo
    today: date
    within: str | None = None
    day: date | None = None


async def copy_rows(
    session: AsyncSession, layer: Layer, columns: Sequence[Property], wanted: Selection, target: Path
) -> None:
    """Write what the session may see of a layer to `target`: CSV with a header, geometries as WKB in hexadecimal.

    Raises NotDated.
    """
    conditions, values = conditions_of(layer, wanted)
    await session.execute(ZONE, {"zone": wanted.zone.key})
    raw = await (await session.connection()).get_raw_connection()
    connection = raw.driver_connection
    assert isinstance(connection, AsyncConnection)
    statement = f"COPY ({_select(layer, columns, conditions)}) TO STDOUT (FORMAT csv, HEADER)"
    async with connection.cursor() as cursor, cursor.copy(statement, values) as copy:
        with target.open("wb") as out:
            async for chunk in copy:
                out.write(chunk)


def _select(layer: Layer, columns: Sequence[Property], conditions: Sequence[str]) -> str:
    said_ = ", ".join(f"{_as_text(column)} AS {column.name}" for column in columns)
    shape = f"encode(ST_AsBinary({layer.geom}), 'hex') AS {GEOMETRY}"
    return f"SELECT {said_}, {shape} FROM {layer.table} WHERE {' AND '.join(conditions)} ORDER BY t.id"  # noqa: S608


def _as_text(column: Property) -> str:
    """A moment is written as ISO 8601 with its zone: the one form that every format holds to the microsecond."""
    return f"to_jsonb({column.sql}) #>> '{{}}'" if column.kind == "date-time" else column.sql


def conditions_of(layer: Layer, wanted: Selection) -> tuple[list[str], dict[str, Any]]:
    """SQL conditions and their values. Raises NotDated for a day of a layer without dates."""
    words, values = ["true"], dict[str, Any]()
    if wanted.within is not None:
        words.append("t.division_path <@ %(within)s::ltree")
        values["within"] = wanted.within
    if layer.levels:
        words.append("t.level = ANY(%(levels)s)")
        values["levels"] = list(layer.levels)
    if len(layer.period) == 2:
        first, last = layer.period
        words.append(f"{first} <= %(day)s AND ({last} IS NULL OR {last} > %(day)s)")
        values["day"] = wanted.day or wanted.today
    elif wanted.day is not None:
        if not layer.period:
            raise NotDated(layer=layer.code)
        (moment,) = layer.period
        words.append(f"{moment} >= %(start)s AND {moment} < %(end)s")
        values |= {"start": midnight(wanted.day, wanted.zone), "end": day_end(wanted.day, wanted.zone)}
    return words, values


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)


def day_end(day: date, zone: ZoneInfo) -> datetime:
    return midnight(day + timedelta(days=1), zone)


def write_cells(found: Hotspots, columns: Sequence[Property], target: Path) -> None:
    """Write rated cells in the form of `copy_rows`."""
    names = [column.name for column in columns]
    with target.open("w", encoding="utf8", newline="") as out:
        lines = csv.writer(out)
        lines.writerow([*names, GEOMETRY])
        for cell in found.cells:
            values = properties_of(found, cell) | {"as_of": found.as_of.isoformat()}
            hexagon = shapely.MultiPolygon([shapely.Polygon(ring(cell.cell))])
            lines.writerow([*(values[name] for name in names), hexagon.wkb_hex])
