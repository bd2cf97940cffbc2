"""For any outline its cells are an exact partition of it, and so are regions of them."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon

from geo.plane import Plane
from geo.regions import CellGraph, divide
from geo.tiling import Floats, borders, centres, scatter, tile, union
from tests.property.depth import examples


@st.composite
def outlines(draw: st.DrawFn) -> Polygon:
    """Star-shaped polygons of some kilometres, with deep notches, somewhere in the Yangtze delta."""
    spokes = draw(st.lists(st.floats(0.2, 1.0), min_size=5, max_size=14))
    angles = np.linspace(0, 2 * np.pi, len(spokes), endpoint=False)
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) * np.array(spokes)[:, None] * 0.05
    return Polygon(ring + np.array([120.6, 31.0]))


def crowded_in_the_middle(points: Floats) -> Floats:
    return np.asarray(0.2 + np.exp(-(points**2).sum(axis=1) / 1e6))


def cells_of(outline: Polygon, *, count: int, seed: int) -> list[Polygon]:
    plane, rng = Plane.at(outline), np.random.default_rng(seed)
    points = scatter(outline, plane, count=count, density=crowded_in_the_middle, rng=rng)
    return tile(outline, points, plane, rng=rng)


@settings(max_examples=examples(40), deadline=None)
@given(outlines(), st.integers(2, 60), st.integers(0, 2**32 - 1))
def test_cells_are_an_exact_partition_of_the_outline(outline: Polygon, count: int, seed: int) -> None:
    cells = cells_of(outline, count=count, seed=seed)
    assert len(cells) == count
    assert all(cell.is_valid for cell in cells)
    assert shapely.coverage_is_valid(cells)
    vertices = shapely.get_coordinates(cells)
    assert (vertices == vertices.round(7)).all()  # so that a database or a file with 7 decimals keeps it exact
    whole = union(cells)
    assert np.isclose(sum(cell.area for cell in cells), whole.area, rtol=1e-9)
    # The outline may move by the centimetre to which everything is rounded, and by no more.
    assert whole.symmetric_difference(outline).area < outline.length * 2e-7


@settings(max_examples=examples(40), deadline=None)
@given(outlines(), st.integers(12, 60), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_regions_are_connected_and_a_partition_too(outline: Polygon, count: int, k: int, seed: int) -> None:
    cells = cells_of(outline, count=count, seed=seed)
    rng = np.random.default_rng(seed)
    middles = centres(cells, Plane.at(outline))
    owner = divide(CellGraph.of(middles, np.ones(count), borders(cells)), rng.uniform(0.5, 2, k), rng=rng)
    assert set(owner.tolist()) == set(range(k))
    regions = [union([cells[i] for i in np.flatnonzero(owner == region)]) for region in range(k)]
    assert shapely.coverage_is_valid(regions)
    assert union(regions).equals(union(cells))
    assert all(regions[region].covers(cell) for region, cell in zip(owner.tolist(), cells, strict=True))


@settings(max_examples=examples(10), deadline=None)
@given(outlines(), st.integers(0, 2**32 - 1))
def test_the_same_seed_draws_the_same_cells(outline: Polygon, seed: int) -> None:
    first, second = (cells_of(outline, count=25, seed=seed) for _ in range(2))
    assert [cell.wkb for cell in first] == [cell.wkb for cell in second]
