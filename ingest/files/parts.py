"""Rows that are parts of one grid: several rows with the same code."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

import shapely
from shapely import MultiPolygon

from ingest.files.checked_rows import Checked, GridRow
from ingest.files.checking import duplicates
from ingest.files.problems import Problem

NAMED = 20
"""Codes that a note names at most."""


def codes_twice(rows: Sequence[GridRow]) -> list[Problem]:
    """Return a problem for each row whose code another row has too, and first what to do if they are parts of one."""
    twice = duplicates(rows, lambda row: row.code)
    codes = sorted({str(problem.params["value"]) for problem in twice})
    return [Problem("grids.merge_parts", params={"codes": codes[:NAMED], "count": len(codes)}), *twice] if twice else []


def merge_parts(checked: Checked[GridRow]) -> Checked[GridRow]:
    """Join the rows of each code into one grid, named in a note. Rows that differ in more than their boundary are
    problems.
    """
    rows, problems, merged = [], [], []
    for code, parts in _by_code(checked.rows).items():
        problems += [
            Problem(
                "code.parts_differ",
                row=part.row,
                field=name,
                params={"value": code, "what": name, "first": parts[0].row},
            )
            for part in parts[1:]
            if (name := _difference(parts[0], part)) is not None
        ]
        rows.append(_joined(parts))
        if len(parts) > 1:
            merged.append(f"{code} ({len(parts)})")
    notes = [{"code": "codes.merged", "codes": merged[:NAMED], "count": len(merged)}] if merged else []
    return replace(checked, rows=rows, problems=[*checked.problems, *problems], notes=[*checked.notes, *notes])


def _by_code(rows: Iterable[GridRow]) -> dict[str, list[GridRow]]:
    found: dict[str, list[GridRow]] = defaultdict(list)
    for row in rows:
        found[row.code].append(row)
    return found


def _difference(one: GridRow, other: GridRow) -> str | None:
    """Return the field in which two parts differ. Names may: placemarks of one district often number their parts."""
    return "parent" if one.parent != other.parent else None


def _joined(parts: Sequence[GridRow]) -> GridRow:
    """Return the first part with the boundaries of all, and the sums of their households and enterprises."""
    if len(parts) == 1:
        return parts[0]
    whole = shapely.union_all([part.geometry for part in parts])
    return replace(
        parts[0],
        geometry=MultiPolygon([part for part in shapely.get_parts(whole) if part.geom_type == "Polygon"]),
        households=_sum([part.households for part in parts]),
        enterprises=_sum([part.enterprises for part in parts]),
    )


def _sum(counts: Sequence[int | None]) -> int | None:
    """Return the one count that all parts repeat, or the sum of different ones."""
    known = [count for count in counts if count is not None]
    return None if not known else known[0] if len(set(known)) == 1 else sum(known)
