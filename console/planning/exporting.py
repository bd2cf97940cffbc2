"""Export the lines of a draft for programs that edit them, so that they can be imported again."""

import asyncio
import csv
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import shapely

from console.planning.drafts import Draft
from geo.coverage.divisions import Division
from geo.coverage.topology import Coverage
from geo.datum import Datum
from layers.exports.apart import Written, render_apart
from layers.exports.queries import GEOMETRY
from layers.exports.rules import TRAITS, Format

LAYER = "lines"
KINDS = {
    "code": "string",
    "name": "string",
    "level": "string",
    "parent_code": "string",
    "kind": "string",
    "locked": "boolean",
}
"""Columns, and what they hold."""


class PlanFormat(StrEnum):
    """A format of a plan's lines, by the name that HTTP uses. `pdf` is a map sheet."""

    GPKG = "gpkg"
    GEOJSON = "geojson"
    SHP = "shp"
    KML = "kml"
    FGB = "fgb"
    PDF = "pdf"

    @property
    def suffix(self) -> str:
        return ".pdf" if self is PlanFormat.PDF else TRAITS[Format(self.value)].suffix

    @property
    def media_type(self) -> str:
        return "application/pdf" if self is PlanFormat.PDF else TRAITS[Format(self.value)].media_type


class Extent(StrEnum):
    """Which divisions of a draft: the finest, which nothing lies over, or those of all levels."""

    FINEST = "finest"
    ALL = "all"


async def write_lines(draft: Draft, target: Path, *, kind: PlanFormat, datum: Datum, extent: Extent) -> Written:
    """Write the lines to `target`, in a process of its own. Raises CannotHold or TooDemanding."""
    coverage = draft.coverage
    codes = coverage.tree.in_order(coverage.shapes if extent is Extent.FINEST else coverage.divisions)
    rows = target.with_name(f"{target.name}.rows")
    try:
        await asyncio.to_thread(_write_rows, coverage, codes, rows)
        return await render_apart(
            {
                "rows": str(rows),
                "target": str(target),
                "layer": LAYER,
                "format": kind.value,
                "datum": datum.value,
                "kinds": KINDS,
                "points": False,
            }
        )
    finally:
        rows.unlink(missing_ok=True)


def _write_rows(coverage: Coverage, codes: Sequence[str], target: Path) -> None:
    """Write divisions as CSV with their shapes as WKB, as other layers come from the database."""
    with target.open("w", encoding="utf8", newline="") as out:
        lines = csv.writer(out)
        lines.writerow([*KINDS, GEOMETRY])
        for division, shape in zip((coverage.divisions[code] for code in codes), _shapes(coverage, codes), strict=True):
            lines.writerow([*_values(division), shape])


def _shapes(coverage: Coverage, codes: Sequence[str]) -> Iterator[Any]:
    """Yield the shapes as multipolygons: a file has one kind of geometry."""
    whole = [shapely.MultiPolygon(shapely.get_parts(coverage.outline(code)).tolist()) for code in codes]
    yield from shapely.to_wkb(whole, hex=True).tolist() if whole else []


def _values(division: Division) -> list[Any]:
    return [division.code, division.name, division.level, division.parent, division.kind, division.locked]
