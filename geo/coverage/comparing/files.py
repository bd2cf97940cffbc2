"""Compare a file of lines with a draft: what is wrong with it, what is mended, and the operations that are left."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, log10
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage.comparing.drawn_shapes import label_of, sound_shapes
from geo.coverage.comparing.faults import SHOWN, Faults, faults_between
from geo.coverage.comparing.known_lines import NOISE_M, are_alike, own_codes, restored
from geo.coverage.comparing.offsets import require_own_place
from geo.coverage.comparing.operations import make_up, operations_between, with_kinds
from geo.coverage.comparing.redrawing import redrawn_as_operations
from geo.coverage.comparing.rows import EditedRow
from geo.coverage.editing.applying import apply
from geo.coverage.editing.attributes import Rename
from geo.coverage.editing.operations import AnyOperation
from geo.coverage.fitting import fit_together
from geo.coverage.refusals import (
    AcrossParents,
    CodesExchanged,
    CodeTwice,
    LinesDoNotFit,
    Locked,
    ParentDrawn,
    PlanRefused,
    as_geojson,
)
from geo.coverage.repair.mending import TOLERANCE_M
from geo.coverage.topology import Coverage
from geo.datum import Datum

Shapes = NDArray[np.object_]
WIDEST_REPAIR_M = 50.0
"""Beyond, two borders are not one border drawn twice."""
HEADROOM = 1.05
"""Added to a width when it is proposed as `repair`: widths are known to some 2 %."""
FINAL = (AcrossParents, CodesExchanged, Locked)
"""Refusals that stand, however the lines are made of operations."""
TOLD_M = 1e-3
"""Movements below this are rounding, and not told."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a file is: the `operations` on the draft, what was `mended`, JSON-ready, and the `codes` of new divisions
    by what the file calls them.
    """

    operations: Sequence[AnyOperation]
    mended: Mapping[str, Any]
    codes: Mapping[str, str]


def compare_file(
    coverage: Coverage, rows: Sequence[EditedRow], *, declared: Datum, repair_m: float | None = None
) -> Compared:
    """Return the operations that make the rows of a file of a draft. Raises a `PlanRefused` that shows why not.

    Shapes that differ from the draft's by noise are the draft's; others are mended up to `repair_m` wide. Rows of
    divisions above the finest say names only: their lines follow from those below.
    """
    require_own_place(coverage, rows, declared=declared)
    above = [row for row in rows if row.code in coverage and row.code not in coverage.shapes]
    finest = [row for row in rows if row not in above] if above else [*rows]
    work = _Comparing(coverage, finest, max(repair_m or 0.0, TOLERANCE_M))
    operations = work.operations()
    operations += _names_above(coverage, above, _after(coverage, operations), width_m=work.noise_m)
    return Compared(operations, work.mended(), work.codes(_after(coverage, operations)))


class _Comparing:
    """The shapes of a file, from those drawn to those that the draft is compared with."""

    def __init__(self, coverage: Coverage, rows: Sequence[EditedRow], limit_m: float) -> None:
        self.coverage, self.rows, self.limit_m = coverage, rows, limit_m
        self.noise_m = min(limit_m, NOISE_M)
        self.labels = [label_of(rows, i) for i in range(len(rows))]
        _require_codes_once(coverage, rows, width_m=limit_m)
        self.drawn = sound_shapes(rows, plane=coverage.plane, limit_m=limit_m)
        known = restored(coverage, rows, self.drawn, noise_m=self.noise_m, limit_m=limit_m)
        self.alike = known.alike
        self.fitted = self._fitted(known.shapes)

    def _fitted(self, shapes: Shapes) -> Shapes:
        """Return shapes that fit together and make up the draft's land. Raises `LinesDoNotFit` with what is wrong."""
        made = shapes.copy()
        try:
            made[:] = fit_together(shapes.tolist(), self.labels, limit_m=self.limit_m).shapes
        except LinesDoNotFit as refused:
            self._require_fitting(shapes)
            raise refused from None
        self._require_fitting(made)
        return made

    def _require_fitting(self, shapes: Shapes) -> None:
        found = self._faults(shapes, wider_than=self.limit_m)
        if found.count:
            problems = [fault.as_json(number) for number, fault in enumerate(found.widest, start=1)]
            codes = sorted({problem["code"] for problem in problems})
            width = found.widest[0].width_m
            raise LinesDoNotFit(*codes, problems=problems, count=found.count, width_m=width, repair=_proposed(width))

    def _faults(self, shapes: Shapes, *, wider_than: float) -> Faults:
        return faults_between(
            shapes, self.labels, plane=self.coverage.plane, outer=self.coverage.outer, wider_than=wider_than
        )

    def operations(self) -> list[AnyOperation]:
        """Return the operations: those of single changes or, where the lines were drawn anew, splits and merges."""
        own = own_codes(self.coverage, self.rows, self.fitted)
        rows = [
            replace(row, shape=shape, code=row.code or code)
            for row, shape, code in zip(self.rows, self.fitted.tolist(), own, strict=True)
        ]
        try:
            return operations_between(self.coverage, rows, tolerance_m=self.noise_m)
        except PlanRefused as refused:
            given = Counter(row.code for row in self.rows if row.code)
            if isinstance(refused, FINAL) or max(given.values(), default=0) > 1:
                raise
            return redrawn_as_operations(self.coverage, rows, tolerance_m=self.noise_m)

    def mended(self) -> dict[str, Any]:
        """Return what was mended, with the faults of the file and its shapes before and after, the first of each."""
        moved = self._moved()
        changed = np.flatnonzero(moved > TOLD_M)
        faults = self._faults(self.drawn, wider_than=TOLD_M) if changed.size else Faults(0, ())
        first = changed[np.argsort(-moved[changed], kind="stable")][:SHOWN].tolist()
        return {
            "repair_m": self.limit_m,
            "count": faults.count,
            "moved_m": float(f"{moved.max(initial=0):.3g}"),
            "noise": int((self.alike & (moved > TOLD_M)).sum()),
            "faults": [fault.as_json(number) for number, fault in enumerate(faults.widest, start=1)],
            "shapes": [
                {"code": self.labels[i], "before": as_geojson(self.drawn[i]), "after": as_geojson(self.fitted[i])}
                for i in first
            ],
        }

    def _moved(self) -> NDArray[np.float64]:
        """Return how far each shape's border moved, in metres."""
        was, now = (shapely.transform(some, self.coverage.plane.to_metres) for some in (self.drawn, self.fitted))
        found = np.zeros(len(self.rows))
        other = np.flatnonzero(~shapely.equals_exact(was, now, tolerance=0.0))
        for ours, theirs in ((was, now), (now, was)):
            vertices, of = shapely.get_coordinates(ours[other], return_index=True)
            away = shapely.distance(shapely.boundary(theirs[other])[of], shapely.points(vertices))
            np.maximum.at(found, other[of], away)
        return found

    def codes(self, after: Coverage) -> dict[str, str]:
        """Return the codes of divisions that the file calls otherwise, or twice."""
        given = Counter(row.code for row in self.rows if row.code)
        new = [
            i for i, row in enumerate(self.rows) if row.code not in self.coverage.shapes or given[row.code or ""] > 1
        ]
        if not new:
            return {}
        point, which = after.index.query(shapely.point_on_surface(self.fitted[new]))
        found = {new[i]: after.finest[j] for i, j in zip(point.tolist(), which.tolist(), strict=True)}
        return {_key(self.rows, i): code for i, code in found.items() if code != self.rows[i].code}


def _require_codes_once(coverage: Coverage, rows: Sequence[EditedRow], *, width_m: float) -> None:
    """Raise `CodeTwice` for rows of one code that are not together the division that has it."""
    given = Counter(row.code for row in rows if row.code)
    for code in (code for code, times in given.items() if times > 1):
        own = [row for row in rows if row.code == code]
        known = coverage.shapes.get(code)
        if known is None or not make_up(known, own, coverage.plane, width_m=width_m):
            parts = [part for row in own for part in shapely.get_parts(row.shape)]
            raise CodeTwice(code, where=shapely.MultiPolygon(parts))


def _key(rows: Sequence[EditedRow], at: int) -> str:
    code = rows[at].code
    return code if code and sum(row.code == code for row in rows) == 1 else f"#{at + 1}"


def _after(coverage: Coverage, operations: Sequence[AnyOperation]) -> Coverage:
    for operation in operations:
        coverage = apply(coverage, operation).coverage
    return coverage


def _names_above(before: Coverage, rows: Sequence[EditedRow], after: Coverage, *, width_m: float) -> list[AnyOperation]:
    """Return the new names and kinds of divisions above the finest. Raises `ParentDrawn` where their lines are none
    that follow from those below, before or after.
    """
    known = [row for row in rows if row.code is not None and row.code in after]
    shapes = np.array([row.shape for row in known], dtype=object)
    fits = np.zeros(len(known), dtype=bool)
    for coverage in (before, after):
        outlines = np.array([coverage.outline(str(row.code)) for row in known], dtype=object)
        fits |= are_alike(coverage.plane, shapes, outlines, width_m=width_m)
    if not fits.all():
        drawn = [row for row, fit in zip(known, fits.tolist(), strict=True) if not fit]
        where = shapely.MultiPolygon([part for row in drawn for part in shapely.get_parts(row.shape)])
        raise ParentDrawn(*(str(row.code) for row in drawn), where=where)
    own = {str(row.code): row for row in known}
    return [
        *(
            Rename(code, row.name.strip())
            for code, row in own.items()
            if row.name and row.name.strip() != after.divisions[code].name
        ),
        *with_kinds(after, own),
    ]


def _proposed(width_m: float) -> float | None:
    """Return the `repair` that mends faults of this width, two digits rounded up; None beyond the widest one."""
    if width_m * HEADROOM > WIDEST_REPAIR_M:
        return None
    step = 10.0 ** (floor(log10(width_m * HEADROOM)) - 1)
    return float(f"{ceil(width_m * HEADROOM / step) * step:.6g}")
