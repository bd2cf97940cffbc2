"""Turn cells that change hands into operations: each division is split along the new lines, and the parts are merged.

The lines between cells are stairs; they are straightened within a cell's width, where that keeps them apart.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage.edges import Line, edges_of
from geo.coverage.editing.operations import Batch, Batched
from geo.coverage.editing.reassigning import Merge, Reassign
from geo.coverage.editing.splitting import SplitAlong
from geo.coverage.topology import Coverage

STRAIGHTENED = 0.75
"""How far lines are straightened, in sides of a cell: a stair of one by one cells becomes a slope."""


def redrawn(
    coverage: Coverage, cells: Coverage, owners: Mapping[str, str], *, straightened: float = STRAIGHTENED
) -> Batch:
    """Return the operation that gives each cell to its owner. `cells` is what `with_cells` made of the coverage.

    Straightened lines may come too close to borders; with 0, they are the cells' own. Raises a `PlanRefused`.
    """
    splits, parts = list[Batched](), dict[str, list[str]]()
    tolerance = straightened * float(np.sqrt(np.median(shapely.area(cells.polygons))))
    now = coverage
    for code in sorted({cells.divisions[cell].parent or "" for cell in owners}):
        own = [cell for cell in cells.tree.children[code] if cell in owners]
        targets = sorted({owners[cell] for cell in own})
        if targets == [code]:
            continue
        areas = _areas(cells, own, owners, targets, tolerance)
        split = SplitAlong(code, _between(targets, areas), keep=_inside(areas[targets.index(code)]))
        before, now = now, now.patched(split.patch(now))
        for new in sorted(now.shapes.keys() - before.shapes.keys()):
            place = now.shapes[new].representative_point()
            target = min(targets, key=lambda target: areas[targets.index(target)].distance(place))
            parts.setdefault(target, []).append(new)
        splits.append(split)
    return Batch((*splits, *_merged(now, parts)))


def _areas(
    cells: Coverage, own: Sequence[str], owners: Mapping[str, str], targets: Sequence[str], tolerance: float
) -> list[BaseGeometry]:
    """Return the part of a division that each target gets, with straightened lines between them."""
    stairs = [
        shapely.coverage_union_all([cells.shapes[cell] for cell in own if owners[cell] == target]) for target in targets
    ]
    if not tolerance:
        return stairs
    return list(shapely.coverage_simplify(stairs, tolerance, simplify_boundary=False))


def _between(targets: Sequence[str], areas: Sequence[BaseGeometry]) -> tuple[Line, ...]:
    edges = edges_of(targets, areas)
    return tuple(edge.line for edge in edges if edge.left is not None and edge.right is not None)


def _inside(area: BaseGeometry) -> tuple[float, float]:
    largest = max(shapely.get_parts(area), key=lambda part: part.area)
    place = largest.representative_point()
    return place.x, place.y


def _merged(now: Coverage, parts: Mapping[str, Sequence[str]]) -> list[Batched]:
    """Return what puts parts under the parent of the division that gets them, and merges them."""
    found = list[Batched]()
    for target, codes in sorted(parts.items()):
        parent = now.divisions[target].parent
        strange = tuple(code for code in codes if now.divisions[code].parent != parent)
        if strange and parent is not None:
            found.append(Reassign(strange, parent))
        found.append(Merge((target, *codes)))
    return found
