"""Faces that are cut again are those that noding everything anew would give."""

import numpy as np
import shapely

from geo.coverage.repair.cutting import cut_again
from geo.coverage.repair.faces import Faces, Shapes, lines_between
from geo.coverage.repair.widths import Narrowness


def drawn(shapes: Shapes) -> set[bytes]:
    """The shapes, wherever their rings begin."""
    found: list[bytes] = shapely.to_wkb(shapely.normalize(shapes)).tolist()
    return set(found)


def test_faces_cut_again_are_those_of_all_lines_at_once() -> None:
    polygons = np.array([shapely.box(0, 0, 100, 100), shapely.box(99.95, 0, 200, 100)], dtype=object)
    faces = Faces.of(polygons)
    cuts = np.array([shapely.LineString([(99.9, 30.1), (100.1, 30.3)]), shapely.LineString([(99.9, 70), (100.1, 70)])])
    found = cut_again(faces, Narrowness.of(faces.shapes, 0.1).narrow, lines_between(polygons, None, []), cuts)
    assert found is not None
    made, was = found
    anew = Faces.of(polygons, cuts=list(cuts))
    assert drawn(made.shapes) == drawn(anew.shapes), "neighbours get the new vertices"
    assert len(made.shapes) == 5 and (was < 0).sum() == 3
    assert sorted(made.owners.tolist()) == [1, 1, 2, 2, 2]
    assert len(made.borders().face) == len(anew.borders().face)
