"""What plans need of coverages: build one from the lines of a day, apply operations, check it, and tell what is wrong.

All that plans know of `geo/coverage` goes through here.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from geo.cells import from_hex
from geo.coverage.building import build_coverage
from geo.coverage.checking import check_coverage, check_divisions
from geo.coverage.divisions import Division
from geo.coverage.editing.applying import apply
from geo.coverage.editing.fields import codes_of, ring_of
from geo.coverage.editing.operations import AnyOperation, as_json, operation_of, stored_operation_of
from geo.coverage.editing.reassigning import Reassign
from geo.coverage.partition import Problem
from geo.coverage.refusals import PlanRefused, Unreadable, problem_as_json
from geo.coverage.selection import choose_by_area, choose_by_cells
from geo.coverage.topology import Coverage
from geo.errors import ErrorKind
from geo.text import has_unseen
from layers.divisions.queries import StoredLine


class NothingBelow(PlanRefused):
    """The division has none below it, so it has no lines to draw. Way out: plan in the division above."""

    code = "plan.nothing_below"
    kind = ErrorKind.INVALID


class OperationsDoNotFit(PlanRefused):
    """The lines of the plan's base day have changed, and operation `id` cannot be done on them any more.

    `refusal` is why. Way out: undo that operation, if it is the last one, or begin a new plan.
    """

    code = "plan.base_changed"
    kind = ErrorKind.CONFLICT


@dataclass(frozen=True, slots=True)
class Drawn:
    """A coverage after an operation. `changed` are the codes that are not what they were, or are new; `operation` is
    what to keep of it."""

    coverage: Coverage
    operation: Mapping[str, Any]
    changed: tuple[str, ...]
    ended: tuple[str, ...]


def levels_of(lines: Sequence[StoredLine], *, order: Sequence[str]) -> tuple[str, ...]:
    """Return the levels that the lines have, from the top down. Raises `NothingBelow`."""
    present = {line.level for line in lines}
    levels = tuple(level for level in order if level in present)
    if len(levels) < 2:
        raise NothingBelow(*(line.code for line in lines))
    return levels


def build(lines: Sequence[StoredLine], *, top: str, levels: Sequence[str]) -> Coverage:
    """Build the coverage of a division `top` and all below. Raises `LinesDoNotFit` with what is wrong."""
    divisions = [
        Division(line.code, line.name, line.level, None if line.code == top else line.parent, kind=line.kind)
        for line in lines
    ]
    parents = {line.parent for line in lines}
    shapes = {line.code: _single(line.shape) for line in lines if line.code not in parents}
    return build_coverage(divisions, shapes, levels=levels)


def _single(shape: BaseGeometry) -> BaseGeometry:
    """Return a multipolygon of one part as that polygon."""
    (part, *others) = shapely.get_parts(shape).tolist() or [shape]
    return shape if others else part


def draw(coverage: Coverage, body: Mapping[str, Any]) -> Drawn:
    """Apply an operation that somebody asks for, or raise a `PlanRefused` that says what is wrong and where."""
    operation = _read(coverage, body)
    applied = apply(coverage, operation)
    return Drawn(applied.coverage, as_json(operation), applied.changed, applied.ended)


def _read(coverage: Coverage, body: Mapping[str, Any]) -> AnyOperation:
    unseen = sorted(name for name, value in body.items() if isinstance(value, str) and has_unseen(value))
    if unseen:
        raise Unreadable(fields=unseen)
    chosen = [name for name in ("area", "cells") if name in body]
    try:
        if body.get("op") == Reassign.op and len(chosen) == 1 and "codes" not in body:
            body = {"op": Reassign.op, "to": body.get("to"), "codes": _chosen(coverage, body)}
        return operation_of(body)
    except OverflowError:
        raise Unreadable(fields=sorted(body.keys() - {"op"})) from None


def _chosen(coverage: Coverage, body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the finest divisions that a brushed `area` or H3 `cells` cover more than half of, each."""
    try:
        if "area" in body:
            return choose_by_area(coverage, shapely.Polygon(ring_of(body["area"]))).codes
        return choose_by_cells(coverage, [from_hex(cell) for cell in codes_of(body["cells"])]).codes
    except ValueError:
        raise Unreadable(fields=["area" if "area" in body else "cells"]) from None


def redraw(coverage: Coverage, kept: Sequence[tuple[int, Mapping[str, Any]]]) -> Iterator[tuple[int, Coverage]]:
    """Apply kept operations, with their ids, one after the other. Raises `OperationsDoNotFit`."""
    for at, body in kept:
        try:
            coverage = apply(coverage, stored_operation_of(body)).coverage
        except PlanRefused as refused:
            params = {name: value for name, value in refused.params.items() if name in ("codes", "where")}
            raise _not_fitting(at, refused.code, params) from refused
        yield at, coverage


def _not_fitting(operation_id: int, refusal: str, params: Mapping[str, Any]) -> OperationsDoNotFit:
    error = OperationsDoNotFit(*params.get("codes", ()), id=operation_id, refusal=refusal)
    error.params["where"] = params.get("where")
    return error


def problems_of(coverage: Coverage) -> list[Problem]:
    """List all that is wrong with a coverage."""
    return check_coverage(coverage)


def problems_after(known: Sequence[Problem], coverage: Coverage, changed: Collection[str]) -> list[Problem]:
    """List what is wrong with a coverage: what was known of divisions that have not `changed`, and what is with others.

    Operations refuse what would break the whole, so that nothing else can be wrong.
    """
    kept = [problem for problem in known if problem.code in coverage and problem.code not in changed]
    return [*kept, *check_divisions(coverage, changed)]


def problems_as_json(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Return problems as the answers carry them, with the place of each as GeoJSON."""
    return [problem_as_json(problem) for problem in problems]


def as_features(coverage: Coverage, codes: Collection[str] | None = None) -> bytes:
    """Return divisions of a coverage, all by default, as a GeoJSON FeatureCollection, from the top level down."""
    codes = coverage.tree.in_order(coverage.divisions if codes is None else codes)
    shapes = shapely.to_geojson([coverage.outline(code) for code in codes]).tolist()
    features = [
        {
            "type": "Feature",
            "id": code,
            "properties": _properties(coverage.divisions[code]),
            "geometry": orjson.Fragment(shape),
        }
        for code, shape in zip(codes, shapes, strict=True)
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def _properties(division: Division) -> dict[str, Any]:
    return {
        "code": division.code,
        "level": division.level,
        "parent_code": division.parent,
        "name": division.name,
        "locked": division.locked,
        "kind": division.kind,
    }
