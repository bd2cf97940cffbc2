"""Tests of taking the cleaner's result: only where nothing was lost, and nothing moved further than allowed."""

import numpy as np
import shapely
from shapely.geometry import Polygon

from geo.coverage.fitting import fit_together
from geo.coverage.measures import same_land
from geo.coverage.repair.cleaning import cleaned
from tests.geo.coverage.made import drawn_county, square


def drawn_twice(by: float, seed: int = 3) -> list[Polygon]:
    """The drawn county with every vertex of every cell up to `by` metres off, each cell by itself."""
    coverage, rng = drawn_county(), np.random.default_rng(seed)

    def moved(polygon: Polygon) -> Polygon:
        flat = coverage.plane.to_metres(shapely.get_coordinates(polygon.exterior)[:-1])
        return Polygon(coverage.plane.to_degrees(flat + rng.uniform(-by, by, flat.shape)))

    return [moved(shape) for shape in coverage.polygons]


def array(*shapes: Polygon) -> np.ndarray:
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def test_slivers_everywhere_are_cleaned_and_no_border_moves_further_than_the_limit() -> None:
    drawn = drawn_twice(0.015)
    fitted = fit_together(drawn, [str(i) for i in range(len(drawn))], limit_m=0.05)
    assert shapely.coverage_is_valid(fitted.shapes) and 0 < fitted.moved_m <= 0.05
    plane = drawn_county().plane
    for before, after in zip(drawn, fitted.shapes, strict=True):
        assert shapely.hausdorff_distance(plane.flatten(before), plane.flatten(after)) <= 0.05


def test_slivers_everywhere_are_cleaned_within_an_outline_that_does_not_move() -> None:
    """Polygons at the rim are fitted to it, the others are those that the cleaner has made."""
    drawn, county = drawn_twice(0.015), drawn_county()
    outline = shapely.coverage_union_all(county.polygons)
    fitted = fit_together(drawn, [str(i) for i in range(len(drawn))], limit_m=0.05, outline=outline)
    assert shapely.coverage_is_valid(fitted.shapes) and 0 < fitted.moved_m <= 0.05
    assert same_land(shapely.coverage_union_all(fitted.shapes), outline)
    for before, after in zip(drawn, fitted.shapes, strict=True):
        assert shapely.hausdorff_distance(county.plane.flatten(before), county.plane.flatten(after)) <= 0.05
    inner = cleaned(array(*drawn), limit_m=0.05)
    assert inner is not None and any(one.equals_exact(other) for one, other in zip(inner, fitted.shapes, strict=True))


def test_a_polygon_that_would_be_swallowed_is_none_to_take() -> None:
    assert cleaned(array(square(0, 0), square(0, 0)), limit_m=0.05) is None
    assert cleaned(array(square(0, 0), square(0.2, 0.2, 0.2, 0.2)), limit_m=0.05) is None


def test_an_overlap_wider_than_the_limit_is_not_given_away() -> None:
    assert cleaned(array(square(0, 0, 1.01), square(1, 0)), limit_m=0.05) is None


def test_a_long_gap_that_would_go_to_one_of_many_is_not_taken() -> None:
    up = 0.03 / 222
    rows = [square(i, j * (1 + up)) for i in range(10) for j in range(2)]
    ends = [square(-1, 0, 1, 2 + up), square(10, 0, 1, 2 + up)]
    made = cleaned(array(*rows, *ends), limit_m=0.05)
    assert made is None or all(
        shapely.hausdorff_distance(before, after) < 6e-7 for before, after in zip([*rows, *ends], made, strict=True)
    )
