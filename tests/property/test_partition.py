"""Any change of one cell of a partition is found, at that cell, with its area."""

from functools import cache

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate
from shapely.geometry import Polygon, box

from geo.coverage.partition import Fault, check
from geo.plane import Plane
from geo.tiling import scatter, tile, union

OUTLINE = box(120.6, 31.0, 120.65, 31.04)
COUNT = 40
WHICH = st.integers(0, COUNT - 1)


@cache
def partition() -> tuple[list[Polygon], list[str], Polygon, Plane]:
    plane, rng = Plane.at(OUTLINE), np.random.default_rng(9)
    points = scatter(OUTLINE, plane, count=COUNT, density=lambda p: np.ones(len(p)), rng=rng)
    cells = tile(OUTLINE, points, plane, rng=rng)
    return cells, [f"c{i}" for i in range(COUNT)], union(cells), plane


def test_an_unchanged_partition_has_no_fault() -> None:
    cells, codes, whole, _ = partition()
    assert check(cells, codes, whole) == []


@settings(deadline=None)
@given(WHICH)
def test_a_missing_cell_is_a_gap_of_its_size(which: int) -> None:
    cells, codes, whole, plane = partition()
    (problem,) = check(cells[:which] + cells[which + 1 :], codes[:which] + codes[which + 1 :], whole)
    assert problem.fault is Fault.GAP
    assert problem.area_m2 == pytest.approx(plane.area_m2(cells[which]), rel=1e-6)


@settings(deadline=None)
@given(WHICH)
def test_a_cell_drawn_twice_is_an_overlap_of_its_size(which: int) -> None:
    cells, codes, whole, plane = partition()
    (problem,) = check([*cells, cells[which]], [*codes, "twin"], whole)
    assert (problem.fault, {problem.code, problem.other}) == (Fault.OVERLAP, {codes[which], "twin"})
    assert problem.area_m2 == pytest.approx(plane.area_m2(cells[which]), rel=1e-6)


@settings(deadline=None)
@given(WHICH, st.floats(-1, 1), st.floats(-1, 1))
def test_a_moved_cell_is_found(which: int, east: float, north: float) -> None:
    cells, codes, whole, _ = partition()
    moved = translate(cells[which], east * 1e-3, north * 1e-3)
    found = check([*cells[:which], moved, *cells[which + 1 :]], codes, whole)
    assert bool(found) == (not moved.equals_exact(cells[which]))
    if abs(east) + abs(north) > 0.01:
        assert Fault.GAP in {p.fault for p in found}
        assert codes[which] in {c for p in found for c in (p.code, p.other)}


@settings(deadline=None)
@given(st.sets(WHICH, min_size=2, max_size=20))
def test_children_of_another_parent_are_reported_outside(which: set[int]) -> None:
    cells, codes, _, plane = partition()
    members = sorted(which)
    parent = shapely.union_all([cells[i] for i in members[1:]])
    found = check([cells[i] for i in members], [codes[i] for i in members], parent)
    (outside,) = [p for p in found if p.fault is Fault.OUTSIDE]
    assert outside.code == codes[members[0]]
    assert outside.area_m2 == pytest.approx(plane.area_m2(cells[members[0]]), rel=1e-3)
