"""Water that an extract cuts off: its shore is closed at the extract's border. Pure."""

from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

DRY = 0.1
"""The wet side has at most this share of the dry side's land points, by area."""


def close_at_border(shores: Sequence[Any], box: Any, land: Any) -> Any | None:
    """Return the water within `box` of incomplete shores, None where it cannot be told from land.

    `shores` are lines, `land` an array of points that are certainly on land. The shores divide the box; of two parts
    on either side of a shore one is water. That one has no roads and buildings.
    """
    within = shapely.intersection(np.asarray(shores, dtype=object), box)
    edges = shapely.get_parts(shapely.union_all([*within, box.exterior]))
    parts = list(shapely.get_parts(shapely.polygonize(edges)))
    sides = _sides(parts)
    if sides is None or len(set(sides)) < 2:
        return None
    areas, counts = [0.0, 0.0], [0, 0]
    tree = shapely.STRtree(land)
    for part, side in zip(parts, sides, strict=True):
        areas[side] += part.area
        counts[side] += len(tree.query(part, predicate="contains"))
    density = [count / area for count, area in zip(counts, areas, strict=True)]
    wet = int(density[1] < density[0])
    if not density[1 - wet] or density[wet] > DRY * density[1 - wet]:
        return None
    return shapely.union_all([part for part, side in zip(parts, sides, strict=True) if side == wet])


def _sides(parts: Sequence[Any]) -> list[int] | None:
    """Number the parts 0 and 1 so that neighbours differ; None where no such numbering exists."""
    tree = shapely.STRtree(parts)
    sides: list[int | None] = [None] * len(parts)
    for first in range(len(parts)):
        if sides[first] is not None:
            continue
        sides[first] = 0
        waiting = deque([first])
        while waiting:
            here = waiting.popleft()
            for other in tree.query(parts[here], predicate="touches"):
                if not shapely.intersection(parts[here], parts[other]).length:
                    continue
                if sides[other] is None:
                    sides[other] = 1 - (sides[here] or 0)
                    waiting.append(int(other))
                elif sides[other] == sides[here]:
                    return None
    return [side or 0 for side in sides]
