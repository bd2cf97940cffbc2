"""Check a table of areas of sectors' networks. They are stored as they were drawn: how they disagree with the grids,
and with each other, is what they are imported for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import shapely
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry

from geo.datum import Datum
from ingest.files.cells import Row
from ingest.files.checked_rows import AreaRow, Checked
from ingest.files.checking import duplicates, read_rows, with_problems
from ingest.files.mapping import Options
from ingest.files.network_overlay import NetworkJob
from ingest.files.polygons import Polygons
from ingest.files.problems import refuse
from ingest.files.sandbox import run_sandboxed
from ingest.files.table import Table

AREA_FIELDS = ("sector", "code", "name", "organisation", "worker", "worker_code", "counts", "wkt")
MOST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class NetworkGround:
    """What areas are checked against: the county's outline, its grids by code, and what the pack declares.

    `sectors` maps codes and names, in lower case, to codes; `sector` is that of rows without one. `counts` are the
    codes of counts. Borders that differ by more than `width` metres disagree. The file is `declared` to be in a datum.
    """

    outline: BaseGeometry
    sectors: Mapping[str, str]
    counts: Sequence[str]
    width: float
    grids: Mapping[str, BaseGeometry] = field(default_factory=dict)
    sector: str | None = None
    declared: Datum = Datum.WGS84


def check_network(table: Table, options: Options, *, ground: NetworkGround) -> Checked[AreaRow]:
    """Check each row, then find the grids that the areas lie in, and count where they disagree as notes."""
    polygons = Polygons(options)
    shapely.prepare(ground.outline)

    def read(row: Row) -> AreaRow:
        name = row.text("name")
        code = row.text("code", longest=64, required=not name) or name
        counted = _counts_in_one(row, ground.counts) | {
            count: row.whole(count) for count in ground.counts if row.fields.has(count)
        }
        shape = polygons.of(row)
        if shape is not None and not ground.outline.intersects(shape):
            _say_where(row, shape, ground.outline)
        return AreaRow(
            row=row.record.row,
            sector=row.one_of("sector", ground.sectors, default=ground.sector),
            code=code,
            name=name or code,
            organisation=row.text("organisation"),
            worker=row.text("worker", longest=64),
            worker_code=row.text("worker_code", longest=64),
            counts={count: number for count, number in counted.items() if number is not None},
            geometry=shape or MultiPolygon(),
        )

    checked = read_rows(table, (*AREA_FIELDS, *ground.counts), options, read)
    checked = replace(checked, notes=[*checked.notes, *polygons.notes()])
    checked = with_problems(checked, duplicates(checked.rows, lambda row: f"{row.sector} {row.code}"))
    return checked if checked.problems or not checked.rows else _laid(checked, ground)


def _counts_in_one(row: Row, known: Sequence[str]) -> dict[str, int | None]:
    """Read counts that an export wrote into one column: `households=100;tasks=3`."""
    found: dict[str, int | None] = {}
    for part in filter(None, row.text("counts", longest=1000).split(";")):
        name, _, number = part.partition("=")
        if name not in known or not number.isascii() or not number.isdecimal() or int(number[:11]) > MOST:
            row.add_problem("counts.broken", "counts", value=part[:40], known=list(known))
        else:
            found[name] = int(number)
    return found


def _say_where(row: Row, shape: BaseGeometry, outline: BaseGeometry) -> None:
    """Add the problem of an area beside the county: x and y are exchanged, or it is another place or datum."""
    west, south, east, north = shape.bounds
    swapped = outline.intersects(shapely.box(south, west, north, east))
    row.add_problem("coordinate.swapped" if swapped else "area.outside", "wkt" if row.record.geometry is None else None)


def _laid(checked: Checked[AreaRow], ground: NetworkGround) -> Checked[AreaRow]:
    """Lay the areas on the grids in a sandboxed process: two combs meet in millions of points."""
    if not ground.grids:
        raise refuse("network.no_grids")
    job = NetworkJob(
        grids=ground.grids,
        areas=[(row.sector, row.code, row.geometry) for row in checked.rows],
        width=ground.width,
        declared=ground.declared,
    )
    found = run_sandboxed("ingest.files.network_overlay", job.as_json())
    rows = [replace(row, touches=touches) for row, touches in zip(checked.rows, found["touches"], strict=True)]
    return Checked(rows=rows, notes=[*checked.notes, *found["notes"]])
